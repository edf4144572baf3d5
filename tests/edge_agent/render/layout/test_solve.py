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


@given(a_tree(), rooms, rooms, st.integers(1, 40))
def test_what_fits_fits_a_wider_label_too(tree: Node, width: int, height: int, more: int) -> None:
    """Unless columns that wrapped stand side by side on it: beside each other they may each be narrower, and higher."""
    if laid_out(tree, width, height) is not None and not any(wraps(tree)):
        assert laid_out(tree, width + more, height) is not None


def wraps(node: Node) -> list[bool]:
    inner = [] if isinstance(node, Leaf) else [one for each in node.nodes for one in wraps(each)]
    return [isinstance(node, Columns) and node.wraps and len(node.nodes) > 1, *inner]


@given(st.lists(st.integers(1, 6), min_size=2, max_size=4), st.integers(0, 6), st.integers(150, 600))
def test_rows_of_equal_columns_make_a_grid(lengths: list[int], gap: int, width: int) -> None:
    def a_row(name: str, sizes: list[int]) -> Columns:
        return Columns(
            tuple(text(f"{name}{place}", size) for place, size in enumerate(sizes)), Want(gap, gap, gap), equal=True
        )

    places = solve(Rows((a_row("one", lengths), a_row("other", lengths[::-1]))), Box(0, 0, width, 400))
    for place in range(len(lengths)):
        one, other = places[f"one{place}"].box, places[f"other{place}"].box
        assert (one.left_dots, one.right_dots) == (other.left_dots, other.right_dots)
    assert len({places[f"one{place}"].box.width_dots for place in range(len(lengths))}) == 1


def test_equal_columns_that_one_word_is_too_wide_for_are_refused_by_its_name() -> None:
    row = Columns((text("short", 1), text("long", 9)), equal=True, wraps=False)
    with pytest.raises(NoRoomError) as refused:
        solve(row, Box(0, 0, 2 * 2 * LEAST - 2, 100))
    assert (refused.value.name, refused.value.wide, refused.value.short_dots) == ("long", True, 1)


def test_what_can_stretch_takes_the_room_that_is_left_and_no_more() -> None:
    def lines(_width: int, char: int) -> int:
        return 3 * char

    stretching = Leaf("table", lines, (LEAST, WISHED), (10, 10), stretched=lambda _width, char: 5 * char)
    for height, expected in ((3 * WISHED, 3 * WISHED), (4 * WISHED, 4 * WISHED), (9 * WISHED, 5 * WISHED)):
        places = solve(Rows((stretching,)), Box(0, 0, 50, height))
        assert places["table"].box.height_dots == expected
        assert places["table"].char_dots == WISHED, "its characters are as they wished, its lines further apart"


@pytest.mark.parametrize(("height", "expected"), [(30, 30), (34, 34), (60, 40)])
def test_a_box_is_at_least_its_floor_and_grows_to_its_ceiling(height: int, expected: int) -> None:
    box = Leaf("box", lambda _width, char: char, (LEAST, WISHED), (10, 10), floor=30, ceiling=40)
    assert solve(Rows((box,)), Box(0, 0, 50, height))["box"].box.height_dots == expected
    with pytest.raises(NoRoomError) as refused:
        solve(Rows((box,)), Box(0, 0, 50, 29))
    assert (refused.value.short_dots, refused.value.name) == (1, "box")


def test_what_is_too_high_is_refused_by_the_name_of_what_wraps_most() -> None:
    tree = Rows((text("tall", 1), text("wraps", 12), text("less", 5)))
    with pytest.raises(NoRoomError) as refused:
        solve(tree, Box(0, 0, 3 * LEAST, 40))
    assert (refused.value.name, refused.value.wide) == ("wraps", False)


def test_columns_that_stand_below_each_other_are_told_to_have_wrapped() -> None:
    pair = (text("one", 2), text("other", 2))
    narrow, wide = (solve(Rows((Columns(pair),)), Box(0, 0, width, 80)) for width in (20, 200))
    assert [placed.wrapped for placed in narrow.values()] == [True, True]
    assert [placed.wrapped for placed in wide.values()] == [False, False]
    assert narrow["other"].box.top_dots - narrow["one"].box.bottom_dots == LEAST // 5, "as lines of one text"
