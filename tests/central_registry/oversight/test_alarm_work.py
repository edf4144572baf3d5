"""Alarms as people work on them: seen by whom they concern, taken once, answered, closed by whom that is for."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from central_registry.alarms import AlarmKind, Note, alarm_id, raise_alarm
from central_registry.lists import Ask
from central_registry.oversight import alarm_work
from central_registry.oversight.waiting import SILENT_AFTER, what_waits
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.problems import ProblemError
from tests.kits.desk_kit import Office, an_office
from tests.kits.platform_kit import add_party, add_person
from tests.kits.registry_kit import AT

pytestmark = pytest.mark.asyncio(loop_scope="module")

_numbers = itertools.count(1)
FOUND = Note(AlarmKind.FACTS_DIFFER, "lot:L1", "quality_class: 优等品, certified 一等品")
TOLD = Note("possible_duplicate", "w1", "one label may be there twice", by_agent=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office() -> AsyncIterator[Office]:
    async with an_office() as found:
        yield found


async def an_agent(office: Office) -> str:
    """A new agent of the firm, with what the registry found about it and what it told itself."""
    edge = await office.registry.enrolled(f"line-{next(_numbers)}")
    await office.pool.execute(
        "UPDATE agent SET owner = $2, association = $3 WHERE agent = $1", edge.agent, office.firm, office.association
    )
    async with office.pool.acquire() as connection:
        for note in (FOUND, TOLD):
            await raise_alarm(connection, edge.agent, note, AT)
    return edge.agent


async def state(office: Office, agent: str, note: Note, who: str = "approver") -> str:
    row = await alarm_work.show_alarm(office.pool, office.people[who], agent, alarm_id(note))
    return str(row["state"])


async def refused(work: object) -> tuple[int, str]:
    with pytest.raises(ProblemError) as caught:
        await work  # type: ignore[misc]
    return caught.value.status, str(caught.value)


async def a_stranger(office: Office, kind: PartyKind) -> Actor:
    return await add_person(office.pool, await add_party(office.pool, kind, "示例外人"), Role.OFFICER, Role.APPROVER)


async def test_it_is_taken_answered_closed_and_each_is_kept(office: Office) -> None:
    agent, pool, approver = await an_agent(office), office.pool, office.people["approver"]
    name = alarm_id(FOUND)
    assert await state(office, agent, FOUND) == "open"
    await alarm_work.take(pool, approver, agent, name, AT)
    assert (await refused(alarm_work.take(pool, office.people["officer"], agent, name, AT)))[0] == 409
    assert await state(office, agent, FOUND) == "taken"
    status, said = await refused(alarm_work.close(pool, approver, agent, name, AT))
    assert (status, "请先写明处理情况" in said) == (409, True)
    await alarm_work.answer(pool, approver, agent, name, "企业已更正吊牌", AT)
    assert await state(office, agent, FOUND) == "answered"
    await alarm_work.close(pool, approver, agent, name, AT)
    assert await state(office, agent, FOUND) == "closed"
    assert (await refused(alarm_work.answer(pool, approver, agent, name, "x", AT)))[0] == 409
    await alarm_work.reopen(pool, approver, agent, name, AT)
    assert await state(office, agent, FOUND) == "answered"
    kept = await pool.fetch("SELECT act, concerns FROM audit WHERE about = $1 ORDER BY n", f"{agent}#{name}")
    assert [row["act"] for row in kept] == ["take_alarm", "answer_alarm", "close_alarm", "reopen_alarm"]
    assert {row["concerns"] for row in kept} == {office.firm}


async def test_a_firm_answers_what_the_registry_found_and_does_not_close_it(office: Office) -> None:
    agent, pool, clerk = await an_agent(office), office.pool, office.people["clerk"]
    await alarm_work.answer(pool, clerk, agent, alarm_id(FOUND), "录入错误", AT)
    status, said = await refused(alarm_work.close(pool, clerk, agent, alarm_id(FOUND), AT))
    assert (status, "由协会关闭" in said) == (403, True)
    await alarm_work.answer(pool, clerk, agent, alarm_id(TOLD), "找到多余的一张，已销毁", AT)
    await alarm_work.close(pool, clerk, agent, alarm_id(TOLD), AT)
    assert await state(office, agent, TOLD) == "closed"


async def test_the_same_cause_again_opens_it_as_nobodys(office: Office) -> None:
    agent, pool, approver = await an_agent(office), office.pool, office.people["approver"]
    await alarm_work.answer(pool, approver, agent, alarm_id(FOUND), "企业已更正", AT)
    async with pool.acquire() as connection:
        await raise_alarm(connection, agent, FOUND, AT)
    assert await state(office, agent, FOUND) == "answered", "while it stands, it stays somebody's"
    await alarm_work.close(pool, approver, agent, alarm_id(FOUND), AT)
    async with pool.acquire() as connection:
        await raise_alarm(connection, agent, FOUND, AT)
    row = await alarm_work.show_alarm(pool, approver, agent, alarm_id(FOUND))
    assert (row["state"], row["times"], row["taken_by"], row["answer"]) == ("open", 3, None, "")


@pytest.mark.parametrize("kind", [PartyKind.FIRM, PartyKind.ASSOCIATION, PartyKind.LAB])
async def test_nobody_of_another_party_sees_or_touches_it(office: Office, kind: PartyKind) -> None:
    agent, pool, stranger = await an_agent(office), office.pool, await a_stranger(office, kind)
    assert (await alarm_work.list_alarms(pool, stranger, Ask(filters={"agent": agent}))).total == 0
    for work in (alarm_work.take, alarm_work.give_back, alarm_work.close, alarm_work.reopen):
        status, _ = await refused(work(pool, stranger, agent, alarm_id(FOUND), AT))
        assert status == (403 if kind is PartyKind.LAB else 404)
    assert await state(office, agent, FOUND) == "open"


async def test_the_operator_sees_all_and_changes_nothing(office: Office) -> None:
    agent, pool, operator = await an_agent(office), office.pool, office.people["operator"]
    assert await state(office, agent, FOUND, "operator") == "open"
    assert (await refused(alarm_work.take(pool, operator, agent, alarm_id(FOUND), AT)))[0] == 403


async def test_lists_are_searched_filtered_sorted_and_cut(office: Office) -> None:
    agent, pool, approver = await an_agent(office), office.pool, office.people["approver"]
    await alarm_work.take(pool, approver, agent, alarm_id(TOLD), AT)

    async def kinds(**asked: object) -> list[str]:
        filters = {"agent": agent, **asked.pop("filters", {})}  # type: ignore[dict-item]
        found = await alarm_work.list_alarms(pool, approver, Ask(filters=filters, **asked))  # type: ignore[arg-type]
        return [row["kind"] for row in found.rows]

    assert len(await kinds()) == 2
    assert await kinds(search="优等品") == ["facts_differ"]
    assert await kinds(search="100%") == []
    assert await kinds(filters={"state": "taken"}) == ["possible_duplicate"]
    assert await kinds(filters={"kind": "facts_differ"}) == ["facts_differ"]
    assert await kinds(sort="nonsense", rows=1, page=2) != await kinds(rows=1)


async def test_what_waits_counts_alarms_and_silent_agents(office: Office) -> None:
    before = await what_waits(office.pool, office.people["clerk"], AT)
    agent = await an_agent(office)
    await office.pool.execute("UPDATE agent SET seen_at = $2 WHERE agent = $1", agent, AT)
    now = await what_waits(office.pool, office.people["clerk"], AT)
    assert now.alarms_open == before.alarms_open + 2
    assert now.agents_silent == before.agents_silent
    later = await what_waits(office.pool, office.people["clerk"], AT + SILENT_AFTER * 2)
    assert later.agents_silent > now.agents_silent
    stranger = await a_stranger(office, PartyKind.FIRM)
    assert (await what_waits(office.pool, stranger, AT + SILENT_AFTER * 2)).agents_silent == 0
