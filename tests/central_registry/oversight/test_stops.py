"""Stops by people: goods are stopped at once by one, for good by two; what goes on, goes on by two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.parties.actor import UNASSIGNED, PartyKind, Role
from tests.kits.login_kit import House, a_house
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, garment


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with a_house() as found:
        for firm in (found.firm, UNASSIGNED):
            lot = {"kind": "lot", "lot_no": "L1", "record": garment("L1")}
            await in_transaction(found.pool, lambda c, firm=firm, lot=lot: items.put_goods(c, firm, [lot], AT))
        yield found


async def _of(house: House, party: str, *roles: Role) -> str:
    return await token_of(house.pool, await add_person(house.pool, party, *roles))


async def _two(house: House) -> list[str]:
    return [await _of(house, house.association, Role.OFFICER, Role.APPROVER) for _ in range(2)]


async def _post(house: House, token: str, path: str, **more: Any) -> tuple[int, Any]:
    body = {"firm": house.firm, "lot_no": "L1", "reason": "抽检不合格", **more}
    return await house.ask("POST", path, token, body)


async def _decide(house: House, token: str, decision: str, agreed: bool) -> int:
    body = {"agreed": agreed, "reason": "核对属实"}
    return (await house.ask("POST", f"decisions/{decision}/outcome", token, body))[0]


async def _standing(house: House, token: str) -> list[tuple[str, str, str]]:
    rows = (await house.ask("GET", "stops", token))[1]["rows"]
    return [(row["firm"], row["kind"], row["reason"]) for row in rows]


async def test_one_stops_and_another_confirms(house: House) -> None:
    maker, second = await _two(house)
    status, stopped = await _post(house, maker, "suspensions")
    assert (status, len(stopped["keys"])) == (200, 1)
    assert await _standing(house, maker) == [(house.firm, "suspension", "抽检不合格")], "that firm's alone"
    assert (await _post(house, second, "suspensions"))[0] == 409
    assert await _decide(house, maker, stopped["decision"], True) == 403
    assert await _decide(house, second, stopped["decision"], True) == 200
    lifting = (await _post(house, maker, "liftings", reason="复检合格"))[1]["decision"]
    assert len(await _standing(house, maker)) == 1, "until another decides"
    assert (await _post(house, maker, "liftings"))[0] == 409
    assert await _decide(house, maker, lifting, True) == 403
    assert await _decide(house, second, lifting, True) == 200
    assert await _standing(house, maker) == []
    assert (await _post(house, maker, "liftings"))[0] == 409
    rows = await house.registry.rows("SELECT act, four_eyes FROM audit WHERE concerns = $1 ORDER BY n", house.firm)
    assert [tuple(row.values()) for row in rows] == [
        ("suspend", ""), ("suspend_confirmed", "kept"),
        ("ask_lift_suspension", ""), ("lift_suspension_confirmed", "kept"),
    ]  # fmt: skip


async def test_a_stop_may_be_undone_and_a_lifting_refused(house: House) -> None:
    maker, second = await _two(house)
    stopped = (await _post(house, maker, "suspensions"))[1]
    assert await _decide(house, second, stopped["decision"], False) == 200
    assert await _standing(house, maker) == []
    await _post(house, maker, "suspensions")
    lifting = (await _post(house, maker, "liftings"))[1]["decision"]
    assert await _decide(house, second, lifting, False) == 200
    assert len(await _standing(house, maker)) == 1


async def test_a_recall_is_a_suspension_until_it_is_confirmed(house: House) -> None:
    """For there is no way back from one."""
    maker, second = await _two(house)
    await _post(house, maker, "suspensions", reason="证书复核")
    undone = (await _post(house, maker, "recalls"))[1]["decision"]
    assert await _standing(house, maker) == [(house.firm, "suspension", "召回待确认：抽检不合格")]
    assert await _decide(house, second, undone, False) == 200
    assert await _standing(house, maker) == [(house.firm, "suspension", "证书复核")], "as it was before"
    recalled = (await _post(house, maker, "recalls"))[1]["decision"]
    assert (await _post(house, maker, "recalls"))[0] == 409
    assert await _decide(house, second, recalled, True) == 200
    assert (house.firm, "recall", "抽检不合格") in await _standing(house, maker)
    assert (await _post(house, maker, "recalls"))[0] == 409
    assert (await _post(house, maker, "liftings"))[0] == 409


async def test_one_who_is_alone_stops_and_lifts(house: House) -> None:
    only = await _of(house, house.association, Role.OFFICER, Role.APPROVER)
    await house.ask("PUT", "party/four-eyes", only, {"on": False})
    assert (await _post(house, only, "suspensions", firm=UNASSIGNED))[1]["decision"] is None
    assert (await _post(house, only, "liftings", firm=UNASSIGNED))[1]["decision"] is None
    assert (await _post(house, only, "recalls"))[1]["decision"] is None
    assert await _standing(house, only) == [(house.firm, "recall", "抽检不合格")]
    rows = await house.registry.rows(
        "SELECT four_eyes FROM audit WHERE act IN ('suspend', 'lift_suspension', 'recall')"
    )
    assert [row["four_eyes"] for row in rows] == ["off"] * 3


async def test_an_inspector_stops_and_the_association_decides(house: House) -> None:
    inspector = await add_party(house.pool, PartyKind.INSPECTOR, "示例市场监管所", of=house.association)
    theirs = await _of(house, inspector, Role.INSPECTOR)
    status, stopped = await _post(house, theirs, "suspensions")
    assert status == 200
    assert len(await _standing(house, theirs)) == 1
    assert (await _post(house, theirs, "recalls"))[0] == 403
    assert (await _post(house, theirs, "suspensions", firm=UNASSIGNED))[0] == 404
    _, second = await _two(house)
    assert await _decide(house, second, stopped["decision"], True) == 200


async def test_nobody_stops_what_is_not_theirs(house: House) -> None:
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "示例羊毛衫协会")
    strange = await add_party(house.pool, PartyKind.INSPECTOR, "示例监管所", of=other)
    for party, status in ((other, 404), (strange, 404), (house.firm, 403)):
        token = await _of(house, party, Role.OFFICER, Role.APPROVER)
        assert (await _post(house, token, "suspensions"))[0] == status
        assert await _standing(house, token) == []
    maker, _ = await _two(house)
    for wrong, status in (
        ({"lot_no": "L9"}, 404), ({"style_no": "S1"}, 404), ({"lot_no": ""}, 404), ({"reason": " "}, 409),
        ({"lot_no": "", "style_no": "S9"}, 404),
    ):  # fmt: skip
        assert (await _post(house, maker, "suspensions", **wrong))[0] == status, wrong
    assert await house.pool.fetchval("SELECT count(*) FROM feed_item WHERE kind = 'suspension'") == 0
