"""The long proofs: what takes too long for every change is run now and then, and its figures are kept in docs/proof/.

    python -m tools.proof run [NAME …] [--seed N] [--trial]
    python -m tools.proof stale

`run` writes `docs/proof/NAME.toml`: figures, day, commit, and a hash of each room that the proof covers; with `--trial`
it tries little and prints the file instead. `stale` names in one line the proofs that were never run and the rooms that
have changed since, and ends with 0 whatever it finds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "proof"
HEAD = "# Written by `make test-long`, never by hand. `make test` says when a room below has changed since.\n"

Figures = dict[str, int]


@dataclass(frozen=True)
class Proof:
    """One long run: its arguments to Python (`{seed}` is put in), what it covers, and how its output is read.

    `trial` is the same with little of it. `env` holds what the whole run has beside its own environment.
    """

    name: str
    title: str
    command: tuple[str, ...]
    trial: tuple[str, ...]
    rooms: tuple[str, ...]
    figures: Callable[[str], Figures]
    env: Mapping[str, str] = field(default_factory=dict)


# --- figures: what a run printed → numbers; ValueError where it says no such thing ------------------------------------


def crash_figures(said: str) -> Figures:
    """Of the crash test's histogram."""
    kills = _numbers(r"(\d+) kills, (\d+) at named points, (\d+) with bytes in flight", said)
    labels = _numbers(r"(\d+) serials \w+, (\d+) papers on the tapes", said)
    return dict(zip(("kills", "at_named_points", "bytes_in_flight", "serials", "papers"), kills + labels, strict=True))


def guard_figures(said: str) -> Figures:
    """Of the last line of `make guards`."""
    return dict(zip(("noticed", "guards"), _numbers(r"(\d+) of (\d+) removed guards were noticed", said), strict=True))


def registry_figures(said: str) -> Figures:
    """Of the large registry: `name value` a line, whole seconds, milliseconds and bytes."""
    found = {
        name: round(float(value.replace(",", ""))) for name, value in re.findall(r"^(\w+) +([\d.,]+)$", said, re.M)
    }
    if "migration_s" not in found:
        raise ValueError("expected the figures of bench.large_registry, got none")
    return found


def suite_figures(said: str) -> Figures:
    """Of pytest's last line."""
    return {"passed": _numbers(r"\b(\d+) passed", said)[0]}


def intake_figures(said: str) -> Figures:
    """Of the line that the killed agent's test prints."""
    numbers = _numbers(r"(\d+) files, (\d+) kills, (\d+) orders taken, (\d+) rows refused", said)
    return dict(zip(("files", "kills", "orders", "rows_refused"), numbers, strict=True))


def bench_figures(said: str) -> Figures:
    """Of all tables: how many rows have a target, and how many miss it. The figures stand in docs/benchmarks.md."""
    rows = re.findall(r"^\| ([\d.,]+) +\| ≥ ([\d.,]+) ", said, re.MULTILINE)
    if not rows:
        raise ValueError("expected a table with targets, got none")
    missed = [ratio for ratio, target in rows if _number(ratio) < _number(target)]
    return {"with_a_target": len(rows), "below_it": len(missed)}


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _numbers(pattern: str, said: str) -> list[int]:
    found = re.findall(pattern, said)
    if not found:
        raise ValueError(f"expected {pattern!r} in what the run said, got nothing like it")
    return [int(number) for number in ([found[-1]] if isinstance(found[-1], str) else found[-1])]


def story_figures(said: str) -> Figures:
    """Of a story that ends in a line of `name=value`."""
    rows = re.findall(r"^((?:\w+=\d+ ?)+)$", said, re.MULTILINE)
    if not rows:
        raise ValueError("expected a last line of name=value, got none")
    return {name: int(value) for name, value in (pair.split("=") for pair in rows[-1].split())}


# --- the table --------------------------------------------------------------------------------------------------------

_CRASH = ("-m", "pytest", "tests/promises/crash/test_crash.py", "--timeout", "0", "-s", "--crash-seed", "{seed}")
_RECORDS = ("-m", "pytest", "tests/edge_agent/render/test_every_record_renders.py", "--timeout", "0")
_INTAKE = ("-m", "pytest", "tests/promises/test_hot_folder_killed.py", "--timeout", "0", "-s")
_DAY = ("-m", "pytest", "tests/edge_agent/web/console/test_whole_day.py", "--timeout", "0")
_MONTH = ("-m", "tests.product.month.play", "--seed", "{seed}")
_PRODUCT = ("label_protocol", "garment", "edge_agent", "central_registry")

_BOOKS = (
    *("agents", "db.py", "distribution", "embedded.py", "fence", "goods", "grouped.py", "here", "http/agents.py"),
    *("ingest", "issuing", "oversight", "parties", "queries", "queries.sql", "rolls", "schema", "workers"),
)
"""The rooms that make and keep sums; pages, commands and what consumers read move none."""

