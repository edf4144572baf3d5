"""The HTTP API over a double of the service: every route, every refusal as a problem document, streams that end."""

from __future__ import annotations

import asyncio
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent import errors
from edge_agent.errors import FindingsError, LedgerFullError, QuotaError
from edge_agent.messages.job import SCAN_WINDOW
from edge_agent.messages.printer import BUSY
from edge_agent.model.job import JobState
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.render.templates.template import read_template
from edge_agent.web.api import build_web
from edge_agent.web.problems import KINDS, STATUS, status_of
from edge_agent.web.routes import API, ROUTES
from garment.finding import Finding, Severity
from label_protocol.errors import AgentError
from tests.kits.web_double import VIEW, ServiceDouble
from tests.kits.workbook_kit import LOTS, saved, workbook

XLSX = {"Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

SAMPLE = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "down_graded.json"
KEY = {"Idempotency-Key": "k-1"}
LARGE = b'{"operator": "' + b"a" * 1_048_600 + b'"}'
WHO = {"operator": "A01"}
WHY = {"operator": "A01", "reason": "碳带皱"}


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    return ServiceDouble(tmp_path)


@pytest.fixture
async def client(service: ServiceDouble) -> Any:
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


async def ask(client: TestClient[Any, Any], method: str, path: str, status: int = 200, **more: Any) -> Any:
    async with client.request(method, path if path.startswith("/") else f"{API}/{path}", **more) as answer:
        text = await answer.text()
        assert answer.status == status, text
        if status >= 400:
            assert answer.content_type == "application/problem+json"
            problem = json.loads(text)
            assert problem["status"] == status
            assert problem["detail"]
            assert problem["title"]
        return json.loads(text)


@pytest.mark.parametrize(
    ("path", "body", "order"),
    [
        ("jobs/j1/pause", WHO, ("pause", "j1", "A01")),
        ("jobs/j1/resume", WHO, ("resume", "j1", "A01")),
        ("jobs/j1/cancel", {}, ("cancel", "j1", "")),
        ("labels/S1/scan", {"text": "HTTPS://X", **WHO}, ("scan", "HTTPS://X", "A01", "S1", False)),
        ("scan", {"text": "HTTPS://X", "on_garment": True, **WHO}, ("scan", "HTTPS://X", "A01", None, True)),
        ("labels/S1/scrap", WHY, ("decide", "S1", "scrap", "A01", "碳带皱")),
        ("labels/S1/invalidate", WHY, ("decide", "S1", "invalidate", "A01", "碳带皱")),
        (
            "windows/w1/settle",
            {"text": "HTTPS://X", "rest": "keep", **WHO},
            ("settle", "w1", "HTTPS://X", "A01", "keep"),
        ),
        ("holds/counter_ahead/release", WHY, ("release", "counter_ahead", "A01", "碳带皱")),
        ("alarms/a1/close", WHY, ("close", "a1", "A01", "碳带皱")),
    ],
)
async def test_orders_reach_the_service(
    client: Any, service: ServiceDouble, path: str, body: Any, order: tuple[Any, ...]
) -> None:
    await ask(client, "POST", path, json=body)
    assert service.orders[-1] == order


async def test_a_job_is_created_once_per_key(client: Any, service: ServiceDouble) -> None:
    body = {"template": "t", "printer": "p1", "quantity": 3}
    async with client.post(f"{API}/jobs", json=body, headers=KEY) as answer:
        assert (answer.status, answer.headers["Location"]) == (201, f"{API}/jobs/j1")
        job = await answer.json()
    assert (job["job_id"], job["left"], job["state"], job["words"]["zh"]) == ("j1", 2, "running", "进行中")
    assert await ask(client, "POST", "jobs", 201, json=body, headers=KEY) == job
    problem = await ask(client, "POST", "jobs", 422, json=body | {"quantity": 4}, headers=KEY)
    assert problem["type"] == "/problems/idempotency"
    await ask(client, "POST", "labels/S1/replace", 201, json=WHY, headers=KEY)
    assert service.orders[-1] == ("replace", "S1", "A01", "碳带皱", "k-1")


@pytest.mark.parametrize("key", ["", "x" * 201, "schl\u00fcssel"])
async def test_an_order_that_prints_needs_a_key(client: Any, service: ServiceDouble, key: str) -> None:
    for path in ("jobs", "labels/S1/replace"):
        problem = await ask(client, "POST", path, 400, json={}, headers={"Idempotency-Key": key} if key else {})
        assert "Idempotency-Key" in problem["detail"]
    assert not service.orders


async def test_percents_of_a_record_never_pass_through_a_float(client: Any, service: ServiceDouble) -> None:
    await ask(client, "POST", "jobs", 201, data='{"x": 0.1}', headers=KEY | {"Content-Type": "application/json"})
    assert str(service.orders[-1][1]["x"]) == "0.1"
    assert not isinstance(service.orders[-1][1]["x"], float)


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("jobs", ["jobs", 0, "job_id"]),
        ("jobs/j1", ["job_id"]),
        ("labels?state=in_doubt&limit=5&after=A", ["labels", 0, "serial"]),
        ("labels/S1", ["serial"]),
        ("doubts", ["doubts", 0, "labels", 0, "serial"]),
        ("printers", ["printers", 0, "words", "zh"]),
        ("catalogue", ["templates", 0]),
        ("sync", ["configured"]),
        ("holds", ["holds"]),
        ("alarms", ["alarms"]),
        ("/healthz", ["alive"]),
        ("/readyz", ["ready"]),
    ],
)
async def test_questions_are_answered(client: Any, path: str, part: list[Any]) -> None:
    value = await ask(client, "GET", path)
    for step in part:
        value = value[step]


