"""Good, bad and "look" are told apart by ear, in the hand and from afar, on both pages; before the first press the page
says that it cannot sound. What a browser plays is written down by a stand-in for its audio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests.kits.page_kit import LINK, Desk, a_browser, a_desk, doubts, in_a_browser, link_of, serial_of

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
LOOKS = """() => { const node = document.querySelector('#told'), box = node.getBoundingClientRect();
    return [getComputedStyle(node).backgroundColor, parseFloat(getComputedStyle(node.querySelector('strong')).fontSize),
        box.width / document.querySelector('#scan-form').getBoundingClientRect().width]; }"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def desk(browser: Any, tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(browser, tmp_path) as found:
        yield found


async def with_audio(desk: Desk, state: str) -> None:
    await desk.page.add_init_script(f"({STAND_IN})('{state}')")
    await desk.open()


async def scanned(desk: Desk, text: str) -> tuple[Any, Any]:
    """What a scan sounds like, and what it looks like."""
    await desk.scan(text)
    await desk.rest()
    return await desk.page.evaluate(TONES), await desk.page.evaluate(LOOKS)


async def test_good_bad_and_look_differ_by_ear_and_by_eye(desk: Desk) -> None:
    desk.answers["/doubts"] = doubts(8)
    await with_audio(desk, "running")
    look = await scanned(desk, link_of(serial_of(5)))
    good = await scanned(desk, LINK)
    desk.refused["/scan"] = {"status": 422, "words_zh": "码不对", "detail": "这不是标签的码 · no label's code"}
    bad = await scanned(desk, "6901234567892")
    (first, second), low, short = good[0], bad[0], look[0]
    assert first[0] < second[0] and first[2] <= second[1] + 0.01, "one rising step"
    assert len(low) == 2 and max(hertz for hertz, *_ in low) < 300 and low[0][2] < low[1][1], "two low tones"
    assert len(short) == 3 and len({hertz for hertz, *_ in short}) == 1, "three short ones"
    assert len({kind[1][0] for kind in (good, bad, look)}) == 3, "three colours"
    assert all(size >= 48 and wide > 0.95 for _, size, wide in (good[1], bad[1], look[1]))
    assert len({len(one) for one in await desk.page.evaluate("window.shaken")}) == 3, "and in the hand"


async def test_each_telling_sounds_once_and_a_refresh_never(desk: Desk) -> None:
    await with_audio(desk, "running")
    for _ in range(2):
        tones, _ = await scanned(desk, LINK)
        assert len(tones) == 2, "the same label twice is told twice"
    await desk.refresh()
    await desk.refresh()
    assert await desk.page.evaluate(TONES) == []


async def test_without_a_press_the_page_says_that_it_has_no_sound(desk: Desk) -> None:
    await with_audio(desk, "suspended")
    await desk.page.evaluate("document.querySelector('#told').className = 'told bad'")
    await desk.says("还没有声音", "#told .no-sound")
    await desk.page.mouse.click(5, 300)
    await desk.page.locator("#told .no-sound").wait_for(state="detached")
    assert len((await scanned(desk, LINK))[0]) == 2


async def test_a_scan_while_a_question_is_open_is_heard(desk: Desk) -> None:
    desk.answers["/doubts"] = doubts(2)
    await with_audio(desk, "running")
    await desk.button("没有一张好").click()
    tones, _ = await scanned(desk, LINK)
    assert len(tones) == 2 and tones[0][0] > tones[1][0]


async def test_whoever_sets_it_still_hears_nothing_and_sees_all(desk: Desk) -> None:
    await desk.page.add_init_script("localStorage.setItem('sound volume', '0')")
    await with_audio(desk, "running")
    tones, looks = await scanned(desk, LINK)
    assert tones == [] and looks[1] >= 48
