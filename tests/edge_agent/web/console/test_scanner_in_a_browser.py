"""Scans told by their prefix, by their speed and by the places of their keys, in a real browser: nothing of one is ever
left in a field or presses anything, whatever has the focus, and whatever keyboard, input method or radio is between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from edge_agent.model.scan import ScannerTerms
from tests.kits.console_kit import STYLE, Line, a_line
from tests.kits.page_kit import LINK, SAMPLE, a_browser, in_a_browser, link_of, serial_of
from tests.kits.web_double import LABEL, ServiceDouble
from tests.label_protocol.test_scanned import typed_on

pytestmark = in_a_browser
QUANTITY = "#f-quantity"
SELECTED = f"document.querySelector('{QUANTITY}').setSelectionRange(1, 3, 'backward')"
AT = f"""() => {{ const one = document.querySelector('{QUANTITY}');
    return [document.activeElement.id, one.value, one.selectionStart, one.selectionEnd, one.selectionDirection]; }}"""
PLACES = {
    "nowhere": "document.activeElement.blur()",
    "print": "document.querySelector('#order [data-key=print]').focus()",
    "pause": "document.querySelector('#bar [data-key=pause]').focus()",
    "stop": "document.querySelector('#bar [data-key=stop]').focus()",
    "who": "document.querySelector('#who').open = true; document.querySelector('#who-name').focus()",
    "quantity": f"document.querySelector('{QUANTITY}').focus()",
    "template": "document.querySelector('[name=template]').focus()",
    "printer": "document.querySelector('[name=printer]').focus()",
    "on its garment": "document.querySelector('[name=on_garment]').focus()",
    "scan box": "document.querySelector('#scan').focus()",
    "digits": "document.querySelector('[data-key=pad] > summary').focus()",
}
VALUES = """() => [...document.querySelectorAll('input:not([type=hidden])')].filter((one) => !one.closest('dialog'))
    .map((one) => (/checkbox|radio/.test(one.type) ? String(one.checked) : one.value))"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def line(browser: Any, tmp_path: Path) -> AsyncIterator[Line]:
    service = ServiceDouble(tmp_path)
    service.parts.catalog.import_file(SAMPLE)
    async with a_line(browser, service) as found:
        yield found


async def opened(line: Line, terms: ScannerTerms = ScannerTerms()) -> None:  # noqa: B008 (frozen)
    line.service.parts.scanner = terms
    await line.open(STYLE)


async def focused(line: Line, place: str) -> None:
    await line.page.evaluate(PLACES[place])


async def wrong_at(line: Line, places: Any, text: str = LINK, **how: Any) -> dict[str, Any]:
    """Places where a scan did anything but reach the agent, once and whole."""
    wrong = {}
    for place in places:
        line.sent.clear()
        await focused(line, place)
        before, at = await line.page.evaluate(VALUES), await line.page.evaluate("document.activeElement.id")
        await line.scan(text, **how)
        await line.rest()
        after = await line.page.evaluate("document.activeElement.id")
        found = (line.orders(), line.scanned(), await line.page.evaluate(VALUES), after)
        if found != (["/console/scan"], [text], before, at) or line.wrong:
            wrong[place] = (found, line.wrong)
            await line.open(STYLE)
    return wrong


# --- wherever the focus is ---------------------------------------------------------------------------------------


async def test_a_scan_reaches_one_place_and_presses_nothing(line: Line) -> None:
    await opened(line)
    assert await wrong_at(line, PLACES) == {}
    assert {one[0] for one in line.service.orders} == {"scan"}
    assert await line.page.locator("dialog[open]").count() == 0


async def test_a_badge_lands_in_no_field(line: Line) -> None:
    """Four digits and Enter: `0012` in the quantity was a job of 30012."""
    line.service.parts.catalog.import_json('{"operators": [{"code": "0012", "name": "示例丙"}]}'.encode())
    await opened(line)
    await line.scan("0012")
    await line.page.locator("#who[data-who='0012']").wait_for()
    assert await wrong_at(line, [one for one in PLACES if one != "who"], "0012") == {}
    assert "示例丙" in await line.page.inner_text("#scan-told")
    assert line.service.orders == []


async def test_two_scans_in_a_row_are_two_texts(line: Line) -> None:
    await opened(line)
    await line.scan(LINK)
    await line.scan(link_of(serial_of(2)))
    await line.rest()
    assert line.scanned() == [LINK, link_of(serial_of(2))]


