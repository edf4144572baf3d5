"""Every kind of alarm and of hold has its sentence, in both languages, and is spelled in one place."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from edge_agent.ledger.holds import RELEASE
from edge_agent.messages.alarm import ALARMS, of_alarm
from edge_agent.messages.hold import HOLDS, of_hold, witness_fault
from edge_agent.messages.text import Words
from label_protocol.kinds import SEEN, AlarmKind, HoldKind

ROOT = Path(__file__).resolve().parents[3]
FORMAT = (ROOT / "docs" / "ledger-format.md").read_text("utf-8")
OTHER_MEANING = {
    ("edge_agent/ops/doctor/running.py", "cloned"),  # how the sync stands
    ("edge_agent/sync/pump.py", "cloned"),
    ("edge_agent/sync/shipper.py", "cloned"),  # a problem's type
    ("edge_agent/ledger/recover.py", "forked"),  # a query
    ("edge_agent/printing/worker.py", "disk_full"),  # a line of the log
}


def test_every_kind_has_its_sentence() -> None:
    assert set(ALARMS) == set(AlarmKind)
    assert set(HOLDS) == set(HoldKind) - {HoldKind.WITNESS_FAULT, HoldKind.CLOCK_BEHIND}
    for words in (*ALARMS.values(), *HOLDS.values(), witness_fault("no space left")):
        assert isinstance(words, Words) and re.search("[\u4e00-\u9fff]", words.zh) and words.en.isascii()


def test_a_kind_of_another_version_is_told_by_its_name() -> None:
    assert "of_a_later_version" in of_alarm("of_a_later_version").zh
    assert of_hold("of_a_later_version") == "of_a_later_version"


def test_somebody_may_lift_every_hold_but_those_that_end_by_themselves() -> None:
    assert set(RELEASE) == set(HoldKind) - SEEN


def _listed(event: str) -> set[str]:
    (row,) = re.findall(rf"^\| `{event}` \|.*\| (.*) \|$", FORMAT, re.MULTILINE)
    return set(re.findall(r"`(\w+)`", row))


def test_the_document_lists_the_kinds() -> None:
    """Of alarms the first; whoever looks for one more finds it in `AlarmKind`."""
    assert _listed("hold_placed") == set(HoldKind) - SEEN - {HoldKind.CLOCK_BEHIND}, "it is seen, and in no event"
    assert _listed("alarm_raised") and not _listed("alarm_raised") - set(AlarmKind)


def test_no_module_of_the_agent_spells_a_kind() -> None:
    kinds = {*AlarmKind, *HoldKind}
    spelled = {
        (file.relative_to(ROOT).as_posix(), node.value)
        for file in (ROOT / "edge_agent").glob("**/*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in kinds
    }
    assert spelled == OTHER_MEANING, "use label_protocol.kinds"
