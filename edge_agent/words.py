"""The words an operator sees: Chinese first, English beside it. Pure; one table per kind of thing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from edge_agent.errors import LinkBlockedError
from edge_agent.model import Fault, Health, Job, JobState, PrinterStatus, ProofLevel, Verdict


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in both languages."""

    zh: str
    en: str

    def __str__(self) -> str:
        return f"{self.zh} · {self.en}"


FAULTS: dict[Fault, Words] = {
    Fault.MEDIA_OUT: Words("缺纸，请装入标签纸", "out of labels, load media"),
    Fault.RIBBON_OUT: Words("碳带用尽，请更换碳带", "out of ribbon, replace it"),
    Fault.HEAD_OPEN: Words("打印头打开，请合上", "print head open, close it"),
    Fault.PAUSED: Words("打印机已暂停，请按继续键", "printer paused, press its resume key"),
    Fault.CUTTER: Words("切刀故障，请检查切刀", "cutter fault, check the cutter"),
    Fault.HEAD_HOT: Words("打印头过热，请等待冷却", "print head too hot, let it cool"),
    Fault.MOTOR_HOT: Words("电机过热，请等待冷却", "motor too hot, let it cool"),
    Fault.HEAD_COLD: Words("打印头温度过低", "print head too cold"),
    Fault.HEAD_ELEMENT: Words("打印头有坏点，请检修", "print head element failed, service it"),
    Fault.RAM_CORRUPT: Words("打印机内存出错，请重启打印机", "printer memory corrupt, restart it"),
    Fault.BUFFER_FULL: Words("打印机缓冲区已满", "printer buffer full"),
    Fault.PAPER_JAM: Words("卡纸，请清除", "paper jam, clear it"),
    Fault.MEDIA_NOT_FOUND: Words(
        "找不到标签边缘（间隙或黑标），请检查标签纸和传感器，必要时校准",
        "label edge not found, check roll and sensor, calibrate if needed",
    ),
    Fault.OTHER: Words("打印机报告未知故障，请查看打印机面板", "printer reports an unknown fault, see its panel"),
}

MEDIA_OR_RIBBON = frozenset({Fault.MEDIA_OUT, Fault.RIBBON_OUT})
EITHER = Words("缺纸或碳带用尽，请看哪一样要换", "out of labels or of ribbon, see which is to be replaced")

WARNINGS: dict[str, Words] = {
    "calibrate media": Words("标签纸需要校准", "the media wants calibrating"),
    "clean print head": Words("请清洁打印头", "clean the print head"),
    "replace print head": Words("打印头快到寿命，请准备更换", "the print head is worn, have a new one ready"),
    "paper near end": Words("标签纸快用完", "labels run low"),
    "paper low": Words("标签纸快用完", "labels run low"),
    "ribbon low": Words("碳带快用完", "the ribbon runs low"),
}
"""What printers warn of and print on, by the languages' own words; any other is told as it came."""

