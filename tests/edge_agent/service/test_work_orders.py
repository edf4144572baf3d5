"""Work orders over the real service, book and ledger: printed whole or in parts, put back, closed; a tap is one job."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import FirmNeededError, IdempotencyError, NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from edge_agent.model.work_order import OrderLine, OrderState, Part, ReadRow
from edge_agent.service.agent_service import AgentService
from edge_agent.service.work_orders import PartOrder
from edge_agent.work_orders.book import OrderBook
from label_protocol.errors import AgentError, ConflictError, InputError
from tests.kits.ledger_kit import PROOF, allot
from tests.kits.service_kit import a_service

SAMPLE = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "down_graded.json"
LOT = "L20261118A"
LINE = OrderLine("erp", "MO-1", "1", "YR2026-0801", "175/92A", 100, LOT, "down_grade_60x40", "p1")


def taken(service: AgentService, *lines: OrderLine) -> None:
    rows = [ReadRow(f"row {at}", one.order_no, one) for at, one in enumerate(lines, 2)]
    book = service.parts.work_orders
    book.take(
        "f1", "orders.csv", "erp", rows, limit=10_000, day="2026-11-20", answer=lambda found: {"rows": len(found)}
    )


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with a_service(tmp_path) as service:
        service.parts.work_orders = OrderBook(tmp_path / "orders.db")
        service = AgentService(service.parts)
        await service.catalogue.import_json(SAMPLE.read_bytes())
        await service.parts.ledger.do(allot, 1_000, LOT)
        yield service
        service.parts.work_orders.close()


async def printed(service: AgentService, job_id: str, windows: int) -> None:
    """So many windows of eight labels of a job, proven."""
    do = service.parts.ledger.do
    for _ in range(windows):
        window = await do(Ledger.begin_window, job_id, limit=8)
        assert window is not None
        await do(Ledger.prove_window, window.window_id, PROOF)


async def test_an_order_is_printed_in_parts_and_says_what_is_ordered_printed_and_left(service: AgentService) -> None:
    taken(service, LINE)
    first = await service.work_orders.print_part(LINE.order_id, PartOrder(1, 40), "A01")
    await printed(service, first.job_id, 2)
    view = (await service.work_orders.waiting()).orders[0]
    assert (view.state, view.ordered, view.given, view.printed, view.left) == (OrderState.PRINTING, 100, 40, 16, 60)
    second = await service.work_orders.print_part(LINE.order_id, PartOrder(view.next_part), "A01")
    assert (second.quantity, second.job_id != first.job_id) == (60, True)


async def test_for_whom_an_order_is_printed_is_said_once(service: AgentService) -> None:
    taken(service, LINE)
    named = {"lot_no": LOT, "style_no": LINE.style_no, "quantity": 500, "spoilage_permille": 0}
    items = [{"kind": "allotment", "quota_key": f"lot:{firm}:{LOT}", "firm": firm, **named} for firm in ("F1", "F2")]
    await service.parts.ledger.do(Ledger.receive_distribution, "c-firms", "epoch-1", items)
    with pytest.raises(FirmNeededError, match="请先选为哪家打"):
        await service.work_orders.print_part(LINE.order_id, PartOrder(1, 40), "A01")
    await service.work_orders.print_part(LINE.order_id, PartOrder(1, 40, firm="F2"), "A01")
    view = await service.work_orders.find(LINE.order_id)
    rest = await service.work_orders.print_part(LINE.order_id, PartOrder(view.next_part), "A01")
    assert (view.firm, rest.quota_key, rest.quantity) == ("F2", f"lot:F2:{LOT}", 60)


async def test_an_order_that_says_for_whom_waits_for_nobody(service: AgentService) -> None:
    line = replace(LINE, order_no="MO-F", firm="F2")
    taken(service, line)
    named = {"lot_no": LOT, "style_no": line.style_no, "quantity": 500, "spoilage_permille": 0}
    items = [{"kind": "allotment", "quota_key": f"lot:{firm}:{LOT}", "firm": firm, **named} for firm in ("F1", "F2")]
    await service.parts.ledger.do(Ledger.receive_distribution, "c-firms", "epoch-1", items)
    job = await service.work_orders.print_part(line.order_id, PartOrder(1, 40), "A01")
    assert job.quota_key == f"lot:F2:{LOT}"


async def test_the_same_tap_twice_is_one_job(service: AgentService) -> None:
    taken(service, LINE)
    first, again = [await service.work_orders.print_part(LINE.order_id, PartOrder(1, 40), "A01") for _ in range(2)]
    assert first.job_id == again.job_id
    assert len(await service.jobs.recent()) == 1
    whole = await service.work_orders.print_part(LINE.order_id, PartOrder(1), "A01")  # what it leaves open is known
    assert whole.job_id == first.job_id
    with pytest.raises(IdempotencyError, match="expected part 1 as it was ordered"):
        await service.work_orders.print_part(LINE.order_id, PartOrder(1, 41), "A01")


async def test_the_job_of_an_order_says_which_in_the_ledger(service: AgentService) -> None:
    taken(service, LINE)
    job = await service.work_orders.print_part(LINE.order_id, PartOrder(1, 8), "A01")
    (event,) = [one for one in await events(service) if one["type"] == "job_opened"]
    assert event["work_order"] == {"source": "erp", "order_no": "MO-1", "line": "1", "part": 1, "rule": ""}
    assert event["key"] == f"work-order/erp/MO-1/1/{LINE.order_id}/1"
    found = await service.work_orders.order_of_job(job.job_id)
    assert found is not None and found[0].asked == LINE
    assert await service.work_orders.order_of_job("0" * 32) is None


async def events(service: AgentService) -> list[dict[str, Any]]:
    do = service.parts.ledger.do
    head = await do(Ledger.head)
    return [json.loads(row.body) for row in await do(Ledger.events, head.incarnation)]


@pytest.mark.parametrize(
    ("wanted", "error", "said"),
    [
        (PartOrder(2), InputError, "expected part 1, got 2"),
        (PartOrder(1, 101), ConflictError, "expected 1 to 100 labels, got 101"),
        (PartOrder(1, printer="p9"), NotFoundError, "p9"),
        (PartOrder(1, template="no_such_label"), AgentError, "no_such_label"),
    ],
)
async def test_what_cannot_be_printed_leaves_no_part(
    service: AgentService, wanted: PartOrder, error: type[Exception], said: str
) -> None:
    taken(service, LINE)
    with pytest.raises(error, match=said):
        await service.work_orders.print_part(LINE.order_id, wanted, "A01")
    view = await service.work_orders.find(LINE.order_id)
    assert (view.left, view.next_part, view.jobs) == (100, 1, ())


async def test_without_a_printer_a_person_chooses_one(service: AgentService) -> None:
    line = replace(LINE, printer=None)
    taken(service, line)
    with pytest.raises(InputError, match="choose one"):
        await service.work_orders.print_part(line.order_id, PartOrder(1), "A01")
    assert (await service.work_orders.print_part(line.order_id, PartOrder(1, printer="p1"), "A01")).printer == "p1"


async def test_put_back_gives_what_was_not_drawn_to_whoever_comes_next(service: AgentService) -> None:
    taken(service, LINE)
    job = await service.work_orders.print_part(LINE.order_id, PartOrder(1), "A01")
    await printed(service, job.job_id, 1)
    view = await service.work_orders.put_back(LINE.order_id, "A02")
    assert (await service.jobs.find(job.job_id)).state is JobState.CANCELLED
    assert (view.state, view.given, view.printed, view.left, view.next_part) == (OrderState.PART, 8, 8, 92, 2)


async def test_a_closed_order_says_who_and_why_and_prints_nothing_until_it_is_put_back(service: AgentService) -> None:
    taken(service, LINE)
    await service.work_orders.print_part(LINE.order_id, PartOrder(1, 8), "A01")
    with pytest.raises(ConflictError, match="put it back first"):
        await service.work_orders.close(LINE.order_id, "A01", "客户取消")
    await service.work_orders.put_back(LINE.order_id, "A01")
    closed = await service.work_orders.close(LINE.order_id, "A01", "客户取消")
    assert (closed.state, closed.order.closed_by, closed.order.reason) == (OrderState.CLOSED, "A01", "客户取消")
    assert (await service.work_orders.waiting()).count == 0
    with pytest.raises(ConflictError, match="客户取消"):
        await service.work_orders.print_part(LINE.order_id, PartOrder(2), "A01")
    assert (await service.work_orders.put_back(LINE.order_id, "A01")).state is OrderState.WAITING


async def test_an_order_that_is_printed_to_the_end_leaves_the_list_and_is_still_found(service: AgentService) -> None:
    line = replace(LINE, quantity=8)
    taken(service, line)
    job = await service.work_orders.print_part(line.order_id, PartOrder(1), "A01")
    await printed(service, job.job_id, 1)
    await service.parts.ledger.do(Ledger.advance_job, job.job_id, JobState.DONE, "已完成 · finished")
    await service.work_orders.waiting()
    assert (await service.work_orders.waiting()).count == 0
    assert [view.state for view in await service.work_orders.ended()] == [OrderState.DONE]


async def test_a_kill_after_the_job_was_opened_leaves_one_job(service: AgentService) -> None:
    taken(service, LINE)
    job = await service.work_orders.print_part(LINE.order_id, PartOrder(1, 40), "A01")
    forget(service.parts.work_orders, "UPDATE part SET job_id = NULL")
    assert (await service.work_orders.find(LINE.order_id)).left == 60  # unknown counts as given
    again = await service.work_orders.print_part(LINE.order_id, PartOrder(1, 40), "A01")
    assert (again.job_id, len(await service.jobs.recent())) == (job.job_id, 1)


async def test_after_a_kill_what_was_ordered_counts_as_given(service: AgentService) -> None:
    taken(service, LINE)
    job = await service.work_orders.print_part(LINE.order_id, PartOrder(1, 40), "A01")
    forget(service.parts.work_orders, "UPDATE part SET job_id = NULL")
    await service.work_orders.settle()
    view = await service.work_orders.find(LINE.order_id)
    assert ([one.job_id for one in view.jobs], view.left, view.next_part) == ([job.job_id], 60, 2)


async def test_a_kill_before_the_job_was_opened_leaves_the_part_free(service: AgentService) -> None:
    taken(service, LINE)
    intent = Part(LINE.order_id, 1, 40, "p1", LINE.template, "A01", "", '{"quantity": 40}', "2026-11-20T09:15:03.120Z")
    service.parts.work_orders.intend(intent, "2026-11-20")
    assert (await service.work_orders.find(LINE.order_id)).left == 60
    job = await service.work_orders.print_part(LINE.order_id, PartOrder(1, 30), "A02")
    assert (job.quantity, (await service.work_orders.find(LINE.order_id)).left) == (30, 70)


async def test_a_book_that_was_lost_prints_nothing_twice(service: AgentService, tmp_path: Path) -> None:
    """The order comes again, and is given out again: the ledger knows the part's key."""
    taken(service, LINE)
    job = await service.work_orders.print_part(LINE.order_id, PartOrder(1, 40), "A01")
    service.parts.work_orders.close()
    service.parts.work_orders = OrderBook(tmp_path / "new.db")
    again = AgentService(service.parts)
    taken(again, LINE)
    with pytest.raises(IdempotencyError):
        await again.work_orders.print_part(LINE.order_id, PartOrder(1), "A02")
    assert (await again.work_orders.print_part(LINE.order_id, PartOrder(1, 40), "A01")).job_id == job.job_id
    assert len(await again.jobs.recent()) == 1


def forget(book: OrderBook, sql: str) -> None:
    with book._store.change() as db:
        db.execute(sql)
