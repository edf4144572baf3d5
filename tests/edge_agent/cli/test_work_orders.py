"""`edge-agent orders …` against a running agent's API: import, list, show, take, put back, close, rules."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from edge_agent.service.agent_service import AgentService
from edge_agent.web.api import build_web
from tests.kits.cli_kit import Said, a_site, run
from tests.kits.intake_kit import intake_service, order_row, sheet

Say = Callable[..., Awaitable[Said]]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with intake_service(tmp_path) as service:
        yield service


@pytest.fixture
async def say(service: AgentService, tmp_path: Path) -> AsyncIterator[Say]:
    async with TestServer(build_web(service)) as server:
        config = a_site(tmp_path)
        config.write_text(f"{config.read_text('utf-8')}[web]\nport = {server.port}\n", "utf-8")

        async def say(*words: object) -> Said:
            return await asyncio.to_thread(run, "orders", *words, "--config", config)

        yield say


async def test_a_day_with_work_orders_by_commands(say: Say, tmp_path: Path) -> None:
    file = tmp_path / "十二月.csv"
    file.write_text(sheet(order_row("MO-1", quantity="40"), order_row("MO-2", quantity="x")), "utf-8")
    imported = await say("import", file, "--source", "plan", "--operator", "A01")
    assert imported.code == 1 and "收了 1 行" in imported.out and "E3 数量" in imported.out
    (order,) = json.loads((await say("list", "--json")).out)
    assert order["order_no"] in (await say("list", "--find", "yr2026")).out
    taken = await say("take", order["order_id"], "--quantity", 8, "--operator", "A01")
    assert (taken.code, "8 → p1" in taken.out) == (0, True)
    again = await say("take", order["order_id"], "--part", 1, "--quantity", 8, "--operator", "A01")
    assert again.out.splitlines()[-1] == taken.out.splitlines()[-1]
    shown = (await say("show", order["order_id"])).out
    assert "第 1 次 part 1: 8 → p1, A01" in shown and "剩 32 left" in shown
    why = ("--operator", "A01", "--reason", "取消")
    assert "put it back first" in (await say("close", order["order_id"], *why)).refusal
    assert "等人打印" in (await say("put-back", order["order_id"], "--operator", "A01")).out
    assert "已关闭" in (await say("close", order["order_id"], *why)).out
    assert (await say("list")).out.strip() == "没有 · none"
    assert order["order_id"] in (await say("list", "--ended")).out
    assert "plan  计划表 (sheet), 计划科  今天 today 40/10000" in (await say("sources")).out


async def test_a_rule_is_signed_listed_and_ended_by_commands(say: Say) -> None:
    terms = ("--quantity-most", 500, "--daily-most", 5000, "--until", "2999-12-31", "--operator", "L01")
    assert "expected a day" in (await say("rule", "sign", "--source", "erp", *terms)).refusal
    assert "rule = " in (await say("rule", "sign", "--source", "plan", *terms)).refusal
    day = (datetime.now().astimezone().date() + timedelta(days=3)).isoformat()
    signed = await say("rule", "sign", "--source", "erp", *terms, "--until", day, "--style", "F1", "--json")
    rule = json.loads(signed.out.partition("\n")[2])
    listed = (await say("rule", "list")).out
    assert f"{rule['rule_id']}  erp  F1  每单 an order 500" in listed and "L01" in listed
    assert "已结束" in (await say("rule", "end", rule["rule_id"], "--operator", "L02")).out


async def test_a_file_that_is_no_sheet_is_refused_before_the_agent_is_asked(say: Say, tmp_path: Path) -> None:
    assert ".xlsx" in (await say("import", tmp_path / "a.pdf", "--source", "plan")).refusal
    assert "读不了" in (await say("import", tmp_path / "a.csv", "--source", "plan")).refusal


def test_help_says_where_sources_stand() -> None:
    """A name in brackets is an order to whoever draws the help, and is not drawn."""
    said = " ".join(run("orders", "import", "--help").out.replace("│", " ").split())
    assert "intake" in said and "[]" not in said
