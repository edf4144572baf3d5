"""Labels that were found and the life of one, as tables: all of them, named for those who may know; nothing runs."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from edge_agent.access.asking import Asking
from edge_agent.access.roles import Role
from edge_agent.ledger import Ledger
from edge_agent.messages.report import COLUMNS, LABELS, LIFE
from edge_agent.model.search import LabelSearch
from edge_agent.service import label_tables
from edge_agent.service.find import FoundPage
from tests.kits.people_kit import NAMES, PIN, Page, Site, a_page, a_site
from tests.kits.report_kit import HOSTILE, fill

API = "/api/v1"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with a_site(tmp_path) as found:
        await fill(found.service, found.people[Role.LEAD].id, found.people[Role.OPERATOR].id)
        yield found


async def read(page: Page, path: str, cookie: str = "") -> bytes:
    headers = {"Cookie": f"edge_session={cookie}"} if cookie else {}
    async with page.session.get(f"{page.base}{API}{path}", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        assert "attachment" in answer.headers["Content-Disposition"]
        return await answer.read()


def rows_of(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def heads(of: tuple[str, Any]) -> list[str]:
    return [f"{COLUMNS[one].zh} {COLUMNS[one].en}" for one in of[1]]


async def test_of_many_who_ask_at_once_one_is_served_after_the_other(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to log in for it: a hundred tables of a shift at once would be more than the computer has."""
    monkeypatch.setattr(label_tables, "PAGE", 7)
    tables = site.service.label_tables
    look, begun = tables._find.labels, list[str]()

    async def seen(wanted: LabelSearch, limit: int, after: str) -> FoundPage:
        begun.append("begins" if not after else "goes on")
        return await look(wanted, limit, after)

    monkeypatch.setattr(tables._find, "labels", seen)
    one = await asyncio.gather(*(tables.labels(LabelSearch(), "csv", Asking()) for _ in range(5)))
    assert len({*one}) == 1
    assert begun == ["begins", "goes on", "goes on"] * 5


async def test_all_that_was_found_is_in_the_table_and_calculates_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_tables, "PAGE", 7)
    async with a_page(site.service) as page:
        cookie = await page.log_in(site.badges[Role.LEAD], PIN)
        rows = rows_of(await read(page, "/find.csv", cookie))
        assert list(rows[0]) == heads(LABELS)
        held = {one.serial for one in await site.service.parts.ledger.do(Ledger.labels, None, 1_000)}
        assert len(rows) == len(held) == 20 and {row["序列号 serial"] for row in rows} == held
        assert [row["原因 why"] for row in rows if row["状态 state"] == "已报废"] == ["'" + HOSTILE]
        assert {row["下单人 ordered by"] for row in rows} == {NAMES[Role.LEAD], NAMES[Role.OPERATOR]}
        assert {row["批次 lot"] for row in rows_of(await read(page, "/find.csv?lot_no=L2"))} == {"L2"}
        nobody = rows_of(await read(page, "/find.csv"))
        assert {row["下单人 ordered by"] for row in nobody} == {
            site.people[one].id for one in (Role.LEAD, Role.OPERATOR)
        }
        tab = openpyxl.load_workbook(io.BytesIO(await read(page, "/find.xlsx", cookie))).active
        assert tab is not None and tab.max_row == 21
        cells = [cell for row in tab.iter_rows() for cell in row]
        assert HOSTILE in [cell.value for cell in cells] and not [cell for cell in cells if cell.data_type == "f"]


async def test_a_table_that_does_not_hold_all_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_tables, "PAGE", 5)
    monkeypatch.setattr(label_tables, "ROWS_MOST", 10)
    async with a_page(site.service) as page:
        rows = rows_of(await read(page, "/find.csv"))
        assert len(rows) == 11 and rows[-1]["序列号 serial"].startswith("只有最新的 10 张")
        assert len(rows_of(await read(page, "/find.csv?lot_no=L2"))) == 8, "all of them, and no more is said"


async def test_a_life_is_a_table_too(site: Site) -> None:
    async with a_page(site.service) as page:
        cookie = await page.log_in(site.badges[Role.LEAD], PIN)
        (scrapped,) = await site.service.parts.ledger.do(Ledger.labels, "scrapped", 10)
        rows = rows_of(await read(page, f"/labels/{scrapped.serial}/life.csv", cookie))
        assert list(rows[0]) == heads(LIFE) and len(rows) >= 4
        (row,) = [row for row in rows if row["经过 what happened"].startswith("报废")]
        assert (row["谁 who"], row["原因 why"]) == (NAMES[Role.OPERATOR], "'" + HOSTILE)
        book = openpyxl.load_workbook(io.BytesIO(await read(page, f"/labels/{scrapped.serial}/life.xlsx", cookie)))
        assert book.sheetnames == [LIFE[0]]
        status, _, _ = await page.ask("GET", f"{API}/labels/PH17K3M9QX2W4T2B8/life.csv")
        assert status == 404
        status, _, _ = await page.ask("GET", f"{API}/find.csv?from=gestern")
        assert status == 422
