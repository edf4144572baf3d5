"""A printer that does not exist stands in for one where somebody says so: in a command, the demo, a measurement, a
test."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house import RULES

ROOT = Path(__file__).resolve().parents[3]
KNOWN_TO = {"edge_agent/cli", "edge_agent/demo"}


def test_no_room_that_prints_for_somebody_may_import_it() -> None:
    rooms = {room for room, row in RULES.items() if any("virtual_printer" in name for name in row)}
    assert rooms == KNOWN_TO


def test_nobody_imports_it_by_another_way() -> None:
    """By its name in a string, as `importlib` takes it, or in a setting."""
    for file in (ROOT / "edge_agent").glob("**/*.py"):
        place = file.relative_to(ROOT).as_posix()
        if place.startswith(("edge_agent/virtual_printer/", *(room + "/" for room in KNOWN_TO))):
            continue
        texts = [node.value for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Constant)]
        assert not [text for text in texts if isinstance(text, str) and "edge_agent.virtual_printer" in text], place
