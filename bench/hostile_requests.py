"""What an unknown client takes from others: the worst time a small question waits, on a new connection every 20 ms.

Both programs run as they ship, each in a process of its own that may open 1024 files. Strangers without a secret post
1 MB of gzip that unpacks to 1 GB, hold 1 100 connections with half a header each and come back when thrown out, or
guess badges on eight connections as fast as they are answered; our agent asks whoever acts to log in. Everything is
on loopback. `BENCH_BEFORE=DIR` names another checkout of this project to measure in the same run; without it the peer
is the limit that is asked for, 0.3 s. A question that is not answered within 15 s counts as 15 s.

    BENCH_BEFORE=../before python -m bench.hostile_requests
"""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.kit import ROOT, Row, free_port, workspace

ASKED_S = 0.3
GIVE_UP_S = 15.0
HALF_OPEN = 1100
FILES = 1024
GUESSERS = 8
_SERVE = "import resource, runpy; resource.setrlimit(resource.RLIMIT_NOFILE, ({files}, {files})); import sys; " + (
    "sys.argv = {argv!r}; runpy.run_module({module!r}, run_name='__main__')"
)
_SITE = """
[data]
ledger_path = "ledger/ledger.db"
witness_path = "witness/witness"
catalog_path = "catalogue/catalogue.json"
[web]
port = {port}
[registry]
credentials_path = "credentials.json"
"""
_ASKED = '[people]\nrequired = "on"\n'


def rows(*, full: bool = False) -> list[Row]:
    """Two attacks on two programs, and the guessing of badges where somebody logs in."""
    before = os.environ.get("BENCH_BEFORE")
    guessed_s = _beside_guessers(8.0)
    found = [Row(f"agent: {_GUESSED}", guessed_s, "s", "what is asked", ASKED_S, "less", f"< {ASKED_S} s")]
    for program, path in (("agent", "/api/v1/jobs"), ("registry", "/v1/enrol")):
        ours = _worst(ROOT, program, path, full)
        theirs = _worst(Path(before), program, path, full) if before else (ASKED_S,) * 3
        for what, mine, peer in zip(_WHAT, ours, theirs, strict=True):
            named = "before" if before else "what is asked"
            found.append(Row(f"{program}: {what}", mine, "s", named, peer, "less", f"< {ASKED_S} s"))
    return found


_WHAT = ("others undisturbed", "others while four strangers post gzip bombs", "others beside 1 100 half requests")
_GUESSED = "others while eight strangers guess badges"


def _beside_guessers(length_s: float) -> float:
    with (
        workspace() as folder,
        _running(ROOT, "agent", folder) as port,
        _strangers(GUESSERS, lambda stop: _guess_badges(port, stop)),
    ):
        return _others(port, length_s)


def _worst(tree: Path, program: str, path: str, full: bool) -> tuple[float, float, float]:
    length_s = 20.0 if full else 8.0
    with workspace() as folder, _running(tree, program, folder) as port:
        calm = _others(port, length_s / 4)
        _bomb()
        with _strangers(4, lambda stop: _post_bombs(port, path, stop)):
            bombs = _others(port, length_s)
        time.sleep(1)
        with _strangers(1, lambda stop: _hold_half_open(port, stop)):
            time.sleep(5)
            half = _others(port, length_s)
    return calm, bombs, half


@contextlib.contextmanager
def _running(tree: Path, program: str, folder: Path) -> Iterator[int]:
    port, module = free_port(), {"agent": "edge_agent", "registry": "central_registry"}[program]
    asked = _ASKED if tree == ROOT else ""  # what was there before people had names refuses the key
    (folder / "agent.toml").write_text(_SITE.format(port=port) + asked, encoding="utf-8")
    argv = ["x", "run", "--config", str(folder / "agent.toml")]
    if program == "registry":
        argv = ["x", "serve", "--listen", f"127.0.0.1:{port}"]
    code = _SERVE.format(files=FILES, argv=argv, module=module)
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    with (folder / "log").open("wb") as log:
        child = subprocess.Popen([sys.executable, "-c", code], cwd=tree, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_it_answers(port, child, folder / "log")
            yield port
        finally:
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _wait_until_it_answers(port: int, child: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if child.poll() is not None:
            raise RuntimeError(f"expected a program that runs, got its end: {log.read_text('utf-8')[-800:]}")
        with contextlib.suppress(OSError):
            if _ask(port, 1.0):
                return
        time.sleep(0.2)
    raise RuntimeError("expected a program that answers within 60 s, got none")


def _others(port: int, length_s: float) -> float:
    """The worst of many small questions, in seconds."""
    worst, ends_s = 0.0, time.perf_counter() + length_s
    while time.perf_counter() < ends_s:
        begun_s = time.perf_counter()
        answered = False
        with contextlib.suppress(OSError):
            answered = _ask(port, GIVE_UP_S)
        worst = max(worst, time.perf_counter() - begun_s if answered else GIVE_UP_S)
        time.sleep(0.02)
    return worst


def _ask(port: int, timeout_s: float) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as line:
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return line.recv(64).startswith(b"HTTP/1.1 200")


@contextlib.contextmanager
def _strangers(count: int, work: Callable[[threading.Event], None]) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=work, args=(stop,)) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@functools.cache
def _bomb() -> bytes:
    """1 GB of nothing in 1 MB."""
    return gzip.compress(bytes(1 << 30), 9)


def _post_bombs(port: int, path: str, stop: threading.Event) -> None:
    body = _bomb()
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\n"
    packet = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    while not stop.is_set():
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=GIVE_UP_S) as line:
            line.sendall(packet)
            line.recv(1000)
        stop.wait(0.1)


def _guess_badges(port: int, stop: threading.Event) -> None:
    """One guess after the other on one connection, each a badge of the right form that is nobody's."""
    letters, guesses = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", random.Random(port)
    with socket.create_connection(("127.0.0.1", port), timeout=GIVE_UP_S) as line:
        while not stop.is_set():
            body = json.dumps({"badge": "BADGE-" + "".join(guesses.choices(letters, k=16)), "pin": "271828"}).encode()
            head = "POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            line.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            if not (answer := line.recv(4096)).startswith(b"HTTP/1.1 401"):
                raise RuntimeError(f"expected that a guess is nobody's badge, got {answer[:200]!r}")


def _hold_half_open(port: int, stop: threading.Event) -> None:
    """Keeps so many half requests open; all are open within five seconds, and so is whoever was thrown out."""
    lines: list[socket.socket] = []
    while not stop.is_set():
        lines = [line for line in lines if not _is_closed(line)]
        for _ in range(min(HALF_OPEN // 100, HALF_OPEN - len(lines))):
            with contextlib.suppress(OSError):
                line = socket.create_connection(("127.0.0.1", port), timeout=1.0)
                line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
                line.setblocking(False)
                lines.append(line)
        stop.wait(0.05)
    for line in lines:
        line.close()


def _is_closed(line: socket.socket) -> bool:
    try:
        if line.recv(1) != b"":
            return False
    except BlockingIOError:
        return False
    except OSError:
        pass
    line.close()
    return True


if __name__ == "__main__":
    for row in rows():
        print(f"{row.what}: {row.ours:.3f} s, {row.peer} {row.theirs:.3f} s ({row.target})", flush=True)
