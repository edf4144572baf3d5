"""Recovery: what the registry knows comes in, what only we know is told again, nothing is deleted or issued twice."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.errors import HeldError
from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from label_protocol.chain import canonical
from label_protocol.errors import ConflictError, LedgerDamagedError
from label_protocol.states import Step
from tests.kits import ledger_verifier
from tests.kits.ledger_kit import (
    Place,
    a_job,
    an_order,
    doubted,
    enrolled,
    history,
    link_of,
    printed,
    require_sound,
    states,
)

Told = list[tuple[str, int, bytes]]
OP = "操作员甲"


class Scene:
    """A ledger that was backed up, then went on and told the registry everything."""

    def __init__(self, folder: Path) -> None:
        self.place = Place(folder)
        ledger = enrolled(self.place.open(), allotted=100)
        self.job = a_job(ledger, 90)
        self.early = printed(ledger, self.job)
        self.open_window = doubted(ledger, self.job)
        self.sending = ledger.begin_window(a_job(ledger, printer="p2").job_id)
        ledger.close()
        self.backup = self.place.path.read_bytes()
        self.old_witness = self.place.witness.read_bytes()
        ledger = self.place.open()
        ledger.boot()
        ledger.move_job(self.job.job_id, JobState.RUNNING, "go", OP)
        self.late = [printed(ledger, self.job) for _ in range(3)]
        ledger.settle_window(
            self.open_window.window_id, self.open_window.serials[3], link_of(self.open_window.serials[3]), OP
        )
        self.late_job = ledger.open_job(an_order(5, key="late", snapshot={"brand": "示例乙"}))
        self.registry: Told = history(ledger)
        self.snapshots = {self.late_job.snapshot_hash: ledger.snapshot(self.late_job.snapshot_hash)}
        self.head = ledger.head()
        ledger.close()

    def restored(self, *, witness: bool = False) -> Ledger:
        """The backup put back; with `witness`, a clone that brought its old witness along."""
        self.place.path.write_bytes(self.backup)
        if witness:
            self.place.witness.write_bytes(self.old_witness)
        return self.place.open()


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def _types(ledger: Ledger, incarnation: str) -> list[str]:
    return [json.loads(event.body)["type"] for event in ledger.events(incarnation)]


def _goes_on(ledger: Ledger, job_id: str) -> None:
    """The recovered ledger is sound, paused, and issues again on the operator's word."""
    require_sound(ledger)
    assert {job.state for job in ledger.jobs()} & {JobState.RUNNING, JobState.WAITING} == set()
    ledger.move_job(job_id, JobState.RUNNING, "go", OP)
    printed(ledger, ledger.job(job_id))
    require_sound(ledger)
    ledger.close()


def test_a_true_prefix_takes_in_what_is_missing(scene: Scene) -> None:
    ledger = scene.restored(witness=True)
    assert ledger.holds() == ()
    ledger.place_hold("registry_ahead", {"head": scene.head.place()})
    found = ledger.recover(scene.registry, snapshots=scene.snapshots, head_hash=scene.head.hash)
    assert found.refused == () and not found.events_lost and ledger.holds() == ()
    parent = ledger.incarnations()[-1].parent
    assert parent == scene.head and ledger.event_hash(scene.head.incarnation, scene.head.seq) == scene.head.hash
    assert ledger.acked(scene.head.incarnation) == scene.head.seq
    for window in scene.late:
        assert set(states(ledger, window)) == {"printed"}
    assert ledger.job(scene.late_job.job_id).quantity == 5
    assert json.loads(ledger.snapshot(scene.late_job.snapshot_hash)) == {"brand": "示例乙"}
    _goes_on(ledger, scene.job.job_id)
    assert ledger_verifier.verify(scene.place.path) is None


def test_a_registry_that_is_asked_from_the_middle_is_enough(scene: Scene) -> None:
    ledger = scene.restored(witness=True)
    seq = ledger.head().seq
    found = ledger.recover(scene.registry[seq:], snapshots=scene.snapshots, head_hash=scene.head.hash)
    assert (found.imported, found.forked) == (scene.head.seq - seq, 0)
    _goes_on(ledger, scene.job.job_id)


