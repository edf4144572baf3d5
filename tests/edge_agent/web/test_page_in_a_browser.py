"""The page's accidents in a real browser: scans, double taps, slow presses, wherever the focus is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.kits.page_kit import LINK, Desk, a_browser, a_desk, doubts, in_a_browser, link_of, serial_of
from tests.kits.web_double import LABEL

pytestmark = in_a_browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def desk(browser: Any, tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(browser, tmp_path) as found:
        yield found


# --- one form, one job -------------------------------------------------------------------------------------------


async def test_a_scan_right_after_print_orders_nothing(desk: Desk) -> None:
    await desk.open()
    async with desk.page.expect_response("**/jobs"):
        await desk.button("开始打印").click()
    await desk.scan(LINK)
    await desk.rest()
    assert len(desk.posts("/jobs")) == 1
    assert [one["text"] for one in desk.posts("/scan")] == [LINK]


@pytest.mark.parametrize("apart_ms", [180, 900])
async def test_two_taps_on_print_are_one_job(desk: Desk, apart_ms: int) -> None:
    await desk.open()
    place = await desk.middle_of("开始打印")
    async with desk.page.expect_response("**/jobs"):
        await desk.page.mouse.click(*place)
    await desk.page.wait_for_timeout(apart_ms)
    await desk.page.mouse.click(*place)
    await desk.rest()
    assert len(desk.posts("/jobs")) == 1


async def test_enter_in_the_quantity_orders_nothing(desk: Desk) -> None:
    await desk.open()
    await desk.page.fill("#quantity", "60")
    await desk.page.press("#quantity", "Enter")
    await desk.rest()
    assert desk.posts("/jobs") == []


# --- scans, wherever the focus is --------------------------------------------------------------------------------

PLACES = {
    "nowhere": "document.activeElement.blur()",
    "print button": "document.querySelector('#job-form button').focus()",
    "button of a job": "[...document.querySelectorAll('#jobs button')].at(-1).focus()",
    "button of a printer": "document.querySelector('#printers button').focus()",
    "operator": "document.querySelector('#operator').focus()",
    "quantity": "document.querySelector('#quantity').focus()",
    "style": "document.querySelector('#style').focus()",
    "lot": "document.querySelector('#lot').focus()",
    "template": "document.querySelector('#template').focus()",
    "printer": "document.querySelector('#printer').focus()",
    "on its garment": "document.querySelector('#on-garment').focus()",
    "scan box": "document.querySelector('#scan').focus()",
    "box of a strip": "document.querySelector('#doubts input').focus()",
    "choice of a strip": "document.querySelector('#doubts select').focus()",
    "details of a strip": "document.querySelector('#doubts summary').focus()",
}
VALUES = """() => [...document.querySelectorAll('input, select')].filter((one) => !one.closest('dialog'))
    .map((one) => (one.type === 'checkbox' ? String(one.checked) : one.value))"""


async def test_a_scan_reaches_one_place_and_presses_nothing(desk: Desk) -> None:
    await desk.open()
    wrong = {}
    for place, focus in PLACES.items():
        desk.sent.clear()
        await desk.page.evaluate(focus)
        before = await desk.page.evaluate(VALUES)
        await desk.scan(LINK)
        await desk.rest()
        found = (desk.orders(), desk.posts("/scan"), await desk.page.evaluate(VALUES))
        asks = await desk.page.locator("dialog[open]").count()
        if found != (["/scan"], [{"text": LINK, "operator": "A01", "on_garment": False}], before) or asks:
            wrong[place] = found
            await desk.open()
    assert wrong == {}


async def test_a_badge_lands_in_no_field(desk: Desk) -> None:
    """Four digits and Enter: `0012` in the quantity was a job of 30012."""
    desk.service.parts.catalog.import_json('{"operators": [{"code": "0012", "name": "示例丙"}]}'.encode())
    await desk.open()
    wrong = {}
    for place, focus in PLACES.items():
        await desk.page.fill("#operator", "A01")
        await desk.page.evaluate(focus)
        before = await desk.page.evaluate(VALUES)
        await desk.scan("0012")
        await desk.rest()
        after = await desk.page.evaluate(VALUES)
        told = await desk.told()
        if after != [{"A01": "0012"}.get(one, one) for one in before] or desk.orders() or "示例丙" not in told:
            wrong[place] = (after, desk.orders(), told)
            await desk.open()
    assert wrong == {}


async def test_an_open_list_takes_no_scan(desk: Desk) -> None:
    """A list that is open has the keys for itself in some browsers; a scan then chose another printer."""
    await desk.open()
    await desk.page.click("#printer")
    await desk.scan(LINK)
    await desk.rest()
    assert await desk.page.input_value("#printer") == "line-a"
    assert [one["text"] for one in desk.posts("/scan")] == [LINK]


async def test_a_link_is_never_the_operator(desk: Desk) -> None:
    await desk.open(operator="")
    for _ in range(3):
        await desk.scan(LINK)
        await desk.rest()
    assert desk.orders() == []
    assert await desk.page.input_value("#operator") == ""
    assert await desk.page.input_value("#scan") == ""
    assert "请先填操作员" in await desk.told()


async def test_a_refused_scan_leaves_nothing_behind(desk: Desk) -> None:
    desk.refused["/scan"] = {"status": 422, "words_zh": "码不对", "detail": "这不是标签的码 · no label's code"}
    await desk.open()
    await desk.page.focus("#scan")
    await desk.scan("6901234567892")
    await desk.says("这不是标签的码", "#told.bad")
    assert "6901234567892" in await desk.told()
    assert await desk.page.input_value("#scan") == ""
    desk.refused.clear()
    await desk.scan(LINK)
    await desk.says(LABEL.serial, "#told.good")
    assert [one["text"] for one in desk.posts("/scan")] == ["6901234567892", LINK]


async def test_two_scans_in_a_row_are_two_texts(desk: Desk) -> None:
    await desk.open()
    await desk.scan(LINK)
    await desk.scan(link_of(serial_of(2)))
    await desk.says(LABEL.serial, "#told")
    await desk.rest()
    assert [one["text"] for one in desk.posts("/scan")] == [LINK, link_of(serial_of(2))]


async def test_a_hand_at_the_keyboard_is_no_scanner(desk: Desk) -> None:
    await desk.open()
    await desk.page.fill("#quantity", "")
    await desk.page.focus("#quantity")
    await desk.scan("120", gap_ms=60, end="")
    await desk.page.focus("#operator")
    await desk.page.fill("#operator", "")
    await desk.scan("wang12", gap_ms=70, end="Tab")
    await desk.rest()
    assert await desk.page.input_value("#quantity") == "120"
    assert await desk.page.input_value("#operator") == "wang12"
    assert desk.orders() == []


async def test_a_code_can_be_typed_or_pasted_into_the_scan_box(desk: Desk) -> None:
    await desk.open()
    await desk.page.fill("#scan", LINK)
    await desk.page.press("#scan", "Enter")
    await desk.says(LABEL.serial, "#told")
    assert [one["text"] for one in desk.posts("/scan")] == [LINK]
    assert await desk.page.input_value("#scan") == ""


# --- strips in doubt, and questions ------------------------------------------------------------------------------


async def test_a_scan_while_none_is_good_is_asked_confirms_nothing(desk: Desk) -> None:
    desk.answers["/doubts"] = doubts(8)
    await desk.open()
    await desk.button("没有一张好").click()
    await desk.says("8 张", "dialog[open]")
    for focus in ("#ask-title", "#ask-no", "#ask-yes"):
        await desk.page.focus(focus)
        await desk.scan(link_of(serial_of(3)))
        await desk.rest()
        assert desk.orders() == [], focus
        assert await desk.page.locator("dialog[open]").count() == 1, focus
        assert "先回答这个问题" in await desk.page.inner_text("dialog[open]")


async def test_a_scan_while_a_reason_is_asked_is_no_reason(desk: Desk) -> None:
    desk.answers["/doubts"] = doubts(2)
    await desk.open()
    await desk.page.click("#doubts summary")
    await desk.button("报废补打").click()
    await desk.page.fill("#ask-reason", "碳带皱")
    for focus in ("#ask-reason", "#ask-no", "#ask-yes"):
        await desk.page.focus(focus)
        await desk.scan(LINK)
        await desk.rest()
        assert desk.orders() == [], focus
        assert await desk.page.input_value("dialog[open] input") == "碳带皱", focus
        assert "先回答这个问题" in await desk.page.inner_text("dialog[open]"), focus


async def test_none_is_good_says_what_it_voids(desk: Desk) -> None:
    desk.answers["/doubts"] = doubts(8)
    await desk.open()
    await desk.scan(link_of(serial_of(3)))
    await desk.rest()
    await desk.button("没有一张好").click()
    asked = await desk.page.inner_text("dialog[open]")
    assert "8 张作废" in asked and "含刚扫的这张" in asked
    await desk.page.keyboard.press("Enter")
    await desk.rest()
    assert desk.orders() == []
    await desk.button("作废", "dialog[open]").click()
    await desk.answered()
    assert [one["text"] for one in desk.posts("/windows/w1/settle")] == [None]


async def test_a_scan_settles_the_strip_that_waits_for_it(desk: Desk) -> None:
    desk.answers["/doubts"] = doubts(4, awaits=True)
    await desk.open()
    await desk.page.focus("#quantity")
    await desk.scan(link_of(serial_of(4)))
    await desk.rest()
    assert desk.orders() == ["/windows/w1/settle"]
    assert desk.posts("/windows/w1/settle")[0] == {"text": link_of(serial_of(4)), "operator": "A01", "rest": "keep"}


async def test_a_scan_of_a_strip_that_went_wrong_voids_nothing_by_itself(desk: Desk) -> None:
    """It names the last good label; a person then says what becomes of the rest, told in numbers."""
    desk.answers["/doubts"] = doubts(8)
    await desk.open()
    await desk.page.focus("#doubts input")
    await desk.scan(link_of(serial_of(5)))
    await desk.rest()
    assert desk.orders() == []
    await desk.button("处理", "#doubts").click()
    assert "3 张作废" in await desk.page.inner_text("dialog[open]")
    await desk.button("作废", "dialog[open]").click()
    await desk.answered()
    assert desk.posts("/windows/w1/settle") == [{"text": link_of(serial_of(5)), "operator": "A01", "rest": "invalid"}]


async def test_cancelling_asks_back_in_numbers(desk: Desk) -> None:
    await desk.open()
    for card, numbers in (("#jobs", ("4 张", "2 张")), ("#copies", ("8 张", "8 张"))):
        await desk.button("取消", card).click()
        asked = await desk.page.inner_text("dialog[open]")
        assert all(number in asked for number in numbers)
        await desk.page.keyboard.press("Enter")
        await desk.rest()
        assert desk.orders() == []
        await desk.page.keyboard.press("Escape")
        await desk.answered()
    await desk.button("取消", "#jobs").click()
    await desk.page.wait_for_timeout(700)
    await desk.button("取消任务", "dialog[open]").click()
    await desk.answered()
    assert desk.orders() == ["/jobs/j1/cancel"]


async def test_enter_in_the_reason_sends_it(desk: Desk) -> None:
    alarm = {"alarm": "a1", "kind": "more_counted", "printer": "p1", "raised_at": "2026-11-29T08:00:00Z", "detail": {}}
    desk.answers["/alarms"] = {"alarms": [alarm | {"words": {"zh": "计数不符", "en": "count"}}]}
    await desk.open()
    await desk.button("关闭", "#holds").click()
    await desk.page.keyboard.type("换卷走纸")
    await desk.page.keyboard.press("Enter")
    await desk.rest()
    assert [one["reason"] for one in desk.posts("/alarms/a1/close")] == ["换卷走纸"]


@pytest.mark.parametrize(
    ("step", "told"),
    [("replace", "1 张报废"), ("scrap", "1 张报废"), ("invalidate", "1 张作废")],
)
async def test_what_cannot_be_undone_is_not_sent_by_enter(desk: Desk, step: str, told: str) -> None:
    """A scanner that is slow as a hand types into the reason, and ends with Enter."""
    desk.answers["/doubts"] = doubts(2)
    await desk.open()
    await desk.page.click("#doubts summary")
    await desk.page.click(f"#doubts button[data-key={step.removesuffix('ate')}]")
    assert told in await desk.page.inner_text("dialog[open]")
    await desk.scan("6901234567892", gap_ms=70)
    await desk.rest()
    assert desk.orders() == []
    await desk.page.fill("dialog[open] input", "碳带皱")
    await desk.page.click("#ask-yes")
    await desk.answered()
    assert [one["reason"] for one in desk.posts(f"/labels/{serial_of(1)}/{step}")] == ["碳带皱"]


# --- presses of a hand in a glove --------------------------------------------------------------------------------


@pytest.mark.parametrize("held_ms", [250, 400])
async def test_a_slow_press_is_not_lost_while_the_page_refreshes(desk: Desk, held_ms: int) -> None:
    await desk.open()
    await desk.page.mouse.move(*await desk.middle_of("测试签"))
    await desk.page.mouse.down()
    desk.service.move(printed=5)
    await desk.page.wait_for_timeout(held_ms)
    await desk.page.mouse.up()
    await desk.rest()
    assert desk.orders() == ["/printers/p1/test"]


async def test_a_refresh_moves_nothing_that_a_person_is_at(desk: Desk) -> None:
    desk.answers["/doubts"] = doubts(8)
    await desk.open()
    await desk.page.click("#doubts summary")
    await desk.page.fill("#doubts input", "half")
    await desk.page.select_option("#doubts select", "scrapped")
    await desk.page.evaluate("document.querySelector('#jobs button').focus(); window.scrollTo(0, 300)")
    await desk.page.evaluate("window.kept = document.querySelector('#jobs button')")
    desk.answers["/doubts"] = doubts(7)
    desk.service.jobs.found["j1"] = desk.service.jobs.found["j1"].__class__(
        **{
            **{name: getattr(desk.service.jobs.found["j1"], name) for name in desk.service.jobs.found["j1"].__slots__},
            "printed": 6,
        }
    )
    await desk.refresh()
    await desk.says("6 / 10", "#jobs")
    assert await desk.page.evaluate("window.kept === document.activeElement && window.kept.isConnected")
    assert await desk.page.input_value("#doubts input") == "half"
    assert await desk.page.input_value("#doubts select") == "scrapped"
    assert await desk.page.evaluate("document.querySelector('#doubts details').open")
    assert await desk.page.evaluate("window.scrollY") == 300
    assert await desk.page.locator("#doubts .label").count() == 7


async def test_a_label_is_not_exchanged_without_a_word(desk: Desk) -> None:
    await desk.open()
    assert await desk.page.is_hidden("#exchanged")
    desk.answers["/fitting"] = {
        "templates": ["down_hangtag_50x90", "down_grade_40x90"],
        "refused": {"down_grade_60x40": "放不下 · does not fit"},
        "smallest": "down_grade_40x90",
    }
    await desk.page.dispatch_event("#lot", "change")
    await desk.says("请核对装的纸", "#exchanged")
    assert await desk.page.input_value("#template") == "down_grade_40x90"
    assert "最小 smallest" in await desk.page.inner_text("#template option:checked")
    await desk.page.select_option("#template", "down_hangtag_50x90")
    assert await desk.page.is_hidden("#exchanged"), "a person who chose knows"
