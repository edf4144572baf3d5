"""Parties: let in by their USCC, their status moved, appealed against, decided by two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import pytest

from central_registry.parties.actor import PartyKind, PartyStatus, Role
from central_registry.parties.standing import status_of
from tests.kits.login_kit import House, a_house
from tests.kits.platform_kit import a_uscc, add_party, add_person, token_of
from tests.kits.registry_kit import AT

TODAY = AT.date()
OFFICER = {"officer_login": "zhang", "officer_name": "示例乙"}


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        yield found


async def _of(house: House, party: str, *roles: Role) -> str:
    return await token_of(house.pool, await add_person(house.pool, party, *roles))


async def _set(house: House, token: str, status: str, **more: Any) -> tuple[int, Any]:
    body = {"status": status, "reason": "抽检不合格", **more}
    return await house.ask("POST", f"parties/{house.firm}/status", token, body)


async def _status(house: House, on: date = TODAY) -> PartyStatus:
    async with house.pool.acquire() as connection:
        return await status_of(connection, house.firm, on)


# --- letting in -------------------------------------------------------------------------------------------------------


async def test_a_firm_is_admitted_with_its_officer_and_its_code(house: House) -> None:
    token, uscc = await _of(house, house.association, Role.OFFICER), a_uscc()
    asked = {"kind": "firm", "uscc": f" {uscc.lower()} ", "name": " 示例  羽绒 ", "reason": "材料齐全", **OFFICER}
    status, made = await house.ask("POST", "parties", token, asked)
    assert (status, made["party"], made["known_as"], len(made["code"])) == (200, uscc, "", 4)
    theirs = await house.token("zhang", made["officer"]["word"], new_password="a long new password")
    me = (await house.ask("GET", "me", theirs))[1]
    assert (me["party_name"], me["kind"], me["roles"]) == ("示例 羽绒", "firm", ["approver", "it", "officer"])
    shown = (await house.ask("GET", f"parties/{uscc}", token))[1]
    assert (shown["status"], shown["reason"], shown["code"]) == ("active", "材料齐全", made["code"])
    assert (await house.ask("POST", "parties", token, asked))[0] == 409


async def test_one_licence_is_one_row_whoever_admits_it(house: House) -> None:
    """Under another name, by another association: the same people, status and code."""
    boss = await _of(house, house.firm, Role.OFFICER)
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "示例羊毛衫协会")
    token = await _of(house, other, Role.OFFICER)
    assert (await house.ask("GET", f"parties/{house.firm}", token))[0] == 404
    asked = {"kind": "firm", "uscc": house.firm, "name": "另一个名字"}
    status, found = await house.ask("POST", "parties", token, asked)
    assert (status, found["known_as"], found["officer"]) == (200, "示例服饰有限公司", None)
    yes = {"agreed": True, "reason": "同意"}
    assert (await house.ask("POST", f"joinings/{found['waits']}/answer", boss, yes))[0] == 200
    shown = (await house.ask("GET", f"parties/{house.firm}", token))[1]
    assert [one["association"] for one in shown["associations"]] == [house.association, other]
    status, refused = await house.ask("POST", "parties", token, {**asked, "kind": "lab", **OFFICER})
    assert status == 409
    assert "另一类主体" in refused["detail"]


async def test_a_wrong_uscc_is_told_with_its_right_last_character(house: House) -> None:
    token, uscc = await _of(house, house.association, Role.OFFICER), a_uscc()
    wrong = uscc[:-1] + ("0" if uscc[-1] != "0" else "1")
    for text, told in ((wrong, f"would be {uscc[-1]}"), ("91", "'91'"), (f"{uscc[:-2]}IO", "18 characters")):
        asked = {"kind": "firm", "uscc": text, "name": "示例", **OFFICER}
        status, refused = await house.ask("POST", "parties", token, asked)
        assert (status, told in refused["detail"]) == (422, True), refused
    assert await house.pool.fetchval("SELECT count(*) FROM party WHERE kind = 'firm'") == 2


async def test_a_sandbox_is_no_company(house: House) -> None:
    token = await _of(house, house.association, Role.OFFICER)
    asked = {"kind": "firm", "name": "试用", "sandbox": True, **OFFICER}
    made = (await house.ask("POST", "parties", token, asked))[1]
    assert made["party"].startswith("SANDBOX")
    theirs = await house.token("zhang", made["officer"]["word"], new_password="a long new password")
    assert (await house.ask("GET", "me", theirs))[1]["sandbox"] is True


async def test_only_the_operator_makes_associations_and_only_associations_admit(house: House) -> None:
    operator = await add_party(house.pool, PartyKind.OPERATOR, "示例中心")
    runs, officer = await _of(house, operator, Role.OFFICER), await _of(house, house.association, Role.OFFICER)
    asked = {"uscc": a_uscc(), "name": "示例羊毛衫协会", **OFFICER}
    assert (await house.ask("POST", "associations", officer, asked))[0] == 403
    assert (await house.ask("POST", "associations", runs, asked))[0] == 200
    assert (await house.ask("POST", "associations", runs, asked))[0] == 409
    firm = {"kind": "firm", "uscc": a_uscc(), "name": "示例", **OFFICER, "officer_login": "zhao"}
    assert (await house.ask("POST", "parties", runs, firm))[0] == 403
    assert (await house.ask("POST", "parties", officer, {**firm, "kind": "association"}))[0] == 422
    assert (await house.ask("POST", "parties", officer, firm))[0] == 200
    seen = [(await house.ask("GET", "parties", token))[1]["total"] for token in (runs, officer)]
    everybody = await house.pool.fetchval("SELECT count(*) FROM party")
    assert seen == [everybody, 3], "all for the operator; itself and its two firms for the association"


# --- status -----------------------------------------------------------------------------------------------------------


async def _two(house: House) -> list[str]:
    """An association's two people who may both do everything."""
    return [await _of(house, house.association, Role.OFFICER, Role.APPROVER) for _ in range(2)]


