"""What is told after a revocation: kept, shown as being verified, and admitted or rejected by a person."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.agents import enrolment
from central_registry.parties.actor import Actor, PartyKind, Role
from tests.central_registry.consumer.test_scan_page import GTIN, read
from tests.central_registry.ingest.test_verdicts import ACCUSING, new
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, Edge, Registry, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


@pytest.fixture
async def edge(registry: Registry) -> Edge:
    """An agent with 3 000 labels allotted, of which it told 2."""
    found = (await registry.enrolled()).begin()
    await registry.allot(found.agent, 3_000)
    found.printed(found.serials(2))
    await found.send()
    return found


@pytest.fixture
async def approver(registry: Registry) -> Actor:
    association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
    return await add_person(registry.pool, association, Role.APPROVER)


async def ask(
    registry: Registry, actor: Actor, path: str, body: Any = None, data: bytes | None = None
) -> tuple[int, dict[str, Any]]:
    head = {"Authorization": f"Bearer {await token_of(registry.pool, actor)}"}
    if body is None and data is None:
        answer = await registry.http.get(f"/v1/admin/{path}", headers=head)
    else:
        more: dict[str, Any] = {"json": body} if data is None else {"data": data}
        answer = await registry.http.post(f"/v1/admin/{path}", headers=head, **more)
    return answer.status, await answer.json()


async def revoked(registry: Registry, edge: Edge, why: str = "lost") -> None:
    await enrolment.lose_agent(registry.pool, edge.agent, AT)
    await registry.pool.execute("UPDATE agent SET revoked_why = $2 WHERE agent = $1", edge.agent, why)


async def page(registry: Registry, serial: str) -> tuple[str, list[str], str]:
    found = await registry.facts(f"/01/{GTIN}/21/{serial}")
    text = read((await registry.page(f"/01/{GTIN}/21/{serial}"))[1])
    assert [word for word in ACCUSING if word in text.lower()] == []
    return found["status"], [one["kind"] for one in found["reasons"]], text


async def test_a_lost_agent_with_two_thousand_honest_labels(registry: Registry, edge: Edge, approver: Actor) -> None:
    """Stolen, found again, told from its disk: kept and counted, admitted by one person with a reason."""
    honest = edge.serials(2_000)
    for first in range(0, 2_000, 8):
        edge.printed(honest[first : first + 8])
    await revoked(registry, edge)
    await new(edge)
    alarm = (await registry.rows("SELECT detail FROM alarm WHERE kind = 'lost_agent_returned'"))[0]["detail"]
    assert "first told since, being verified: 2000" in alarm
    assert (await page(registry, honest[0]))[:2] == ("being_verified", ["told_after_loss"])
    status, found = await ask(registry, approver, "told-after?rows=3")
    assert (status, found["total"], len(found["rows"])) == (200, 250, 3)
    assert (found["rows"][0]["labels"], found["rows"][0]["why"]) == (8, "told_after_loss")
    assert (await ask(registry, approver, f"told-after/{edge.agent}", {"admitted": True, "reason": "  "}))[0] == 422
    status, found = await ask(
        registry, approver, f"told-after/{edge.agent}", {"admitted": True, "reason": "设备已找回，逐箱核对"}
    )
    assert (status, found) == (200, {"windows": 250, "labels": 2_000})
    assert (await page(registry, honest[-1]))[:2] == ("registered", [])
    assert "lost_agent_returned" not in await registry.alarms()
    audit = (await registry.rows("SELECT act, person, detail FROM audit"))[-1]
    assert (audit["act"], audit["person"]) == ("admit_told", approver.person)
    assert "admitted 2000 labels of 250 windows: 设备已找回，逐箱核对" in audit["detail"]


async def test_a_copied_secret_is_rejected_by_window(registry: Registry, edge: Edge, approver: Actor) -> None:
    """Its own words for the consumer; one window of the honest machine is admitted, the copy's are not."""
    await revoked(registry, edge, "copied")
    own, copied = edge.serials(1), edge.serials(1)
    window = edge.printed(own)
    other = edge.printed(copied)
    await new(edge)
    status, kinds, text = await page(registry, copied[0])
    assert (status, kinds) == ("being_verified", ["told_after_copy"])
    assert "可能已被他人取得" in text and "报失" not in text
    for name, admitted in ((window, True), (other, False)):
        body = {"window": name, "admitted": admitted, "reason": "核对了生产单"}
        assert (await ask(registry, approver, f"told-after/{edge.agent}", body))[0] == 200
    assert (await page(registry, own[0]))[0] == "registered"
    status, kinds, text = await page(registry, copied[0])
    assert (status, kinds) == ("being_verified", ["rejected"])
    assert "未予承认" in text
    assert (await ask(registry, approver, "told-after"))[1]["total"] == 0
    assert (await ask(registry, approver, "told-after?state=rejected"))[1]["rows"][0]["window_id"] == other
    body = {"window": other, "admitted": True, "reason": "复核后更正"}
    assert (await ask(registry, approver, f"told-after/{edge.agent}", body))[0] == 200
    assert (await page(registry, copied[0]))[0] == "registered", "a mistake is corrected by another decision"
    decided = await registry.rows("SELECT admitted FROM told_decision ORDER BY draw, n")
    assert len(decided) == 3, "and both stand"


