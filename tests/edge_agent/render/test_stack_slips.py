"""Slips in the ways of a template of format 2 are told, with what was expected, before anything is printed."""

from __future__ import annotations

from importlib.resources import files

import pytest

from edge_agent.render.templates.template import Template, examine

GRADE = files("label_templates").joinpath("down_grade_60x40.toml").read_text("utf-8")


def told(old: str, new: str) -> str:
    assert GRADE.count(old) == 1
    found = examine(GRADE.replace(old, new).encode(), "mine")
    return "" if isinstance(found, Template) else " | ".join(flaw.en for flaw in found)


@pytest.mark.parametrize(
    ("old", "new", "en"),
    [
        ('"rule_top", "indicators",', '"rule_top",', "expected each slot once in a way, got indicators 0 times"),
        ('"rule_top", "indicators",', '"indicators", "indicators",', "got indicators 2 times"),
        ('"rule_top", "indicators",', '"rule_top", "rule_top", "indicators",', "got rule_top 2 times"),
        ('"rule_top", "indicators",', '"rule_tpo", "indicators",', "expected names of slots, got 'rule_tpo'"),
    ],
)
def test_a_way_that_loses_or_repeats_or_invents_a_slot_is_told(old: str, new: str, en: str) -> None:
    assert en in told(old, new)


def test_a_rule_may_be_left_out_of_a_way() -> None:
    assert told('"rule_top", "indicators",', '"indicators",') == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("format = 2", "format = 3"),
        ("format = 2\n", ""),
        ('name = "serial"\n', 'name = "serial"\nat_mm = [1, 1]\n'),
        ("gap_mm = 3\nwrap", "gpa_mm = 3\nwrap"),
        ("gap_mm = 3\nwrap", "gap_mm = [3, 2, 1]\nwrap"),
    ],
)
def test_what_format_2_does_not_know_is_refused(old: str, new: str) -> None:
    assert told(old, new)
