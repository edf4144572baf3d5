"""Who may act here.

A site that has named nobody takes the name that is typed, as ever (or one of the catalogue's operators, where it names
some). From the first person on, people are asked: a badge, or a program's token, and what `roles.py` lets them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge_agent.access import codes
from edge_agent.access.asking import Asking, Who, asking_of
from edge_agent.access.decide import Identity, decide
from edge_agent.access.entrance import Entrance
from edge_agent.access.roles import TABLE, Action, Role, Scope, may
from edge_agent.access.sessions import Session, Sessions
from edge_agent.access.store import PeopleStore, Person
from edge_agent.catalog import Catalog
from edge_agent.errors import LogInError, RoleError
from edge_agent.messages import access as words
from edge_agent.model import names
from edge_agent.model.actor import Actor, Known
from label_protocol.errors import RecordError

SHOWN = 8
"""Codes that a refusal names."""

LOCAL = "local"
"""The id of this computer's own commands, where they name nobody."""


@dataclass(frozen=True, slots=True)
class PeopleTerms:
    """How a site keeps its people. `path`: their file, None for a site that can name none; `always`: people are asked
    though nobody is named yet; `operator_required`: a site that named nobody wants a name all the same."""

    path: Path | None = None
    always: bool = False
    operator_required: bool = True
    idle_end_s: float = 900.0
    pin_digits_min: int = 6


class People:
    """The people of this site, and who of them is logged in. `local`: the hash of the token of this computer's own
    commands; empty: they have none."""

    def __init__(
        self, catalog: Catalog, terms: PeopleTerms, *, local: str = "", now_s: Callable[[], float] = time.time
    ) -> None:
        self._catalog, self.terms, self._local = catalog, terms, local
        self.store = PeopleStore(terms.path) if terms.path else None
        self.sessions = Sessions(terms.idle_end_s, now_s)
        self.entrance = Entrance(self.store, self.sessions, now_s) if self.store else None
        self._seen: tuple[tuple[int, ...], tuple[tuple[str, str], ...]] = ((), ())

    async def asked(self) -> bool:
        """Whether people have to show who they are. Raises CatalogError: their file cannot be read."""
        return self.store is not None and (self.terms.always or await asyncio.to_thread(self.store.named))

    async def actor(self, who: Who, action: Action, what: str, *, recorded: bool = True) -> Actor:
        """Who is recorded as having done `action`; `what` begins a refusal. Of what is not `recorded` a name is asked
        only where somebody is named.

        Raises:
            LogInError: people are asked here, and nobody is shown to be one.
            RoleError: whoever asks may not; LeadNeededError: a lead may allow it.
            RecordError, InputError: nobody is named here, and the stated name is none, or not one of the catalogue's.
            CatalogError: the file of people, or the catalogue, cannot be read.
        """
        asking = asking_of(who)
        if not await self.asked():
            return Actor(await self._stated(asking.stated, what, recorded=recorded))
        return decide(await self._identity(asking, action, what), action, what)

    async def allow(self, who: Who, action: Action, what: str) -> None:
        """For what no event tells of: anybody may, until people are asked here. Raises as `actor`."""
        if await self.asked():
            decide(await self._identity(asking_of(who), action, what), action, what)

    async def signed(self, signer: str, known: Known, action: Action, what: str) -> Actor:
        """Whoever signed that something is done in their name from then on: as they stand now, so that the word of one
        who left, or is none of those any more who may, counts no longer.

        Raises:
            NotFoundError: nobody of this id works here; RoleError: they may not.
            RecordError, InputError, CatalogError: as `actor`, of a site that names nobody.
        """
        if not await self.asked():
            return Actor(await self._stated(signer, what, recorded=True))
        assert self.store is not None  # noqa: S101 - only a site with a store asks
        person = await asyncio.to_thread(self.store.person, signer)
        if person.id != signer:
            raise RoleError(words.not_this_role(what, TABLE[action].words, words.SIGNED_UNNAMED))
        return decide(Identity(person.id, known, person.role), action, what)

    async def session(self, asking: Asking, *, acts: bool) -> tuple[Session, Person] | None:
        """Who is logged in, if the badge that opened the session still is this person's. Raises CatalogError."""
        found = self.sessions.find(asking.session, asking.address, acts=acts) if asking.session else None
        if found is None or self.store is None:
            return None
        person = await asyncio.to_thread(self.store.by_badge, found.badge)
        if person is None or person.id != found.person:
            self.sessions.end(asking.session)
            return None
        return found, person

    async def _identity(self, asking: Asking, action: Action, what: str) -> Identity:
        if asking.token:
            return await self._program(asking, what)
        if (found := await self.session(asking, acts=True)) is None:
            raise LogInError(words.log_in(what))
        session, person = found
        return Identity(person.id, session.known, person.role, lead=await self._lead(session, person, action))

    async def _lead(self, session: Session, person: Person, action: Action) -> str:
        """A lead's word is used up only by an act that needs it; that of one who left since counts no longer."""
        lead = "" if may(person.role, action) else self.sessions.take_allowed(session, action)
        if not lead or self.store is None:
            return ""
        there = await asyncio.to_thread(self.store.people)
        return lead if any(one.id == lead and one.works_here and one.role is Role.LEAD for one in there) else ""

    async def _program(self, asking: Asking, what: str) -> Identity:
        token = codes.digest(asking.token)
        if self._local and token == self._local:
            return await self._command(asking)
        found = await asyncio.to_thread(self.store.by_token, token) if self.store else None
        if found is None:
            raise LogInError(words.unknown_token(what))
        return Identity(found[0], Known.TOKEN, scopes=found[1])

    async def _command(self, asking: Asking) -> Identity:
        """A command on this computer acts for whom it names, and for nobody who does not work here."""
        scopes = frozenset({Scope.LOCAL})
        if not asking.stated.strip() or self.store is None:
            return Identity(LOCAL, Known.TOKEN, scopes=scopes)
        person = await asyncio.to_thread(self.store.person, asking.stated.strip())
        return Identity(person.id, Known.TOKEN, person.role, scopes)

    async def _stated(self, operator: str, what: str, *, recorded: bool) -> str:
        named = names.anybody(operator, f"{what}: operator")
        known = await asyncio.to_thread(self.codes)
        return require_named(named, known, what, required=self.terms.operator_required and recorded)

    def codes(self) -> tuple[str, ...]:
        """The codes of the catalogue's operators; empty: it names nobody. Raises CatalogError."""
        return tuple(code for code, _ in self.operators())

    def operators(self) -> tuple[tuple[str, str], ...]:
        """Code and name of each operator of the catalogue. A scan must not wait for twenty thousand styles to be read,
        so the file is read again only when it is another. Raises CatalogError."""
        try:
            stamp = self._catalog.stamp()
        except OSError:
            stamp = ()  # the catalogue's own words say what is wrong with it
        if not stamp or stamp != self._seen[0]:
            self._seen = stamp, tuple((one.code, one.name) for one in self._catalog.operators.list())
        return self._seen[1]


def require_named(named: str, known: tuple[str, ...], what: str, *, required: bool) -> str:
    """`named`, if it may act. Raises RecordError."""
    if not named and (required or known):
        raise RecordError(f"{what}: expected an operator, got none; 请填写操作员工号 · enter the operator's code")
    if known and named not in known:
        codes = ", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "")
        raise RecordError(
            f"{what}: 操作员 {named} 不在资料里，请扫自己的工号牌；新来的人先导入资料 · expected an operator of the "
            f"catalogue ({codes}), got {named!r}; use your own code, or import the new operator first"
        )
    return named
