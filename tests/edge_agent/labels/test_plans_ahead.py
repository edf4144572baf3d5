"""A plan drawn ahead is what would be drawn at printing, is given once, and lets nothing pass that is asked then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import NotFoundError
from edge_agent.labels import plans_ahead
from edge_agent.labels.from_snapshot import plan_of_job
from edge_agent.labels.plans_ahead import PlansAhead, as_recorded
from edge_agent.labels.prepare import LabelTerms, LinkStyle, Prepared, example_serial, plan_prepared, prepare
from edge_agent.render.page import Painted, Piece
from garment.record import record_from
from label_protocol.chain import address, canonical
from label_protocol.codes.check_code import SPECIMEN

SAMPLES = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples"
TEMPLATE = "down_grade_40x90"
SERIAL = example_serial()


@pytest.fixture
def ordered() -> Prepared:
    record = record_from(json.loads((SAMPLES / "down_graded.json").read_text("utf-8")))
    terms = LabelTerms("2026-11-20", LinkStyle("id.example.cn"), check_code_key=SPECIMEN)
    return as_recorded(prepare(record, TEMPLATE, terms))


def stored(ordered: Prepared) -> tuple[str, Mapping[str, Any]]:
    """As the ledger gives it back."""
    body = canonical(dict(ordered.require()))
    return address(dict(ordered.require())), json.loads(body)


def test_it_is_what_would_be_drawn_at_printing_with_the_check_codes_of_then(ordered: Prepared) -> None:
    ahead, (snapshot_hash, snapshot) = PlansAhead(), stored(ordered)
    ahead.keep(ordered, plan_prepared(ordered, 203))
    drawn = ahead.take(snapshot_hash, 203)

    def codes(_serial: str) -> str:
        return "2345"

    ours, anew = (plan_of_job(TEMPLATE, snapshot, 203, codes=codes, drawn=one) for one in (drawn, None))
    assert drawn is not None and ours.background == anew.background and ours.full(SERIAL) == anew.full(SERIAL)
    assert ours.full(SERIAL) != drawn.full(SERIAL), "drawn ahead it has no check code yet"


def test_it_is_given_away_once_and_only_for_its_bytes_and_resolution(ordered: Prepared) -> None:
    ahead, (snapshot_hash, _) = PlansAhead(), stored(ordered)
    ahead.keep(ordered, plan_prepared(ordered, 203))
    assert ahead.take(snapshot_hash, 300) is None and ahead.take("0" * 64, 203) is None
    assert ahead.take(snapshot_hash, 203) is not None
    assert ahead.take(snapshot_hash, 203) is None, "a next job draws its own"


def test_a_template_changed_since_is_refused_all_the_same(ordered: Prepared) -> None:
    _, snapshot = stored(ordered)
    changed = {**snapshot, "template": {**snapshot["template"], "version": "0" * 64}}
    with pytest.raises(NotFoundError):
        plan_of_job(TEMPLATE, changed, 203, drawn=plan_prepared(ordered, 203))


def test_a_label_with_a_certified_mark_is_drawn_when_it_is_printed(ordered: Prepared) -> None:
    """Its artwork has to be there then."""
    ahead, plan = PlansAhead(), plan_prepared(ordered, 203)
    plan.painted = (*plan.painted, replace(plan.painted[0], piece=Piece.PICTURE))
    assert isinstance(plan.painted[-1], Painted)
    ahead.keep(ordered, plan)
    assert ahead.take(stored(ordered)[0], 203) is None


def test_the_oldest_are_pushed_out(ordered: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans_ahead, "MOST", 1)
    ahead = PlansAhead()
    for dpi in (203, 300):
        ahead.keep(ordered, plan_prepared(ordered, dpi))
    assert ahead.take(stored(ordered)[0], 203) is None
    assert ahead.take(stored(ordered)[0], 300) is not None
