"""What may be told, as frozen values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from edge_agent.config.alerts import Event
from edge_agent.messages.text import Words


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that stands now. `event` and `key` name it; its words may change while it stands."""

    event: Event | Literal["test"]
    key: str
    words: Words

    @property
    def name(self) -> tuple[str, str]:
        """The same cause is told once, whatever its words."""
        return self.event, self.key


@dataclass(frozen=True, slots=True)
class Notice:
    """What is to be told of a cause: it `stands`, is `over`, or has `passed` while nothing could be told; or a person
    tries whether a message arrives (`test`)."""

    state: str
    cause: Cause
    since: datetime
