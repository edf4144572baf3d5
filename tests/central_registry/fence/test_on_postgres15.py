"""The registry behind its fence on PostgreSQL 15: its migrations, roles, policies, COPY, sums and look-ups. All that
is asked of the embedded one is asked of 15 by `make postgres15`."""

from __future__ import annotations

from pathlib import Path

import pytest

from central_registry.oversight.reconcile import reconcile
from tests.kits.platform_story import a_story, garment_of
from tests.kits.postgres15_kit import postgres15


@pytest.mark.costly
async def test_a_lot_from_import_to_phone(tmp_path: Path) -> None:
    async with postgres15() as dsn, a_story(tmp_path, dsn) as story:
        assert str(await story.pool.fetchval("SHOW server_version")).startswith("15.")
        firm, other = await story.firm(), await story.firm("示例别厂")
        record = await story.graded(firm, garment_of("L1", quantity=40))
        async with story.line(firm) as line:
            order = await story.codes(firm, "line-1", 40)
            await line.tell()
            serials = await line.printed(record, 40)
            await line.commission(serials[0], record)
            await line.tell()
            seen = await story.scan(serials[-1], record)
            assert (seen.status, seen.facts) == ("registered", "confirmed"), seen.text
            assert await story.sums(story.officer) == [(40, 40, 39, 0)]
            assert await story.sums(other.clerk) == []
            assert (await story.said(other.clerk, "GET", f"orders/{order['code_order']}"))[0] == 404
            books = await reconcile(story.pool, recount=True)
            assert [(row["drawn"], row["commissioned"], row["balanced"]) for row in books["rows"]] == [(40, 1, True)]
            stopped = {"firm": firm.party, "lot_no": "L1", "reason": "抽检"}
            assert (await story.said(other.clerk, "POST", "suspensions", stopped))[0] == 403
            await story.ask(story.officer, "POST", "suspensions", stopped)
            await line.tell()
            assert "抽检" in await story.reads(story.officer, "stops")
