"""The console as it is seen and pressed: in sight, large enough, readable, by touch, by scanner, by keyboard alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import pytest_asyncio

from edge_agent.ledger import Ledger
from edge_agent.model.job import JobState
from edge_agent.web.console.pages import PAGES
from tests.edge_agent.printing.test_fleet import code_on, shop
from tests.kits.console_kit import SIZES, STYLE, Line, a_line, with_jobs
from tests.kits.page_kit import LINK, SAMPLE, a_browser, in_a_browser
from tests.kits.web_double import LABEL, ServiceDouble

pytestmark = in_a_browser

PACKING = "/console/pack/C0F3A92C1"
PLAIN = [page.path for page in PAGES if "{" not in page.path] + [STYLE, PACKING, "/console/jobs/j1/cancel"]
IN_THE_BAR = (".count", "progress", "[data-key=pause]", "[data-key=stop]")
COUNTS = (0, 1, 20)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def service(tmp_path: Path) -> ServiceDouble:
    found = ServiceDouble(tmp_path)
    found.parts.catalog.import_file(SAMPLE)
    return found


@pytest_asyncio.fixture(loop_scope="module")
async def line(browser: Any, service: ServiceDouble) -> AsyncIterator[Line]:
    async with a_line(browser, service) as found:
        yield found


# --- what is seen ------------------------------------------------------------------------------------------------


SHOWING = ("/console/pieces", STYLE)
"""They show every colour and every piece between them."""
ROOMY = "1920x1080"


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_printing_its_pause_and_its_stop_are_in_sight_at_every_size(
    browser: Any, service: ServiceDouble, size: str
) -> None:
    async with a_line(browser, service, SIZES[size]) as line:
        wrong = {}
        for path in SHOWING if size == ROOMY else PLAIN:
            await line.open(path)
            await line.photograph(f"{size} {path}")
            seen = [await line.in_sight(f"#bar {one}") for one in IN_THE_BAR]
            found = (await line.wide(), await line.too_small(), await line.too_close(), seen, line.wrong)
            if found != (0, [], [], [True] * 4, []):
                wrong[path] = found
        assert wrong == {}


async def test_tables_hold_no_row_one_and_twenty(line: Line, service: ServiceDouble) -> None:
    for count in COUNTS:
        with_jobs(service, count)
        for path in ("/console/now", f"/console/pieces?rows={count}"):
            await line.open(path)
            await line.photograph(f"rows {count} {path}")
            assert await line.page.locator("main tbody tr").count() >= count or count == 0
            assert await line.page.locator("main .table-said").count() == (count == 0)
            assert await line.wide() == 0


@pytest.mark.parametrize(("look", "paths"), [("light", PLAIN), ("dark", SHOWING)], ids=["light", "dark"])
async def test_axe_finds_nothing(line: Line, look: str, paths: list[str]) -> None:
    await line.page.emulate_media(color_scheme="dark" if look == "dark" else "light")
    wrong = {}
    for path in paths:
        await line.open(path)
        await line.photograph(f"{look} {path}")
        if found := await line.axe():
            wrong[path] = found
    assert wrong == {}


async def test_light_and_dark_are_a_switch(line: Line) -> None:
    await line.open()
    before = await line.page.evaluate("getComputedStyle(document.body).backgroundColor")
    await line.page.click("#who > summary")
    await line.page.click("#who [value=dark]")
    await line.page.locator("html[data-look=dark]").wait_for()
    assert await line.page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    await line.open("/console/print")
    assert await line.page.evaluate("document.documentElement.dataset.look") == "dark"


async def test_who_says_a_name_stays_where_the_work_is(line: Line) -> None:
    await line.open("/console/print")
    await line.page.click(".row-link")
    await line.page.locator("#order").wait_for()
    await line.page.click("#who > summary")
    await line.page.fill("#who-name", "A01")
    await line.page.click("#who .main")
    await line.page.locator("#who[data-who=A01]").wait_for()
    assert not await line.page.locator("#who .sheet").is_visible()
    assert await line.page.locator("#order").is_visible()


# --- what is pressed ---------------------------------------------------------------------------------------------


async def test_two_taps_on_print_are_one_order_and_no_form_is_left(line: Line, service: ServiceDouble) -> None:
    await line.open(STYLE)
    box = await line.page.locator("#order [data-key=print]").bounding_box()
    place = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(2):
        await line.page.mouse.click(*place)
        await line.page.wait_for_timeout(180)
    await line.says("已下单")
    await line.page.mouse.click(*place)
    await line.rest()
    assert [one[0] for one in service.orders] == ["submit"]
    await line.scan(LINK)  # ends with Enter, and the button that was pressed had the focus
    await line.rest()
    assert [one[0] for one in service.orders] == ["submit", "scan"]
    assert await line.page.locator("#order").count() == 0


async def test_enter_in_the_quantity_orders_nothing(line: Line, service: ServiceDouble) -> None:
    await line.open(STYLE)
    await line.page.fill("#f-quantity", "60")
    await line.page.press("#f-quantity", "Enter")
    await line.rest()
    assert (service.orders, await line.page.input_value("#f-quantity")) == ([], "60")


async def test_a_second_tap_does_not_press_what_has_come_under_the_finger(line: Line, service: ServiceDouble) -> None:
    """暂停 becomes 继续 in the same place: a glove's double tap paused the job and resumed it. A second tap that a busy
    machine sent too late is another press, so it is tried again."""
    for _ in range(5):
        service.move(state=JobState.RUNNING)
        await line.open()
        await line.page.evaluate("window.taps = []; addEventListener('click', (one) => taps.push(one.timeStamp), true)")
        place = await line.middle_of("#bar [data-key=pause]")
        async with line.page.expect_response("**/pause"):
            await line.page.mouse.click(*place)
        service.move(state=JobState.PAUSED)
        await line.page.wait_for_timeout(180)
        await line.page.mouse.click(*place)
        await line.rest()
        if await line.page.evaluate("taps[1] - taps[0] < 500"):
            break
        service.orders.clear()
    assert service.orders == [("pause", "j1", "")]


async def test_an_order_whose_answer_was_lost_is_pressed_again_and_is_one(line: Line, service: ServiceDouble) -> None:
    await line.open(STYLE)
    line.lose_answers = 1
    await line.page.click("#order [data-key=print]")
    await line.says("再按一次不会打两份")
    await line.refresh()
    await line.page.wait_for_timeout(700)
    await line.page.click("#order [data-key=print]")
    await line.says("已下单")
    keys = {one.partition("key=")[2].partition("&")[0] for one in line.console_posts("/console/print")}
    assert len(line.console_posts("/console/print")) == 2
    assert len(keys) == 1


async def test_a_refresh_keeps_what_is_typed_and_the_button_under_a_finger(line: Line, service: ServiceDouble) -> None:
    await line.open(STYLE)
    await line.page.fill("#f-quantity", "73")
    await line.page.locator("#bar [data-key=pause]").evaluate("node => { node.mine = true; }")
    await line.page.evaluate("document.querySelector('[data-key=pad]').open = true")
    scrolled = await line.page.evaluate(
        "const work = document.querySelector('#work'); work.scrollTop = 40; work.scrollTop"
    )
    box = await line.page.locator("#bar [data-key=pause]").bounding_box()
    service.move(printed=5)
    await line.refresh()
    assert await line.page.input_value("#f-quantity") == "73"
    assert "5" in await line.page.locator("#bar .count").first.inner_text()
    assert await line.page.locator("#bar [data-key=pause]").evaluate("node => node.mine")
    assert await line.page.evaluate("document.querySelector('[data-key=pad]').open")
    assert await line.page.evaluate("document.querySelector('#work').scrollTop") == scrolled > 0
    await line.page.mouse.move(box["x"] + 20, box["y"] + 20)
    await line.page.mouse.down()
    service.move(printed=6)
    await line.page.wait_for_timeout(500)
    assert "5" in await line.page.locator("#bar .count").first.inner_text()  # nothing moves while it is held
    async with line.page.expect_response("**/pause"):
        await line.page.mouse.up()
    await line.says("已暂停", "#toast")
    assert service.orders == [("pause", "j1", "")]


async def test_a_choice_is_shown_in_place_and_a_number_is_typed_by_touch(line: Line, service: ServiceDouble) -> None:
    await line.open(STYLE)
    async with line.page.expect_response("**/console/print?*wash_care_30*"):
        await line.page.locator("label", has_text="洗水唛").click()
    await line.page.locator("img[src*=wash_care_30]").wait_for()
    await line.page.click("[data-key=pad] > summary")
    for digit in ("clear", "2", "2"):  # a digit twice is no slip
        await line.page.click(f"[data-digit='{digit}']")
    await line.page.keyboard.press("Escape")
    await line.page.locator("label[data-key=p1]").click()
    await line.page.click("#order [data-key=print]")
    await line.says("已下单 22 张")
    assert service.orders[0][1]["count"] == 22


async def test_stopping_asks_in_numbers_and_enter_is_no_answer(line: Line, service: ServiceDouble) -> None:
    await line.open()
    await line.page.click("#bar [data-key=stop]")
    await line.says("还有 2 张不再打印", "dialog[open]")
    focused = await line.page.evaluate("document.activeElement.id")
    await line.page.keyboard.press("Enter")
    await line.rest()
    assert (focused, service.orders) == ("question-title", [])
    await line.page.wait_for_timeout(650)
    await line.page.click("dialog [data-yes]")
    await line.says("已停止", "#toast")
    assert service.orders == [("cancel", "j1", "")]
    assert await line.page.locator("dialog[open]").count() == 0


async def test_a_slip_of_the_hand_is_asked_about_over_the_page(line: Line, service: ServiceDouble) -> None:
    await line.open(STYLE)
    await line.page.fill("#f-quantity", "5001")
    await line.page.click("#order [data-key=print]")
    await line.says("要打 5001 张？", "dialog[open]")
    await line.refresh()
    await line.page.click("dialog [data-back]")
    assert await line.page.input_value("#f-quantity") == "5001"  # what was typed stays
    assert service.orders == []
    await line.page.wait_for_timeout(650)
    await line.page.click("#order [data-key=print]")
    await line.page.click("dialog [data-yes]")
    await line.says("已下单 5001 张")
    assert [one[0] for one in service.orders] == ["submit"]


async def test_what_is_wrong_in_a_form_stays_said_until_the_next_press(line: Line, service: ServiceDouble) -> None:
    await line.open(STYLE)
    await line.page.fill("#f-quantity", "0")
    await line.page.click("#order [data-key=print]")
    await line.says("请填 1 到", ".errors")
    await line.refresh()
    assert await line.page.locator(".errors").is_visible()
    await line.page.fill("#f-quantity", "3")
    await line.page.wait_for_timeout(650)
    await line.page.click("#order [data-key=print]")
    await line.says("已下单 3 张")


# --- scans -------------------------------------------------------------------------------------------------------


async def test_a_scan_is_no_answer_to_a_question(line: Line, service: ServiceDouble) -> None:
    await line.open()
    await line.page.click("#bar [data-key=stop]")
    await line.page.locator("dialog[open]").wait_for()
    await line.scan(LINK)
    await line.says("先回答这个问题", "dialog[open]")
    assert service.orders == []


async def test_an_agent_away_leaves_nothing_known_and_keeps_the_scan(line: Line, service: ServiceDouble) -> None:
    await line.open()
    line.dead = True
    await line.scan(LINK)
    await line.says("先留着，还没有登记", "#scan-told")
    service.parts.changes.tell()
    await line.page.locator("#away").wait_for()
    await line.photograph("away")
    assert await line.page.locator("#bar .pill.good, main [data-live] .pill.good").count() == 0
    assert "留着 1 个扫描" in await line.page.inner_text("#kept")
    assert service.orders == []
    line.dead = False
    await line.page.locator("#away").wait_for(state="hidden")
    await line.says(LABEL.serial, "#scan-told.good")
    assert [one[0] for one in service.orders] == ["scan"]


async def test_an_answer_that_is_no_page_leaves_nothing_known_either(line: Line) -> None:
    """An agent that is at an end of its wits still answers; what it showed before is not as it is now."""
    await line.open()
    problem = {"title": "no", "detail": "程序内部错误，请查看日志 · an internal error", "status": 500}
    await line.page.route("**/console/now", lambda route: route.fulfill(status=500, json=problem))
    line.service.parts.changes.tell()
    await line.page.locator("#away").wait_for()
    said = await line.page.inner_text("#away")
    assert "程序内部错误" in said and "edge-agent 是否在运行" in said
    assert await line.page.locator("#bar .pill.good, main [data-live] .pill.good").count() == 0
    await line.page.unroute("**/console/now")
    await line.page.locator("#away").wait_for(state="hidden")


async def test_a_picture_that_is_refused_says_why(line: Line) -> None:
    """A picture that does not come is no answer to somebody who chose the wrong label."""
    why = {"title": "no", "detail": "资料里没有分级结果。 · The record has no grade."}
    await line.page.route("**/preview?*", lambda route: route.fulfill(status=422, json=why))
    await line.open(STYLE)
    await line.says("资料里没有分级结果", ".no-picture")
    await line.page.unroute("**/preview?*")
    await line.page.locator("label", has_text="洗水唛").click()
    await line.page.locator("img[src*=wash_care_30]").wait_for()
    assert await line.page.locator(".no-picture:visible").count() == 0
    await line.page.route("**/preview?*", lambda route: route.fulfill(status=422, json=why))
    await line.page.wait_for_timeout(650)
    await line.page.locator("#order [name=template]:not(:checked)").first.check()
    await line.says("资料里没有分级结果", ".no-picture")


# --- without scripts ---------------------------------------------------------------------------------------------


async def test_without_scripts_labels_are_ordered_and_a_job_is_stopped(browser: Any, service: ServiceDouble) -> None:
    """A browser tells of a plain form on whose page it was only where the page lets it: `Referrer-Policy`."""
    async with a_line(browser, service, scripts=False) as line:
        await line.page.goto(line.address.rstrip("/") + STYLE)
        await line.page.fill("#f-quantity", "7")
        await line.page.press("#f-quantity", "Enter")  # asks for the page again, and orders nothing
        assert service.orders == []
        await line.page.click("#order [data-key=print]")
        await line.says("已下单 7 张")
        await line.page.click("#bar [data-key=stop]")
        await line.page.click("#question [data-yes]")
        await line.says("已停止", "#toast")
        assert [one[0] for one in service.orders] == ["submit", "cancel"]


# --- by keyboard alone -------------------------------------------------------------------------------------------


async def test_by_keyboard_alone_a_job_is_paused_and_a_style_is_ordered(line: Line, service: ServiceDouble) -> None:
    await line.open("/console/print")
    await line.tab_to(".row-link")
    await line.page.keyboard.press("Enter")
    await line.page.locator("#order").wait_for()
    await line.tab_to("[name=template]")
    await line.page.keyboard.press("ArrowDown")
    await line.page.locator("img[src*=wash_care_30]").wait_for()
    await line.tab_to("[name=printer]")
    await line.page.keyboard.press("ArrowDown")
    await line.page.wait_for_url("**printer=p1**")
    await line.tab_to("#order [data-key=print]")
    await line.page.keyboard.press("Enter")
    await line.says("已下单 50 张")
    await line.tab_to("#bar [data-key=pause]")
    await line.page.keyboard.press("Space")
    await line.says("已暂停", "#toast")
    assert [one[0] for one in service.orders] == ["copies", "pause"]


# --- the whole agent ---------------------------------------------------------------------------------------------


async def test_a_shift_with_gloves_prints_one_job_and_settles_each_strip_by_a_scan(
    browser: Any, tmp_path: Path
) -> None:
    """The real agent, a printer that can prove nothing, two taps, then the scanner, with the focus wherever it is."""
    async with shop(tmp_path, {"p1": {"profile": "zpl-203-one-way"}}) as here:
        here.service.parts.catalog.import_json(here.record.model_dump_json(exclude_none=True).encode())
        product = here.record.product
        form = f"/console/print?{urlencode({'style_no': product.style_no, 'size': product.size})}"
        async with a_line(browser, here.service) as line:
            await line.open(form)
            await line.page.click("#who > summary")
            await line.page.fill("#who-name", "A01")
            await line.page.click("#who .main")
            await line.page.locator("#who[data-who=A01]").wait_for()
            await line.page.fill("#f-quantity", "6")
            place = await line.middle_of("#order [data-key=print]")
            for _ in range(2):
                await line.page.mouse.click(*place)
                await line.page.wait_for_timeout(180)
            await line.says("已下单", ".ordered")
            (job,) = await here.service.jobs.recent()
            for papers, focus in ((4, ".ordered .button"), (6, "#scan")):
                await here.until(job.job_id, JobState.PAUSED)
                await line.page.focus(focus)
                async with line.page.expect_response("**/console/scan"):
                    await line.scan(await asyncio.to_thread(lambda n=papers: code_on(here.picture("p1", n))))
                await line.says("已登记，接着打", "#scan-told.good")
            done = await here.until(job.job_id, JobState.DONE)
        assert (done.printed, done.in_doubt, here.printers["p1"].printed) == (6, 0, 6)
        assert len(await here.service.jobs.recent()) == 1
        assert (await here.service.parts.ledger.do(Ledger.verify)).ok
