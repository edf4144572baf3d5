"""A sheet: rows of cells under the numbers that the spreadsheet shows, whatever file they came in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from garment.sheets.cells import Cell

Row = tuple[int, Sequence[Cell]]
"""The number that the spreadsheet shows beside it, and its cells from column A on; a text has no blanks at its ends."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`rows` can be gone through once; `count`: about how many there are, for a progress bar.

    `typed`: its cells say whether they are text, so that a text is what somebody typed; without that a row longer than
    the headings has a separator too many. `flat`: rows with a cell that is merged with the one beside it. `told`: what
    whoever imports it should know, in Chinese and English.
    """

    rows: Iterable[Row]
    count: int
    typed: bool
    flat: frozenset[int] = frozenset()
    told: tuple[str, ...] = ()
