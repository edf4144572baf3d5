"""Events of single labels: what a scanner read, and what a person decided. Pure."""

from __future__ import annotations

from typing import Literal

from label_protocol.events.event import Acted
from label_protocol.kinds import EventType


class LabelScanned(Acted):
    """A scanner read `text` off a label; `step` is `scan`, or `commission` on its garment."""

    type: Literal[EventType.LABEL_SCANNED]
    serial: str
    text: str
    operator: str
    step: str


class LabelDecided(Acted):
    """A person decided what became of a label; `step` is a `states.Step`, never `scan`."""

    type: Literal[EventType.LABEL_DECIDED]
    serial: str
    operator: str
    reason: str
    step: str


class LabelSampled(Acted):
    """A scanner read `text` off a label of the window that its job printed last, as the job asked for. The label is
    proven by scan and stays as it stands."""

    type: Literal[EventType.LABEL_SAMPLED]
    serial: str
    text: str
    operator: str
