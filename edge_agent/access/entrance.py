"""How people get in: badge, PIN where one is asked, five tries, and a lead who allows one thing on the spot.

PINs are checked one after the other: a hundred tries sent together are still five, and each takes 19 MiB for a moment.
The lock is of the person and stands in the file, so that neither another desk nor a restart gives five more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from edge_agent.access import codes, pins
from edge_agent.access.roles import ROLES, TABLE, Action, Role, lead_may_allow
from edge_agent.access.sessions import Session, Sessions
from edge_agent.access.store import PeopleStore, Person
from edge_agent.errors import LockedError, LogInError, PinNeededError, RoleError
from edge_agent.messages import access as words
from edge_agent.model.actor import Known

TRIES = 5
LOCKED_S = 300

_log = structlog.get_logger("edge_agent.access")


class Entrance:
    """The one way to a session. `now_s` is Unix time: a lock outlives the process."""

    def __init__(self, store: PeopleStore, sessions: Sessions, now_s: Callable[[], float]) -> None:
        self._store, self._sessions, self._now_s = store, sessions, now_s
        self._one_at_a_time = asyncio.Lock()

    async def log_in(self, badge: str, pin: str | None, address: str) -> str:
        """The secret of a new session.

        Raises:
            LogInError: the badge is nobody's who works here, or the PIN is wrong.
            PinNeededError: this badge asks for a PIN.
            LockedError: too many wrong PINs.
        """
        person, known = await self.known(badge, pin)
        return self._sessions.begin(person.id, codes.digest(codes.read_badge(badge) or ""), known, address)

    async def allow(self, session: Session, badge: str, pin: str | None, action: Action) -> Person:
        """A lead lets the person of this session do `action` once, within a minute.

        Raises:
            RoleError: not a lead, or no lead may allow that.
            LogInError, PinNeededError, LockedError: as `log_in`.
        """
        lead, _ = await self.known(badge, pin)
        if lead.role is not Role.LEAD or not lead_may_allow(action):
            raise RoleError(words.not_this_role("lead", TABLE[action].words, ROLES[lead.role]))
        self._sessions.allow(session, action, lead.id)
        return lead

    async def known(self, badge: str, pin: str | None) -> tuple[Person, Known]:
        """Whose badge that is, and how that is known.

        Raises:
            LogInError, PinNeededError, LockedError: as `log_in`.
        """
        code = codes.read_badge(badge)
        person = await asyncio.to_thread(self._store.by_badge, codes.digest(code)) if code else None
        if person is None:
            raise LogInError(words.no_badge())
        if person.role is Role.OPERATOR and person.pin is None:
            return person, Known.BADGE
        await self._require_pin(person.id, pin)
        return person, Known.BADGE_PIN

    async def _require_pin(self, person_id: str, pin: str | None) -> None:
        async with self._one_at_a_time:
            person = await asyncio.to_thread(self._store.person, person_id)
            self.require_unlocked(person)
            if person.pin is None:
                raise LogInError(words.no_pin_yet(person.name))
            if not pin:
                raise PinNeededError(words.pin_needed())
            if await asyncio.to_thread(pins.matches, person.pin, pin[: pins.LONGEST + 1]):
                if person.wrong_pins:
                    await asyncio.to_thread(self._store.set_wrong_pins, person.id, 0)
                return
            await self._count_wrong(person)

    def require_unlocked(self, person: Person) -> None:
        """Raises LockedError: too many wrong PINs, and not long enough ago."""
        if left_s := self.locked_for(person):
            raise LockedError(words.locked(left_s), left_s)

    def locked_for(self, person: Person) -> int:
        """For how many seconds still; never longer than a lock lasts, even if the clock was put back since."""
        left_s = person.locked_until_s - self._now_s()
        return int(left_s) + 1 if 0 < left_s <= LOCKED_S else 0

    async def _count_wrong(self, person: Person) -> None:
        wrong = person.wrong_pins + 1
        if wrong < TRIES:
            await asyncio.to_thread(self._store.set_wrong_pins, person.id, wrong)
            raise LogInError(words.wrong_pin(TRIES - wrong))
        await asyncio.to_thread(self._store.set_wrong_pins, person.id, 0, self._now_s() + LOCKED_S)
        _log.warning("person_locked", person=person.id, for_s=LOCKED_S)
        raise LockedError(words.locked(LOCKED_S), LOCKED_S)
