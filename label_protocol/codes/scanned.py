"""From what a scanner sent to the link that it read, or to the cause why there is none. Pure.

Between the code and this program lie the scanner's own settings, a keyboard layout, Caps Lock and an input method, and
each leaves its mark on the text. A mark that can be taken off in one way only is taken off; any other is told in words
that a person at the scanner can act on, and nothing is done. So this never guesses: what it returns is a link of this
site whose serial holds.

What is recorded of a scan is `text`: the link as the code holds it, without what was put around it on its way.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from label_protocol.codes import serial as serials
from label_protocol.codes.digital_link import DigitalLink, parse_link
from label_protocol.codes.keyboards import unmapped
from label_protocol.errors import CodeError

_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0x3002: ".", 0x3001: "/", 0x3000: " "}
"""Full-width forms of ASCII (U+FF01 to U+FF5E), and what the keys `.`, `/` and blank give in a Chinese input method."""
_AIM = re.compile(r"\][A-Za-z][0-9A-Za-z]")
"""AIM symbology identifier (ISO/IEC 15424): `]Q1` of a QR code, `]Q3` with FNC1, `]d2` of a Data Matrix."""
_SCHEME = re.compile(r"(?<!=)https?:/", re.IGNORECASE)
_HOST = re.compile(r"https?://([^/?#]+)", re.IGNORECASE)
_ENDS = re.compile(r"[\x00-\x1f\x7f]+")
_BEHIND = re.compile(r"(?P<link>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?", re.DOTALL)
_ELEMENT = re.compile(r"[?&;][0-9]{2,4}=", re.ASCII)
_LONGEST = 4_000
"""Two links with all their values escaped; what is longer came from no code of ours."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What was read. `text`: the link as its code holds it; `swapped`: it came with upper and lower case exchanged."""

    link: DigitalLink
    text: str
    swapped: bool = False


def read_scan(text: str, host: str) -> Scan:
    """The link of a label of `host` in what a scanner sent.

    >>> read_scan("]Q1https://ID.EXAMPLE.CN/01/06901234567892/21/7K3TYJPTF7WZ6J4TN/\\r", "id.example.cn").text
    'https://ID.EXAMPLE.CN/01/06901234567892/21/7K3TYJPTF7WZ6J4TN'

    Raises:
        CodeError: one sentence in both languages that names the cause: two codes at once, Caps Lock, an input method, a
            keyboard layout, an incomplete text, another host, or the part of the link that is not as printed.
    """
    whole = bare(text)
    _refuse_two(whole)
    found = _without_tail(whole)
    try:
        return _read(found, host)
    except CodeError as cause:
        raise _told(cause, found, whole, text, host) from cause


def require_same(read: Scan, gtin: str, lot_no: str | None) -> None:
    """Whether what was read is the label of this GTIN and lot, as the ledger knows it by its serial.

    Raises:
        CodeError: another GTIN or lot; a lot that Caps Lock or a keyboard layout changed is told as that.
    """
    link = read.link
    if (link.gtin, link.lot_no) == (gtin, lot_no):
        return
    if read.swapped and link.gtin == gtin:
        raise _caps_lock(read.text)
    for layout, before in unmapped(link.lot_no or ""):
        if (link.gtin, before) == (gtin, lot_no):
            raise _other_keyboard(layout.zh, layout.en, read.text)
    raise CodeError(
        "码里的商品条码或批号与本机的记录不一致，请留下标签并联系平台 · "
        f"scan of {link.serial}: expected GTIN {gtin} and lot {lot_no}, got {link.gtin} and {link.lot_no}; "
        "keep the label and call the platform"
    )


def bare(text: str) -> str:
    """`text` in half width, without the blanks, control and unseen characters at its ends and the AIM identifier.

    >>> bare("]E06901234567892\\r")
    '6901234567892'
    """
    text = text[:_LONGEST].translate(_WIDE)
    while text and _is_frame(text[0]):
        text = text[1:]
    while text and _is_frame(text[-1]):
        text = text[:-1]
    return _AIM.sub("", text, count=1) if _AIM.match(text) else text


