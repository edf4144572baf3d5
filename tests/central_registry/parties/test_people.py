"""People: added, given roles, reset, gone, their names emptied; by an officer of their own party and by nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from central_registry.lists import Ask
from central_registry.oversight.alarm_work import list_alarms
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.kits.login_kit import PASSWORD, House, a_house
from tests.kits.platform_kit import add_party, add_person, token_of

NEW = {"login": "wang", "name": "示例甲", "roles": ["viewer"], "contact": "0573-0000"}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        yield found


async def _officer(house: House, party: str) -> str:
    return await token_of(house.pool, await add_person(house.pool, party, Role.OFFICER))


async def test_somebody_comes_works_and_leaves(house: House) -> None:
    token = await _officer(house, house.firm)
    status, word = await house.ask("POST", "people", token, NEW)
    assert (status, word["login"]) == (200, "wang")
    theirs = await house.token("wang", word["word"], new_password=PASSWORD)
    person = f"people/{word['person']}"
    assert (await house.ask("PUT", f"{person}/roles", token, {"roles": ["approver", "it"]}))[0] == 200
    assert (await house.ask("GET", "me", theirs))[1]["roles"] == ["approver", "it"], "at once, in their session"
    assert (await house.ask("DELETE", f"{person}/name", token))[0] == 409, "still at work"
    assert (await house.ask("POST", f"{person}/leave", token))[0] == 200
    assert (await house.ask("GET", "me", theirs))[0] == 401
    assert (await house.log_in("wang"))[0] == 401
    assert (await house.ask("POST", "people", token, NEW))[0] == 409, "a login is one person's for ever"
    assert (await house.ask("POST", f"{person}/leave", token))[0] == 404
    assert (await house.ask("DELETE", f"{person}/name", token))[0] == 200
    _, found = await house.ask("GET", "people?here=false", token)
    assert [(row["name"], row["contact"], row["login"]) for row in found["rows"]] == [("", "", "wang")]
    acts = await house.registry.rows("SELECT act FROM audit WHERE about = $1 ORDER BY n", word["person"])
    assert [row["act"] for row in acts] == ["add_person", "log_in", "set_roles", "person_left", "erase_name"]


async def test_a_reset_takes_password_phone_and_sessions_away(house: House) -> None:
    token = await _officer(house, house.firm)
    person, login = await house.person(house.firm, Role.VIEWER)
    await house.pool.execute("UPDATE person SET totp_secret = 'A', failures = 9 WHERE person = $1", person.person)
    theirs = await token_of(house.pool, person)
    status, word = await house.ask("POST", f"people/{person.person}/reset", token)
    assert (status, word["login"]) == (200, login)
    assert (await house.ask("GET", "me", theirs))[0] == 401
    assert [(await house.log_in(login, one))[0] for one in (PASSWORD, word["word"])] == [401, 409]
    assert (await house.log_in(login, word["word"], new_password="entirely new words"))[0] == 200


async def test_nobody_of_another_party_manages_people(house: House) -> None:
    """Nor the association that admitted it, nor the operator, who sees everything."""
    await _officer(house, house.firm)
    target = await add_person(house.pool, house.firm, Role.VIEWER)
    others = [
        house.association,
        await add_party(house.pool, PartyKind.FIRM, "示例制衣", of=house.association),
        await add_party(house.pool, PartyKind.OPERATOR, "示例中心"),
    ]
    before = await house.registry.rows("SELECT * FROM person ORDER BY person")
    for party in others:
        token = await _officer(house, party)
        for method, path, body in (
            ("PUT", "roles", {"roles": ["officer"]}),
            ("POST", "reset", None),
            ("POST", "leave", None),
            ("DELETE", "name", None),
        ):
            assert (await house.ask(method, f"people/{target.person}/{path}", token, body))[0] in (404, 422), path
    after = await house.registry.rows("SELECT * FROM person ORDER BY person")
    assert [row for row in after if row["party"] == house.firm] == [r for r in before if r["party"] == house.firm]


async def test_whoever_is_no_officer_manages_nobody_and_each_sees_their_own_party(house: House) -> None:
    viewer = await token_of(house.pool, await add_person(house.pool, house.firm, Role.VIEWER, Role.APPROVER, Role.IT))
    await add_person(house.pool, house.association, Role.OFFICER)
    for method, path, body in (
        ("POST", "people", NEW), ("PUT", "people/x/roles", {"roles": ["it"]}), ("POST", "people/x/reset", None),
        ("POST", "people/x/leave", None), ("DELETE", "people/x/name", None),
    ):  # fmt: skip
        assert (await house.ask(method, path, viewer, body))[0] == 403, path
    _, found = await house.ask("GET", "people", viewer)
    assert {row["party"] for row in found["rows"]} == {house.firm}
    operator = await token_of(
        house.pool,
        await add_person(house.pool, await add_party(house.pool, PartyKind.OPERATOR, "示例中心"), Role.VIEWER),
    )
    assert (await house.ask("GET", "people", operator))[1]["total"] == 3
    assert (await house.ask("GET", "people"))[0] == 401


async def test_a_party_keeps_an_officer(house: House) -> None:
    only = await add_person(house.pool, house.firm, Role.OFFICER)
    token = await token_of(house.pool, only)
    assert (await house.ask("POST", f"people/{only.person}/leave", token))[0] == 409
    assert (await house.ask("PUT", f"people/{only.person}/roles", token, {"roles": ["viewer"]}))[0] == 409
    assert (await house.ask("POST", f"people/{only.person}/reset", token))[0] == 409, "change your password instead"
    await add_person(house.pool, house.firm, Role.OFFICER)
    assert (await house.ask("PUT", f"people/{only.person}/roles", token, {"roles": ["viewer"]}))[0] == 200


@pytest.mark.parametrize(
    "wrong",
    [{"login": "ab"}, {"login": "张三"}, {"login": "a b c"}, {"name": "  "}, {"name": "x" * 101}, {"roles": []},
     {"roles": ["lab"]}, {"roles": ["king"]}, {"party": "another"}],
)  # fmt: skip
async def test_what_no_person_can_have_is_refused(house: House, wrong: dict[str, object]) -> None:
    token = await _officer(house, house.firm)
    status, refused = await house.ask("POST", "people", token, {**NEW, **wrong})
    assert status == 422, refused
    assert await house.pool.fetchval("SELECT count(*) FROM person") == 1


async def test_four_eyes_are_off_only_where_there_is_one_pair(house: House) -> None:
    """And come back with the second person who decides."""
    token = await _officer(house, house.association)
    assert (await house.ask("PUT", "party/four-eyes", await _officer(house, house.firm), {"on": False}))[0] == 409
    assert (await house.ask("PUT", "party/four-eyes", token, {"on": False}))[0] == 200
    assert (await house.ask("GET", "me", token))[1]["four_eyes"] is False
    marked = await house.registry.rows("SELECT act FROM audit WHERE four_eyes = 'off'")
    assert [row["act"] for row in marked] == ["set_four_eyes"]
    await house.ask("POST", "people", token, NEW)
    assert (await house.ask("GET", "me", token))[1]["four_eyes"] is False, "a viewer decides nothing"
    await house.ask("POST", "people", token, {**NEW, "login": "li-4", "roles": ["approver"]})
    assert (await house.ask("GET", "me", token))[1]["four_eyes"] is True
    assert (await house.ask("PUT", "party/four-eyes", token, {"on": False}))[0] == 409


async def _heard(house: House, actor: Actor) -> list[tuple[str, int]]:
    """The alarms that somebody hears of, each with how often."""
    found = await list_alarms(house.pool, actor, Ask())
    return sorted((row["kind"], row["times"]) for row in found.rows)


async def test_who_makes_themselves_the_only_one_is_heard_of(house: House) -> None:
    """Takes the second one's role away, switches four eyes off, decides alone: the operator hears each, and so does
    the association; no other does."""
    boss, second = await add_person(house.pool, house.association, Role.OFFICER, Role.APPROVER), {"roles": ["viewer"]}
    other = await add_person(house.pool, house.association, Role.APPROVER)
    token = await token_of(house.pool, boss)
    assert (await house.ask("PUT", f"people/{other.person}/roles", token, second))[0] == 200
    assert await _heard(house, boss) == [("decider_removed", 1)]
    assert (await house.ask("PUT", "party/four-eyes", token, {"on": False}))[0] == 200
    body = {"status": "suspended", "reason": "抽检不合格"}
    assert (await house.ask("POST", f"parties/{house.firm}/status", token, body))[0] == 200
    assert await _heard(house, boss) == [("decider_removed", 1), ("four_eyes_off", 2)]
    house.clock.later(days=2)
    token = await token_of(house.pool, boss, house.clock.at)
    assert (await house.ask("POST", f"parties/{house.firm}/status", token, {**body, "status": "barred"}))[0] == 200
    assert ("four_eyes_off", 2) in await _heard(house, boss), "an association of one works so for years"
    operator = await add_party(house.pool, PartyKind.OPERATOR, "示例中心")
    third = await add_party(house.pool, PartyKind.ASSOCIATION, "示例毛皮协会")
    heard = {}
    for party in (operator, third):
        actor = await add_person(house.pool, party, Role.OFFICER)
        heard[party] = await _heard(house, actor)
    assert heard == {operator: [("decider_removed", 1), ("four_eyes_off", 2)], third: []}


async def test_a_second_one_who_comes_meanwhile_is_counted(house: House) -> None:
    """Off and added at once would leave it off with two who decide: whoever counts waits for who adds."""
    token = await _officer(house, house.association)
    async with house.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM party WHERE party = $1 FOR UPDATE", house.association)
        asked = asyncio.create_task(house.ask("PUT", "party/four-eyes", token, {"on": False}))
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        while not asked.done() and not await connection.fetchval(waiting):
            await asyncio.sleep(0.01)
        await connection.execute(
            "INSERT INTO person (person, party, roles, login, made_at, made_by) "
            "VALUES ('p2', $1, '{approver}', 'li-4', now(), 'kit')",
            house.association,
        )
    assert (await asked)[0] == 409
