"""The page Pack on a real ledger: a scan fills the carton whose page is open and closes nothing; closing says its
numbers; what was a slip is taken out at once."""

from __future__ import annotations

import html
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.access.people import People, PeopleTerms
from edge_agent.access.roles import Role
from edge_agent.model.cartons import Carton, CartonState
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import PackingTerms
from edge_agent.web.api import build_web
from edge_agent.web.console.pages.pack import GARMENTS, carton_at
from edge_agent.web.console.pages.scans import serial_in
from label_protocol.codes.sscc import SsccBlock
from label_protocol.states import SerialState
from tests.edge_agent.service.test_cartons import LARGE, SMALL, printed, worn
from tests.edge_agent.web.console.test_console import post
from tests.kits.people_kit import NAMES, Site, Watch
from tests.kits.service_kit import a_service

PATH = "/console/pack"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with a_service(tmp_path) as found:
        found.parts.packing = PackingTerms("示例服饰", SsccBlock("6901234"))
        yield found


@pytest.fixture
async def client(service: AgentService) -> Any:
    async with TestClient(TestServer(build_web(service))) as found:
        found.session.cookie_jar.update_cookies({"console_operator": "A01"}, found.make_url("/"))
        yield found


async def shown(client: Any, path: str) -> str:
    async with client.get(path) as answer:
        text = await answer.text()
        assert answer.status == 200, text
        return html.unescape(text)


async def opened(client: Any) -> str:
    """The address of a new carton's page, by the button that opens one."""
    key = re.search(r'name="key" value="([^"]+)"', await shown(client, PATH))
    assert key
    to, _ = await post(client, f"{PATH}/open", key=key[1], back=PATH)
    again, _ = await post(client, f"{PATH}/open", key=key[1], back=PATH)
    assert to.partition("?")[0] == again.partition("?")[0], "a second tap opens no second one"
    return to.partition("?")[0]


async def scan(client: Any, text: str, back: str) -> tuple[str, str]:
    to, page = await post(client, "/console/scan", text=text, back=back)
    return to, html.unescape(page)


async def the(service: AgentService) -> Carton:
    return (await service.cartons.recent(1))[0]


async def test_a_scan_on_its_page_goes_into_the_carton_and_is_told_with_the_count(
    service: AgentService, client: Any
) -> None:
    links, at = [*await worn(service, 2, SMALL), *await worn(service, 1, LARGE)], await opened(client)
    for count, link in enumerate(links, 1):
        to, page = await scan(client, link, at)
        assert to.startswith(at) and f"<strong>第 {count} 件</strong>" in page
    _, page = await scan(client, links[0], f"{at}?page=1")
    assert "<strong>3 件，已在箱里</strong>" in page and "scan-told attention" in page
    page = await shown(client, at)
    assert "<strong>3</strong>" in page and "175/92A" in page
    assert re.search(r'href="/console/pack" data-key="[^"]+" aria-current="true"', page), "where one is"
    assert (await the(service)).state is CartonState.OPEN, "no scan closes it"


async def test_what_may_not_go_in_is_told_in_red_and_stays_out(service: AgentService, client: Any) -> None:
    (link,), at = await worn(service, 1, SMALL), await opened(client)
    for text in ("6901234567892", "nothing of ours", link[:-1]):
        _, page = await scan(client, text, at)
        assert "scan-told stop" in page and "<strong>没有登记</strong>" in page
    assert (await the(service)).packed == 0


async def test_with_on_a_garment_ticked_one_scan_says_both(service: AgentService, client: Any) -> None:
    (link,), at = await printed(service, 1, SMALL), await opened(client)
    _, page = await scan(client, link, at)
    assert "scan-told stop" in page and "还没有记为挂到衣服上" in page
    _, page = await post(client, "/console/scan", text=link, back=at, on_garment="1")
    assert "<strong>第 1 件</strong>" in page


async def test_a_closed_carton_puts_no_label_on_a_garment_either(service: AgentService, client: Any) -> None:
    """That is for good, and it is said that nothing was changed."""
    (link,), at = await printed(service, 1, SMALL), await opened(client)
    (other,) = await worn(service, 1, SMALL)
    await scan(client, other, at)
    await service.cartons.close(at.rpartition("/")[2], 1, "A01")
    _, page = await post(client, "/console/scan", text=link, back=at, on_garment="1")
    assert "已关，没有改动" in page
    assert (await service.labels.find(serial_in(link))).state == SerialState.PRINTED


async def test_a_scan_elsewhere_packs_nothing_and_a_cartons_label_opens_its_page(
    service: AgentService, client: Any
) -> None:
    link, other = await worn(service, 2, SMALL)
    at = await opened(client)
    await scan(client, other, "/console/now")
    assert (await the(service)).packed == 0
    await scan(client, link, at)
    closed = await service.cartons.close(at.rpartition("/")[2], 1, "A01")
    to, page = await scan(client, f"]C100{closed.sscc}", "/console/now")
    assert to.startswith(at) and "已关箱" in page
    _, page = await scan(client, other, at)
    assert "scan-told stop" in page and "已关，没有改动" in page


async def test_a_slip_is_taken_out_at_once(service: AgentService, client: Any) -> None:
    (link,), at = await worn(service, 1, SMALL), await opened(client)
    await scan(client, link, at)
    _, page = await post(client, f"{at}/take-out", serial=link.rpartition("/")[2], back=at)
    assert "已拿出，箱里 0 件；要放回就再扫一次" in page and "/close" not in page, "an empty carton is not closed"