def _is_frame(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf")


def _refuse_two(text: str) -> None:
    if len(_SCHEME.findall(text)) > 1 or (len(_ENDS.split(text)) > 1 and _SCHEME.search(text)):
        words = "一次收到两个码，没有处理，请一张一张地扫"
        raise _refusal(words, "two codes at once", "one link", text, "nothing was done, scan one label at a time")


def _without_tail(text: str) -> str:
    """The link without what a chat or a browser put behind it; elements of GS1 that stand there stay, to be refused."""
    parts = _BEHIND.fullmatch(text)
    if parts is None or _ELEMENT.search(parts["query"] or ""):
        return text
    return parts["link"].removesuffix("/")


def _read(text: str, host: str) -> Scan:
    link, swapped = parse_link(text, host=host), False
    if link.serial != link.serial.upper():
        if link.serial != link.serial.lower() or (link.lot_no or "") != (link.lot_no or "").lower():
            raise _caps_lock(text)
        text, swapped = text.swapcase(), True
        link = parse_link(text, host=host)
    serials.validate(link.serial)
    return Scan(link, text, swapped)


def refuse_other_keyboard(text: str, is_known: Callable[[str], bool]) -> None:
    """Tells that scanner and computer have two keyboard layouts, if the scanner sent what `is_known` before that.

    Raises:
        CodeError: a layout made `text` of it.
    """
    for layout, before in unmapped(text):
        if is_known(before):
            raise _other_keyboard(layout.zh, layout.en, text)


def _told(cause: CodeError, text: str, whole: str, arrived: str, host: str) -> CodeError:
    """Why there is no link: the surest cause first, and the reader's own sentence if it is none of them."""
    if re.match("[\u4e00-\u9fff]", str(cause)):
        return cause
    try:
        refuse_other_keyboard(whole, lambda before: _is_ours(before, host))
    except CodeError as keyboard:
        return keyboard
    if _incomplete(text, host):
        words = "没有读全，请把码放正，再扫一次"
        return _refusal(
            words, "incomplete", f"a link to its {serials.LENGTH} characters of serial", text, "scan it again"
        )
    if not arrived.isascii() and any(unicodedata.east_asian_width(one) in "WF" for one in arrived):
        words = "输入法开着，没有处理，请切换到英文（关掉输入法）后再扫"
        return _refusal(words, "input method", "plain letters and signs", arrived, "switch the input method off")
    if (other := _HOST.match(text)) and other[1].lower() != host.lower():
        words = "这不是本厂的标签，没有处理，请放到一边，交给班长"
        return _refusal(words, "another site's", f"a link of {host}", text, "keep it aside for a lead")
    return cause


def _incomplete(text: str, host: str) -> bool:
    """Whether a link of this host ends before its serial does, or begins after its own beginning."""
    lower, start = text.lower(), f"https://{host}/01/".lower()
    if not lower.startswith(start):
        cut_front = re.search(rf"/01/[0-9]{{14}}/(?:.+/)?21/[0-9a-z]{{{serials.LENGTH}}}$", "/" + lower, re.ASCII)
        return start.startswith(lower) or (cut_front is not None and not lower.startswith("http"))
    _, _, last = lower[len(start) - 1 :].rpartition("/21/")
    return len(last) < serials.LENGTH or "/21/" not in lower


def _is_ours(text: str, host: str) -> bool:
    """Whether a text is a whole link of this host."""
    try:
        return bool(_read(text, host))
    except CodeError:
        return False


def _caps_lock(text: str) -> CodeError:
    return _refusal("大写锁定（Caps Lock）开着，没有处理，请关掉后再扫", "caps lock", "off", text, "switch it off")


def _other_keyboard(zh: str, en: str, text: str) -> CodeError:
    words = f"扫描枪和电脑的键盘布局不一样（{zh}），没有处理，请把两边都设成美式英文后再扫"
    return _refusal(
        words, "the scanner's keyboard layout", "that of US English", f"{en}: {text}", "set both to US English"
    )


def _refusal(words: str, what: str, expected: str, got: str, advice: str) -> CodeError:
    return CodeError(f"{words} · {what}: expected {expected}, got {got[:120]!r}; {advice}")
