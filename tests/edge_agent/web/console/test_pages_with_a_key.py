"""Pages that have a key in their address, each at an example of it: what `PAGES` gains has to be given one here, or
nobody would ever have looked whether gloves reach it and everybody can read it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio

from edge_agent.model.review import ApprovalMode
from edge_agent.web.console.pages import PAGES
from tests.edge_agent.service.test_approvals import RECORD, put, set_up
from tests.kits.console_kit import Line, a_line
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.service_kit import a_service
from tests.kits.web_double import CARTON, LABEL, ServiceDouble

pytestmark = [*in_a_browser, pytest.mark.costly]

AT: Mapping[str, str] = {
    "/console/pack/{key}/reopen": f"/console/pack/{CARTON.carton}/reopen",
    "/console/printers/{key}/calibrate": "/console/printers/p1/calibrate",
    "/console/printers/{key}/answer": "/console/printers/p1/answer?as=another",
    "/console/holds/{key}/release": "/console/holds/counter_ahead/release",
    "/console/alarms/{key}/close": "/console/alarms/a1/close",
    "/console/jobs/{key}/cancel": "/console/jobs/j1/cancel",
    "/console/copies/{key}": "/console/copies/c1",
    "/console/copies/{key}/cancel": "/console/copies/c1/cancel",
}
BY_THE_DAY = {
    "/console/doubts/{key}/settle",
    "/console/labels/{serial}",
    "/console/labels/{serial}/{act}",
    "/console/missing/{scope}",
    "/console/pack/{key}",
    "/console/pack/{key}/close",
    "/console/printers/{key}/{guide}",
    "/console/jobs/{key}",
}
"""At these the whole day stops, with somebody logged in: test_whole_day.py."""
OF_FILES: Mapping[str, str] = {
    "/console/approvals/{kind}/{name}": "/console/approvals/template/card",
    "/console/approvals/{kind}/{name}/{verdict}": "/console/approvals/template/card/approve",
}
"""Of what a site made itself."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def line(browser: Any, tmp_path: Path) -> AsyncIterator[Line]:
    """With a hold and an alarm."""
    service = ServiceDouble(tmp_path)
    raised = {"alarm": "a1", "kind": "possible_duplicate", "printer": "p1", "raised_at": LABEL.sent_at, "detail": {}}

    async def alarms() -> Sequence[Any]:
        return [raised]

    cast(Any, service.site).alarms = alarms
    service.site.held = [{"kind": "counter_ahead", "words": "计数超过账本 · counter ahead", "release": "lead"}]
    async with a_line(browser, service) as found:
        yield found


async def test_every_page_with_a_key_is_looked_at() -> None:
    assert {page.path for page in PAGES if "{" in page.path} == {*AT, *OF_FILES, *BY_THE_DAY}


async def flaws(line: Line, paths: Iterable[str]) -> dict[str, Any]:
    """What is wrong at each of them."""
    wrong = {}
    for path in paths:
        answer = await line.page.goto(line.address.rstrip("/") + path)
        await line.page.locator("#link.good").wait_for()
        found = (answer.status, await line.wide(), await line.too_small(), await line.too_close(), await line.axe())
        if found != (200, 0, [], [], []):
            wrong[path] = found
    return wrong


async def test_each_is_in_reach_of_gloves_and_of_everybody(line: Line) -> None:
    assert (await flaws(line, AT.values()), line.wrong) == ({}, [])


async def test_so_are_those_of_the_sites_own_files(browser: Any, tmp_path: Path) -> None:
    put(tmp_path)
    async with a_service(tmp_path) as service:
        await set_up(service, tmp_path, ApprovalMode.ONE).catalogue.import_json(json.dumps(RECORD).encode())
        async with a_line(browser, service) as line:
            assert (await flaws(line, OF_FILES.values()), line.wrong) == ({}, [])