async def _decide(house: House, token: str, decision: str, agreed: bool, reason: str = "核对属实") -> int:
    body = {"agreed": agreed, "reason": reason}
    return (await house.ask("POST", f"decisions/{decision}/outcome", token, body))[0]


async def test_what_protects_works_at_once_and_a_second_person_confirms_it(house: House) -> None:
    maker, second = await _two(house)
    status, moved = await _set(house, maker, "suspended", evidence="检验报告 2026-118")
    assert (status, moved["provisional"]) == (200, True)
    assert await _status(house) == "suspended", "at once"
    assert await _decide(house, maker, moved["decision"], True) == 403
    waiting = (await house.ask("GET", "decisions?mine=true", second))[1]["rows"]
    assert [(row["act"], row["concerns_name"], row["hours_left"], row["late"]) for row in waiting] == [
        ("set_status", "示例服饰有限公司", 72, False)
    ]
    assert (await house.ask("GET", "decisions?mine=true", maker))[1]["total"] == 0
    await house.pool.execute("UPDATE decision SET due_at = $1", AT - timedelta(minutes=1))
    late = (await house.ask("GET", "decisions", second))[1]["rows"][0]
    assert (late["late"], late["hours_left"], await _status(house)) == (True, -1, "suspended"), "no timer lifts it"
    assert await _decide(house, second, moved["decision"], True) == 200
    query = "SELECT n, status, provisional FROM party_status WHERE party = $1 ORDER BY n"
    assert [tuple(row.values()) for row in await house.registry.rows(query, house.firm)] == [
        (1, "active", False), (2, "suspended", True), (3, "suspended", False)
    ]  # fmt: skip
    assert await _decide(house, second, moved["decision"], True) == 409
    audit = await house.registry.rows("SELECT act, four_eyes FROM audit WHERE concerns = $1 ORDER BY n", house.firm)
    assert [tuple(row.values()) for row in audit] == [("set_status", ""), ("set_status_confirmed", "kept")]


async def test_a_second_person_may_undo_what_protected(house: House) -> None:
    maker, second = await _two(house)
    await _set(house, maker, "watched")
    moved = (await _set(house, maker, "barred"))[1]
    assert await _decide(house, second, moved["decision"], False, "") == 422, "why?"
    assert await _decide(house, second, moved["decision"], False) == 200
    assert await _status(house) == "watched", "as it was before"


async def test_lifting_takes_two(house: House) -> None:
    maker, second = await _two(house)
    moved = (await _set(house, maker, "barred"))[1]
    await _decide(house, second, moved["decision"], True)
    status, asked = await _set(house, maker, "active", reason="整改完成")
    assert (status, asked["n"], await _status(house)) == (200, None, "barred")
    assert (await _set(house, second, "suspended"))[0] == 409, "one question at a time; a lesser stop is a lifting too"
    assert await _decide(house, maker, asked["decision"], True) == 403
    clerk = await _of(house, house.association, Role.OFFICER)
    assert await _decide(house, clerk, asked["decision"], True) == 403, "an approver decides"
    assert await _decide(house, second, asked["decision"], True, "复查通过") == 200
    shown = (await house.ask("GET", f"parties/{house.firm}", maker))[1]
    assert (shown["status"], shown["reason"]) == ("active", "整改完成；复查通过")


async def test_a_refused_lifting_lifts_nothing(house: House) -> None:
    maker, second = await _two(house)
    await _set(house, maker, "suspended")
    asked = (await _set(house, maker, "active"))[1]
    assert await _decide(house, second, asked["decision"], False, "尚未整改") == 200
    assert await _status(house) == "suspended"
    assert (await _set(house, maker, "active"))[0] == 200, "may be asked again"


async def test_a_stop_that_is_to_come_is_not_taken_away_by_one(house: House) -> None:
    maker, _ = await _two(house)
    tomorrow = TODAY + timedelta(days=1)
    await _set(house, maker, "barred", effective_on=tomorrow.isoformat())
    assert [await _status(house, day) for day in (TODAY, tomorrow)] == ["active", "barred"]
    status, asked = await _set(house, maker, "watched")
    assert (status, asked["n"]) == (200, None), "a second person decides"
    assert await _status(house, tomorrow) == "barred"