async def test_labels_are_asked_with_their_bounds(client: Any, service: ServiceDouble) -> None:
    await ask(client, "GET", "labels?state=in_doubt&limit=5&after=A")
    assert service.orders[-1] == ("labels", "in_doubt", 5, "A")
    for query in ("state=lost", "limit=0", "limit=1001", "limit=x", "limit=%D9%A3", "limit=-1"):
        await ask(client, "GET", f"labels?{query}", 422)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"data": "{", "headers": {"Content-Type": "application/json"}}, 400),
        ({"data": b"\xff", "headers": {"Content-Type": "application/json"}}, 400),
        ({"data": "[1]", "headers": {"Content-Type": "application/json"}}, 400),
        ({"data": '{"operator": "a", "operator": "b"}', "headers": {"Content-Type": "application/json"}}, 400),
        ({"data": "operator=a", "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, 415),
        ({"data": '{"operator": "a"}', "headers": {"Content-Type": "text/plain"}}, 415),
        ({"data": io.BytesIO(LARGE), "headers": {"Content-Type": "application/json"}}, 413),
        ({"json": {"operator": 5}}, 422),
        ({"json": {"operator": "a" * 201}}, 422),
        ({"json": {"opertor": "a"}}, 422),
    ],
)
async def test_a_body_that_is_none_is_refused(
    client: Any, service: ServiceDouble, more: dict[str, Any], status: int
) -> None:
    await ask(client, "POST", "jobs/j1/pause", status, **more)
    assert not service.orders


async def test_a_body_without_a_length_is_cut_off_at_the_limit(client: Any, service: ServiceDouble) -> None:
    async def endless() -> Any:
        for _ in range(3000):
            yield b"a" * 1024

    headers = {"Content-Type": "application/json"}
    await ask(client, "POST", "jobs/j1/pause", 413, data=endless(), headers=headers)
    assert not service.orders


