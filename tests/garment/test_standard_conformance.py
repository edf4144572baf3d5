"""One suite for every label standard and grading scheme: what `standards/contract.py` promises, held to each folder.

Adding a standard adds vectors, not tests. Vectors change a sample record; a damaged one never makes a rule raise.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import random
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import garment.standards
from garment.finding import Finding, Severity
from garment.record import GarmentRecord, record_from
from garment.standards import (
    RULES,
    STANDARDS,
    check_named,
    check_record,
    check_shown,
    check_symbol,
    check_text,
    rule_pack_versions,
)
from garment.standards.contract import Certified, CheckContext, Standard
from garment.standards.rules import MAX_QUOTED, Override, Rule, load_pack
from label_protocol.errors import RecordError

HERE = Path(__file__).parents[1]
FOLDERS = Path(garment.standards.__file__).parent
SAMPLES = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((HERE.parent / "edge_agent" / "demo" / "samples").glob("*.json"))
}
PACKS = {name: load_pack(f"garment.standards.{name}") for name in STANDARDS}
ROWS = {(name, key): rule for name, pack in PACKS.items() for key, rule in pack.rules.items()}
REFERENCE_IDS = {
    *(f"D{number}" for number in range(1, 10)),
    *(f"F{number}" for number in range(1, 8)),
    *("L1", "L2", "L3", "L4", "K1", "K2", "S1", "Q1", "Q2", "Q3", "M1", "C1"),
}
KINDS = (None, "down_grade", "down_hangtag", "composition_card", "child_tag", "code_sticker", "no_such_kind")
TODAY = "2026-11-20"

every_standard = pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS)
every_row = pytest.mark.parametrize(("name", "key"), ROWS, ids=["/".join(row) for row in ROWS])


def load_vectors() -> list[tuple[str, dict[str, Any]]]:
    texts = {name: (FOLDERS / name / "vectors.toml").read_text("utf-8") for name in STANDARDS}
    return [(name, vector) for name, text in texts.items() for vector in tomllib.loads(text)["vector"]]


VECTORS = load_vectors()


def set_path(record: dict[str, Any], change: dict[str, Any]) -> None:
    """Set or remove one dotted path; in a list, the number after the last element appends."""
    *steps, last = change["path"].split(".")
    target: Any = record
    for step in steps:
        target = target[int(step)] if isinstance(target, list) else target[step]
    if isinstance(target, list) and "value" in change:
        target[int(last) : int(last) + 1] = [change["value"]]
    elif "value" in change:
        target[last] = change["value"]
    else:
        del target[int(last) if isinstance(target, list) else last]


def changed(base: str, changes: list[dict[str, Any]]) -> GarmentRecord:
    record = copy.deepcopy(SAMPLES[base])
    for change in changes:
        set_path(record, change)
    return record_from(record)


def findings_of(name: str, vector: dict[str, Any]) -> tuple[Finding, ...]:
    if "symbol" in vector:
        return check_symbol(**vector["symbol"])
    if "text" in vector:
        return check_text(**vector["text"])
    supplied = [Override(vector["rule"], "suite", "vector", **vector["override"])] if "override" in vector else []
    held = frozenset(vector.get("artwork", ()))
    if "template" in vector:
        drawn = vector["template"]
        return check_shown(drawn["shown"], CheckContext(drawn["kind"], TODAY, tuple(supplied)))
    certified = Certified(**vector["certified"]) if "certified" in vector else None
    context = CheckContext(vector.get("kind"), vector.get("on_date", TODAY), tuple(supplied), held, certified)
    record = changed(vector["base"], vector.get("change", []))
    if "named" in vector:
        return check_named(record, vector["named"], context)
    standard = STANDARDS[name]
    return standard.check(record, context) if standard.applies(record, context) else ()


def comes_from(finding: Finding, row: Rule) -> bool:
    """Whether the finding is worded by this row: id, severity and the sentence with its gaps filled."""
    pattern = re.sub(r"\\\{\w+\\\}", ".*", re.escape(row.zh))
    same = (finding.rule, finding.severity, finding.clause) == (row.rule, row.severity, row.clause)
    return same and re.fullmatch(pattern, finding.zh, re.DOTALL) is not None


def assert_whole(finding: Finding) -> None:
    for field in dataclasses.fields(finding):
        value = getattr(finding, field.name)
        assert isinstance(value, str), field.name
        assert value.strip(), f"{finding.rule}: {field.name} is empty"
    assert isinstance(finding.severity, Severity)
    assert re.search(r"[\u4e00-\u9fff]", finding.zh)
    assert max(len(finding.got), len(finding.expected)) <= MAX_QUOTED
    assert max(len(finding.zh), len(finding.en)) <= 400, "an operator reads it on a screen"
    known = [row for row in ROWS.values() if row.rule == finding.rule]
    assert any(comes_from(finding, row) for row in known), f"no row of rules.toml says {finding.zh}"


def test_table_and_folders_agree() -> None:
    folders = {path.parent.name for path in FOLDERS.glob("*/rules.toml")}
    assert folders == set(STANDARDS) == {path.parent.name for path in FOLDERS.glob("*/vectors.toml")}
    assert {standard.name for standard in STANDARDS.values()} == folders


@every_standard
def test_a_pack_has_a_title_and_a_version_that_looks_like_one(standard: Standard) -> None:
    assert standard.title
    assert re.fullmatch(r"20\d\d\.\d{1,2}\.\d{1,3}", standard.version)


@every_row
def test_a_row_says_all_and_an_unconfirmed_value_never_blocks(name: str, key: str) -> None:
    row = ROWS[name, key]
    assert row.rule in REFERENCE_IDS
    assert row.status in ("C", "C2", "U", "NP")
    assert row.status in ("C", "C2") or row.severity is Severity.WARN
    assert row.status in ("C", "C2") or not isinstance(row.value, (int, Decimal)), "no number of ours for U and NP"
    assert row.status != "NP" or row.value is None, "a value that is not public stays out until a site supplies it"
    assert all((row.clause, row.source, row.zh, row.en))
    dates = [date for date in (row.effective_from, row.effective_to) if date]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for date in dates)


def test_a_row_is_named_once_in_all_packs() -> None:
    assert len(ROWS) == len(RULES)


@every_row
def test_every_row_has_a_passing_and_a_failing_vector(name: str, key: str) -> None:
    outcomes = {vector["finds"] for folder, vector in VECTORS if (folder, vector["rule"]) == (name, key)}
    assert outcomes == {True, False}


@pytest.mark.parametrize(("name", "vector"), VECTORS, ids=[f"{name}/{v['rule']}" for name, v in VECTORS])
def test_vector(name: str, vector: dict[str, Any]) -> None:
    assert vector["source"], "a vector says where it is from"
    row = PACKS[name].rules[vector["rule"]]
    found = [finding for finding in findings_of(name, vector) if comes_from(finding, row)]
    assert bool(found) is vector["finds"], [finding.zh for finding in findings_of(name, vector)]
    assert not found or vector["path"] in [finding.path for finding in found]
    for finding in found:
        assert_whole(finding)


@pytest.mark.parametrize("kind", [None, "composition_card", "code_sticker"])
@pytest.mark.parametrize("sample", SAMPLES)
def test_samples_are_clean(sample: str, kind: str | None) -> None:
    assert check_record(record_from(SAMPLES[sample]), CheckContext(kind, TODAY)) == ()


def test_versions_name_the_packs_that_applied_and_only_those() -> None:
    down, knit = record_from(SAMPLES["down_graded"]), record_from(SAMPLES["knit_blend"])
    tag = rule_pack_versions(down, CheckContext("down_grade", TODAY))
    always = {"gb_t_5296_4", "gb_18401", "gb_t_29862", "gb_t_1335", "gb_t_8685", "gs1_digital_link"}
    assert tag == {name: STANDARDS[name].version for name in [*always, "gb_t_14272", "grading", "pinghu_down"]}
    assert set(rule_pack_versions(knit, CheckContext("composition_card", TODAY))) == {*always, "fz_t_73018"}


JUNK: tuple[Any, ...] = (
    *(
        "",
        " ",
        "{got}",
        "{0.__class__}",
        "%s",
        "^XZ~JA",
        "含绒量",
        "羽" * 9_000,
        "pinghu-down",
        "GB/T 14272",
        "a\\\n",
        "０",
    ),
    *(None, 0, 0.5, 100, -1, 1e30, Decimal("1E+2"), True, [], {}, [{}], {"part": "x"}, {"x": None}),
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if path:
        yield path
    for key, inner in items:
        yield from leaves(inner, (*path, key))


def damaged(sample: str) -> Iterator[GarmentRecord]:
    """The sample with one field removed, replaced by junk, or given a neighbour; only what still parses."""
    rng = random.Random(sample)
    for leaf in leaves(SAMPLES[sample]):
        for junk in ("remove", *rng.sample(JUNK, 8)):
            record = copy.deepcopy(SAMPLES[sample])
            path = ".".join(map(str, leaf))
            set_path(record, {"path": path} if junk == "remove" else {"path": path, "value": junk})
            try:
                yield record_from(record)
            except RecordError:
                continue


@pytest.mark.costly
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_damaged_record_gets_whole_findings_and_never_an_exception(sample: str) -> None:
    seen = 0
    for record in damaged(sample):
        for kind in KINDS:
            context = CheckContext(kind, TODAY)
            for standard in STANDARDS.values():
                for finding in standard.check(record, context):
                    assert_whole(finding)
            seen += len(check_record(record, context))
            assert set(rule_pack_versions(record, context)) <= set(STANDARDS)
    assert seen > 50, "the damage hardly reaches a rule"


@pytest.mark.parametrize(
    ("x_mm", "dots", "quiet"),
    [
        (float("nan"), 3, 4),
        (0.5, float("inf"), 4),
        (0.5, float("nan"), 4),
        (0.5, 0, 4),
        (-1, -3, -4),
        (0.5, 4, float("nan")),
    ],
)
def test_a_nonsense_symbol_blocks_and_does_not_raise(x_mm: float, dots: float, quiet: float) -> None:
    findings = check_symbol(x_mm, dots, quiet)
    assert any(finding.severity is Severity.BLOCK for finding in findings)
    for finding in findings:
        assert_whole(finding)
