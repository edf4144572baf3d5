"""This file places a tree in a box: one pass settles the widths, and with them how high everything wants to be; one
gives out the heights.

What text does not need of its share, since characters grow by whole dots and lines by whole lines, goes to those that
can use it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Protocol

from edge_agent.render.box import Box
from edge_agent.render.layout.share import NoRoomError, Want, share
from edge_agent.render.layout.tree import Columns, Leaf, Node, Rows, leaves

_LINE_GAP = 5
"""Lines of a text are 1.3 characters apart, and descents take a tenth (`render/type`): a fifth of paper is left."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a slot came to lie, and how high its characters are at most; 0 for what has none. `wrapped`: below what it
    would stand beside if there were room."""

    box: Box
    char_dots: int = 0
    wrapped: bool = False


class _Sized(Protocol):
    """A node of which the width is settled. `fitted` is how much of a height it really takes, `next_size` what it would
    take one size larger; None: it is as large as it wants to be."""

    @property
    def want(self) -> Want: ...
    def fitted(self, height: int) -> int: ...
    def next_size(self, height: int) -> int | None: ...
    def placed(self, box: Box) -> Iterator[tuple[str, Placed]]: ...
    def leaves(self) -> Iterator[_SizedLeaf]: ...


def solve(root: Node, box: Box) -> dict[str, Placed]:
    """Where each leaf lies in the box.

    Raises:
        NoRoomError: the tree cannot be so narrow or so low; names the leaf that is too wide, or takes most height.
    """
    sized = _sized(root, box.width_dots)
    if (short := sized.want.least - box.height_dots) > 0:
        raise NoRoomError(short, max(sized.leaves(), key=_SizedLeaf.beyond).leaf.name)
    return dict(sized.placed(box))


def wished_height(root: Node, width_dots: int) -> int:
    """How high the tree would be if it had all the room it wishes. Raises NoRoomError: it cannot be so narrow."""
    return _sized(root, width_dots).want.wish


def _sized(node: Node, width: int) -> _Sized:
    match node:
        case Leaf():
            return _SizedLeaf.of(node, width)
        case Rows():
            return _SizedRows.of(node, width)
        case Columns():
            return _SizedColumns.of(node, width)


@dataclass(frozen=True, slots=True)
class _SizedLeaf:
    leaf: Leaf
    width: int
    most_char: int
    want: Want

    @classmethod
    def of(cls, leaf: Leaf, width: int) -> _SizedLeaf:
        low, high = leaf.chars
        sizes = ((char, leaf.measure(width, char)) for char in range(high, low - 1, -1))
        char, wish = next(((char, height) for char, height in sizes if height is not None), (0, None))
        least = leaf.measure(width, low)
        if wish is None or least is None:
            raise NoRoomError(max(0, leaf.widths[0] - width), leaf.name, wide=True, room_dots=width)
        wish, least = max(leaf.floor, least, wish), max(leaf.floor, least)
        stretched = leaf.stretched(width, char) if leaf.stretched else None
        return cls(leaf, width, char, Want(least, wish, max(wish, leaf.ceiling, stretched or 0), leaf.weight))

    def char_at(self, height: int) -> int:
        """The largest size that is no higher."""
        for char in range(self.most_char, self.leaf.chars[0], -1):
            if (needed := self.leaf.measure(self.width, char)) is not None and needed <= height:
                return char
        return self.leaf.chars[0]

    def fitted(self, height: int) -> int:
        return max(self.leaf.floor, self.leaf.measure(self.width, self.char_at(height)) or 0)

    def next_size(self, height: int) -> int | None:
        for char in range(self.char_at(height) + 1, self.most_char + 1):
            if (needed := self.leaf.measure(self.width, char)) is not None and needed > height:
                return needed
        return None

    def placed(self, box: Box) -> Iterator[tuple[str, Placed]]:
        yield self.leaf.name, Placed(box, self.char_at(box.height_dots))

    def leaves(self) -> Iterator[_SizedLeaf]:
        yield self

    def beyond(self) -> tuple[int, int]:
        """How much height its least takes because it wraps, and the least itself. Four times the width is enough to
        tell; on one endless line a long text is measured for minutes."""
        wider = self.leaf.measure(4 * self.width, self.leaf.chars[0]) or 0
        return self.want.least - max(self.leaf.floor, wider), self.want.least


@dataclass(frozen=True, slots=True)
class _SizedColumns:
    nodes: tuple[tuple[int, _Sized], ...]
    """With the left edge of each."""
    ends: tuple[int, ...]
    want: Want

    @classmethod
    def of(cls, columns: Columns, width: int) -> _Sized:
        try:
            widths = share(width, list(_alternating(_widths(columns, width), columns)))
        except NoRoomError as cause:
            if columns.wraps and len(columns.nodes) > 1:
                return _SizedRows.of(Rows(columns.nodes, _between_lines(columns), columns.weight), width, wrapped=True)
            widest = max(leaves(columns), key=lambda leaf: leaf.widths[0])
            raise NoRoomError(cause.short_dots, widest.name, wide=True, room_dots=width) from cause
        edges = [sum(widths[:place]) for place in range(len(widths) + 1)]
        nodes = [_sized(node, one) for node, one in zip(columns.nodes, widths[::2], strict=True)]
        wants = [node.want for node in nodes]
        least, wish, most = (max(sizes) for sizes in zip(*map(_sizes, wants), strict=True))
        want = Want(least, wish, most, columns.weight)
        return cls(tuple(zip(edges[:-1:2], nodes, strict=True)), tuple(edges[1::2]), want)

    def fitted(self, height: int) -> int:
        return max(node.fitted(height) for _, node in self.nodes)

    def next_size(self, height: int) -> int | None:
        return min((more for _, node in self.nodes if (more := node.next_size(height)) is not None), default=None)

    def placed(self, box: Box) -> Iterator[tuple[str, Placed]]:
        alike = self._common_sizes(box.height_dots)
        for (left, node), end in zip(self.nodes, self.ends, strict=True):
            room = Box(box.left_dots + left, box.top_dots, box.left_dots + end, box.bottom_dots)
            if isinstance(node, _SizedLeaf):
                yield node.leaf.name, Placed(room, alike[node.leaf.chars[1]])
            else:
                yield from node.placed(room)

    def leaves(self) -> Iterator[_SizedLeaf]:
        return chain.from_iterable(node.leaves() for _, node in self.nodes)

    def _common_sizes(self, height: int) -> dict[int, int]:
        """Neighbours that wish to be of one size are of one size; by the wished one."""
        sizes: dict[int, int] = {}
        for _, node in self.nodes:
            if isinstance(node, _SizedLeaf):
                wished, char = node.leaf.chars[1], node.char_at(height)
                sizes[wished] = min(char, sizes.get(wished, char))
        return sizes


def _sizes(want: Want) -> tuple[int, int, int]:
    return want.least, want.wish, want.most


def _widths(columns: Columns, width: int) -> list[Want]:
    wants = [node.width() for node in columns.nodes]
    if not columns.equal:
        return wants
    gaps = [_gap(columns.gap, max(one.paper, other.paper)).wish for one, other in pairwise(columns.nodes)]
    each = (width - sum(gaps)) // len(wants)
    if (short := max(want.least for want in wants) - each) > 0:
        raise NoRoomError(short, wide=True)
    return [Want(each, each, each) for _ in wants]


def _between_lines(columns: Columns) -> Want:
    """The gap between columns that stand below each other: as between the lines of one text."""
    gap = max(leaf.chars[0] for leaf in leaves(columns)) // _LINE_GAP
    return Want(gap, gap, gap)


def _alternating(wants: Sequence[Want], stack: Rows | Columns) -> Iterator[Want]:
    """What the nodes want, and the gaps between them, which hold the paper that either neighbour needs."""
    if wants:
        yield wants[0]
    for (one, other), want in zip(pairwise(stack.nodes), wants[1:], strict=True):
        yield _gap(stack.gap, max(one.paper, other.paper))
        yield want


def _gap(gap: Want, paper: int) -> Want:
    least = max(gap.least, paper)
    return Want(least, max(gap.wish, least), max(gap.most, least), gap.weight)


@dataclass(frozen=True, slots=True)
class _SizedRows:
    nodes: tuple[_Sized, ...]
    wants: tuple[Want, ...]
    """Of nodes and gaps in turn."""
    want: Want
    wrapped: bool = False

    @classmethod
    def of(cls, rows: Rows, width: int, *, wrapped: bool = False) -> _SizedRows:
        nodes, wants = [], []
        for sized, gap in _flat(rows, width):
            if gap is not None:
                wants.append(gap)
            nodes.append(sized)
            wants.append(sized.want)
        least, wish, most = (sum(sizes) for sizes in zip(*map(_sizes, wants), strict=True))
        return cls(tuple(nodes), tuple(wants), Want(least, wish, most, rows.weight), wrapped)

    def fitted(self, height: int) -> int:
        return height

    def next_size(self, height: int) -> int | None:
        return self.want.wish if height < self.want.wish else None

    def placed(self, box: Box) -> Iterator[tuple[str, Placed]]:
        heights, top = self._heights(box.height_dots), box.top_dots
        for place, height in enumerate(heights):
            if place % 2 == 0:
                room = Box(box.left_dots, top, box.right_dots, top + height)
                for name, one in self.nodes[place // 2].placed(room):
                    yield name, replace(one, wrapped=True) if self.wrapped else one
            top += height

    def leaves(self) -> Iterator[_SizedLeaf]:
        return chain.from_iterable(node.leaves() for node in self.nodes)

    def _heights(self, room: int) -> list[int]:
        given = share(room, self.wants)
        if room >= self.want.wish:
            return given
        needs = [node.fitted(height) for node, height in zip(self.nodes, given[::2], strict=True)]
        self._raised(needs, room - sum(given[1::2]) - sum(needs))
        wants = list(self.wants)
        for place, (need, want) in enumerate(zip(needs, self.wants[::2], strict=True)):
            wants[2 * place] = Want(need, need, max(need, want.most), want.weight)
        return share(room, wants)

    def _raised(self, needs: list[int], spare: int) -> None:
        """Let those grow by a size that can, in turn, the heaviest first."""
        turns = sorted(range(len(needs)), key=lambda place: -self.nodes[place].want.weight)
        while turns:
            for place in list(turns):
                larger = self.nodes[place].next_size(needs[place])
                if larger is None or larger - needs[place] > spare:
                    turns.remove(place)
                else:
                    needs[place], spare = larger, spare - (larger - needs[place])


def _flat(rows: Rows, width: int) -> Iterator[tuple[_Sized, Want | None]]:
    """Each node with the gap before it; rows within rows share one room, so that a shortage is everybody's."""
    for place, node in enumerate(rows.nodes):
        before = _gap(rows.gap, max(rows.nodes[place - 1].paper, node.paper)) if place else None
        sized = _flat(node, width) if isinstance(node, Rows) else iter([(_sized(node, width), None)])
        for inner, (one, gap) in enumerate(sized):
            yield one, before if inner == 0 else gap