@pytest.mark.parametrize(
    ("path", "body", "part"),
    [
        ("labels/S1/scrap", WHO, "request, reason: expected a value"),
        ("labels/S1/scan", {"text": "x", "operator": 5}, "request, operator"),
        ("labels/S1/scan", {"text": "x", "on_garment": 1, **WHO}, "request, on_garment"),
        ("windows/w1/settle", {"text": "x", "rest": "all", **WHO}, "request, rest: expected 'invalid'"),
        ("ledger/backup", {"path": "/tmp/ledger.db"}, "request, "),
    ],
)
async def test_a_field_that_is_wrong_is_named(client: Any, path: str, body: Any, part: str) -> None:
    assert part in (await ask(client, "POST", path, 422, json=body))["detail"]


def test_every_error_of_the_tree_has_a_status_and_a_page() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, AgentError)]
    assert {*KINDS.values()} == {*kinds} - {AgentError}
    assert all(status_of(kind) >= 400 for kind in KINDS.values())
    assert AgentError not in STATUS


async def test_errors_become_problems_with_their_own_words(client: Any, service: ServiceDouble) -> None:
    finding = Finding("D2", Severity.BLOCK, "c", "C", "s", "p", "e", "g", "绒子含量不能低于 50%", "at least 50 %")
    cases = [(QuotaError("用完了"), 409, "quota"), (LedgerFullError("full"), 507, "ledgerfull")]
    for cause, status, name in cases:
        service.notes.fails = cause
        problem = await ask(client, "POST", "jobs/j1/pause", status, json={})
        assert (problem["type"], problem["detail"]) == (f"/problems/{name}", str(cause))
        assert problem["retry_safe"] is cause.retry_safe
        async with client.get(problem["type"]) as page:
            assert page.status == 200
    service.notes.fails = FindingsError("blocked", (finding,))
    assert (await ask(client, "POST", "jobs", 422, json={}, headers=KEY))["findings"][0]["rule"] == "D2"


async def test_an_error_nobody_planned_tells_nothing_of_the_inside(client: Any, service: ServiceDouble) -> None:
    service.notes.fails = RuntimeError("secret path /x")
    assert "secret" not in str(await ask(client, "POST", "jobs/j1/pause", 500, json={}))


async def test_unknown_paths_and_methods_are_problems_too(client: Any) -> None:
    await ask(client, "GET", "nothing", 404)
    await ask(client, "GET", "jobs/nobody", 404)
    await ask(client, "GET", "jobs/nobody/events", 404)
    await ask(client, "GET", "/problems/nothing", 404)
    async with client.delete(f"{API}/jobs") as answer:
        assert answer.status == 405
        assert "GET" in answer.headers["Allow"]


async def test_sync_now_without_a_registry_says_what_to_do(client: Any) -> None:
    assert "enrol first" in (await ask(client, "POST", "sync/now", 422))["detail"]


async def test_a_printer_is_tested_by_its_name(client: Any, service: ServiceDouble) -> None:
    done = await ask(client, "POST", "printers/p1/test")
    assert done == {"printer": "p1", "words": {"zh": "测试签已打印", "en": "test label printed"}}
    assert service.tested == ["p1"]
    await ask(client, "POST", "printers/p9/test", 404)


async def test_a_printer_is_calibrated_by_its_name(client: Any, service: ServiceDouble) -> None:
    assert "校准" in (await ask(client, "POST", "printers/p1/calibrate"))["words"]["zh"]
    assert service.calibrated == ["p1"]
    busy = await ask(client, "POST", "printers/p2/calibrate", 409)
    assert (busy["type"], busy["detail"].endswith("got j1; pause it first")) == ("/problems/conflict", True)


@pytest.mark.parametrize("chore", ["test", "calibrate"])
async def test_a_group_is_no_printer_and_its_printers_are_named(
    client: Any, service: ServiceDouble, chore: str
) -> None:
    problem = await ask(client, "POST", f"printers/line-a/{chore}", 409)
    assert "got a group; name one of p1, p2" in problem["detail"]
    assert not service.tested and not service.calibrated


