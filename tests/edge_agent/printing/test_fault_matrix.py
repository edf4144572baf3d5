"""`docs/faults.md` is what the fault matrix shows. After a change run with `UPDATE_DOCS=1` and look at the page."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge_agent.messages import job as job_words
from edge_agent.printers.languages import LANGUAGES
from edge_agent.virtual_printer.faults import KINDS
from tests.kits.fault_matrix import run_matrix
from tests.kits.fault_rows import COLUMNS, ROWS, WINDOW, Cell, Key, Paper, columns_of, keys
from tests.kits.floor import LEVELS
from tools.docs.faults import LUCK, UNSEEN, flaws, parts, unused

PAGE = Path(__file__).resolve().parents[3] / "docs" / "faults.md"
PART = re.compile(r"(<!-- matrix (\w+): [^\n]*-->\n)(.*?)(<!-- /matrix -->)", re.DOTALL)
GOOD = Paper(WINDOW, 0, 0, 0, 0, 0)
PRINTED = Cell("printed", "counter", str(job_words.FINISHED), "", (), GOOD)


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Key, Cell]]:
    """All cells, run once."""
    yield asyncio.run(run_matrix(tmp_path_factory.mktemp("matrix"), keys()))


# --- the runs ---------------------------------------------------------------------------------------------------------


def test_nothing_is_called_printed_without_evidence(matrix: dict[Key, Cell]) -> None:
    assert flaws(matrix) == []
    assert unused(matrix) == set(), "an excuse that no cell needs"


def test_a_label_torn_lost_or_doubled_is_never_printed_where_its_language_proves_best(matrix: dict[Key, Cell]) -> None:
    lucky = {row.name for row in ROWS if row.luck}
    for (name, language, column), cell in matrix.items():
        if column in (LEVELS[language].word, "scan") and name not in lucky and cell.verdict == "printed":
            assert (cell.paper.whole, cell.paper.spoiled) == (WINDOW, 0), (name, language, cell)


def test_without_a_fault_each_level_proves_what_it_is_called(matrix: dict[Key, Cell]) -> None:
    for language in LANGUAGES:
        for column in columns_of(language):
            cell = matrix["none", language, column]
            assert cell.paper == GOOD
            if column in ("sent", "scan"):
                assert (cell.verdict, cell.words) == ("in_doubt", str(job_words.SCAN_WINDOW))
            else:
                assert (cell.verdict, cell.level, cell.alarms) == ("printed", column, ())


def test_a_fault_quicker_than_a_look_ends_in_no_other_way_than_the_page_says(matrix: dict[Key, Cell]) -> None:
    for row in (row for row in ROWS if row.luck):
        for (name, _, column), cell in matrix.items():
            assert name != row.name or cell.verdict == "in_doubt" or (column, cell.verdict) in LUCK, (name, column)


def test_every_fault_language_and_level_has_its_cell() -> None:
    assert set(KINDS) <= {row.order.partition("@")[0].partition(":")[0] for row in ROWS}
    assert len({row.name for row in ROWS}) == len(ROWS)
    if sys.platform != "win32":
        assert len(keys()) == len(ROWS) * sum(len(columns_of(language)) for language in LANGUAGES)
    assert {column for language in LANGUAGES for column in columns_of(language)} == set(COLUMNS)


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="the page is made where there are pseudo terminals")
def test_the_page_is_what_was_seen(matrix: dict[Key, Cell]) -> None:
    text, seen = PAGE.read_text(encoding="utf-8"), parts(matrix)
    if os.environ.get("UPDATE_DOCS"):
        text = PART.sub(lambda found: found[1] + seen[found[2]] + found[4], text)
        PAGE.write_text(text, encoding="utf-8")
    told = {found[2]: found[3] for found in PART.finditer(text)}
    assert told == seen, "the matrix changed: run this test with UPDATE_DOCS=1 and look at the page"


def test_every_cell_that_cannot_be_seen_says_why_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for zh, en in UNSEEN.values():
        assert f"{zh} · {en}" in text


# --- the judge of the matrix is judged --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "paper",
    [
        Paper(WINDOW - 1, 0, 1, 1, 0, 0),
        Paper(WINDOW - 1, 0, 1, 0, 0, 0),
        Paper(WINDOW - 1, 1, 0, 0, 0, 0),
        Paper(WINDOW, 0, 0, 1, 0, 0),
        Paper(WINDOW, 0, 0, 0, 1, 0),
        Paper(WINDOW, 0, 0, 0, 0, 1),
    ],
    ids=["torn", "lost", "twice", "spoiled", "blank", "foreign"],
)
def test_a_cell_that_claims_more_than_the_paper_shows_is_found(paper: Paper) -> None:
    assert flaws({("pause", "zpl", "counter"): PRINTED}) == []
    assert flaws({("pause", "zpl", "counter"): replace(PRINTED, paper=paper)})


def test_a_claim_without_hearing_a_silent_doubt_and_a_wrong_alarm_are_found() -> None:
    assert flaws({("none", "zpl", "sent"): PRINTED})
    assert flaws({("none", "zpl", "scan"): PRINTED})
    assert flaws({("none", "zpl", "idle"): replace(PRINTED, verdict="in_doubt", words="in doubt")})
    assert flaws({("pause", "zpl", "counter"): replace(PRINTED, alarms=("possible_duplicate",))})
    twice = replace(PRINTED, verdict="in_doubt", words=str(job_words.DOUBT), paper=Paper(WINDOW - 1, 1, 0, 0, 0, 0))
    assert flaws({("reprint-key", "zpl", "counter"): twice})
    assert flaws({("reprint-key", "zpl", "counter"): replace(twice, alarms=("possible_duplicate",))}) == []
