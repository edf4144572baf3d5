"""A large ledger: size, time to verify; start and memory of the real agent process on it, after it has printed."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import ledger_million
from bench.kit import ROOT, TEMPLATE, Row, free_port, record, workspace
from bench.printers import Machine, printers
from edge_agent.ledger import Ledger

LABELS, FULL_LABELS = 100_000, 1_000_000
RSS_LIMIT_MB, START_LIMIT_S = 120.0, 1.5
PRINTED = 80
_SERIAL_BYTES = 17
_CONFIG = """
[data]
ledger_path = "{home}/ledger.db"
witness_path = "{home}/w/witness"
catalog_path = "{home}/catalogue/catalogue.json"
[web]
port = {web}
[registry]
credentials_path = "{home}/none.json"
[link]
host = "id.example.cn"
[[printers]]
id = "p0"
name = "p0"
url = "{printer}"
profile = "virtual-zpl"
"""
_HTTP = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Loopback is never asked of a proxy."""


def rows(*, full: bool = False) -> list[Row]:
    """Figures at 100 000 labels, or at a million."""
    labels = FULL_LABELS if full else LABELS
    with workspace() as folder:
        ledger_million.build(folder, labels, fsync=False)
        if hasattr(os, "sync"):
            os.sync()  # or the first commit of the agent would pay for what the build left unwritten
        return [*_at_rest(folder, labels), *_running(folder, labels)]


def _at_rest(folder: Path, labels: int) -> list[Row]:
    path, witness = folder / "ledger.db", folder / "w" / "witness"
    of = f"{labels:,} labels"
    whole_s = _timed(lambda: Ledger.verify_file(path, witness))
    chain_s = _timed(lambda: Ledger.verify_file(path, witness, rebuild=False))
    bare_s = _timed(lambda: _bare(path))
    peer = "SHA-256 of the stored events, nothing else"
    return [
        Row(f"{of}: file, per label", path.stat().st_size / labels, "B", "the serial alone", _SERIAL_BYTES, "less"),
        Row(f"{of}: verify chain, pages, snapshots", chain_s, "s", peer, bare_s, "less"),
        Row(f"{of}: the same and rebuild == live", whole_s, "s", peer, bare_s, "less"),
    ]


def _timed(call: Callable[[], object]) -> float:
    begun_s = time.perf_counter()
    call()
    return time.perf_counter() - begun_s


def _bare(path: Path) -> bytes:
    digest = b""
    with contextlib.closing(sqlite3.connect(f"file:{path.as_posix()}?mode=ro", uri=True)) as db:
        for (body,) in db.execute("SELECT body FROM event ORDER BY rowid"):
            digest = hashlib.sha256(digest + body).digest()
    return digest


def _running(folder: Path, labels: int) -> list[Row]:
    with contextlib.closing(ledger_million.opened(folder)) as ledger:
        lot = {"kind": "allotment", "quota_key": record().quota_key, "quantity": labels, "spoilage_permille": 30}
        ledger.receive_distribution("2", "e1", [lot])
    with printers([Machine()]) as urls, _agent(folder, urls[0]) as (process, url, ready_s):
        at_start_mb = resident_mb(process.pid)
        _print(url)
        after_mb = resident_mb(process.pid)
    of = f"agent with {labels:,} labels"
    return [
        Row(f"{of}: start to /readyz", ready_s, "s", "limit", START_LIMIT_S, "less", "≥ 1"),
        Row(f"{of}: memory after the start", at_start_mb, "MB RSS", "limit", RSS_LIMIT_MB, "less", "≥ 1"),
        Row(f"{of}: memory after a job of {PRINTED}", after_mb, "MB RSS", "limit", RSS_LIMIT_MB, "less", "≥ 1"),
    ]


@contextlib.contextmanager
def _agent(folder: Path, printer: str) -> Iterator[tuple[subprocess.Popen[bytes], str, float]]:
    """`edge-agent run` as a user starts it; with its address, and the seconds until it was ready."""
    web = free_port()
    settings = folder / "agent.toml"
    settings.write_text(_CONFIG.format(home=folder.as_posix(), web=web, printer=printer), encoding="utf-8")
    url = f"http://127.0.0.1:{web}"
    begun_s = time.perf_counter()
    command = [sys.executable, "-m", "edge_agent", "run", "--config", str(settings)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        _until(lambda: _ask(url + "/readyz") is not None, process)
        yield process, url, time.perf_counter() - begun_s
    finally:
        process.terminate()
        process.wait(60)


def _print(url: str) -> None:
    garment = record().model_dump(mode="json", exclude_none=True)
    body = {"template": TEMPLATE, "printer": "p0", "quantity": PRINTED, "record": garment, "operator": "bench"}
    job = _ask(url + "/api/v1/jobs", body)
    if job is None:
        raise RuntimeError("the agent refused the job")
    address = f"{url}/api/v1/jobs/{job['job_id']}"
    _until(lambda: (_ask(address) or {}).get("state") == "done")


def _until(ready: Callable[[], bool], process: subprocess.Popen[bytes] | None = None, timeout_s: float = 60.0) -> None:
    end_s = time.perf_counter() + timeout_s
    while not ready():
        if time.perf_counter() > end_s or (process is not None and process.poll() is not None):
            raise RuntimeError("the agent did not get there")
        time.sleep(0.01)


def _ask(url: str, body: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The answer; None if there is none yet, or a refusal."""
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json", "Idempotency-Key": "bench"} if body is not None else {}
    try:
        with _HTTP.open(urllib.request.Request(url, data, headers), timeout=5) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except (urllib.error.URLError, ConnectionError):
        return None


def resident_mb(pid: int) -> float:
    """Resident memory of a process; not a number where the system has no /proc."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
