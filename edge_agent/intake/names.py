"""Names of files in a hot folder: which are orders, and what they are called once they are in hand. Pure.

A name comes from another computer and may be anything: bytes that are no text, a line break, 255 bytes of them, a name
that Windows opens as a device. So the answer and the kept file have a clean name, with a number before it that nobody
else has.
"""

from __future__ import annotations

import re
import unicodedata

ANSWERS, IN_HAND, TAKEN = "结果", "处理中", "已取"
"""Folders of ours within the watched one."""

MAX_NAME_BYTES = 180
"""Most systems take 255 for a name; the number and `.answer.json.unfinished` need some of them."""

FORMS = (".csv", ".txt", ".xlsx", ".json")

_UNFINISHED = re.compile(
    r"\..*|~.*|.*~|.*\.(tmp|temp|part|partial|filepart|crdownload|unfinished|swp|lock)", re.IGNORECASE
)
"""What programs call a file that they still write (WinSCP, browsers, editors, Office's `~$`): they rename it."""

_DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]", re.IGNORECASE)
"""Names that Windows opens as devices, whatever stands behind a dot."""

_CLAIM = re.compile(r"([0-9a-f]{16})__(.+)", re.DOTALL)


def is_unfinished(name: str) -> bool:
    """Whether its writer will rename it.

    >>> [is_unfinished(one) for one in ("a.csv", "a.csv.part", "~$a.xlsx", ".a.csv")]
    [False, True, True, True]
    """
    return _UNFINISHED.fullmatch(name) is not None


def is_order(name: str) -> bool:
    """Whether it is of a kind that holds orders."""
    return name.lower().endswith(FORMS)


def clean(name: str) -> str:
    """The name as it is told and kept: text that can be seen, short enough, its ending kept.

    >>> clean("a\\nb:c.csv"), len(clean("单" * 100 + ".csv").encode())
    ('a_b_c.csv', 178)
    """
    seen = "".join(one if _seen(one) else "_" for one in unicodedata.normalize("NFC", name))
    stem, dot, end = seen.rpartition(".")
    stem, end = (stem, dot + end) if dot and len(end) < 10 else (seen, "")
    while len((stem + end).encode()) > MAX_NAME_BYTES:
        stem = stem[:-1]
    device = _DEVICE.fullmatch((stem + end).partition(".")[0].strip())
    return f"{'_' if device else ''}{stem or '_'}{end}"


def claim(file_id: str, name: str) -> str:
    """What a file is called once it is in hand."""
    return f"{file_id}__{clean(name)}"


def of_claim(name: str) -> tuple[str, str] | None:
    """Number and name of a file in hand; None: somebody else put it there."""
    found = _CLAIM.fullmatch(name)
    return (found[1], found[2]) if found else None


def _seen(one: str) -> bool:
    return (one not in '<>:"/\\|?*' and not unicodedata.category(one).startswith(("C", "Z"))) or one == " "
