"""A serial that nobody told of: what is said is when its maker was last heard, never that the code is nobody's."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from tests.central_registry.consumer.test_scan_page import read
from tests.kits.registry_kit import Registry, running

AT = datetime(2026, 7, 28, 17, 30, tzinfo=UTC)
"""The 29th in China."""
GTIN = "06901234567892"


@pytest.fixture(params=[False, True], ids=["owner", "fenced"])
async def registry(request: pytest.FixtureRequest) -> AsyncIterator[Registry]:
    async with running(clock=lambda: AT, fenced=request.param) as found:
        yield found


async def test_the_day_on_which_the_maker_last_spoke_is_told_in_both_languages(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await edge.send()
    path = f"/01/{GTIN}/21/{edge.serial()}"
    status, html = await registry.page(path)
    text = read(html)
    assert status == 200
    assert "查无此码" not in html
    assert "最近一次上报是在 2026-07-29" in text
    assert "Not told to the registry so far: this maker's agent last spoke on 2026-07-29." in text
    assert "17:30" not in html, "the minute is the factory's own"
    assert len(gzip.compress(html.encode())) <= 8_000
    told = await registry.facts(path)
    assert told["maker_spoke"]["on"] == "2026-07-29"
    assert told["maker_spoke"]["en"] in text


async def test_an_agent_that_never_spoke_is_no_unknown_code(registry: Registry) -> None:
    edge = await registry.enrolled()
    status, html = await registry.page(f"/01/{GTIN}/21/{edge.serial()}")
    assert (status, "查无此码" in html) == (200, False)
    assert "还没有上报过" in read(html)
    assert "has not spoken yet" in read(html)


async def test_a_label_that_was_told_of_says_nothing_of_it(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 10)
    serial = edge.serial()
    edge.printed([serial])
    await edge.send()
    assert "maker_spoke" not in await registry.facts(f"/01/{GTIN}/21/{serial}")
    assert "last spoke" not in (await registry.page(f"/01/{GTIN}/21/{serial}"))[1]
