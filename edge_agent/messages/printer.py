"""What a printer is doing or asks for, in words."""

from __future__ import annotations

from collections.abc import Iterable

from edge_agent.errors import EchoError, LinkBlockedError
from edge_agent.messages.text import Words, all_of
from edge_agent.model.printer import Fault, Health, PrinterStatus, ProofLevel, Verdict

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
ECHO = Words(
    "线路回显：发出去的字节原样回来，打印机的应答不可信；请关掉转换器、终端服务器或调制解调器的回显，看看线有没有短接",
    "the line echoes what is sent, so no answer on it can be believed; turn echo off at the adapter, terminal server "
    "or modem, and look for a loop-back plug",
)
UNREAD = Words("看不懂的应答，请原样发给我们", "an answer nobody could read, please report it as it stands")
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
CALIBRATING = Words("正在校准，打印机会走几张纸", "calibrating, the printer feeds a few labels")
UNFINISHED = Words(
    "没有做完，结果不明，请看打印机和纸",
    "not finished, and what became of it is not known: look at the printer and its paper",
)

PROOFS: dict[ProofLevel, Words] = {
    ProofLevel.SENT: Words("只知已送出", "sent, nothing heard"),
    ProofLevel.IDLE: Words("忙完转就绪", "busy, then ready"),
    ProofLevel.RESPONSE: Words("逐张回报", "each label confirmed"),
    ProofLevel.COUNTER: Words("计数器相符", "the counter agrees"),
    ProofLevel.SCAN: Words("扫描", "scanned"),
}


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
    if isinstance(cause, EchoError):
        return ECHO
    if str(cause).startswith("queue://"):
        return Words("打印队列现在不能用，原因见打印机状态", f"the print queue cannot be used now: {cause}")
    return DOWN


def happened(seen: Words, verdict: Verdict) -> Words:
    """A fault though it may be mended by now; else what is seen, unless that is nothing out of the way."""
    faults = [Fault(name) for name in verdict.evidence.get("faults", ())]
    if faults:
        return of_faults(faults)
    return Words("打印结果无法证实", verdict.reason) if seen in (IDLE, BUSY) else seen


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
    seen = happened(seen, verdict)
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
