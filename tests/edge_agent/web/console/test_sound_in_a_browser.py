"""Good, bad and "look" are told apart by ear, in the hand and from afar; before the first press the page says that it
cannot sound. What a browser plays is written down by a stand-in for its audio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from edge_agent.model.job import Window
from label_protocol.errors import StateError
from tests.kits.console_kit import SIZES, Line, a_line
from tests.kits.page_kit import LINK, a_browser, in_a_browser, link_of, serial_of
from tests.kits.web_double import LABEL, ServiceDouble

pytestmark = in_a_browser

STAND_IN = """(state) => {
    window.played = []; window.shaken = [];
    const param = () => ({ setValueAtTime() {}, linearRampToValueAtTime() {} });
    window.AudioContext = class {
        constructor() { this.state = state; this.currentTime = 0; this.destination = {}; }
        async resume() { this.state = 'running'; }
        createGain() { return { gain: param(), connect: (to) => to }; }
        createOscillator() {
            const one = { connect: (to) => to, start: (at) => { one.at = at; },
                stop: (at) => { one.end = at; window.played.push(one); },
                frequency: { setValueAtTime: (hertz) => { one.hertz = hertz; } } };
            return one;
        }
    };
    navigator.vibrate = (pattern) => { window.shaken.push(pattern); };
}"""
TONES = "window.played.splice(0).map((one) => [one.hertz, one.at, one.end])"
LOOKS = """() => { const node = document.querySelector('#scan-told'), box = node.getBoundingClientRect();
    return [getComputedStyle(node).backgroundColor, parseFloat(getComputedStyle(node.querySelector('strong')).fontSize),
        box.width / document.querySelector('#scan-place').getBoundingClientRect().width]; }"""

WHOLE = """() => { const bar = document.querySelector('#scan-told').getBoundingClientRect();
    const inside = (one) => { const box = document.querySelector(`#scan-told ${one}`).getBoundingClientRect();
        return box.width > 0 && box.top > bar.top - 5 && box.bottom < bar.bottom + 5 && box.right <= bar.right; };
    return Object.fromEntries(['strong', '.why b'].map((one) => [one, inside(one)])); }"""
"""Within the leading of one line, which is no ink."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def line(browser: Any, tmp_path: Path) -> AsyncIterator[Line]:
    """A strip of eight that went wrong, and one label alone."""
    service = ServiceDouble(tmp_path)
    serials = tuple(serial_of(n) for n in range(1, 9))

    async def doubts() -> Any:
        return [(Window("w1", "j1", "p1", "0" * 64, serials), [replace(LABEL, serial=one) for one in serials])]

    cast(Any, service.labels).doubts = doubts
    async with a_line(browser, service) as found:
        yield found


async def with_audio(line: Line, state: str) -> None:
    await line.page.add_init_script(f"({STAND_IN})('{state}')")
    await line.open()


async def scanned(line: Line, text: str) -> tuple[Any, Any]:
    """What a scan sounds like, and what it looks like."""
    async with line.page.expect_response("**/console/scan"):
        await line.scan(text)
    await line.rest()
    return await line.page.evaluate(TONES), await line.page.evaluate(LOOKS)


async def test_good_bad_and_look_differ_by_ear_and_by_eye(line: Line) -> None:
    await with_audio(line, "running")
    good = await scanned(line, LINK)
    bad = await scanned(line, "6901234567893")
    async with line.page.expect_navigation():  # a strip that went wrong leads to its page, which tells it
        await line.scan(link_of(serial_of(5)))
    await line.page.locator("#scan-told.attention").wait_for()
    await line.rest()
    look = await line.page.evaluate(TONES), await line.page.evaluate(LOOKS)
    (first, second), low, short = good[0], bad[0], look[0]
    assert first[0] < second[0] and first[2] <= second[1] + 0.01, "one rising step"
    assert len(low) == 2 and max(hertz for hertz, *_ in low) < 300 and low[0][2] < low[1][1], "two low tones"
    assert len(short) == 3 and len({hertz for hertz, *_ in short}) == 1, "three short ones"
    assert len({kind[1][0] for kind in (good, bad, look)}) == 3, "three colours"
    assert all(size >= 48 and wide > 0.95 for _, size, wide in (good[1], bad[1], look[1]))
    assert len({len(one) for one in await line.page.evaluate("window.shaken")}) == 3, "and in the hand"


async def test_each_telling_sounds_once_and_a_refresh_never(line: Line) -> None:
    await with_audio(line, "running")
    for _ in range(2):
        tones, _ = await scanned(line, LINK)
        assert len(tones) == 2, "the same label twice is told twice"
    await line.refresh()
    await line.refresh()
    assert await line.page.evaluate(TONES) == []


async def test_a_press_for_a_sound_sounds_once(line: Line) -> None:
    await line.page.add_init_script(f"({STAND_IN})('running')")
    await line.open("/console/scanner")
    await line.page.click("[data-sound=look]")
    assert len(await line.page.evaluate(TONES)) == 3


async def test_without_a_press_the_page_says_that_it_has_no_sound(line: Line) -> None:
    await with_audio(line, "suspended")
    await line.page.evaluate("document.querySelector('#scan-told').className = 'scan-told stop'")
    await line.says("还没有声音", "#scan-told .no-sound")
    await line.page.mouse.click(5, 700)
    await line.page.locator("#scan-told .no-sound").wait_for(state="detached")
    assert len((await scanned(line, LINK))[0]) == 2


@pytest.mark.parametrize("size", SIZES)
async def test_all_that_is_to_be_done_about_a_scan_is_in_sight(browser: Any, tmp_path: Path, size: str) -> None:
    """The bar has one height: what is to be done stands before the code and the English beside it."""
    service, todo = ServiceDouble(tmp_path), "这张标签还没有记为挂到衣服上，请勾上“挂衣服上”再扫，或先扫一次挂到衣服上"

    async def refused(*_: object, **__: object) -> Any:
        raise StateError(
            f"{todo} · label {LABEL.serial}: expected one that is on its garment, got printed; scan it again"
        )

    cast(Any, service.labels).scan = refused
    cast(Any, service.labels).doubts = nothing
    async with a_line(browser, service, SIZES[size]) as line:
        await line.open()
        await line.scan(LINK)
        await line.says(todo, "#scan-told.stop")
        assert await line.page.inner_text("#scan-told code") == LABEL.serial
        assert await line.page.evaluate(WHOLE) == {"strong": True, ".why b": True}


async def nothing() -> list[Any]:
    return []


async def test_a_scan_while_a_question_is_open_is_heard(line: Line) -> None:
    await with_audio(line, "running")
    await line.page.click("#bar [data-key=stop]")
    await line.page.locator("dialog[open]").wait_for()
    await line.scan(LINK)
    await line.rest()
    assert len(await line.page.evaluate(TONES)) == 3, "look: it was not taken"


async def test_whoever_sets_it_still_hears_nothing_and_sees_all(line: Line) -> None:
    await line.page.add_init_script("localStorage.setItem('sound volume', '0')")
    await with_audio(line, "running")
    tones, looks = await scanned(line, LINK)
    assert tones == [] and looks[1] >= 48
