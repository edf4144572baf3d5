"""Addresses are told of stops and alarms: signed, in order within a lot, again for days, never within this network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from central_registry.alarms import AlarmKind, Note, raise_alarm
from central_registry.db import in_transaction, sql
from central_registry.distribution import items
from central_registry.exchange import deliveries, webhooks
from central_registry.exchange.deliveries import KEPT_DAYS, WAITS_S, Answer
from central_registry.http import webhooks as sending
from central_registry.lists import Ask
from central_registry.oversight import notices
from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.problems import ProblemError
from tests.kits.login_kit import House, a_house
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, garment

URL = "https://shop.example.cn/hooks"


@dataclass
class Told:
    """A house with a lot, its clock, and what was sent where; `answers` says how the next tries end."""

    house: House
    key: str
    now: datetime = AT
    sent: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    answers: list[bool] = field(default_factory=list)

    @property
    def pool(self) -> Any:
        return self.house.pool

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self.sent.append((url, headers, body))
        arrived = self.answers.pop(0) if self.answers else True
        return Answer(arrived, "HTTP 200" if arrived else "HTTP 500")

    async def tick(self, **later: float) -> list[str]:
        """What was sent, by its kind."""
        self.now += timedelta(**later)
        before = len(self.sent)
        await deliveries.find(self.pool, self.now)
        await deliveries.send_due(self.pool, self.post, lambda: self.now)
        return [json.loads(body)["type"] for _, _, body in self.sent[before:]]

    async def of(self, party: str) -> Actor:
        return await add_person(self.pool, party, Role.OFFICER, Role.IT)

    async def add(self, party: str) -> webhooks.Added:
        return await webhooks.add(self.pool, await self.of(party), URL, self.now)

    async def stop(self, stopped: bool = True, key: str = "") -> None:
        await notices.suspend(self.pool, key or self.key, stopped, "抽检不合格")


@pytest.fixture
async def told(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Told]:
    monkeypatch.setattr(sending, "LOOK_S", 3_600.0)
    async with a_house() as house:
        yield Told(house, await _lot(house, "L1"))


async def _lot(house: House, lot_no: str) -> str:
    lot = {"kind": "lot", "lot_no": lot_no, "record": garment(lot_no)}
    await in_transaction(house.pool, lambda c: items.put_goods(c, house.firm, [lot], AT))
    return str(await house.pool.fetchval("SELECT quota_key FROM quota_key WHERE lot_no = $1", lot_no))


async def test_a_stop_is_told_once_and_signed(told: Told) -> None:
    told.now = datetime.now(UTC)
    added = await told.add(told.house.firm)
    await told.stop()
    assert await told.tick() == ["goods.suspended"]
    assert await told.tick(days=1) == []
    url, headers, body = told.sent[0]
    said = Webhook(added.secret).verify(body, dict(headers))
    assert (url, said["data"]["firm"], said["data"]["lot_no"]) == (URL, told.house.firm, "L1")
    assert "reason" not in said["data"], "why goods are suspended is nobody else's"
    with pytest.raises(Exception, match="signature"):
        Webhook(added.secret).verify(body.replace(b"L1", b"L2"), dict(headers))


async def test_recall_and_lifting_are_told(told: Told) -> None:
    await told.add(told.house.association)
    await told.stop()
    assert await told.tick() == ["goods.suspended"]
    await told.stop(False)
    assert await told.tick(seconds=2) == ["goods.lifted"]
    await notices.recall(told.pool, told.key, "绳带过长")
    assert await told.tick(seconds=2) == ["goods.recalled"]
    assert json.loads(told.sent[-1][2])["data"]["reason"] == "绳带过长"


async def test_a_new_address_hears_what_stands_and_nothing_that_is_over(told: Told) -> None:
    await told.stop()
    await told.stop(False)
    other = await _lot(told.house, "L2")
    await told.stop(key=other)
    await told.add(told.house.firm)
    assert await told.tick() == ["goods.suspended"]
    assert json.loads(told.sent[0][2])["data"]["lot_no"] == "L2"


async def test_within_a_lot_the_next_waits_for_the_one_before(told: Told) -> None:
    await told.add(told.house.firm)
    other = await _lot(told.house, "L2")
    told.answers = [False]
    await told.stop()
    assert await told.tick() == ["goods.suspended"]
    await told.stop(False)
    await told.stop(key=other)
    assert await told.tick(seconds=1) == ["goods.suspended"], "the other lot's does not wait"
    assert await told.tick(seconds=5) == ["goods.suspended"]
    assert await told.tick(seconds=1) == ["goods.lifted"]
    assert len({headers["webhook-id"] for _, headers, _ in told.sent}) == 3, "a try again has the name it had"


async def test_tried_again_for_days_then_given_up_and_sent_again_by_a_person(told: Told) -> None:
    await told.add(told.house.firm)
    told.answers = [False] * (len(WAITS_S) + 1)
    await told.stop()
    begun = told.now
    assert await told.tick() == ["goods.suspended"]
    for wait_s in WAITS_S:
        assert await told.tick(seconds=wait_s - 1) == []
        assert await told.tick(seconds=1) == ["goods.suspended"]
    assert told.now - begun > timedelta(days=3)
    assert await told.tick(days=9) == []
    person = await told.of(told.house.firm)
    (row,) = (await webhooks.list_messages(told.pool, person, Ask())).rows
    assert (row["state"], row["answer"], row["tries"]) == ("given_up", "HTTP 500", len(WAITS_S) + 1)
    await webhooks.send_again(told.pool, person, row["message"], told.now)
    assert await told.tick() == ["goods.suspended"]
    (row,) = (await webhooks.list_messages(told.pool, person, Ask())).rows
    assert row["state"] == "arrived"


async def test_the_log_is_trimmed_after_its_days_and_nothing_is_told_again(told: Told) -> None:
    await told.add(told.house.firm)
    await told.stop()
    assert await told.tick() == ["goods.suspended"]
    person = await told.of(told.house.firm)
    (row,) = (await webhooks.list_messages(told.pool, person, Ask())).rows
    assert await deliveries.forget_old(told.pool, told.now + timedelta(days=KEPT_DAYS)) == 0
    later = told.now + timedelta(days=KEPT_DAYS, seconds=1)
    assert await deliveries.forget_old(told.pool, later) == 1
    assert await deliveries.forget_old(told.pool, later) == 0
    assert (await webhooks.list_messages(told.pool, person, Ask())).rows == []
    assert await told.pool.fetchval("SELECT body || answer FROM webhook_message") == ""
    with pytest.raises(ProblemError, match="180"):
        await webhooks.send_again(told.pool, person, row["message"], later)
    assert await told.tick(days=KEPT_DAYS + 1) == [], "the stop still stands, and was told"


async def test_what_waits_is_not_trimmed(told: Told) -> None:
    await told.add(told.house.firm)
    told.answers = [False]
    await told.stop()
    await told.tick()
    assert await deliveries.forget_old(told.pool, told.now + timedelta(days=400)) == 0


async def test_who_fell_while_sending_has_it_sent_again(told: Told) -> None:
    await told.add(told.house.firm)
    await told.stop()

    async def falls(*_: Any) -> Answer:
        raise asyncio.CancelledError

    await deliveries.find(told.pool, told.now)
    with pytest.raises(asyncio.CancelledError):
        await deliveries.send_due(told.pool, falls, lambda: told.now)
    assert await told.tick(seconds=deliveries.SENDING_S - 1) == []
    assert await told.tick(seconds=1) == ["goods.suspended"]


async def test_two_senders_do_not_send_one_message_twice(told: Told) -> None:
    await told.add(told.house.firm)
    await told.stop()
    await deliveries.find(told.pool, told.now)
    until = told.now + timedelta(minutes=1)
    async with told.pool.acquire() as one, one.transaction():
        taken = [row async for row in sql.claim_webhook_messages(one, at=told.now, until=until, each=4, most=40)]
        other = asyncio.create_task(deliveries.send_due(told.pool, told.post, lambda: told.now))
        async with asyncio.timeout(10):
            while not other.done() and not await one.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
    assert (len(taken), await other, told.sent) == (1, 0, [])


async def test_only_those_concerned_are_told(told: Told) -> None:
    house, pool = told.house, told.pool
    stranger = await add_party(pool, PartyKind.FIRM, "示例乙服饰", of=house.association)
    shop = await add_party(pool, PartyKind.MARKETPLACE, "示例商城", of=house.association)
    elsewhere = await add_party(pool, PartyKind.ASSOCIATION, "示例乙协会")
    far_shop = await add_party(pool, PartyKind.MARKETPLACE, "示例乙商城", of=elsewhere)
    names = {(await told.add(party)).webhook: party for party in (stranger, shop, elsewhere, far_shop, house.firm)}
    await told.stop()
    await told.tick()
    rows = await pool.fetch("SELECT webhook FROM webhook_message")
    assert {names[row["webhook"]] for row in rows} == {shop, house.firm}


async def test_alarms_of_labels_are_told_to_the_agents_owner(told: Told) -> None:
    pool, at = told.pool, told.now
    await pool.execute(
        "INSERT INTO agent (agent, issuer, created_at, owner) VALUES ('line-1', 'AAA', $1, $2)", at, told.house.firm
    )
    await told.add(told.house.firm)
    for kind in (AlarmKind.FACTS_DIFFER, AlarmKind.OLD_SECRET_SHOWN):
        note = Note(kind, "S1", "grade")
        await in_transaction(pool, lambda c, note=note: raise_alarm(c, "line-1", note, at))
    assert await told.tick() == ["alarm.raised"]
    assert json.loads(told.sent[0][2])["data"]["alarm"] == "facts_differ"
    assert await told.tick(days=1) == []


async def test_an_ended_address_hears_nothing_more(told: Told) -> None:
    added = await told.add(told.house.firm)
    await told.stop()
    await deliveries.find(told.pool, told.now)
    person = await told.of(told.house.firm)
    await webhooks.end(told.pool, person, added.webhook, told.now)
    assert await told.tick(days=1) == []
    (row,) = (await webhooks.list_messages(told.pool, person, Ask())).rows
    with pytest.raises(ProblemError, match="not ended"):
        await webhooks.send_again(told.pool, person, row["message"], told.now)


async def test_nobody_touches_anothers(told: Told) -> None:
    added = await told.add(told.house.firm)
    other = await told.of(told.house.association)
    with pytest.raises(ProblemError, match="one of yours"):
        await webhooks.end(told.pool, other, added.webhook, told.now)
    assert (await webhooks.list_webhooks(told.pool, other, Ask())).total == 0


async def test_ten_addresses_are_enough(told: Told) -> None:
    for _ in range(webhooks.MOST_ADDRESSES):
        await told.add(told.house.firm)
    with pytest.raises(ProblemError, match="at most 10"):
        await told.add(told.house.firm)


async def test_over_http_as_people_do(told: Told) -> None:
    token = await token_of(told.pool, await told.of(told.house.firm))
    status, added = await told.house.ask("POST", "webhooks", token, {"url": URL})
    assert (status, added["secret"][:6]) == (200, "whsec_")
    assert (await told.house.ask("POST", "webhooks", token, {"url": "https://127.0.0.1/"}))[0] == 422
    status, listed = await told.house.ask("GET", "webhooks", token)
    assert "whsec_" not in json.dumps(listed)
    assert (await told.house.ask("POST", f"webhooks/{added['webhook']}/end", token, None))[0] == 200


@pytest.mark.parametrize("found", [["127.0.0.1"], ["10.0.0.1", "93.184.215.14"], ["::ffff:127.0.0.1"], []])
async def test_a_name_that_leads_into_this_network_is_not_followed(found: list[str]) -> None:
    asked = []

    async def look_up(host: str) -> list[str]:
        asked.append(host)
        return found

    async with sending.posting(look_up) as post:
        answer = await post("https://shop.example.cn:8443/", {}, b"{}")
    assert not answer.arrived
    assert "public internet" in answer.said
    assert asked == ["shop.example.cn"], "looked up once, and connected to nothing else"


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    rows = await sending.Public(_one_public).resolve("shop.example.cn", 443)
    assert [(row["hostname"], row["host"]) for row in rows] == [("shop.example.cn", "93.184.215.14")]


async def _one_public(_: str) -> list[str]:
    return ["93.184.215.14"]


async def test_an_address_in_figures_is_not_even_looked_up() -> None:
    async def nobody(_: str) -> list[str]:
        raise AssertionError

    async with sending.posting(nobody) as post:
        for url in ("https://127.0.0.1:8443/", "https://2130706433:8443/", "http://shop.example.cn/"):
            assert "地址不能用" in (await post(url, {}, b"{}")).said