def test_a_restored_backup_that_printed_offline_is_told_again(scene: Scene) -> None:
    ledger = scene.restored()
    assert [hold["kind"] for hold in ledger.holds()] == ["witness_ahead"]
    with pytest.raises(HeldError):
        ledger.begin_window(scene.job.job_id)
    ledger.release_hold("witness_ahead", by="command", operator=OP, reason="没有网络")
    ledger.boot()
    ledger.move_job(scene.job.job_id, JobState.RUNNING, "go", OP)
    offline = [printed(ledger, scene.job) for _ in range(4)]
    ledger.decide(offline[0].serials[0], Step.SCRAP, OP, "污损")
    lone = ledger.begin_window(ledger.open_job(an_order(4, key="late", request_hash="other", printer="p3")).job_id)
    ours = history(ledger)
    fork = next(n for n, (ours_one, theirs) in enumerate(zip(ours, scene.registry, strict=False)) if ours_one != theirs)

    found = ledger.recover(scene.registry, snapshots=scene.snapshots, head_hash=scene.head.hash)

    assert (found.imported, found.forked) == (len(scene.registry) - fork, len(ours) - fork)
    assert history(ledger)[: len(scene.registry)] == scene.registry
    assert _types(ledger, found.incarnation).count("adopted") == found.forked > 0
    evidence = [(row[0], row[1], row[2]) for row in ledger._all("forked", found.incarnation)]
    assert evidence == ours[fork:]
    for window in scene.late:
        assert set(states(ledger, window)) == {"printed"}
    assert states(ledger, offline[0]) == ["scrapped"] + ["printed"] * 7
    assert set(states(ledger, lone)) == {"in_doubt"}
    assert states(ledger, scene.open_window) == ["printed"] * 4 + ["invalid"] * 4
    key_holder = ledger.job_of_key("late")
    assert key_holder is not None and key_holder.job_id == scene.late_job.job_id
    assert len({label.serial for label in ledger.labels(None, 1_000)}) == ledger.balance()[-1].drawn
    assert ledger.quota("lot:L1").used <= 100
    _goes_on(ledger, scene.job.job_id)
    assert ledger_verifier.verify(scene.place.path) is None


def test_what_the_registrys_history_contradicts_stays_on_record_under_an_alarm(scene: Scene) -> None:
    ledger = scene.restored(witness=True)
    contradicted = scene.open_window.serials[6]  # settled as invalid in the registry's history
    ledger.decide(contradicted, Step.COMMISSION, OP, "看到在衣服上")
    found = ledger.recover(scene.registry, snapshots=scene.snapshots)
    assert len(found.refused) == 1 and contradicted in found.refused[0]
    assert [alarm["kind"] for alarm in ledger.alarms()] == ["adopted_conflict"]
    assert ledger.label(contradicted).state == "invalid"
    _goes_on(ledger, scene.job.job_id)


def test_a_life_that_began_elsewhere_is_taken_in_too(scene: Scene) -> None:
    """The other clone recovered first: the registry holds a later life whose parent lies before our last events."""
    clone = scene.restored(witness=True)
    clone.recover(scene.registry, snapshots=scene.snapshots)
    clone.move_job(scene.job.job_id, JobState.RUNNING, "go", OP)
    theirs = printed(clone, scene.job)
    registry, head = history(clone), clone.head()
    clone.close()
    ledger = scene.restored(witness=True)
    ours = printed(ledger, scene.job)
    found = ledger.recover(registry, snapshots=scene.snapshots, head_hash=head.hash)
    lives = [life.incarnation for life in ledger.incarnations()]
    assert lives == [scene.head.incarnation, head.incarnation, found.incarnation]
    assert set(states(ledger, theirs)) == set(states(ledger, ours)) == {"printed"}
    again = ledger.recover(history(ledger), head_hash=ledger.head().hash)
    assert (again.imported, again.forked) == (0, 0)
    _goes_on(ledger, scene.job.job_id)


