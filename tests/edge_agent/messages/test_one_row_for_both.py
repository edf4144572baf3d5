"""What an operator reads about printing and the sync stands in `messages/`, Chinese and English in one row."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from edge_agent.messages import job, preflight, printer, sync, work_order
from edge_agent.messages.text import Words
from edge_agent.model.job import JobState
from edge_agent.model.media import Sensor
from edge_agent.model.printer import Fault, ProofLevel

ROOT = Path(__file__).resolve().parents[3]
CHINESE = re.compile("[\u4e00-\u9fff]")
ROOMS = ("printing", "sync", "printers/link.py", "model/printer.py", "model/media.py", "app.py", "wiring.py")


def _texts(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("room", ROOMS)
def test_no_sentence_for_an_operator_stands_in_the_code_of(room: str) -> None:
    place = ROOT / "edge_agent" / room
    for file in [place] if place.is_file() else place.glob("*.py"):
        assert not [text for text in _texts(file) if CHINESE.search(text)], file


def _words(module: ModuleType) -> Iterator[Words]:
    for value in vars(module).values():
        if isinstance(value, Words):
            yield value
        elif isinstance(value, preflight.Compared):
            yield from (value.what, value.advice)
        elif isinstance(value, dict):
            yield from (one for one in value.values() if isinstance(one, Words))


@pytest.mark.parametrize("module", [job, preflight, printer, sync, work_order], ids=lambda module: module.__name__)
def test_every_row_says_it_in_both_languages(module: ModuleType) -> None:
    rows = list(_words(module))
    assert len(rows) > 5
    for row in rows:
        assert CHINESE.search(row.zh), row
        assert row.en and not CHINESE.search(row.en), row


def test_every_state_a_printer_or_a_job_may_be_in_has_its_row() -> None:
    assert {*printer.FAULTS} == {*Fault}
    assert {*printer.PROOFS} == {*ProofLevel}
    assert {*job.JOB_STATES} == {*JobState}
    assert {*preflight.SENSORS} == {*Sensor}