PROOFS = (
    Proof(
        "crash",
        "the agent is killed again and again, on every line in every language",
        (*_CRASH, "--crash-kills", "200"),
        (*_CRASH, "--crash-kills", "2", "--crash-line", "tcp", "--crash-language", "zpl"),
        (
            "label_protocol",
            "edge_agent/ledger",
            "edge_agent/printers",
            "edge_agent/printing",
            "edge_agent/service",
            "edge_agent/sync",
            "edge_agent/virtual_printer",
            "central_registry/agents",
            "central_registry/distribution",
            "central_registry/ingest",
            "central_registry/issuing",
            "tests/promises/crash",
        ),
        crash_figures,
    ),
    Proof(
        "guards",
        "each guard of a promise is taken away, and its tests go red",
        ("tests/promises/guards/run.py", "--jobs", "2", "--changed"),
        ("tests/promises/guards/run.py", "703"),
        (*_PRODUCT, "tests/promises/guards"),
        guard_figures,
    ),
    Proof(
        "records",
        "five hundred records for each template and resolution, drawn and read back",
        _RECORDS,
        (*_RECORDS, "-k", "reading_notices"),
        ("garment", "edge_agent/labels", "edge_agent/render", "label_templates"),
        suite_figures,
        {"EDGE_AGENT_EXAMPLES": "500"},
    ),
    Proof(
        "intake",
        "a thousand files come into a hot folder while the agent is killed five times: each is taken once",
        _INTAKE,
        _INTAKE,
        ("edge_agent/intake", "edge_agent/work_orders", "edge_agent/service"),
        intake_figures,
        {"EDGE_AGENT_INTAKE_FILES": "1000"},
    ),
    Proof(
        "day",
        "an operator's whole day by scanner and touch, whole at each size of the screen",
        _DAY,
        (*_DAY, "-k", "kept"),
        ("edge_agent/web/console", "tests/kits/day_desk.py", "tests/kits/factory_day.py"),
        suite_figures,
        {"EDGE_AGENT_DAYS": "all"},
    ),
    Proof(
        "registry10m",
        "a registry of the last release with ten million labels is migrated while it is read, and its sums add up",
        ("-m", "bench.large_registry", "10000000"),
        ("-m", "bench.large_registry", "16000"),
        (
            "central_registry/db.py",
            "central_registry/schema",
            "central_registry/queries.sql",
            "central_registry/queries",
            "central_registry/ingest",
            "central_registry/oversight",
            "bench/large_registry.py",
        ),
        registry_figures,
    ),
    Proof(
        "month",
        "a month of 40 firms, 200 lots and 200 000 labels by chance, while the registry and its database are killed",
        _MONTH,
        (*_MONTH, "--firms", "2", "--lots", "4", "--labels", "600", "--window", "20", "--kills", "2"),
        (
            "label_protocol",
            "garment/certificate.py",
            "edge_agent/ledger",
            "edge_agent/sync",
            *(f"central_registry/{room}" for room in _BOOKS),
            "tests/product/month",
        ),
        story_figures,
    ),
    Proof(
        "epcis",
        "each published EPCIS document is captured and given back equal, each wrong one refused with its place",
        ("-m", "tests.central_registry.exchange.documents"),
        ("-m", "tests.central_registry.exchange.documents"),
        (
            "central_registry/exchange/epcis",
            "central_registry/exchange/captured",
            "tests/central_registry/exchange/documents.py",
        ),
        story_figures,
    ),
    Proof(
        "bench",
        "everything is measured beside what it is compared with",
        ("-m", "bench", "--write"),
        ("-m", "bench", "bytes_per_label"),
        (*_PRODUCT, "bench"),
        bench_figures,
    ),
    Proof(
        "deb",
        "the package on a bare Debian that boots: watchdog, kill, full disk, update, rollback, removal, power cut",
        ("-m", "tests.tools.deb.on_debian"),
        ("-m", "tests.tools.deb.on_debian"),
        (
            "edge_agent/ops/service",
            "edge_agent/ops/setup",
            "edge_agent/cli/service.py",
            "packaging",
            "pyproject.toml",
            "tools/deb",
            "tests/tools/deb",
        ),
        story_figures,
    ),
    Proof(
        "update",
        "from one release to the next and back with real wheels: fetched, put in, held, confirmed, gone back",
        ("-m", "tests.tools.release.from_release"),
        ("-m", "tests.tools.release.from_release"),
        ("edge_agent/ops/update", "edge_agent/cli/update.py", "tools/release", "tests/tools/release/from_release.py"),
        story_figures,
    ),
    Proof(
        "wheel",
        "the wheel in an environment of its own: checks, draws, prints, serves",
        ("-m", "tests.tools.deb.from_wheel"),
        ("-m", "tests.tools.deb.from_wheel"),
        (*_PRODUCT, "pyproject.toml", "setup.py", "tests/tools/deb/from_wheel.py"),
        story_figures,
    ),
)


