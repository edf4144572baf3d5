"""Says what a label on a roll may still become, and reads what a scanner or a person gives for one. Pure."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from central_registry.ingest.states import State
from central_registry.problems import ProblemError
from label_protocol.codes.digital_link import DigitalLink, parse_link
from label_protocol.codes.serial import fold
from label_protocol.errors import CodeError


class Became(StrEnum):
    """What became of a label of a roll; one that has none of these is still on it."""

    COMMISSIONED = "commissioned"
    RETURNED = "returned"
    LOST = "lost"


BECAME_ZH = {Became.COMMISSIONED: "已贴到衣服上", Became.RETURNED: "已退回协会", Became.LOST: "已报丢失"}
_STATES_ZH = {
    State.SENDING: "打印还没有确认",
    State.IN_DOUBT: "打印结果存疑",
    State.PRINTED: "已打印",
    State.COMMISSIONED: "已贴到衣服上",
    State.SCRAPPED: "已作废",
    State.INVALID: "无效",
}


def link_in(text: str) -> DigitalLink:
    """The link on a label as a scanner gives it: nothing shorter shows that the label was held in the hand.

    Raises:
        ProblemError: 422.
    """
    try:
        link = parse_link(text.strip())
        return replace(link, serial=fold(link.serial))
    except CodeError as cause:
        raise ProblemError(
            "unprocessable",
            f"请扫标签上的二维码，要整条链接 · text: expected the whole link of a label's code, got {text[:60]!r}; "
            "scan it again",
        ) from cause


def serial_in(text: str) -> str:
    """A serial as it was typed, or that of a whole link.

    Raises:
        ProblemError: 422.
    """
    if "/" in text:
        return link_in(text).serial
    try:
        return fold(text.strip())
    except CodeError as cause:
        expected = "不是序列号，也不是标签的链接 · label: expected a serial or a label's link"
        raise ProblemError("unprocessable", f"{expected}, got {text[:60]!r}; scan it again") from cause


def require_printed(serial: str, state: int, verdict: int) -> None:
    """Raises ProblemError (409) for a label that is not printed, or that something speaks against."""
    if state != State.PRINTED:
        known = State(state) if state in set(State) else None
        said = "平台还没有收到" if known is None else _STATES_ZH[known]
        got = "nothing told" if known is None else known.word
        raise ProblemError(
            "refused", f"这枚标签{said}，不能用 · {serial}: expected printed, got {got}; put it aside and ask"
        )
    if verdict:
        raise ProblemError(
            "refused",
            f"平台正在核实这枚标签，不能用 · {serial}: expected a registered label, got one that is being verified; "
            "put it aside and ask your association",
        )
