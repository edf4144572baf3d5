"""Why a window is in doubt, in words. The ledger keeps the verdict's English sentence; a person reads this. Pure."""

from __future__ import annotations

from types import MappingProxyType

from edge_agent.messages.job import UNRECORDED
from edge_agent.messages.printer import of_faults
from edge_agent.messages.text import Words
from edge_agent.model.printer import Fault

_FAULTS = "fault during the window: "

BEGINS: MappingProxyType[str, str] = MappingProxyType(
    {
        "this printer cannot be heard": "这台打印机不会回报：已经送出，要扫描才知道",
        "proof ": "打印机的证明不够：已经送出，要扫描才知道",
        "agent stopped while the window was open": "打印当中程序停了",
        "stopped in the middle": "打印当中程序停了",
        "link lost during the window": "打印当中连接断了",
        "the printer stopped taking bytes": "打印当中打印机不收数据了",
        "given up by the operator": "打印当中任务被取消",
        "the printer did not become quiet": "打印机没有停下来",
        "the printer has not answered": "打印机没有应答",
        "the printer is quiet and its count": "打印机停了，计数不够",
        "the printer was silent": "打印机有一阵没有应答，可能断过电",
        "no proof that the stored background": "打印机里的底图不见了，可能断过电",
        "counter moved by": "打印机的计数和送出的张数不一样",
        "confirmed were": "打印机回报的张数和送出的不一样",
        "no busy-to-ready edge": "没有看到打印机打印",
        UNRECORDED.en: "打印结果没能记入账本",
    }
)
"""How the sentences of `printing/proof.py`, `printing/watchdog.py`, of a broken link and of a restart begin."""


def of_reason(reason: str | None) -> Words:
    """What happened to a window in doubt, by the sentence that stands in the ledger."""
    text = reason or ""
    if text.startswith(_FAULTS):
        names = text.removeprefix(_FAULTS).split(", ")
        if found := [Fault(name) for name in names if name in list(Fault)]:
            return of_faults(found)
    zh = next((words for begin, words in BEGINS.items() if text.startswith(begin)), "打印结果无法证实")
    return Words(zh, text)
