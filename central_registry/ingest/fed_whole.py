"""Puts the bodies back into what agents tell of their feeds, before anything is judged by them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from central_registry.agents import bodies
from central_registry.db import Connection
from central_registry.ingest.interpret import Fed, Plan
from central_registry.problems import ProblemError
from label_protocol.digests import digest_of


async def fill_in(connection: Connection, agent: str, found: Plan, lacks: Collection[str] = ()) -> None:
    """Make the feeds of a plan whole. What is not known here is asked for, unless the agent `lacks` it, and the batch
    is told again behind it: a verdict must be the same whether a feed was told whole or by its hashes.

    Raises:
        ProblemError: 409 `bodies-wanted` with `wanted`, the hashes, and nothing of the batch is taken in.
    """
    named = {name for fed in found.fed for item in fed.items if (name := digest_of(item))}
    if not named:
        return
    known = await bodies.held(connection, named)
    if wanted := sorted(named - known.keys() - set(lacks)):
        detail = f"agent {agent}: {len(wanted)} bodies of its feeds are not known here"
        raise ProblemError("bodies-wanted", detail, wanted=wanted[: bodies.WANTED_MOST])
    found.steps = [
        replace(step, items=bodies.whole(step.items, known)) if isinstance(step, Fed) else step for step in found.steps
    ]
