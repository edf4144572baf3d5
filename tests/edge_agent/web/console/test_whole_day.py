"""An operator's whole day by scanner and touch: from the badge in the morning to the next one's shift, through a fault,
a strip in doubt, a bad label, a carton and an agent that is killed in the middle of a scan."""

from __future__ import annotations

import os
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from edge_agent.access.roles import Role
from edge_agent.ledger import Ledger
from edge_agent.model.job import Label
from edge_agent.web.console.pages.scans import serial_in
from tests.kits.console_kit import SIZES, a_line
from tests.kits.day_desk import PICTURES, Stander, a_stander
from tests.kits.factory_day import EARLY, GTIN, LATE, LEAD, ORDER_NO, Hall, a_hall
from tests.kits.page_kit import LINK, a_browser, in_a_browser
from tests.kits.people_kit import NAMES, PIN, WRONG, Site, a_site

pytestmark = [*in_a_browser, pytest.mark.costly, pytest.mark.timeout(400)]  # a whole day is the set-up of one test


async def morning(hall: Hall, at: Stander) -> None:
    await at.open("/console/now")
    await at.says("请刷工牌", "#who")
    await at.look("nobody is here", "badge")
    await at.read(hall.badges[EARLY])
    await at.hears(f"你好，{EARLY}")


async def orders(hall: Hall, at: Stander) -> None:
    """The order is paused after the window in hand; then the roll ends under the second label of the next."""
    await at.read(GTIN)
    await at.says(ORDER_NO, "#order")
    await at.look("an order is chosen", "order")
    await at.press("打印", "#order")
    await at.says("已下单 12 张", "#toast")
    await at.press("暂停", "#bar")
    await at.says("已暂停", "#bar .pill")
    while not hall.at_rest or not hall.whole or hall.whole != hall.line.printed:
        await at.rest()
        hall.whole = int(await at.page.inner_text("#bar .count b"))
    await at.look("an order is paused", "paused")
    hall.line.fault(f"media-out@{hall.whole + 2}")
    await at.press("继续", "#bar")


async def out_of_paper(hall: Hall, at: Stander) -> None:
    await at.says("存疑 4", "#bar")
    await at.turn_to("现在", "/console/now")
    await at.says("缺纸，请装入标签纸", "main .printer")
    await at.looks("the roll has ended", "no-paper")
    await at.press("换标签纸", "main", "/console/printers/line-1/roll")
    await at.look("how to change a roll", "roll")
    hall.line.fix("media-out")
    await at.says("就绪", "main h2")


async def in_doubt(hall: Hall, at: Stander) -> None:
    """Its first is good, the second torn, two never came out."""
    await at.turn_to("存疑", "/console/doubts")
    await at.look("a strip is in doubt")
    await at.read(hall.code_on(hall.whole + 1))
    await at.hears("前 1 张好，后 3 张？", "attention")
    await at.looks("its last good label is named", "settle")
    await at.press("处理：后 3 张没有找到", "main")
    await at.says("前 1 张是好的；后 3 张没有找到，作废", "dialog[open]")
    await at.look("asked before it is settled", "sure")
    await at.press("处理", "dialog .answers")
    await at.says("已处理", "#toast")
    await at.press("继续", "#bar")
    await at.says("现在没有在打印", "#bar")


async def a_bad_label(hall: Hall, at: Stander) -> None:
    """The third came out wrinkled: it is found by its own code, scrapped, and another one printed."""
    await at.turn_to("查找", "/console/find")
    await at.look("labels are looked for")
    await at.read(hall.code_on(3))
    await at.hears("找到了，已打印")
    await at.looks("a label and its life")
    await at.press("报废，补打一张", "main")
    await at.says("1 张报废，要销毁，不能恢复；补打 1 张", "dialog[open]")
    await at.press("碳带皱", "dialog")
    await at.look("asked before it is scrapped", "scrap")
    await at.press("报废，补打一张", "dialog .answers")
    await at.says("已下单补打 1 张", "#toast")
    await at.says("现在没有在打印", "#bar")


