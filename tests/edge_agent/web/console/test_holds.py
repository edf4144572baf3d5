"""A hold is lifted and an alarm closed by whoever says why; a reason is tapped, or written."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.messages.alarm import of_detail
from edge_agent.web.api import build_web
from tests.edge_agent.web.console.test_console import post
from tests.kits.web_double import ServiceDouble

AT = "2026-11-20T09:15:03.120Z"
HOLD = {"kind": "counter_ahead", "words": "计数超过账本 · counter ahead", "release": "page", "placed_at": AT}
ABOUT = {"before": 3, "after": 5}
ALARM = {"alarm": "a1", "kind": "possible_duplicate", "printer": "p1", "detail": ABOUT, "raised_at": AT}


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ServiceDouble:
    service = ServiceDouble(tmp_path)
    service.site.held = [HOLD]

    async def alarms() -> Any:
        return [ALARM]

    monkeypatch.setattr(service.site, "alarms", alarms)
    return service


@pytest.fixture
async def client(service: ServiceDouble) -> Any:
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


@pytest.mark.parametrize(
    ("path", "offered", "order"),
    [
        ("/console/holds/counter_ahead/release", "都对得上", ("release", "counter_ahead", "")),
        ("/console/alarms/a1/close", "已找到并销毁", ("close", "a1", "")),
    ],
)
async def test_a_reason_is_tapped_or_written(
    client: Any, service: ServiceDouble, path: str, offered: str, order: tuple[str, ...]
) -> None:
    async with client.get(path) as answer:
        assert offered in await answer.text()
    await post(client, path, answer="back", reason="看过")
    assert service.orders == []
    await post(client, path, answer="yes", reason="看过")
    await post(client, path, answer="yes", reason="看过", other="剪碎了")
    assert service.orders == [(*order, "看过"), (*order, "剪碎了")]


async def test_an_alarm_says_what_it_is_about(client: Any) -> None:
    async with client.get("/console/now") as answer:
        assert "一号线 · 计数 3 → 5 · " in await answer.text()


@pytest.mark.parametrize(
    ("detail", "zh"),
    [
        ({"before": 3, "after": 5}, "计数 3 → 5"),
        ({"before": 0, "after": 5, "labels": 4}, "计数 0 → 5，送出 4 张"),
        ({"before": None, "after": 5}, "计数 ? → 5"),
        ({"serial": "PH1", "state": "scrapped", "text": "https://…", "operator": "A01"}, "序列号 PH1"),
        ({"serial": "PH1"}, "序列号 PH1"),
        ({"events": ["a", "b"]}, "2 条：a"),
        ({"witness": {"incarnation": "i", "seq": 41, "hash": "00"}}, "第 41 条记录"),
        (
            {"last_event_at": "2026-11-20T09:15:03.120Z", "now": "2026-11-20T08:00:00.000Z"},
            "2026-11-20T09:15:03.120Z，",
        ),
        ({}, ""),
    ],
)
def test_every_kind_of_detail_has_words(detail: dict[str, Any], zh: str) -> None:
    assert zh in of_detail(detail).zh and (zh or not of_detail(detail).zh)


async def test_a_hold_has_a_button_only_where_the_page_may_lift_it(client: Any, service: ServiceDouble) -> None:
    words = {"cloned": "registry", "forked": "command", "disk_full": "none", "printer_ahead": "page", "led": "lead"}
    service.site.held = [{"kind": kind, "words": f"{kind} · x", "release": by} for kind, by in words.items()]
    async with client.get("/console/now") as answer:
        banners = (await answer.text()).split('<div class="banner ')
    shown = {kind: next(one for one in banners if f'data-key="hold-{kind}"' in one) for kind in words}
    assert {kind for kind, one in shown.items() if "/release?" in one} == {"printer_ahead", "led"}
    assert "由中心平台解除" in shown["cloned"] and "用命令解除" in shown["forked"]
