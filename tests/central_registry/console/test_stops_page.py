"""Goods are stopped on the console: counts first, one person stops, another confirms or undoes, two let go on."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from html import unescape
from typing import Any

import pytest
import pytest_asyncio

from central_registry.console.pages.audit import in_names
from central_registry.console.pieces.table import Listing
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.central_registry.console.test_orders_and_fleet import ask
from tests.kits.issuing_kit import Site, a_site
from tests.kits.platform_kit import add_party, add_person

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with a_site() as found:
        yield found


async def read(site: Site, actor: Actor, path: str) -> str:
    """What they read there, as one line."""
    _, page = await ask(site, actor, path)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


async def test_goods_are_stopped_and_go_on_with_their_counts_said_first(site: Site) -> None:
    house, edge = await site.ready()
    await site.given(house, 1200)
    key = await site.registry.pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1", house.firm)
    serials = edge.serials(7)
    edge.begin().printed(serials, quota_key=key)
    await edge.send()
    here = f"/console/stops/{house.firm}/lot/L1"
    for path in (f"/console/lots/{house.firm}/L1", f"/console/codes?code={serials[0]}"):
        assert f'href="{here}"' in (await ask(site, site.officer, path))[1], "one press away"
    found = {"firm": house.firm, "lot_no": " L1", "style_no": ""}
    assert await ask(site, site.officer, "/console/stops/find", **found) == (303, here)
    status, page = await ask(site, site.officer, "/console/stops/find", **{**found, "lot_no": "L9"})
    assert (status, "没有此企业的批次" in page) == (422, True)
    for words in ("已打印 printed 7", "1 个打印端立即停打余下 1,193 枚", "7 枚标签扫码显示“已召回”"):
        assert words in await read(site, site.officer, here)
    assert (await ask(site, site.officer, f"{here}/suspend", reason="抽检不合格")) == (303, here)
    assert "已经停打；等协会另一人确认或撤销（还剩 3 天）" in await read(site, site.officer, here)
    assert "已经停打；等协会另一人确认或撤销 还剩 3 天" in await read(site, site.officer, "/console/stops")
    decision = await site.registry.pool.fetchval("SELECT decision FROM decision WHERE act = 'suspend'")
    where = f"/console/decisions/{decision}"
    assert (await ask(site, site.officer, f"{where}/agree", reason="是"))[0] == 422, "never who asked"
    assert f'href="{here}"' in (await ask(site, site.approver, where))[1]
    assert await ask(site, site.approver, f"{where}/agree", reason="属实") == (303, "/console/decisions")
    assert await ask(site, site.officer, f"{here}/lift", reason="复检合格") == (303, here)
    assert "已暂停" in await read(site, site.officer, here), "until another agrees"
    lifting = await site.registry.pool.fetchval("SELECT decision FROM decision WHERE act = 'lift_suspension'")
    await ask(site, site.approver, f"/console/decisions/{lifting}/agree", reason="同意")
    assert "没有停" in await read(site, site.officer, here)
    assert "没有暂停或召回的货品" in await read(site, site.officer, "/console/stops")


async def test_a_recall_is_for_good_once_another_confirms(site: Site) -> None:
    firm = next(iter(site.houses.values())).firm
    here = f"/console/stops/{firm}/lot/L1"
    await ask(site, site.officer, f"{here}/recall", reason="含绒量不合格")
    for reader in (site.officer, next(iter(site.houses.values())).clerk):
        said = await read(site, reader, here)
        assert "已暂停" in said
        assert "已经停打，还没有召回；等协会另一人确认或撤销（还剩 3 天）" in said, "who waits for whom"
    decision = await site.registry.pool.fetchval("SELECT decision FROM decision WHERE act = 'recall'")
    await ask(site, site.approver, f"/console/decisions/{decision}/agree", reason="属实")
    page = await read(site, site.officer, here)
    assert "已召回" in page
    assert "申请恢复" not in page


async def test_a_firm_sees_what_is_stopped_of_its_own_and_stops_nothing(site: Site) -> None:
    house = next(iter(site.houses.values()))
    other = await add_party(site.registry.pool, PartyKind.FIRM, "示例乙", of=site.association)
    stranger = await add_person(site.registry.pool, other, Role.OFFICER)
    here = f"/console/stops/{house.firm}/lot/L1"
    assert "已召回" in await read(site, house.clerk, "/console/stops")
    assert (await ask(site, house.clerk, f"{here}/suspend", reason="x"))[0] == 403
    assert (await ask(site, stranger, here))[0] == 404
    assert "没有暂停或召回的货品" in await read(site, stranger, "/console/stops")


async def test_an_inspector_chooses_firms_by_name_and_reads_no_persons_code(site: Site) -> None:
    """They stop the goods of any member of their association; of who works at one they read that it is its staff."""
    house = next(iter(site.houses.values()))
    party = await add_party(site.registry.pool, PartyKind.INSPECTOR, "示例监管所丙", of=site.association)
    inspector = await add_person(site.registry.pool, party, Role.INSPECTOR)
    offered = (await ask(site, inspector, "/console/stops"))[1]
    assert f'<option value="{house.firm}"' in offered
    agent = await read(site, inspector, "/console/agents/line-1")
    assert house.firm not in agent, "it is named there, too"
    assert "批次 L1 示例甲" in agent, "two firms may have one lot number"
    row = {"party": site.association, "name": "", "person": "p1", "party_name": "示例协会"}
    shown = {asker: dict(_cells(in_names({}, asker)))["name"](row).value for asker in (inspector, site.officer)}
    assert shown == {inspector: "其工作人员 its staff", site.officer: "p1"}


def _cells(listing: Listing) -> Iterator[tuple[str, Any]]:
    return ((column.key, column.cell) for column in listing.columns)


async def test_an_inspectors_first_page_asks_for_a_code_and_says_what_is_stopped(site: Site) -> None:
    house = next(iter(site.houses.values()))
    party = await add_party(site.registry.pool, PartyKind.INSPECTOR, "示例监管所丁", of=site.association)
    inspector = await add_person(site.registry.pool, party, Role.INSPECTOR)
    page = (await ask(site, inspector, "/console/"))[1]
    assert 'action="/console/codes"' in page, "goods in hand come first"
    assert 'href="/console/stops?kind=recall"' in page
    assert f'href="/console/stops/{house.firm}/lot/L1"' in page, "one press away"
    assert "含绒量不合格" in page
    assert 'action="/console/codes"' not in (await ask(site, site.officer, "/console/"))[1]
