"""Which kind of code a scanner read: a label's link, a badge, a work order, a carton, a style. Pure.

This says what a code is and never what to do: a scan is no order. Each kind has a form of its own, so that a damaged
label is a damaged label and never somebody's badge: a link begins with its scheme, a badge of this agent with `BADGE-`,
a carton's number has 18 digits and a style's 8, 12, 13 or 14, both with a check digit. Codes that a factory chose
itself (operators of the catalogue, numbers of work orders) have no form; they are taken only whole and as they stand in
its books. Where one text is two things, neither is taken.

Sources: GS1 General Specifications 3.2 (AI 00), 3.3.2 (AI 01), 7.9 (check digits).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from edge_agent.access.codes import read_badge
from edge_agent.messages.scan import named
from edge_agent.model.scan import ScanKind, Scanned
from label_protocol.codes.gs1 import gtin14
from label_protocol.codes.scanned import Scan, bare, read_scan, refuse_other_keyboard
from label_protocol.codes.sscc import read_sscc
from label_protocol.errors import CodeError

_LINK = re.compile(r"^https?|://|/21/|/01/[0-9]", re.IGNORECASE)
"""What is left of a damaged link holds one of these; no badge and no number does."""
_GTIN = re.compile(r"(?:\(?01\)?(?=[0-9]{14}$))?([0-9]{8}|[0-9]{12,14})", re.ASCII)
"""Bare, or as the element string of AI (01)."""
_LINES = re.compile(r"[\r\n\t]")
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Known:
    """What this site has in its books. `operators` are codes of the catalogue, `orders` numbers of work orders, `gtins`
    have 14 digits."""

    host: str
    operators: Collection[str] = ()
    orders: Collection[str] = ()
    gtins: Collection[str] = ()


def what_is(text: str, known: Known) -> Scanned:
    """What a scanner sent, whatever keyboard and input method put around it.

    >>> what_is("]E06901234567892\\r", Known("id.example.cn"))
    Scanned(kind=<ScanKind.STYLE: 'style'>, text='06901234567892')

    Raises:
        CodeError: no code of this site, two at once, or one text that is two things; nothing is guessed.
    """
    whole = bare(text)
    if _is_link(whole, known):
        return Scanned(ScanKind.LABEL, read_scan(text, known.host).text)
    found = list(_readings(whole, known))
    if len(found) > 1:
        raise _refusal("一个码有两种意思", named([one.kind for one in found]).zh, "one meaning", whole)
    if not found:
        raise _unknown(whole, known)
    return found[0]


def read_label(text: str, host: str) -> Scan:
    """The link of a label. A code of another kind is told as what it is, without being repeated: it may be a badge.

    Raises:
        CodeError: as `read_scan`.
    """
    try:
        return read_scan(text, host)
    except CodeError as cause:
        found = [] if _is_link(bare(text), Known(host)) else list(_readings(bare(text), Known(host)))
        if not found:
            raise
        what = named([one.kind for one in found])
        raise CodeError(
            f"这是{what.zh}，不是标签，没有登记 · scan: expected a label, got {what.en}; scan the label's QR code"
        ) from cause


def _is_link(text: str, known: Known) -> bool:
    return _LINK.search(text) is not None and text not in known.orders


def _readings(text: str, known: Known) -> Iterator[Scanned]:
    """Everything that this may be; a GTIN that no style has gives way to a code that the site does have."""
    badge = text if text in known.operators else read_badge(text)
    ours = [Scanned(ScanKind.BADGE, badge)] if badge else []
    ours += [Scanned(ScanKind.WORK_ORDER, text)] if text in known.orders else []
    yield from ours
    if carton := read_sscc(text):
        yield Scanned(ScanKind.CARTON, carton)
    if (gtin := _gtin(text)) and (not ours or gtin in known.gtins):
        yield Scanned(ScanKind.STYLE, gtin)


def _gtin(text: str) -> str | None:
    match = _GTIN.fullmatch(text)
    try:
        return gtin14(match[1]) if match else None
    except CodeError:
        return None


def _unknown(text: str, known: Known) -> CodeError:
    """Why there is nothing: the surest cause first."""
    if _LINES.search(text):
        return _refusal("一次收到两个码", "请一张一张地扫", "one code", text)
    try:
        refuse_other_keyboard(text, lambda before: _is_link(before, known) or any(_readings(before, known)))
    except CodeError as cause:
        return cause
    if _GTIN.fullmatch(text) or re.fullmatch(r"(?:\(?00\)?)?[0-9]{18}", text, re.ASCII):
        return _refusal("码没有读对（校验位不符）", "请再扫一次", "a right check digit", text)
    return _refusal("没认出这个码", "请扫标签、工牌、箱标签或商品条码", "a code of this site", text)


def _refusal(words: str, advice: str, expected: str, got: str) -> CodeError:
    return CodeError(f"{words}，没有处理：{advice} · scan: expected {expected}, got {got[:SHOWN]!r}; nothing was done")
