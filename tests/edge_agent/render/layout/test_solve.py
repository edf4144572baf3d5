"""What stands in rows and columns stays on the label, never overlaps, and is never smaller than its least."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.render.box import Box
from edge_agent.render.layout.share import NoRoomError, Want
from edge_agent.render.layout.solve import Placed, solve
from edge_agent.render.layout.tree import Columns, Leaf, Node, Rows

LEAST, WISHED = 8, 16


def text(name: str, length: int, *, weight: float = 1.0, paper: int = 0) -> Leaf:
    """Characters as wide as high, in as many lines as they need; a word is two of them."""

    def height(width: int, char: int) -> int | None:
        each = width // char if char else 0
        return -(-length // each) * char if each >= min(2, length) else None

    widths = (LEAST * min(2, length), WISHED * length)
    return Leaf(name, height, (LEAST, WISHED), widths, weight=weight, paper=paper)


@st.composite
def a_tree(draw: st.DrawFn) -> Node:
    names = (f"slot{number}" for number in range(10_000))
    return draw(nodes(names=names, depth=3))


@st.composite
def nodes(draw: st.DrawFn, names: object, depth: int) -> Node:
    kind = draw(st.sampled_from(["leaf", "rows", "columns"])) if depth else "leaf"
    if kind == "leaf":
        weight, paper = draw(st.sampled_from([0.0, 1.0, 8.0])), draw(st.sampled_from([0, 0, 12]))
        return text(next(names), draw(st.integers(1, 12)), weight=weight, paper=paper)  # type: ignore[call-overload]
    inner = tuple(draw(st.lists(nodes(names=names, depth=depth - 1), min_size=1, max_size=3)))
    least = draw(st.integers(0, 6))
    gap = Want(least, least + draw(st.integers(0, 6)), least + 20)
    return Rows(inner, gap) if kind == "rows" else Columns(inner, gap, wraps=draw(st.booleans()))


def leaves(node: Node) -> list[Leaf]:
    return [node] if isinstance(node, Leaf) else [leaf for inner in node.nodes for leaf in leaves(inner)]


def laid_out(tree: Node, width: int, height: int) -> dict[str, Placed] | None:
    """None where there is no room."""
    try:
        return solve(tree, Box(7, 5, 7 + width, 5 + height))
    except NoRoomError:
        return None


def apart(one: Box, other: Box) -> bool:
    beside = one.right_dots <= other.left_dots or other.right_dots <= one.left_dots
    return beside or one.bottom_dots <= other.top_dots or other.bottom_dots <= one.top_dots


rooms = st.integers(16, 600)


@given(a_tree(), rooms, rooms)
def test_every_slot_stands_on_the_label_once_and_over_no_other(tree: Node, width: int, height: int) -> None:
    if (places := laid_out(tree, width, height)) is None:
        return
    assert sorted(places) == sorted(leaf.name for leaf in leaves(tree))
    boxes = [placed.box for placed in places.values()]
    for box in boxes:
        assert 7 <= box.left_dots <= box.right_dots <= 7 + width
        assert 5 <= box.top_dots <= box.bottom_dots <= 5 + height
    assert all(apart(one, other) for one, other in combinations(boxes, 2))


@given(a_tree(), rooms, rooms)
def test_every_slot_has_room_for_its_characters_and_none_is_too_small(tree: Node, width: int, height: int) -> None:
    places = laid_out(tree, width, height) or {}
    for leaf in leaves(tree) if places else []:
        box, char = places[leaf.name].box, places[leaf.name].char_dots
        needed = leaf.measure(box.right_dots - box.left_dots, char)
        assert LEAST <= char <= WISHED
        assert needed is not None and needed <= box.bottom_dots - box.top_dots


@given(a_tree(), rooms, rooms, st.integers(1, 40))
def test_what_fits_fits_a_higher_label_too(tree: Node, width: int, height: int, more: int) -> None:
    if laid_out(tree, width, height) is not None:
        assert laid_out(tree, width, height + more) is not None


@given(a_tree(), rooms, rooms)
def test_the_same_tree_is_laid_out_the_same(tree: Node, width: int, height: int) -> None:
    assert laid_out(tree, width, height) == laid_out(tree, width, height)


def test_what_is_too_wide_is_refused_by_its_name() -> None:
    with pytest.raises(NoRoomError) as refused:
        solve(Rows((text("long", 3),)), Box(0, 0, 10, 100))
    assert (refused.value.name, refused.value.wide, refused.value.short_dots) == ("long", True, 6)


def test_columns_that_do_not_fit_side_by_side_stand_below_each_other_unless_forbidden() -> None:
    pair = (text("one", 2), text("other", 2))
    places = solve(Columns(pair), Box(0, 0, 20, 60))
    assert places["one"].box.bottom_dots <= places["other"].box.top_dots
    with pytest.raises(NoRoomError):
        solve(Columns(pair, wraps=False), Box(0, 0, 20, 60))


def test_texts_of_one_kind_beside_each_other_come_out_in_one_size() -> None:
    places = solve(Columns((text("short", 1), text("long", 12)), wraps=False), Box(0, 0, 80, 30))
    assert places["short"].char_dots == places["long"].char_dots < WISHED
