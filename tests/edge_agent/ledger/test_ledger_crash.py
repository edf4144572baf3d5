"""kill -9, a lost WAL, a lost witness, a full disk, a second process: nothing acknowledged is lost, nothing guessed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_agent.errors import HeldError, LedgerBusyError, LedgerFullError
from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from tests.kits import ledger_verifier
from tests.kits.ledger_kit import PROOF, Place, a_job, enrolled, printed, require_sound, states

ROOT = Path(__file__).resolve().parents[3]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and limits of POSIX")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@contextmanager
def _victim(place: Place, probe: str, count: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.kits.ledger_victim", str(place.folder), probe, str(count)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _killed(place: Place, probe: str, count: int) -> set[str]:
    """Serials the victim was told of before it died."""
    with _victim(place, probe, count) as process:
        assert process.stdout is not None
        told = set(process.stdout.read().split())
        assert process.wait() != 0 and "waiting" not in told
    return told


def _killed_while_waiting(place: Place) -> set[str]:
    """Serials of a victim that was killed from outside, with a long WAL."""
    with _victim(place, "no_autocheckpoint", 0) as process:
        assert process.stdout is not None
        told = set()
        while (line := process.stdout.readline().strip()) != "waiting":
            told.add(line)
        process.kill()
        process.wait()
    return told


# --- kill -9 ----------------------------------------------------------------------------------------------------------

KILLS = [
    ("before_commit:window_sending", 7),
    ("after_commit:window_sending", 7),
    ("before_commit:window_printed", 6),
    ("after_commit:window_printed", 6),
    ("before_commit:window_in_doubt", 1),
    ("after_commit:job_opened", 1),
    ("after_commit:enrolled", 1),
]

LEAVES_A_WINDOW_OPEN = ("after_commit:window_sending", "before_commit:window_printed", "before_commit:window_in_doubt")


@pytest.mark.parametrize("probe,count", KILLS)
def test_kill_at_a_probe_loses_nothing_that_was_acknowledged(place: Place, probe: str, count: int) -> None:
    told = _killed(place, probe, count)
    ledger = place.open()
    assert ledger.holds() == ()
    held = {label.serial for label in ledger.labels(None, 10_000)}
    assert told <= held
    before = {window.window_id for window in ledger.open_windows()}
    assert len(held - told) == (4 if probe == "after_commit:window_sending" else 0)
    assert len(before) == (1 if probe in LEAVES_A_WINDOW_OPEN else 0)
    assert set(ledger.boot().windows_in_doubt) == before
    assert ledger.open_windows() == ()
    assert {job.state for job in ledger.jobs()} <= {JobState.PAUSED}
    require_sound(ledger)
    ledger.close()
    assert ledger_verifier.verify(place.path) is None


def test_a_deleted_wal_is_caught_by_the_witness(place: Place) -> None:
    told = _killed_while_waiting(place)
    assert len(told) == 240
    place.path.with_name("ledger.db-wal").unlink()
    ledger = place.open()
    assert len(ledger.labels(None, 10_000)) < 240
    (hold,) = ledger.holds()
    assert hold["kind"] == "witness_ahead" and hold["detail"]["witness"]["seq"] > hold["detail"]["ledger"]["seq"]
    enrolled(ledger)
    with pytest.raises(HeldError, match="账本比见证文件旧"):
        ledger.begin_window(a_job(ledger).job_id)
    ledger.close()
    ledger = place.open()
    assert [hold["kind"] for hold in ledger.holds()] == ["witness_ahead"]
    ledger.release_hold("witness_ahead", by="command", operator="甲", reason="平台已核对")
    printed(ledger, a_job(ledger))
    require_sound(ledger)
    ledger.close()


def test_a_kept_wal_is_replayed(place: Place) -> None:
    told = _killed_while_waiting(place)
    ledger = place.open()
    assert ledger.holds() == () and {label.serial for label in ledger.labels(None, 10_000)} == told
    ledger.close()


def test_a_second_process_is_refused(place: Place) -> None:
    with _victim(place, "-", 0) as process:
        assert process.stdout is not None and process.stdout.readline()
        with pytest.raises(LedgerBusyError, match="another process"):
            place.open()
        with pytest.raises(LedgerBusyError):
            Ledger.verify_file(place.path, place.witness)
        with pytest.raises(LedgerBusyError):
            Ledger.restore(place.path, place.path)
    place.open().close()


def test_a_second_opening_in_one_process_is_refused_too(place: Place) -> None:
    ledger = place.open()
    with pytest.raises(LedgerBusyError):
        place.open()
    ledger.close()
    ledger.close()
    place.open().close()


# --- a full disk ------------------------------------------------------------------------------------------------------


def test_a_full_disk_stops_issuing_and_loses_nothing(place: Place) -> None:
    ledger = enrolled(place.open(), allotted=100_000)
    job = a_job(ledger, 100_000)
    pages = ledger._db.execute("PRAGMA page_count").fetchone()[0]
    ledger._db.execute(f"PRAGMA max_page_count = {pages + 12}")
    told: list[str] = []
    with pytest.raises(LedgerFullError, match="nothing was issued"):
        while True:
            told += printed(ledger, job).serials
    ledger._db.execute("PRAGMA max_page_count = 1000000")
    known = {label.serial for label in ledger.labels(None, 100_000)}
    assert set(told) <= known and len(known) - len(told) in (0, 8)
    for window in ledger.open_windows():
        ledger.prove_window(window.window_id, PROOF)
    printed(ledger, job)
    require_sound(ledger)
    ledger.close()


FULL = """
import resource, signal, sys
from pathlib import Path
from tests.kits.ledger_kit import *
from edge_agent.errors import LedgerFullError
ledger = enrolled(Place(Path(sys.argv[1])).open(), allotted=100_000)
job = a_job(ledger, 100_000)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
try:
    while True:
        window = ledger.begin_window(job.job_id)
        print(*window.serials, sep="\\n", flush=True)
        ledger.prove_window(window.window_id, PROOF)
except LedgerFullError as cause:
    print("full", cause)
"""


@POSIX
def test_a_file_system_that_takes_no_more_bytes(place: Place) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(place.folder)], cwd=ROOT, text=True, capture_output=True, check=True
    )
    *told, last = run.stdout.splitlines()
    assert last.startswith("full") and "make room" in last and len(told) > 100
    ledger = place.open()
    assert ledger.holds() == ()
    held = {label.serial for label in ledger.labels(None, 100_000)}
    assert set(told) <= held
    for window_id in ledger.boot().windows_in_doubt:
        assert set(states(ledger, ledger.window(window_id))) == {"in_doubt"}
    require_sound(ledger)
    ledger.close()
