"""What an agent hands in of what it was fed is bounded: nobody fills the registry with objects of their own making."""

from __future__ import annotations

import pytest

from central_registry.agents import bodies
from label_protocol.chain import address, canonical
from label_protocol.digests import pack_bodies
from tests.kits.issuing_kit import Site, a_site
from tests.kits.registry_kit import Edge


async def _hands_in(site: Site, edge: Edge, *names: str) -> tuple[int, str]:
    found = [{"kind": "lot", "lot_no": name} for name in names]
    data = pack_bodies({address(one): canonical(one) for one in found})
    head = {"Authorization": f"Bearer {edge.secret}", "Content-Encoding": "gzip"}
    answer = await site.registry.http.post(f"/v1/agents/{edge.agent}/bodies", data=data, headers=head)
    return answer.status, answer.headers.get("Retry-After", "")


@pytest.mark.parametrize(("bound", "most"), [("BODIES_A_DAY", 3), ("BYTES_A_DAY", 100)])
async def test_more_than_any_site_has_is_refused_and_one_alarm(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    monkeypatch.setattr(bodies, bound, most)
    async with a_site(fenced=True) as site:
        _, edge = await site.ready()
        count = "SELECT count(*) FROM fed_body"
        before = await site.registry.pool.fetchval(count)
        assert (await _hands_in(site, edge, "1", "2", "3"))[0] == 200
        assert (await _hands_in(site, edge, "1", "2", "3"))[0] == 200, "what is here costs nothing"
        for _ in range(2):
            assert await _hands_in(site, edge, "4", "5") == (503, "3600")
        assert await site.registry.pool.fetchval(count) == before + 3
        assert await site.registry.alarms() == ["many_bodies"]
        site.clock.on(days=1)
        assert (await _hands_in(site, edge, "4", "5"))[0] == 200
