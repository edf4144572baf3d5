"""The house (ARCHITECTURE section 5) as a test: who may import whom, what is pure, how long things may be.

A file that no rule covers fails, so that a new room is a decision and not an accident.
"""

from __future__ import annotations

import ast
import statistics
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).resolve().parent.parent
PURE = frozenset({"asyncio", "time", "socket", "sqlite3", "os", "threading", "subprocess", "random", "secrets"})

# room (longest prefix wins) → what it may import from the two packages; `!` before a name: this room is pure
RULES: dict[str, tuple[str, ...]] = {
    "edge_agent/__init__.py": (),
    "edge_agent/__main__.py": ("edge_agent.cli",),
    "edge_agent/errors.py": ("!",),
    "edge_agent/model.py": ("!", "edge_agent.errors"),
    "edge_agent/stock.py": ("!",),
    "edge_agent/files.py": (),
    "edge_agent/http_limits.py": (),
    "edge_agent/json_text.py": ("!", "edge_agent.errors"),
    "edge_agent/plain.py": ("!",),
    "edge_agent/record.py": ("!", "edge_agent.errors", "edge_agent.json_text", "edge_agent.plain"),
    "edge_agent/refusals.py": ("!", "edge_agent.errors"),
    "edge_agent/words.py": ("!", "edge_agent.errors", "edge_agent.model"),
    "edge_agent/proof.py": ("!", "edge_agent.model", "edge_agent.errors"),
    "edge_agent/names.py": ("!", "edge_agent.errors", "edge_agent.plain"),
    "edge_agent/people.py": ("edge_agent.catalog", "edge_agent.errors", "edge_agent.names"),
    "edge_agent/standing.py": ("edge_agent.ledger", "edge_agent.model", "edge_agent.words"),
    "edge_agent/audit.py": ("edge_agent.ledger",),
    "edge_agent/lots.py": (
        "edge_agent.catalog",
        "edge_agent.ledger",
        "edge_agent.record",
        "edge_agent.service",
        "edge_agent.words",
    ),
    "edge_agent/fitting.py": (
        "edge_agent.ledger",
        "edge_agent.lots",
        "edge_agent.check_codes",
        "edge_agent.errors",
        "edge_agent.labels",
        "edge_agent.record",
        "edge_agent.render",
        "edge_agent.service",
    ),
    "edge_agent/bell.py": (),
    "edge_agent/clock.py": (),
    "edge_agent/logs.py": (),
    "edge_agent/credentials.py": ("edge_agent.errors", "edge_agent.files"),
    "edge_agent/check_codes.py": ("!", "edge_agent.codes", "edge_agent.errors"),
    "edge_agent/keyring.py": (
        "edge_agent.codes",
        "edge_agent.credentials",
        "edge_agent.errors",
        "edge_agent.ledger.values",
        "edge_agent.sync",
    ),
    "edge_agent/artwork.py": ("edge_agent.errors", "edge_agent.files", "edge_agent.render.mark"),
    "edge_agent/labels.py": (
        "edge_agent.codes",
        "edge_agent.errors",
        "edge_agent.model",
        "edge_agent.record",
        "edge_agent.render",
        "edge_agent.standards",
    ),
    "edge_agent/promised.py": ("!", "edge_agent.codes", "edge_agent.errors", "edge_agent.render"),
    "edge_agent/order_sheet.py": (
        "!",
        "edge_agent.errors",
        "edge_agent.json_text",
        "edge_agent.labels",
        "edge_agent.model",
        "edge_agent.record",
        "edge_agent.render",
        "edge_agent.standards",
    ),
    "edge_agent/opening.py": (
        "edge_agent.artwork",
        "edge_agent.clock",
        "edge_agent.codes",
        "edge_agent.config",
        "edge_agent.credentials",
        "edge_agent.errors",
        "edge_agent.exposure",
        "edge_agent.labels",
        "edge_agent.ledger",
        "edge_agent.machine",
        "edge_agent.model",
        "edge_agent.press",
        "edge_agent.printers",
        "edge_agent.standards",
        "edge_agent.stock",
    ),
    "edge_agent/doctor.py": ("edge_agent",),
    "edge_agent/codes": ("!", "edge_agent.model", "edge_agent.errors"),
    "edge_agent/standards": (
        "!",
        "edge_agent.model",
        "edge_agent.errors",
        "edge_agent.plain",
        "edge_agent.record",
        "edge_agent.codes",
    ),
    "edge_agent/render": (
        "edge_agent.model",
        "edge_agent.stock",
        "edge_agent.errors",
        "edge_agent.files",
        "edge_agent.codes",
    ),
    "edge_agent/quality": ("!", "edge_agent.model", "edge_agent.render"),
    "edge_agent/ledger": ("edge_agent.model", "edge_agent.errors", "edge_agent.files", "edge_agent.names"),
    "edge_agent/ledger/chain.py": ("!", "edge_agent.errors"),
    "edge_agent/ledger/states.py": ("!", "edge_agent.model", "edge_agent.errors"),
    "edge_agent/catalog": (
        "edge_agent.errors",
        "edge_agent.files",
        "edge_agent.json_text",
        "edge_agent.names",
        "edge_agent.plain",
        "edge_agent.record",
    ),
    "edge_agent/config.py": ("edge_agent.model", "edge_agent.stock", "edge_agent.errors"),
    "edge_agent/printers/__init__.py": (),
    "edge_agent/printers/languages": ("!", "edge_agent.model", "edge_agent.stock", "edge_agent.errors"),
    "edge_agent/printers/transports": ("edge_agent.errors",),
    "edge_agent/printers/profiles.py": (
        "edge_agent.model",
        "edge_agent.errors",
        "edge_agent.printers.languages.contract",
    ),
    "edge_agent/printers/discovery.py": ("edge_agent.errors", "edge_agent.printers"),
    "edge_agent/printers/desk.py": ("edge_agent.errors", "edge_agent.words"),
    "edge_agent/printers/link.py": (
        "edge_agent.printers.languages",
        "edge_agent.printers.transports",
        "edge_agent.model",
        "edge_agent.errors",
        "edge_agent.proof",
        "edge_agent.stock",
    ),
    "edge_agent/printers/virtual": ("edge_agent.printers.languages", "edge_agent.model", "edge_agent.errors"),
    "edge_agent/exposure.py": ("!", "edge_agent.errors", "edge_agent.words"),
    "edge_agent/preflight.py": ("!", "edge_agent.model", "edge_agent.stock", "edge_agent.words"),
    "edge_agent/patience.py": ("!", "edge_agent.model"),
    "edge_agent/sheet.py": ("!", "edge_agent.errors", "edge_agent.model", "edge_agent.stock"),
    "edge_agent/machine.py": (
        "edge_agent.errors",
        "edge_agent.model",
        "edge_agent.printers",
        "edge_agent.proof",
        "edge_agent.sheet",
        "edge_agent.stock",
        "edge_agent.words",
    ),
    "edge_agent/press.py": (
        "edge_agent.machine",
        "edge_agent.patience",
        "edge_agent.sheet",
        "edge_agent.words",
        "edge_agent.errors",
        "edge_agent.model",
        "edge_agent.printers",
        "edge_agent.proof",
    ),
    "edge_agent/roster.py": ("!", "edge_agent.model"),
    "edge_agent/accountant.py": ("edge_agent.ledger", "edge_agent.model", "edge_agent.proof"),
    "edge_agent/print_and_judge.py": (
        "edge_agent.accountant",
        "edge_agent.errors",
        "edge_agent.model",
        "edge_agent.press",
        "edge_agent.proof",
        "edge_agent.sheet",
    ),
    "edge_agent/chores.py": (
        "edge_agent.accountant",
        "edge_agent.bell",
        "edge_agent.errors",
        "edge_agent.model",
        "edge_agent.press",
        "edge_agent.print_and_judge",
        "edge_agent.sheet",
        "edge_agent.words",
    ),
    "edge_agent/copier.py": (
        "edge_agent.accountant",
        "edge_agent.bell",
        "edge_agent.errors",
        "edge_agent.ledger",
        "edge_agent.model",
        "edge_agent.press",
        "edge_agent.print_and_judge",
        "edge_agent.sheet",
        "edge_agent.words",
    ),
    "edge_agent/copies.py": (
        "edge_agent.errors",
        "edge_agent.labels",
        "edge_agent.ledger",
        "edge_agent.model",
        "edge_agent.order",
        "edge_agent.promised",
        "edge_agent.service",
        "edge_agent.words",
    ),
    "edge_agent/shop_floor.py": ("edge_agent",),
    "edge_agent/order.py": ("!", "edge_agent.codes", "edge_agent.errors", "edge_agent.names"),
    "edge_agent/pipeline.py": (
        "edge_agent.accountant",
        "edge_agent.chores",
        "edge_agent.copier",
        "edge_agent.roster",
        "edge_agent.sheet",
        "edge_agent.words",
        "edge_agent.bell",
        "edge_agent.errors",
        "edge_agent.ledger",
        "edge_agent.model",
        "edge_agent.press",
        "edge_agent.print_and_judge",
    ),
    "edge_agent/sync": (
        "edge_agent.codes",
        "edge_agent.ledger",
        "edge_agent.model",
        "edge_agent.errors",
        "edge_agent.words",
    ),
    "edge_agent/sync/wire.py": ("!", "edge_agent.model", "edge_agent.errors", "edge_agent.ledger.chain"),
    "edge_agent/service.py": ("edge_agent",),
    "edge_agent/web": ("edge_agent",),
    "edge_agent/app.py": ("edge_agent",),
    "edge_agent/cli": ("edge_agent",),
    "edge_agent/demo": ("edge_agent", "central_registry"),
    "central_registry": (
        "edge_agent.sync.wire",
        "edge_agent.codes",
        "edge_agent.standards",
        "edge_agent.ledger.chain",
        "edge_agent.errors",
        "edge_agent.http_limits",
        "edge_agent.logs",
        "edge_agent.plain",
    ),
}
UPWARDS = {
    "edge_agent/service.py": ("edge_agent.web", "edge_agent.app", "edge_agent.cli", "edge_agent.pipeline"),
    "edge_agent/web": ("edge_agent.app", "edge_agent.cli", "edge_agent.pipeline"),
    "edge_agent/app.py": ("edge_agent.cli", "edge_agent.demo"),
    "edge_agent/shop_floor.py": ("edge_agent.app", "edge_agent.cli", "edge_agent.web", "edge_agent.service"),
    "edge_agent/doctor.py": ("edge_agent.web", "edge_agent.app", "edge_agent.cli"),
}
"""Rooms that may import the whole agent, but nothing above them."""