async def test_status_of_any_day(house: House) -> None:
    maker, _ = await _two(house)
    days = [TODAY - timedelta(days=400), TODAY - timedelta(days=9), TODAY, TODAY + timedelta(days=30)]
    assert (await _set(house, maker, "watched", effective_on=days[1].isoformat()))[0] == 422, "no better past"
    await _set(house, maker, "suspended", effective_on=days[1].isoformat())
    assert [await _status(house, day) for day in days] == ["candidate", "suspended", "suspended", "suspended"]
    assert (await _set(house, maker, "barred", effective_on=days[0].isoformat()))[0] == 422, "too far"
    told = [(await house.ask("GET", f"parties/{house.firm}?on={day}", maker))[1]["status"] for day in days]
    assert told == ["candidate", "suspended", "suspended", "suspended"]
    assert (await house.ask("GET", "parties?on=yesterday", maker))[0] == 422


async def test_one_who_is_alone_decides_and_each_row_says_so(house: House) -> None:
    only = await _of(house, house.association, Role.OFFICER, Role.APPROVER)
    await house.ask("PUT", "party/four-eyes", only, {"on": False})
    assert (await _set(house, only, "suspended"))[1]["provisional"] is False
    assert (await _set(house, only, "active"))[1]["n"] == 3
    rows = await house.registry.rows("SELECT act, four_eyes FROM audit WHERE concerns = $1 ORDER BY n", house.firm)
    assert [tuple(row.values()) for row in rows] == [("set_status", "off"), ("lift_status", "off")]


async def test_refusals_of_a_status(house: House) -> None:
    maker, _ = await _two(house)
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "示例羊毛衫协会")
    strangers = [await _of(house, party, Role.OFFICER, Role.APPROVER) for party in (other, house.firm)]
    assert [(await _set(house, token, "watched"))[0] for token in strangers] == [404, 403]
    viewer = await _of(house, house.association, Role.VIEWER)
    assert (await _set(house, viewer, "watched"))[0] == 403
    assert (await _set(house, maker, "active"))[0] == 409, "as it is"
    assert (await _set(house, maker, "watched", reason=" "))[0] == 422
    assert (await _set(house, maker, "splendid"))[0] == 422
    rows = await house.pool.fetchval("SELECT count(*) FROM party_status WHERE party = $1", house.firm)
    assert rows == 1


async def test_only_who_stopped_a_firm_lets_it_go_on(house: House) -> None:
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "示例羊毛衫协会")
    theirs = await _of(house, other, Role.OFFICER, Role.APPROVER)
    await house.pool.execute("INSERT INTO membership VALUES ($1, $2, $3, NULL, 'kit')", other, house.firm, AT)
    maker, second = await _two(house)
    moved = (await _set(house, maker, "barred"))[1]
    status, refused = await _set(house, theirs, "active")
    assert (status, house.association in refused["detail"]) == (409, True)
    assert await _decide(house, theirs, moved["decision"], True) == 404
    assert await _decide(house, second, moved["decision"], True) == 200


# --- appeals ----------------------------------------------------------------------------------------------------------


async def test_a_firm_appeals_and_is_answered(house: House) -> None:
    maker, _ = await _two(house)
    await _set(house, maker, "suspended")
    firm = await _of(house, house.firm, Role.OFFICER)
    assert (await house.ask("POST", "appeals", firm, {"n": 7, "said": "不服"}))[0] == 404
    status, put = await house.ask("POST", "appeals", firm, {"n": 2, "said": "样品并非我方生产"})
    assert status == 200
    assert (await house.ask("POST", "appeals", firm, {"n": 2, "said": "还是不服"}))[0] == 409
    assert (await house.ask("POST", "appeals", await _of(house, house.firm, Role.VIEWER), {"n": 2, "said": "x"}))[
        0
    ] == 403
    waiting = (await house.ask("GET", "decisions?mine=true&act=answer_appeal", maker))[1]["rows"]
    assert [row["asked"]["said"] for row in waiting] == ["样品并非我方生产"]
    path = f"decisions/{put['decision']}/answer"
    assert (await house.ask("POST", path, firm, {"said": "同意"}))[0] == 403
    assert (await house.ask("POST", path, maker, {"said": ""}))[0] == 422
    assert (await house.ask("POST", path, maker, {"said": "经核对，批号一致，维持"}))[0] == 200
    assert (await house.ask("POST", path, maker, {"said": "再答"}))[0] == 409
    history = (await house.ask("GET", f"parties/{house.firm}", firm))[1]["history"]
    assert [(one["said"], one["answer"]) for one in history[0]["appeals"]] == [
        ("样品并非我方生产", "经核对，批号一致，维持")
    ]
    assert await _status(house) == "suspended", "neither changes it"
