"""The words an operator sees: Chinese first, English beside it. Pure; one table per kind of thing."""

from __future__ import annotations

from edge_agent.messages.printer import BUSY, IDLE, PROOFS, happened, of_faults
from edge_agent.messages.text import Words
from edge_agent.model.copies import Copies, CopiesState
from edge_agent.model.job import Job, JobState
from edge_agent.model.printer import Fault, ProofLevel, Verdict
from label_protocol.states import SerialState

DOUBT = Words(
    "本批标签存疑：请扫描已打好的最后一张，或逐张处理，再按继续",
    "this window is in doubt: scan its last good label or settle each one, then resume",
)
SCAN_WINDOW = Words(
    "本批已送出，这台打印机不能证实：请扫描最后一张好标签，扫描后自动继续",
    "this window was sent, and this printer cannot prove it: scan its last good label, then printing goes on",
)
UNRECORDED = Words(
    "打印结果没能记入账本，本批标签存疑：请逐张处理，再按继续",
    "what became of this window could not be recorded, it is in doubt: settle its labels, then resume",
)
UNRECORDED_COPIES = Words(
    "打印结果没能记入账本，这几张没有证实", "what became of these copies could not be recorded, they are not proven"
)
UNPROVEN_COPIES = Words(
    "都已送出，这台打印机不能全部证实，请看纸数一数",
    "all were sent, and this printer cannot prove every one: look at the paper and count",
)
RESTARTED = Words(
    "程序重启，任务已暂停，请核对后按继续", "the agent was restarted, so the job was paused: look, then resume it"
)
RESTARTED_IN_DOUBT = Words("重启时有标签去向不明，请先核对", "labels in doubt after a restart, settle them first")
RESTARTED_COPIES = Words(
    "程序重启，副本不会自动续打，请看纸后再下单",
    "the agent was restarted, copies are not resumed by themselves: look at the paper and order what is missing",
)
OPERATOR_PAUSED = Words("操作员已暂停", "paused by the operator")
CANCELLED = Words("操作员已取消", "cancelled by the operator")
STARTED = Words("已开始", "started")
FINISHED = Words("已完成", "finished")

JOB_STATES: dict[JobState, Words] = {
    JobState.RUNNING: Words("进行中", "running"),
    JobState.WAITING: Words("等待打印机", "waiting for the printer"),
    JobState.PAUSED: Words("已暂停", "paused"),
    JobState.DONE: Words("已完成", "done"),
    JobState.CANCELLED: Words("已取消", "cancelled"),
}

COPIES_STATES: dict[CopiesState, Words] = {
    CopiesState.OPEN: Words("进行中", "in progress"),
    CopiesState.PRINTED: Words("全部证实打印", "every copy proven"),
    CopiesState.ENDED: Words("已停，没有全部证实", "over, not every copy proven"),
    CopiesState.CANCELLED: Words("已取消", "cancelled"),
}

LABEL_STATES: dict[SerialState, Words] = {
    SerialState.SENDING: Words("正在打印", "being printed"),
    SerialState.PRINTED: Words("已打印", "printed"),
    SerialState.IN_DOUBT: Words("存疑", "in doubt"),
    SerialState.COMMISSIONED: Words("已挂在衣服上", "on its garment"),
    SerialState.SCRAPPED: Words("已报废", "scrapped"),
    SerialState.INVALID: Words("已作废", "invalid"),
}


def in_doubt(seen: Words, verdict: Verdict) -> Words:
    """Of a window in doubt: what happened, then what to do."""
    if verdict.awaits_scan:
        return SCAN_WINDOW
    faults = [Fault(name) for name in verdict.evidence.get("faults", ())]
    if faults:
        seen = of_faults(faults)  # what happened in it, though it may be mended by now
    elif verdict.level is not ProofLevel.SENT or seen in (IDLE, BUSY):
        seen = Words("打印结果无法证实", verdict.reason)
    return Words(f"{seen.zh}。{DOUBT.zh}", f"{seen.en}. {DOUBT.en}")


def copies_stopped(seen: Words, verdict: Verdict) -> Words:
    """Of an order of copies that ends because a window went wrong: what happened, then what to do."""
    seen = happened(seen, verdict)
    return Words(
        f"{seen.zh}。不会自动续打：请看纸数好，再下单补缺",
        f"{seen.en}. Nothing is resumed by itself: count what is on paper, then order what is missing",
    )


