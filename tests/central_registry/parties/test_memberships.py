"""Whose member a party is: who is here already is asked first, and sees to it that nobody reads its rows by a USCC."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest

from central_registry.parties.actor import PartyKind, Role
from tests.kits.login_kit import House, a_house
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        yield found


async def _of(house: House, party: str, *roles: Role) -> str:
    return await token_of(house.pool, await add_person(house.pool, party, *roles))


async def _another(house: House) -> tuple[str, str]:
    """A second association, and its officer."""
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "示例羊毛衫协会")
    return other, await _of(house, other, Role.OFFICER, Role.APPROVER)


async def _admit(house: House, token: str, **more: Any) -> tuple[int, Any]:
    asked = {"kind": "firm", "uscc": house.firm, "name": "照抄的名字", "reason": "跨品类", **more}
    return await house.ask("POST", "parties", token, asked)


async def _sees(house: House, token: str) -> bool:
    return (await house.ask("GET", f"parties/{house.firm}", token))[0] == 200


async def test_a_second_association_sees_nothing_until_an_officer_of_the_firm_says_yes(house: House) -> None:
    boss, clerk = await _of(house, house.firm, Role.OFFICER), await _of(house, house.firm, Role.VIEWER)
    other, token = await _another(house)
    status, asked = await _admit(house, token, officer_login="sneaky", officer_name="示例丙")
    assert (status, asked["known_as"], asked["officer"], asked["code"]) == (200, "示例服饰有限公司", None, "")
    decision = asked["waits"]
    assert not await _sees(house, token), "a USCC typed in opens nothing"
    assert (await house.ask("POST", f"parties/{house.firm}/status", token, {"status": "barred", "reason": "x"}))[
        0
    ] == 404
    assert (await _admit(house, token))[0] == 409, "asked already"
    waiting = (await house.ask("GET", "decisions?mine=true", boss))[1]["rows"]
    assert [(row["act"], row["concerns_name"], row["asked"]["reason"]) for row in waiting] == [
        ("join", "示例羊毛衫协会", "跨品类")
    ]
    answer = {"agreed": True, "reason": "同意"}
    assert [(await house.ask("POST", f"joinings/{decision}/answer", one, answer))[0] for one in (clerk, token)] == [
        403, 403
    ]  # fmt: skip
    assert (await house.ask("POST", f"joinings/{decision}/answer", boss, answer))[0] == 200
    assert await _sees(house, token)
    assert (await house.ask("POST", f"joinings/{decision}/answer", boss, answer))[0] == 409
    rows = await house.registry.rows("SELECT act, party, concerns FROM audit WHERE act LIKE '%join%' ORDER BY n")
    assert [tuple(row.values()) for row in rows] == [
        ("ask_to_join", other, house.firm), ("join_confirmed", house.firm, other)
    ]  # fmt: skip


async def test_a_no_and_a_question_taken_back_leave_everything_as_it_was(house: House) -> None:
    boss = await _of(house, house.firm, Role.OFFICER)
    _, token = await _another(house)
    for path, who, body in (("answer", boss, {"agreed": False, "reason": "不需要"}), ("take-back", token, None)):
        decision = (await _admit(house, token))[1]["waits"]
        assert (await house.ask("POST", f"joinings/{decision}/{path}", who, body))[0] == 200
        assert not await _sees(house, token)
        assert (await house.ask("POST", f"joinings/{decision}/answer", boss, {"agreed": True}))[0] == 409
        house.clock.later(minutes=1)
    told = (await house.ask("GET", "joinings", token))[1]["rows"]
    assert [(row["outcome"], row["answer"]) for row in told] == [("taken_back", ""), ("rejected", "不需要")]


async def test_who_has_nobody_yet_is_named_an_officer_by_its_own_association_alone(house: House) -> None:
    """Such as a firm of an old platform's import: whoever named its officer would have it."""
    token = await _of(house, house.association, Role.OFFICER)
    officer = {"officer_login": "zhang", "officer_name": "示例乙"}
    status, refused = await _admit(house, (await _another(house))[1], **officer)
    assert (status, "还没有管理员" in refused["detail"]) == (409, True)
    status, made = await _admit(house, token, **officer)
    assert (status, made["waits"], made["officer"]["login"]) == (200, "", "zhang")
    assert (await _admit(house, token, **officer))[0] == 409, "admitted, and it has one"


async def test_the_database_itself_lets_no_association_help_itself(house: House) -> None:
    """As the role of people, whatever a handler does: neither anew, nor again where it ended."""
    await add_person(house.pool, house.firm, Role.OFFICER)
    other, _ = await _another(house)
    await house.pool.execute("INSERT INTO membership VALUES ($1, $2, $3, $3, 'kit')", other, house.firm, AT)
    third = await add_party(house.pool, PartyKind.ASSOCIATION, "示例毛皮协会")
    for association, query in (
        (third, "INSERT INTO membership (association, party, since, made_by) VALUES ($1, $2, now(), 'x')"),
        (other, "UPDATE membership SET ended_at = NULL WHERE association = $1 AND party = $2"),
    ):
        async with house.pool.acquire() as connection, connection.transaction():
            role = await connection.fetchval(
                "SELECT rolname FROM pg_roles WHERE rolname LIKE '%_people' AND has_schema_privilege(oid, 'public', "
                "'USAGE') AND has_table_privilege(oid, 'membership', 'INSERT') AND NOT rolsuper LIMIT 1"
            )
            await connection.execute(f'SET LOCAL ROLE "{role}"')
            await connection.execute("SELECT set_config('registry.party', $1, true)", association)
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(query, association, house.firm)
