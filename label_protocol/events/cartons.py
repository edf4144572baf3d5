"""Events of cartons: where a garment is, which changes nothing of its label's life. Pure."""

from __future__ import annotations

from typing import Literal

from label_protocol.events.event import Acted
from label_protocol.kinds import EventType


class CartonOpened(Acted):
    """Garments may be packed into a carton: a new one, or, with a `reason`, one that was closed before."""

    type: Literal[EventType.CARTON_OPENED]
    carton: str
    key: str
    operator: str
    reason: str


class Packed(Acted):
    """Serials went into an open carton, or were taken out of it; `text` is what a scanner read, empty if typed."""

    type: Literal[EventType.PACKED]
    carton: str
    put_in: list[str]
    taken_out: list[str]
    text: str
    operator: str


class CartonClosed(Acted):
    """A carton was closed with `count` garments; `sscc` is its number for the world, None where the site has none."""

    type: Literal[EventType.CARTON_CLOSED]
    carton: str
    sscc: str | None
    count: int
    operator: str
