"""The page Approvals on a real service: the draft beside what is in use, a question with its numbers, a lead's word."""

from __future__ import annotations

import html
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.model.review import ApprovalMode, FormState
from edge_agent.service.agent_service import AgentService
from edge_agent.web.api import build_web
from label_protocol.kinds import ReviewKind
from tests.edge_agent.service.test_approvals import CHEST, RECORD, order, put, set_up
from tests.edge_agent.web.console.test_console import post
from tests.kits.service_kit import a_service

PATH = "/console/approvals"
CARD, RULES = f"{PATH}/template/card", f"{PATH}/overrides/rules"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    put(tmp_path)
    (tmp_path / "rules.toml").write_text(CHEST, "utf-8")
    async with a_service(tmp_path) as found:
        await set_up(found, tmp_path, ApprovalMode.ONE).catalogue.import_json(json.dumps(RECORD).encode())
        yield found


@pytest.fixture
async def client(service: AgentService) -> Any:
    async with TestClient(TestServer(build_web(service))) as found:
        found.session.cookie_jar.update_cookies({"console_operator": "A01"}, found.make_url("/"))
        yield found


async def shown(client: Any, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return html.unescape(text)


async def said(client: Any, asked: str, **fields: str) -> str:
    """The page after the question at `asked` was answered with yes."""
    question = await shown(client, asked)
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', question.partition("question")[2]))
    _, text = await post(client, asked.partition("?")[0], **hidden | {"answer": "yes"} | fields)
    return html.unescape(text)


async def state(service: AgentService, kind: str = ReviewKind.TEMPLATE, name: str = "card") -> FormState:
    return (await service.approvals.find(kind, name)).state


async def test_a_draft_is_looked_at_beside_what_is_in_use_and_approved(
    client: Any, service: AgentService, tmp_path: Path
) -> None:
    listed = await shown(client, PATH)
    assert "一位班长批准" in listed and listed.count("草稿，等批准") == 2 and 'href="/console/approvals"' not in listed
    page = await shown(client, CARD)
    assert "还没有在用的一版" in page and page.count("<img") == 1 and "批准这一版" in page
    async with client.get(html.unescape(re.findall(r'<img src="([^"]+)"', page)[0])) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")
    assert "已批准，新任务用这一版" in await said(client, f"{CARD}/approve")
    assert await state(service) is FormState.APPROVED
    path = put(tmp_path)
    await order(service, path, "k1")
    put(tmp_path, more="\n# next\n")
    page = await shown(client, CARD)
    assert "在用的一版" in page and page.count("<img") == 2
    question = await shown(client, f"{CARD}/approve")
    assert "没打完的 1 单照开单时的那一版打完" in question


async def test_what_is_rejected_says_why_and_the_way_back_says_nothing(client: Any, service: AgentService) -> None:
    form = await service.approvals.find(ReviewKind.TEMPLATE, "card")
    _, text = await post(client, f"{CARD}/reject", sha256=form.of.sha256, answer="back", reason="x")
    assert "没有改动" in text and await state(service) is FormState.DRAFT
    page = await said(client, f"{CARD}/reject", reason="字太小")
    assert "A01 · 字太小" in page and "没有通过" in page
    assert await state(service) is FormState.REJECTED


async def test_rows_of_the_rules_stand_beside_those_in_use(client: Any, service: AgentService, tmp_path: Path) -> None:
    page = await shown(client, RULES)
    assert "S1.chest" in page and "李工 · the buyer" in page and "有改动" in page
    assert "改动 1 行规则" in await shown(client, f"{RULES}/approve")
    await said(client, f"{RULES}/approve")
    assert "有改动" not in await shown(client, RULES)
    (tmp_path / "rules.toml").write_text(CHEST + CHEST.replace("chest", "waist"), "utf-8")
    page = await shown(client, RULES)
    assert page.count("有改动") == 1 and "没有这一行" in page


async def test_a_page_that_was_open_too_long_approves_nothing(
    client: Any, service: AgentService, tmp_path: Path
) -> None:
    seen = (await service.approvals.find(ReviewKind.TEMPLATE, "card")).of.sha256
    put(tmp_path, more="\n# changed meanwhile\n")
    _, text = await post(client, f"{CARD}/approve", sha256=seen, answer="yes", back=CARD)
    assert "在你看的时候改过" in html.unescape(text) and await state(service) is FormState.DRAFT


async def test_a_flaw_is_shown_and_cannot_be_approved(client: Any, tmp_path: Path) -> None:
    put(tmp_path, "broken").write_text("kind = 3", "utf-8")
    page = await shown(client, f"{PATH}/template/broken")
    assert "有毛病，不能用" in page and "批准这一版" not in page and "<img" not in page
    assert "没有这个文件" in await shown(client, f"{PATH}/template/nobody", 404)
