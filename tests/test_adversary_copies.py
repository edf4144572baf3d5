"""Attacks on labels without a code that told an untruth, lost an order or stopped a printer: each test is one story."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_agent import shop_floor
from edge_agent.model import JobState
from edge_agent.sheet import Sheet
from tests.copies_kit import CARD, a_template
from tests.test_copies import body
from tests.test_shop_floor import shop


async def test_copies_do_not_make_way_for_a_job_that_another_printer_of_the_group_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A printer without paper waits with an order of copies while its group's job runs beside it. The order was drawn
    anew at each of that job's windows, for as long as it ran."""
    drawn: list[str] = []
    draw = shop_floor._sheet_of_copies

    def counted(template: str, *more: Any) -> Sheet:
        drawn.append(template)
        return draw(template, *more)

    monkeypatch.setattr(shop_floor, "_sheet_of_copies", counted)
    empty = {"profile": "virtual-zpl", "virtual": {"faults": ("media-out",)}}
    groups = [{"id": "g", "name": "一组", "printers": ["p2", "p1"]}]
    async with shop(tmp_path, {"p1": empty, "p2": {"profile": "virtual-zpl"}}, groups=groups) as here:
        await here.service.copies.order(body(a_template(tmp_path, CARD)), "c")
        job = await here.until((await here.order("g", 40)).job_id, JobState.DONE, JobState.PAUSED)
        assert (job.printed, here.printers["p1"].printed) == (40, 0), job.reason
    assert len(drawn) <= 1
