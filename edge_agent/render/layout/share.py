"""This file divides room among those that want it: each has a least, a wish and a most.

Dots are given one by one, each to whoever stands furthest behind (as seats to parties, by the method of Webster),
so that one dot more of room takes nothing from anybody. Shares that are rounded afterwards were rejected: there a
larger room can make a part smaller.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

UNBOUNDED = 1_000_000
"""A most that no label has; dots."""


@dataclass(frozen=True, slots=True)
class Want:
    """How many dots a part must have, would like to have, and can use. A part of twice the `weight` is given way to:
    short of its wish it has twice as much of it, beyond its wish it grows twice as fast; 0: it never grows."""

    least: int
    wish: int
    most: int
    weight: float = 1.0


class NoRoomError(Exception):
    """Even the least of all parts together is more than there is; `short_dots` are missing. `name` is whose, the one
    that takes most beyond what it could do with; `wide`: in width, of `room_dots`, else in height. None are missing
    where a part is wide enough for each of its words, and not for its lines."""

    def __init__(self, short_dots: int, name: str = "", *, wide: bool = False, room_dots: int = 0) -> None:
        super().__init__(short_dots, name, wide, room_dots)
        self.short_dots, self.name, self.wide, self.room_dots = short_dots, name, wide, room_dots


def share(room_dots: int, wants: Sequence[Want]) -> list[int]:
    """What each is given: at least its least, together no more than the room, at most its most.

    Raises:
        NoRoomError: the room is less than all leasts.
    """
    given = [want.least for want in wants]
    if (spare := room_dots - sum(given)) < 0:
        raise NoRoomError(-spare)
    if spare >= (wished := sum(want.wish - want.least for want in wants)):
        given, spare = [want.wish for want in wants], spare - wished
    else:
        return _grown(given, spare, [(want.wish, (want.wish - want.least) * (want.weight or 1)) for want in wants])
    return _grown(given, spare, [(want.most if want.weight else want.wish, want.weight) for want in wants])


def _grown(given: list[int], spare: int, goals: Sequence[tuple[int, float]]) -> list[int]:
    """`given` after so many dots more, each part growing at its own pace as far as its end."""
    start = list(given)
    waiting = [(0.5 / pace, place) for place, (end, pace) in enumerate(goals) if end > given[place]]
    heapq.heapify(waiting)
    while spare and waiting:
        _, place = heapq.heappop(waiting)
        given[place] += 1
        spare -= 1
        end, pace = goals[place]
        if given[place] < end:
            heapq.heappush(waiting, ((given[place] - start[place] + 0.5) / pace, place))
    return given
