"""Bars and a line as SVG, drawn here: no script, and the same numbers as a table behind a switch. Lengths in user units
of a box 1000 wide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 1000
BAR_ROOM = 0.7
"""Part of its share that a bar takes."""
STEPS = tuple(step * unit for unit in (1, 10, 100, 1_000, 10_000, 100_000, 1_000_000) for step in (1, 2, 5))


@dataclass(frozen=True, slots=True)
class Bar:
    """`x`, `y`, `width`, `height` of the rectangle; `middle` is where its name stands."""

    name: str
    value: int
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """Half way along its foot."""
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True, slots=True)
class Chart:
    """`top` is the value at the upper edge; `marks` are the values of the lines across and how high they are."""

    bars: tuple[Bar, ...]
    marks: tuple[tuple[int, float], ...]
    height: int
    top: int

    @property
    def line(self) -> str:
        """The points of a line over the same values."""
        return " ".join(f"{bar.middle},{bar.y}" for bar in self.bars)


def chart(rows: Sequence[tuple[str, int]], height: int = 300) -> Chart:
    """Bars of names and whole numbers from 0 upwards; nothing is cut off, and zero is always at the foot.

    Raises:
        ValueError: a number below 0.
    """
    if any(value < 0 for _, value in rows):
        raise ValueError("chart: expected numbers from 0 upwards")
    step = _step(max((value for _, value in rows), default=0))
    top = step * max(1, -(-max((value for _, value in rows), default=0) // step))
    share = WIDTH / max(1, len(rows))
    bars = [_bar(n, name, value, share, height, top) for n, (name, value) in enumerate(rows)]
    marks = [(value, round(height - height * value / top, 1)) for value in range(0, top + 1, step)]
    return Chart(tuple(bars), tuple(marks), height, top)


def _bar(n: int, name: str, value: int, share: float, height: int, top: int) -> Bar:
    tall = height * value / top
    x = share * n + share * (1 - BAR_ROOM) / 2
    return Bar(name, value, round(x, 1), round(height - tall, 1), round(share * BAR_ROOM, 1), round(tall, 1))


def _step(most: int) -> int:
    """The distance of the lines across: 1, 2 or 5 times a power of ten, for at most five of them."""
    return next((step for step in STEPS if most <= 5 * step), STEPS[-1])
