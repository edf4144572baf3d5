"""Room shared by wants keeps to each want's bounds, loses nothing, and takes from everybody when it is short."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_agent.render.layout.share import NoRoomError, Want, share


@st.composite
def a_want(draw: st.DrawFn) -> Want:
    least, more, yet_more = (draw(st.integers(0, 60)) for _ in range(3))
    return Want(least, least + more, least + more + yet_more, draw(st.sampled_from([0.0, 0.5, 1.0, 2.0, 8.0])))


some_wants = st.lists(a_want(), min_size=1, max_size=6)


def least_of(wants: list[Want]) -> int:
    return sum(want.least for want in wants)


@given(some_wants, st.integers(0, 800))
def test_none_gets_less_than_its_least_or_more_than_its_most(wants: list[Want], spare: int) -> None:
    room = least_of(wants) + spare
    given_dots = share(room, wants)
    assert all(want.least <= dots <= want.most for want, dots in zip(wants, given_dots, strict=True))
    assert sum(given_dots) <= room


@given(some_wants, st.integers(0, 800))
def test_no_dot_is_left_while_somebody_wishes_for_it(wants: list[Want], spare: int) -> None:
    room, wished = least_of(wants) + spare, sum(want.wish for want in wants)
    assert sum(share(room, wants)) >= min(room, wished)


@given(some_wants, st.integers(0, 800))
def test_one_dot_more_of_room_takes_nothing_from_anybody(wants: list[Want], spare: int) -> None:
    room = least_of(wants) + spare
    assert all(now <= then for now, then in zip(share(room, wants), share(room + 1, wants), strict=True))


@given(some_wants, st.integers(1, 100))
def test_what_is_short_of_all_leasts_is_refused_by_how_much(wants: list[Want], short: int) -> None:
    with pytest.raises(NoRoomError) as refused:
        share(least_of(wants) - short, wants)
    assert refused.value.short_dots == short


def test_a_shortage_is_shared_and_never_all_to_one() -> None:
    assert share(60, [Want(10, 40, 40), Want(10, 40, 40)]) == [30, 30]
    assert share(100, [Want(0, 100, 100), Want(0, 50, 50)]) == [67, 33], "by what each wishes beyond its least"


def test_the_heavier_is_given_way_to() -> None:
    assert share(60, [Want(0, 60, 60, 2.0), Want(0, 60, 60, 1.0)]) == [40, 20]
    assert share(90, [Want(0, 10, 100, 3.0), Want(0, 10, 100, 1.0), Want(0, 10, 100, 0.0)]) == [55, 25, 10]
