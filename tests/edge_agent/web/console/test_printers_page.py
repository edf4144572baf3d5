"""Printers: what is known of each, what is done at one, and that what feeds paper or lets another printer in asks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.messages.printer import of_status
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.model.printer_identity import PrinterIdentity, PrinterQuestion
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.web.api import build_web
from edge_agent.web.console.pages.guides import GUIDES
from label_protocol.kinds import LineQuestion
from tests.edge_agent.web.console.test_console import post
from tests.kits.web_double import GROUP, OTHER, VIEW, PartsDouble, ServiceDouble

FOUND = PrinterIdentity("ZD421", serial_number="42J2")
QUESTION = PrinterQuestion("p1", LineQuestion.COUNT_BACK, None, FOUND, 412, 3, False, "2026-11-20T09:15:03.120Z")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[ServiceDouble]:
    yield ServiceDouble(tmp_path)
    PartsDouble.asked.clear()


@pytest.fixture
async def client(service: ServiceDouble) -> Any:
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


async def get(client: Any, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        assert answer.status == status
        return str(await answer.text())


async def test_each_printer_says_what_is_known_of_it_and_what_is_not(client: Any) -> None:
    text = await get(client, "/console/printers")
    for said in ("一号线", "二号线", "计数器相符", "412", "甲线", "tcp://127.0.0.1:9100", "未知", "换碳带"):
        assert said in text
    assert "/answer" not in text, "nothing is asked"


@pytest.mark.parametrize("name", GUIDES)
async def test_a_guide_ends_with_the_look_afterwards_and_ticks_nothing(client: Any, name: str) -> None:
    text = await get(client, f"/console/printers/p1/{name}")
    guide = GUIDES[name]
    places = [text.index(one.words.zh) for one in (*guide.steps, guide.check)]
    assert places == sorted(places)
    assert 'class="done"' not in text and "就绪" in text and "/console/printers/p1/test" in text
    assert ("/console/printers/p1/calibrate" in text) is guide.calibrates


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({Fault.MEDIA_OUT}, ["roll"]),
        ({Fault.RIBBON_OUT, Fault.PAUSED}, ["ribbon"]),
        ({Fault.MEDIA_OUT, Fault.RIBBON_OUT}, ["roll", "ribbon"]),
        ({Fault.HEAD_HOT}, []),
    ],
)
async def test_a_printer_that_wants_something_leads_to_how_it_is_changed(
    client: Any, service: ServiceDouble, said: set[Fault], names: list[str]
) -> None:
    words = of_status(PrinterStatus(Health.FAULT, frozenset(said)))
    views = [replace(VIEW, ready=False, words=words), OTHER]
    service.parts.printers = PrinterDirectory(lambda: views, groups=[GROUP])
    assert re.findall(r"/console/printers/p1/(\w+)", await get(client, "/console/now")) == names


@pytest.mark.parametrize("path", ["p9/roll", "p1/paint", "p9/calibrate", "p9/answer?as=another", "p1/answer?as=maybe"])
async def test_what_is_not_there_is_told(client: Any, path: str) -> None:
    assert "没有这" in await get(client, f"/console/printers/{path}", 404)


async def test_a_test_label_is_printed_at_once_and_its_proof_told(client: Any, service: ServiceDouble) -> None:
    to, said = await post(client, "/console/printers/p1/test", back="/console/printers/p1/roll")
    assert service.tested == ["p1"]
    assert to.startswith("/console/printers/p1/roll") and "一号线：测试签已打印" in said


async def test_calibrating_feeds_paper_and_asks_first(client: Any, service: ServiceDouble) -> None:
    assert "空白纸" in await get(client, "/console/printers/p1/calibrate")
    await post(client, "/console/printers/p1/calibrate", answer="back")
    assert service.calibrated == []
    _, said = await post(client, "/console/printers/p1/calibrate", answer="yes")
    assert service.calibrated == ["p1"] and "正在校准" in said
    assert "pause it first" in (await post(client, "/console/printers/p2/calibrate", answer="yes"))[1]


async def test_another_printer_is_let_in_by_an_answer_with_its_reason(
    client: Any, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    PartsDouble.asked["p1"] = QUESTION
    given = []

    async def answer(printer: str, words: str, who: Any, why: str) -> Any:
        given.append((printer, words, who.stated, why))
        return QUESTION and (await service.printers.all()).printers[0].words

    monkeypatch.setattr(service.printers, "answer", answer)
    assert "/console/printers/p1/answer?as=another" in await get(client, "/console/printers")
    asked = await get(client, "/console/printers/p1/answer?as=another")
    assert "从现在起在 ZD421 S/N 42J2 上打印，原来是 ?" in asked, "both printers by what they tell of themselves"
    assert "从现在这台的计数算起" in asked and 'class="danger"' in asked
    fields = {"as": "another", "reason": "线接错了 · the cable was at the wrong one"}
    await post(client, "/console/printers/p1/answer", answer="back", **fields)
    assert given == []
    await post(client, "/console/printers/p1/answer", answer="yes", **fields)
    assert given == [("p1", "another", "", fields["reason"])]