def test_a_fork_of_a_recovered_ledger_is_told_again_once_more(scene: Scene) -> None:
    ledger = scene.restored(witness=True)
    printed(ledger, scene.job)
    ledger.recover(scene.registry, snapshots=scene.snapshots)
    ledger.close()
    shutil.copy(scene.place.path, scene.place.folder / "second")
    ledger = scene.place.open()
    ledger.raise_alarm("possible_duplicate", "p1", {"by": "first"})
    registry = history(ledger)
    ledger.close()
    shutil.copy(scene.place.folder / "second", scene.place.path)
    scene.place.witness.unlink()
    ledger = scene.place.open()
    ledger.move_job(scene.job.job_id, JobState.RUNNING, "go", OP)
    window = printed(ledger, scene.job) if not ledger.holds() else None
    assert window is None and [hold["kind"] for hold in ledger.holds()] == ["witness_missing"]
    found = ledger.recover(registry)
    assert found.forked == 2 and ledger.holds() == () and found.refused == ()
    assert {alarm["kind"] for alarm in ledger.alarms()} == {"possible_duplicate"}
    _goes_on(ledger, scene.job.job_id)


def test_events_that_neither_side_holds_are_reported_lost(scene: Scene) -> None:
    ledger = scene.restored()
    assert [hold["kind"] for hold in ledger.holds()] == ["witness_ahead"]
    known = scene.registry[:-2]
    found = ledger.recover(known, snapshots=scene.snapshots)
    assert found.events_lost
    (alarm,) = [alarm for alarm in ledger.alarms() if alarm["kind"] == "events_lost"]
    assert alarm["detail"]["witness"]["seq"] == scene.head.seq
    _goes_on(ledger, scene.job.job_id)


def test_a_registry_that_knows_no_more_ends_the_hold_in_a_new_life(scene: Scene) -> None:
    ledger = scene.restored()
    own = ledger.head()
    found = ledger.recover([])
    assert (found.imported, found.forked, found.events_lost) == (0, 0, True)
    assert ledger.incarnations()[-1].parent == own and ledger.holds() == ()
    _goes_on(ledger, scene.job.job_id)


def test_recovery_is_one_transaction(scene: Scene) -> None:
    ledger = scene.restored()
    before = list(ledger._db.iterdump())

    def fail(name: str) -> None:
        if name == "before_commit:recovered":
            raise RuntimeError("power")

    ledger._probe = fail
    with pytest.raises(RuntimeError):
        ledger.recover(scene.registry, snapshots=scene.snapshots)
    assert list(ledger._db.iterdump()) == before
    require_sound(ledger)
    ledger.close()


def _edited(scene: Scene) -> Iterator[tuple[str, Told]]:
    life, seq, body = scene.registry[-1]
    event = json.loads(body)
    yield "canonical", [*scene.registry[:-1], (life, seq, body.replace(b",", b", ", 1))]
    yield "name another", [*scene.registry[:-1], (life, seq + 1, body)]
    yield "does not follow", [*scene.registry[:-2], scene.registry[-1]]
    yield "does not hash", [*scene.registry[:-1], (life, seq, canonical({**event, "quantity": 6}))]
    yield "expected one JSON object", [*scene.registry[:-1], (life, seq, b"{")]
    stranger = {**event, "incarnation": "f" * 32, "seq": 1, "type": "incarnation_began", "parent": None}
    yield "does not follow", [*scene.registry, ("f" * 32, 1, canonical(stranger))]
    moved = {**event, "type": "job_moved", "job": "nobody", "state": "paused", "reason": "", "operator": ""}
    yield "expected one that follows", [*scene.registry[:-1], (life, seq, canonical(moved))]


def test_an_import_that_is_not_a_history_changes_nothing(scene: Scene) -> None:
    ledger = scene.restored()
    before = list(ledger._db.iterdump())
    for words, told in _edited(scene):
        head_hash = scene.head.hash if words == "does not hash" else None
        with pytest.raises(LedgerDamagedError, match=words):
            ledger.recover(told, head_hash=head_hash)
    with pytest.raises(ConflictError, match="earlier event"):
        ledger.recover(scene.registry[-2:])
    with pytest.raises(LedgerDamagedError, match="snapshot"):
        ledger.recover(scene.registry, snapshots={"0" * 64: b"{}"})
    assert list(ledger._db.iterdump()) == before
    ledger.close()


def test_an_import_without_its_snapshots_is_noted_not_refused(scene: Scene) -> None:
    ledger = scene.restored()
    ledger.recover(scene.registry)
    report = ledger.verify()
    assert report.ok and scene.late_job.snapshot_hash in report.notes[0]
    ledger.close()
