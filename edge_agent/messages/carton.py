"""Words of packing: how cartons stand, and what is refused: Chinese first, then what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from edge_agent.messages.text import Words
from edge_agent.model.cartons import CartonState
from label_protocol.states import SerialState

CARTON_STATES: dict[CartonState, Words] = {
    CartonState.OPEN: Words("正在装", "open"),
    CartonState.CLOSED: Words("已关箱", "closed"),
}

CARTON_LABEL = Words("箱标", "the label of a carton")

NO_CARTON = Words("不能装箱，请把衣服留下，问平台", "keep the garment aside, and ask the platform")
"""What to do about a garment of a stopped lot."""

PACKED = Words("已放进本箱", "in this carton")
PACKED_BEFORE = Words("已经在本箱里，没有再数", "in this carton already, not counted again")

_NOT_YET: MappingProxyType[SerialState, str] = MappingProxyType(
    {
        SerialState.SENDING: "这张标签正在打印，还不能装箱",
        SerialState.PRINTED: "这张标签还没有记为挂到衣服上，请勾上“挂衣服上”再扫，或先扫一次挂到衣服上",
        SerialState.IN_DOUBT: "这张标签存疑，请先处理，再装箱",
    }
)
_SHOWN = 5
"""Serials that a refusal names."""


def not_yet(serial: str, state: str) -> str:
    """Of a garment whose label is not proven to be on it."""
    words = _NOT_YET.get(SerialState(state), "这张标签已作废，不能装箱")
    return (
        f'{words} · label {serial}: expected one that is on its garment, got {state}; scan it with "on a garment" '
        "ticked, or on its garment first"
    )


def in_another(serial: str, carton: str) -> str:
    """Of a garment that is in a carton already."""
    return (
        f"这件在箱 {carton} 里，没有改动，请先从那一箱拿出 · label {serial}: expected one that is in no carton, got "
        f"one in carton {carton}; take it out of that one first"
    )


def not_in(serial: str, carton: str) -> str:
    """Of taking out what is not there."""
    return (
        f"这件不在箱 {carton} 里，没有改动 · label {serial}: expected one in carton {carton}, got one that is not; "
        "scan one of this carton"
    )


def closed(carton: str) -> str:
    """Of changing what is in a closed carton."""
    return (
        f"箱 {carton} 已关，没有改动；要改先重开（写明原因） · carton {carton}: expected an open one, got one that is "
        "closed; open it again, with a reason"
    )


def not_closed(carton: str, what: str) -> str:
    """Of what only a closed carton is asked for."""
    return (
        f"箱 {carton} 还开着，请先关箱 · carton {carton}: expected a closed one for {what}, got one that is open; "
        "close it first"
    )


def empty(carton: str) -> str:
    """Of closing an empty carton."""
    return f"箱 {carton} 是空的，不用关，直接装 · carton {carton}: expected garments in it, got none; pack them first"


def other_count(carton: str, seen: int, inside: int) -> str:
    """Of a carton that holds another number than whoever closes it has seen."""
    return (
        f"箱 {carton} 里是 {inside} 件，不是 {seen} 件，没有关箱，请核对后再关 · carton {carton}: expected {seen} "
        f"garments, got {inside} in it; count them and close it again"
    )


def unfit(carton: str, serials: Sequence[str], why: str) -> str:
    """Of a carton with garments that must not leave; `why` is of the first, in both languages."""
    named = ", ".join(serials[:_SHOWN]) + (" …" if len(serials) > _SHOWN else "")
    return (
        f"箱 {carton} 里有 {len(serials)} 件不能出厂，请先拿出：{named} · carton {carton}: expected garments that may "
        f"leave, got {len(serials)} that may not: {named}; take them out ({why})"
    )


def no_sscc(carton: str) -> str:
    """Of the label of a carton that has no SSCC."""
    return (
        f"箱 {carton} 只有内部箱号，没有 SSCC，不能打箱标；请技术人员在配置 [site] 写 gs1_company_prefix，再重开关箱 · "
        f"carton {carton}: expected an SSCC for its label, got none; set gs1_company_prefix in [site] of the "
        "configuration, then open the carton again and close it"
    )


def used_up(prefix: str) -> str:
    """Of a block of SSCCs in which no free number was found."""
    return (
        f"厂商识别代码 {prefix} 给这台电脑的箱号用完了，请技术人员改 [site] sscc_block · SSCC of {prefix}: expected a "
        "free number in the block of this computer, got none; give it another block"
    )


def changed_meanwhile(carton: str) -> str:
    """Of a label that says what is no longer so."""
    return (
        f"箱 {carton} 刚才有改动，没有打印，请看清后再打 · carton {carton}: expected it as it was a moment ago, got "
        "another; look at it and order its label again"
    )
