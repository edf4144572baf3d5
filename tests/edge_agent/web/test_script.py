"""The page's script shows the API's real answers and sends the orders its buttons name, in a real browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest_asyncio
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.web.api import build_web
from edge_agent.web.routes import API
from edge_agent.web.views import alarm_view
from tests.kits.page_kit import SAMPLE, Desk, a_browser, a_desk, in_a_browser
from tests.kits.web_double import ServiceDouble

pytestmark = in_a_browser
ASKED = ("/printers", "/jobs", "/copies", "/doubts", "/holds", "/alarms", "/sync", "/catalogue")
TEXTS = """() => Object.fromEntries([...document.querySelectorAll('[id]')].map((one) => [one.id, one.textContent]))"""
RunPage = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def run_page(browser: Any, tmp_path: Path) -> AsyncIterator[RunPage]:
    """The page over these answers, after these presses: what its parts say, what it sent, what went wrong."""
    async with a_desk(browser, tmp_path / "desk") as desk:
        desk.takes_orders = False

        async def run(answers: dict[str, Any], presses: list[str], preview: dict[str, Any] | None = None) -> Any:
            desk.answers.update(answers)
            if preview is not None:
                await desk.page.route("**/preview?*", lambda route: route.fulfill(status=422, json=preview))
            await desk.open()
            for words in presses:
                await _press(desk, words)
            await desk.rest()
            posted = [one for one in desk.sent if one.method == "POST"]
            keys = ["key" if one.headers.get("idempotency-key") else "" for one in posted]
            sent = [
                (one.url.partition(API)[2], json.loads(one.post_data or "null"), key)
                for one, key in zip(posted, keys, strict=True)
            ]
            return {"text": await desk.page.evaluate(TEXTS), "sent": sent, "errors": desk.wrong}

        yield run


async def _press(desk: Desk, words: str) -> None:
    """Press a button, and answer what it asks with a reason and with yes."""
    await desk.page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    await desk.button(words).click()
    if await desk.page.locator("dialog[open]").count():
        if await desk.page.locator("#ask-reason:visible").count():
            await desk.page.fill("#ask-reason", "碳带皱")
        await desk.page.evaluate("document.querySelector('#ask-yes').click()")
    await desk.rest()


@pytest_asyncio.fixture(loop_scope="module")
async def answers(tmp_path: Path) -> dict[str, Any]:
    service = ServiceDouble(tmp_path)
    service.site.held = [
        {"kind": "counter_ahead", "words": "打印机计数超过账本 · its counter is ahead", "release": "page"}
    ]
    service.parts.catalog.import_file(SAMPLE)
    async with TestClient(TestServer(build_web(cast(Any, service)))) as client:
        return {path: await (await client.get(API + path)).json() for path in ASKED}


async def test_the_page_shows_printers_jobs_doubts_and_sync(run_page: RunPage, answers: dict[str, Any]) -> None:
    page = await run_page(answers, [])
    assert page["errors"] == []
    shown = page["text"]
    assert "一号线" in shown["printers"]
    assert "就绪" in shown["printers"]
    assert "证明 proof: 计数器相符 · the counter agrees" in shown["printers"]
    assert "请看一下 look" in shown["printers"]
    assert "got retry-job; run: lpadmin" in shown["printers"]
    assert "4 / 10" in shown["jobs"]
    assert "PH17K3M9QX2W4T0AB" in shown["doubts"]
    assert "扫描后自动继续" not in shown["doubts"]
    assert "停发" in shown["holds"]
    assert "没有登记中心平台" in shown["sync"]
    assert "已连接" in shown["link"]
    assert "YR2026-0801 · 175/92A" in shown["style"]
    assert "羽绒服质量分级吊牌 · down_grade_60x40" in shown["template"]


async def test_groups_stand_first_in_the_choice_of_printers(run_page: RunPage, answers: dict[str, Any]) -> None:
    assert (await run_page(answers, []))["text"]["printer"] == "甲线（组 group: p1, p2）一号线二号线"
    answers["/printers"]["groups"] = []
    assert (await run_page(answers, []))["text"]["printer"] == "一号线二号线"


async def test_a_job_of_a_group_shows_who_has_it(run_page: RunPage, answers: dict[str, Any]) -> None:
    answers["/jobs"]["jobs"][0]["printer"] = "line-a"
    assert "L1 → 甲线" in (await run_page(answers, []))["text"]["jobs"]
    answers["/printers"]["printers"][1]["job_id"] = "j1"
    assert "L1 → 甲线：二号线" in (await run_page(answers, []))["text"]["jobs"]


async def test_what_a_printer_did_is_told_in_its_own_words(run_page: RunPage, answers: dict[str, Any]) -> None:
    said = {"printer": "p1", "words": {"zh": "测试签已打印", "en": "test label printed"}}
    page = await run_page(answers | {"/printers/p1/test": said}, ["测试签"])
    assert page["text"]["toast"] == "一号线：测试签已打印 · test label printed"


async def test_a_held_line_is_answered_on_its_card(run_page: RunPage, answers: dict[str, Any]) -> None:
    """The answer that prints on says on which printer, has no Enter, and is recorded with name and reason."""
    printer = answers["/printers"]["printers"][0]
    facts = {"model": "ZD421", "firmware": "V93", "serial_number": "42J1", "port": None}
    printer["question"] = {"known": facts, "found": facts | {"serial_number": "42J2"}, "put_back": False}
    printer["words"], printer["ready"] = {"zh": "换了打印机？", "en": "is this another printer?"}, False
    page = await run_page(answers, ["就用现在这台", "要接回原来的"])
    why = {"operator": "A01", "reason": "碳带皱"}
    assert page["errors"] == []
    assert "换了打印机？" in page["text"]["printers"]
    assert page["sent"] == [
        ("/printers/p1/answer", {"answer": "another", **why}, ""),
        ("/printers/p1/answer", {"answer": "put_back", **why}, ""),
    ]


async def test_calibrating_is_asked_about_first_because_it_feeds(run_page: RunPage, answers: dict[str, Any]) -> None:
    page = await run_page(answers, ["校准"])
    assert "会走几张空白签" in page["text"]["ask-title"]
    assert page["sent"] == [("/printers/p1/calibrate", {"operator": "A01"}, "")]


async def test_a_strip_that_awaits_its_scan_says_only_that(run_page: RunPage, answers: dict[str, Any]) -> None:
    answers["/doubts"]["doubts"][0]["awaits_scan"] = True
    assert "请扫描最后一张好标签，扫描后自动继续" in (await run_page(answers, []))["text"]["doubts"]


async def test_pressing_its_buttons_sends_the_orders(run_page: RunPage, answers: dict[str, Any]) -> None:
    page = await run_page(answers, ["测试签", "暂停", "报废补打", "找不到", "解除"])
    assert page["errors"] == []
    why = {"operator": "A01", "reason": "碳带皱"}
    assert page["sent"] == [
        ("/printers/p1/test", {"operator": "A01"}, ""),
        ("/jobs/j1/pause", {"operator": "A01"}, ""),
        ("/labels/PH17K3M9QX2W4T0AB/replace", why, "key"),
        ("/labels/PH17K3M9QX2W4T0AB/invalidate", why, ""),
        ("/holds/counter_ahead/release", why, ""),
    ]


async def test_a_strip_without_one_good_label_is_settled(run_page: RunPage, answers: dict[str, Any]) -> None:
    page = await run_page(answers, ["没有一张好"])
    assert page["sent"] == [("/windows/w1/settle", {"text": None, "operator": "A01", "rest": "invalid"}, "")]


async def test_an_alarm_is_told_in_words(run_page: RunPage, answers: dict[str, Any]) -> None:
    alarm = {"alarm": "a1", "kind": "possible_duplicate", "printer": "p1", "raised_at": "2026-11-20T09:00:00.000Z"}
    view = alarm_view(alarm | {"detail": {"before": 3, "after": 5}})
    shown = (await run_page(answers | {"/alarms": {"alarms": [view]}}, []))["text"]["holds"]
    assert "找出多余的一张" in shown
    assert "find the extra piece" in shown
    assert "before 3" in shown


async def test_an_empty_catalogue_says_what_to_do(run_page: RunPage, answers: dict[str, Any]) -> None:
    answers["/catalogue"]["styles"] = []
    assert "先导入资料" in (await run_page(answers, []))["text"]["style"]


async def test_a_sync_that_is_behind_is_shown_in_words(run_page: RunPage, answers: dict[str, Any]) -> None:
    view = {"state": "offline", "since": "2026-11-20T09:00:00.000Z", "pending": 7, "acked_seq": 41, "last_ack_at": None}
    words = {"words_zh": "连不上中心平台", "words_en": "registry away", "error": "", "configured": True}
    shown = (await run_page(answers | {"/sync": view | words}, []))["text"]["sync"]
    assert "连不上中心平台" in shown
    assert "待上报 7 条" in shown


async def test_facts_stay_text(run_page: RunPage, answers: dict[str, Any]) -> None:
    answers["/printers"]["printers"][0]["name"] = "<img src=x onerror=alert(1)>"
    assert "<img src=x onerror=alert(1)>" in (await run_page(answers, []))["text"]["printers"]


async def test_a_label_without_a_code_is_ordered_as_copies(run_page: RunPage, answers: dict[str, Any]) -> None:
    """The form is the same; where the order goes follows from the template that is chosen."""
    answers["/catalogue"]["without_code"] = ["down_grade_60x40"]
    ((path, body, key),) = (await run_page(answers, ["开始打印"]))["sent"]
    assert (path, key, body["count"]) == ("/copies", "key", 50) and "quantity" not in body
    answers["/catalogue"]["without_code"] = []
    ((path, body, key),) = (await run_page(answers, ["开始打印"]))["sent"]
    assert (path, key, body["quantity"]) == ("/jobs", "key", 50) and "without_code" not in body


async def test_copies_say_what_is_known_of_them_and_can_be_cancelled(
    run_page: RunPage, answers: dict[str, Any]
) -> None:
    answers["/jobs"]["jobs"] = []
    answers["/copies"]["copies"][0]["goods"] = {"style_no": "ZL26-1102", "size": "120/60", "name": "女童外套"}
    page = await run_page(answers, ["取消"])
    assert page["errors"] == []
    shown = page["text"]["copies"]
    assert "8 / 20" in shown and "共 20 张：证实打印 8 张" in shown and "wash_care_30 → 一号线" in shown
    assert "ZL26-1102 · 120/60 · 女童外套" in shown
    assert page["sent"] == [("/copies/c1/cancel", {"operator": "A01"}, "")]
    answers["/copies"]["copies"][0]["goods"] = None
    assert (await run_page(answers, []))["errors"] == []


async def test_a_preview_that_is_refused_says_why(run_page: RunPage, answers: dict[str, Any]) -> None:
    """A picture that does not come is no answer to somebody who chose the wrong label."""
    why = {"words_zh": "资料不符合标签规则，不能打印", "detail": "资料里没有分级结果。 · The record has no grade."}
    page = await run_page(answers, [], why)
    assert page["errors"] == [] and page["text"]["refused"] == why["detail"]
