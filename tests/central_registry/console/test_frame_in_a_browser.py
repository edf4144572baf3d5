"""Every page as it is seen: at a desk and on a phone, in light and dark, without a script; axe finds nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from central_registry.console.pages import PAGES
from tests.kits.desk_kit import SIZES, Office, a_window, an_office
from tests.kits.page_kit import a_browser, in_a_browser

pytestmark = in_a_browser

PLAIN = [page.path for page in PAGES if "{" not in page.path]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


@pytest.mark.parametrize("size", SIZES)
async def test_every_page_fits_its_window_and_axe_finds_nothing(browser: Any, office: Office, size: str) -> None:
    async with a_window(browser, office, size=size) as window:
        found = {path: await window.flaws(path, f"{size}{path}") for path in PLAIN}
    assert {path: flaws for path, flaws in found.items() if flaws} == {}


async def test_every_colour_is_read_in_the_dark(browser: Any, office: Office) -> None:
    async with a_window(browser, office, look="dark") as window:
        assert await window.flaws("/console/pieces", "dark-pieces") == []
