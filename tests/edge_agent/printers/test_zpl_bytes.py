"""What a ZPL label costs on the wire: 203 dpi, the sample of the benchmarks, its share of a window of eight in it."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from typing import Any

import pytest

from edge_agent.model.media import Setup
from edge_agent.printers.languages.contract import Query
from edge_agent.printers.languages.zpl import ZPL
from edge_agent.printing.window_printer import UNSEEN_S
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.templates.template import load_template
from label_protocol.codes.serial import new_serial
from tests.kits.check_code_kit import KEY_ID, KEYS, TEMPLATE, snapshot_of
from tests.kits.printer_bench import PrinterBench

ISSUERS = ("PH1", "7K3", "WMW", "111")
"""A wide W takes a third more than a narrow 1."""
WINDOW = 8


def wire_bytes(plan: LabelPlan) -> float:
    """Mean of ten serials of each issuer."""
    serials = [new_serial(issuer, random.Random(seed).randbytes) for issuer in ISSUERS for seed in range(10)]
    labels = [ZPL().run_label(plan.background, plan.patches(serial)) for serial in serials]
    preamble = ZPL().preamble(plan.media, Setup(ribbon=False))
    return statistics.mean(map(len, labels)) + len(preamble) / WINDOW


def test_a_label_of_60_by_40_mm_takes_at_most_600_bytes() -> None:
    template = load_template("down_grade_60x40")
    assert wire_bytes(plan_label(template, snapshot_of(None, template), 203)) <= 600


@pytest.mark.parametrize(("name", "most"), [("check", 840), ("down_grade_40x90", 770), ("down_hangtag_50x90", 830)])
def test_a_check_code_takes_no_more_than_it_has_to(name: str, most: int) -> None:
    """600 are out of reach: `docs/benchmarks.md` says why, in figures."""
    template = TEMPLATE if name == "check" else load_template(name)
    plan = plan_label(template, snapshot_of(KEY_ID, template), 203, draft=True, codes=KEYS.codes(KEY_ID))
    assert wire_bytes(plan) <= most


def test_a_window_on_a_line_of_9600_baud_leaves_time_for_its_questions() -> None:
    """1.2 labels a second: a window's bytes, the questions between its labels (their answers come while bytes crawl),
    its four exchanges afterwards, each alone on the line, and the paper of the last label at 6 in/s; ten bits a byte.
    0.5 s of the window are left to whoever notices its end."""
    template = load_template("down_grade_60x40")
    plan = plan_label(template, snapshot_of(None, template), 203)
    language, printer = ZPL(), PrinterBench()
    printer.feed(language.store(plan.background))
    status, counter, objects = language.status_queries, language.counter_query, language.objects_query()
    assert counter is not None and objects is not None

    def spoken(queries: Sequence[Query[Any]]) -> int:
        return sum(len(query.request) + len(printer.ask(query.request)) for query in queries)

    sent = WINDOW * wire_bytes(plan)
    looks = sent * 10 / 9600 // UNSEEN_S * sum(len(query.request) for query in status)
    afterwards = sum(map(spoken, (status, [counter], status, [counter, objects])))
    paper_s = (320 / 203 + 3 / 25.4) / 6
    assert (sent + looks + afterwards) * 10 / 9600 + paper_s <= WINDOW / 1.2 - 0.5
