"""Lets people import styles, lots and GTINs for a firm: a preview first, which writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool
from central_registry.goods.lot_import import Placed, Taken, preview, sums, take_in
from central_registry.goods.lot_limit import Override
from central_registry.goods.plan import State, Step
from central_registry.goods.reach import require_works_for
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.problems import ProblemError, RefusedError
from label_protocol.errors import InputError


@contextmanager
def as_problem() -> Iterator[None]:
    """What an import refuses, as the answer to a person. Raises ProblemError (409 for what is known, 422 for what is
    wrong in a file)."""
    try:
        yield
    except RefusedError as cause:
        raise ProblemError("refused", str(cause).replace("--replace", "“replace”")) from cause
    except InputError as cause:
        raise ProblemError("unprocessable", str(cause)) from cause


async def preview_goods(
    pool: Pool, actor: Actor, records: Sequence[Placed], firm: str, *, replace: bool = False
) -> dict[str, Any]:
    """What an import would do: `{rows: [{where, what, number, state, told}], counts: {state: n}}`.

    Raises:
        ProblemError: 403; 404 for a firm that is not theirs.
    """

    async def work(connection: Connection) -> list[Step]:
        await require_works_for(connection, actor, firm)
        return await preview(connection, records, Taken(firm, replace=replace))

    with as_problem():
        steps = await looking(pool, actor, work, Act.IMPORT_GOODS)
    return previewed(steps)


def previewed(steps: Sequence[Step]) -> dict[str, Any]:
    """Steps as a preview shows them."""
    counts = {state.value: sum(step.state is state for step in steps) for state in State}
    return {"rows": [step.row for step in steps], "counts": {name: n for name, n in counts.items() if n}}


async def import_goods(
    pool: Pool, actor: Actor, records: Sequence[Placed], firm: str, at: datetime, *, replace: bool = False,
    source: str = "api", override: Override | None = None,
) -> dict[str, int]:  # fmt: skip
    """Take in `records` for `firm`, all or nothing: `{styles, lots, changed, other_sizes}`.

    Raises:
        ProblemError: 403; 404 for a firm that is not theirs; 409 for what is known otherwise, and not `replace`, or is
            another firm's; nothing was changed then.
    """

    async def work(connection: Connection) -> tuple[dict[str, int], Entry]:
        await require_works_for(connection, actor, firm)
        steps = await take_in(connection, records, Taken(firm, source, actor.person, at, replace, override))
        found = sums(steps)
        told = ", ".join(f"{name} {count}" for name, count in found.items())
        return found, Entry("import_goods", f"{found['lots']} lots", told + (", replace" if replace else ""), firm)

    with as_problem():
        act = Act.IMPORT_GOODS if override is None else Act.OVERRIDE_QUANTITY
        return await acting(pool, actor, act, work, at)
