"""Plays the whole product once: prints three labels of each sample, waits for the registry, compares every fact."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from central_registry import db
from central_registry.agents.enrolment import add_agent
from central_registry.app import build_app
from central_registry.embedded import EmbeddedPostgres
from central_registry.goods.lot_import import import_lots
from central_registry.issuing.allotments import allot
from edge_agent.app import agent
from edge_agent.config import config_from
from edge_agent.demo.facts import differences
from edge_agent.demo.stage import enrol, printer, say, settings, until_ended, until_synced, virtual
from edge_agent.ledger import Ledger
from edge_agent.model.job import Label
from edge_agent.service.agent_service import AgentService
from garment.record import GarmentRecord, parse_record
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.http_limits import LimitedRunner

EACH = 3
"""Labels per sample."""
ALLOTTED = 500
_NAME = "demo-factory"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one sample."""

    sample: str
    template: str
    proven: int
    facts: int
    wrong: tuple[str, ...]


def samples() -> dict[str, GarmentRecord]:
    """The sample records, by name."""
    folder = files("edge_agent.demo").joinpath("samples")
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    return {name[:-5]: parse_record(folder.joinpath(name).read_bytes()) for name in found}


def template_for(record: GarmentRecord) -> str:
    """A graded lot gets the grade label, everything else the composition card."""
    return "down_grade_60x40" if record.lot and record.lot.grade else "composition_card_60x40"


async def play(*, once: bool, folder: Path | None, until: Callable[[], Awaitable[None]]) -> bool:
    """Set the stage, print, compare, say how it went; without `once` stay until told. True: every fact agreed."""
    began_s = asyncio.get_running_loop().time()
    async with contextlib.AsyncExitStack() as stack:
        home = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edge-agent-demo-")))
        say("启动登记平台与虚拟打印机… starting registry and virtual printer")
        registry, token = await stack.enter_async_context(_registry())
        line = await stack.enter_async_context(printer(home / "tape"))
        satin = await stack.enter_async_context(printer(home / "satin"))
        chosen = _settings(line.port, satin.port, registry)
        config = config_from(chosen, home / "agent.toml")
        await enrol(config, _NAME, registry, token)
        service, page = await stack.enter_async_context(agent(config))
        leave_for_use(home, {**chosen, "web": {"port": URL(page).port}})
        places: dict[str, str | Path] = {"操作页面 operator page": page, "登记平台 registry": registry}
        places |= {"纸带 paper tape": home / "tape", "水洗唛缎带 satin tape": home / "satin"}
        if folder:
            places |= {"配置 configuration": home / "agent.toml", "样例资料 sample records": home / "samples"}
            places |= {"样例订单 sample order": home / "order.json"}
        say("\n".join(f"{name}  {place}" for name, place in places.items()))
        for record in samples().values():
            service.parts.catalog.import_json(record.model_dump_json(exclude_none=True).encode())
        outcomes = [await _print_sample(service, registry, name, record) for name, record in samples().items()]
        ok = await _report(service, outcomes, asyncio.get_running_loop().time() - began_s)
        if not once:
            say("按 Ctrl-C 结束 · Ctrl-C ends")
            await until()
    return ok


@contextlib.asynccontextmanager
async def _registry() -> AsyncIterator[tuple[str, str]]:
    """A registry on a real PostgreSQL that knows the samples' lots; gives its address and a one-time token."""
    async with EmbeddedPostgres() as dsn:
        pool = await db.connect(dsn)
        runner = LimitedRunner(build_app(pool), shutdown_timeout=1.0)
        try:
            token = await add_agent(pool, _NAME, db.now())
            records = [record.model_dump(mode="json", exclude_none=True) for record in samples().values()]
            await import_lots(pool, records)
            for record in samples().values():
                for one in (record, record.model_copy(update={"lot": None})):  # the small sticker has no room for a lot
                    await allot(pool, _NAME, one.quota_key, _allotted(one))
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}", token
        finally:
            await runner.cleanup()
            await pool.close()


def _allotted(record: GarmentRecord) -> int:
    """No more than was inspected of its lot."""
    inspected = record.lot.quantity if record.lot else None
    return ALLOTTED if inspected is None else min(ALLOTTED, inspected)


