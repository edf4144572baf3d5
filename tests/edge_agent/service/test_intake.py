"""A file of orders over the service: how far it is read is seen meanwhile, and nothing of a reading is left behind."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from edge_agent.model.work_order import ReadRow, Source
from edge_agent.service import intake
from tests.kits.intake_kit import ERP, intake_service, order_row, sheet


async def test_how_far_a_file_is_read_is_seen_while_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read, on = threading.Event(), threading.Event()

    def slow(data: bytes, source: Source, watch: Callable[[int, int], None]) -> Sequence[ReadRow]:
        watch(400, 10_000)
        read.set()
        assert on.wait(30)
        return []

    monkeypatch.setattr(intake, "read", slow)
    async with intake_service(tmp_path, ERP) as service:
        taking = asyncio.create_task(service.intake.take_file("f1", "a.csv", ERP, b"x"))
        try:
            assert await asyncio.to_thread(read.wait, 30)
            (view,) = await service.intake.sources()
            assert dict(view.reading) == {"a.csv": (400, 10_000)}
        finally:
            on.set()
            await taking
        (view,) = await service.intake.sources()
        assert dict(view.reading) == {}


async def test_two_files_at_once_are_each_answered_for_themselves(tmp_path: Path) -> None:
    async with intake_service(tmp_path, ERP) as service:
        data = [sheet(order_row(f"MO-{at}")).encode() for at in range(4)]
        taking = (service.intake.take_file(f"f{at}", "a.csv", ERP, one) for at, one in enumerate(data))
        answers = await asyncio.gather(*taking, service.intake.take_file("f0", "a.csv", ERP, data[0]))
        assert [one["rows"][0]["order_no"] for one in answers] == ["MO-0", "MO-1", "MO-2", "MO-3", "MO-0"]
        assert [one["taken"] for one in answers] == [1] * 5, "the same file twice at once is one file"
