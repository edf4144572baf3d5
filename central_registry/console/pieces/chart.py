"""Bars and a line as SVG, drawn on the server: no script, and the same numbers as a table behind a switch. Pure.

Lengths in user units of a box 1000 wide. Written again beside the line's own, which the registry may not import.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 1000
HEIGHT = 240
BAR_ROOM = 0.7
"""Part of its share that a bar takes."""
BAR_MOST = 90
"""A bar that stands alone is a bar and no wall."""
NAMES = 16
"""Names that can be read side by side; of more bars only every so many has its name at the foot."""
STEPS = tuple(step * 10**power for power in range(10) for step in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Bar:
    """`x`, `y`, `width`, `height` of the rectangle; `shown`: its name stands at its foot."""

    name: str
    value: int
    x: float
    y: float
    width: float
    height: float
    shown: bool

    @property
    def middle(self) -> float:
        """Half way along its foot."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Chart:
    """`marks` are the values of the lines across and how high they are."""

    bars: tuple[Bar, ...]
    marks: tuple[tuple[int, float], ...]
    height: int = HEIGHT

    @property
    def line(self) -> str:
        """The points of a line over the same values."""
        return " ".join(f"{bar.middle},{bar.y}" for bar in self.bars)


def chart(rows: Sequence[tuple[str, int]]) -> Chart:
    """Bars of names and whole numbers from 0 upwards; nothing is cut off, and zero is always at the foot.

    Raises:
        ValueError: a number below 0.
    """
    if any(value < 0 for _, value in rows):
        raise ValueError("chart: expected numbers from 0 upwards")
    most = max((value for _, value in rows), default=0)
    step = next((one for one in STEPS if most <= 5 * one), STEPS[-1])
    top = step * max(1, -(-most // step))
    marks = tuple((value, round(HEIGHT - HEIGHT * value / top, 1)) for value in range(0, top + 1, step))
    return Chart(tuple(_bar(n, row, len(rows), top) for n, row in enumerate(rows)), marks)


def _bar(n: int, row: tuple[str, int], count: int, top: int) -> Bar:
    share = WIDTH / count
    tall = HEIGHT * row[1] / top
    width = min(share * BAR_ROOM, BAR_MOST)
    x = share * n + (share - width) / 2
    shown = n % -(-count // NAMES) == 0
    return Bar(*row, round(x, 1), round(HEIGHT - tall, 1), round(width, 1), round(tall, 1), shown)
