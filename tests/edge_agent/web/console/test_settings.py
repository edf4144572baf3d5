"""Settings: why nothing may be issued and who ends it, alarms, the registry, and what is set, read only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.config import config_from
from edge_agent.model.setting import Setting
from edge_agent.sync.pump import SyncView
from edge_agent.web.api import build_web
from edge_agent.wiring import settings_told
from tests.edge_agent.web.console.test_console import post
from tests.kits.web_double import ServiceDouble

AT = "2026-11-20T09:15:03.120Z"
COUNTER = {"kind": "counter_ahead", "words": "计数超过账本 · counter ahead", "release": "page", "placed_at": AT}
CLONED = {"kind": "cloned", "words": "同一身份 · one identity", "release": "registry", "placed_at": AT}
ALARM = {"alarm": "a1", "kind": "possible_duplicate", "printer": "p1", "detail": {}, "raised_at": AT}
VIEW = SyncView("offline", AT, 12, 340, None, "联系不上登记平台", "the registry does not answer", "refused")


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    return ServiceDouble(tmp_path)


@pytest.fixture
async def client(service: ServiceDouble) -> Any:
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


async def get(client: Any, path: str = "/console/settings", status: int = 200) -> str:
    async with client.get(path) as answer:
        assert answer.status == status, await answer.text()
        return str(await answer.text())


async def test_a_sound_agent_says_so(client: Any, service: ServiceDouble) -> None:
    text = await get(client)
    for said in ("没有停发，没有警报", "没有登记平台，只记在本机", "够用", "GiB", "只看不改"):
        assert said in text


async def test_a_hold_says_who_ends_it_and_is_lifted_here_only_where_that_is_somebodys_here(
    client: Any, service: ServiceDouble
) -> None:
    service.site.held = [COUNTER, CLONED]
    text = await get(client)
    assert "看过以后，可以在这里解除" in text and "由登记平台解除" in text
    assert "/console/settings/holds/counter_ahead" in text and "/console/settings/holds/cloned" not in text
    asked = await get(client, "/console/settings/holds/counter_ahead")
    assert "解除后马上又能发码" in asked and 'class="danger"' in asked
    await get(client, "/console/settings/holds/cloned", 404)
    fields = {"reason": "都对得上"}
    await post(client, "/console/settings/holds/counter_ahead", answer="back", **fields)
    assert service.orders == []
    _, said = await post(client, "/console/settings/holds/counter_ahead", answer="yes", **fields)
    assert service.orders == [("release", "counter_ahead", "", "都对得上")] and "已解除" in said


async def test_an_alarm_is_closed_by_whoever_says_what_was_seen(
    client: Any, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def alarms() -> Any:
        return [ALARM]

    monkeypatch.setattr(service.site, "alarms", alarms)
    assert "可能有一张标签打了两次" in await get(client)
    assert "1 个警报关闭" in await get(client, "/console/settings/alarms/a1")
    await get(client, "/console/settings/alarms/a2", 404)
    await post(client, "/console/settings/alarms/a1", answer="back", reason="查过")
    assert service.orders == []
    await post(client, "/console/settings/alarms/a1", answer="yes", reason="查过", other="找到一张，剪碎了")
    assert service.orders == [("close", "a1", "", "找到一张，剪碎了")]


@pytest.mark.parametrize(("state", "look"), [("online", "good"), ("offline", "unknown"), ("cloned", "stop")])
async def test_a_registry_that_was_not_heard_is_unknown_and_never_green(
    client: Any, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch, state: str, look: str
) -> None:
    monkeypatch.setattr(service.site, "sync_view", lambda: replace(VIEW, state=state))
    text = await get(client)
    assert f'<span class="pill {look}"' in text.split("Sync with the registry")[1]
    assert "340" in text and "立即上报" in text


async def test_what_is_set_is_told_with_its_key_and_nothing_that_names_a_folder(
    client: Any, service: ServiceDouble, tmp_path: Path
) -> None:
    table = {"site": {"name": "示例服饰"}, "data": {"ledger_path": str(tmp_path / "王芳" / "ledger.db")}}
    service.parts.settings = settings_told(config_from(table, tmp_path / "agent.toml"))
    text = await get(client)
    for row in service.parts.settings:
        assert row.key in text and row.zh in text
    assert "扫描时 on a scan" in text and "示例服饰" in text
    assert "王芳" not in text and str(tmp_path) not in text
    assert Setting("[printing] window_labels", "每批张数", "labels a window", "8") in service.parts.settings
