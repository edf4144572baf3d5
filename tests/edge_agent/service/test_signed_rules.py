"""Rules that leads sign: what they let print, in whose name, and that they lift nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_agent.access.asking import Who
from edge_agent.access.people import People, PeopleTerms
from edge_agent.access.roles import Role, Scope
from edge_agent.errors import NotFoundError
from edge_agent.ledger import Ledger
from edge_agent.model.actor import Actor, Known
from edge_agent.model.work_order import OrderState, Rule, RuleTerms
from edge_agent.service.agent_service import AgentService
from edge_agent.service.signed_rules import SignedRules
from edge_agent.service.work_orders import OrderView
from label_protocol.errors import ConflictError, InputError, RecordError
from tests.kits.intake_kit import ERP, LOT, SHEETS, intake_service
from tests.kits.people_kit import NAMES, PIN, Page, Site, Watch, a_page

TODAY = "2026-11-20"
ROW: dict[str, Any] = {
    "order_no": "MO-1", "style_no": "YR2026-0801", "size": "175/92A", "quantity": 40, "lot_no": LOT,
    "template": "down_grade_60x40", "printer": "p1",
}  # fmt: skip


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with intake_service(tmp_path) as service:
        service.intake._today = service.rules._today = service.work_orders._today = lambda: TODAY
        yield service


async def sign(rules: SignedRules, who: Who = "班长一", **more: Any) -> Rule:
    terms = {
        "source": "erp",
        "styles": (),
        "quantity_most": 100,
        "daily_most": 200,
        "printer": "",
        "until": "2026-12-31",
    }
    return await rules.sign(RuleTerms(**terms | more), who)


async def sent(service: AgentService, *rows: dict[str, Any]) -> list[OrderView]:
    """The orders as they stand once the rules were asked."""
    answer = await service.intake.take_rows(rows[0]["order_no"], ERP, list(rows))
    await service.rules.try_all()
    return [await service.work_orders.find(row["order_id"]) for row in answer["rows"]]


async def opened(service: AgentService) -> list[dict[str, Any]]:
    """The jobs that were ordered, as the ledger tells them."""
    head = await service.parts.ledger.do(Ledger.head)
    stored = await service.parts.ledger.do(Ledger.events, head.incarnation)
    return [one for row in stored if (one := json.loads(row.body))["type"] == "job_opened"]


async def test_a_job_under_a_rule_names_who_signed_and_which_source(service: AgentService) -> None:
    rule = await sign(service.rules)
    (view,) = await sent(service, ROW)
    assert (view.state, view.given, view.order.note) == (OrderState.PRINTING, 40, "")
    (event,) = await opened(service)
    assert event["operator"] == "班长一"
    assert event["work_order"] == {
        "source": "erp", "order_no": "MO-1", "line": "1", "part": 1, "rule": rule.rule_id,
    }  # fmt: skip
    assert await service.rules.try_all() == 0  # once


async def test_rules_are_asked_when_something_has_changed(service: AgentService) -> None:
    await sign(service.rules)
    asking = asyncio.create_task(service.rules.run())
    try:
        answer = await service.intake.take_rows("f1", ERP, [ROW])
        async with asyncio.timeout(20):
            while not (await service.work_orders.find(answer["rows"][0]["order_id"])).jobs:
                await service.parts.changes.wait(service.parts.changes.count, 0.1)
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


async def test_without_a_rule_an_order_waits_and_says_so(service: AgentService) -> None:
    (view,) = await sent(service, ROW)
    assert view.state is OrderState.WAITING and "没有班长签过规则" in view.order.note
    await sign(service.rules)  # counts for orders that come after it
    await service.rules.try_all()
    assert (await service.work_orders.find(view.order.order_id)).state is OrderState.WAITING


@pytest.mark.parametrize(
    ("rule", "row", "said"),
    [
        ({"styles": ("F1",)}, {}, "不含款号 YR2026-0801"),
        ({"quantity_most": 39}, {}, "最多 39 张，这样是 40 张"),
        ({"daily_most": 39}, {}, "最多 39 张，这样是 40 张"),
        ({}, {"printer": ""}, "没有写打印机"),
        ({"until": TODAY}, {"order_no": "tomorrow"}, "已经结束"),
    ],
    ids=["styles", "order", "day", "printer", "over"],
)
async def test_what_a_rule_does_not_cover_waits_for_a_person(
    service: AgentService, rule: dict[str, Any], row: dict[str, Any], said: str
) -> None:
    await sign(service.rules, **rule)
    if row.get("order_no") == "tomorrow":
        service.rules._today = lambda: "2026-11-21"
    (view,) = await sent(service, ROW | row)
    assert view.state is OrderState.WAITING and said in view.order.note and " · " in view.order.note


async def test_a_rule_counts_what_it_let_through_in_a_day(service: AgentService) -> None:
    await sign(service.rules, daily_most=100)
    views = await sent(service, *(ROW | {"order_no": f"MO-{at}"} for at in range(3)))
    assert [view.state for view in views] == [OrderState.PRINTING, OrderState.PRINTING, OrderState.WAITING]
    service.rules._today = service.work_orders._today = lambda: "2026-11-21"
    (view,) = await sent(service, ROW | {"order_no": "MO-9"})
    assert view.state is OrderState.PRINTING


async def test_a_rule_lifts_no_check(service: AgentService) -> None:
    """What a person could not order, a rule cannot: the size is none of the style, the lot is unknown."""
    await sign(service.rules)
    rows = [ROW | {"size": "999"}, ROW | {"order_no": "MO-2", "lot_no": "L404"}]
    views = await sent(service, *rows)
    assert [view.state for view in views] == [OrderState.WAITING] * 2
    assert "999" in views[0].order.note and "L404" in views[1].order.note
    assert not await service.jobs.recent()


async def test_a_lead_who_may_not_act_any_more_lets_nothing_print(service: AgentService) -> None:
    await sign(service.rules)
    service.parts.catalog.operators.put({"code": "B02", "name": "示例操作员"})
    (view,) = await sent(service, ROW)
    assert view.state is OrderState.WAITING and "班长一 不在资料里" in view.order.note


async def test_a_rule_that_was_ended_holds_no_more_and_stays_on_record(service: AgentService) -> None:
    rule = await sign(service.rules)
    ended = await service.rules.end(rule.rule_id, "班长二")
    assert (ended.signed_by, ended.ended_by) == ("班长一", "班长二")
    assert await service.rules.end(rule.rule_id, "班长三") == ended
    (view,) = await sent(service, ROW)
    assert view.state is OrderState.WAITING
    assert [one.rule_id for one in await service.rules.all()] == [rule.rule_id]
    with pytest.raises(NotFoundError):
        await service.rules.end("nobody", "班长二")


async def test_a_site_that_takes_its_leave_back_takes_it_from_signed_rules(service: AgentService) -> None:
    await sign(service.rules)
    service.parts.sources = (replace(ERP, signable=False),)
    (view,) = await sent(service, ROW)
    assert view.state is OrderState.WAITING


@pytest.mark.parametrize(
    ("source", "more", "error"),
    [
        ("nobody", {}, NotFoundError),
        (SHEETS.source_id, {}, ConflictError),
        ("erp", {"until": "2026-11-19"}, InputError),
        ("erp", {"until": "2028-01-01"}, InputError),
        ("erp", {"until": "2026-02-30"}, InputError),
        ("erp", {"printer": "p9"}, NotFoundError),
        ("erp", {"operator": ""}, RecordError),
    ],
)
async def test_what_cannot_be_signed_is_refused(
    service: AgentService, source: str, more: dict[str, Any], error: type[Exception]
) -> None:
    operator = more.get("operator", "班长一")
    terms = {"source": source, "until": TODAY} | {name: value for name, value in more.items() if name != "operator"}
    with pytest.raises(error):
        await sign(service.rules, operator, **terms)
    assert await service.rules.all() == []


async def test_a_kill_between_the_job_and_its_note_prints_nothing_twice(service: AgentService) -> None:
    await sign(service.rules)
    (view,) = await sent(service, ROW)
    with service.parts.work_orders._store.change() as db:
        db.execute("UPDATE work_order SET tried = 0")
        db.execute("UPDATE part SET job_id = NULL")
    await service.rules.try_all()
    assert len(await service.jobs.recent()) == 1
    assert (await service.work_orders.find(view.order.order_id)).given == 40


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """The same, of a site that named its people."""
    async with intake_service(tmp_path) as service:
        parts = service.parts
        parts.people = People(parts.catalog, PeopleTerms(path=tmp_path / "people.db"))
        assert parts.people.store is not None
        site = Site(service, parts.people.store, Watch())
        site.hire()
        service.intake._today = service.rules._today = service.work_orders._today = lambda: TODAY
        yield site


async def by_badge(page: Page, site: Site, role: Role) -> str:
    return await page.log_in(site.badges[role], None if role is Role.OPERATOR else PIN)


RULE = {"source": "erp", "quantity_most": 100, "daily_most": 200, "until": "2026-12-31"}


async def test_a_lead_alone_signs_and_the_job_says_that_it_was_by_badge_and_pin(site: Site) -> None:
    async with a_page(site.service) as page:
        cookie = await by_badge(page, site, Role.OPERATOR)
        assert (await page.ask("POST", "intake/rules", RULE, cookie=cookie))[1]["type"] == "/problems/leadneeded"
        cookie = await by_badge(page, site, Role.LEAD)
        status, rule, _ = await page.ask("POST", "intake/rules", RULE, cookie=cookie)
    lead = site.people[Role.LEAD].id
    assert (status, rule["signed_by"], rule["signed_known"]) == (200, lead, "badge_pin")
    (view,) = await sent(site.service, ROW)
    assert view.state is OrderState.PRINTING
    (event,) = await opened(site.service)
    assert (event["operator"], event["known_by"], event["work_order"]["rule"]) == (lead, "badge_pin", rule["rule_id"])


async def test_the_word_of_a_lead_who_left_counts_no_longer(site: Site) -> None:
    lead = site.people[Role.LEAD]
    site.add(Role.LEAD, "示例班长二", None)
    terms = RuleTerms("erp", (), 100, 200, "", "2026-12-31")
    site.service.parts.work_orders.rules.sign(terms, Actor(lead.id, Known.BADGE_PIN))
    site.store.leave(lead.id)
    (view,) = await sent(site.service, ROW)
    assert view.state is OrderState.WAITING and lead.id in view.order.note


@pytest.mark.parametrize("signer", [NAMES[Role.LEAD], "somebody"])
async def test_a_name_that_was_only_stated_signs_nothing_once_people_are_asked(site: Site, signer: str) -> None:
    """Even if a lead of that name works here now: nobody showed a badge for it."""
    terms = RuleTerms("erp", (), 100, 200, "", "2026-12-31")
    site.service.parts.work_orders.rules.sign(terms, Actor(signer))
    (view,) = await sent(site.service, ROW)
    assert view.state is OrderState.WAITING and await opened(site.service) == []


async def test_a_programs_token_for_work_orders_prints_and_signs_nothing(site: Site) -> None:
    token = site.tokens[Scope.WORK_ORDERS]
    async with a_page(site.service) as page:
        body = {"source": "mes", "orders": [ROW]}
        assert (await page.ask("POST", "work-orders", body))[0] == 401
        status, answer, _ = await page.ask("POST", "work-orders", body, token=token)
        order_id = answer["rows"][0]["order_id"]
        acts = {f"work-orders/{order_id}/print": {"part": 1}, f"work-orders/{order_id}/close": {"reason": "x"}}
        acts |= {"intake/rules": RULE, "jobs": {"quantity": 1}}
        keyed = {"Idempotency_Key": "k-1"}
        refused = [(await page.ask("POST", path, told, token=token, **keyed))[0] for path, told in acts.items()]
    assert (status, answer["taken"]) == (200, 1)
    assert refused[:3] == [403] * 3 and refused[3] in (403, 422)
    assert not await site.service.jobs.recent()


async def test_who_is_logged_in_prints_an_order_and_not_the_name_that_stands_in_the_request(site: Site) -> None:
    (view,) = await sent(site.service, ROW)
    path = f"work-orders/{view.order.order_id}"
    async with a_page(site.service) as page:
        cookie = await by_badge(page, site, Role.OPERATOR)
        asked = {"part": 1, "quantity": 8, "operator": "somebody else"}
        status, job, _ = await page.ask("POST", f"{path}/print", asked, cookie=cookie)
        again = await page.ask("POST", f"{path}/print", asked, cookie=cookie)
        back, order, _ = await page.ask("POST", f"{path}/put-back", {}, cookie=cookie)
    operator = site.people[Role.OPERATOR].id
    assert (status, back, again[1]["job_id"]) == (201, 200, job["job_id"])
    assert [part["operator"] for part in order["parts"]] == [operator]
    (event,) = await opened(site.service)
    assert (event["operator"], event["known_by"]) == (operator, "badge")