async def test_a_hand_at_the_keyboard_is_no_scanner(line: Line) -> None:
    await opened(line)
    await line.page.fill(QUANTITY, "")
    await line.page.focus(QUANTITY)
    await line.scan("120", gap_ms=60, end="")
    await focused(line, "who")
    await line.scan("wang12", gap_ms=70, end="Tab")
    await line.rest()
    assert await line.page.input_value(QUANTITY) == "120"
    assert await line.page.input_value("#who-name") == "wang12"
    assert line.orders() == []


async def test_a_code_can_be_typed_or_pasted_and_a_refused_one_leaves_nothing_behind(line: Line) -> None:
    await opened(line)
    for text, look in (("6901234567893", "stop"), (LINK, "good")):
        await line.page.fill("#scan", text)
        await line.page.press("#scan", "Enter")
        await line.page.locator(f"#scan-told.{look}").wait_for()
        assert await line.page.input_value("#scan") == ""
        await line.page.wait_for_timeout(650)  # Enter sooner than this is the second of one press
    assert line.scanned() == ["6901234567893", LINK]


async def test_a_scanner_slow_as_a_hand_still_has_one_place(line: Line) -> None:
    await opened(line)
    await focused(line, "pause")
    await line.scan(LINK, gap_ms=60)
    await line.says(LABEL.serial, "#scan-told.good")
    assert (line.scanned(), line.orders()) == ([LINK], ["/console/scan"])


async def test_a_scanner_without_enter_is_heard(line: Line) -> None:
    await opened(line)
    await line.page.focus(QUANTITY)
    await line.scan(LINK, end="")
    await line.says(LABEL.serial, "#scan-told.good")
    assert (line.scanned(), await line.page.input_value(QUANTITY)) == ([LINK], "50")


async def test_a_number_that_is_scanned_slowly_is_not_sent_by_its_enter(line: Line) -> None:
    await opened(line)
    await line.page.fill(QUANTITY, "")
    await line.page.focus(QUANTITY)
    await line.scan("12", gap_ms=90)
    await line.rest()
    assert await line.page.input_value(QUANTITY) == "12"
    assert line.orders() == [] and await line.page.locator("#order").is_visible()


async def test_what_cannot_be_undone_is_not_sent_by_a_slow_scan_into_the_reason(line: Line) -> None:
    """A scanner that is slow as a hand types into the reason, and ends with Enter."""
    await line.open(f"/console/labels/{LABEL.serial}")
    await line.page.click("main [data-key=scrap]")
    await line.page.focus("dialog [name=other]")
    await line.scan("6901234567892", gap_ms=70)
    await line.rest()
    assert line.orders() == []
    assert await line.page.input_value("dialog[open] [name=other]") == "6901234567892"


async def test_a_scan_while_a_reason_is_asked_is_no_reason_and_no_answer(line: Line) -> None:
    await line.open(f"/console/labels/{LABEL.serial}")
    await line.page.click("main [data-key=scrap]")
    await line.page.fill("dialog [name=other]", "碳带皱")
    for focus in ("dialog [name=other]", "#question-title", "dialog [data-back]", "dialog [data-yes]"):
        await line.page.focus(focus)
        await line.scan(LINK)
        await line.rest()
        assert line.orders() == [], focus
        assert await line.page.input_value("dialog[open] [name=other]") == "碳带皱", focus
        assert "先回答这个问题" in await line.page.inner_text("dialog[open]"), focus


# --- by its prefix -----------------------------------------------------------------------------------------------


SLOW = ("nowhere", "quantity", "printer", "on its garment", "scan box")


@pytest.mark.parametrize(("prefix", "places"), [("F8", SLOW), ("~", ("nowhere", "who"))])
async def test_with_a_prefix_the_slowest_scan_is_certain(line: Line, prefix: str, places: tuple[str, ...]) -> None:
    """Slow as a hand: by its speed nobody could tell it."""
    await opened(line, ScannerTerms(prefix))
    assert await wrong_at(line, places, gap_ms=80, prefix=prefix) == {}


async def test_behind_a_prefix_an_input_method_composes_nothing(line: Line) -> None:
    """No field has the focus when the keys come, so there is nothing to compose in."""
    await opened(line, ScannerTerms("F8"))
    await line.page.focus(QUANTITY)
    await line.page.evaluate("""window.had = []; window.addEventListener('keydown', (event) => {
        if (event.code !== 'F8') window.had.push(document.activeElement.tagName); }, true)""")
    await line.scan(LINK, by_method=True, prefix="F8")
    await line.rest()
    assert line.scanned() == [LINK]
    assert set(await line.page.evaluate("window.had")) == {"BODY"}
    assert await line.page.evaluate("document.activeElement.id") == QUANTITY[1:]


