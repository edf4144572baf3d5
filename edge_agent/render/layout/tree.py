"""What is laid out: a tree whose leaves are slots, and whose stacks put what they hold side by side or below each
other.

A leaf says how high it becomes at a width and a character height; it may wrap, so that is a function and no number. All
lengths are whole dots.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge_agent.render.layout.share import UNBOUNDED, Want

TIGHT = Want(0, 0, 0)
"""No paper between two."""

Measure = Callable[[int, int], int | None]
"""Height at a width and a character height; None: it cannot stand so."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A slot. `chars` are its least and wished character height (equal for what has none); `widths` its least width,
    and the one at which it need not wrap. `floor` and `ceiling` bound its height beside what the content asks for; it
    grows beyond its content up to `stretched`, or to the ceiling. `paper` must stay free around it. `divides`: it is a
    rule, which stands between two others, so never beside another rule."""

    name: str
    measure: Measure
    chars: tuple[int, int] = (0, 0)
    widths: tuple[int, int] = (0, 0)
    floor: int = 0
    ceiling: int = 0
    stretched: Measure | None = None
    weight: float = 1.0
    paper: int = 0
    divides: bool = False

    def width(self) -> Want:
        """What it wants of a row's width."""
        return Want(*self.widths, UNBOUNDED if self.weight else self.widths[1], self.weight)


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands below each other. `gap` is the paper between two; a stack of weight 0 is as narrow as it can be."""

    nodes: tuple[Node, ...]
    gap: Want = TIGHT
    weight: float = 1.0

    @property
    def paper(self) -> int:
        """What must stay free around it."""
        return max((node.paper for node in self.nodes), default=0)

    def width(self) -> Want:
        """What it wants of a row's width: what its widest wants."""
        wants = [node.width() for node in self.nodes]
        least = max((want.least for want in wants), default=0)
        if not self.weight:
            return Want(least, least, least, 0)
        return Want(least, max((want.wish for want in wants), default=0), UNBOUNDED, self.weight)


@dataclass(frozen=True, slots=True)
class Columns:
    """What stands side by side, on a common baseline where it is text of one size; if it `wraps`, below each other
    where there is no room for that. `equal`: all of one width, so that rows of such columns make a grid."""

    nodes: tuple[Node, ...]
    gap: Want = TIGHT
    weight: float = 1.0
    wraps: bool = True
    equal: bool = False

    @property
    def paper(self) -> int:
        """What must stay free around it."""
        return max((node.paper for node in self.nodes), default=0)

    def width(self) -> Want:
        """What it wants of a row's width: what all want together, or, where it may wrap, at least what one does."""
        wants, gaps = [node.width() for node in self.nodes], self.gap.least * max(0, len(self.nodes) - 1)
        leasts = [want.least for want in wants]
        least = max(leasts, default=0) if self.wraps else sum(leasts) + gaps
        return Want(least, max(least, sum(want.wish for want in wants) + gaps), UNBOUNDED, self.weight)


Node = Leaf | Rows | Columns


def leaves(node: Node) -> Iterator[Leaf]:
    """The slots of a tree."""
    if isinstance(node, Leaf):
        yield node
    else:
        for inner in node.nodes:
            yield from leaves(inner)
