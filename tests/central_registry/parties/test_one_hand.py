"""One person with two logins: who asked and who decided differ, and one let the other in. Told of, not refused."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from central_registry.lists import Ask
from central_registry.oversight.alarm_work import list_alarms
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.parties.sessions import ONE_HAND
from tests.kits.login_kit import PASSWORD, House, a_house
from tests.kits.platform_kit import add_party, add_person, token_of


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        yield found


async def _decide(house: House, officer: str, approver: str) -> tuple[str, int]:
    """What the audit says of a name that `officer` asked for and `approver` agreed to, and how often it is an alarm."""
    old = await house.pool.fetchval("SELECT name FROM party WHERE party = $1", house.association)
    status, asked = await house.ask("PATCH", "party", officer, {"name": f"{old}新"})
    assert status == 200, asked
    path = f"decisions/{asked['decision']}/outcome"
    status, done = await house.ask("POST", path, approver, {"agreed": True, "reason": "执照已核对"})
    assert status == 200, done
    marked = await house.pool.fetchval(
        "SELECT four_eyes FROM audit WHERE act = 'set_name_confirmed' ORDER BY n DESC LIMIT 1"
    )
    return str(marked), await _alarms(house, house.association)


async def _alarms(house: House, party: str, kind: PartyKind = PartyKind.ASSOCIATION) -> int:
    reader = Actor("p1", party, kind, frozenset({Role.OFFICER, Role.VIEWER}), "password")
    found = await list_alarms(house.pool, reader, Ask())
    return sum(row["times"] for row in found.rows if row["kind"] == "one_hand")


async def _officer(house: House) -> tuple[Actor, str]:
    officer = await add_person(house.pool, house.association, Role.OFFICER)
    return officer, await token_of(house.pool, officer)


async def _made(house: House, token: str, login: str, *roles: str) -> str:
    """A login that the one with `token` makes, and comes in with."""
    status, word = await house.ask("POST", "people", token, {"login": login, "name": "示例乙", "roles": list(roles)})
    assert status == 200, word
    return await house.token(login, word["word"], new_password=PASSWORD)


async def test_an_approver_whom_the_officer_made_is_told_of(house: House) -> None:
    _, officer = await _officer(house)
    approver = await _made(house, officer, "second", "approver")
    assert await _decide(house, officer, approver) == ("one_hand", 1)
    operator = await add_party(house.pool, PartyKind.OPERATOR, "示例中心")
    assert await _alarms(house, operator, PartyKind.OPERATOR) == 1, "somebody beside these two hears of it"


async def test_an_officer_whom_the_approver_made_is_told_of(house: House) -> None:
    """The other way round: one who decides makes a login that asks."""
    both = await add_person(house.pool, house.association, Role.OFFICER, Role.APPROVER)
    approver = await token_of(house.pool, both)
    officer = await _made(house, approver, "asks", "officer")
    assert await _decide(house, officer, approver) == ("one_hand", 1)


async def test_an_approver_whose_password_the_officer_took_away_is_told_of(house: House) -> None:
    _, officer = await _officer(house)
    person, login = await house.person(house.association, Role.APPROVER)
    approver = await token_of(house.pool, person)
    assert await _decide(house, officer, approver) == ("kept", 0)
    _, word = await house.ask("POST", f"people/{person.person}/reset", officer)
    taken = await house.token(login, word["word"], new_password="entirely new words")
    assert await _decide(house, officer, taken) == ("one_hand", 1)


async def test_two_whom_a_third_let_in_are_two(house: House) -> None:
    _, third = await _officer(house)
    officer, approver = await _made(house, third, "asks", "officer"), await _made(house, third, "decides", "approver")
    assert await _decide(house, officer, approver) == ("kept", 0)


async def test_what_happened_long_ago_is_told_no_more(house: House) -> None:
    boss, first = await _officer(house)
    await _made(house, first, "second", "approver")
    house.clock.later(seconds=ONE_HAND.total_seconds() - 3600)
    approver, officer = await house.token("second"), await token_of(house.pool, boss, house.clock())
    assert await _decide(house, officer, approver) == ("one_hand", 1)
    house.clock.later(seconds=3601)
    assert await _decide(house, officer, approver) == ("kept", 1)
