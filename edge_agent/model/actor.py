"""Who did something, as events record it, and how that is known. Pure.

Events stay for ever and are told to the registry, so they name a person of this site by a random id: the name stands
in a table that can be emptied (`edge_agent/access/store.py`). A site that has named nobody records what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Known(StrEnum):
    """How it is known who acts, weakest first. `STATED`: somebody typed a name. `TOKEN`: a program showed its token."""

    STATED = "stated"
    TOKEN = "token"  # noqa: S105 - a word, no secret
    BADGE = "badge"
    BADGE_PIN = "badge_pin"


@dataclass(frozen=True, slots=True)
class Actor:
    """`operator`: a person's id, a program's id, or the stated name (empty: a site that asks for none). `allowed_by`:
    the id of the lead who allowed it on the spot, if one had to."""

    operator: str
    known: Known = Known.STATED
    allowed_by: str = ""

    def signature(self) -> Mapping[str, str]:
        """What stands in an event beside `operator`."""
        allowed = {"allowed_by": self.allowed_by} if self.allowed_by else {}
        return {"known_by": self.known.value, **allowed}
