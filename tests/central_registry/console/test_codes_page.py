"""Find one code, decide what was told after a revocation, tell two machines apart: as people do it on the console."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape

import pytest

from central_registry.agents import enrolment
from tests.central_registry.consumer.test_scan_page import GTIN
from tests.central_registry.ingest.test_verdicts import new
from tests.kits.desk_kit import Office, an_office
from tests.kits.platform_kit import token_of
from tests.kits.registry_kit import AT, Edge


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


@pytest.fixture
async def edge(office: Office) -> Edge:
    """The firm's agent, with two labels of a lot without certificate."""
    found = (await office.registry.enrolled()).begin()
    await office.registry.allot(found.agent, 100)
    await office.pool.execute("UPDATE agent SET owner = $1, association = $2", office.firm, office.association)
    await office.pool.execute("UPDATE quota_key SET firm = $1", office.firm)
    return found


async def shown(office: Office, who: str, path: str, form: dict[str, str] | None = None) -> str:
    """What that person reads there, after they posted the form if there is one."""
    head = {"Cookie": f"registry_session={await token_of(office.pool, office.people[who])}"}
    address = f"/console/{path}"
    if form is None:
        answer = await office.registry.http.get(address, headers=head)
    else:
        page = await (await office.registry.http.get(address, headers=head)).text()
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))
        action = unescape(re.findall(r'<form[^>]*action="(/console/(?:told|clones)/[^"]+)"', page)[0])
        origin = {**head, "Origin": office.registry.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        answer = await office.registry.http.post(action, data={**hidden, **form}, headers=origin)
    return unescape(re.sub(r"<[^>]*>", "", await answer.text()))


async def test_an_agents_own_times_keep_nobody_from_its_codes(office: Office, edge: Edge) -> None:
    """A false agent would be found by nobody if what it tells could end the page."""
    serials = edge.serials(1)
    edge.printed(serials)
    for at in ("0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00", "soon", "2026-11-20T09:00:00"):
        edge.tell("label_scanned", serial=serials[0], text="x", step="commission", at=at)
    await new(edge)
    assert "已登记" in await shown(office, "officer", f"codes?code={serials[0]}")


async def test_a_code_is_found_with_its_whole_life(office: Office, edge: Edge) -> None:
    serials = edge.serials(2)
    edge.printed(serials)
    edge.tell("label_scanned", serial=serials[0], text="x", step="commission", operator="班长甲")
    await new(edge)
    await office.registry.page(f"/01/{GTIN}/21/{serials[0]}")
    link = f"://x/01/{GTIN}/10/L1/21/{serials[0]}"
    for who, asked in (("clerk", serials[0].lower()), ("officer", f"https{link}"), ("officer", f"HTTP{link}")):
        text = await shown(office, who, f"codes?code={asked}")
        for words in (
            "已贴在衣服上",
            "已登记",
            "企业自行声明",
            "打印已确认",
            "在工厂扫过",
            "班长甲",
            "示例服饰有限公司",
        ):
            assert words in text, words
        assert "示例羽" in text and "AAAA" in text, "the facts on its label"
    assert "没有找到这枚码" in await shown(office, "tester", f"codes?code={edge.serial()}")
    assert "不是序列号" in await shown(office, "clerk", "codes?code=hello")


async def test_an_approver_decides_on_the_page(office: Office, edge: Edge) -> None:
    serials = edge.serials(3)
    await enrolment.lose_agent(office.pool, edge.agent, AT)
    window = edge.printed(serials)
    await new(edge)
    assert window in await shown(office, "clerk", "told")
    form = {"window": window, "decision": "admit", "reason": "核对了生产单"}
    await shown(office, "approver", f"told/{edge.agent}", form)
    assert (await office.registry.facts(f"/01/{GTIN}/21/{serials[0]}"))["status"] == "registered"
    assert "没有待裁定的标签" in await shown(office, "approver", "told")
    assert "核对了生产单" in await shown(office, "approver", "told?state=admitted")
    life = await shown(office, "officer", f"codes?code={serials[0]}")
    assert "核对了生产单" in life and "审批乙" in life


async def test_the_firms_it_tells_two_machines_apart(office: Office, edge: Edge) -> None:
    edge.printed(edge.serials(1))
    await edge.send()
    clone = edge.copy()
    clone.fingerprint = "machine-2"
    clone.begin(edge, "recovered")
    await clone.refused()
    text = await shown(office, "it", "clones")
    assert "machine-1" in text and "machine-2" in text and "p1" in text
    text = await shown(office, "it", "clones", {"goes_on": "newcomer", "reason": "换了电脑"})
    assert "一次性口令" in text
    assert "没有两台同名的打印端" in await shown(office, "it", "clones")
