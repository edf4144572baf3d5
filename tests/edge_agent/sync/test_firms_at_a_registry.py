"""An agent and a real registry: codes that were approved are drawn for the firm they were given to, and what is left
goes back by the agent's own word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import FirmNeededError, QuotaError
from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Goods
from tests.kits.issuing_kit import GRADE, House, Site, a_site
from tests.kits.ledger_kit import GTIN, PROOF, an_order
from tests.kits.registry_kit import Edge, garment
from tests.kits.sync_kit import Station, station

LABELS = 24


async def drawn(here: Station, key: str, labels: int = 8) -> list[str]:
    job = await here.ledger.do(Ledger.open_job, an_order(labels, quota_key=key, snapshot=_says()))
    window = await here.ledger.do(Ledger.begin_window, job.job_id, limit=labels)
    await here.ledger.do(Ledger.prove_window, window.window_id, PROOF)
    return list(window.serials)


def _says() -> dict[str, Any]:
    record = garment("L1", "S1")
    return record | {"lot": record["lot"] | {"grade": GRADE}}


async def two_firms(site: Site) -> tuple[dict[str, House], Edge]:
    """Both have the certified lot L1 of style S1, and one agent prints for both."""
    first, edge = await site.ready("示例甲")
    second = await site.house("示例乙")
    await site.lot(second.firm)
    await site.certificate(second.firm, report_no="R-2")
    await site.registry.pool.execute("INSERT INTO agent_firm VALUES ($1, $2, now())", edge.agent, second.firm)
    return {"示例甲": first, "示例乙": second}, edge


async def test_from_the_approval_to_the_label_of_the_right_firm_and_back(tmp_path: Path) -> None:
    async with a_site() as site:
        houses, edge = await two_firms(site)
        async with station(tmp_path, site.registry, edge) as here:
            assert await here.sync() == "online"
            for house in houses.values():
                await site.given(house, LABELS)
            assert await here.sync() == "online"
            with pytest.raises(FirmNeededError) as asked:
                await here.ledger.do(Ledger.allotment_for, Goods("L1", "S1", "0" * 14))
            assert asked.value.firms == {house.firm: name for name, house in houses.items()}
            keys: dict[str, str] = {}
            for name, house in houses.items():
                told = await here.ledger.do(Ledger.allotment_for, Goods("L1", "S1", GTIN, house.firm))
                keys[name], lease = told.quota_key, await here.ledger.do(Ledger.lease, told.quota_key)
                assert lease is not None and lease.until is not None
                certificate = await here.ledger.do(Ledger.certificate, told.quota_key)
                assert certificate is not None and certificate.facts["lot"]["lot_no"] == "L1"
            assert len(set(keys.values())) == 2
            await drawn(here, keys["示例乙"])
            assert await here.sync() == "online"
            free = {name: (await here.ledger.do(Ledger.quota, key)).free for name, key in keys.items()}
            assert free == {"示例甲": LABELS, "示例乙": LABELS - 8}
            await _ends(site, here, keys["示例乙"], houses["示例乙"])
            assert await here.equals(site.registry)


async def _ends(site: Site, here: Station, key: str, house: House) -> None:
    """The firm is suspended, so its lease is not renewed; it ends, and the agent says what is left."""
    await site.registry.pool.execute(
        "INSERT INTO party_status VALUES ($1, 9, 'suspended', 'kit', '', $2, false, $3, 'kit', 'kit')",
        house.firm,
        site.clock.now.date(),
        site.clock.now,
    )
    site.clock.on(days=50)
    here.place.clock.second = site.clock.now.strftime("%Y-%m-%dT%H:%M:%S")
    await here.sync()
    with pytest.raises(QuotaError, match="领用期限"):
        await drawn(here, key)
    assert await here.sync(6) == "online"
    row = await site.registry.pool.fetchrow("SELECT * FROM lease WHERE agent = $1 AND quota_key = $2", "line-1", key)
    assert row["closed_at"] is not None
    moved = await site.registry.pool.fetchrow(
        "SELECT quantity, delta, why FROM allotment_move WHERE quota_key = $1 ORDER BY n DESC LIMIT 1", key
    )
    assert (moved["quantity"], moved["delta"], moved["why"]) == (8, 8 - LABELS, "lease_closed")