async def test_closing_asks_with_its_numbers_and_enter_goes_back(service: AgentService, client: Any) -> None:
    links, at = [*await worn(service, 2, SMALL), *await worn(service, 1, LARGE)], await opened(client)
    for link in links[:2]:
        await scan(client, link, at)
    page = await shown(client, f"{at}/close")
    assert "2 件：YR-1 黑色 170/88A × 2。关了以后要改，得写原因重开" in page
    assert page.index('value="back"') < page.index('value="yes"')
    await post(client, f"{at}/close", count="2", answer="back", back=at)
    assert (await the(service)).state is CartonState.OPEN
    await scan(client, links[2], at)
    _, page = await post(client, f"{at}/close", count="2", answer="yes", back=at)
    assert "里是 3 件，不是 2 件，没有关箱" in html.unescape(page), "somebody packed while it was asked"
    for count in ("", "x", "-3", "９"):
        await post(client, f"{at}/close", count=count, answer="yes", back=at)
    assert (await the(service)).state is CartonState.OPEN
    _, page = await post(client, f"{at}/close", count="3", answer="yes", back=at)
    assert (await the(service)).sscc in page and "打箱标：" in page


async def test_opening_it_again_wants_a_reason(service: AgentService, client: Any) -> None:
    (link,), at = await worn(service, 1, SMALL), await opened(client)
    await scan(client, link, at)
    await post(client, f"{at}/close", count="1", answer="yes", back=at)
    assert 'name="reason"' in await shown(client, f"{at}/reopen")
    await post(client, f"{at}/reopen", answer="yes", reason="", back=at)
    assert (await the(service)).state is CartonState.CLOSED
    await post(client, f"{at}/reopen", answer="yes", reason="少装一件", back=at)
    assert (await the(service)).state is CartonState.OPEN


async def test_from_a_closed_carton_the_next_is_one_press_away_and_once(service: AgentService, client: Any) -> None:
    (link,), at = await worn(service, 1, SMALL), await opened(client)
    assert "开下一箱" not in await shown(client, at)
    await scan(client, link, at)
    await post(client, f"{at}/close", count="1", answer="yes", back=at)
    page = await shown(client, at)
    key = re.search(r'action="/console/pack/open".+?name="key" value="([^"]+)"', page)
    assert "开下一箱" in page and key
    for _ in range(2):
        to, _ = await post(client, f"{PATH}/open", key=key[1], back=at)
        assert not to.startswith(at)
    assert len(await service.cartons.recent(9)) == 2


async def test_its_label_is_ordered_once_for_a_form(service: AgentService, client: Any) -> None:
    (link,), at = await worn(service, 1, SMALL), await opened(client)
    await scan(client, link, at)
    await post(client, f"{at}/close", count="1", answer="yes", back=at)
    for _ in range(2):
        _, page = await post(client, f"{at}/label", key="form-1", printer="p1", back=at)
        assert "箱标已送去打印" in page
    assert (await the(service)).printings == 1
    assert "再打一份箱标：" in await shown(client, at)


async def test_a_carton_without_a_number_for_the_world_says_so(service: AgentService, client: Any) -> None:
    service.parts.packing = replace(service.parts.packing, block=None)
    (link,), at = await worn(service, 1, SMALL), await opened(client)
    await scan(client, link, at)
    _, page = await post(client, f"{at}/close", count="1", answer="yes", back=at)
    assert "没有厂商识别代码，这箱只有内部箱号" in page and "打箱标" not in page


async def test_a_full_carton_is_cut_into_pages(service: AgentService, client: Any) -> None:
    links, at = await worn(service, GARMENTS + 1, SMALL), await opened(client)
    for link in links:
        await service.cartons.pack(at.rpartition("/")[2], "A01", text=link)
    first, second = await shown(client, at), await shown(client, f"{at}?page=2")
    newest, oldest = links[-1].rpartition("/")[2], links[0].rpartition("/")[2]
    assert newest in first and oldest not in first and oldest in second and "1 / 2" in first


@pytest.mark.parametrize(
    ("address", "carton"),
    [
        (f"{PATH}/C0F3A92C1", "C0F3A92C1"),
        (f"{PATH}/C0F3A92C1?page=2&said=x", "C0F3A92C1"),
        (f"{PATH}/C0F3A92C1/close", "C0F3A92C1"),
        (PATH, ""),
        (f"{PATH}?page=2", ""),
        ("/console/now", ""),
        (f"/x{PATH}/C0F3A92C1", ""),
        (f"{PATH}/../now", ""),
    ],
)
def test_the_carton_of_a_page(address: str, carton: str) -> None:
    assert carton_at(address) == carton


async def test_who_packed_is_told_by_name_and_to_nobody_who_is_not_here(
    service: AgentService, client: Any, tmp_path: Path
) -> None:
    (link,), watch = await worn(service, 1, SMALL), Watch()
    people = People(service.parts.catalog, PeopleTerms(path=tmp_path / "people.db"), now_s=watch)
    assert people.store is not None
    service.parts.people = people
    site = Site(service, people.store, watch)
    site.hire()
    await scan(client, site.badges[Role.OPERATOR], PATH)
    at = await opened(client)
    _, page = await scan(client, link, at)
    recorded, name = site.people[Role.OPERATOR].id, NAMES[Role.OPERATOR]
    assert (await the(service)).operator == recorded
    assert f" · {name}</small>" in page
    assert f"<small>{name} · " in await shown(client, PATH)
    client.session.cookie_jar.clear()
    for path in (PATH, at):
        page = await shown(client, path)
        assert recorded not in page and name not in page
