"""Who is at this desk: log in by badge, log out, a lead on the spot, and who works here."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge_agent.access import codes
from edge_agent.access.asking import Asking, Who
from edge_agent.access.entrance import Entrance
from edge_agent.access.people import People
from edge_agent.access.roles import ROLES, Action, may
from edge_agent.access.store import Person
from edge_agent.errors import LogInError
from edge_agent.messages import access as words
from edge_agent.messages.text import Words
from edge_agent.model.actor import Known
from edge_agent.render.badge_card import badge_card
from edge_agent.service.parts import AgentParts


@dataclass(frozen=True, slots=True)
class Desk:
    """Who is logged in where a request came from. `asked`: whether people are asked at all; `may`: what this person
    may do without a lead, everything where nobody is asked."""

    asked: bool
    person: Person | None
    known_by: Known | None
    may: tuple[Action, ...]
    idle_end_s: float


class PeopleService:
    """Answers for the people of this site."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts

    @property
    def _people(self) -> People:
        return self._parts.people

    async def desk(self, asking: Asking) -> Desk:
        """Who is logged in there; looking keeps no session alive. Raises CatalogError."""
        idle_end_s = self._people.terms.idle_end_s
        if not await self._people.asked():
            return Desk(False, None, None, tuple(Action), idle_end_s)
        found = await self._people.session(asking, acts=False)
        if found is None:
            return Desk(True, None, None, (), idle_end_s)
        session, person = found
        return Desk(True, person, session.known, tuple(one for one in Action if may(person.role, one)), idle_end_s)

    async def asked(self) -> bool:
        """Whether people have to show who they are. Raises CatalogError."""
        return await self._people.asked()

    async def operators(self) -> Sequence[tuple[str, str]]:
        """Code and name of those whom the catalogue names, where people only state who they are. Raises
        CatalogError."""
        return () if await self._people.asked() else await asyncio.to_thread(self._people.operators)

    async def log_in(self, asking: Asking, badge: str, pin: str | None) -> str:
        """The secret of a new session; whoever was logged in there is not any more. Raises as `Entrance.log_in`."""
        secret = await self._entrance().log_in(badge, pin, asking.address)
        self.log_out(asking)
        return secret

    def log_out(self, asking: Asking) -> None:
        """Ends the session there, if there is one."""
        if asking.session:
            self._people.sessions.end(asking.session)

    async def allow(self, asking: Asking, badge: str, pin: str | None, action: Action) -> Person:
        """A lead lets whoever is logged in there do `action` once; returns the lead.

        Raises:
            LogInError: nobody is logged in there; and as `Entrance.allow`.
            PinNeededError, LockedError, RoleError: as `Entrance.allow`.
        """
        found = await self._people.session(asking, acts=True)
        if found is None:
            raise LogInError(words.log_in("lead"))
        return await self._entrance().allow(found[0], badge, pin, action)

    async def everybody(self, who: Who) -> Sequence[Person]:
        """Who works here or did, for the names behind ids. Raises AccessError: who may not; CatalogError."""
        await self._people.allow(who, Action.SEE_PEOPLE, "people")
        store = self._people.store
        return await asyncio.to_thread(store.people) if store else ()

    async def names(self, asking: Asking) -> Mapping[str, str] | None:
        """Id → name of everybody, for somebody who is logged in there, and of nobody else; None: nobody is asked here,
        and what events hold are names themselves. Raises CatalogError."""
        if not await self._people.asked():
            return None
        if self._people.store is None or await self._people.session(asking, acts=False) is None:
            return {}
        return {one.id: one.name for one in await asyncio.to_thread(self._people.store.people)}

    async def print_badge(self, who: Who, person: str, printer_id: str) -> Words:
        """Print a new badge on a printer; from then on the old one lets nobody in. Its code leaves the agent on that
        label alone. Returns how far it could be proven.

        Raises:
            AccessError: who may not. NotFoundError: no such person or printer.
            RefusedError, ConflictError, RenderError: nothing was printed, and the old badge stands.
        """
        await self._people.allow(who, Action.BADGE, "badge")
        store = self._people.store
        if store is None:
            raise LogInError(words.no_badge())
        whose, code = await asyncio.to_thread(store.person, person), codes.new_badge(os.urandom)
        role = f"{ROLES[whose.role].zh} {whose.role.value}"
        said = await self._parts.printers.card(printer_id, lambda dpi: badge_card(code, whose.name, role, dpi))
        await asyncio.to_thread(store.new_badge, whose.id, codes.digest(code))
        return said

    async def require_shown(self, asking: Asking, what: str) -> None:
        """Before the body of an act is read: whoever shows nothing at all is nobody, where people are asked. Raises
        LogInError, CatalogError."""
        if not asking.session and not asking.token and await self._people.asked():
            raise LogInError(words.log_in(what))

    async def warnings(self) -> Sequence[tuple[str, Words]]:
        """What has to be told of the people of this site, by kind. Raises CatalogError."""
        there = await asyncio.to_thread(self._people.store.people) if self._people.store else ()
        locked = [one for one in there if self._entrance().locked_for(one)]
        return (("person_locked", words.SOMEBODY_LOCKED),) if locked else ()

    def _entrance(self) -> Entrance:
        if self._people.entrance is None:
            raise LogInError(words.no_badge())
        return self._people.entrance
