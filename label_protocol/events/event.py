"""What every event has, so that each room of them can begin with it. Pure."""

from __future__ import annotations

from typing import TypedDict


class Event(TypedDict, total=False):
    """What each event has besides its own fields: the log adds it. `at` is UTC, `2026-11-20T09:15:03.120Z`."""

    incarnation: str
    seq: int
    at: str


class Acted(Event, total=False):
    """What an event that names an `operator` says beside it: how it is known who that is (`stated`, which all events
    without it are; `badge`, `badge_pin`, `token`), and the lead who allowed it on the spot."""

    known_by: str
    allowed_by: str
