"""Attacks on labels without a code that told an untruth, lost an order or stopped a printer: each test is one story."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_agent.model.job import JobState
from edge_agent.printing import fleet
from edge_agent.printing.imposition import Imposition
from tests.edge_agent.ledger.test_copies import ORDER, PROVEN
from tests.edge_agent.printing.test_fleet import shop
from tests.edge_agent.service.test_copies import body
from tests.kits.copies_kit import CARD, a_template
from tests.kits.ledger_kit import Place, enrolled, history, require_sound


async def test_copies_do_not_make_way_for_a_job_that_another_printer_of_the_group_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A printer without paper waits with an order of copies while its group's job runs beside it. The order was
    rendered anew at each of that job's windows, for as long as it ran."""
    rendered: list[str] = []
    render = fleet._imposition_of_copies

    def counted(template: str, *more: Any) -> Imposition:
        rendered.append(template)
        return render(template, *more)

    monkeypatch.setattr(fleet, "_imposition_of_copies", counted)
    empty = {"profile": "virtual-zpl", "virtual": {"faults": ("media-out",)}}
    groups = [{"id": "g", "name": "一组", "printers": ["p2", "p1"]}]
    async with shop(tmp_path, {"p1": empty, "p2": {"profile": "virtual-zpl"}}, groups=groups) as here:
        await here.service.copies.submit(body(a_template(tmp_path, CARD)), "c")
        job = await here.until((await here.order("g", 40)).job_id, JobState.DONE, JobState.PAUSED)
        assert (job.printed, here.printers["p1"].printed) == (40, 0), job.reason
    assert len(rendered) <= 1


def test_an_order_of_a_restored_backup_is_still_known_though_its_key_was_used_before(tmp_path: Path) -> None:
    """The backup of last night is put back, and the order of this morning sent once more, under the key it had. What it
    printed was unknown after the registry was heard: eight proven copies in no order."""
    place = Place(tmp_path)
    enrolled(place.open()).close()
    backup, witness = place.path.read_bytes(), place.witness.read_bytes()
    ledger = place.open()
    first = ledger.open_copies(ORDER)
    told, snapshots = history(ledger), {first.snapshot_hash: ledger.snapshot(first.snapshot_hash)}
    ledger.close()
    place.path.write_bytes(backup)
    place.witness.write_bytes(witness)
    ledger = place.open()
    again = ledger.open_copies(replace(ORDER, request_hash="h2"))
    ledger.begin_copies(again.copies_id, 8, rows=8, counter=7)
    ledger.judge_copies(again.copies_id, PROVEN)

    found = ledger.recover(told, snapshots=snapshots)

    assert (found.forked, found.refused, ledger.copies(again.copies_id).printed) == (3, (), 8)
    known = ledger.known_copies(ORDER.key, ORDER.request_hash)
    assert known is not None and known.copies_id == first.copies_id, "the registry's history keeps the key"
    require_sound(ledger)
    ledger.close()
