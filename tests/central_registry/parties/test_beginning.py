"""The first hour of a registry with people: init, once; the range of its issuers; breaking the glass."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from central_registry.agents.enrolment import add_agent
from central_registry.parties.actor import PartyKind
from central_registry.parties.admission import NewParty
from central_registry.parties.beginning import OPERATOR, Beginning, Begun, begin, break_glass, has_people
from central_registry.problems import ProblemError, RefusedError
from label_protocol.codes.issuer_range import ALL, IssuerRange
from label_protocol.errors import CodeError
from tests.kits.login_kit import Clock, House
from tests.kits.platform_kit import a_uscc
from tests.kits.registry_kit import AT, running


@pytest.fixture
async def house() -> AsyncIterator[House]:
    clock = Clock()
    async with running(clock=clock) as registry:
        yield House(registry, clock, "", "")


def _wanted(issuers: str = "100-101") -> Beginning:
    return Beginning(
        IssuerRange.parse(issuers),
        NewParty(PartyKind.OPERATOR, a_uscc(), "示例中心", "runs", "示例甲"),
        NewParty(PartyKind.ASSOCIATION, a_uscc(), "示例协会", "zhang", "示例乙"),
    )


async def _begun(house: House) -> Begun:
    return await begin(house.pool, _wanted(), AT)


async def test_it_makes_the_operator_and_the_first_association(house: House) -> None:
    assert not await has_people(house.pool)
    begun = await _begun(house)
    assert await has_people(house.pool)
    roles = {}
    for word in begun.words:
        token = await house.token(word.login, word.word, new_password=f"new {word.word}")
        me = (await house.ask("GET", "me", token))[1]
        roles[me["kind"]] = (me["party"], me["roles"])
    assert roles == {
        "operator": (begun.operator, ["it", "officer", "viewer"]),
        "association": (begun.association, ["approver", "it", "officer", "viewer"]),
    }
    audit = await house.registry.rows("SELECT act, person, how, party FROM audit WHERE n = 1")
    assert audit == [{"act": "init", "person": "init", "how": "dsn", "party": begun.operator}]


async def test_a_second_time_is_refused_and_changes_nothing(house: House) -> None:
    await _begun(house)
    before = await house.registry.rows("SELECT * FROM party ORDER BY party")
    with pytest.raises(RefusedError, match="已经初始化过"):
        await begin(house.pool, _wanted("200-2ZZ"), AT)
    assert await house.registry.rows("SELECT * FROM party ORDER BY party") == before
    assert await house.pool.fetchval("SELECT value FROM meta WHERE key = 'issuers'") == "100-101"


async def test_what_fails_leaves_a_registry_that_can_begin(house: House) -> None:
    wanted = _wanted()
    for wrong in (
        replace(wanted, association=replace(wanted.association, uscc="1")),
        replace(wanted, association=replace(wanted.association, officer_login="runs")),
        replace(wanted, association=replace(wanted.association, uscc=wanted.operator.uscc)),
    ):
        with pytest.raises(ProblemError):
            await begin(house.pool, wrong, AT)
        assert not await has_people(house.pool)
    own = replace(wanted, operator=replace(wanted.operator, uscc=""))
    assert (await begin(house.pool, own, AT)).operator == OPERATOR, "the association runs it itself"


async def test_agents_get_issuers_of_the_range_alone(house: House) -> None:
    await add_agent(house.pool, "before", AT)
    await _begun(house)
    for name in ("line-1", "line-2"):
        await add_agent(house.pool, name, AT)
    found = await house.registry.rows("SELECT issuer FROM agent WHERE agent <> 'before' ORDER BY issuer")
    taken = await house.pool.fetchval("SELECT issuer FROM agent WHERE agent = 'before'")
    assert [row["issuer"] for row in found] == ["100", "101"] or taken in ("100", "101")
    with pytest.raises(RefusedError, match="100-101 \\(2\\)"):
        await add_agent(house.pool, "line-3", AT)


def test_a_range_is_read_and_counted() -> None:
    found = IssuerRange.parse(" 100-1zz ")
    assert (found.size, str(found), len(list(found))) == (1024, "100-1ZZ", 1024)
    assert ("100" in found, "1ZZ" in found, "200" in found, "0ZZ" in found, "1II" in found) == (
        True, True, False, False, False
    )  # fmt: skip
    assert ALL.size == 32**3
    for wrong in ("", "100", "1ZZ-100", "10-1ZZ", "100-1ZI", "100-1ZZZ"):
        with pytest.raises(CodeError, match="100-1ZZ"):
            IssuerRange.parse(wrong)


async def test_the_glass_is_broken_for_an_hour_and_everybody_hears_it(house: House) -> None:
    with pytest.raises(RefusedError, match="没有这个管理员"):
        await break_glass(house.pool, "nobody is here", "", AT)
    begun = await _begun(house)
    token, ends = await break_glass(house.pool, "管理员失联", "zhang", AT)
    assert ends == AT + timedelta(hours=1)
    me = (await house.ask("GET", "me", token))[1]
    assert (me["party"], me["how"]) == (begun.association, "break-glass")
    status, word = await house.ask("POST", f"people/{me['person']}/reset", token)
    assert (status, word["login"]) == (200, "zhang"), "this is what it is for"
    rows = await house.registry.rows("SELECT act, how, detail FROM audit WHERE n > 1 ORDER BY n")
    assert [tuple(row.values()) for row in rows] == [
        ("break_glass", "break-glass", "管理员失联"), ("reset_person", "break-glass", "")
    ]  # fmt: skip
    assert await house.registry.alarms() == ["glass_broken"]
    token, _ = await break_glass(house.pool, "again", "", AT)
    assert (await house.ask("GET", "me", token))[1]["kind"] == "operator"
    house.clock.at = ends + timedelta(seconds=1)
    assert (await house.ask("GET", "me", token))[0] == 401
    for reason, login in ((" ", ""), ("why", "nobody")):
        with pytest.raises((ProblemError, RefusedError)):
            await break_glass(house.pool, reason, login, AT)
