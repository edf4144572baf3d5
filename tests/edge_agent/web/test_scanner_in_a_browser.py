"""Scans told by their prefix, by their speed and by the places of their keys, in a real browser: nothing of one is ever
left in a field, whatever keyboard, input method or radio is in between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from edge_agent.model.scan import ScannerTerms
from tests.edge_agent.web.test_page_in_a_browser import PLACES, VALUES
from tests.kits.page_kit import LINK, Desk, a_browser, a_desk, in_a_browser, link_of, serial_of
from tests.label_protocol.test_scanned import typed_on

pytestmark = in_a_browser
NOT_TAKEN = "这不是标签的码 · no label's code"
SELECTED = "document.querySelector('#quantity').setSelectionRange(1, 3, 'backward')"
AT = """() => { const one = document.querySelector('#quantity');
    return [document.activeElement.id, one.value, one.selectionStart, one.selectionEnd, one.selectionDirection]; }"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def desk(browser: Any, tmp_path: Path) -> AsyncIterator[Desk]:
    async with a_desk(browser, tmp_path) as found:
        yield found


async def opened(desk: Desk, terms: ScannerTerms) -> None:
    desk.service.parts.scanner = terms
    await desk.open()


def scanned(desk: Desk) -> list[str]:
    return [one["text"] for one in desk.posts("/scan")]


# --- by its prefix -----------------------------------------------------------------------------------------------


SLOW = (
    "nowhere",
    "quantity",
    "printer",
    "on its garment",
    "scan box",
)


@pytest.mark.parametrize(("prefix", "places"), [("F8", SLOW), ("~", ("nowhere", "operator"))])
async def test_with_a_prefix_the_slowest_scan_is_certain(desk: Desk, prefix: str, places: tuple[str, ...]) -> None:
    """Slow as a hand: by its speed nobody could tell it."""
    await opened(desk, ScannerTerms(prefix))
    wrong = {}
    for place in places:
        desk.sent.clear()
        await desk.page.evaluate(PLACES[place])
        before, at = await desk.page.evaluate(VALUES), await desk.page.evaluate("document.activeElement.id")
        await desk.scan(LINK, gap_ms=80, prefix=prefix)
        await desk.rest()
        found = (desk.orders(), scanned(desk), await desk.page.evaluate(VALUES))
        if found != (["/scan"], [LINK], before) or await desk.page.evaluate("document.activeElement.id") != at:
            wrong[place] = found
            await desk.open()
    assert wrong == {}


async def test_behind_a_prefix_an_input_method_composes_nothing(desk: Desk) -> None:
    """No field has the focus when the keys come, so there is nothing to compose in."""
    await opened(desk, ScannerTerms("F8"))
    await desk.page.focus("#quantity")
    await desk.page.evaluate("""window.had = []; window.addEventListener('keydown', (event) => {
        if (event.code !== 'F8') window.had.push(document.activeElement.tagName); }, true)""")
    await desk.scan(LINK, by_method=True, prefix="F8")
    await desk.rest()
    assert scanned(desk) == [LINK]
    assert set(await desk.page.evaluate("window.had")) == {"BODY"}
    assert await desk.page.evaluate("document.activeElement.id") == "quantity"


async def test_a_prefix_ends_the_scan_before_that_had_no_enter(desk: Desk) -> None:
    await opened(desk, ScannerTerms("F8"))
    await desk.scan(LINK, prefix="F8", end="")
    await desk.scan(link_of(serial_of(2)), prefix="F8")
    await desk.rest()
    assert scanned(desk) == [LINK, link_of(serial_of(2))]


async def test_a_prefix_that_a_hand_typed_stays_typed(desk: Desk) -> None:
    await opened(desk, ScannerTerms("~"))
    await desk.page.fill("#operator", "A01")
    await desk.scan("", prefix="~", end="")
    await desk.page.wait_for_timeout(1700)
    assert await desk.page.input_value("#operator") == "A01~"
    assert desk.orders() == []


async def test_without_a_prefix_in_the_configuration_the_key_is_like_any_other(desk: Desk) -> None:
    await desk.open()
    await desk.page.fill("#operator", "")
    await desk.scan("", prefix="~", end="")
    assert await desk.page.input_value("#operator") == "~"


# --- by its speed ------------------------------------------------------------------------------------------------


async def test_value_and_selection_are_as_they_were(desk: Desk) -> None:
    await desk.open()
    for prefix in ("", "F8"):
        await opened(desk, ScannerTerms(prefix))
        await desk.page.fill("#quantity", "12345")
        await desk.page.evaluate(SELECTED)
        before = await desk.page.evaluate(AT)
        await desk.scan(LINK, prefix=prefix)
        await desk.rest()
        assert await desk.page.evaluate(AT) == before == ["quantity", "12345", 1, 3, "backward"]


async def test_who_reads_a_field_as_it_is_typed_reads_what_was_put_back(desk: Desk) -> None:
    await desk.open()
    await desk.page.evaluate("""document.querySelector('#operator').addEventListener('input',
        (event) => { window.heard = event.target.value; })""")
    await desk.page.focus("#operator")
    await desk.scan(LINK)
    await desk.rest()
    assert await desk.page.evaluate("window.heard") == "A01"