def _settings(printer_port: int, satin_port: int, registry: str) -> dict[str, Any]:
    satin = virtual("satin", "水洗唛缎带", satin_port) | {"sensor": "continuous", "gap_mm": 0.0}
    return settings(_NAME, registry, virtual("line-1", "一号线", printer_port), satin)


def leave_for_use(home: Path, chosen: Mapping[str, Any]) -> None:
    """The configuration, the sample records and an order of them, so that every other command can be tried."""
    home.joinpath("agent.toml").write_text(_toml(chosen), encoding="utf-8")
    home.joinpath("samples").mkdir(exist_ok=True)
    for name, record in samples().items():
        text = record.model_dump_json(indent=2, exclude_none=True)
        home.joinpath("samples", f"{name}.json").write_text(text + "\n", encoding="utf-8")
    home.joinpath("order.json").write_bytes(files("edge_agent.demo").joinpath("order.json").read_bytes())


def _toml(chosen: Mapping[str, Any]) -> str:
    """Tables and rows of plain values; JSON writes those as TOML reads them."""
    lines = []
    for name, found in chosen.items():
        for table in found if isinstance(found, list) else [found]:
            lines.append(f"[[{name}]]" if isinstance(found, list) else f"[{name}]")
            lines += [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in table.items()]
    return "\n".join(lines) + "\n"


async def _print_sample(service: AgentService, registry: str, name: str, record: GarmentRecord) -> Outcome:
    template = template_for(record)
    say(f"打印 printing {name} ({template}) ×{EACH}")
    await _until_allotted(service, record.quota_key)
    body = {
        "template": template,
        "printer": "line-1",
        "quantity": EACH,
        "operator": "demo",
        "record": json.loads(record.model_dump_json()),
    }
    job = await until_ended(service, await service.jobs.submit(body, f"demo-{name}"))
    await until_synced(service)
    labels = [one for one in await service.labels.page("printed", limit=1000) if one.job_id == job.job_id]
    facts, wrong = 0, list[str]()
    for label in labels:
        count, differing = await _compare(service, registry, label)
        facts, wrong = facts + count, wrong + [f"{label.serial}: {one}" for one in differing]
    return Outcome(name, template, len(labels), facts, tuple(wrong))


async def _until_allotted(service: AgentService, quota_key: str) -> None:
    async with asyncio.timeout(20):
        while (await service.parts.ledger.do(Ledger.quota, quota_key)).free < EACH:
            await service.parts.changes.wait(service.parts.changes.count, 0.05)


async def _compare(service: AgentService, registry: str, label: Label) -> tuple[int, list[str]]:
    """Ask the scan page what it tells of this label, and hold it against the agent's own snapshot."""
    snapshot = json.loads(await service.parts.ledger.do(Ledger.snapshot, label.snapshot_hash))
    path = DigitalLink(label.gtin, label.serial, label.lot_no).path()
    async with (
        aiohttp.ClientSession(headers={"Accept": "application/json"}) as session,
        session.get(registry + path) as answer,
    ):
        page: dict[str, Any] = await answer.json()
    facts, wrong = differences(snapshot, page)
    if page.get("snapshot") != label.snapshot_hash:
        wrong.append(f"snapshot: expected {label.snapshot_hash}, got {page.get('snapshot')}")
    return facts + 1, wrong


async def _report(service: AgentService, outcomes: list[Outcome], took_s: float) -> bool:
    ok = all(one.proven == EACH and not one.wrong for one in outcomes)
    verified = await service.parts.ledger.do(Ledger.verify)
    for one in outcomes:
        good = "✓" if one.proven == EACH and not one.wrong else "✗"
        say(f"{good} {one.sample}: {one.proven}/{EACH} 张已证实 proven on paper, 核对 {one.facts} 项 facts compared")
        for wrong in one.wrong:
            say(f"    {wrong}")
    chain = "链完整 chain sound" if verified.ok else f"链损坏 chain broken: {verified.findings[0]}"
    say(f"账本 ledger: {verified.events} 事件 events, {chain}")
    ok = ok and verified.ok
    say(f"{'全部一致 all agree' if ok else '有差异 differences found'}, {took_s:.1f} s")
    return ok