async def what_is_missing(hall: Hall, at: Stander) -> None:
    await at.press("看这一单", "main", "/console/jobs/*")
    await at.says("缺 3 张，补打", "main")
    await at.looks("an order that lacks three", "missing")
    await at.press("缺 3 张，补打", "main")
    await at.look("asked before they are printed")
    await at.press("补打 3 张", "dialog .answers")
    await at.says("已下单补打 3 张", "#toast")
    await at.says("现在没有在打印", "#bar")


async def a_lead_on_the_spot(hall: Hall, at: Stander) -> None:
    """Somebody pressed a key of the printer: one paper more than labels, and only a lead says that all is well."""
    hall.line.fault("reprint-key")
    await at.turn_to("打印机", "/console/printers")
    await at.press("打测试签", "main")
    await at.says("打印机多出了纸", "#banners")
    await at.looks("more paper came out than labels")
    await at.press("关闭", "#banners")
    await at.press("多出的标签已找到并销毁", "dialog")
    await at.press("关闭警报", "dialog .answers")
    await at.says("请班长刷工牌并输入 PIN", "dialog")
    await at.look("a lead is asked", "lead")
    await at.read(hall.badges[LEAD])
    await at.pin(PIN)
    await at.press("确定", "dialog .answers")
    await at.says("警报已关闭", "#toast")


async def killed_in_a_scan(hall: Hall, at: Stander) -> None:
    await at.press("挂衣服上", "#top")
    hall.freeze()
    await at.read(hall.code_on(1))
    await at.page.wait_for_timeout(200)
    await hall.end(signal.SIGKILL)
    await at.hears("先留着，还没有登记", "attention")
    await at.page.locator("#away").wait_for()
    await at.looks("the agent is away", "away")
    await hall.start()
    await at.hears("请再刷一次工牌", "attention")
    await at.read(hall.badges[EARLY])
    await at.hears("已挂在衣服上")
    await at.look("the kept scan was taken")


async def a_carton(hall: Hall, at: Stander) -> None:
    await at.turn_to("装箱", "/console/pack")
    await at.look("cartons")
    await at.press("开新箱", "main")
    await at.says("扫衣服上的二维码", "main")
    await at.press("挂衣服上", "#top")
    for count, number in enumerate((1, 2, 4), 1):
        await at.read(hall.code_on(number))
        await at.hears(f"第 {count} 件")
    await at.looks("a carton is filled", "carton")
    await at.press("关箱", "main")
    await at.look("asked before it is closed")
    await at.press("关箱，3 件", "dialog .answers")
    await at.says("已关箱，3 件", "#toast")
    await at.looks("a carton is closed", "closed")
    await at.press("打箱标：箱标机", "main")
    await at.says("箱标已送去打印", "#toast")


async def shift_change(hall: Hall, at: Stander) -> None:
    await at.read(hall.badges[LATE])
    await at.hears(f"你好，{LATE}")
    await at.turn_to("报表", "/console/report")
    await at.looks("the report of the shift", "report")


async def evening(hall: Hall, at: Stander) -> None:
    await at.press(LATE, "#top")
    await at.look("who is here", "leave")
    await at.press("退出", "#who")
    await at.says("已退出", "#toast")
    await at.says("请刷工牌", "#who")