async def test_printers_tell_their_proof_in_words_and_groups_their_printers(client: Any) -> None:
    floor = await ask(client, "GET", "printers")
    told = [(one["printer_id"], one["ready"], one["proof"], one["proof_words"]["zh"]) for one in floor["printers"]]
    assert told == [("p1", True, "counter", "计数器相符"), ("p2", False, "sent", "只知已送出")]
    assert floor["groups"] == [{"group_id": "line-a", "name": "甲线", "printers": ["p1", "p2"]}]


async def test_a_printer_that_is_busy_with_its_job_is_printing(client: Any, service: ServiceDouble) -> None:
    busy = replace(VIEW, words=BUSY)
    service.parts.printers = PrinterDirectory(lambda: [busy, replace(busy, printer_id="p2", job_id="j1")])
    told = [one["words"]["zh"] for one in (await ask(client, "GET", "printers"))["printers"]]
    assert told == ["打印机尚在处理先前的数据", "正在打印"]


async def test_a_strip_that_only_awaits_its_scan_says_so(client: Any, service: ServiceDouble) -> None:
    assert (await ask(client, "GET", "doubts"))["doubts"][0]["awaits_scan"] is False
    service.move(state=JobState.PAUSED, reason=str(SCAN_WINDOW))
    assert (await ask(client, "GET", "doubts"))["doubts"][0]["awaits_scan"] is True
    service.move(state=JobState.PAUSED, reason="已暂停")
    assert (await ask(client, "GET", "doubts"))["doubts"][0]["awaits_scan"] is False


# --- streams -----------------------------------------------------------------------------------------------------


async def frames(answer: Any, count: int) -> list[Any]:
    """So many events of a stream; comments and the retry line are skipped."""
    found: list[Any] = []
    while len(found) < count:
        line = await asyncio.wait_for(answer.content.readline(), 5)
        assert line, "the stream ended early"
        if line.startswith(b"data: "):
            found.append(json.loads(line[6:]))
    return found


async def test_a_job_is_followed_until_it_ends(client: Any, service: ServiceDouble) -> None:
    async with client.get(f"{API}/jobs/j1/events") as answer:
        assert answer.content_type == "text/event-stream"
        assert [one["printed"] for one in await frames(answer, 1)] == [4]
        service.move(printed=8)
        assert [one["printed"] for one in await frames(answer, 1)] == [8]
        service.move(printed=10, state=JobState.DONE)
        assert [one["state"] for one in await frames(answer, 1)] == ["done"]
        assert (await asyncio.wait_for(answer.content.read(), 5)).strip() == b""


async def test_the_bell_of_the_page_rings(client: Any, service: ServiceDouble) -> None:
    async with client.get(f"{API}/changes") as answer:
        await frames(answer, 1)
        service.parts.changes.tell()
        assert await frames(answer, 1) == [1]


async def test_a_silent_stream_sends_a_comment(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge_agent.web.streams.HEARTBEAT_S", 0.01)
    async with client.get(f"{API}/changes") as answer:
        await frames(answer, 1)
        lines = [await asyncio.wait_for(answer.content.readline(), 5) for _ in range(4)]
    assert b": still here\n" in lines


async def test_open_streams_do_not_hold_the_shutdown(service: ServiceDouble) -> None:
    client = TestClient(TestServer(build_web(cast(Any, service))))
    await client.start_server()
    answer = await client.get(f"{API}/changes")
    await frames(answer, 1)
    await asyncio.wait_for(client.server.close(), 3)
    assert (await asyncio.wait_for(answer.content.read(), 5)).strip() == b""
    answer.close()
    await client.close()


# --- pictures, catalogue, description ----------------------------------------------------------------------------


async def test_import_then_preview(client: Any, service: ServiceDouble) -> None:
    headers = {"Content-Type": "application/json"}
    done = await ask(client, "POST", "catalogue/import", data=SAMPLE.read_bytes(), headers=headers)
    assert done["added"] == {"styles": 1, "lots": 1}
    found = await ask(client, "GET", "catalogue")
    style, lot, template = found["styles"][0], found["lots"][0]["lot_no"], "down_grade_60x40"
    assert template in found["templates"]
    query = {"style_no": style["style_no"], "size": style["size"], "lot_no": lot, "template": template, "dpi": "203"}
    for params in (query, {"serial": "S1"}):
        async with client.get(f"{API}/preview", params=params) as answer:
            assert (answer.status, answer.content_type) == (200, "image/png")
            assert (await answer.read()).startswith(b"\x89PNG")
    assert service.orders[-1] == ("picture", "S1", 203)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("style_no=a&size=b", 422),
        ("style_no=a&size=b&template=/etc/passwd", 422),
        ("style_no=a&size=b&template=down_grade_60x40", 404),
        ("serial=S1&dpi=99999", 422),
    ],
)
async def test_a_preview_that_cannot_be_drawn(client: Any, query: str, status: int) -> None:
    await ask(client, "GET", f"preview?{query}", status)