async def test_a_slow_scanner_is_known_by_the_interval_of_the_site(desk: Desk) -> None:
    """Bluetooth: 55 ms a key is a hand by the usual measure."""
    await desk.open()
    await desk.page.focus("#quantity")
    await desk.scan("6901234567892", gap_ms=55, end="")
    assert await desk.page.input_value("#quantity") != "50"
    await opened(desk, ScannerTerms(key_interval_ms=60))
    await desk.page.focus("#quantity")
    await desk.scan(LINK, gap_ms=55)
    await desk.rest()
    assert (scanned(desk), await desk.page.input_value("#quantity")) == ([LINK], "50")


async def test_short_badges_are_known_where_the_site_has_them(desk: Desk) -> None:
    desk.refused["/scan"] = {"status": 422, "words_zh": "码不对", "detail": NOT_TAKEN}
    for shortest, orders in ((12, []), (6, ["/scan"])):
        await opened(desk, ScannerTerms(shortest=shortest))
        await desk.page.focus("#quantity")
        await desk.scan("0012", gap_ms=25)
        await desk.rest()
        assert desk.orders() == orders, shortest
    for shortest, left in ((6, "5000123"), (5, "50")):
        await opened(desk, ScannerTerms(shortest=shortest))
        await desk.page.evaluate(
            "const one = document.querySelector('#quantity'); one.focus(); one.setSelectionRange(2, 2)"
        )
        await desk.scan("00123", gap_ms=25, end="")
        assert await desk.page.input_value("#quantity") == left, shortest


async def test_a_number_that_is_scanned_slowly_is_not_sent_by_its_enter(desk: Desk) -> None:
    await desk.open()
    await desk.page.evaluate("""const form = document.createElement('form'), box = document.createElement('input');
        box.id = 'digits'; box.dataset.digits = ''; form.append(box); document.body.append(form);
        form.addEventListener('submit', (event) => { event.preventDefault(); window.submitted = true; });""")
    await desk.page.focus("#digits")
    await desk.scan("12", gap_ms=90)
    await desk.rest()
    assert await desk.page.input_value("#digits") == "12"
    assert not await desk.page.evaluate("window.submitted")


# --- by the places of its keys -----------------------------------------------------------------------------------

MADE = {
    "caps lock": str.swapcase,
    "a German computer": lambda char: typed_on(0, char, 0),
    "a French computer": lambda char: typed_on(1, char, 0),
    "a Turkish computer": lambda char: typed_on(2, char, 0),
}


async def test_keys_are_known_by_their_place(desk: Desk) -> None:
    desk.refused["/scan"] = {"status": 422, "words_zh": "码不对", "detail": NOT_TAKEN}
    await desk.open()
    for name, typed in MADE.items():
        for text in ("MO-QAZWYM2345673QAZ", "6901234567892") if "French" in name else (LINK,):
            desk.sent.clear()
            await desk.scan(text, typed=typed)
            await desk.rest()
            assert scanned(desk) == [text], name


async def test_a_scanner_set_to_the_layout_of_its_computer_is_read_by_key(desk: Desk) -> None:
    """A German scanner at a German computer presses Shift+7 for a slash; by its place that is `&`."""
    await desk.open()
    pressed = typed_on(0, LINK, 1)
    assert "&" in pressed
    await desk.scan(pressed, typed=lambda char: typed_on(0, char, 0))
    await desk.rest()
    assert scanned(desk) == [LINK]


async def test_an_input_method_takes_nothing_of_a_scan(desk: Desk) -> None:
    await desk.open()
    wrong = {}
    for place in ("nowhere", "operator", "quantity", "scan box"):
        desk.sent.clear()
        await desk.page.evaluate(PLACES[place])
        before = await desk.page.evaluate(VALUES)
        await desk.scan(LINK, by_method=True)
        await desk.rest()
        if (scanned(desk), await desk.page.evaluate(VALUES)) != ([LINK], before):
            wrong[place] = scanned(desk)
    assert wrong == {}


# --- lists -------------------------------------------------------------------------------------------------------

WITHOUT_ITS_OWN = "!document.querySelector('#printer:open') && document.querySelector('.list-box') !== null"


async def test_a_list_opens_inside_the_page_and_takes_no_scan(desk: Desk) -> None:
    """A browser's own list has the keys in some browsers; this page opens none."""
    await desk.open()
    await desk.page.click("#printer")
    assert await desk.page.evaluate(WITHOUT_ITS_OWN)
    await desk.scan(LINK)
    await desk.scan("p2", gap_ms=90)
    await desk.rest()
    assert (scanned(desk)[0], await desk.page.input_value("#printer")) == (LINK, "line-a")


async def test_a_list_is_chosen_from_by_touch_and_by_keyboard(desk: Desk) -> None:
    await desk.open()
    await desk.page.evaluate("""const list = document.querySelector('#printer');
        window.changed = []; list.addEventListener('change', () => window.changed.push(list.value));""")
    await desk.page.click("#printer")
    await desk.page.click(".list-box [data-value=p2]")
    await desk.page.focus("#printer")
    for key in ("Space", "ArrowUp", "Enter"):
        await desk.page.keyboard.press(key)
    assert await desk.page.evaluate("window.changed") == ["p2", "p1"]
    await desk.page.keyboard.press("Space")
    for leave in ("Escape", "Tab"):
        await desk.page.keyboard.press(leave)
        assert await desk.page.locator(".list-box").count() == 0
        await desk.page.click("#printer")
    await desk.page.mouse.click(5, 5)
    assert await desk.page.locator(".list-box").count() == 0
    assert await desk.page.evaluate("window.changed") == ["p2", "p1"]
