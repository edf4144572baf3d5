"""A hold is lifted on the file of a stopped agent: by whoever states a name where nobody is named, else by a lead."""

from __future__ import annotations

import aiohttp

from edge_agent.access.decide import Identity, decide
from edge_agent.access.people import People, require_named
from edge_agent.access.roles import HOLDS, Action
from edge_agent.catalog import Catalog
from edge_agent.cli.common import badge_and_pin, wait_for
from edge_agent.config import AgentConfig
from edge_agent.identity.credentials import Credentials
from edge_agent.ledger import Ledger
from edge_agent.ledger.holds import HISTORY
from edge_agent.messages import refusal
from edge_agent.model import names
from edge_agent.model.actor import Actor
from edge_agent.wiring import people_terms
from label_protocol.errors import ConflictError, LedgerDamagedError

ASKED_S = 5.0
"""How long the registry has to say that it is there; a lead waits for it once in a long while."""


def release_here(settings: AgentConfig, ledger: Ledger, kind: str, operator: str, reason: str, *, log_in: bool) -> None:
    """Lifts a hold of the stopped agent's ledger: nobody goes on from a history that does not hold together.

    Raises:
        RecordError, InputError, AccessError: who may not.
        ConflictError: the registry answers and would know better, or the hold is not a person's to lift.
        LedgerDamagedError: the ledger does not hold together.
        NotFoundError: no such hold.
    """
    people = People(Catalog.open(settings.data.catalog_path), people_terms(settings))
    asked = wait_for(people.asked())
    actor = wait_for(_lead(people, kind, log_in=log_in)) if asked else Actor(_stated(people, kind, operator))
    if asked and kind in HISTORY and wait_for(_registry_answers(settings)):
        raise ConflictError(refusal.registry_answers(kind))
    if findings := ledger.verify().findings:
        raise LedgerDamagedError(refusal.does_not_hold(findings[0]))
    with ledger.acting(actor):
        ledger.release_hold(kind, by="lead" if asked else "command", operator=actor.operator, reason=reason)


def _stated(people: People, kind: str, operator: str) -> str:
    named = names.person(operator, f"hold {kind}: operator")
    return require_named(named, people.codes(), f"hold {kind}", required=True)


async def _lead(people: People, kind: str, *, log_in: bool) -> Actor:
    action = HOLDS.get(kind, Action.LIFT_HISTORY)
    if not log_in or people.entrance is None:
        return await people.actor("", action, f"hold {kind}")  # says who is asked for
    person, known = await people.entrance.known(*badge_and_pin())
    return decide(Identity(person.id, known, person.role), action, f"hold {kind}")


async def _registry_answers(settings: AgentConfig) -> bool:
    credentials = Credentials.load(settings.registry.credentials_path)
    if credentials is None:
        return False
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASKED_S)) as session,
            session.get(credentials.registry.rstrip("/") + "/healthz") as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, OSError, TimeoutError):
        return False
