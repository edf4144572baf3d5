"""What is known of the facts on a label: by which certificate it is judged, and what the consumer reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.central_registry.consumer.test_scan_page import GTIN, read
from tests.central_registry.ingest.test_verdicts import ACCUSING, new
from tests.kits.certificates_kit import (
    FIRM,
    KEY,
    allotted,
    certificate_item,
    certify,
    facts,
    hear_sealed,
    later,
    move,
)
from tests.kits.registry_kit import AT, Edge, Registry, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


@pytest.fixture
async def edge(registry: Registry) -> Edge:
    """An agent with an allotment of the firm's lot."""
    found = (await registry.enrolled()).begin()
    await allotted(registry, found)
    return found


async def told(edge: Edge, count: int = 1) -> list[str]:
    serials = edge.serials(count)
    edge.printed(serials, quota_key=KEY)
    await new(edge)
    return serials


async def page(registry: Registry, serial: str) -> tuple[dict[str, Any], str]:
    found = await registry.facts(f"/01/{GTIN}/21/{serial}")
    text = read((await registry.page(f"/01/{GTIN}/21/{serial}"))[1])
    assert [word for word in ACCUSING if word in text.lower()] == []
    return found, text


async def test_facts_of_a_certificate_are_confirmed(registry: Registry, edge: Edge) -> None:
    await certify(registry, 1, facts())
    await hear_sealed(registry, edge, [certificate_item(1, facts())])
    (serial,) = await told(edge)
    found, text = await page(registry, serial)
    assert found["status"] == "registered"
    assert (found["verdict"]["code"], found["verdict"]["facts"]) == ("registered", "confirmed")
    assert (found["certificate"]["version"], found["certificate"]["since"]) == (1, [])
    assert "与平台批准的证书一致" in text and "示例检测中心" in text and "2026-11-01 – 2027-11-01" in text


async def test_without_a_certificate_the_maker_declares(registry: Registry, edge: Edge) -> None:
    (serial,) = await told(edge)
    found, text = await page(registry, serial)
    assert (found["status"], found["verdict"]["facts"], found["certificate"]) == ("registered", "declared", None)
    assert "等级由生产企业自行声明" in text


@pytest.mark.parametrize("heard", [True, False], ids=["fed", "old agent"])
async def test_a_forged_grade_is_named_and_never_registered(registry: Registry, edge: Edge, heard: bool) -> None:
    """A false agent that knows the certificate, and one of an older release that knows none."""
    certified = facts(overall="AA")
    await certify(registry, 1, certified)
    if heard:
        await hear_sealed(registry, edge, [certificate_item(1, certified)])
    (serial,) = await told(edge)
    found, text = await page(registry, serial)
    assert (found["status"], found["verdict"]["code"], found["verdict"]["facts"]) == (
        "being_verified",
        "registered",
        "differ",
    )
    assert [(one["fact"], one["label"], one["lot"]) for one in found["differences"]] == [("grade", "AAAA", "AA")]
    assert "标签与证书" in text and "证书不同" in text
    assert text.count("AAAA") >= 2, "the paper is shown as it is, and beside the certificate"
    assert "facts_differ" in await registry.alarms()


async def test_a_certificate_amended_between_printing_and_telling_changes_no_verdict(
    registry: Registry, edge: Edge
) -> None:
    """Printed under version 1, told after version 2 stands: judged by 1, and the page says what was amended."""
    await certify(registry, 1, facts())
    await hear_sealed(registry, edge, [certificate_item(1, facts())])
    early = edge.serials(1)
    edge.printed(early, quota_key=KEY)
    amended = facts(overall="AAA")
    await certify(registry, 2, amended, at=later(3))
    await new(edge)
    found, text = await page(registry, early[0])
    assert (found["status"], found["verdict"]["facts"], found["certificate"]["version"]) == (
        "registered",
        "confirmed",
        1,
    )
    assert [one["kind"] for one in found["certificate"]["since"]] == ["amended"]
    assert [(one["fact"], one["then"], one["now"]) for one in found["certificate"]["amended"]] == [
        ("grade", "AAAA", "AAA")
    ]
    assert "证书已更正（2026-11-23）" in text
    await hear_sealed(registry, edge, [certificate_item(2, amended)])
    (late,) = await told(edge)
    assert (await page(registry, late))[0]["verdict"]["facts"] == "differ", "what is printed after it heard of 2"


async def test_an_agent_of_before_is_judged_by_any_version_that_stood(registry: Registry, edge: Edge) -> None:
    await certify(registry, 1, facts())
    await certify(registry, 2, facts(overall="AAA"))
    (serial,) = await told(edge)
    found, _ = await page(registry, serial)
    assert (found["verdict"]["facts"], found["certificate"]["version"]) == ("confirmed", 1)


@pytest.mark.parametrize(("state", "words"), [("withdrawn", "2026-11-24 撤回"), ("suspended", "2026-11-24 起暂停")])
async def test_a_certificate_that_is_stopped_is_told_with_its_day(
    registry: Registry, edge: Edge, state: str, words: str
) -> None:
    await certify(registry, 1, facts())
    await hear_sealed(registry, edge, [certificate_item(1, facts())])
    (serial,) = await told(edge)
    await move(registry, 1, state, later(4))
    found, text = await page(registry, serial)
    assert (found["status"], found["verdict"]["facts"]) == ("registered", "confirmed"), "no verdict changes"
    assert [one["kind"] for one in found["certificate"]["since"]] == [state]
    assert words in text


