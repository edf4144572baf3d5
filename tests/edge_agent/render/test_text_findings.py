"""Rule L3 on the drawn label: asked of every slot's smallest Chinese, with the site's overrides, by every command."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from edge_agent.errors import FindingsError
from edge_agent.labels.prepare import (
    LabelTerms,
    LinkStyle,
    prepare,
    rendered_findings,
    require_unblocked,
    text_findings,
)
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.templates.template import parse_template
from garment.finding import Severity
from garment.record import parse_record
from garment.standards import CheckContext, Override
from tests.kits.cli_kit import HOST, a_site, run

ROOT = Path(__file__).parents[3]
KNIT = ROOT / "edge_agent" / "demo" / "samples" / "knit_blend.json"
CARD = (ROOT / "label_templates" / "former" / "composition_card_60x40-55be25768ddf540e.toml").read_text("utf-8")
SMALL = CARD.replace('name = "facts"', 'name = "facts"\nmin_char_mm = 1.5').replace(
    "char_mm = 1.8\nrows", "char_mm = 1.5\nrows"
)
LATIN = CARD.replace("款号 {product.style_no}", "{product.style_no}").replace(
    'text = "{product.style_no}"\nchar_mm = 1.8', 'text = "{product.style_no}"\nchar_mm = 1.2\nmin_char_mm = 1.2'
)
CONTEXT = CheckContext(kind="composition_card", on_date="2026-12-01")
WHO = ("王工", "buyer")


def drawn(template: str, dpi: int = 203) -> LabelPlan:
    """The knit sample on this template."""
    parsed = parse_template(template.encode(), "card")
    record = parse_record(KNIT.read_bytes())
    prepared = prepare(record, "composition_card_60x40", LabelTerms("2026-12-01", LinkStyle(HOST)))
    made_for = {"name": parsed.name, "version": parsed.version}
    return plan_label(parsed, {**prepared.require(), "template": made_for}, dpi)


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_a_least_size_of_the_rule_never_warns(dpi: int) -> None:
    assert text_findings(drawn(CARD, dpi), CONTEXT) == ()


@pytest.mark.parametrize(("dpi", "got"), [(203, "1.5"), (300, "1.52")])
def test_smaller_chinese_is_told_once_for_its_slot(dpi: int, got: str) -> None:
    (finding,) = text_findings(drawn(SMALL, dpi), CONTEXT)
    assert (finding.rule, finding.severity, finding.status) == ("L3", Severity.WARN, "C2")
    assert (finding.path, finding.got, finding.expected) == ("slot.facts", got, ">= 1.8")
    assert finding in rendered_findings(drawn(SMALL, dpi), CONTEXT)


def test_small_words_that_are_not_chinese_are_not_held_to_it() -> None:
    plan = drawn(LATIN)
    assert plan.sizes["style"] < 15 and plan.sizes["serial"] < 15
    assert text_findings(plan, CONTEXT) == ()


def test_the_sites_number_is_asked() -> None:
    lower = (Override("L3.height", *WHO, value=Decimal("1.4")),)
    assert text_findings(drawn(SMALL), CheckContext("composition_card", "2026-12-01", lower)) == ()


def test_a_site_may_make_it_a_reason_to_refuse() -> None:
    strict = (Override("L3.height", *WHO, severity=Severity.BLOCK),)
    context = CheckContext("composition_card", "2026-12-01", strict)
    with pytest.raises(FindingsError, match="L3"):
        require_unblocked(drawn(SMALL), context)
    assert require_unblocked(drawn(SMALL), CONTEXT).sizes["facts"] == 12


def test_check_and_preview_tell_it(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    template = tmp_path / "card.toml"
    template.write_text(SMALL, "utf-8")
    said = run("check", KNIT, "--template", template, "--config", site, "--json")
    told = [one for one in json.loads(said.out)["findings"] if one["rule"] == "L3"]
    assert said.code == 0 and [one["path"] for one in told] == ["slot.facts"]
    given = ("--template", template, "--data", KNIT, "--config", site, "--out", tmp_path / "card.png")
    shown = run("preview", *given)
    assert shown.code == 0 and "L3" in shown.err and "slot.facts" in shown.err
