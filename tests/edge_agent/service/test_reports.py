"""The shift report of a real ledger: what is in it, who may see whose name, and that looking at it costs little."""

from __future__ import annotations

import asyncio
import csv
import io
import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from edge_agent.access.asking import Asking
from edge_agent.access.roles import Role, Scope
from edge_agent.ledger import Ledger
from edge_agent.messages.report import COLUMNS, SHEETS
from edge_agent.reports.sheets import SHEETS as ROWS
from edge_agent.service import reports
from edge_agent.service.agent_service import AgentService
from edge_agent.service.reports import KEPT, TIMES_ITS_MAKING, ReportService
from label_protocol.errors import InputError
from tests.kits.people_kit import NAMES, PIN, Page, Site, a_page, a_site
from tests.kits.report_kit import AT, HOSTILE, PAPER, fill, scrap_another
from tests.kits.service_kit import a_service

URL = f"/api/v1/reports/shift?at={AT}"


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with a_service(tmp_path) as found:
        await fill(found)
        yield found


@pytest.fixture
async def page(service: AgentService) -> AsyncIterator[Page]:
    async with a_page(service) as found:
        yield found


def counts(row: dict[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in COLUMNS if name in row and isinstance(row[name], int) and row[name]}


async def test_a_shift_tells_who_printed_how_much_of_what_and_what_became_of_it(page: Page) -> None:
    _, told, _ = await page.ask("GET", URL)
    total = {"drawn": 20, "printed": 7, "commissioned": 4, "in_doubt": 8, "scrapped": 1, "replacing": 1}
    assert counts(told["total"]) == total and told["in_doubt"] == 8
    by = {name: {row["key"]: row["drawn"] for row in rows} for name, rows in told["by"].items()}
    assert by["operator"] == {"A01": 11, "B02": 9} and by["lot"] == {"L1": 12, "L2": 8}
    assert by["printer"] == {"p1": 12, "p2": 8} and by["style"] == {"YR-1": 20}
    assert sum(by["hour"].values()) == 20
    moved = [(row["operator"], row["state"], row["reason"], row["count"]) for row in told["moved"]]
    assert moved == [("B02", "commissioned", "", 4), ("B02", "scrapped", HOSTILE, 1)]
    assert [(one["operator"], one["garments"], one["cartons"]) for one in told["packed"]] == [("B02", 2, 1)]
    assert [(one["operator"], one["template"], one["quantity"]) for one in told["copies"]] == [("A01", "wash_40x60", 5)]
    assert {"printer": "p1", "reason": PAPER, "times": 1, "seconds": 720} in told["stood"]


async def test_its_labels_are_those_of_the_books(page: Page, service: AgentService) -> None:
    """The only shift of a ledger is the whole of it."""
    _, told, _ = await page.ask("GET", URL)
    *lines, _ = await service.parts.ledger.do(Ledger.balance)
    lots = {f"lot:{row['key']}": row for row in told["by"]["lot"]}
    for line in lines:
        of = lots[line.quota_key]
        for name in ("drawn", "sending", "printed", "in_doubt", "commissioned", "scrapped", "invalid"):
            assert of[name] == getattr(line, name), (line.quota_key, name)


async def test_another_shift_has_none_of_it(page: Page) -> None:
    _, told, _ = await page.ask("GET", "/api/v1/reports/shift?from=2026-11-19T00:00Z&to=2026-11-20T09:00Z")
    assert (told["total"]["drawn"], told["moved"], told["packed"], told["copies"], told["stood"]) == (0, [], [], [], [])
    assert told["in_doubt"] == 8, "of any shift"
    assert (told["since"], told["until"]) == ("2026-11-19T00:00:00.000Z", "2026-11-20T09:00:00.000Z")


NO_TIMES = ("at=gestern", "from=2026-11-20", "from=2026-11-20&to=2026-11-19", "at=2026-11-20&from=a&to=b", "to=x")


async def test_a_time_that_is_none_is_refused(page: Page) -> None:
    for query, form in itertools.product(NO_TIMES, ("", ".csv", ".xlsx")):
        status, said, _ = await page.ask("GET", f"/api/v1/reports/shift{form}?{query}")
        assert status == 422 and "expected" in said["detail"], (form, said)


async def read(page: Page, path: str) -> bytes:
    async with page.session.get(page.base + path) as answer:
        assert answer.status == 200
        assert "attachment; filename=" in answer.headers["Content-Disposition"]
        return await answer.read()


async def test_each_table_is_a_csv_with_its_own_columns(page: Page) -> None:
    for table, (_, columns) in SHEETS.items():
        data = await read(page, f"/api/v1/reports/shift.csv?at={AT}&table={table}")
        head, *rows = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        assert head == [f"{COLUMNS[one].zh} {COLUMNS[one].en}" for one in columns]
        assert rows and all(len(row) == len(head) for row in rows)
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
        assert (table == "moved") == any(HOSTILE in cell for row in rows for cell in row)


async def test_a_table_nobody_knows_is_refused(page: Page) -> None:
    status, said, _ = await page.ask("GET", f"/api/v1/reports/shift.csv?at={AT}&table=people")
    assert status == 422 and "printed, moved, packed, copies, stood" in said["detail"]
    assert list(SHEETS) == list(ROWS)


async def test_the_workbook_has_a_tab_for_each_and_calculates_nothing(page: Page) -> None:
    book = openpyxl.load_workbook(io.BytesIO(await read(page, f"/api/v1/reports/shift.xlsx?at={AT}")))
    assert book.sheetnames == [name for name, _ in SHEETS.values()]
    cells = [cell for tab in book for row in tab.iter_rows() for cell in row]
    assert HOSTILE in [cell.value for cell in cells] and not [cell for cell in cells if cell.data_type == "f"]
    drawn = list(book["打印 printed"].iter_rows(min_row=2, values_only=True))
    assert sum(row[7] for row in drawn) == 20


async def test_names_are_for_those_who_may_see_who_works_here(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site, a_page(site.service) as page:
        lead, operator = site.people[Role.LEAD].id, site.people[Role.OPERATOR].id
        await fill(site.service, lead, operator)
        everybody = [{}, *[{"token": site.tokens[scope]} for scope in Scope]]
        everybody += [{"cookie": await page.log_in(site.badges[role], _pin(role))} for role in Role]
        for shown in everybody:
            _, told, _ = await page.ask("GET", URL, **shown)
            rows = {row["key"]: row["name"] for row in told["by"]["operator"]}
            may = "cookie" in shown or shown.get("token") == site.tokens[Scope.LOCAL]
            names = {lead: NAMES[Role.LEAD], operator: NAMES[Role.OPERATOR]} if may else {lead: "", operator: ""}
            assert rows == names, shown
            assert (NAMES[Role.LEAD] in str(told)) is may and lead in str(told)


def _pin(role: Role) -> str | None:
    return None if role is Role.OPERATOR else PIN


async def test_a_name_that_was_forgotten_is_its_id(tmp_path: Path) -> None:
    async with a_site(tmp_path) as site:
        gone = site.people[Role.OPERATOR]
        await fill(site.service, site.people[Role.LEAD].id, gone.id)
        site.store.leave(gone.id)
        site.store.forget(gone.id)
        shown = await site.service.names.shown(await _lead(site))
        assert (shown.person(site.people[Role.LEAD].id), shown.person(gone.id)) == (NAMES[Role.LEAD], gone.id)


async def _lead(site: Site) -> Asking:
    secret = await site.service.people.log_in(Asking(address="127.0.0.1"), site.badges[Role.LEAD], PIN)
    return Asking(session=secret, address="127.0.0.1")


class Seconds:
    """Each reading is so much later."""

    def __init__(self) -> None:
        self.now_s, self.step_s = 100.0, 1.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


async def test_a_report_serves_for_so_many_times_as_long_as_it_took(service: AgentService) -> None:
    """A page asks every three seconds; printers wait for the same thread."""
    clock = Seconds()
    reports = ReportService(service.parts, service.names, now_s=clock)
    period = reports.period(AT)
    first = await reports.shift(period)
    await scrap_another(service)
    clock.now_s += TIMES_ITS_MAKING - 3
    assert await reports.shift(period) is first
    clock.now_s += 3
    again = await reports.shift(period)
    assert (first.total.scrapped, again.total.scrapped) == (1, 2)
    other = reports.period("2026-11-19")
    assert (await reports.shift(other)).total.drawn == 0, "of another time at once"
    clock.now_s, clock.step_s = clock.now_s + 100, 0.0
    await reports.shift(period)
    await scrap_another(service)
    assert (await reports.shift(period)).total.scrapped == 3, "what takes no time is made anew each time"


async def test_who_asks_together_waits_for_one_report(service: AgentService) -> None:
    clock = Seconds()
    reports = ReportService(service.parts, service.names, now_s=clock)
    asked = [reports.period(AT), reports.period("2026-11-19")] * 2
    found = await asyncio.gather(*(reports.shift(period) for period in asked))
    assert found[0] is found[2] and found[1] is found[3] and found[0] is not found[1]
    for day in range(1, KEPT + 2):
        await reports.shift(reports.period(f"2026-10-{day:02d}"))
    assert len(reports._kept) == KEPT


async def test_the_shift_that_is_now_is_taken_where_no_time_is_said(service: AgentService) -> None:
    reports = ReportService(service.parts, service.names, clock=lambda: "2026-11-20T09:15:03.000Z")
    assert reports.period() == reports.period(AT)
    with pytest.raises(InputError):
        reports.period(AT, "2026-11-20", "2026-11-21")


async def test_of_many_who_print_it_at_once_one_is_written_for(
    service: AgentService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred at once would take every thread that there is beside the loop; log-in waits for one."""
    writing, most = [0], [0]

    def slow(*_: Any) -> bytes:
        writing[0] += 1
        most[0] = max(most[0], writing[0])
        time.sleep(0.01)
        writing[0] -= 1
        return b"%PDF"

    monkeypatch.setattr(reports, "paper_pdf", slow)
    of = service.reports.period(AT)
    await asyncio.gather(*(service.reports.paper(of, Asking()) for _ in range(8)))
    assert most == [1]
