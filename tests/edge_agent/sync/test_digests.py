"""What is fed stands in events by its hash: agent and registry come to the same as if it stood there whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge_agent.ledger import Ledger
from label_protocol.digests import DIGESTED, digest_of, digested
from tests.edge_agent.sync.test_firms_at_a_registry import drawn
from tests.kits.issuing_kit import Site, a_site
from tests.kits.sync_kit import Station, station

JUDGED = "SELECT quota_key, facts, certificate, against FROM drawing ORDER BY sent_at, draw"
LOST = (
    "edge_words, incarnation, serial, drawing, quota_use, label_sum, entitlement, held_lot, held_certificate, fed_body"
)


async def test_a_verdict_is_the_same_and_what_either_side_lost_comes_back_from_the_other(tmp_path: Path) -> None:
    async with a_site() as site:
        house, edge = await site.ready()
        async with station(tmp_path / "a", site.registry, edge) as here:
            await here.sync()
            await site.given(house, 24)
            assert await here.sync() == "online"
            told = await fed(here)
            assert {item["kind"] for item in told if digest_of(item)} == DIGESTED
            assert {item["kind"] for item in told if not digest_of(item)} == {"allotment", "lease"}, "which are whole"
            key = next(item["quota_key"] for item in told if item["kind"] == "allotment")
            certificate = await here.ledger.do(Ledger.certificate, key)
            assert certificate is not None and certificate.version == 1 and certificate.facts["lot"]["lot_no"] == "L1"
            await drawn(here, key)
            await here.sync()
            judged = await site.registry.rows(JUDGED)
            assert [(row["facts"], row["certificate"], row["against"]) for row in judged] == [(1, 1, 0)]

            await site.registry.pool.execute(f"TRUNCATE {LOST}")
            await here.pump.turn()
            held = await site.registry.rows("SELECT version FROM held_certificate")
            assert held == [{"version": 1}], "before anything is fed again"
            assert await here.sync(6) == "online"
            assert await site.registry.rows(JUDGED) == judged, "asked for what it lost, and judged by it"
            assert await bodies(site) == 3
            assert (await here.ledger.do(Ledger.verify)).findings == ()
        async with station(tmp_path / "b", site.registry, edge) as again:
            assert await again.sync(6) == "online"
            assert await again.ledger.do(Ledger.certificate, key) == certificate, "a ledger that was lost has it again"
            assert (await again.ledger.do(Ledger.verify)).findings == ()

            await site.registry.pool.execute(f"TRUNCATE {LOST}")
            await again.ledger.do(lambda ledger: ledger._db.execute("DELETE FROM fed_body"))
            assert await again.sync(6) == "online", "what neither has keeps nothing from being told"
            assert len(await site.registry.rows(JUDGED)) == 1


async def fed(here: Station) -> list[dict[str, Any]]:
    events = [json.loads(body) for _, _, body in await here.events()]
    return [item for event in events if event["type"] == "feed_received" for item in event["items"]]


async def bodies(site: Site) -> int:
    return len(await site.registry.rows("SELECT sha256 FROM fed_body"))


def test_what_stops_and_what_entitles_is_never_a_hash() -> None:
    for kind in ("allotment", "lease", "suspension", "recall", "of_tomorrow"):
        assert digested({"kind": kind, "quota_key": "k"}) == {"kind": kind, "quota_key": "k"}
    item = digested({"kind": "style", "style_no": "S1", "record": {}})
    assert item == {"kind": "style", "key": "S1", "sha256": digest_of(item)} and len(item["sha256"]) == 64
    assert digest_of({"kind": "certificate", "quota_key": "k", "sha256": "0" * 64, "facts": {}}) == ""
    assert digest_of(7) == "" and digest_of({"kind": "lease", "key": "k", "sha256": ""}) == ""
