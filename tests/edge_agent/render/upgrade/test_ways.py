"""Ways are TOML that a template takes; their gaps give way where the former distances would not have."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.render.templates.stacked import Stack, Way
from edge_agent.render.upgrade.cuts import Cut, Found
from edge_agent.render.upgrade.ways import Manner, way_text

MANNER = Manner("qr", lambda names: "qr" in names)


def way_of(found: Found, manner: Manner = MANNER) -> Way:
    (way,) = tomllib.loads(way_text(found, manner))["way"]
    return Way.model_validate(_frozen(way))


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(one) for key, one in value.items()}
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def gaps_of(stack: Stack) -> Iterator[Any]:
    """The gap before each slot but the first, in order."""
    for place, node in enumerate(stack.nodes):
        if place:
            yield stack.gap_mm
        if isinstance(node, Stack):
            yield from gaps_of(node)


@given(st.lists(st.sampled_from([0.0, 0.2, 0.3, 0.9, 2.0, 8.0]), min_size=1, max_size=60), st.booleans(), st.booleans())
def test_a_way_names_all_in_order_and_no_gap_must_be_wider_than_it_was(
    gaps_mm: list[float], across: bool, dense: bool
) -> None:
    """However many: a stack of format 2 holds forty rows, or ten columns."""
    names = tuple(f"slot{number}" for number in range(len(gaps_mm) + 1))
    way = way_of(Cut(names, tuple(gaps_mm), across), replace(MANNER, dense=dense))
    assert way.names() == names
    for was_mm, (least_mm, wish_mm, most_mm) in zip(gaps_mm, gaps_of(way), strict=True):
        assert least_mm <= was_mm + 0.01 and least_mm <= wish_mm <= most_mm


def test_the_distances_are_the_wish_and_give_way_and_grow() -> None:
    assert way_of(Cut(("a", "b"), (1.0,))).gap_mm == (0.5, 1.0, 4.0)
    assert way_of(Cut(("a", "b"), (1.0,)), replace(MANNER, dense=True)).gap_mm == (0.25, 0.5, 4.0)
    assert way_of(Cut(("a", "b"), (2.0,), across=True)).gap_mm == (1.0, 2.0, 2.0)
    assert way_of(Cut(("a", "b"), (0.5,), across=True)).gap_mm == (0.5, 0.5, 0.5), "texts do not touch"


def test_what_stands_close_together_is_a_stack_of_its_own() -> None:
    way = way_of(Cut(("a", "b", "c"), (0.2, 2.0)))
    assert way.rows == (Stack(rows=("a", "b"), gap_mm=(0.1, 0.2, 1.6)), "c") and way.gap_mm == (1.0, 2.0, 7.0)


def test_the_column_of_the_code_is_narrow_and_stays_beside() -> None:
    way = way_of(Cut((Cut(("a", "b"), (1,)), Cut(("qr", "serial"), (1,))), (3,), across=True))
    assert [getattr(node, "share", None) for node in way.columns or ()] == [1, 0] and not way.wrap
    assert way_of(Cut(("a", "b"), (3,), across=True)).wrap


def test_rows_of_a_grid_are_equal_and_never_torn() -> None:
    grid = Cut(tuple(Cut((f"{one}1", f"{one}2"), (1,), across=True, equal=True) for one in "ab"), (0.3,))
    for node in way_of(grid).nodes:
        assert isinstance(node, Stack) and node.equal and not node.wrap


@pytest.mark.parametrize("tables", [frozenset({"facts"}), frozenset[str]()])
def test_a_table_has_most_of_the_room_beside_a_text(tables: frozenset[str]) -> None:
    way = way_of(Cut(("facts", "size"), (1,), across=True), replace(MANNER, tables=tables))
    first = (way.columns or ())[0]
    assert first == (Stack(rows=("facts",), share=8) if tables else "facts")
