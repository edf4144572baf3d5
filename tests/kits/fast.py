"""What `make fast` runs: tests that start no process, open no database and no connection, and wait for nothing.

A test file is chosen by what it imports, all the way down: where that ends in nothing of `WORLD`, and no test or kit
runs an event loop, its tests can do nothing of the kind. So a new test lands on its side by itself. What imports hide
(a fixture that starts a node, a module found by its name) is caught while it runs: `Refusal` fails the test.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
OURS = frozenset({"label_protocol", "garment", "edge_agent", "central_registry", "tests", "tools", "bench"})
WORLD = frozenset({"asyncpg", "multiprocessing", "playwright", "sqlite3", "subprocess"})
"""Modules that start a process or open a database."""
LOOPS = frozenset({"asyncio", "socket", "async def"})
"""What a test that waits has in it; the product's rooms may, and are only called."""
REFUSED = frozenset(
    {
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.startfile",
        "os.system",
        "socket.__new__",
        "socket.bind",
        "socket.connect",
        "sqlite3.connect",
        "subprocess.Popen",
        "time.sleep",
    }
)
"""The interpreter's audit events of the same: an event loop makes a socket; `time.sleep` tells from Python 3.13 on."""


def is_fast(test_file: Path) -> bool:
    """True if nothing that `test_file` (absolute) imports, all the way down, starts, opens or waits for something."""
    seen, ahead = {test_file}, [test_file]
    while ahead:
        file = ahead.pop()
        named = _named(file)
        if {name.split(".")[0] for name in named} & (WORLD if _is_product(file) else WORLD | LOOPS):
            return False
        found = {one for name in named for one in _files(name)} - seen
        seen |= found
        ahead += found
    return True


def _is_product(file: Path) -> bool:
    return file.is_relative_to(ROOT) and not file.is_relative_to(ROOT / "tests")


@cache
def _named(file: Path) -> frozenset[str]:
    """What a file imports, in full; of `from a import b` both `a` and `a.b`, since `b` may be a module."""
    return frozenset(name for node in ast.walk(ast.parse(file.read_bytes())) for name in _names(node))


def _names(node: ast.AST) -> tuple[str, ...]:
    if isinstance(node, ast.Import):
        return tuple(alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom) and node.module:
        return (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))
    return ("async def",) if isinstance(node, ast.AsyncFunctionDef) else ()


@cache
def _files(name: str) -> tuple[Path, ...]:
    """The files of this tree that `import name` runs: its own, and those of the packages above it."""
    steps = name.split(".")
    if steps[0] not in OURS:
        return ()
    places = [ROOT.joinpath(*steps[: depth + 1]) for depth in range(len(steps))]
    tried = [file for place in places for file in (place / "__init__.py", place.with_suffix(".py"))]
    return tuple(file for file in tried if file.is_file())


class Refusal:
    """The plugin of a fast run: collects fast files only, and fails a test that starts, opens or connects something."""

    def __init__(self) -> None:
        self._running = False
        sys.addaudithook(self._heard)

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Slow files are not even imported."""
        slow = collection_path.match("test_*.py") and not is_fast(collection_path)
        return True if slow else None

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Those that try everything there is are left to `make test`."""
        left = [item for item in items if item.get_closest_marker("costly")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self) -> Iterator[None]:
        """Only what runs between here and the end is a test's doing; a worker's own wiring is not."""
        self._running = True
        try:
            return (yield)  # type: ignore[return-value]
        finally:
            self._running = False

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if self._running and event in REFUSED:
            pytest.fail(f"a test of `make fast` did {event}{args!r:.200}: let it import what does that, or do without")
