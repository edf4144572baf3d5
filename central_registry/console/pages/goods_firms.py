"""The firms whose goods somebody may work on, as a form offers them."""

from __future__ import annotations

from central_registry.console.page import Desk
from central_registry.console.pieces.words import Words
from central_registry.lists import Ask
from central_registry.parties.actor import UNASSIGNED, PartyKind
from central_registry.parties.directory import list_parties


async def firms_of(desk: Desk) -> list[tuple[str, Words]]:
    """Their codes and names."""
    found = await list_parties(desk.pool, desk.actor, Ask(filters={"kind": PartyKind.FIRM}, rows=1_000), desk.at.date())
    return [(str(row["party"]), Words(row["name"])) for row in found.rows if row["party"] != UNASSIGNED]