async def test_what_is_printed_on_a_certificate_heard_to_be_withdrawn_is_named(registry: Registry, edge: Edge) -> None:
    await certify(registry, 1, facts(), state="withdrawn")
    await hear_sealed(registry, edge, [certificate_item(1, facts(), withdrawn=True)])
    (serial,) = await told(edge)
    found, _ = await page(registry, serial)
    assert (found["verdict"]["facts"], found["differences"][0]["fact"]) == ("differ", "certificate")


async def test_only_a_sealed_feed_tells_what_an_agent_knew(registry: Registry, edge: Edge) -> None:
    """Else a false agent would hand itself the certificate that its labels need."""
    await certify(registry, 1, facts(overall="AA"))
    page_ = await edge.get("feed")
    edge.tell("feed_received", cursor=page_["cursor"], epoch=page_["epoch"], items=[certificate_item(1, facts())])
    (serial,) = await told(edge)
    assert (await page(registry, serial))[0]["verdict"]["facts"] == "differ"


async def test_a_label_of_a_firm_that_its_agent_does_not_print_for(registry: Registry, edge: Edge) -> None:
    """Where its agent is known to print for others; one that was there before firms were has no such row."""
    (before,) = await told(edge)
    insert = "INSERT INTO agent_firm VALUES ($1, $2, $3)"
    await registry.pool.execute(insert, edge.agent, "another", AT)
    (other,) = await told(edge)
    await registry.pool.execute(insert, edge.agent, FIRM, AT)
    (own,) = await told(edge)
    verdicts = [(await page(registry, serial))[0]["verdict"]["code"] for serial in (before, other, own)]
    assert verdicts == ["registered", "not_entitled", "registered"]
    assert [one["kind"] for one in (await page(registry, other))[0]["reasons"]] == ["other_firm"]


@pytest.mark.parametrize(
    ("why", "kinds"), [("write_off", ["not_allotted", "written_off"]), ("lease_closed", ["not_allotted"])]
)
async def test_what_went_back_covers_nothing(registry: Registry, edge: Edge, why: str, kinds: list[str]) -> None:
    """Of 100 it told 2; the other 98 go back by its own word or by an approver's, and then it tells 3 more."""
    await hear_sealed(registry, edge, [{"kind": "allotment", "quota_key": KEY, "quantity": 100}])
    await told(edge, 2)
    await allotted(registry, edge, 2)
    silent = AT if why == "write_off" else None
    lease = (
        "INSERT INTO lease (agent, quota_key, until, days, given_at, written_off_at) VALUES ($1, $2, $3, 45, $3, $4)"
    )
    await registry.pool.execute(lease, edge.agent, KEY, AT, silent)
    move = "INSERT INTO allotment_move VALUES ($1, $2, 1, 2, -98, $3, NULL, '', $4, '')"
    await registry.pool.execute(move, edge.agent, KEY, why, AT)
    found, _ = await page(registry, (await told(edge, 3))[0])
    assert (found["status"], found["verdict"]["code"]) == ("being_verified", "not_allotted")
    assert [one["kind"] for one in found["reasons"]] == kinds


async def test_facts_that_come_after_their_label_are_judged_then(registry: Registry, edge: Edge) -> None:
    """By an agent that holds the snapshot back for one batch, a forged grade was the maker's own statement."""
    forged = facts()
    forged["lot"]["grade"]["overall"] = "A"
    await certify(registry, 1, forged)
    await hear_sealed(registry, edge, [certificate_item(1, forged)])
    serials = edge.serials(1)
    edge.printed(serials, quota_key=KEY)
    held, edge.snapshots = edge.snapshots, {}
    await edge.send()
    assert (await registry.facts(f"/01/{GTIN}/21/{serials[0]}"))["verdict"]["facts"] == "declared"
    edge.tell("more")
    edge.snapshots = held
    await edge.send(len(edge.bodies))
    found = await registry.facts(f"/01/{GTIN}/21/{serials[0]}")
    assert (found["status"], found["verdict"]["facts"]) == ("being_verified", "differ")
    assert "facts_differ" in await registry.alarms()


async def test_a_gtin_of_another_firm_or_style_is_named(registry: Registry, edge: Edge) -> None:
    """Whatever the certificate says; whose it is, is not. One that was ever imported with these goods is theirs."""
    await certify(registry, 1, facts())
    await hear_sealed(registry, edge, [certificate_item(1, facts())])
    item = "INSERT INTO trade_item VALUES ($1, $2, $3)"
    await registry.pool.execute(item, GTIN, FIRM, facts()["product"]["style_no"])
    assert (await page(registry, (await told(edge))[0]))[0]["verdict"]["facts"] == "confirmed"
    taken = "UPDATE trade_item SET firm = $1, style_no = $2"
    for firm, style_no in (("91330482MA0000025P", "T-77"), (FIRM, "T-77")):
        await registry.pool.execute(taken, firm, style_no)
        found, text = await page(registry, (await told(edge))[0])
        assert (found["status"], found["verdict"]["facts"]) == ("being_verified", "differ")
        assert [(one["fact"], one["label"]) for one in found["differences"]] == [("gtin", GTIN)]
        assert "属于别的货品" in text and "91330482MA0000025P" not in text and "T-77" not in text
    await registry.pool.execute("UPDATE quota_key SET gtins = $1", [GTIN])
    assert (await page(registry, (await told(edge))[0]))[0]["verdict"]["facts"] == "confirmed"
