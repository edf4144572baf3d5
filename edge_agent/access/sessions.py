"""Who is logged in, in memory: a restart ends every session, and a badge is scanned in a second.

The browser holds a random id, this holds its hash; an id that this did not make is nobody's, so none can be fixed from
outside. A session belongs to the address it was opened from: cookies go to every port of a host, and what another
program there catches is of no use to it elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

from edge_agent.access import codes
from edge_agent.access.codes import Entropy
from edge_agent.access.roles import Action
from edge_agent.model.actor import Known

MOST = 500
"""So many people at once; beyond that whoever was idle longest has to scan again."""

ALLOWED_S = 60.0
"""How long a lead's word on the spot waits for the act it was given for."""


@dataclass(slots=True)
class Session:
    """One person at one address. `allowed`: the act that a lead has just allowed, the lead, until when (seconds)."""

    person: str
    badge: str
    known: Known
    address: str
    seen_s: float
    allowed: tuple[Action, str, float] | None = None


class Sessions:
    """Of one agent. Used by one event loop."""

    def __init__(self, idle_end_s: float, now_s: Callable[[], float], entropy: Entropy = os.urandom) -> None:
        self._idle_end_s, self._now_s, self._entropy = idle_end_s, now_s, entropy
        self._open: dict[str, Session] = {}

    def begin(self, person: str, badge: str, known: Known, address: str) -> str:
        """A new session; returns what the browser is given. `badge`: the hash of the badge that opened it."""
        secret = codes.new_secret(self._entropy)
        if len(self._open) >= MOST:
            del self._open[min(self._open, key=lambda one: self._open[one].seen_s)]
        self._open[codes.digest(secret)] = Session(person, badge, known, address, self._now_s())
        return secret

    def find(self, secret: str, address: str, *, acts: bool) -> Session | None:
        """The session behind a cookie from this address; None: there is none, or it has ended. Only who `acts` keeps it
        from ending: a page that looks every few seconds does not."""
        key = codes.digest(secret)
        found = self._open.get(key)
        if found is None or found.address != address:
            return None
        if self._now_s() - found.seen_s > self._idle_end_s:
            del self._open[key]
            return None
        if acts:
            found.seen_s = self._now_s()
        return found

    def allow(self, session: Session, action: Action, lead: str) -> None:
        """A lead lets this person do it once, soon."""
        session.allowed = action, lead, self._now_s() + ALLOWED_S

    def take_allowed(self, session: Session, action: Action) -> str:
        """The lead who allowed this act, used up by being asked for; empty: nobody did, or it is too long ago."""
        if session.allowed is None or session.allowed[0] is not action:
            return ""
        _, lead, until_s = session.allowed
        session.allowed = None
        return lead if self._now_s() <= until_s else ""

    def end(self, secret: str) -> None:
        """Log out; a session that is none ends quietly."""
        self._open.pop(codes.digest(secret), None)
