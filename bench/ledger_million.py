"""Figures of a large ledger: size, time to verify, time to start, memory after the start.

    python bench/ledger_million.py --labels 1000000

Labels are drawn and proven in windows of 8 through the product's own calls. Building runs with `synchronous = OFF`, so
that the figure is the ledger's own work; what an fsync costs is the disk's affair (`--fsync` leaves it on). Starting
and memory are measured in a process of their own.
"""

from __future__ import annotations

import argparse
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge_agent.ledger import Ledger
from edge_agent.ledger.log import walk
from edge_agent.ledger.values import Head
from edge_agent.model.job import JobOrder
from edge_agent.model.printer import ProofLevel, Verdict
from label_protocol.chain import GENESIS

WINDOW = 8
JOB = 10_000
GTIN = "06901234567892"


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def new_serial(issuer: str) -> str:
    return f"{issuer}{secrets.token_hex(7).upper()}"


def opened(folder: Path) -> Ledger:
    return Ledger.open(
        folder / "ledger.db", witness=folder / "w" / "witness", clock=now, new_serial=new_serial, fingerprint="bench"
    )


def timed(words: str, call: Callable[[], Any]) -> Any:
    begun = time.perf_counter()
    answer = call()
    print(f"{words:<48}{time.perf_counter() - begun:10.2f} s", flush=True)
    return answer


def build(folder: Path, labels: int, *, fsync: bool) -> None:
    ledger = opened(folder)
    if not fsync:
        ledger._db.execute("PRAGMA synchronous = OFF")
    ledger.enrol("bench", "ABC", "e1", "http://registry.example")
    item = {"kind": "allotment", "quota_key": "lot:L1", "quantity": labels, "spoilage_permille": 30}
    ledger.receive_distribution("1", "e1", [item])
    for number in range(0, labels, JOB):
        run_job(ledger, number, min(JOB, labels - number))
    ledger.close()


def run_job(ledger: Ledger, number: int, quantity: int) -> None:
    snapshot = {"brand": "示例", "job": number}
    order = JobOrder(str(number), "h", "down_grade_60x40", "p1", quantity, snapshot, GTIN, "L1", "lot:L1")
    job, counter = ledger.open_job(order), number
    for _ in range(0, quantity, WINDOW):
        window = ledger.begin_window(job.job_id, limit=WINDOW, counter=counter)
        after = counter + len(window.serials)
        evidence = {"counter_before": counter, "counter_after": after}
        ledger.prove_window(window.window_id, Verdict(True, ProofLevel.COUNTER, "counter", evidence))
        counter = after


def start(folder: Path) -> None:
    """Opens and boots in a fresh process; prints seconds and resident memory in MB."""
    begun = time.perf_counter()
    ledger = opened(folder)
    ledger.boot()
    seconds = time.perf_counter() - begun
    print(f"{seconds:.3f} {resident_mb():.0f}")
    ledger.close()


def rehash(path: Path) -> None:
    """Each chain from its first event, by the product's own walk."""
    with closing(sqlite3.connect(path)) as db:
        for (life,) in db.execute("SELECT incarnation FROM incarnation").fetchall():
            assert walk(db, life, Head(life, 0, GENESIS))[0] == ""


def resident_mb() -> float:
    """VmRSS on Linux; elsewhere not a number."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def measure(folder: Path, labels: int, *, fsync: bool) -> None:
    begun = time.perf_counter()
    timed(f"build {labels} labels, windows of {WINDOW}", lambda: build(folder, labels, fsync=fsync))
    print(f"{'windows a second while building':<48}{labels / WINDOW / (time.perf_counter() - begun):10.0f}")
    path, witness = folder / "ledger.db", folder / "w" / "witness"
    print(f"{'file':<48}{path.stat().st_size / 1e6:10.1f} MB")
    timed("chain alone: every stored byte re-hashed", lambda: rehash(path))
    chain = timed("verify: pages, chain, snapshots", lambda: Ledger.verify_file(path, witness, rebuild=False))
    whole = timed("verify: the same and rebuild == live", lambda: Ledger.verify_file(path, witness))
    assert chain.ok and whole.ok and whole.labels == labels, whole.findings
    command = [sys.executable, __file__, "--start", str(folder)]
    seconds, megabytes = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    print(f"{'start: open and boot':<48}{seconds:>10} s\n{'resident memory after the start':<48}{megabytes:>10} MB")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--labels", type=int, default=100_000)
    arguments.add_argument("--fsync", action="store_true", help="build with synchronous = FULL, as in production")
    arguments.add_argument("--start", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.start:
        start(given.start)
        return
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), given.labels, fsync=given.fsync)


if __name__ == "__main__":
    main()
