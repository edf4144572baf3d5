"""Keeps what an agent tells of the cartons it packed, for `central_registry/place` to judge."""

from __future__ import annotations

from collections.abc import Sequence

from central_registry.db import Connection, sql
from central_registry.ingest.books import Source
from central_registry.ingest.interpret import Placed


async def keep_places(connection: Connection, source: Source, places: Sequence[Placed]) -> None:
    """A row for each garment that went in or out, of labels that this agent printed. A revoked agent's, and those of a
    machine beside the line, are kept by no right: they move nothing."""
    if not places:
        return
    await sql.place_add_printed(
        connection, agent=source.agent, told_at=source.at, by_right="none" if source.lost else "holder",
        units=[_named(source.agent, one.unit) for one in places], ats=[one.at for one in places],
        kinds=[one.kind for one in places], cartons=[_named(source.agent, one.carton) for one in places],
    )  # fmt: skip


def _named(agent: str, name: str) -> str:
    """Two sites may number their cartons alike."""
    return agent + name if name.startswith("/") else name
