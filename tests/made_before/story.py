"""What happened at the factory that `make.py` recorded: a week with the registry, and an evening without a network."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from aiohttp import web

from central_registry.agents.enrolment import add_agent
from central_registry.goods.lot_import import import_lots
from central_registry.goods.records import read_records
from central_registry.issuing.allotments import allot
from central_registry.oversight.notices import recall
from edge_agent.config import load_config
from edge_agent.sync.http_client import HttpRegistry
from edge_agent.wiring import open_ledger
from label_protocol.http_limits import LimitedRunner
from tests.kits.cli_kit import run
from tests.kits.registry_kit import AT, Registry, running
from tests.made_before import told, wire_kit
from tests.made_before.kit import HERE, HOST, NAME, OPERATOR, PLACES, REGISTRY, Asking, printers, running_agent

SITE = f"""[site]
name = "{NAME}"
[data]
ledger_path = "ledger/ledger.db"
witness_path = "witness/witness"
catalog_path = "catalogue/catalogue.json"
artwork_path = "artwork"
[web]
port = 0
[registry]
url = "{REGISTRY}"
interval_s = 1.0
credentials_path = "credentials.json"
[link]
host = "{HOST}"
"""
OPERATORS = "工号,姓名\n12,示例一\n34,示例二\n"
RECORDS = json.loads((HERE / "records.json").read_text("utf-8"))
DOWN, KNIT = RECORDS["down_graded"], RECORDS["knit_blend"]
GRADE, CARD, TALL, WASH = "down_grade_60x40", "composition_card_60x40", "down_grade_40x90", "wash_care_30"


async def play(home: Path, dsn: str) -> tuple[list[dict[str, Any]], dict[str, int], str]:
    """Everything that happens; gives what went over the wire, where the printers' counters stood at the end, and a
    token nobody spent."""
    start = dict.fromkeys(PLACES, 1000)
    async with printers(start) as machines:
        config = write_config(home, {name: f"127.0.0.1:{one.port}" for name, one in machines.items()})
        async with registry(dsn) as (central, exchanges):
            await prepare(central, config, home)
            async with running_agent(config) as asking:
                await first_week(asking, machines)
                await recall(central.pool, f"lot:{KNIT['lot']['lot_no']}", "示例召回：面料成份复检不合格")
                await asking.post("/sync/now")
                await until_told(asking)
            token = await ask_the_rest(config, central)
        await without_network(home, config, machines)
        return exchanges, {name: one.odometer for name, one in machines.items()}, token


@contextlib.asynccontextmanager
async def registry(dsn: str) -> AsyncIterator[tuple[Registry, list[dict[str, Any]]]]:
    """The registry behind a proxy at the recorded address that writes down what goes through it."""
    async with running(dsn=dsn) as central:
        exchanges: list[dict[str, Any]] = []
        runner = LimitedRunner(wire_kit.proxy(central.url, exchanges), shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 8700).start()
        try:
            yield central, exchanges
        finally:
            await runner.cleanup()


def write_config(home: Path, places: dict[str, str]) -> Path:
    rows = [("line-1", ""), ("tall", ""), ("satin", 'sensor = "continuous"\ngap_mm = 0.0\n')]
    text = SITE
    for name, more in rows:
        text += f'[[printers]]\nid = "{name}"\nname = "{name}"\nurl = "tcp://{places[name]}"\n'
        text += f'profile = "virtual-zpl"\n{more}'
    (home / "agent.toml").write_text(text, "utf-8")
    return home / "agent.toml"


async def command(*words: object) -> None:
    """A command of the agent; it must do what it is told."""
    done = await asyncio.to_thread(run, *words)
    assert done.code == 0, done


async def prepare(central: Registry, config: Path, home: Path) -> None:
    """Two lots, three agents at the registry; this one enrolled, its catalogue filled."""
    await import_lots(central.pool, read_records(json.dumps([DOWN, KNIT]).encode()))
    token = await add_agent(central.pool, NAME, AT)
    (home / "token.txt").write_text(token, "ascii")
    await allot(central.pool, NAME, f"lot:{DOWN['lot']['lot_no']}", 200)
    await allot(central.pool, NAME, f"lot:{KNIT['lot']['lot_no']}", 50)
    await command("enrol", "--registry", REGISTRY, "--token-file", home / "token.txt", "--config", config)
    for name, text in (("goods.json", json.dumps([DOWN, KNIT])), ("people.csv", OPERATORS)):
        (home / name).write_text(text, "utf-8")
        await command("catalog", "import", home / name, "--config", config)
        (home / name).unlink()
    (home / "token.txt").unlink()


async def first_week(asking: Asking, machines: dict[str, Any]) -> None:
    """With the registry: labels of every state, copies, a replacement, alarms, jobs that ended in every way."""
    await until_fed(asking)
    down = {"template": GRADE, "printer": "line-1", "record": DOWN}
    done = await asking.print("made-1", quantity=6, **down)
    await asking.print("made-2", quantity=3, template=CARD, printer="line-1", record=KNIT)
    await asking.print("made-3", quantity=2, template=TALL, printer="tall", record=DOWN)
    await copies(asking)
    one, two, three, four, *_ = await labels(asking, done["job_id"])
    await asking.post("/scan", text=link(one), operator=OPERATOR, on_garment=True)
    await asking.post(f"/labels/{two['serial']}/scrap", operator="34", reason="印歪")
    await asking.post(f"/labels/{three['serial']}/scrap", operator=OPERATOR, reason="碳带皱")
    again = await asking.post(f"/labels/{four['serial']}/replace", "made-4", operator="34", reason="撕破")
    await asking.until(f"/jobs/{again['job_id']}", state="done")
    await doubt_and_settle(asking, machines["line-1"], down)
    await cancel_one(asking, machines["line-1"], down)


async def copies(asking: Asking) -> None:
    """An order of wash labels that is printed."""
    order = {"template": WASH, "printer": "satin", "record": DOWN, "count": 3, "operator": OPERATOR}
    given = await asking.post("/copies", "made-c1", unchecked=True, **order)
    await asking.until(f"/copies/{given['copies_id']}", state="printed")


async def doubt_and_settle(asking: Asking, machine: Any, down: dict[str, Any]) -> None:
    """The ribbon ends under the third label: a strip is settled by its last good one, a void label is scanned twice."""
    machine.fault(f"ribbon-out@{machine.printed + 3}")
    job = await asking.print("made-5", "paused", quantity=5, **down)
    machine.fix()
    strip = (await asking.get("/api/v1/doubts"))["doubts"][0]
    first, good, *_, bad = strip["labels"]
    await asking.post("/scan", text=link(first), operator=OPERATOR)
    settled = {"text": link(good), "operator": OPERATOR, "rest": "invalid"}
    await asking.post(f"/windows/{strip['window_id']}/settle", **settled)
    for label in (bad, strip["labels"][3]):
        with contextlib.suppress(AssertionError):  # refused, and an alarm all the same
            await asking.post("/scan", text=link(label), operator=OPERATOR)
    alarm, _ = (await asking.get("/api/v1/alarms"))["alarms"]
    await asking.post(f"/alarms/{alarm['alarm']}/close", operator="34", reason="已找到并销毁")
    await asking.post(f"/jobs/{job['job_id']}/resume", operator=OPERATOR)
    await asking.until(f"/jobs/{job['job_id']}", state="done")


async def cancel_one(asking: Asking, machine: Any, down: dict[str, Any]) -> None:
    """A job that waits for a stopped printer and is cancelled there."""
    machine.fault("pause")
    job = await asking.post("/jobs", "made-6", operator=OPERATOR, quantity=40, **down)
    await asking.until(f"/jobs/{job['job_id']}", state="waiting")
    await asking.post(f"/jobs/{job['job_id']}/cancel", operator="34")
    machine.fix()


async def without_network(home: Path, config: Path, machines: dict[str, Any]) -> None:
    """The witness is lost and the hold lifted by IT; then labels that the registry has not heard of."""
    (home / "witness" / "witness").unlink()
    async with running_agent(config) as asking:
        assert (await asking.get("/api/v1/holds"))["holds"][0]["kind"] == "witness_missing"
    words = ("--operator", OPERATOR, "--reason", "见证文件误删，账本已核对")
    await command("hold", "release", "witness_missing", *words, "--config", config)
    down = {"template": GRADE, "printer": "line-1", "record": DOWN}
    async with running_agent(config) as asking:
        done = await asking.print("made-7", quantity=3, **down)
        one, two, _ = await labels(asking, done["job_id"])
        await asking.post("/scan", text=link(one), operator=OPERATOR, on_garment=True)
        await asking.post(f"/labels/{two['serial']}/scrap", operator=OPERATOR, reason="油污")
        machines["line-1"].fault(f"head-open@{machines['line-1'].printed + 2}")
        doubted = await asking.print("made-8", "paused", quantity=4, **down)
        machines["line-1"].fix()
    killed_in_a_window(config, doubted["job_id"], machines["line-1"].odometer)


def killed_in_a_window(config: Path, before: str, counter: int) -> None:
    """As a kill leaves it: the blanks after the open head accounted for, the next window noted, and no verdict."""
    ledger = open_ledger(load_config(config))
    with contextlib.closing(ledger):
        known = ledger.printer_counter("line-1")
        assert known is not None and known < counter
        ledger.note_paper_fed("line-1", known, counter)
        job = ledger.open_job(told.order_like(ledger, before, "made-9"))
        ledger.begin_window(job.job_id, printer="line-1", limit=2, counter=counter)


async def ask_the_rest(config: Path, central: Registry) -> str:
    """What the agent asks seldom, the second claimant of a serial, and scans; gives the token of an agent to come."""
    credentials = json.loads(config.with_name("credentials.json").read_text("utf-8"))
    client = HttpRegistry(REGISTRY, credentials["agent"], credentials["secret"])
    for name in (None, (await client.history(None, 0)).lineage[-1]):
        await client.history(name, 20 if name else 0)
    await client.distribution(None)
    await client.close()
    token = await wire_kit.spend_a_token(central, REGISTRY)
    serials = sorted(await central.states())
    stranger = await central.enrolled("stranger", "machine-9")
    await central.allot("stranger", 5, "lot:L1")
    stranger.begin()
    stranger.printed([serials[0], stranger.serial()])
    await stranger.send()
    for path in (await wire_kit.paths(central.pool))[:4]:
        await central.page(path)
    return token


async def until_fed(asking: Asking) -> None:
    async with asyncio.timeout(20):
        while len((await asking.get("/api/v1/ledger/balance"))["rows"]) < 3:
            await asyncio.sleep(0.05)


async def until_told(asking: Asking) -> None:
    """Until nothing is pending, the recall has come down, and the event about it is told too."""
    async with asyncio.timeout(20):
        while True:
            stopped = json.dumps(await asking.get("/api/v1/catalogue"), ensure_ascii=False)
            view = await asking.get("/api/v1/sync")
            if "示例召回" in stopped and view["pending"] == 0 and view["state"] == "online":
                return
            await asyncio.sleep(0.1)


async def labels(asking: Asking, job_id: str) -> list[dict[str, Any]]:
    """Those of a job, by serial."""
    found = (await asking.get("/api/v1/labels?limit=1000"))["labels"]
    return [one for one in found if one["job_id"] == job_id]


def link(label: dict[str, Any]) -> str:
    """What a scanner reads off it."""
    return f"https://{HOST.upper()}/01/{label['gtin']}/10/{label['lot_no']}/21/{label['serial']}"
