"""Work orders over the API and the real service: sent, sent again, uploaded, printed, put back, closed; sources and
rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.service.agent_service import AgentService
from edge_agent.web.api import build_web
from edge_agent.web.routes import API
from label_protocol.errors import CodeError
from tests.kits.intake_kit import LOT, intake_service, order_row, sheet
from tests.kits.workbook_kit import saved, workbook

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROW: dict[str, Any] = {
    "order_no": "MO-1", "style_no": "YR2026-0801", "size": "175/92A", "quantity": 40, "lot_no": LOT,
    "template": "down_grade_60x40",
}  # fmt: skip
WHO = {"operator": "A01"}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with intake_service(tmp_path) as service:
        yield service


@pytest.fixture
async def client(service: AgentService) -> Any:
    async with TestClient(TestServer(build_web(service))) as found:
        yield found


async def ask(client: Any, method: str, path: str, status: int = 200, **more: Any) -> Any:
    async with client.request(method, f"{API}/{path}", **more) as answer:
        assert answer.status == status, await answer.text()
        return await answer.json(content_type=None)


async def send(client: Any, *rows: dict[str, Any], source: str = "mes", status: int = 200) -> Any:
    return await ask(client, "POST", "work-orders", status, json={"source": source, "orders": list(rows)})


async def test_orders_of_a_program_are_taken_once_and_named_where_they_are_wrong(client: Any) -> None:
    rows = [ROW, ROW | {"order_no": "MO-2", "quantity": "x"}, ROW | {"order_no": "MO-3", "printer": "p9"}]
    answer = await send(client, *rows)
    assert [row["outcome"] for row in answer["rows"]] == ["taken", "refused", "refused"]
    assert "数量" in answer["rows"][1]["why"] and "没有打印机“p9”" in answer["rows"][2]["why"]
    assert (await send(client, *rows))["same"] == 1  # repeated after a lost answer
    changed = (await send(client, ROW | {"quantity": 41}))["rows"][0]
    assert changed["outcome"] == "refused" and "quantity 40, got 41" in changed["why"]
    found = await ask(client, "GET", "work-orders")
    assert [found["count"], *(one["order_no"] for one in found["work_orders"])] == [1, "MO-1"]


async def test_a_label_that_is_not_here_is_told_when_the_order_comes(client: Any) -> None:
    answer = await send(client, ROW | {"template": "no_such"}, ROW | {"order_no": "MO-2", "template": "auto"})
    assert [row["outcome"] for row in answer["rows"]] == ["refused", "taken"]
    assert "没有模板“no_such”" in answer["rows"][0]["why"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"source": "nobody", "orders": [ROW]}, 404),
        ({"source": "erp", "orders": [ROW]}, 409),  # a folder's orders come by its folder
        ({"source": "mes"}, 422),
        ({"source": "mes", "orders": [ROW], "more": 1}, 422),
    ],
)
async def test_what_no_source_sends_is_refused(client: Any, body: Any, status: int) -> None:
    problem = await ask(client, "POST", "work-orders", status, json=body)
    assert problem["detail"] and problem["status"] == status


async def test_nothing_of_a_list_that_is_none_is_taken_and_the_answer_says_why(client: Any) -> None:
    answer = await ask(client, "POST", "work-orders", json={"source": "mes", "orders": {"MO-1": ROW}})
    assert "1 到 35000 行" in answer["refused_whole"] and answer["rows"] == []


async def test_a_source_sends_no_more_a_day_than_it_may(client: Any) -> None:
    answer = await send(client, ROW | {"quantity": 9_990}, ROW | {"order_no": "MO-2", "quantity": 11})
    assert [row["outcome"] for row in answer["rows"]] == ["taken", "refused"]
    answer = await send(client, ROW | {"order_no": "MO-3", "quantity": 10}, ROW | {"order_no": "MO-4", "quantity": 1})
    assert [row["outcome"] for row in answer["rows"]] == ["taken", "refused"]
    (mes,) = [one for one in (await ask(client, "GET", "intake"))["sources"] if one["source_id"] == "mes"]
    assert (mes["taken_today"], mes["daily_limit"], mes["waiting"], mes["owner"]) == (10_000, 10_000, 2, "生产科")


@pytest.mark.parametrize("kind", ["text/csv", XLSX])
async def test_a_person_uploads_a_sheet(client: Any, kind: str) -> None:
    rows = sheet(order_row("MO-1"), order_row("MO-2", quantity=""))
    data = rows.encode() if kind == "text/csv" else saved(workbook([line.split(",") for line in rows.splitlines()]))
    path = "work-orders/sheet?source=plan&name=十二月.csv"
    await ask(client, "POST", path, 422, data=data, headers={"Content-Type": kind})  # nobody says who sends it
    answer = await ask(client, "POST", f"{path}&operator=A01", data=data, headers={"Content-Type": kind})
    assert [row["outcome"] for row in answer["rows"]] == ["taken", "refused"]
    await ask(client, "POST", f"{path}&operator=A01", 415, data=data, headers={"Content-Type": "application/pdf"})
    await ask(client, "POST", "work-orders/sheet?operator=A01", 422, data=data, headers={"Content-Type": kind})


async def test_an_order_is_printed_put_back_and_closed_over_the_api(client: Any, service: AgentService) -> None:
    order_id = (await send(client, ROW))["rows"][0]["order_id"]
    part = WHO | {"part": 1, "printer": "p1", "quantity": 30}
    job = await ask(client, "POST", f"work-orders/{order_id}/print", 201, json=part)
    assert await ask(client, "POST", f"work-orders/{order_id}/print", 201, json=part) == job
    order = await ask(client, "GET", f"work-orders/{order_id}")
    assert (order["state"], order["words"]["zh"]) == ("printing", "已交给打印机")
    assert (order["left"], order["next_part"]) == (10, 2)
    assert [one["job_id"] for one in order["jobs"]] == [job["job_id"]] == [one["job_id"] for one in order["parts"]]
    origin = {"order_id": order_id, "source": "mes", "order_no": "MO-1", "line": "1", "part": 1}
    told = (await ask(client, "GET", f"jobs/{job['job_id']}"))["work_order"]
    assert told == origin | {"rule": None, "signed_by": None}
    await ask(client, "POST", f"work-orders/{order_id}/close", 409, json=WHO | {"reason": "客户取消"})
    order = await ask(client, "POST", f"work-orders/{order_id}/put-back", json=WHO)
    assert (order["state"], order["left"]) == ("waiting", 40)
    order = await ask(client, "POST", f"work-orders/{order_id}/close", json=WHO | {"reason": "客户取消"})
    assert (order["state"], order["closed_by"], order["reason"]) == ("closed", "A01", "客户取消")
    with pytest.raises(CodeError, match="这张生产单已打完或已关闭"):
        await service.scans.what_is("MO-1")
    assert (await ask(client, "GET", "work-orders"))["count"] == 0
    ended = (await ask(client, "GET", "work-orders?state=ended"))["work_orders"]
    assert [one["order_id"] for one in ended] == [order_id]
    await ask(client, "GET", "work-orders/nobody", 404)
    await ask(client, "POST", f"work-orders/{order_id}/print", 422, json={"part": 2})  # nobody acts


async def test_what_waits_is_found_by_a_fragment_and_the_most_urgent_stands_first(client: Any) -> None:
    days = {"MO-7": None, "MO-8": "2026-12-24", "MO-9": "2026-12-01"}
    await send(client, *(ROW | {"order_no": order_no, "wanted_by": day} for order_no, day in days.items()))
    listed = (await ask(client, "GET", "work-orders"))["work_orders"]
    assert [one["order_no"] for one in listed] == ["MO-9", "MO-8", "MO-7"]
    for find, count in (("mo-8", 1), ("YR2026", 3), ("20261118", 3), ("%", 0), ("MO_8", 0)):
        found = await ask(client, "GET", f"work-orders?find={find.replace('%', '%25')}&limit=2")
        assert (len(found["work_orders"]), found["matching"], found["count"]) == (min(count, 2), count, 3), find
    assert len((await ask(client, "GET", "work-orders?limit=2"))["work_orders"]) == 2
