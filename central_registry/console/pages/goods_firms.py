"""The firms whose goods somebody may work on or look at, as a form offers them."""

from __future__ import annotations

from central_registry.console.page import Desk
from central_registry.console.pieces.words import Words
from central_registry.parties.directory import list_firms


async def firms_of(desk: Desk) -> list[tuple[str, Words]]:
    """Their codes and names."""
    return [(party, Words(name)) for party, name in await list_firms(desk.pool, desk.actor)]
