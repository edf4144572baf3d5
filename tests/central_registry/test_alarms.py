"""The kinds of alarms that the registry raises: each stands in the enum, and nowhere as bare text."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from central_registry.agents.lineage import Place
from central_registry.alarms import AlarmKind, Note, alarm_id

PACKAGE = Path(__file__).resolve().parents[2] / "central_registry"
REFUSED = {AlarmKind(place.value) for place in (Place.FORK, Place.CLONED)}
"""Named by what is wrong with the place of a batch."""


def _nodes() -> Iterator[tuple[str, ast.AST]]:
    for file in PACKAGE.glob("**/*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            yield f"{file.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}", node


def test_every_kind_is_raised() -> None:
    named = {node.attr for _, node in _nodes() if isinstance(node, ast.Attribute) and _is_kind(node.value)}
    assert {AlarmKind[name] for name in named} | REFUSED == set(AlarmKind)


def test_no_kind_is_bare_text() -> None:
    """But the words of agents, and of none when an alarm is only looked for by its name."""
    calls = [(where, node) for where, node in _nodes() if isinstance(node, ast.Call)]
    raised = [(where, node) for where, node in calls if isinstance(node.func, ast.Name) and node.func.id == "Note"]
    assert len(raised) > len(AlarmKind)
    for where, note in raised:
        by_agent = any(word.arg == "by_agent" for word in note.keywords)
        assert by_agent or not isinstance(note.args[0], ast.Constant), where


@pytest.mark.parametrize("kind", AlarmKind)
def test_a_kind_is_its_word(kind: AlarmKind) -> None:
    """Alarms that stand in a database were named before there was an enum: the name of the same thing stays."""
    assert alarm_id(Note(kind, "L1", "")) == hashlib.sha256(f"{kind.value}:L1".encode()).hexdigest()[:32]


def _is_kind(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == "AlarmKind"