async def test_a_prefix_ends_the_scan_before_that_had_no_enter(line: Line) -> None:
    await opened(line, ScannerTerms("F8"))
    await line.scan(LINK, prefix="F8", end="")
    await line.scan(link_of(serial_of(2)), prefix="F8")
    await line.rest()
    assert line.scanned() == [LINK, link_of(serial_of(2))]


async def test_a_prefix_that_a_hand_typed_stays_typed(line: Line) -> None:
    for terms, wait_ms in ((ScannerTerms("~"), 1700), (ScannerTerms(), 0)):
        await opened(line, terms)
        await focused(line, "who")
        await line.page.fill("#who-name", "A01")
        await line.scan("", prefix="~", end="")
        await line.page.wait_for_timeout(wait_ms)
        assert await line.page.input_value("#who-name") == "A01~", terms
    assert line.orders() == []


# --- by its speed ------------------------------------------------------------------------------------------------


async def test_value_and_selection_are_as_they_were(line: Line) -> None:
    for prefix in ("", "F8"):
        await opened(line, ScannerTerms(prefix))
        await line.page.fill(QUANTITY, "12345")
        await line.page.focus(QUANTITY)
        await line.page.evaluate(SELECTED)
        before = await line.page.evaluate(AT)
        await line.scan(LINK, prefix=prefix)
        await line.rest()
        assert await line.page.evaluate(AT) == before == [QUANTITY[1:], "12345", 1, 3, "backward"]


async def test_who_reads_a_field_as_it_is_typed_reads_what_was_put_back(line: Line) -> None:
    await opened(line)
    await line.page.evaluate("""document.querySelector('#scan').addEventListener('input',
        (event) => { window.heard = event.target.value; })""")
    await line.page.focus("#scan")
    await line.scan(LINK)
    await line.rest()
    assert await line.page.evaluate("window.heard") == ""


async def test_a_slow_scanner_is_known_by_the_interval_of_the_site(line: Line) -> None:
    """Bluetooth: 55 ms a key is a hand by the usual measure."""
    await opened(line)
    await line.page.focus(QUANTITY)
    await line.scan("6901234567892", gap_ms=55, end="")
    assert await line.page.input_value(QUANTITY) != "50"
    await opened(line, ScannerTerms(key_interval_ms=60))
    await line.page.focus(QUANTITY)
    await line.scan(LINK, gap_ms=55)
    await line.rest()
    assert (line.scanned(), await line.page.input_value(QUANTITY)) == ([LINK], "50")


async def test_short_badges_are_known_where_the_site_has_them(line: Line) -> None:
    for shortest, orders in ((12, []), (6, ["/console/scan"])):
        await opened(line, ScannerTerms(shortest=shortest))
        await line.page.focus(QUANTITY)
        await line.scan("0012", gap_ms=25)
        await line.rest()
        assert line.orders() == orders, shortest
    for shortest, left in ((6, "5000123"), (5, "50")):
        await opened(line, ScannerTerms(shortest=shortest))
        await line.page.evaluate(f"const one = document.querySelector('{QUANTITY}'); one.focus();"
                                 "one.setSelectionRange(2, 2)")  # fmt: skip
        await line.scan("00123", gap_ms=25, end="")
        assert await line.page.input_value(QUANTITY) == left, shortest


# --- by the places of its keys -----------------------------------------------------------------------------------

MADE = {
    "caps lock": str.swapcase,
    "a German computer": lambda char: typed_on(0, char, 0),
    "a French computer": lambda char: typed_on(1, char, 0),
    "a Turkish computer": lambda char: typed_on(2, char, 0),
}


async def test_keys_are_known_by_their_place(line: Line) -> None:
    await opened(line)
    for name, typed in MADE.items():
        for text in ("MO-QAZWYM2345673QAZ", "6901234567893") if "French" in name else (LINK,):
            line.sent.clear()
            await line.scan(text, typed=typed)
            await line.rest()
            assert line.scanned() == [text], name


async def test_a_scanner_set_to_the_layout_of_its_computer_is_read_by_key(line: Line) -> None:
    """A German scanner at a German computer presses Shift+7 for a slash; by its place that is `&`."""
    await opened(line)
    pressed = typed_on(0, LINK, 1)
    assert "&" in pressed
    await line.scan(pressed, typed=lambda char: typed_on(0, char, 0))
    await line.rest()
    assert line.scanned() == [LINK]


async def test_an_input_method_takes_nothing_of_a_scan(line: Line) -> None:
    """A Chinese input method keeps the characters to itself; the browser tells only which key it was."""
    await opened(line)
    assert await wrong_at(line, ("nowhere", "who", "quantity", "scan box"), by_method=True) == {}