DAY = (
    morning,
    orders,
    out_of_paper,
    in_doubt,
    a_bad_label,
    what_is_missing,
    a_lead_on_the_spot,
    killed_in_a_scan,
    a_carton,
    shift_change,
    evening,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@dataclass
class Day:
    """What is left of it: the desk with all that was seen there, the hall, its labels and events."""

    at: Stander
    hall: Hall
    labels: Sequence[Label]
    events: Sequence[dict[str, Any]]


DAYS = ("1366x768", *(one for one in SIZES if one != "1366x768" and os.environ.get("EDGE_AGENT_DAYS") == "all"))
"""The day at one size, whose stops are seen at every size; `make test-long` plays it whole at each."""


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=DAYS)
async def day(request: Any, browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Day:
    size = SIZES[request.param]
    async with a_hall(tmp_path_factory.mktemp("day")) as hall, a_stander(browser, hall.address, size) as at:
        for chapter in DAY:
            await chapter(hall, at)
        assert await hall.end() == 0
        return Day(at, hall, *hall.books())


async def test_at_the_end_of_the_day_every_label_is_what_was_done_with_it(day: Day) -> None:
    hall, labels = day.hall, {one.serial: one for one in day.labels}
    states = [labels[serial_in(hall.code_on(number))].state for number in (1, 2, 3, 4, hall.whole + 1)]
    assert states == ["commissioned", "commissioned", "scrapped", "commissioned", "printed"]
    assert Counter(one.state for one in day.labels) == {"commissioned": 3, "printed": 9, "scrapped": 1, "invalid": 3}
    assert sum(one.replaces is not None for one in day.labels) == 4
    (closed,) = (one for one in day.events if one["type"] == "carton_closed")
    assert (closed["count"], hall.code_on(1, "cartons")) == (3, f"(00){closed['sscc']}")
    (allowed,) = (one for one in day.events if one["type"] == "alarm_closed")
    assert (allowed["operator"], allowed["allowed_by"]) == (hall.ids[EARLY], hall.ids[LEAD])


async def test_each_stop_of_the_day_is_in_sight_in_reach_of_gloves_and_of_everybody(day: Day) -> None:
    assert (day.at.flaws, day.at.wrong) == ({}, [])


async def test_the_operators_page_says_what_the_screen_says_and_shows_what_it_shows(day: Day) -> None:
    page = (PICTURES.parents[1] / "operator.md").read_text("utf-8")
    assert sorted(set(re.findall("「(.+?)」", page)) - day.at.words) == []
    shown = re.findall(r"!\[.+?\]\(images/operator/(.+?)\)", page)
    sizes = {one.name: one.stat().st_size for one in PICTURES.iterdir()}
    assert sorted(shown) == sorted(day.at.pictures) == sorted(sizes), "UPDATE_DOCS=1 with this file takes them anew"
    assert max(sizes.values()) < 60_000


# --- what the day showed to be awkward ---------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="module")
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with a_site(tmp_path) as found:
        yield found


async def test_what_a_lead_allows_is_done_without_another_press(browser: Any, site: Site) -> None:
    await site.service.parts.ledger.do(Ledger.place_hold, "counter_ahead", {})
    async with a_line(browser, site.service) as line:
        await line.open()
        await line.scan(site.badges[Role.OPERATOR])
        await line.says(NAMES[Role.OPERATOR], "#who")
        await line.page.locator("#banners a", has_text="解除").click()
        await line.page.locator("dialog label", has_text="都对得上").click()
        await line.page.click("dialog [data-yes]")
        await line.says("请班长刷工牌并输入 PIN", "dialog[open]")
        assert len(await site.service.site.holds()) == 1
        for pin, said in ((WRONG, "还可以试 4 次"), (PIN, "")):
            await line.scan(site.badges[Role.LEAD])
            await line.page.fill("#pin", pin)
            await line.page.wait_for_timeout(650)
            await line.page.click("dialog .answers .main")
            await line.says(said or "已解除，可以发码", "dialog[open]" if said else "#toast")
        assert await site.service.site.holds() == () and line.wrong == []
        assert await line.page.get_attribute("#who", "data-who") == NAMES[Role.OPERATOR]


async def test_scans_kept_over_a_restart_wait_for_the_badge_of_whoever_made_them(browser: Any, site: Site) -> None:
    """A restart ends every session: nobody is here when the agent is back, and the labels are still at hand."""
    other = site.add(Role.OPERATOR, "示例乙", None)
    async with a_line(browser, site.service) as line:
        for badge, told in ((site.badges[Role.OPERATOR], "码不对，请重新扫描"), (other, "没有登记，请再扫")):
            await line.open()
            await line.scan(site.badges[Role.OPERATOR])
            await line.says(NAMES[Role.OPERATOR], "#who")
            line.dead = True
            await line.scan(LINK)
            await line.says("先留着，还没有登记", "#scan-told")
            await line.page.locator("#away").wait_for()
            site.watch.now_s += 901
            line.dead = False
            await line.says("请再刷一次工牌", "#scan-told.attention")
            await line.scan(badge)
            await line.says(told, "#scan-told")
