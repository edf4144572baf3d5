"""The events are named and described in one module, as docs/ledger-format.md says, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

from label_protocol import events
from label_protocol.chain import canonical
from label_protocol.events import Acted, EventType

ROOT = Path(__file__).resolve().parents[2]
FORMAT = (ROOT / "docs" / "ledger-format.md").read_text("utf-8")
PACKAGES = ("label_protocol", "garment", "edge_agent", "central_registry")
SPELLED_HERE = "label_protocol/kinds.py"
OTHER_MEANING = {
    ("central_registry/agents/enrolment.py", "enrolled"),
    ("central_registry/console/pages/fleet.py", "enrolled"),
    ("central_registry/console/pages/former.py", "packed"),
    ("central_registry/console/pages/goods_import.py", "packed"),
    ("central_registry/console/pages/place.py", "packed"),
    ("central_registry/console/pieces/placed.py", "packed"),
    ("central_registry/exchange/retelling.py", "packed"),
    ("central_registry/exchange/steps.py", "packed"),
    ("central_registry/http/bodies.py", "packed"),
    ("central_registry/ingest/interpret.py", "packed"),
    ("central_registry/oversight/sums.py", "packed"),
    ("central_registry/place/custody.py", "packed"),
    ("central_registry/problems.py", "packed"),
    ("edge_agent/cli/cartons.py", "packed"),
    ("edge_agent/cli/report.py", "packed"),
    ("edge_agent/ledger/project.py", "packed"),
    ("edge_agent/messages/life.py", "packed"),
    ("edge_agent/messages/report.py", "packed"),
    ("edge_agent/printing/worker.py", "window_in_doubt"),
    ("edge_agent/reports/paper.py", "packed"),
    ("edge_agent/reports/sheets.py", "packed"),
    ("edge_agent/service/job_log.py", "job_opened"),
    ("edge_agent/web/handlers/reports.py", "packed"),
}
"""Words that are also an event's name: how an agent stands, in the list of agents; a body that is packed as nobody
unpacks it; a table of the ledger, a count of a carton, a column of sums, where a garment is, a file in a form, a table
of a shift's report; lines of the program's log."""


def _types() -> dict[str, dict[str, Any]]:
    """Name of each event → its own fields and their types."""
    found = {}
    for one in vars(events).values():
        hints = get_type_hints(one) if isinstance(one, type) and issubclass(one, dict) else {}
        if "type" in hints:
            (name,) = get_args(hints.pop("type"))
            found[name.value] = {field: hint for field, hint in hints.items() if field not in Acted.__annotations__}
    return found


def _rows() -> dict[str, list[str]]:
    """The table of docs/ledger-format.md: name of each event → its fields. What stands in brackets is their values."""
    table = FORMAT.partition("| type | fields |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| ", table, re.MULTILINE)
    return {name: re.findall(r"`(\w+)`", re.sub(r"\([^()]*\)", "", fields)) for name, fields in rows}


def test_every_name_has_one_type_and_one_row_of_the_document() -> None:
    names = [one.value for one in EventType]
    assert sorted(_types()) == sorted(names)
    assert list(_rows()) == names


@pytest.mark.parametrize("name", list(EventType))
def test_the_document_lists_the_fields_of_the_type(name: EventType) -> None:
    assert _rows()[name] == list(_types()[name])


@pytest.mark.parametrize("name", list(EventType))
def test_a_name_of_the_enum_is_hashed_as_its_word(name: EventType) -> None:
    assert canonical({"type": name}) == canonical({"type": name.value}) == f'{{"type":"{name.value}"}}'.encode()


def _strings(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text("utf-8"))
    yield from (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


@pytest.mark.costly
def test_no_other_module_spells_the_name_of_an_event() -> None:
    names = {one.value for one in EventType}
    files = [file for package in PACKAGES for file in (ROOT / package).glob("**/*.py")]
    told = {(file.relative_to(ROOT).as_posix(), one) for file in files for one in _strings(file) if one in names}
    spelled = {(file, word) for file, word in told if file != SPELLED_HERE}
    assert spelled == OTHER_MEANING, "use label_protocol.events.EventType"
