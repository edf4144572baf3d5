"""In doubt: what is said of a strip, and that nothing of it is settled but by an answer that said the numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.messages.doubt import BEGINS, of_reason
from edge_agent.messages.job import SCAN_WINDOW, behind_a_strip
from edge_agent.model.job import JobState, Label, Window
from edge_agent.web.api import build_web
from tests.edge_agent.web.console.test_console import post
from tests.kits.web_double import JOB, LABEL, ServiceDouble

SERIALS = tuple(f"PH17K3M9QX2W4T{n}AB" for n in range(8))
SCAN_OF = "https://id.example.cn/01/06901234567892/10/L1/21/"


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    """One strip of eight; the first of them was proven already by a scan."""
    service = ServiceDouble(tmp_path)
    reason = "fault during the window: ribbon_out"
    labels = [replace(LABEL, serial=one, reason=reason) for one in SERIALS[1:]]

    async def doubts() -> Sequence[tuple[Window, Sequence[Label]]]:
        return [(Window("w1", "j1", "p1", "0" * 64, SERIALS), labels)]

    cast(Any, service.labels).doubts = doubts
    return service


@pytest.fixture
async def client(service: ServiceDouble) -> Any:
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


async def get(client: Any, path: str, status: int = 200, **query: str) -> str:
    async with client.get(path, params=query) as answer:
        assert answer.status == status
        return str(await answer.text())


async def test_a_strip_says_why_where_and_what_to_do(client: Any, service: ServiceDouble) -> None:
    service.jobs.found["j2"] = replace(JOB, job_id="j2", state=JobState.WAITING, reason=str(behind_a_strip("p1")))
    text = await get(client, "/console/doubts")
    for said in ("一号线", "存疑 7 张", "碳带用尽", "扫描最后一张好的", "后面有 1 个任务在等", SERIALS[7]):
        assert said in text
    assert "/console/doubts/w1/settle?rest=invalid" in text


async def test_who_waits_behind_a_strip_reads_the_printers_name_and_no_printer_says_that_nothing_waits(
    client: Any, service: ServiceDouble
) -> None:
    service.jobs.found["j2"] = replace(JOB, job_id="j2", state=JobState.WAITING, reason=str(behind_a_strip("p1")))
    text = await get(client, "/console/now")
    assert "打印机 一号线 上一条还等着处理" in text and "打印机 p1" not in text
    assert "有 2 单停着或等着" in text and "没有任务" not in text


async def test_where_only_a_scan_is_missing_it_says_so(client: Any, service: ServiceDouble) -> None:
    service.move(state=JobState.PAUSED, reason=str(SCAN_WINDOW))
    assert "扫描后自动接着打" in await get(client, "/console/doubts")


async def test_a_scan_names_the_last_good_label_and_settles_nothing(client: Any, service: ServiceDouble) -> None:
    text = await get(client, "/console/doubts", window="w1", last=SCAN_OF + SERIALS[4])
    assert "前 4 张好；后 3 张呢？" in text
    assert "后 3 张没有找到" in text and "后 3 张已销毁" in text
    assert service.orders == []
    assert "都好：按" in await get(client, "/console/doubts", window="w1", last=SCAN_OF + SERIALS[7])
    assert "呢？" not in await get(client, "/console/doubts", window="w1", last=SCAN_OF + "PH1000000000000AB")


@pytest.mark.parametrize(
    ("rest", "last", "consequence"),
    [
        ("invalid", SERIALS[4], "前 4 张是好的；后 3 张没有找到，作废"),
        ("scrapped", SERIALS[4], "前 4 张是好的；后 3 张已销毁，报废"),
        ("keep", SERIALS[4], "前 4 张是好的；后 3 张先留着"),
        ("keep", SERIALS[7], "前 7 张是好的"),
        ("invalid", "", "7 张都没有找到，作废"),
    ],
)
async def test_it_is_settled_by_an_answer_that_said_the_numbers(
    client: Any, service: ServiceDouble, rest: str, last: str, consequence: str
) -> None:
    text = SCAN_OF + last if last else ""
    asked = await get(client, "/console/doubts/w1/settle", rest=rest, last=text)
    assert consequence in asked and service.orders == []
    assert ('class="danger"' in asked) is (rest != "keep")
    to, said = await post(client, "/console/doubts/w1/settle", rest=rest, last=text, answer="back")
    assert service.orders == [] and "没有改动" in said
    to, said = await post(client, "/console/doubts/w1/settle", rest=rest, last=text, answer="yes")
    assert service.orders == [("settle", "w1", text or None, "", rest)]
    assert to.startswith("/console/doubts?") and f"已处理：{consequence}" in said


async def test_the_label_in_the_hand_is_named_before_it_is_void_with_the_others(client: Any) -> None:
    text = await get(client, "/console/doubts", window="w1", last=SCAN_OF + SERIALS[4])
    (link,) = re.findall(r'href="([^"]+)" data-ask data-key="none-found"', text)
    assert f"7 张都没有找到，作废，含刚扫的这张 {SERIALS[4]}" in await get(client, link.replace("&amp;", "&"))
    assert "含刚扫" not in await get(client, "/console/doubts/w1/settle", rest="invalid", scanned="PH1")


async def test_a_paused_order_is_told_to_wait_for_a_press(client: Any, service: ServiceDouble) -> None:
    service.move(state=JobState.PAUSED, reason="缺纸")
    _, said = await post(client, "/console/doubts/w1/settle", rest="invalid", last="", answer="yes")
    assert "任务还停着，按“继续”接着打" in said


async def test_a_strip_that_somebody_settled_meanwhile_is_told(client: Any, service: ServiceDouble) -> None:
    assert "已经处理过了" in await get(client, "/console/doubts/w9/settle", 404)
    _, said = await post(client, "/console/doubts/w9/settle", rest="invalid", last="", answer="yes")
    assert "已经处理过了" in said and service.orders == []


def test_why_is_said_in_the_words_of_the_workshop() -> None:
    assert of_reason("fault during the window: media_out, ribbon_out").zh.startswith("缺纸或碳带用尽")
    assert of_reason("fault during the window: of_a_later_release").zh == "打印结果无法证实"
    assert of_reason("counter moved by 3, expected 8").zh == "打印机的计数和送出的张数不一样"
    assert of_reason(None).zh == "打印结果无法证实"
    for begin, zh in BEGINS.items():
        assert of_reason(f"{begin} …").zh == zh


async def test_more_strips_than_a_page_are_turned_over(client: Any, service: ServiceDouble) -> None:
    """The frame has words of its own; none of them may be one that a page uses."""
    labels = [replace(LABEL, serial=one, reason="fault during the window: ribbon_out") for one in SERIALS]

    async def many() -> Sequence[tuple[Window, Sequence[Label]]]:
        return [(Window(f"w{n}", "j1", "p1", "0" * 64, SERIALS), labels) for n in range(11)]

    cast(Any, service.labels).doubts = many
    async with client.get("/console/doubts") as answer:
        text = await answer.text()
        assert answer.status == 200 and "/console/doubts?page=2" in text
