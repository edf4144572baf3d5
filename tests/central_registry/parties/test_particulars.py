"""What a party says of itself: its address by one hand, name and telephone by two, whichever door it comes through."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

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


async def _row(house: House, party: str = "") -> tuple[str, str, str]:
    row = await house.pool.fetchrow("SELECT name, contact, address FROM party WHERE party = $1", party or house.firm)
    return tuple(row)


async def _asked(house: House, token: str, **new: str) -> str:
    status, done = await house.ask("PATCH", "party", token, new)
    assert status == 200, done
    return str(done["decision"])


async def _decide(house: House, token: str, decision: str, agreed: bool = True) -> int:
    body = {"agreed": agreed, "reason": "执照已核对"}
    return (await house.ask("POST", f"decisions/{decision}/outcome", token, body))[0]


async def test_an_address_is_one_hands(house: House) -> None:
    firm = await _of(house, house.firm, Role.OFFICER)
    assert await _asked(house, firm, address="平湖市示例路1号") == ""
    assert await _row(house) == ("示例服饰有限公司", "", "平湖市示例路1号")
    assert (await house.ask("PATCH", "party", firm, {"name": " "}))[0] == 422
    viewer = await _of(house, house.firm, Role.VIEWER)
    assert (await house.ask("PATCH", "party", viewer, {"address": "x"}))[0] == 403
    assert (
        await house.pool.fetchval("SELECT detail FROM audit WHERE act = 'set_party'") == "address:  → 平湖市示例路1号"
    )


async def test_a_name_and_a_telephone_wait_for_the_association(house: House) -> None:
    firm, approver = await _of(house, house.firm, Role.OFFICER), await _of(house, house.association, Role.APPROVER)
    waits = await _asked(house, firm, name="示例服饰", contact="0573-00000000", address="平湖市示例路1号")
    assert await _row(house) == ("示例服饰有限公司", "", "平湖市示例路1号"), "what one hand may is done"
    assert await _decide(house, firm, waits) == 403, "not by who asked"
    assert await _decide(house, await _of(house, house.association, Role.OFFICER), waits) == 403
    (row,) = (await house.ask("GET", "decisions?mine=true&act=set_name", approver))[1]["rows"]
    assert row["asked"]["changes"] == {"name": ["示例服饰有限公司", "示例服饰"], "contact": ["", "0573-00000000"]}
    assert await _decide(house, approver, waits) == 200
    assert await _row(house) == ("示例服饰", "0573-00000000", "平湖市示例路1号")
    assert await _decide(house, approver, waits) == 409
    assert await house.pool.fetchval("SELECT four_eyes FROM audit WHERE act = 'set_name_confirmed'") == "kept"


async def test_a_refusal_leaves_it_and_a_later_question_takes_the_place_of_an_earlier(house: House) -> None:
    firm, approver = await _of(house, house.firm, Role.OFFICER), await _of(house, house.association, Role.APPROVER)
    before = await _row(house)
    first = await _asked(house, firm, name="示例服饰甲")
    second = await _asked(house, firm, name="示例服饰乙")
    assert await _decide(house, approver, first) == 409
    assert await _decide(house, approver, second, agreed=False) == 200
    assert await _row(house) == before


async def test_an_association_asks_one_of_its_own(house: House) -> None:
    """Not the same person under two roles; one of an association of one may, and the audit says so."""
    both = await _of(house, house.association, Role.OFFICER, Role.APPROVER)
    waits = await _asked(house, both, name="示例协会二")
    assert await _decide(house, both, waits) == 403
    assert (await _row(house, house.association))[0] == "示例协会"
    assert (await house.ask("PUT", "party/four-eyes", both, {"on": False}))[0] == 200
    assert await _asked(house, both, name="示例协会三") == ""
    assert (await _row(house, house.association))[0] == "示例协会三"
    assert await house.pool.fetchval("SELECT four_eyes FROM audit WHERE act = 'set_party'") == "off"


async def test_an_association_that_has_it_no_longer_decides_nothing(house: House) -> None:
    """Its membership ended between asking and approving: neither it nor another decides, and a new question goes to
    who has it now."""
    firm, approver = await _of(house, house.firm, Role.OFFICER), await _of(house, house.association, Role.APPROVER)
    waits = await _asked(house, firm, name="示例服饰")
    await house.pool.execute("UPDATE membership SET ended_at = $1 WHERE party = $2", AT, house.firm)
    assert await _decide(house, approver, waits) == 404
    assert (await house.ask("PATCH", "party", firm, {"name": "示例服饰"}))[0] == 409
    other = await add_party(house.pool, PartyKind.ASSOCIATION, "示例羊毛衫协会")
    await house.pool.execute("INSERT INTO membership VALUES ($1, $2, $3, NULL, 'kit')", other, house.firm, AT)
    anew: Any = await _asked(house, firm, name="示例服饰")
    assert await _decide(house, approver, anew) == 404
    assert await _decide(house, await _of(house, other, Role.APPROVER), anew) == 200
    assert (await _row(house))[0] == "示例服饰"
