"""This file reads compositions as people write them, and says what is the name of one fibre.

A cell of a spreadsheet holds it as the label does: `面料: 棉 65, 聚酯纤维 35; 里料: 棉 100`. Nothing in it is ever
guessed or swallowed: a fibre that a lost comma hides in the name of another one would be printed as that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from garment.record import Down, Fibre, GarmentRecord
from label_protocol.plain import folded

_WIDE = str.maketrans("：；，、％（）０１２３４５６７８９．", ":;,,%()0123456789.")
_SIGNS = re.compile(r"[%‰:;,、。|]")
_POLYAMIDE = r"(?:锦纶|尼龙|聚酰胺|PA)(?:6|66|11|12|46|56|510|610|612|1010|1012)"
"""A polyamide with its type, attached: the generic names that end in a number (GB/T 4146.1, ISO 1043-1)."""
_OWN_NUMBER = re.compile(
    rf"{_POLYAMIDE}(?=$|[()]|\s*(?:复合)?纤维|/.*复合纤维$)|^3M|[0-9.]+(?:D|S|T|dtex|tex)(?![A-Za-z])|[0-9.]+(?=[支号型])|^[0-9.]+(?=纤维)",
    re.IGNORECASE,
)
"""Numbers that are of a name: 锦纶6, PA66, 聚酰胺6纤维, 锦纶6/聚酯纤维复合纤维, 3M新雪丽, 100D涤纶, 60支棉."""
_NUMBER_BEFORE_NAME = re.compile(r"[0-9][^\w]*[^\W\d_]")
"""`棉65 聚酯纤维`, `65棉`, `棉 65/锦纶`: a fibre and more, whatever sign stands for the comma."""

_PERCENT = r"[0-9]+(?:\.[0-9]+)?"
_FIBRES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<percent>{_PERCENT})\s*%?\s*(?P<name>(?:\S.*)?(?:{_POLYAMIDE}|[^0-9.%\s]))",
        rf"(?P<name>(?:.*[^0-9.%\s])??)\s*(?P<percent>{_PERCENT})\s*%?",
        rf"(?P<name>{_POLYAMIDE})\s+(?P<percent>{_PERCENT})\s*%?",
    )
)
"""A percent before the name, behind it, and behind a name that ends in a number; a cell's fibre is one of them."""


def more_than_a_name(text: str) -> bool:
    """Whether `text` holds %, a separator or a number before another name: then it is no name of one fibre or part."""
    name = folded(text).strip()
    return bool(_SIGNS.search(name) or _NUMBER_BEFORE_NAME.search(_OWN_NUMBER.sub("_", name)))


def half_width(text: str) -> str:
    """`text` with the signs and digits of a Chinese input method as the keyboard has them."""
    return text.translate(_WIDE)


def read_composition(cell: str) -> list[dict[str, Any]]:
    """The parts of a written composition, as the record has them; a percent may stand before or after the name.

    Every sign of the cell is a part, a colon, a fibre with its percent, or a separator.

    Raises:
        ValueError: something is left over; the sentence names it, in Chinese and English.
    """
    parts = [part for part in re.split(r"[;\n]", half_width(cell)) if part.strip()]
    return [_part(*part.partition(":")) for part in parts]


def fibres_of(record: GarmentRecord) -> Iterator[tuple[str, Fibre]]:
    """Every fibre of the garment, with its path in the record."""
    for at, part in enumerate(record.product.composition):
        for number, fibre in enumerate(part.fibres or ()):
            yield f"product.composition.{at}.fibres.{number}", fibre


def downs_of(record: GarmentRecord) -> Iterator[tuple[str, Down]]:
    """Every down filling of the garment, with its path in the record."""
    for at, part in enumerate(record.product.composition):
        if part.down is not None:
            yield f"product.composition.{at}.down", part.down


def _part(part: str, colon: str, fibres: str) -> dict[str, Any]:
    name, whole = part.strip(), f"{part}{colon}{fibres}"
    if not colon or not name or more_than_a_name(name):
        raise _left_over(part, whole)
    return {"part": name, "fibres": [_fibre(fibre.strip(), whole) for fibre in fibres.split(",")]}


def _fibre(text: str, whole: str) -> dict[str, Any]:
    for found in (pattern.fullmatch(text) for pattern in _FIBRES):
        if found and found["name"] and not more_than_a_name(found["name"]):
            return {"name": found["name"], "percent": found["percent"]}
    raise _left_over(text, whole)


def _left_over(text: str, whole: str) -> ValueError:
    """`text` is neither a part nor a fibre; where nothing stands, the `whole` in which it is missing is named."""
    rest, gap = (text.strip(), ("", "")) if text.strip() else (whole.strip(), ("（有一处是空的）", " (one is empty)"))
    return ValueError(
        f"部位用分号分开，纤维用逗号分开，不能用空格或句号代替；读不懂“{rest[:40]}”{gap[0]} · "
        "expected parts such as 面料: 棉 65, 聚酯纤维 35; 里料: 棉 100, parted by semicolons and fibres by commas; "
        f"{rest[:40]!r} is neither a part nor one fibre with its percent{gap[1]}"
    )
