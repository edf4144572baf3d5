"""A site's override file: what it may change, what it is refused for, and how a finding and a version tell of it."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path

import pytest

from garment.finding import Severity
from garment.record import GarmentRecord, parse_record, record_from
from garment.standards import (
    RULES,
    CheckContext,
    Override,
    applied_overrides,
    check_record,
    check_symbol,
    check_text,
    parse_overrides,
    rule_pack_versions,
)
from garment.standards.overrides import digest
from label_protocol.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = {path.stem: path.read_bytes() for path in (ROOT / "edge_agent" / "demo" / "samples").glob("*.json")}
TODAY = "2026-12-01"
GOOD = """
[override."D2.step"]
value = 5
who = "王工, QC"
why = "clause 4.1, own copy"
effective_from = "2026-12-01"

[override."F2.order"]
severity = "BLOCK"
who = "王工, QC"
why = "the buyer sends labels back"
effective_to = 2027-01-31
"""


def record(name: str = "down_graded") -> GarmentRecord:
    return parse_record(SAMPLES[name])


def overrides(text: str = GOOD) -> tuple[Override, ...]:
    return parse_overrides(text, RULES)


def row(key: str, body: str = "value = 5", who: str = 'who = "王工"', why: str = 'why = "own copy"') -> str:
    return f'[override."{key}"]\n{body}\n{who}\n{why}\n'


def refusal(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_overrides(text, RULES, "site.toml")
    assert str(caught.value).startswith("site.toml")
    return str(caught.value)


def test_a_good_file_is_read_row_by_row() -> None:
    step, order = overrides()
    assert step == Override("D2.step", "王工, QC", "clause 4.1, own copy", 5, None, "2026-12-01")
    assert (order.value, order.severity, order.effective_to) == (None, Severity.BLOCK, "2027-01-31")


def test_the_example_of_the_page_is_a_file() -> None:
    text = (ROOT / "docs" / "rules.md").read_text("utf-8").partition("```toml\n")[2].partition("```")[0]
    assert [one.key for one in overrides(text)] == ["D8.age"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (row("D2.stepp"), "did you mean D2.step?"),
        (row("zzz"), "unknown one"),
        (row("D2.step", who=""), "expected who"),
        (row("D2.step", why='why = "  "'), "expected why"),
        (row("D2.step", why='why = "a\\u0007b"'), "expected why"),
        (row("D2.step", body=""), "got neither"),
        (row("D2.step", body="value = 0"), "a number above 0"),
        (row("D2.step", body="value = true"), "a number above 0"),
        (row("D2.step", body="value = nan"), "a number above 0"),
        (row("D2.step", body="value = 1e99999999"), "a number above 0"),
        (row("D2.step", body='value = "5"'), "a number above 0"),
        (row("F3.name", body="value = []"), "a list of texts"),
        (row("F3.name", body='value = "棉"'), "a list of texts"),
        (row("D8.notation", body='value = "A{1,"\nseverity = "MAYBE"'), "BLOCK or WARN"),
        (row("D8.notation", body='value = "(A"'), "a regular expression"),
        (row("D1.filling"), "a severity only"),
        (row("F2.order", body='severity = "block"'), "BLOCK or WARN"),
        (row("D2.step", body='value = 5\neffective_from = "soon"'), "YYYY-MM-DD"),
        (row("D2.step", body='value = 5\neffective_from = "20261201"'), "YYYY-MM-DD"),
        (row("D2.step", body="value = 5\neffective_from = 2026-12-01T00:00:00"), "YYYY-MM-DD"),
        (row("D2.step", body="value = 5\nwhen = 1"), "got when"),
        (row("C1.differs", body='severity = "WARN"'), "one of the platform's"),
        ('[override]\n"D2.step" = 5', "got 5"),
        ("override = 5", "got int"),
        ("[overide]", "got overide"),
        ("[override", "expected TOML"),
    ],
)
def test_what_is_wrong_is_refused_by_name(text: str, says: str) -> None:
    assert says in refusal(text)


def test_a_value_that_is_not_public_is_asked_only_once_the_site_supplies_it() -> None:
    facts = json.loads(SAMPLES["down_graded"])
    facts["lot"]["inspected_on"] = "2025-11-30"
    old = record_from(facts)
    assert check_record(old, CheckContext(None, TODAY)) == ()
    known = overrides(row("D8.age", "value = 365", why='why = "letter of the association"'))
    (found,) = check_record(old, CheckContext(None, TODAY, known))
    assert (found.rule, found.severity, found.status) == ("D8", Severity.WARN, "NP")
    assert found.source == "王工: letter of the association"


def test_an_override_holds_on_its_days_only() -> None:
    early, day, late = (CheckContext(None, on, overrides()) for on in ("2026-11-30", "2026-12-01", "2027-02-01"))
    assert [one.key for one in applied_overrides(record(), early)] == ["F2.order"]
    assert [one.key for one in applied_overrides(record(), day)] == ["F2.order", "D2.step"]
    assert [one.key for one in applied_overrides(record(), late)] == ["D2.step"]


def test_a_severity_may_be_raised_and_the_words_stay() -> None:
    facts = json.loads(SAMPLES["knit_blend"])
    facts["product"]["composition"][1]["fibres"].reverse()
    backwards = record_from(facts)
    (warns,) = check_record(backwards, CheckContext(None, TODAY))
    (blocks,) = check_record(backwards, CheckContext(None, TODAY, overrides()))
    assert (warns.severity, blocks.severity) == (Severity.WARN, Severity.BLOCK)
    assert (warns.zh, warns.en, warns.clause) == (blocks.zh, blocks.en, blocks.clause)


def test_versions_tell_which_packs_the_site_changed() -> None:
    plain = rule_pack_versions(record(), CheckContext(None, TODAY))
    changed = rule_pack_versions(record(), CheckContext(None, TODAY, overrides()))
    assert {name for name in plain if plain[name] != changed[name]} == {"gb_t_14272", "gb_t_29862"}
    assert changed["gb_t_14272"] == f"{plain['gb_t_14272']}+override:{digest(overrides()[:1])}"


def test_the_digest_sees_who_why_and_what_and_no_order() -> None:
    one, two = overrides()
    assert digest([one, two]) == digest([two, one])
    assert (
        len({digest(overrides(GOOD.replace(*pair))) for pair in [("5", "4"), ("王", "李"), ("own", "my"), ("", "")]})
        == 4
    )


def test_what_is_drawn_is_held_to_the_sites_numbers_too() -> None:
    rows = overrides(row("Q2.preferred_x", "value = 0.5") + row("L3.height", "value = 2"))
    assert [one.expected for one in check_symbol(0.45, 4, 4, overrides=rows, on_date=TODAY)] == [">= 0.5"]
    assert [one.expected for one in check_text("slot", 1.9, overrides=rows, on_date=TODAY)] == [">= 2"]
    assert check_symbol(0.45, 4, 4) == check_text("slot", 1.9) == ()


@pytest.mark.parametrize("value", ["0.000001", "7", "1000000"])
def test_no_number_makes_a_rule_raise(value: str) -> None:
    keys = [key for key, rule in RULES.items() if rule.takes == "number"]
    rows = overrides("".join(row(key, f"value = {value}") for key in keys))
    assert len(rows) == len(keys) > 10
    assert rows[0].value == Decimal(value)
    for sample in SAMPLES:
        check_record(record(sample), CheckContext(None, TODAY, rows))


def test_a_damaged_file_is_refused_or_read_and_nothing_else() -> None:
    rng, refused = random.Random(4), 0
    for _ in range(2000):
        at, text = rng.randrange(len(GOOD)), list(GOOD)
        text[at : at + rng.randrange(3)] = rng.choice(["", '"', "\n", "=", "[", "9", "é", "\x00"])
        try:
            parse_overrides("".join(text), RULES)
        except ConfigError:
            refused += 1
    assert refused > 500
