"""Rows and columns are found as they stand: each slot once, in reading order, parted by paper."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.render.upgrade.cuts import Cut, EntangledError, Found, Rect, cut


@st.composite
def cut_apart(draw: st.DrawFn) -> list[Rect]:
    """A label cut apart again and again by lines of paper, some of no width."""
    rects: list[Rect] = []

    def part(left: float, top: float, right: float, bottom: float, depth: int) -> None:
        across = draw(st.booleans())
        start, end = (left, right) if across else (top, bottom)
        if depth and end - start > 10 and draw(st.booleans()):
            at = draw(st.floats(start + 3, end - 3))
            gap = draw(st.sampled_from([0.0, 0.5, 2.0]))
            part(left, top, at if across else right, bottom if across else at, depth - 1)
            part(at + gap if across else left, top if across else at + gap, right, bottom, depth - 1)
        else:
            rects.append(Rect(f"slot{len(rects)}", left, top, right, bottom, draw(st.booleans())))

    part(0.0, 0.0, 60.0, 90.0, 5)
    return draw(st.permutations(rects))


def names_in(found: Found) -> list[str]:
    return [found] if isinstance(found, str) else [name for node in found.nodes for name in names_in(node)]


def cuts_in(found: Found) -> Iterator[Cut]:
    if isinstance(found, Cut):
        yield found
        for node in found.nodes:
            yield from cuts_in(node)


@given(cut_apart(), st.booleans())
def test_what_was_cut_apart_is_found_as_it_stands(rects: list[Rect], grids: bool) -> None:
    found, by_name = cut(rects, grids=grids), {rect.name: rect for rect in rects}
    assert sorted(names_in(found)) == sorted(by_name)
    for one in cuts_in(found):
        assert len(one.gaps_mm) == len(one.nodes) - 1
        for (before, after), gap in zip(pairwise(one.nodes), one.gaps_mm, strict=True):
            befores, afters = ([by_name[name] for name in names_in(node)] for node in (before, after))
            end = max(rect.right if one.across else rect.bottom for rect in befores)
            start = min(rect.left if one.across else rect.top for rect in afters)
            assert start - end >= -1e-6 and gap == pytest.approx(max(0.0, start - end))


@given(st.floats(0.5, 20), st.floats(0.5, 20))
def test_a_pinwheel_has_neither_rows_nor_columns(wide: float, high: float) -> None:
    rects = [
        Rect("a", 0, 0, 20 + wide, 20),
        Rect("b", 20 + wide, 0, 40 + wide, 20 + high),
        Rect("c", 20, 20 + high, 40 + wide, 40 + high),
        Rect("d", 0, 20, 20, 40 + high),
    ]
    with pytest.raises(EntangledError) as refused:
        cut([Rect("above", 0, -10, 60, -5), *rects])
    assert sorted(refused.value.names) == ["a", "b", "c", "d"]


def test_paper_that_runs_through_by_chance_tears_no_columns_apart() -> None:
    facts = [Rect("name", 0, 0, 35, 10), Rect("facts", 0, 10.5, 35, 40)]
    code = [Rect("size", 38, 0, 58, 10), Rect("qr", 38, 10.5, 58, 40)]
    assert cut(facts + code) == Cut(
        (Cut(("name", "facts"), (0.5,)), Cut(("size", "qr"), (0.5,))), (3,), across=True
    )  # and not a grid: the columns are of 35 and of 20 mm


def test_captions_over_their_values_are_a_grid_of_equal_columns() -> None:
    rects = [
        Rect(f"{what}_{number}", 12 * number, top, 12 * number + 11, top + 3, caption=what == "caption")
        for number in range(3)
        for what, top in (("caption", 0), ("value", 3.3))
    ]
    rows = [
        Cut(tuple(f"{what}_{n}" for n in range(3)), (1, 1), across=True, equal=True) for what in ("caption", "value")
    ]
    found = cut([*rects, Rect("below", 0, 20, 60, 30)])
    assert isinstance(found, Cut) and found.nodes[0] == Cut(tuple(rows), (pytest.approx(0.3),))
    columns = [Cut((f"caption_{n}", f"value_{n}"), (pytest.approx(0.3),)) for n in range(3)]
    assert cut(rects, grids=False) == Cut(tuple(columns), (1, 1), across=True)


def test_captions_beside_their_values_stay_beside_them() -> None:
    rects = [
        Rect(f"{what}_{number}", left, 3.2 * number, left + width, 3.2 * number + 3, caption=what == "caption")
        for number in range(3)
        for what, left, width in (("caption", 0, 10), ("value", 12, 40))
    ]
    found = cut(rects)
    assert isinstance(found, Cut) and not found.across
    assert [names_in(row) for row in found.nodes] == [[f"caption_{n}", f"value_{n}"] for n in range(3)]