IDLE = Words("就绪", "ready")
PRINTING = Words("正在打印", "printing")
SILENT = Words("打印机未应答，请检查电源和网线", "printer does not answer, check power and cable")
DOWN = Words("连不上打印机，请检查电源、网线和地址", "cannot reach the printer, check power, cable and address")
BLOCKED = Words(
    "打印机不接收数据（缺纸或缓冲区满），请查看打印机",
    "printer takes no data (no paper or buffer full), look at it",
)
TAKE = Words("待取标签，请取走", "a label waits to be taken, take it")
TAKE_OR_RESUME = Words(
    "待取标签或已暂停：请取走标签，或按继续键", "a label waits to be taken, or paused: take it or press resume"
)
ONE_WAY = Words(
    "只能单向发送，打印机不回报；每批打完请扫描最后一张好标签",
    "this printer cannot answer; after each window scan its last good label",
)
BUSY = Words("打印机尚在处理先前的数据", "printer still works on earlier data")
OVERDUE = Words(
    "打印机很久没有打完，请查看打印机；可以取消任务",
    "the printer has not finished for a long time, look at it; the job can be cancelled",
)
STORAGE = Words(
    "打印机存不下底图，请重启打印机或改用整幅模式",
    "printer cannot store the background, restart it or use full mode",
)
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
CALIBRATING = Words("正在校准，打印机会走几张纸", "calibrating, the printer feeds a few labels")
UNFINISHED = Words(
    "没有做完，结果不明，请看打印机和纸",
    "not finished, and what became of it is not known: look at the printer and its paper",
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

PROOFS: dict[ProofLevel, Words] = {
    ProofLevel.SENT: Words("只知已送出", "sent, nothing heard"),
    ProofLevel.IDLE: Words("忙完转就绪", "busy, then ready"),
    ProofLevel.RESPONSE: Words("逐张回报", "each label confirmed"),
    ProofLevel.COUNTER: Words("计数器相符", "the counter agrees"),
    ProofLevel.SCAN: Words("扫描", "scanned"),
}

LABEL_STATES: dict[str, Words] = {
    "sending": Words("正在打印", "being printed"),
    "printed": Words("已打印", "printed"),
    "in_doubt": Words("存疑", "in doubt"),
    "commissioned": Words("已挂在衣服上", "on its garment"),
    "scrapped": Words("已报废", "scrapped"),
    "invalid": Words("已作废", "invalid"),
}

ALARMS: dict[str, Words] = {
    "possible_duplicate": Words(
        "打印机多出了纸，可能有一张标签打了两次，请找出多余的一张",
        "the printer put out more paper than labels, one may be there twice; find the extra piece",
    ),
    "counter_reset": Words(
        "打印机计数变小了，可能换过打印机", "the printer's counter went back; was the printer changed?"
    ),
    "counter_ahead": Words(
        "打印机计数超过账本，请检查打印机吐出的标签",
        "the printer's counter is ahead of the ledger; check what it put out",
    ),
    "invalid_scanned": Words(
        "扫到了作废或报废的标签，请留下这张标签并报告", "a void label was scanned; keep it and report it"
    ),
    "serial_conflict": Words(
        "平台上同一序列号另有记录，请联系中心平台",
        "the registry has another label of this serial; call the platform",
    ),
    "adopted_conflict": Words("恢复时有记录与平台不符", "recovered events are not the registry's; call the platform"),
    "events_lost": Words("账本丢失了一部分记录", "the ledger lost some of its events; call the platform"),
    "clock_jumped": Words("电脑时间倒退了，请校准时间", "this computer's clock went back; set it right"),
}


def of_alarm(kind: str) -> Words:
    """What an open alarm asks of an operator."""
    return ALARMS.get(kind, Words(f"请查看 {kind}", f"look at {kind}"))


def of_faults(faults: Iterable[Fault]) -> Words:
    """What an operator should do about `faults`; a pause beside another fault is its consequence and left out."""
    found = set(faults)
    shown = found - {Fault.PAUSED} or found
    if shown >= MEDIA_OR_RIBBON:  # EPL2 has one code for both, and nobody runs out of both at once
        return all_of([EITHER, *(FAULTS[fault] for fault in Fault if fault in shown - MEDIA_OR_RIBBON)])
    return all_of(FAULTS[fault] for fault in Fault if fault in shown)


def of_status(status: PrinterStatus) -> Words:
    """What a printer is doing now."""
    if status.label_waiting and status.faults <= {Fault.PAUSED}:
        return TAKE_OR_RESUME if status.faults else TAKE
    if status.faults:
        return of_faults(status.faults)
    if status.health is Health.UNKNOWN:
        return SILENT
    return IDLE if status.idle else BUSY


def beside(what: Words, warnings: Iterable[str]) -> Words:
    """What a printer is doing, and what it warns of: told, and no reason to stop."""
    found = all_of(WARNINGS.get(word, Words(f"打印机提示 {word}", f"the printer says: {word}")) for word in warnings)
    return Words(f"{what.zh}（提示：{found.zh}）", f"{what.en} (note: {found.en})") if found.zh else what


def of_link(cause: Exception) -> Words:
    """Of a link that failed; a transport that knows more than the cable says it in its message."""
    if isinstance(cause, LinkBlockedError):
        return BLOCKED
    if str(cause).startswith("queue://"):
        return Words("打印队列现在不能用，原因见打印机状态", f"the print queue cannot be used now: {cause}")
    return DOWN


def all_of(rows: Iterable[Words]) -> Words:
    """Several sentences as one."""
    found = list(rows)
    return Words("；".join(row.zh for row in found), "; ".join(row.en for row in found))


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
    seen = _happened(seen, verdict)
    return Words(
        f"{seen.zh}。不会自动续打：请看纸数好，再下单补缺",
        f"{seen.en}. Nothing is resumed by itself: count what is on paper, then order what is missing",
    )


def _happened(seen: Words, verdict: Verdict) -> Words:
    """A fault though it may be mended by now; else what is seen, unless that is nothing out of the way."""
    faults = [Fault(name) for name in verdict.evidence.get("faults", ())]
    if faults:
        return of_faults(faults)
    return Words("打印结果无法证实", verdict.reason) if seen in (IDLE, BUSY) else seen


def unfit_for_copies(found: Words) -> Words:
    """Of an order of copies that the check before its first label ended."""
    return Words(
        f"打印前核对不符，一张也没有送出：{found.zh}；核对过仍要打印，用命令下单并加 --unchecked",
        f"the check before the first copy found, and nothing was sent: {found.en}; "
        "to print all the same, order by the command with --unchecked",
    )


def tested(verdict: Verdict, seen: Words) -> Words:
    """Of a test label: how far it could be proven."""
    if verdict.printed:
        return Words(
            f"测试签已打印（证明：{PROOFS[verdict.level].zh}）", f"test label printed ({PROOFS[verdict.level].en})"
        )
    if verdict.awaits_scan:
        return Words(
            "测试签已送出，打印机不能证实，请看纸", "test label sent; the printer cannot prove it, look at the paper"
        )
    seen = _happened(seen, verdict)
    why = "" if seen.en == verdict.reason else f" ({verdict.reason})"
    return Words(f"测试签没有证实：{seen.zh}", f"test label not proven: {seen.en}{why}")


def counted(before: int, after: int | None) -> Words:
    """Of a counter that was tried by one row of test labels, though the printer's profile makes no use of it."""
    if after == before + 1:
        return Words(
            "打印机的计数正好加一：可改用能证明“计数”的型号，如 tsc-203-counted，见 docs/printers.md",
            "its counter moved by exactly one: a profile that proves by counter fits, such as tsc-203-counted",
        )
    return Words(
        f"打印机的计数从 {before} 到 {'无应答' if after is None else after}，没有正好加一：不要选用计数的型号",
        f"its counter went from {before} to {'silence' if after is None else after}, not by exactly one: choose no "
        "profile that proves by counter",
    )


def finished(job: Job) -> Words:
    """Of a job whose serials are all drawn: what did not become a good label is said, since it is not made up for."""
    lost = job.invalid + job.scrapped
    if not lost + job.in_doubt:
        return FINISHED
    return Words(
        f"{FINISHED.zh}，其中作废或报废 {lost} 张、存疑 {job.in_doubt} 张，需要时请补打",
        f"{FINISHED.en}, {lost} void and {job.in_doubt} in doubt; print replacements if they are needed",
    )


def cannot_issue(why: str) -> Words:
    """Of a job that stops because no serial may be drawn; `why` may speak both languages itself."""
    zh, both, en = why.partition(" · ")
    return Words(f"不能发码：{zh}", f"cannot issue: {en}") if both else Words("不能发码", f"cannot issue: {why}")


def cannot_print(why: str) -> Words:
    """Of a job that stops because its label cannot be made."""
    return Words(f"不能打印：{why}", f"cannot print: {why}")
