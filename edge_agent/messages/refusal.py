"""Words the ledger's refusals of issuing, stopped lots, scans and holds: Chinese first, then what was expected."""

from __future__ import annotations

from edge_agent.messages.hold import DISK_FULL
from edge_agent.messages.text import Words
from edge_agent.model.disk import Disk

NOT_ENROLLED = "尚未注册 · issuing is held: expected an enrolled agent, got none; run 'edge-agent enrol' first"

NO_ORDER = Words("不能下单，请另选批号或问平台", "choose another lot, or ask the platform")
NO_GARMENT = Words("不能挂到衣服上，请把衣服和标签留下，问平台", "keep garment and label aside, and ask the platform")
NO_REPLACEMENT = Words("不能补打，坏的标签可以只报废", "scrap it without a replacement, or ask the platform")
"""What to do about a lot that is stopped, by what was wanted of it."""


def of_stop(recalled: bool, reason: str) -> Words:
    """Of a lot or style that the registry stopped, for good or for a time."""
    return Words(
        f"{'已召回' if recalled else '已暂停'}：{reason}", f"{'recalled' if recalled else 'suspended'}: {reason}"
    )


def stopped(quota_key: str, stop: Words, what: str, advice: Words) -> str:
    """Of something of a stopped lot; `what` was wanted, `advice` is what to do."""
    kind, _, name = quota_key.partition(":")
    return (
        f"{'批号' if kind == 'lot' else '款号'} {name} {stop.zh}，{advice.zh} · {what}: expected a lot that is neither "
        f"recalled nor suspended, got {quota_key} {stop.en}; {advice.en}"
    )


def another_style(lot_no: str, fed: str, style_no: str, what: str) -> str:
    """Of a lot that the registry fed with another style than it is wanted on."""
    return (
        f"平台登记批号 {lot_no} 是款号 {fed} 的，不能印在款号 {style_no} 上，请选这个款的批号 · "
        f"{what}: expected lot {lot_no} on style {fed}, as the registry fed it, "
        f"got {style_no}; choose a lot of this style"
    )


def no_room(ledger: str, disk: Disk) -> str:
    """Of a write that the disk might not take."""
    return (
        f"{DISK_FULL.zh} · ledger {ledger}: expected {disk.reserve_bytes // 1_000_000} MB free and a disk that takes "
        f"writes, got {disk.free_bytes // 1_000_000} MB; make room on the disk"
    )


def not_sampled(job_id: str, printer: str) -> str:
    """Of a job that would go on before its sampled scan."""
    return (
        f"先抽检：请扫描打印机 {printer} 刚打好的那一批里的任意一张，扫到就自动接着打；整批都报废了也可以继续 · "
        f"job {job_id}: expected a scan of any label that printer {printer} printed last, got none yet; scan one, or "
        "scrap that whole window, then resume"
    )


def of_an_earlier_window(serial: str, printer: str) -> str:
    """Of a good label that was scanned where a sample of another window is asked for."""
    return (
        f"这张不是刚打好的那一批，任务还等着抽检：请扫打印机 {printer} 刚打好的 · label {serial}: expected one of the "
        f"window that printer {printer} printed last, got one of another; scan one of those"
    )


def held(why: str) -> str:
    """Of issuing, while a hold is in force."""
    return f"停止发码 · issuing is held: {why}"


def line_held(printer: str, question: Words) -> str:
    """Of printing on a line where another printer may stand."""
    return f"{question.zh} · printer {printer}: expected the confirmed printer, got a question: {question.en}"


def nothing_asked(printer: str) -> str:
    """Of an answer without a question."""
    return (
        f"这台打印机没有要回答的问题 · printer {printer}: expected an open question, got none; "
        "it may have been answered meanwhile"
    )


def random_source(tries: int) -> str:
    """Of a computer whose new serials are known ones."""
    return (
        f"随机源故障，停止发码 · issuing is held: expected new serials, got known ones {tries} times in a row; "
        "the random source of this computer repeats itself, have it checked"
    )


def no_quota(quota_key: str, *, used: int, allotted: int, scrapped: int, allowed_for: int) -> str:
    """Of a lot or style whose allotment is used up; `allowed_for`: how many scrapped ones it makes up for."""
    return (
        f"配额已用完 · {quota_key}: expected a free allotment, got {used} used of {allotted} "
        f"({scrapped} scrapped, {allowed_for} of them allowed for); ask the platform for more"
    )


def of_another_strip(window_id: str, serial: str) -> str:
    """Of a scan that should end a strip and is none of its labels."""
    return (
        f"扫到的标签不在这一批里，没有改动，请扫这一条上最后一张好的 · window {window_id}: "
        f"expected a label of this window, got {serial}; scan one of its strip"
    )


def settled_already(serial: str, state: str, level: str | None) -> str:
    """Of a scan that should end a strip and is a label that somebody settled."""
    return (
        f"这张标签已处理过，没有改动，请扫还没处理的最后一张好的 · "
        f"label {serial}: expected one in doubt or proven by a scan, got {state} ({level}); "
        f"scan the last good label that is not settled"
    )


def void(serial: str, state: str) -> str:
    """Of a void label that turned up."""
    return (
        f"作废标签出现，请留下标签并报告 · label {serial}: expected one that is not void, got {state}; "
        f"keep the label and report it, an alarm was raised"
    )


def other_number_missing(expected: int, found: int) -> str:
    """Of an order for all that is missing, if by now as many as a person confirmed are not."""
    return (
        f"现在缺 {found} 张，不是确认过的 {expected} 张，一张也没有补打；请看过新的数再确认 · "
        f"missing labels: expected the confirmed {expected}, got {found}; nothing was ordered, look at the new number "
        "and confirm it"
    )


def clock_not_the_registrys(now: str, heard: str) -> str:
    """Of a clock that a lead calls right, and the registry told a later time."""
    return (
        f"平台说过已经是 {heard}，本机时钟 {now} 不对，请校准时钟 · hold clock_behind: expected a clock that is not "
        f"behind the registry's {heard}, got {now}; set the clock"
    )


def ends_by_itself(kind: str) -> str:
    """Of a hold that nobody lifts."""
    return (
        f"不用解除，清理磁盘后自动继续 · hold {kind}: expected one that somebody lifts, got one that ends by itself; "
        "make room on the disk"
    )


def lifted_by_command(kind: str, by: str) -> str:
    """Of a hold that is lifted with the agent stopped."""
    return (
        f"不能在页面上解除，请技术人员停止代理，再用命令解除 · "
        f"hold {kind}: expected a release by the registry or by IT at this computer, got one by {by}; "
        f"stop the agent, then: edge-agent hold release {kind} --operator O --reason R"
    )


def lifted_by_the_registry(kind: str, by: str) -> str:
    """Of a hold that is the registry's alone to lift."""
    return (
        f"只有中心平台能解除，请联系平台 · hold {kind}: expected a release by the registry, got one by {by}; "
        "call the platform"
    )


def registry_answers(kind: str) -> str:
    """Of a lead's word where the registry's can be had."""
    return (
        f"中心平台联系得上，由平台核对解除，请联系平台 · hold {kind}: expected a registry that cannot be reached, got "
        "one that answers; it compares and releases, call the platform"
    )


def does_not_hold(finding: str) -> str:
    """Of a ledger that nobody may go on from."""
    return (
        f"账本核对不通过，不能解除，请联系技术人员 · ledger: expected a sound chain and rebuild == live, got: "
        f"{finding}; keep the file as evidence and restore a backup"
    )