async def test_an_import_takes_spreadsheets_and_refuses_the_rest(client: Any) -> None:
    csv = {"Content-Type": "text/csv"}
    assert (await ask(client, "POST", "catalogue/import", data="工号,姓名\nA01,一号\n", headers=csv))["added"] == {
        "operators": 1
    }
    await ask(client, "POST", "catalogue/import", 422, data="x\n1\n", headers=csv)
    await ask(client, "POST", "catalogue/import", 415, data="x", headers={"Content-Type": "application/pdf"})
    lots = workbook(LOTS)
    assert (await ask(client, "POST", "catalogue/import", data=saved(lots), headers=XLSX))["added"] == {"lots": 2}
    lots["Sheet"]["A35001"] = "L3"
    refused = await ask(client, "POST", "catalogue/import", 422, data=saved(lots), headers=XLSX)
    assert "用命令 edge-agent catalog import" in refused["detail"]
    document = await ask(client, "GET", "/openapi.json")
    taken = document["paths"][f"{API}/catalogue/import"]["post"]["requestBody"]["content"]
    assert list(taken) == ["application/json", "text/csv", XLSX["Content-Type"]]


async def test_the_description_has_every_route_and_only_those(client: Any) -> None:
    document = await ask(client, "GET", "/openapi.json")
    described = {(method.upper(), path) for path, row in document["paths"].items() for method in row}
    assert described == {(route.method, route.path) for route in ROUTES}
    references = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert references <= set(document["components"]["schemas"])
    operations = [one["operationId"] for row in document["paths"].values() for one in row.values()]
    assert len(set(operations)) == len(operations)
    served = {(one.method, getattr(one.resource, "canonical", "")) for one in client.server.app.router.routes()}
    assert described <= served


async def test_the_description_tells_what_printers_answer(client: Any) -> None:
    document = await ask(client, "GET", "/openapi.json")
    schemas, paths = document["components"]["schemas"], document["paths"]
    assert set(schemas["Printers"]["properties"]) == {"printers", "groups"}
    assert {"ready", "words", "proof_words", "job_id", "counter"} <= set(schemas["Printer"]["properties"])
    for chore in ("test", "calibrate"):
        answers = paths[f"{API}/printers/{{printer_id}}/{chore}"]["post"]["responses"]
        assert answers["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Done")
        assert answers["default"]["content"]["application/problem+json"]["schema"]["$ref"].endswith("/Problem")
    assert set(schemas["Done"]["properties"]) == {"printer", "words"}


def test_the_web_asks_the_service_and_not_what_stands_behind_it() -> None:
    """Its imports are held by tests/house.py; this is the other way round the door."""
    files = list((SAMPLE.parents[2] / "web").rglob("*.py"))
    assert len(files) > 15
    assert not [file.name for file in files if ".parts" in file.read_text("utf-8")]


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_is_described_in_both_languages(route: Any) -> None:
    assert re.search(r"[\u4e00-\u9fff]", route.zh)
    assert route.en


