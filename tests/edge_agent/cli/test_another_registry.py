"""From one registry to another: never with the same ledger, and then with nothing left open in the old one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.cli import admin
from edge_agent.clock import now_utc
from edge_agent.config import AgentConfig, load_config
from edge_agent.identity.credentials import Credentials
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.job import JobState, Window
from edge_agent.sync.contract import Enrolment
from edge_agent.sync.http_client import HttpRegistry
from edge_agent.sync.pump import Pump, PumpSettings
from edge_agent.wiring import open_ledger
from label_protocol.codes.digital_link import DigitalLink
from tests.kits.cli_kit import Said, a_site, run
from tests.kits.ledger_kit import GTIN, PROOF, a_job, allot, an_order, doubted, printed
from tests.kits.registry_kit import AT, Registry, enrolment, running
from tests.kits.sync_kit import AnyTime

OWN, ASSOCIATION = "http://127.0.0.1:8700", "https://registry.example.cn"


class Desk:
    """An agent that is enrolled at its own registry, and what a registry answers who is asked to enrol it."""

    def __init__(self, folder: Path) -> None:
        self.path = a_site(folder)
        self.config: AgentConfig = load_config(self.path)
        self.asked: list[str] = []
        self.answer = Enrolment("line-9", "XYZ", "its secret", "e2")
        with self.ledger() as ledger:
            ledger.enrol("agent-1", "ABC", "e1", OWN)
            allot(ledger, 100)
        Credentials(OWN, "agent-1", "its old secret").save(self.config.registry.credentials_path)

    @contextlib.contextmanager
    def ledger(self) -> Iterator[Ledger]:
        with contextlib.closing(open_ledger(self.config, create=True)) as ledger:
            yield ledger

    async def enrol(self, url: str, *_: str) -> Enrolment:
        self.asked.append(url)
        return self.answer

    def types(self, url: str, *words: object) -> Said:
        return run("enrol", "--registry", url, "--token", "t", "--config", self.path, *words)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path)
    monkeypatch.setattr(admin, "enrol_at", made.enrol)
    monkeypatch.setattr(admin, "_fetch_keys", lambda _: asyncio.sleep(0))
    return made


def refused(said: Said) -> str:
    return [line for line in said.err.splitlines() if line.startswith("edge-agent: ")][-1]


def test_another_registry_is_refused_before_its_token_is_spent(desk: Desk) -> None:
    with desk.ledger() as ledger:
        before = ledger.head()
    said = desk.types(ASSOCIATION)
    assert said.code == 1 and f"expected {OWN}" in refused(said) and "--new-ledger" in refused(said)
    assert desk.asked == []
    with desk.ledger() as ledger:
        assert ledger.head() == before


def test_the_same_registry_at_another_address_is_the_same_history(desk: Desk) -> None:
    desk.answer = Enrolment("agent-1", "ABC", "its new secret", "e1")
    assert desk.types(ASSOCIATION, "--moved").code == 0
    with desk.ledger() as ledger:
        assert len(ledger.incarnations()) == 1 and ledger.quota("lot:L1").free == 100
    found = Credentials.load(desk.config.registry.credentials_path)
    assert found is not None and (found.registry, found.secret) == (ASSOCIATION, "its new secret")


def test_one_that_moved_and_knows_another_agent_is_another_registry(desk: Desk) -> None:
    said = desk.types(ASSOCIATION, "--moved")
    assert said.code == 1 and "got line-9 (XYZ)" in refused(said)
    found = Credentials.load(desk.config.registry.credentials_path)
    assert found is not None and found.registry == OWN, "nothing was changed"


def all_printed(ledger: Ledger) -> Window:
    job = a_job(ledger, 8)
    window = printed(ledger, job)
    ledger.move_job(job.job_id, JobState.DONE, "finished")
    return window


def in_doubt(ledger: Ledger) -> None:
    job = a_job(ledger, 4)
    doubted(ledger, job)


def on_its_way(ledger: Ledger) -> None:
    job = a_job(ledger, 8)
    ledger.begin_window(job.job_id, limit=8)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (in_doubt, "labels in doubt"),
        (on_its_way, "start the agent once"),
        (lambda ledger: a_job(ledger, 9), "jobs not over"),
        (lambda ledger: ledger.open_carton("k", "o"), "open cartons: C"),
        (all_printed, "events it was not told"),
    ],
)
def test_a_ledger_with_something_open_is_not_put_aside(desk: Desk, left: object, words: str, tmp_path: Path) -> None:
    with desk.ledger() as ledger:
        left(ledger)  # type: ignore[operator]
    said = desk.types(ASSOCIATION, "--new-ledger", tmp_path / "old")
    assert said.code == 1 and words in refused(said)
    assert desk.asked == [] and not (tmp_path / "old").exists()


def test_a_name_that_is_taken_is_refused_before_the_token_is_spent(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    said = desk.types(ASSOCIATION, "--new-ledger", tmp_path / "old", "--untold")
    assert "expected a new name" in refused(said) and desk.asked == []


def test_a_new_ledger_holds_nothing_of_the_old_which_is_whole(desk: Desk, tmp_path: Path) -> None:
    with desk.ledger() as ledger:
        window = all_printed(ledger)
    old = tmp_path / "old"
    assert desk.types(ASSOCIATION, "--new-ledger", old, "--untold").code == 0
    with desk.ledger() as ledger:
        assert ledger.quota("lot:L1").allotted == 0, "what one registry allotted is nothing to another"
        identity, (life,) = ledger.identity(), ledger.incarnations()
        assert identity is not None and (identity.issuer, identity.registry) == ("XYZ", ASSOCIATION)
        assert life.parent is None and ledger.holds() == () and ledger.labels() == ()
    kept = desk.config.data
    with contextlib.closing(
        Ledger.open(
            old / kept.ledger_path.name,
            witness=old / kept.witness_path.name,
            clock=now_utc,
            new_serial=str,
            fingerprint="pc",
        )
    ) as ledger:
        assert ledger.verify().ok and ledger.holds() == ()
        assert {one.serial for one in ledger.labels()} == set(window.serials)
    secret = Credentials.load(old / desk.config.registry.credentials_path.name)
    assert secret is not None and secret.secret == "its old secret"


async def tells(config: AgentConfig, lot: str, labels: int) -> list[str]:
    """Print, and tell the registry of it; the serials."""
    thread = await LedgerThread.open(lambda: open_ledger(config))
    found = Credentials.load(config.registry.credentials_path)
    assert found is not None
    client = HttpRegistry(found.registry, found.agent, found.secret)
    pump = Pump(thread, client, clock=now_utc, settings=PumpSettings(idle_s=30.0), wait=AnyTime())
    try:
        await pump.turn()
        order = an_order(labels, lot_no=lot, quota_key=f"lot:{lot}")
        job = await thread.do(Ledger.open_job, order)
        window: Window = await thread.do(Ledger.begin_window, job.job_id)
        await thread.do(Ledger.prove_window, window.window_id, PROOF)
        await thread.do(Ledger.move_job, job.job_id, JobState.DONE, "finished")
        while (await pump.turn()) and pump.view().pending:
            assert pump.view().state == "online", pump.view()
        return list(window.serials)
    finally:
        await client.close()
        await thread.close()


async def test_the_whole_way_from_ones_own_registry_to_an_associations(tmp_path: Path) -> None:
    path = a_site(tmp_path)
    config = load_config(path)

    async def enrol(registry: Registry, name: str, *words: object) -> Said:
        token = await enrolment.add_agent(registry.pool, name, AT)
        typed = ("enrol", "--registry", registry.url, "--token", token, "--config", path, *words)
        return await asyncio.to_thread(run, *typed)

    async with running() as own, running() as association:
        assert (await enrol(own, "agent-1")).code == 0
        await own.allot("agent-1", 10)
        (old,) = await tells(config, "L1", 1)
        assert "--new-ledger" in refused(await enrol(association, "factory-7"))
        done = await enrol(association, "factory-7", "--new-ledger", tmp_path / "old")
        assert done.code == 0, done
        await association.allot("factory-7", 10)
        (new,) = await tells(config, "L1", 1)
        assert (await own.states()).keys() == {old} and (await association.states()).keys() == {new}
        assert await association.alarms() == [] and await own.alarms() == []
        assert (await own.page(DigitalLink(GTIN, old, "L1").path()))[0] == 200, "who printed it still answers for it"