async def test_a_barred_firms_words_are_its_own(registry: Registry, edge: Edge) -> None:
    await revoked(registry, edge, "barred")
    serials = edge.serials(1)
    edge.printed(serials)
    await new(edge)
    assert (await page(registry, serials[0]))[1] == ["told_after_bar"]


async def test_what_lay_above_its_allotment_stays_there(registry: Registry, edge: Edge, approver: Actor) -> None:
    serials = edge.serials(2_999)
    await revoked(registry, edge)
    edge.printed(serials)
    await new(edge)
    body = {"admitted": True, "reason": "核对了生产单"}
    assert (await ask(registry, approver, f"told-after/{edge.agent}", body))[1]["labels"] == 2_999
    assert (await page(registry, serials[0]))[0] == "registered"
    assert (await page(registry, serials[-1]))[:2] == ("being_verified", ["not_allotted"])


async def test_only_an_approver_of_the_association_decides(registry: Registry, edge: Edge) -> None:
    await revoked(registry, edge)
    edge.printed(edge.serials(1))
    await new(edge)
    firm = await add_party(registry.pool, PartyKind.FIRM, "示例厂")
    body = {"admitted": True, "reason": "是我们的"}
    clerk = await add_person(registry.pool, firm, Role.OFFICER, Role.APPROVER)
    assert (await ask(registry, clerk, f"told-after/{edge.agent}", body))[0] == 403
    assert (await ask(registry, clerk, "told-after"))[1] == {"rows": [], "total": 0}, "nor sees another's"
    await registry.pool.execute("UPDATE agent SET owner = $1", firm)
    await registry.pool.execute("UPDATE quota_key SET firm = $1", firm)
    stranger = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例别会")
    other = await add_person(registry.pool, stranger, Role.APPROVER)
    assert (await ask(registry, other, f"told-after/{edge.agent}", body))[0] == 404


async def test_an_exported_ledger_is_handed_in(registry: Registry, edge: Edge, approver: Actor) -> None:
    """Its PC is broken: what it had not told comes from a file, through the same checks."""
    serials = edge.serials(3)
    edge.printed(serials)
    rows = zip(range(1, len(edge.bodies) + 1), edge.hashes, edge.bodies, strict=True)
    lines = [
        json.dumps({"incarnation": edge.incarnation, "seq": seq, "hash": digest.hex(), "event": json.loads(body)})
        for seq, digest, body in rows
    ]
    path = f"agents/{edge.agent}/ledger"
    status, found = await ask(registry, approver, path, data="\n".join(lines).encode())
    assert (status, found) == (200, {"new": 3, "replay": 2, "conflict": 0})
    assert (await registry.facts(f"/01/{GTIN}/21/{serials[0]}"))["status"] == "registered"
    assert (await ask(registry, approver, path, data="\n".join(lines).encode()))[1]["new"] == 0
    for damaged, words in (
        (lines[1:], "hand in the whole file"),
        (["{}"], "第 1 行"),
        ([lines[0], lines[1].replace("L1", "L2")], "409"),
    ):
        status, found = await ask(registry, approver, path, data="\n".join(damaged).encode())
        assert status in (409, 422) and (words in found["detail"] or words == str(status)), found
    assert len(await registry.states()) == 5


async def test_nobody_tells_in_the_name_of_an_agent_that_only_prints_for_their_firm(
    registry: Registry, edge: Edge, approver: Actor
) -> None:
    """A ledger's chain has no secret: whoever may hand one in can write one."""
    mine = await add_party(registry.pool, PartyKind.FIRM, "示例甲", of=approver.party)
    stranger = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例别会")
    await registry.pool.execute("UPDATE agent SET owner = $1, association = $1", stranger)
    await registry.pool.execute("INSERT INTO agent_firm VALUES ($1, $2, $3)", edge.agent, mine, AT)
    line = {
        "incarnation": edge.incarnation,
        "seq": 1,
        "hash": edge.hashes[0].hex(),
        "event": json.loads(edge.bodies[0]),
    }
    assert (await ask(registry, approver, f"agents/{edge.agent}/ledger", data=json.dumps(line).encode()))[0] == 404
    await registry.pool.execute("UPDATE agent SET association = $1", approver.party)
    assert (await ask(registry, approver, f"agents/{edge.agent}/ledger", data=json.dumps(line).encode()))[0] == 200
