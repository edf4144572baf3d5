"""What a keyboard layout makes of a link: a scanner presses the keys of one, the computer reads those of another.

Both ways occur: a scanner set to the US layout at a computer with another one, and the reverse. The rows are the keys
from left to right and top to bottom, without and with Shift, as the layouts `KBDUS`, `KBDGR`, `KBDFR` and `KBDTUQ` of
Windows have them. What such a link was is only told and never taken: two layouts may explain one text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_US = (
    "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./"  # KBDUS
    '~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:"ZXCVBNM<>?'
)
_ROWS = {
    ("德文", "German"): (
        "^1234567890ß´qwertzuiopü+#asdfghjklöäyxcvbnm,.-"  # KBDGR
        "°!\"§$%&/()=?`QWERTZUIOPÜ*'ASDFGHJKLÖÄYXCVBNM;:_"
    ),
    ("法文", "French"): (
        "²&é\"'(-è_çà)=azertyuiop^$*qsdfghjklmùwxcvbn,;:!"  # KBDFR
        "~1234567890°+AZERTYUIOP¨£µQSDFGHJKLM%WXCVBN?./§"
    ),
    ("土耳其文", "Turkish"): (
        '"1234567890*-qwertyuıopğü,asdfghjklşizxcvbnmöç.'  # KBDTUQ
        "é!'^+%&/()=?_QWERTYUIOPĞÜ;ASDFGHJKLŞİZXCVBNMÖÇ:"
    ),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout by its two names, and the tables that take what arrived back to what the scanner sent."""

    zh: str
    en: str
    tables: tuple[Mapping[int, str], ...]


def _tables(keys: str) -> Iterator[Mapping[int, str]]:
    pairs = list(zip(_US, keys, strict=True))
    letters = [(us, key) for us, key in pairs if us.isalpha() and key.isalpha()]
    letters += [("I", "İ")] if "ı" in keys else []
    for some in (pairs, letters):
        yield {ord(key): us for us, key in some}
        yield {ord(us): key for us, key in some}


LAYOUTS = tuple(Layout(zh, en, tuple(_tables(keys))) for (zh, en), keys in _ROWS.items())


def unmapped(text: str) -> Iterator[tuple[Layout, str]]:
    """What `text` may have been before a layout changed it, each with the layout; `text` itself is never among them."""
    for layout in LAYOUTS:
        for table in layout.tables:
            if (before := text.translate(table)) != text:
                yield layout, before