def _files() -> list[str]:
    found = [*ROOT.glob("edge_agent/**/*.py"), *ROOT.glob("central_registry/**/*.py")]
    return sorted(str(PurePosixPath(path.relative_to(ROOT))) for path in found)


def _rule(file: str) -> str | None:
    fits = [room for room in RULES if file == room or file.startswith(room.removesuffix(".py") + "/")]
    return max(fits, key=len, default=None)


def _imports(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; write it out"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def _package(room: str) -> str:
    return room.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@pytest.mark.parametrize("file", _files())
def test_every_file_imports_only_what_its_room_allows(file: str) -> None:
    room = _rule(file)
    assert room is not None, f"{file}: no rule covers it; decide where it belongs"
    allowed = tuple(name for name in RULES[room] if name != "!")
    own = "central_registry" if room == "central_registry" else _package(room)
    for name in _imports(file):
        if not name.startswith(("edge_agent", "central_registry")):
            continue
        ok = any(name == one or name.startswith(one + ".") for one in (*allowed, own))
        assert ok, f"{file} imports {name}; {room} may import {allowed}"
        for above in UPWARDS.get(room, ()):
            assert not name.startswith(above), f"{file} imports {name}, which lies above it"


@pytest.mark.parametrize("file", [file for file in _files() if "!" in RULES.get(_rule(file) or "", ())])
def test_pure_rooms_touch_no_world(file: str) -> None:
    touched = {name.split(".")[0] for name in _imports(file)} & PURE
    assert not touched, f"{file} is pure and imports {sorted(touched)}"


@pytest.mark.parametrize("file", _files())
def test_no_posix_only_import_at_module_level(file: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    top = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert not top & {"fcntl", "termios", "pwd", "grp", "resource", "pty", "tty"}, file


def _functions() -> list[tuple[int, str]]:
    rows = []
    for file in _files():
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                assert node.end_lineno is not None
                doc = node.body[0] if ast.get_docstring(node) else None
                doc_lines = (doc.end_lineno or 0) - doc.lineno + 1 if doc else 0
                rows.append((node.end_lineno - node.lineno + 1 - doc_lines, f"{file}:{node.lineno} {node.name}"))
    return rows


def test_functions_are_small() -> None:
    lengths = sorted(_functions())
    sizes = [size for size, _ in lengths]
    assert sizes[-1] <= 60, lengths[-1]
    assert statistics.median(sizes) <= 8
    assert sizes[int(0.9 * (len(sizes) - 1))] <= 30


@pytest.mark.parametrize("file", _files())
def test_files_are_short(file: str) -> None:
    assert (ROOT / file).read_text(encoding="utf-8").count("\n") <= 300, file


def test_rules_name_rooms_that_exist() -> None:
    """Alternatives (a module or a package of the same name) count once."""
    for room in RULES:
        stem = ROOT / room.removesuffix(".py")
        assert stem.exists() or stem.with_suffix(".py").exists(), room
