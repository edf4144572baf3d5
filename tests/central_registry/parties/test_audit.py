"""The audit: who sees which rows, as a list and as CSV; a chain in which nothing is altered or missing unseen."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.parties.audit import Entry, write
from central_registry.parties.audit_trail import COLUMNS, Walked, as_csv, walk
from tests.kits.login_kit import House, a_house
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT

FORMULA = '=HYPERLINK("http://x")'


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        yield found


async def _write(house: House, actor: Actor, *entries: Entry) -> None:
    async with house.pool.acquire() as connection:
        for entry in entries:
            async with connection.transaction():
                await write(connection, actor, entry, AT)


async def _walked(house: House) -> Walked:
    async with house.pool.acquire() as connection:
        return await walk(connection)


async def _theirs(house: House) -> Any:
    """What an association hears that has nothing to do with any of the rows."""
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "示例毛皮协会")
    token = await token_of(house.pool, await add_person(house.pool, other, Role.VIEWER))
    status, found = await house.ask("GET", "audit/verification", token)
    assert status == 200, found
    return found


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("UPDATE audit SET detail = 'nothing' WHERE n = 2", "row 2: expected the hash"),
        ("UPDATE audit SET person = 'another' WHERE n = 3", "row 3: expected the hash"),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE n = 1", "row 1: expected the hash"),
        ("UPDATE audit SET four_eyes = 'kept' WHERE n = 1", "row 1: expected the hash"),
        ("DELETE FROM audit WHERE n = 2", "row 2: expected it to be there, got row 3"),
        ("DELETE FROM audit WHERE n = 1", "row 1: expected it to be there, got row 2"),
        ("DELETE FROM audit WHERE n = 4", "the end is missing"),
        ("DELETE FROM audit", "the end is missing"),
        ("DELETE FROM audit WHERE n = 4; UPDATE audit SET n = 4 WHERE n = 3", "row 3: expected it to be there"),
    ],
)
async def test_what_is_altered_or_taken_out_is_found(house: House, harm: str, told: str) -> None:
    actor = await add_person(house.pool, house.firm, Role.OFFICER)
    await _write(
        house,
        actor,
        *(Entry("look", f"thing {n}", 'e\u0301\0 \ud800 \x01\b\n"\\/\x7f\u2028\U0001f600') for n in range(4)),
    )
    before = await _walked(house)
    assert (before.rows, before.flaw) == (4, None)
    assert await _theirs(house) == {"rows": 4, "end": before.end, "flaw": None, "own": 0}
    await house.pool.execute(harm)
    assert told in str((await _walked(house)).flaw)
    theirs = await _theirs(house)
    assert theirs["flaw"], "an association finds it, and reads no row of it"


async def test_rows_written_at_once_follow_each_other(house: House) -> None:
    actor = await add_person(house.pool, house.firm, Role.OFFICER)
    await asyncio.gather(*(_write(house, actor, Entry("look", str(n), "")) for n in range(20)))
    assert ((await _walked(house)).rows, (await _walked(house)).flaw) == (20, None)


async def test_each_sees_what_concerns_them(house: House) -> None:
    other = await add_party(house.pool, PartyKind.FIRM, "示例制衣")
    operator = await add_party(house.pool, PartyKind.OPERATOR, "示例中心")
    by = {
        party: await add_person(house.pool, party, Role.OFFICER)
        for party in (house.association, house.firm, other, operator)
    }
    await _write(house, by[house.association], Entry("set_status", house.firm, "watched", house.firm))
    await _write(house, by[house.firm], Entry("set_party", house.firm, FORMULA, house.firm))
    await _write(house, by[other], Entry("set_party", other, "name", other))
    seen = {}
    for party, actor in by.items():
        token = await token_of(house.pool, actor)
        seen[party] = [row["n"] for row in (await house.ask("GET", "audit", token))[1]["rows"]]
        walked = await house.ask("GET", "audit/verification", token)
        assert walked[0] == (200 if party in (operator, house.association) else 403)
        told = {operator: (3, None, None), house.association: (3, None, 2)}
        assert party not in told or tuple(walked[1][name] for name in ("rows", "flaw", "own")) == told[party]
    assert seen == {house.association: [2, 1], house.firm: [2, 1], other: [3], operator: [3, 2, 1]}


@pytest.mark.parametrize("begins", ["=", " =", "＝", "＋", "－", "＠", "\n@", "\t"])
def test_no_cell_of_the_csv_is_calculated(begins: str) -> None:
    row = dict.fromkeys(COLUMNS, "") | {"detail": f"{begins}HYPERLINK(1)"}
    found = list(csv.DictReader(io.StringIO(as_csv([row]), newline="")))
    assert found[0]["detail"].startswith("'")


async def test_a_day_is_beijings_as_the_page_shows_it(house: House) -> None:
    actor = await add_person(house.pool, house.firm, Role.OFFICER)
    token = await token_of(house.pool, actor)
    for hour in (15, 16):
        async with house.pool.acquire() as connection, connection.transaction():
            await write(connection, actor, Entry("look", f"{hour} o'clock", ""), AT.replace(hour=hour))
    for query, found in (("until=2026-11-20", [1]), ("since=2026-11-21", [2]), ("since=2026-11-22", [])):
        rows = (await house.ask("GET", f"audit?{query}", token))[1]["rows"]
        assert [row["n"] for row in rows] == found, query


async def test_it_is_searched_and_taken_away_as_csv(house: House) -> None:
    actor = await add_person(house.pool, house.firm, Role.OFFICER)
    token = await token_of(house.pool, actor)
    await _write(house, actor, Entry("look", "lot 100%", "a", house.firm), Entry("set_party", "x", FORMULA, house.firm))
    for query, found in (
        ("q=100%25", [1]), ("q=示例甲", [2, 1]), ("act=look", [1]), ("since=2026-11-20&until=2026-11-20", [2, 1]),
        ("since=2026-11-21", []), ("until=2026-11-19", []), ("rows=1&page=2", [1]),
        ("party=nobody", []), (f"person={actor.person}", [2, 1]), ("four_eyes=off", []),
    ):  # fmt: skip
        rows = (await house.ask("GET", f"audit?{query}", token))[1]
        assert [row["n"] for row in rows["rows"]] == found, query
    for path in ("audit?since=soon", "audit.csv?until=2026-13-45"):
        status, refused = await house.ask("GET", path, token)
        assert (status, "2026-12-31" in refused["detail"]) == (422, True), "nothing is dropped in silence"
    answer = await house.registry.http.get("/v1/admin/audit.csv", headers={"Authorization": f"Bearer {token}"})
    rows = list(csv.DictReader(io.StringIO((await answer.read()).decode("utf-8-sig"), newline="")))
    assert [(row["n"], row["name"], row["detail"]) for row in rows] == [
        ("2", "示例甲", "'" + FORMULA),
        ("1", "示例甲", "a"),
    ]
