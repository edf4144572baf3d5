"""`edge-agent label find|life|missing`: what is asked of the agent, and what is said of its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_agent.cli.common import Api
from edge_agent.model.search import FoundLabel
from edge_agent.web.views import found_view
from tests.kits.cli_kit import a_site, run
from tests.kits.web_double import GOODS, LABEL

FOUND = found_view(FoundLabel(LABEL, GOODS, "A01"))
ROW = {"at": LABEL.sent_at, "what": "sent", "words": {"zh": "送到打印机", "en": "sent to the printer"}, "printer": "p1"}
ANSWERS: dict[str, Any] = {
    "GET /find": {"labels": [FOUND], "next": LABEL.serial},
    "GET /labels/S1/life": {"life": [ROW | dict.fromkeys(("operator", "reason", "level", "job_id", "other"), "")]},
    "GET /missing": {"missing": 2, "jobs": [{"job_id": "j1", "serials": ["S1", "S2"]}]},
    "POST /missing": {"jobs": [{"job_id": "j9", "quantity": 2}]},
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    orders: list[tuple[Any, ...]] = []

    def call(_: Api, method: str, path: str, body: Any = None, headers: Any = None) -> Any:
        orders.append((method, path, body, bool(headers)))
        return ANSWERS[f"{method} {path.partition('?')[0]}"]

    monkeypatch.setattr(Api, "call", call)
    return orders


def test_labels_are_found_and_the_way_on_is_said(tmp_path: Path, asked: list[tuple[Any, ...]]) -> None:
    words = ("--style", "YR", "--from", "2026-11-20", "--state", "in_doubt", "--limit", "1")
    said = run("label", "find", *words, "--config", a_site(tmp_path))
    assert (said.code, LABEL.serial in said.out, "YR2026-0801 175/92A" in said.out, "A01" in said.out) == (
        0,
        *[True] * 3,
    )
    assert f"--after {LABEL.serial}" in said.err
    assert asked == [("GET", "/find?style_no=YR&from=2026-11-20&state=in_doubt&limit=1", None, False)]


def test_a_life_is_told_in_words(tmp_path: Path, asked: list[tuple[Any, ...]]) -> None:
    said = run("label", "life", "S1", "--config", a_site(tmp_path))
    assert said.out.strip() == f"{LABEL.sent_at}  送到打印机 sent to the printer  p1"


def test_what_is_missing_is_counted_and_ordered_by_its_number(tmp_path: Path, asked: list[tuple[Any, ...]]) -> None:
    site = a_site(tmp_path)
    assert run("label", "missing", "--lot", "L1", "--config", site).out.splitlines() == [
        "缺 missing: 2",
        "j1  2  S1 S2",
    ]
    said = run("label", "missing", "--lot", "L1", "--print", "2", "--operator", "12", "--config", site)
    assert "j9: 2" in said.out
    assert asked[-1] == ("POST", "/missing", {"job": "", "lot": "L1", "missing": 2, "operator": "12"}, True)
