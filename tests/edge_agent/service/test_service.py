"""The API over the real service and a real ledger: from an import to a settled doubt, without a printer."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.labels.prepare import LabelTerms, LinkStyle
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printing.directory import GroupView, PrinterDirectory
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import AgentParts
from edge_agent.web.api import build_web
from edge_agent.web.routes import API
from label_protocol.codes.serial import new_serial
from label_protocol.kinds import LineQuestion
from tests.kits.ledger_kit import Place, an_order, enrolled
from tests.kits.web_double import VIEW

SAMPLE = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "down_graded.json"
LOT = "L20261118A"
JOB = {
    "template": "down_grade_60x40",
    "printer": "p1",
    "quantity": 4,
    "style_no": "YR2026-0801",
    "size": "175/92A",
    "operator": "A01",
}


def real_draw(issuer: str) -> str:
    return new_serial(issuer, os.urandom)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    ledger = await LedgerThread.open(lambda: enrolled(Place(tmp_path).open(new_serial=real_draw), allotted=10, lot=LOT))
    yield AgentService(
        AgentParts(
            ledger=ledger,
            catalog=Catalog.open(tmp_path / "catalogue.json"),
            printers=PrinterDirectory(lambda: [VIEW]),
            changes=ChangeSignal(),
            backups=tmp_path / "backups",
            terms=lambda: LabelTerms("2026-11-20", LinkStyle("id.example.cn")),
        )
    )
    await ledger.close()


@pytest.fixture
async def client(service: AgentService) -> AsyncIterator[Any]:
    async with TestClient(TestServer(build_web(service))) as found:
        yield found


async def ask(client: Any, method: str, path: str, status: int, body: Any = None, key: str = "") -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    async with client.request(method, f"{API}/{path}", json=body, headers=headers) as answer:
        value = await answer.json()
        assert answer.status == status, value
        return value


async def test_the_same_order_is_the_same_job_whatever_has_changed_since(client: Any, service: AgentService) -> None:
    service.parts.catalog.import_json(SAMPLE.read_bytes())
    body = JOB | {"lot_no": LOT}
    job = await ask(client, "POST", "jobs", 201, body, "k1")
    service.parts.catalog.styles.delete(JOB["style_no"], JOB["size"])
    service.parts.printers = PrinterDirectory(list)
    assert await ask(client, "POST", "jobs", 201, body, "k1") == job


async def test_from_import_to_a_settled_doubt(client: Any, service: AgentService) -> None:
    headers = {"Content-Type": "application/json"}
    async with client.post(f"{API}/catalogue/import", data=SAMPLE.read_bytes(), headers=headers) as answer:
        assert answer.status == 200
    body = JOB | {"lot_no": LOT}
    job = await ask(client, "POST", "jobs", 201, body, "k1")
    assert await ask(client, "POST", "jobs", 201, body, "k1") == job
    assert (await ask(client, "POST", "jobs", 422, body | {"quantity": 5}, "k1"))["type"] == "/problems/idempotency"

    window = await service.parts.ledger.do(Ledger.begin_window, job["job_id"], limit=4)
    await service.parts.ledger.do(Ledger.doubt_window, window.window_id, "silence")
    doubt = (await ask(client, "GET", "doubts", 200))["doubts"][0]
    serials = [label["serial"] for label in doubt["labels"]]
    assert len(serials) == 4

    link = f"HTTPS://ID.EXAMPLE.CN/01/06901234567892/10/{LOT}/21/{serials[2]}"
    settled = await ask(
        client, "POST", f"windows/{window.window_id}/settle", 200, {"text": link, "operator": "A01", "rest": "scrapped"}
    )
    assert [label["state"] for label in settled["labels"]] == ["printed"] * 3 + ["scrapped"]
    assert [label["level"] for label in settled["labels"]] == ["sent", "sent", "scan", "sent"]

    replacement = await ask(
        client, "POST", f"labels/{serials[3]}/replace", 201, {"operator": "A01", "reason": "碳带皱"}, "k2"
    )
    assert replacement["replaces"] == [serials[3]]
    rows = (await ask(client, "GET", "ledger/balance", 200))["rows"]
    assert (rows[-1]["drawn"], rows[-1]["printed"], rows[-1]["scrapped"]) == (4, 3, 1)
    assert (await ask(client, "POST", "ledger/verify", 200))["ok"] is True
    problem = await ask(client, "POST", f"labels/{serials[3]}/invalidate", 409, {"operator": "A01", "reason": "x"})
    assert problem["type"] == "/problems/state"


async def test_a_blocked_record_opens_no_job(client: Any, service: AgentService) -> None:
    record = json.loads(SAMPLE.read_text("utf-8"))
    record["product"]["composition"][2]["down"]["cluster_percent"] = 40
    body = {"template": "down_grade_60x40", "printer": "p1", "quantity": 1, "record": record, "operator": "A01"}
    problem = await ask(client, "POST", "jobs", 422, body, "k1")
    assert [finding["rule"] for finding in problem["findings"]] == ["D2"]
    assert (await ask(client, "GET", "jobs", 200))["jobs"] == []


async def test_a_job_is_ordered_from_a_group_as_from_a_printer(client: Any, service: AgentService) -> None:
    service.parts.catalog.import_json(SAMPLE.read_bytes())
    service.parts.printers = PrinterDirectory(lambda: [VIEW], groups=[GroupView("line-a", "甲线", ("p1",))])
    body = JOB | {"lot_no": LOT, "printer": "line-a"}
    assert (await ask(client, "POST", "jobs", 201, body, "k1"))["printer"] == "line-a"
    problem = await ask(client, "POST", "jobs", 404, body | {"printer": "line-b"}, "k2")
    assert "expected one of p1, line-a" in problem["detail"]


async def test_a_backup_over_the_api_is_a_new_file_in_the_folder_of_backups(client: Any, tmp_path: Path) -> None:
    found = await ask(client, "POST", "ledger/backup", 200, {"name": "ledger-1.db"})
    assert found == {"path": str(tmp_path / "backups" / "ledger-1.db")}
    before = (tmp_path / "backups" / "ledger-1.db").read_bytes()
    await ask(client, "POST", "ledger/backup", 409, {"name": "ledger-1.db"})
    assert (tmp_path / "backups" / "ledger-1.db").read_bytes() == before
    assert [one.name for one in (tmp_path / "backups").iterdir()] == ["ledger-1.db"]


HOSTILE_NAMES = [
    "",
    ".",
    "..",
    "../x.db",
    "a/b.db",
    "/tmp/x.db",
    "C:x.db",
    "c:\\x.db",
    "\\\\host\\share\\x.db",
    "a\\b",
    "NUL",
    "nul.db",
    "con.",
    "COM1.txt",
    "lpt9",
    "aux.db.db",
    ".hidden",
    "-out",
    "x.",
    "x ",
    " x",
    "a\0b",
    "a\nb",
    "羽.db",
    "x:stream",
    "x" * 101,
    "~",
    "%2e%2e%2fx",
    "a*b",
    "a?b",
    "٣.db",
    5,
    None,
    ["x"],
]


@pytest.mark.parametrize("name", HOSTILE_NAMES, ids=ascii)
async def test_a_backup_over_the_api_takes_no_way_out_of_its_folder(client: Any, tmp_path: Path, name: Any) -> None:
    before = sorted(tmp_path.rglob("*"))
    problem = await ask(client, "POST", "ledger/backup", 422, {"name": name})
    assert "name" in problem["detail"]
    assert sorted(tmp_path.rglob("*")) == before


async def test_a_backup_over_the_api_takes_no_path_any_more(client: Any, tmp_path: Path) -> None:
    await ask(client, "POST", "ledger/backup", 422, {"path": str(tmp_path / "anywhere" / "x.db")})
    assert not (tmp_path / "anywhere").exists()


@pytest.mark.parametrize("name", ["a", "ledger-1120.db", "A.b_c-d", "x" * 100, "0"])
async def test_a_plain_name_is_taken(client: Any, tmp_path: Path, name: str) -> None:
    await ask(client, "POST", "ledger/backup", 200, {"name": name})
    assert Ledger.verify_copy(tmp_path / "backups" / name).ok


async def test_the_copy_for_a_command_is_whole_and_leaves_nothing(client: Any, tmp_path: Path) -> None:
    killed = tmp_path / "backups" / ".sending"
    killed.mkdir(parents=True)
    (killed / "ledger.db").write_bytes(b"left by an agent that was killed")
    for _ in range(2):
        async with client.post(f"{API}/ledger/copy") as answer:
            assert answer.status == 200
            (tmp_path / "got.db").write_bytes(await answer.read())
        assert Ledger.verify_copy(tmp_path / "got.db").ok
    async with asyncio.timeout(10):  # the answer is whole before its folder is gone
        while list((tmp_path / "backups").iterdir()):
            await asyncio.sleep(0.01)


async def test_the_copy_is_for_this_computer_only(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = {"peername": ("192.0.2.7", 1), "sockname": ("192.0.2.1", 2)}
    monkeypatch.setattr(web.Request, "get_extra_info", lambda _self, name, default=None: ends.get(name, default))
    await ask(client, "POST", "ledger/copy", 403)
    ends["peername"] = ("192.0.2.1", 1)
    async with client.post(f"{API}/ledger/copy") as answer:
        assert answer.status == 200


async def test_the_numbers_count_every_job_and_not_a_page_of_them(client: Any, service: AgentService) -> None:
    for number in range(120):
        await service.parts.ledger.do(Ledger.open_job, an_order(1, key=f"many-{number}"))
    async with client.get("/metrics") as answer:
        assert 'edge_agent_jobs{state="running"} 120.0' in await answer.text()


async def test_labels_are_asked_by_states_that_there_are(client: Any) -> None:
    assert await ask(client, "GET", "labels?state=in_doubt", 200) == {"labels": []}
    problem = await ask(client, "GET", "labels?state=lost", 422)
    assert problem["detail"].startswith("state: expected one of sending, printed, in_doubt")


async def test_a_held_line_says_what_is_asked_until_a_lead_answers(client: Any, service: AgentService) -> None:
    """Whatever its printer says meanwhile, and while its line is down."""
    ours, stranger = PrinterIdentity("ZD421", "V93", "42J1"), PrinterIdentity("ZD421", "V93", "42J2")
    why = {"operator": "A01", "reason": "一号机送修"}
    ledger = service.parts.ledger
    answer = {"answer": "another", **why}
    assert "没有要回答的问题" in (await ask(client, "POST", "printers/p1/answer", 404, answer))["detail"]
    await ledger.do(Ledger.identify_printer, "p1", ours, first=True)
    await ledger.do(Ledger.question_printer, "p1", LineQuestion.IDENTITY, stranger, 8, 3)
    (view,) = (await ask(client, "GET", "printers", 200))["printers"]
    assert view["words"]["zh"].startswith("换了打印机？原来是 ZD421 V93 S/N 42J1，现在是 ZD421 V93 S/N 42J2")
    assert (view["ready"], view["question"]["found"]["serial_number"]) == (False, "42J2")
    await ask(client, "POST", "printers/p1/answer", 422, {"answer": "returned", **why})
    await ask(client, "POST", "printers/p1/answer", 422, {"answer": "another", "operator": "A01"})
    waits = await ask(client, "POST", "printers/p1/answer", 200, answer | {"answer": "put_back"})
    assert "等接回原来" in waits["words"]["zh"]
    (view,) = (await ask(client, "GET", "printers", 200))["printers"]
    assert view["question"]["put_back"] and "请接回原来那台" in view["words"]["zh"]
    assert (await ask(client, "POST", "printers/p1/answer", 200, answer))["words"]["zh"].startswith("已确认换用")
    (view,) = (await ask(client, "GET", "printers", 200))["printers"]
    assert (view["ready"], view["question"]) == (True, None)
    assert await ledger.do(Ledger.printer_identity, "p1") == stranger
    assert (await ledger.do(Ledger.verify)).ok


async def test_an_open_question_outlives_a_recovery(service: AgentService) -> None:
    ledger, ours = service.parts.ledger, PrinterIdentity("ZD421", "V93", "42J1")
    await ledger.do(Ledger.identify_printer, "p1", ours, first=True)
    asked = await ledger.do(Ledger.question_printer, "p1", LineQuestion.COUNT_BACK, None, 8, 3)
    history = [
        (event_life.incarnation, event.seq, event.body)
        for event_life in await ledger.do(Ledger.incarnations)
        for event in (await ledger.do(Ledger.events, event_life.incarnation))[:-1]
    ]
    await ledger.do(Ledger.recover, history)
    assert await ledger.do(Ledger.printer_question, "p1") == replace(
        asked, asked_at=(await ledger.do(Ledger.printer_questions))["p1"].asked_at
    )
    assert await ledger.do(Ledger.printer_identity, "p1") == ours
    assert (await ledger.do(Ledger.verify)).ok
