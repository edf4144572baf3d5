"""`docs/rules.md` says what the rule packs say. After a change of the rows run with `UPDATE_DOCS=1`."""

from __future__ import annotations

import os
from pathlib import Path

from garment.standards import RULES
from tests.garment.test_standard_conformance import REFERENCE_IDS
from tools.docs.rules import ELSEWHERE, page

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"


def test_the_page_is_what_the_packs_say() -> None:
    old = PAGE.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(page(old), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(old), "run this test with UPDATE_DOCS=1 and look at the page"


def test_every_rule_of_the_reference_is_a_row_or_has_a_reason_to_be_none() -> None:
    rows = {rule.rule for rule in RULES.values()}
    assert rows | set(ELSEWHERE) == REFERENCE_IDS
    assert not rows & set(ELSEWHERE)
