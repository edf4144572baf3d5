"""The page of the shift report: which shift, what it sums, and where its rows and buttons lead."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.reports.report import By
from edge_agent.web.api import build_web
from edge_agent.web.console.pages import report
from tests.kits.people_kit import a_page, a_site
from tests.kits.report_kit import AT, fill
from tests.kits.web_double import ServiceDouble


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Any]:
    service = ServiceDouble(tmp_path)
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


async def get(client: Any, path: str, status: int = 200, **query: str) -> str:
    async with client.get(path, params=query) as answer:
        assert answer.status == status, await answer.text()
        return str(await answer.text())


def links(text: str, holding: str) -> list[str]:
    return [one.replace("&amp;", "&") for one in re.findall(r'href="([^"]*)"', text) if holding in one]


async def test_a_shift_is_shown_with_its_numbers_and_what_to_do(client: Any) -> None:
    text = await get(client, "/console/report")
    for said in ("2,000", "1,892", "还有 12 张存疑没处理", "这一班的 8 张", "缺纸", "碳带皱", "wash_care_30", "22"):
        assert said in text, said
    assert links(text, "/console/doubts") and "<svg viewBox" in text


async def test_each_way_of_summing_has_its_rows_and_they_lead_to_labels(client: Any) -> None:
    ways = {"operator": "A01", "printer": "一号线", "lot": "L2", "style": "YR2026-0801", "hour": "11-20 08:00"}
    assert set(ways) == set(By)
    for chip, said in ways.items():
        text = await get(client, "/console/report", chip=chip, at="2026-11-20T08:00")
        assert re.search(rf'aria-current="true" data-key="{chip}"', text) and said in text, chip
        assert len([one for one in links(text, "chip=") if "at=2026-11-20T08%3A00" in one]) == len(By)
    assert "/console/find?lot_no=L2&from=2026-11-20&to=2026-11-20" in links(
        await get(client, "/console/report", chip="lot"), "lot_no"
    )
    for chip in ("", "nonsense"):
        text = await get(client, "/console/report", chip=chip, at="2026-11-20T08:00")
        assert re.search(r'aria-current="true" data-key="operator"', text), "what it does not know it leaves aside"
        assert len([one for one in links(text, "chip=") if "at=2026-11-20T08%3A00" in one]) == len(By)


async def test_files_and_shifts_before_and_after_are_of_the_time_that_is_shown(client: Any) -> None:
    text = await get(client, "/console/report", at="2026-11-20T08:00")
    for form in ("pdf", "xlsx", "csv"):
        assert f"/api/v1/reports/shift.{form}?at=2026-11-20T08%3A00" in links(text, "reports/shift")
    assert "/console/report?at=2026-11-19T23%3A59" in links(text, "/console/report?at")
    assert len([one for one in links(text, "/console/report?at") if "T08" not in one]) == 1, "the shift is not over"
    text = await get(client, "/console/report", **{"from": "2026-11-01", "to": "2026-11-20T11:30"})
    assert "/console/report?at=2026-10-31T23%3A59" in links(text, "/console/report?at")


async def test_a_long_table_shows_its_beginning_and_says_how_much_more_there_is(tmp_path: Path) -> None:
    service = ServiceDouble(tmp_path)
    (row,) = service.reports.report.moved
    service.reports.report = replace(service.reports.report, moved=(row,) * (report.ROWS_MOST + 7))
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        text = await get(found, "/console/report")
    assert text.count("碳带皱") == report.ROWS_MOST and "还有 7 行，见 Excel" in text


async def test_a_time_that_is_none_is_told(client: Any) -> None:
    assert "2026-11-20T08:00" in await get(client, "/console/report", 422, at="gestern")


async def test_an_empty_shift_says_so(tmp_path: Path) -> None:
    async with a_site(tmp_path, hired=False) as site, a_page(site.service) as page:
        await fill(site.service)
        async with page.session.get(f"{page.base}/console/report?at=2026-11-21T12:00Z") as answer:
            text = await answer.text()
            assert "这一班还没有发出标签" in text and '<svg viewBox="-70' not in text and "还有 8 张存疑" in text
        async with page.session.get(f"{page.base}/console/report?at={AT}") as answer:
            text = await answer.text()
            assert "&#39;!A0 碳带皱" in text and "停了多久" in text, "what somebody typed is a text on the page"
