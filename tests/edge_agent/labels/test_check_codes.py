"""Check codes from the registry's key to the consumer's phone: a real registry, a real agent, paper between them."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image, ImageChops

from central_registry.agents.enrolment import add_agent
from central_registry.distribution import check_keys
from central_registry.goods import lot_import
from edge_agent.app import agent
from edge_agent.config import AgentConfig, config_from
from edge_agent.demo.play import samples
from edge_agent.identity.check_keys import KeyRing
from edge_agent.identity.credentials import Credentials
from edge_agent.labels.check_code_key import check_codes_of, require_check_code_key
from edge_agent.ledger import Ledger
from edge_agent.model.job import Job, JobOrder, JobState, Label
from edge_agent.ops.doctor import examine
from edge_agent.render.plan import plan_label
from edge_agent.render.raster import to_image
from edge_agent.render.templates.template import load_template
from edge_agent.service.agent_service import AgentService
from edge_agent.service.previews import png
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from edge_agent.wiring import open_ledger
from label_protocol.codes.check_code import SPECIMEN, CheckKeys, check_code, grouped
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.errors import ConflictError
from label_protocol.logs import configure_logs
from tests.kits.check_code_kit import KEY, KEY_ID, KEYS, snapshot_of, with_slot
from tests.kits.check_code_kit import RECORD as SAMPLE
from tests.kits.cli_kit import HOST, a_site, run
from tests.kits.registry_kit import AT, Edge, Registry, running
from tests.kits.told_kit import told as events_told

RECORD = samples()["down_graded"]
OTHER_ID = "ffff0000"


@dataclass
class Shop:
    """A running agent with one printer."""

    service: AgentService
    page: str
    folder: Path
    template: str

    async def order(self, quantity: int = 1, key: str = "k", template: str = "") -> Job:
        body = {
            "template": template or self.template,
            "printer": "p1",
            "quantity": quantity,
            "record": json.loads(RECORD.model_dump_json(exclude_none=True)),
            "operator": "A01",
        }
        return await self.service.jobs.submit(body, key)

    async def ended(self, job: Job) -> Job:
        async with asyncio.timeout(20):
            while True:
                heard = self.service.parts.changes.count
                found = await self.service.jobs.find(job.job_id)
                if found.state in (JobState.DONE, JobState.PAUSED):
                    return found
                await self.service.parts.changes.wait(heard, 0.05)

    async def labels(self, job: Job) -> list[Label]:
        return [one for one in await self.service.labels.page("printed") if one.job_id == job.job_id]

    async def snapshot(self, job: Job) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(await self.service.parts.ledger.do(Ledger.snapshot, job.snapshot_hash))
        return found

    def paper(self, n: int) -> bytes:
        with Image.open(self.folder / "tape" / f"{n:06d}.png") as found:
            return ImageChops.invert(found).tobytes()

    async def until_keys(self) -> CheckKeys:
        async with asyncio.timeout(10):
            ring = self.service.parts.keyring
            while ring is None or ring.keys is None:
                await asyncio.sleep(0.01)
            return ring.keys


@pytest.fixture
def template(tmp_path: Path) -> str:
    (tmp_path / "check.toml").write_bytes(with_slot())
    return str(tmp_path / "check.toml")


def config_of(folder: Path, printer: VirtualPrinter, url: str = "", **tables: Any) -> AgentConfig:
    table = {
        "data": {key: f"{key}/{key}" for key in ("ledger_path", "witness_path", "catalog_path")},
        "web": {"port": 0},
        "link": {"host": HOST},
        "registry": {"credentials_path": "credentials.json", "interval_s": 1.0, **({"url": url} if url else {})},
        "printing": {"poll_interval_s": 0.005, "reply_timeout_s": 0.5, "window_labels": 4},
        "printers": [{"id": "p1", "name": "一", "url": f"tcp://127.0.0.1:{printer.port}", "profile": "zpl-203"}],
        **tables,
    }
    return config_from(table, folder / "agent.toml")


@contextlib.asynccontextmanager
async def a_printer(folder: Path) -> AsyncIterator[VirtualPrinter]:
    printer = VirtualPrinter(VirtualPrinterOptions(tape=folder / "tape", height_dots=360))
    await printer.start()
    try:
        yield printer
    finally:
        await printer.stop()


def enrolled(config: AgentConfig, issuer: str, name: str = "line-1", url: str = "http://127.0.0.1:1") -> None:
    with contextlib.closing(open_ledger(config, create=True)) as ledger:
        ledger.enrol(name, issuer, "epoch-1", url)


@contextlib.asynccontextmanager
async def shop(folder: Path, template: str, keys: CheckKeys | None, **tables: Any) -> AsyncIterator[Shop]:
    """An agent whose registry does not answer. `keys` were given it before; its issuer is 7K3."""
    async with a_printer(folder) as printer:
        config = config_of(folder, printer, **tables)
        enrolled(config, "7K3")
        Credentials("http://127.0.0.1:1", "line-1", "s3cret").save(folder / "credentials.json")
        if keys is not None:
            KeyRing(folder / "credentials.json").take(keys)
        async with agent(config) as (service, page):
            allotment = {"kind": "allotment", "quota_key": RECORD.quota_key, "quantity": 99, "spoilage_permille": 30}
            await service.parts.ledger.do(Ledger.receive_distribution, "c1", "epoch-1", [allotment])
            yield Shop(service, page, folder, template)


# --- paper --------------------------------------------------------------------------------------------------------


async def test_labels_carry_the_codes_of_their_serials_weeks_after_the_registry_was_heard(
    tmp_path: Path, template: str
) -> None:
    async with shop(tmp_path, template, KEYS) as here:
        job = await here.order(5)
        assert (await here.ended(job)).state is JobState.DONE
        snapshot, labels = await here.snapshot(job), await here.labels(job)
        assert snapshot["check_code"] == {"key_id": KEY_ID}
        plan = plan_label(load_template(template), snapshot, 203, codes=lambda serial: check_code(KEY, serial))
        expected = {plan.full(label.serial).rows for label in labels}
        assert {here.paper(n) for n in range(1, 6)} == expected
        assert len(expected) == 5


async def test_without_a_key_the_order_is_refused_and_nothing_is_drawn(tmp_path: Path, template: str) -> None:
    async with shop(tmp_path, template, None) as here:
        with pytest.raises(ConflictError, match="expected a key for its check code, got none; enrol and sync once"):
            await here.order()
        assert await here.service.jobs.recent() == ()
        plain = await here.order(1, "k2", "composition_card_60x40")
        assert "check_code" not in await here.snapshot(plain)


async def test_a_site_that_says_off_prints_an_empty_place_and_records_no_code(tmp_path: Path, template: str) -> None:
    async with shop(tmp_path, template, KEYS, labels={"check_code": "off"}) as here:
        job = await here.order(1)
        assert (await here.ended(job)).state is JobState.DONE
        snapshot, (label,) = await here.snapshot(job), await here.labels(job)
        assert "check_code" not in snapshot
        plan = plan_label(load_template(template), snapshot, 203)
        assert here.paper(1) == plan.full(label.serial).rows
        box = plan.boxes["check"]
        room = (box.left_dots, box.top_dots, box.right_dots, box.bottom_dots)
        assert to_image(plan.full(label.serial)).crop(room).getbbox() is None


async def test_a_job_whose_key_is_gone_pauses_before_a_serial_is_drawn(tmp_path: Path, template: str) -> None:
    """The credentials file was lost with its disk, and another came in its place."""
    async with shop(tmp_path, template, KEYS) as here:
        assert here.service.parts.keyring is not None
        here.service.parts.keyring.keys = CheckKeys("7K3", OTHER_ID, {OTHER_ID: bytes(32)})
        snapshot = snapshot_of(KEY_ID, load_template(template))
        job = await _opened(here, snapshot)
        ended = await here.ended(job)
        assert (ended.state, ended.drawn) == (JobState.PAUSED, 0)
        assert f"expected the key {KEY_ID}, got none on this computer" in ended.reason
        assert "本机没有防伪码密钥" in ended.reason
        here.service.parts.keyring.take(KEYS)
        await here.service.jobs.resume(job.job_id, "A01")
        assert (await here.ended(job)).state is JobState.DONE


async def test_keys_of_another_issuer_print_nothing(tmp_path: Path, template: str) -> None:
    async with shop(tmp_path, template, CheckKeys("7K4", KEY_ID, {KEY_ID: KEY})) as here:
        with pytest.raises(ConflictError, match="expected a key for its check code"):
            await here.order()
        job = await _opened(here, snapshot_of(KEY_ID, load_template(template)))
        ended = await here.ended(job)
        assert (ended.state, ended.drawn) == (JobState.PAUSED, 0)


async def _opened(here: Shop, snapshot: dict[str, Any]) -> Job:
    """A job on a snapshot as it is: from before, or of another day."""
    order = {"key": "old", "request_hash": "0" * 64, "template": here.template, "printer": "p1", "quantity": 1}
    lot = {"gtin": "06901234567892", "lot_no": RECORD.lot.lot_no if RECORD.lot else None, "quota_key": RECORD.quota_key}
    job = await here.service.parts.ledger.do(Ledger.open_job, JobOrder(**order, **lot, snapshot=snapshot))  # type: ignore[arg-type]
    here.service.parts.changes.tell()
    return job


async def test_a_replacement_has_the_key_of_its_snapshot_and_a_code_of_its_own(tmp_path: Path, template: str) -> None:
    both = CheckKeys("7K3", OTHER_ID, {KEY_ID: KEY, OTHER_ID: bytes(32)})
    async with shop(tmp_path, template, KEYS) as here:
        job = await here.order()
        assert (await here.ended(job)).state is JobState.DONE
        (spoilt,) = await here.labels(job)
        assert here.service.parts.keyring is not None
        here.service.parts.keyring.take(both)
        again = await here.service.labels.replace(spoilt.serial, "A01", "碳带皱", "k2")
        assert (await here.ended(again)).state is JobState.DONE
        (label,) = await here.labels(again)
        plan = plan_label(load_template(template), await here.snapshot(job), 203, codes=KEYS.codes(KEY_ID))
        assert here.paper(2) == plan.full(label.serial).rows
        newer = await here.order(1, "k3")
        assert (await here.snapshot(newer))["check_code"] == {"key_id": OTHER_ID}


# --- looking ------------------------------------------------------------------------------------------------------


async def test_no_picture_of_a_label_shows_its_code(tmp_path: Path, template: str) -> None:
    async with shop(tmp_path, template, KEYS) as here:
        job = await here.order()
        await here.ended(job)
        (label,) = await here.labels(job)
        looked_at = await here.service.previews.issued(label.serial, 203)
        keyless = plan_label(load_template(template), await here.snapshot(job), 203)
        assert looked_at == png(keyless.specimen(label.serial), 203)
        assert keyless.specimen(label.serial).rows != here.paper(1)


@pytest.mark.parametrize("keys", [KEYS, None])
def test_previews_and_rendered_bytes_carry_a_specimen_whether_or_not_there_is_a_key(
    tmp_path: Path, template: str, keys: CheckKeys | None
) -> None:
    site, data = a_site(tmp_path), tmp_path / "record.json"
    data.write_text(RECORD.model_dump_json(exclude_none=True), "utf-8")
    Credentials("http://127.0.0.1:1", "line-1", "s3cret").save(tmp_path / "credentials.json")
    if keys is not None:
        KeyRing(tmp_path / "credentials.json").take(keys)
    serial = "7K3SM3JSP5YDYFP52"
    words = ("--template", template, "--data", data, "--dpi", 203, "--serial", serial, "--config", site)
    assert run("preview", *words, "--out", tmp_path / "out.png").code == 0
    assert run("render", *words, "--mode", "full", "--out", tmp_path / "out.zpl").code == 0
    plan = plan_label(load_template(template), snapshot_of(SPECIMEN, load_template(template)), 203)
    with Image.open(tmp_path / "out.png") as shown:
        assert ImageChops.invert(shown).tobytes() == plan.alone(serial).rows
    site.write_text(site.read_text("utf-8") + '[labels]\ncheck_code = "off"\n', "utf-8")
    assert run("preview", *words, "--out", tmp_path / "off.png").code == 0
    empty = plan_label(load_template(template), snapshot_of(None, load_template(template)), 203)
    with Image.open(tmp_path / "off.png") as shown:
        assert ImageChops.invert(shown).tobytes() == empty.alone(serial).rows


def test_a_snapshot_to_look_at_is_never_printed() -> None:
    with pytest.raises(ConflictError, match="template check: expected a key"):
        require_check_code_key(snapshot_of(SPECIMEN))
    with pytest.raises(ConflictError, match="expected the key specimen"):
        check_codes_of(snapshot_of(SPECIMEN), KEYS)
    require_check_code_key(snapshot_of(KEY_ID))
    require_check_code_key(snapshot_of(None))
    assert check_codes_of(snapshot_of(None), KEYS) is check_codes_of(snapshot_of(None), None) is None


async def test_the_doctor_tells_the_keys_name(tmp_path: Path) -> None:
    async with a_printer(tmp_path) as printer:
        config = config_of(tmp_path, printer)

        async def told(config: AgentConfig) -> tuple[bool, str]:
            (row,) = [row for row in await examine(config) if "check code" in row.what]
            return row.ok, row.found

        assert await told(config) == (True, (await told(config))[1])
        assert "no key yet" in (await told(config))[1]
        Credentials("http://127.0.0.1:1", "line-1", "s3cret").save(tmp_path / "credentials.json")
        KeyRing(tmp_path / "credentials.json").take(KEYS)
        assert (await told(config))[1] == f"密钥 key {KEY_ID} (1)"
        assert "off" in (await told(config_of(tmp_path, printer, labels={"check_code": "off"})))[1]


# --- with a registry ----------------------------------------------------------------------------------------------


@dataclass
class Chain:
    """An agent and its registry."""

    shop: Shop
    registry: Registry
    edge: Edge
    config: AgentConfig

    async def synced(self) -> None:
        assert self.shop.service.parts.pump is not None
        self.shop.service.parts.pump.notify(now=True)
        async with asyncio.timeout(20):
            while (view := self.shop.service.site.sync_view()) is None or view.pending or not view.online:
                await asyncio.sleep(0.02)

    async def check(self, label: Label, code: str) -> str:
        where = DigitalLink(label.gtin, label.serial, label.lot_no).path()
        answer = await self.registry.http.post(where, json={"code": code}, headers={"Accept": "application/json"})
        return str((await answer.json())["check_code"]["result"])


@contextlib.asynccontextmanager
async def chain(folder: Path, template: str) -> AsyncIterator[Chain]:
    """An agent that enrolled before there were check codes, with a registry that has them since."""
    async with running() as registry, a_printer(folder) as printer:
        edge = await registry.enrolled()
        await lot_import.import_lots(registry.pool, [SAMPLE])
        await registry.allot(edge.agent, 50, RECORD.quota_key)
        config = config_of(folder, printer, registry.url)
        enrolled(config, edge.issuer, edge.agent, registry.url)
        Credentials(registry.url, edge.agent, edge.secret).save(folder / "credentials.json")
        async with agent(config) as (service, page):
            here = Chain(Shop(service, page, folder, template), registry, edge, config)
            await here.shop.until_keys()
            async with asyncio.timeout(20):
                while (await service.parts.ledger.do(Ledger.quota, RECORD.quota_key)).free < 1:
                    await asyncio.sleep(0.02)
            yield here


async def test_an_agent_of_old_gets_its_keys_prints_and_the_phone_confirms(tmp_path: Path, template: str) -> None:
    async with chain(tmp_path, template) as here:
        job = await here.shop.order(2)
        assert (await here.shop.ended(job)).state is JobState.DONE
        await here.synced()
        keys, labels = await here.shop.until_keys(), await here.shop.labels(job)
        codes = [grouped(keys.codes(keys.current)(label.serial)) for label in labels]
        assert [await here.check(label, code) for label, code in zip(labels, codes, strict=True)] == ["match"] * 2
        assert await here.check(labels[0], codes[1]) == "mismatch"
        again = KeyRing(tmp_path / "credentials.json").keys
        assert again == keys


async def test_after_a_rotation_new_jobs_take_the_new_key_and_old_labels_still_match(
    tmp_path: Path, template: str
) -> None:
    async with chain(tmp_path, template) as here:
        first = await here.shop.order(1, "k1")
        assert (await here.shop.ended(first)).state is JobState.DONE
        before = await here.shop.until_keys()
        fresh = await check_keys.rotate(here.registry.pool, AT)
        await here.synced()
        async with asyncio.timeout(10):
            while (await here.shop.until_keys()).current != fresh:
                await asyncio.sleep(0.02)
        keys = await here.shop.until_keys()
        second = await here.shop.order(1, "k2")
        assert (await here.shop.ended(second)).state is JobState.DONE
        await here.synced()
        assert (await here.shop.snapshot(second))["check_code"] == {"key_id": fresh}
        assert (await here.shop.snapshot(first))["check_code"] == {"key_id": before.current}
        for job, key_id in ((first, before.current), (second, fresh)):
            (label,) = await here.shop.labels(job)
            assert await here.check(label, keys.codes(key_id)(label.serial)) == "match"
        assert before.keys.items() < keys.keys.items()


async def test_no_key_leaves_the_credentials_file(
    tmp_path: Path, template: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Ledger, catalogue, witness, backups, tape, page, metrics, log, every event and snapshot told."""
    configure_logs()
    async with chain(tmp_path, template) as here:
        job = await here.shop.order(2)
        await here.shop.ended(job)
        await here.synced()
        keys, labels = await here.shop.until_keys(), await here.shop.labels(job)
        secrets = [form for key in keys.keys.values() for form in _forms(key)]
        secrets += [
            form for row in await here.registry.rows("SELECT secret FROM check_key") for form in _forms(row["secret"])
        ]
        told = [await _text(here.shop.page + path) for path in _pages(job, labels)]
        told += [str(await events_told(here.registry.pool)), json.dumps(await here.edge.get("feed"))]
        told += [row["body"].decode() for row in await here.registry.rows("SELECT body FROM snapshot")]
        await here.shop.service.parts.ledger.do(Ledger.backup, tmp_path / "backup" / "copy.db")
        codes = [keys.codes(keys.current)(label.serial) for label in labels]
    told.append("".join(capfd.readouterr()))
    told += [str(row) for row in await examine(here.config)]
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "credentials.json"]
    assert {"ledger_path", "copy.db", "tape.jsonl"} <= {path.name for path in files}
    assert any(secret in (tmp_path / "credentials.json").read_bytes() for secret in secrets), "the search finds a key"
    for secret in secrets:
        assert [path.name for path in files if secret in path.read_bytes()] == []
        assert [text[:80] for text in told if secret in text.encode()] == []
    for code in codes:
        needles = (code.encode(), grouped(code).encode())
        assert [path.name for path in files for needle in needles if needle in path.read_bytes()] == []
        assert [text[:80] for text in told for needle in needles if needle in text.encode()] == []


def _forms(key: bytes) -> list[bytes]:
    return [key, key.hex().encode(), key.hex().upper().encode(), base64.b64encode(key), base64.urlsafe_b64encode(key)]


def _pages(job: Job, labels: list[Label]) -> list[str]:
    api = ["/metrics", "/healthz", "/readyz", "/openapi.json", "/api/v1/sync", "/api/v1/labels", "/api/v1/printers"]
    return ["/", *api, f"/api/v1/jobs/{job.job_id}", *(f"/api/v1/labels/{label.serial}" for label in labels)]


async def _text(url: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status in (200, 503), url
        return await answer.text()


async def test_enrolling_fetches_the_keys(tmp_path: Path) -> None:
    async with running() as registry:
        token = await add_agent(registry.pool, "line-9", AT)
        site = a_site(tmp_path)
        said = await asyncio.to_thread(run, "enrol", "--registry", registry.url, "--token", token, "--config", site)
        assert said.code == 0, said
        keys = KeyRing(tmp_path / "credentials.json").keys
        assert keys is not None and keys.issuer in said.out
        assert not any(key.hex() in said.out + said.err for key in keys.keys.values())