def unfit_for_copies(found: Words) -> Words:
    """Of an order of copies that the check before its first label ended."""
    return Words(
        f"打印前核对不符，一张也没有送出：{found.zh}；核对过仍要打印，用命令下单并加 --unchecked",
        f"the check before the first copy found, and nothing was sent: {found.en}; "
        "to print all the same, order by the command with --unchecked",
    )


def finished(job: Job) -> Words:
    """Of a job whose serials are all issued: what did not become a good label is said, since it is not made up for."""
    lost = job.invalid + job.scrapped
    if not lost + job.in_doubt:
        return FINISHED
    return Words(
        f"{FINISHED.zh}，其中作废或报废 {lost} 张、存疑 {job.in_doubt} 张，需要时请补打",
        f"{FINISHED.en}, {lost} void and {job.in_doubt} in doubt; print replacements if they are needed",
    )


def what_is_left(job: Job) -> Words:
    """Of a job whose serials are all issued, to whoever stands at the line: while some are in doubt nobody is told to
    print others, and what is void is missing only until it was printed again."""
    lost = job.invalid + job.scrapped
    void = Words(f"，其中作废或报废 {lost} 张", f", {lost} void") if lost else Words("", "")
    if job.in_doubt:
        return Words(
            f"{FINISHED.zh}{void.zh}；存疑 {job.in_doubt} 张，请先处理，不要另下一单",
            f"{FINISHED.en}{void.en}; {job.in_doubt} in doubt: settle them first and order no others",
        )
    if lost:
        return Words(
            f"{FINISHED.zh}{void.zh}；缺的在这一单里补打，补过就不缺了",
            f"{FINISHED.en}{void.en}; what is missing is printed from this order, once",
        )
    return FINISHED


def behind_a_strip(printer: str) -> Words:
    """Of a job whose labels would hang behind a strip that is in doubt."""
    return Words(
        f"打印机 {printer} 上一条还等着处理：请扫描它的最后一张好标签（一张都不好也要处理），本任务随后自动开始",
        f"the strip at printer {printer} is not settled: scan its last good label (or settle that none is), then this "
        "job starts by itself",
    )


def moves_on(printer: str, why: Words, left: int) -> Words:
    """Of a job that leaves a window in doubt at a printer of its group; `left` labels were never drawn."""
    return Words(
        f"打印机 {printer} {why.zh}。那一批存疑，请处理；没打的 {left} 张转给同组的打印机",
        f"printer {printer}: {why.en}. That window is in doubt, settle it; the {left} never drawn go to another "
        "printer of the group",
    )


def moved(to: str, printer: str, why: Words) -> Words:
    """Of a job that another printer of its group took over."""
    return Words(
        f"已转到 {to} 接着打：打印机 {printer} {why.zh}，那一批存疑，请处理",
        f"taken over by {to}: printer {printer}: {why.en}; that window is in doubt, settle it",
    )


def scan_sample(printer: str) -> Words:
    """Of a job that stands for its sampled scan."""
    return Words(
        f"抽检：请扫描打印机 {printer} 刚打好的这一批里的任意一张，扫到就自动接着打；扫不出来就检查打印机，坏的报废",
        f"sampled scan: scan any label of the window that printer {printer} printed last, then printing goes on by "
        "itself; if none reads look at the printer, and scrap what is bad",
    )


def cannot_issue(why: str) -> Words:
    """Of a job that stops because no serial may be issued; `why` may speak both languages itself."""
    zh, both, en = why.partition(" · ")
    return Words(f"不能发码：{zh}", f"cannot issue: {en}") if both else Words("不能发码", f"cannot issue: {why}")


def cannot_print(why: str) -> Words:
    """Of a job that stops because its label cannot be made."""
    return Words(f"不能打印：{why}", f"cannot print: {why}")


def of_copies(copies: Copies, why: Words) -> Words:
    """The numbers of copies in words: none of them is more than is known."""
    proof = PROOFS[ProofLevel[copies.level.upper()]] if copies.level and copies.printed else None
    by_zh, by_en = (f"（{proof.zh}）", f" ({proof.en})") if proof else ("", "")
    going_zh = f"正在打 {copies.sending} 张，" if copies.sending else ""
    going_en = f"{copies.sending} on their way, " if copies.sending else ""
    return Words(
        f"共 {copies.quantity} 张：证实打印 {copies.printed} 张{by_zh}，送出未证实 {copies.unproven} 张，{going_zh}"
        f"未送出 {copies.left} 张。{why.zh}",
        f"{copies.quantity} ordered: {copies.printed} proven printed{by_en}, {copies.unproven} sent and not proven, "
        f"{going_en}{copies.left} not sent. {why.en}",
    )
