"""How a label stands, before a refused step is named for whoever mends programs."""

from __future__ import annotations

from types import MappingProxyType

from label_protocol.states import SerialState

_S = SerialState
_FINAL = "不能再改；弄坏了就重新打一张"

STANDS: MappingProxyType[SerialState, str] = MappingProxyType(
    {
        _S.SENDING: "这张标签正在打印，没有改动：等它打完再看",
        _S.PRINTED: "这张标签已打印，没有改动：不用再确认，只可记为挂到衣服上或报废",
        _S.IN_DOUBT: "这张标签存疑，没有改动：请扫描、报废或作废",
        _S.COMMISSIONED: f"这张标签已挂在衣服上，没有改动：{_FINAL}",
        _S.SCRAPPED: f"这张标签已报废，没有改动：{_FINAL}",
        _S.INVALID: f"这张标签已作废，没有改动：{_FINAL}",
    }
)
"""What may still be done with it; Chinese alone, since the sentence about the step follows in English."""


def of_settled_window(last: str) -> str:
    """Why a label of a strip was settled with it; it stays in the ledger. `last`: the last good one, `–` for none."""
    return f"整批处理，最后一张好标签 {last} · window settled, last good label {last}"