async def test_metrics_count_by_route_and_show_the_agent(client: Any, service: ServiceDouble) -> None:
    service.site.held = [{"kind": "cloned", "words": "另一台电脑在使用同一身份"}]
    await ask(client, "GET", "jobs/j1")
    async with client.get("/metrics") as answer:
        text = await answer.text()
    for line in (
        'edge_agent_http_requests_total{method="GET",route="/api/v1/jobs/{job_id}",status="200"} 1.0',
        'edge_agent_labels{count="in_doubt"} 4.0',
        'edge_agent_jobs{state="running"} 1.0',
        'edge_agent_printer_odometer_labels{printer="p1"} 412.0',
        'edge_agent_holds{kind="cloned"} 1.0',
    ):
        assert line in text
    async with client.get("/readyz") as answer:
        assert answer.status == 503
        assert "另一台电脑" in (await answer.json())["because"][0]


# --- labels without a code --------------------------------------------------------------------------------------------


async def test_copies_are_ordered_with_a_key_and_answered_at_once(client: Any, service: ServiceDouble) -> None:
    body = {"template": "wash", "printer": "p1", "count": 20}
    found = await ask(client, "POST", "copies", 202, json=body, headers=KEY)
    assert service.orders == [("copies", body, KEY["Idempotency-Key"])]
    assert (found["copies_id"], found["state"], found["left"]) == ("c1", "open", 8)
    assert found["told"]["zh"].startswith(
        "共 20 张：证实打印 8 张（计数器相符），送出未证实 0 张，正在打 4 张，未送出 8"
    )
    assert "Idempotency-Key" in (await ask(client, "POST", "copies", 400, json=body))["detail"]
    assert len(service.orders) == 1


async def test_copies_are_asked_for_by_their_number(client: Any, service: ServiceDouble) -> None:
    assert (await ask(client, "GET", "copies/c1"))["snapshot"]["snapshot"] == 1
    (listed,) = (await ask(client, "GET", "copies?limit=5"))["copies"]
    assert listed["copies_id"] == "c1"
    assert listed["goods"] == {"style_no": "YR2026-0801", "size": "175/92A", "name": "男式连帽羽绒服"}
    await ask(client, "GET", "copies/nobody", 404)
    await ask(client, "POST", "copies/c1/cancel", json={"operator": "A01"})
    assert service.orders == [("cancel copies", "c1", "A01")]


async def test_a_template_of_the_site_is_offered_and_previewed(
    client: Any, service: ServiceDouble, tmp_path: Path
) -> None:
    headers = {"Content-Type": "application/json"}
    await ask(client, "POST", "catalogue/import", data=SAMPLE.read_bytes(), headers=headers)
    mine = tmp_path / "my_tag.toml"
    mine.write_bytes(read_template("down_grade_60x40")[0])
    found = await ask(client, "GET", "catalogue")
    style, lot = found["styles"][0], found["lots"][0]["lot_no"]
    where = {"style_no": style["style_no"], "size": style["size"], "lot_no": lot, "template": str(mine)}
    async with client.get(f"{API}/preview", params=where) as answer:
        assert answer.status == 422, "a file that nobody put into the site's folder"
    service.parts.library = TemplateLibrary(tmp_path)
    assert str(mine) in (await ask(client, "GET", "catalogue"))["templates"]
    async with client.get(f"{API}/preview", params=where) as answer:
        assert (answer.status, answer.content_type) == (200, "image/png")


async def test_the_catalogue_tells_which_templates_are_printed_as_copies(client: Any) -> None:
    found = await ask(client, "GET", "catalogue")
    coded = {"down_grade_60x40", "composition_card_60x40"}
    assert coded <= set(found["templates"]) and not coded & set(found["without_code"])
    assert set(found["without_code"]) <= set(found["templates"])
    assert "order_sheet_a5" not in found["templates"]
    assert found["titles"]["wash_care_30"] == {"zh": "耐久性标签（洗水唛）", "en": "Durable wash-care label"}
    assert set(found["titles"]) == set(found["templates"])
