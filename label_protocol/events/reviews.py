"""The event of a review: what of a site's own its labels may be made with. Pure."""

from __future__ import annotations

from typing import Literal

from label_protocol.events.event import Acted
from label_protocol.kinds import EventType


class Reviewed(Acted):
    """A person approved, or rejected with a `reason`, a file of the site by the SHA-256 of its bytes; `kind` is a
    `ReviewKind`, `verdict` a `ReviewVerdict`. A file that was approved and is rejected then is approved no more."""

    type: Literal[EventType.REVIEWED]
    kind: str
    name: str
    sha256: str
    verdict: str
    reason: str
    operator: str
