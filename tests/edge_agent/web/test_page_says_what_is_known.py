"""What the page offers, asks back and says, in a real browser: never more than is known, nothing that cannot be had."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from tests.edge_agent.printing.test_fleet import code_on, shop
from tests.kits.page_kit import LINK, Desk, a_browser, a_desk, a_page_of, in_a_browser

pytestmark = in_a_browser

STOPPED = {"zh": "已召回", "en": "recalled"}
LOTS = {"LA": "A", "LB1": "B", "LB2": "B"}
FITS = {("B", "LB1"): ["down_grade_60x40"], ("B", ""): ["wash_care_30"]}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def desk(browser: Any, tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(browser, tmp_path) as found:
        yield found


def catalogue(*stopped: str, only: bool = False) -> dict[str, Any]:
    """Two styles and their lots, some of them stopped, as the agent tells them."""
    lots = {no: {"lot_no": no, "quantity": 500, "style_no": style, "stopped": None} for no, style in LOTS.items()}
    for no in stopped:
        lots[no]["stopped"] = STOPPED
    styles = [
        {"style_no": style, "size": "S", "name": name, "brand": "示例"}
        | {"lots": [no for no, of in LOTS.items() if of == style and no not in stopped]}
        for style, name in (("A", "毛衫"), ("B", "羽绒服"))
    ]
    titles = {name: {"zh": name, "en": name} for name in ("down_grade_60x40", "wash_care_30")}
    return {
        "templates": list(titles),
        "titles": titles,
        "without_code": ["wash_care_30"],
        "styles": styles,
        "lots": list(lots.values()),
        "operators": [{"code": "A01", "name": "示例丙"}, {"code": "0012", "name": "李师傅"}],
        "operators_only": only,
    }


def fitting(query: dict[str, str]) -> dict[str, Any]:
    """Nothing fits the first style; of the second, by lot."""
    found = FITS.get((query["style_no"], query.get("lot_no", "")), [])
    return {"templates": found, "refused": {} if found else {"down_grade_60x40": "资料里没有分级结果 · no grade"}}


async def offered(desk: Desk, select: str) -> list[str]:
    found: list[str] = await desk.page.eval_on_selector_all(f"{select} option", "all => all.map((one) => one.value)")
    return found


# --- what is offered ---------------------------------------------------------------------------------------------

SHOWN_REFUSALS = """
window.refusals = [];
document.addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
  const node = document.getElementById("refused");
  if (!node.hidden) window.refusals.push(node.textContent);
}).observe(document.getElementById("refused"), { attributes: true, childList: true }));
"""


async def test_the_first_screen_offers_what_can_be_printed(desk: Desk) -> None:
    desk.answers |= {"/catalogue": catalogue("LB2"), "/fitting": fitting}
    await desk.page.add_init_script(SHOWN_REFUSALS)
    await desk.open()
    await desk.page.locator("#preview:visible").or_(desk.page.locator("#refused:visible")).first.wait_for()
    assert await offered(desk, "#lot") == ["", "LB1"]
    assert await offered(desk, "#template") == ["down_grade_60x40"]
    assert await desk.page.input_value("#style") == '["B","S"]'
    assert await desk.page.input_value("#lot") == "LB1"
    said = await desk.page.evaluate("window.refusals")
    assert [words for words in said if "没有分级结果" in words] == [], "not even while it looks for one that fits"


async def test_a_style_of_many_lots_that_fits_nothing_is_not_asked_for_each(desk: Desk) -> None:
    many = [f"L{n}" for n in range(40)]
    found = catalogue()
    found["styles"][0]["lots"] = many
    found["lots"] += [found["lots"][0] | {"lot_no": no} for no in many]
    asked: list[str] = []
    desk.answers |= {"/catalogue": found, "/fitting": lambda query: asked.append(query["style_no"]) or fitting(query)}
    await desk.open()
    await desk.says("LB1", "#lot")
    assert await desk.page.input_value("#style") == '["B","S"]'
    assert asked.count("A") < 10


async def test_a_style_is_offered_its_own_lots_only(desk: Desk) -> None:
    desk.answers |= {"/catalogue": catalogue(), "/fitting": fitting}
    await desk.open()
    await desk.page.select_option("#style", '["A","S"]')
    await desk.says("没有分级结果", "#refused")
    assert await offered(desk, "#lot") == ["", "LA"]
    await desk.button("开始打印").click()
    await desk.says("没有分级结果", "#toast")
    assert desk.orders() == []


async def test_a_lot_that_is_stopped_while_it_is_chosen_is_not_quietly_exchanged(desk: Desk) -> None:
    desk.answers |= {"/catalogue": catalogue(), "/fitting": fitting}
    await desk.open()
    await desk.page.locator("#preview:visible").or_(desk.page.locator("#refused:visible")).first.wait_for()
    await desk.says("down_grade", "#template")
    assert await desk.page.input_value("#lot") == "LB1"
    desk.answers["/catalogue"] = catalogue("LB1")
    await desk.page.evaluate("document.dispatchEvent(new Event('refused'))")
    await desk.says("LB1 已停用", "#refused")
    assert await offered(desk, "#lot") == ["", "LB2", "!LB1"]
    await desk.button("开始打印").click()
    await desk.says("已召回", "#toast")
    assert desk.orders() == []


async def test_a_scan_of_a_stopped_lot_is_told_large_and_red(desk: Desk) -> None:
    desk.refused["/scan"] = {"status": 409, "words_zh": "批次已停", "detail": "这一批已召回，不要挂到衣服上 · recalled"}
    await desk.open()
    await desk.scan(LINK)
    await desk.says("不要挂到衣服上", "#told.bad")
    size = await desk.page.evaluate("parseFloat(getComputedStyle(document.querySelector('#told-words')).fontSize)")
    assert size >= 48


async def test_a_label_of_a_stopped_lot_that_was_in_doubt_is_entered_and_told_red(desk: Desk) -> None:
    """The scan settles its doubt; it must not go onto a garment all the same."""
    desk.takes_orders = False
    label = {"serial": "PH17K3M9QX2W4T0AB", "words": {"zh": "已打印", "en": "printed"}, "stopped": STOPPED}
    desk.answers["/scan"] = label
    await desk.open()
    await desk.scan(LINK)
    await desk.says("已召回", "#told.bad")
    assert "不要挂到衣服上" in await desk.told()


async def test_where_people_are_named_only_they_act(desk: Desk) -> None:
    desk.answers |= {"/catalogue": catalogue(only=True), "/fitting": fitting}
    await desk.open(operator="Z99")
    await desk.button("开始打印").click()
    await desk.says("不在本厂名单里", "#toast")
    assert desk.orders() == []
    await desk.scan("0012")
    await desk.says("李师傅", "#told.good")
    await desk.page.wait_for_timeout(700)
    async with desk.page.expect_response("**/jobs"):
        await desk.button("开始打印").click()
    assert desk.posts("/jobs")[0]["operator"] == "0012"


async def test_a_hold_has_a_button_only_where_the_page_may_lift_it(desk: Desk) -> None:
    words = {"cloned": "registry", "forked": "command", "disk_full": "none", "printer_ahead": "page"}
    desk.answers["/holds"] = {"holds": [{"kind": kind, "words": kind, "release": by} for kind, by in words.items()]}
    await desk.open()
    banner = desk.page.locator("#holds .banner")
    shown = {kind: await banner.filter(has_text=kind).locator("button").count() for kind in words}
    assert shown == {"cloned": 0, "forked": 0, "disk_full": 0, "printer_ahead": 1}
    assert "由中心平台解除" in await banner.filter(has_text="cloned").inner_text()
    assert "用命令解除" in await banner.filter(has_text="forked").inner_text()


async def test_a_warning_stands_red_on_the_page(desk: Desk) -> None:
    words = {"zh": "本页对整个网络开放", "en": "this page is open to the whole network"}
    desk.answers["/warnings"] = {"warnings": [{"kind": "open_to_network", "words": words}]}
    await desk.open()
    shown = desk.page.locator("#holds .banner:not(.warn)").filter(has_text=words["zh"])
    assert words["en"] in await shown.inner_text()


# --- what is asked back ------------------------------------------------------------------------------------------


async def test_a_quantity_far_above_the_usual_asks_back_in_numbers(desk: Desk) -> None:
    desk.answers |= {"/catalogue": catalogue(), "/fitting": fitting}
    await desk.open()
    await desk.page.fill("#quantity", "30012")
    await desk.button("开始打印").click()
    asked = await desk.page.inner_text("dialog[open]")
    assert "30012" in asked and "最近最多一单 10 张" in asked and "这一批 500 件" in asked
    await desk.page.keyboard.press("Enter")
    await desk.page.keyboard.press("Escape")
    await desk.answered()
    assert desk.orders() == []
    await desk.page.fill("#quantity", "90")
    await desk.page.wait_for_timeout(700)  # a press sooner, in the same place, is the second tap of the first
    async with desk.page.expect_response("**/jobs"):
        await desk.button("开始打印").click()
    assert desk.posts("/jobs")[0]["quantity"] == 90


async def test_an_unusual_quantity_is_printed_when_a_person_says_so(desk: Desk) -> None:
    await desk.open()
    await desk.page.fill("#quantity", "400")
    await desk.button("开始打印").click()
    await desk.page.wait_for_timeout(700)
    async with desk.page.expect_response("**/jobs"):
        await desk.button("打 400 张", "dialog[open]").click()
    assert desk.posts("/jobs")[0]["quantity"] == 400


async def test_an_order_whose_answer_was_lost_keeps_its_key(desk: Desk) -> None:
    await desk.open()
    desk.lose_answers = 1
    await desk.button("开始打印").click()
    await desk.says("再按一次不会打两份", "#toast")
    await desk.page.wait_for_timeout(700)
    async with desk.page.expect_response("**/jobs"):
        await desk.button("开始打印").click()
    await desk.says("已下单", "#print")
    keys = [one.headers["idempotency-key"] for one in desk.sent if one.method == "POST"]
    assert len(keys) == 2 and keys[0] == keys[1]


async def test_an_order_that_was_changed_after_its_answer_was_lost_can_still_be_given(desk: Desk) -> None:
    """The first had arrived, so its key is taken: the next press is told so, and the one after it is the new order."""
    await desk.open()
    desk.lose_answers = 1
    await desk.button("开始打印").click()
    await desk.says("再按一次不会打两份", "#toast")
    taken = {"status": 422, "type": "/problems/idempotency", "detail": "key: expected the same order"}
    desk.refused["/jobs"] = taken
    await desk.page.fill("#quantity", "20")
    await desk.page.wait_for_timeout(700)
    await desk.button("开始打印").click()
    await desk.says("上一单其实已经下了", "#toast")
    desk.refused.clear()
    await desk.page.wait_for_timeout(700)
    async with desk.page.expect_response("**/jobs"):
        await desk.button("开始打印").click()
    await desk.says("已下单", "#print")
    keys = [one.headers["idempotency-key"] for one in desk.sent if one.url.endswith("/jobs") and one.method == "POST"]
    assert keys[0] == keys[1] != keys[2]


async def test_what_fits_is_asked_again_when_the_question_was_lost(desk: Desk) -> None:
    lost = [True]

    async def first(route: Any) -> None:
        await (route.abort() if lost else route.fallback())

    await desk.page.route("**/fitting?*", first)
    await desk.page.goto(desk.address)
    await desk.page.locator("#link.good").wait_for()
    await desk.rest()
    assert "down_grade_60x40" not in await offered(desk, "#template")
    lost.clear()
    await desk.page.evaluate("document.dispatchEvent(new Event('refused'))")
    await desk.page.locator("#template option[value=down_grade_60x40]").wait_for(state="attached")


async def test_the_next_job_is_opened_on_purpose(desk: Desk) -> None:
    await desk.open()
    for press in ("button", "change"):
        async with desk.page.expect_response("**/jobs"):
            await desk.button("开始打印").click()
        await desk.says("已下单", "#print")
        assert await desk.page.is_disabled("#print")
        await desk.page.wait_for_timeout(700)
        if press == "button":
            await desk.button("再来一单").click()
        else:
            await desk.page.fill("#quantity", "60")
            await desk.page.press("#quantity", "Tab")
        await desk.says("开始打印", "#print")
    async with desk.page.expect_response("**/jobs"):
        await desk.button("开始打印").click()
    keys = {one.headers["idempotency-key"] for one in desk.sent if one.method == "POST"}
    assert len(keys) == 3


async def test_a_second_tap_does_not_press_what_has_come_under_the_finger(desk: Desk) -> None:
    """暂停 becomes 继续 in the same place: a glove's double tap paused the job and resumed it. A second tap that a busy
    machine sent too late is another press, so it is tried again."""
    for _ in range(5):
        desk.service.move(state=JobState.RUNNING)
        await desk.open()
        await desk.page.evaluate("window.taps = []; addEventListener('click', (one) => taps.push(one.timeStamp), true)")
        while not await desk.page.evaluate("document.querySelector('#preview').naturalHeight"):
            await desk.page.wait_for_timeout(20)  # once the picture has come nothing moves any more
        place = await desk.middle_of("暂停")
        async with desk.page.expect_response("**/pause"):
            await desk.page.mouse.click(*place)
        desk.service.move(state=JobState.PAUSED)
        await desk.page.wait_for_timeout(180)
        await desk.page.mouse.click(*place)
        await desk.rest()
        if await desk.page.evaluate("taps[1] - taps[0] < 500"):
            break
    assert desk.orders() == ["/jobs/j1/pause"]


# --- scanners of other kinds -------------------------------------------------------------------------------------


async def test_a_scanner_slow_as_a_hand_still_has_one_place(desk: Desk) -> None:
    await desk.open()
    await desk.page.evaluate("[...document.querySelectorAll('#jobs button')].at(-1).focus()")
    await desk.scan(LINK, gap_ms=60)
    await desk.says("PH17K3M9QX2W4T0AB", "#told.good")
    assert [one["text"] for one in desk.posts("/scan")] == [LINK]


async def test_a_scanner_without_enter_is_heard(desk: Desk) -> None:
    await desk.open()
    await desk.page.focus("#quantity")
    await desk.scan(LINK, end="")
    await desk.says("PH17K3M9QX2W4T0AB", "#told.good")
    assert [one["text"] for one in desk.posts("/scan")] == [LINK]
    assert await desk.page.input_value("#quantity") == "50"


async def test_a_scan_into_an_input_method_is_still_the_text(desk: Desk) -> None:
    """A Chinese input method keeps the characters to itself; the browser tells only which key it was."""
    await desk.open()
    await desk.page.focus("#operator")
    await desk.scan(LINK, by_method=True)
    await desk.rest()
    assert [one["text"] for one in desk.posts("/scan")] == [LINK]
    assert await desk.page.input_value("#operator") == "A01"


# --- an agent that does not answer -------------------------------------------------------------------------------


async def test_a_dead_agent_is_red_and_nothing_is_green(desk: Desk) -> None:
    await desk.open()
    desk.dead = True
    await desk.page.evaluate("document.dispatchEvent(new Event('acted'))")
    await desk.page.locator("#dead:visible").wait_for()
    shown = await desk.page.inner_text("#dead")
    assert "代理没有应答" in shown and "does not answer" in shown and "edge-agent" in shown
    assert await desk.page.locator("main .pill.good").count() == 0
    assert "未知" in await desk.page.inner_text("#printers")
    for words in ("暂停", "开始打印"):
        await desk.button(words).click()
        await desk.says("代理没有应答", "#toast")
    await desk.scan(LINK)
    await desk.says("没有登记", "#told.bad")
    assert "Failed to fetch" not in await desk.page.inner_text("body")
    desk.dead = False
    await desk.page.evaluate("document.dispatchEvent(new Event('acted'))")
    await desk.page.locator("#dead").wait_for(state="hidden")
    await desk.says("就绪", "#printers .pill.good")


# --- the whole agent ---------------------------------------------------------------------------------------------


async def test_a_shift_with_gloves_prints_one_job_and_settles_each_strip_by_a_scan(
    browser: Any, tmp_path: Path
) -> None:
    """The real agent, a printer that can prove nothing, two taps, then the scanner, with the focus wherever it is."""
    async with shop(tmp_path, {"p1": {"profile": "zpl-203-one-way"}}) as here:
        here.service.parts.catalog.import_json(here.record.model_dump_json(exclude_none=True).encode())
        async with a_page_of(browser, here.service) as desk:
            await desk.open()
            await desk.page.locator("#preview:visible").wait_for()  # the first screen can be printed as it stands
            await desk.page.fill("#quantity", "6")
            place = await desk.middle_of("开始打印")
            await desk.page.mouse.click(*place)
            await desk.page.wait_for_timeout(180)
            await desk.page.mouse.click(*place)
            await desk.says("已下单", "#print")
            (job,) = await here.service.jobs.recent()
            for papers, focus in ((4, "#print"), (6, "#quantity")):
                await here.until(job.job_id, JobState.PAUSED)
                await desk.says("扫描后自动继续", "#doubts")
                await desk.page.evaluate("id => document.querySelector(id).focus()", focus)
                await desk.scan(await asyncio.to_thread(lambda n=papers: code_on(here.picture("p1", n))))
                await desk.says("已登记", "#told.good")
            done = await here.until(job.job_id, JobState.DONE)
        assert (done.printed, done.in_doubt, here.printers["p1"].printed) == (6, 0, 6)
        assert len(await here.service.jobs.recent()) == 1
        assert (await here.service.parts.ledger.do(Ledger.verify)).ok
