"""What the tests of the check code share: a template with its slot, a key, and the record of a sample."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

from edge_agent import demo
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.template import Template, parse_template
from garment.record import record_from
from label_protocol.codes.check_code import CheckKeys

KEY_ID = "0a1b2c3d"
KEY = bytes.fromhex("304e933fe978ab16593c3b83119d04401a497346f6c024039849c6ee452dd268")
KEYS = CheckKeys("7K3", KEY_ID, {KEY_ID: KEY})
RECORD = json.loads((Path(demo.__file__).parent / "samples" / "down_graded.json").read_text("utf-8"))

SLOT = """
[[slot]]
name = "check"
kind = "check_code"
at_mm = [2.5, 40.2]
size_mm = [35, 3.2]
char_mm = 2.0
min_char_mm = 1.8
"""


def with_slot(slot: str = SLOT) -> bytes:
    """The grade tag, on a label of 45 mm with a check code below its left column."""
    former = files("label_templates").joinpath("former", "down_grade_60x40-95e0de99970cf1f1.toml")
    data = former.read_bytes().decode("utf-8")
    return (data.replace("size_mm = [60, 40]", "size_mm = [60, 45]", 1) + slot).encode("utf-8")


TEMPLATE = parse_template(with_slot(), "check")


def snapshot_of(check_key: str | None = KEY_ID, template: Template = TEMPLATE) -> dict[str, Any]:
    facts = record_from(RECORD).facts()
    return make_snapshot(facts, template, rules={}, host="id.example.cn", check_key=check_key)
