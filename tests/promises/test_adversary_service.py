"""Attacks on what people and programs may order: each test is one that once went through."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from edge_agent.errors import IdempotencyError, TemplateError
from edge_agent.ledger import Ledger
from edge_agent.render.templates.template import load_template
from edge_agent.service.agent_service import AgentService
from edge_agent.web import streams
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.errors import CodeError, ConflictError, RecordError
from tests.kits.ledger_kit import GTIN, an_order
from tests.kits.service_kit import a_service

HOST = "id.example.cn"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with a_service(tmp_path) as found:
        yield found


async def doubted(service: AgentService, labels: int = 3) -> Any:
    job = await service.parts.ledger.do(Ledger.open_job, an_order(labels))
    window = await service.parts.ledger.do(Ledger.begin_window, job.job_id)
    await service.parts.ledger.do(Ledger.doubt_window, window.window_id, "silence")
    return window


@pytest.mark.parametrize(("gtin", "lot_no"), [(GTIN, "L2"), (GTIN, None), ("06901234567915", GTIN)])
async def test_a_strip_is_not_settled_by_a_code_of_other_facts(
    service: AgentService, gtin: str, lot_no: str | None
) -> None:
    """The serial is of the window, the GTIN or lot beside it is another: no scan of this label."""
    window = await doubted(service)
    text = DigitalLink(gtin, window.serials[1], lot_no).uri(HOST, upper=True)
    with pytest.raises(CodeError, match="expected GTIN"):
        await service.labels.settle_window(window.window_id, text, "A01")
    assert {(await service.labels.find(serial)).state for serial in window.serials} == {"in_doubt"}


async def test_a_refused_replacement_scraps_nothing(service: AgentService) -> None:
    """The key belongs to another order: the label must not be gone and its replacement never come."""
    window = await doubted(service)
    await service.labels.replace(window.serials[0], "A01", "torn", "key-1")
    with pytest.raises(IdempotencyError):
        await service.labels.replace(window.serials[1], "A01", "torn", "key-1")
    assert (await service.labels.find(window.serials[1])).state == "in_doubt"


async def test_an_invalid_label_is_replaced_without_being_scrapped(service: AgentService) -> None:
    window = await doubted(service)
    await service.labels.settle_window(window.window_id, None, "A01")
    job = await service.labels.replace(window.serials[0], "A01", "lost", "key-2")
    assert (job.quantity, job.replaces) == (1, (window.serials[0],))


@pytest.mark.parametrize(
    "template",
    [
        "//host/share/t.toml",
        "/\\host/share/t.toml",
        "\\\\host\\share\\t.toml",
        "t.toml",
        "../t.toml",
        "/etc/passwd",
        "/dev/zero",
    ],
)
async def test_an_order_opens_no_file_of_its_choice(service: AgentService, template: str) -> None:
    body = {"template": template, "printer": "p1", "quantity": 1, "record": {}, "operator": "A01"}
    with pytest.raises(RecordError, match="job, template"):
        await service.jobs.submit(body, "key-3")


def test_a_template_is_a_file_that_ends(tmp_path: Path) -> None:
    huge = tmp_path / "huge.toml"
    with huge.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TemplateError, match="is this a template"):
        load_template(str(huge))
    with pytest.raises(TemplateError, match="readable file"):
        load_template(str(tmp_path))
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.toml")
        with pytest.raises(TemplateError, match="readable file"):
            load_template(str(tmp_path / "pipe.toml"))


@pytest.mark.parametrize("suffix", ["-journal", "-shm", ".lock.new", ".new"])
async def test_a_backup_takes_no_name_that_the_ledger_uses(service: AgentService, tmp_path: Path, suffix: str) -> None:
    target = tmp_path / "data" / f"ledger.db{suffix}"
    with pytest.raises(ConflictError, match="ledger's own"):
        await service.parts.ledger.do(Ledger.backup, target)
    assert not target.exists()


async def test_a_reader_that_leaves_at_a_heartbeat_ends_what_it_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """The write of a comment fails while the next change is still awaited: both generators end, the inner one first."""
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.01)
    ended: list[str] = []

    async def prepare(_self: Any, _request: Any) -> None:
        return

    async def torn(_self: Any, data: bytes) -> None:
        if data.startswith(b":"):
            raise ConnectionResetError("the client is gone")

    async def changes() -> AsyncGenerator[tuple[str, Any]]:
        try:
            yield "change", 1
            await asyncio.Event().wait()
        finally:
            ended.append("changes")

    monkeypatch.setattr(web.StreamResponse, "prepare", prepare)
    monkeypatch.setattr(web.StreamResponse, "write", torn)
    app = web.Application()
    app[streams.STOPPING], app[streams.OPEN] = asyncio.Event(), set()
    async with asyncio.timeout(30), contextlib.aclosing(changes()) as found:
        await streams.stream(make_mocked_request("GET", "/", app=app), found)
    assert ended == ["changes"]
