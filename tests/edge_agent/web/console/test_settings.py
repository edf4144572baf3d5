"""Settings: the registry, the disk, and what is set, read only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.config import config_from
from edge_agent.messages.sync import of_cloned
from edge_agent.model.setting import Setting
from edge_agent.sync.pump import SyncView
from edge_agent.web.api import build_web
from edge_agent.wiring import settings_told
from tests.kits.web_double import ServiceDouble

AT = "2026-11-20T09:15:03.120Z"
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
    for said in (
        "没有登记平台，只记在本机",
        "够用",
        "GiB",
        "只看不改",
        'data-sound="good"',
        "data-volume",
        "/console/scanner",
    ):
        assert said in text
    assert text.count("<h2>扫描枪") + text.count("<h2>声音和扫描枪") == 1, "one place for one thing"


@pytest.mark.parametrize(("state", "look"), [("online", "good"), ("offline", "unknown"), ("cloned", "stop")])
async def test_a_registry_that_was_not_heard_is_unknown_and_never_green(
    client: Any, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch, state: str, look: str
) -> None:
    monkeypatch.setattr(service.site, "sync_view", lambda: replace(VIEW, state=state))
    text = await get(client)
    assert f'<span class="pill {look}"' in text.split("Sync with the registry")[1]
    assert "340" in text and "立即上报" in text
    assert "上次确认" in text and 'class="not-known"' in text
    monkeypatch.setattr(service.site, "sync_view", lambda: replace(VIEW, last_ack_at=AT))
    assert 'title="2026-11-20' in await get(client)


async def test_every_page_of_either_of_two_machines_says_that_there_are_two(
    client: Any, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    for view, words in (
        (replace(VIEW, state="online", twin="ab12cd34ef"), "另一台电脑（指纹 ab12cd34）"),
        (replace(VIEW, state="cloned", words_zh=of_cloned("waits").zh), "裁定由哪台继续"),
    ):
        monkeypatch.setattr(service.site, "sync_view", lambda view=view: view)
        assert words in await get(client, "/console")
    monkeypatch.setattr(service.site, "sync_view", lambda: replace(VIEW, state="online"))
    assert "另一台电脑" not in await get(client, "/console")


async def test_what_is_set_is_told_with_its_key_and_nothing_that_names_a_folder(
    client: Any, service: ServiceDouble, tmp_path: Path
) -> None:
    table = {"site": {"name": "示例服饰"}, "data": {"ledger_path": str(tmp_path / "示例甲" / "ledger.db")}}
    service.parts.settings = settings_told(config_from(table, tmp_path / "agent.toml"))
    text = await get(client)
    for row in service.parts.settings:
        assert row.key in text and row.zh in text
    assert "扫描时 on a scan" in text and "示例服饰" in text
    assert "示例甲" not in text and str(tmp_path) not in text
    assert Setting("[printing] window_labels", "每批张数", "labels a window", "8") in service.parts.settings
