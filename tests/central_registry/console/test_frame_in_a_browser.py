"""Every page as it is seen: at a desk and on a phone, in light and dark, without a script; axe finds nothing."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from central_registry.alarms import AlarmKind, Note, alarm_id
from central_registry.console.pages import PAGES
from tests.kits.desk_kit import Office, a_window, an_office
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.platform_kit import token_of

pytestmark = in_a_browser


PAGES_ON_A_PHONE = {"approver": ("/console/pieces", "/console/parties"), "clerk": ("/console/",)}
"""What is another thing there shows on these: rows as cards, the menu, fields; every piece is the same for a clerk."""


OF_A_QUESTION = ("/console/memberships/asked/{decision}",)
"""There is one only while a firm is asked, which its own test does."""


def pages_of(office: Office, who: str) -> list[str]:
    """Every page that they may open: of those with parts in their address, one."""
    parts = {"agent": office.agents[0], "alarm": alarm_id(Note(AlarmKind.FACTS_DIFFER, "lot:L1", ""))}
    parts |= {"firm": office.firm, "lot_no": "L1", "style_no": "S9"}
    if office.people[who].party == office.association:
        viewer = office.people["viewer"].person
        parts |= {"party": office.parties[0], "person": viewer, "decision": office.decision}
    mine = [page.path for page in PAGES if page.is_for(office.people[who])]
    known = [path for path in mine if set(re.findall(r"{(\w+)}", path)) <= set(parts)]
    return [path.format_map(parts) for path in known if path not in OF_A_QUESTION]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        await found.busy()
        yield found


@pytest.mark.timeout(360)  # three dozen pages: half a minute on a machine that does nothing else
@pytest.mark.parametrize(("who", "size"), [("approver", "desk"), ("approver", "phone"), ("clerk", "phone")])
async def test_every_page_fits_its_window_and_axe_finds_nothing(
    browser: Any, office: Office, who: str, size: str
) -> None:
    async with a_window(browser, office, who, size) as window:
        pages = pages_of(office, who)
        axe = PAGES_ON_A_PHONE[who] if size == "phone" else pages
        found = {
            path: await window.flaws(path, f"{who}-{size}{path}", axe=path in axe, frame=path == axe[0])
            for path in pages
        }
    assert set(axe) <= set(pages)
    assert {path: flaws for path, flaws in found.items() if flaws} == {}


async def test_every_colour_is_read_in_the_dark(browser: Any, office: Office) -> None:
    async with a_window(browser, office, look="dark") as window:
        assert await window.flaws("/console/pieces", "dark-pieces") == []


@pytest.mark.parametrize("who", ["operator", "officer", "viewer", "it", "tester"])
async def test_everybody_opens_every_page_that_is_offered(office: Office, who: str) -> None:
    """Without a browser: what stands in somebody's navigation, and the first page, answers them."""
    token = await token_of(office.pool, office.people[who])
    for path in pages_of(office, who):
        answer = await office.registry.http.get(path, headers={"Cookie": f"registry_session={token}"})
        text = await answer.text()
        assert answer.status in (200, 404), (path, text[-600:])
        assert "None" not in re.sub(r"<[^>]*>", "", text), path


async def test_a_rail_longer_than_the_window_keeps_the_current_page_in_sight(browser: Any, office: Office) -> None:
    """An officer's has more pages than 768 pixels hold: it scrolls by itself, and the page beside it does not grow."""
    async with a_window(browser, office, "approver") as window:
        await window.open("/console/party")
        here = await window.page.locator("#rail [aria-current]").bounding_box()
        assert here is not None
        assert here["y"] >= 48
        assert here["y"] + here["height"] <= 768
        rail = await window.page.locator("#rail").bounding_box()
        assert rail is not None
        assert rail["y"] + rail["height"] <= 768