# --- a proof file -----------------------------------------------------------------------------------------------------


def hashed(root: Path, room: str) -> str:
    """The first 16 hex digits of SHA-256 over the names and contents of a room's files; compiled ones are left out."""
    place = root / room
    files = [place] if place.is_file() else sorted(file for file in place.rglob("*") if file.is_file())
    whole = hashlib.sha256()
    for file in files:
        if "__pycache__" not in file.parts:
            whole.update(
                f"{file.relative_to(root).as_posix()} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode()
            )
    return whole.hexdigest()[:16]


def as_toml(title: str, typed: str, made: Sequence[str], figures: Figures, rooms: Mapping[str, str]) -> str:
    """The text of a proof file: `typed` is the command, `made` its day and its commit, `rooms` each with its hash."""
    lines = [f"proof = {_quoted(title)}", f"command = {_quoted(typed)}"]
    lines += [f"day = {made[0]}", f"commit = {_quoted(made[1])}"]
    lines += ["", "[figures]", *(f"{name} = {value}" for name, value in figures.items())]
    lines += ["", "[rooms]", *(f"{_quoted(room)} = {_quoted(value)}" for room, value in rooms.items())]
    return HEAD + "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def changed(text: str, root: Path) -> list[str]:
    """The rooms of a proof file that are not as they were, or no longer there."""
    return [room for room, was in tomllib.loads(text)["rooms"].items() if hashed(root, room) != was]


def stale(proofs: Iterable[Proof], folder: Path, root: Path) -> str:
    """One line for people; empty if every proof still stands."""
    said = []
    for proof in proofs:
        file = folder / f"{proof.name}.toml"
        rooms = changed(file.read_text(encoding="utf-8"), root) if file.is_file() else None
        if rooms is None:
            said.append(f"{proof.name} was never run")
        elif rooms:
            said.append(f"{proof.name} is older than {', '.join(rooms)}")
    return f"long proofs: {'; '.join(said)} (make test-long)" if said else ""


# --- running ----------------------------------------------------------------------------------------------------------


def run(proof: Proof, seed: int, *, trial: bool, folder: Path = FOLDER, root: Path = ROOT) -> bool:
    """Run one, shown as it goes; write its file, or print it after a trial. False if it failed: no file changes."""
    command, env = (proof.trial, {}) if trial else (proof.command, proof.env)
    command = tuple(part.format(seed=seed) for part in command)
    typed = " ".join((*(f"{name}={value}" for name, value in env.items()), "python", *command))
    print(f"\n== {proof.name}: {proof.title}\n+ {typed}", flush=True)
    made, rooms = _made(root), {room: hashed(root, room) for room in proof.rooms}
    code, said = _shown(command, env, root)
    if code != 0:
        print(f"{proof.name}: expected 0, ended with {code}; its file is as it was")
        return False
    text = as_toml(proof.title, typed, made, proof.figures(said), rooms)
    if trial:
        print(text)
    else:
        (folder / f"{proof.name}.toml").write_text(text, encoding="utf-8", newline="\n")
    return True


def _shown(command: Sequence[str], env: Mapping[str, str], root: Path) -> tuple[int, str]:
    """Exit code, and all that was said."""
    said = []
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=root,
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            said.append(line)
    return process.returncode, "".join(said)


def _made(root: Path) -> tuple[str, str]:
    """The day, and the commit with a word if the tree has changes that are in no commit."""
    changes = " with changes" if _git(root, "status", "--porcelain", "--untracked-files=no") else ""
    return f"{datetime.now(UTC):%Y-%m-%d}", _git(root, "rev-parse", "--short", "HEAD") + changes


def _git(root: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, check=True).stdout.strip()


def main() -> int:
    """0 unless a proof that was run has failed."""
    parser = argparse.ArgumentParser(prog="python -m tools.proof", description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("run", "stale"))
    parser.add_argument("name", nargs="*", help=f"of {', '.join(proof.name for proof in PROOFS)}; all if none is named")
    parser.add_argument("--seed", type=int, default=20261120, help="of the crash test")
    parser.add_argument("--trial", action="store_true", help="try little, write nothing")
    given = parser.parse_args()
    if unknown := set(given.name) - {proof.name for proof in PROOFS}:
        parser.error(f"name: expected one of {', '.join(proof.name for proof in PROOFS)}, got {', '.join(unknown)}")
    if given.what == "stale":
        if said := stale(PROOFS, FOLDER, ROOT):
            print(said)
        return 0
    chosen = [proof for proof in PROOFS if not given.name or proof.name in given.name]
    ended = [run(proof, given.seed, trial=given.trial) for proof in chosen]
    return 0 if all(ended) else 1


if __name__ == "__main__":
    raise SystemExit(main())
