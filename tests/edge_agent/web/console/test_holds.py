"""A hold is lifted and an alarm closed by whoever says why; a reason is tapped, or written."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.web.api import build_web
from tests.edge_agent.web.console.test_console import post
from tests.kits.web_double import ServiceDouble

AT = "2026-11-20T09:15:03.120Z"
HOLD = {"kind": "counter_ahead", "words": "计数超过账本 · counter ahead", "release": "page", "placed_at": AT}
ALARM = {"alarm": "a1", "kind": "possible_duplicate", "printer": "p1", "detail": {}, "raised_at": AT}


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
