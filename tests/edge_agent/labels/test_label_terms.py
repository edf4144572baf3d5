"""What labels are prepared with is made in one place: the site's own part once, the day anew each time it is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent import wiring
from edge_agent.config import load_config
from edge_agent.demo.play import samples
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare
from tests.kits.cli_kit import HOST, a_site


def test_an_agent_that_runs_for_days_prepares_by_the_day_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    days = iter(["2026-11-20", "2026-11-21"])
    monkeypatch.setattr(wiring, "today_local", lambda: next(days))
    terms = wiring.label_terms(load_config(a_site(tmp_path)))
    first, second = terms(), terms()
    assert (first.on_date, second.on_date) == ("2026-11-20", "2026-11-21")
    assert first.link is second.link and first.artwork is second.artwork
    assert first.link.host == HOST


def test_a_label_keeps_the_day_it_was_prepared_on() -> None:
    record = samples()["down_graded"]
    prepared = prepare(record, "down_grade_60x40", LabelTerms("2026-11-20", LinkStyle(HOST)))
    assert prepared.context.on_date == "2026-11-20"
