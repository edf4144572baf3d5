"""What the ledger says of who acted: a random id, how that is known, the lead who allowed it; who lifts which hold."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from edge_agent.access.people import People, PeopleTerms
from edge_agent.access.roles import Role
from edge_agent.ledger import Ledger
from edge_agent.ledger.values import Report
from edge_agent.model.actor import Actor, Known
from edge_agent.service import audit
from edge_agent.service.agent_service import AgentService
from edge_agent.sync.pump import Pump
from label_protocol.kinds import HoldKind
from tests.edge_agent.access.test_people import _stage
from tests.edge_agent.service.test_service import LOT, ask
from tests.edge_agent.service.test_stopped_lots import client, service
from tests.kits.people_kit import NAMES, PIN, Site, Watch

__all__ = ["client", "service"]


@pytest.fixture
def site(service: AgentService, tmp_path: Path) -> Site:
    parts, watch = service.parts, Watch()
    parts.people = People(parts.catalog, PeopleTerms(path=tmp_path / "people.db"), now_s=watch)
    assert parts.people.store is not None
    found = Site(service, parts.people.store, watch)
    found.hire()
    return found


async def _log_in(client: Any, site: Site, role: Role) -> str:
    """The id of whoever is logged in now."""
    body = {"badge": site.badges[role]} | ({} if role is Role.OPERATOR else {"pin": PIN})
    await ask(client, "POST", "session", 200, body)
    return site.people[role].id


async def _events(service: AgentService) -> list[dict[str, Any]]:
    out = io.StringIO()
    await service.parts.ledger.do(Ledger.export, out)
    return [json.loads(line)["event"] for line in out.getvalue().splitlines()]


async def test_events_name_a_person_by_a_random_id_and_the_name_can_go(
    client: Any, service: AgentService, site: Site
) -> None:
    operator, lead = await _log_in(client, site, Role.OPERATOR), site.people[Role.LEAD].id
    stage = await _stage(client, service)  # its bodies state A01, which nobody is
    await ask(client, "POST", f"jobs/{stage['job']}/pause", 200, {})
    await ask(client, "POST", "scan", 200, {"text": stage["link"]})
    await ask(client, "POST", f"windows/{stage['window']}/settle", 200, {"text": None})
    allow = {"badge": site.badges[Role.LEAD], "pin": PIN, "action": "lift_counter"}
    await ask(client, "POST", "session/lead", 200, allow)
    await ask(client, "POST", "holds/counter_ahead/release", 200, {"reason": "换卷走纸"})
    assert await _log_in(client, site, Role.LEAD) == lead
    answer = {"answer": "another", "reason": "一号机送修"}
    await ask(client, "POST", "printers/p1/answer", 200, answer)
    site.store.leave(operator)
    site.store.forget(operator)
    acts = [one for one in await _events(service) if one.get("operator")]
    by = {one["type"]: (one["operator"], one["known_by"], one.get("allowed_by")) for one in acts}
    assert by == {
        "job_opened": (operator, "badge", None),
        "copies_opened": (operator, "badge", None),
        "job_moved": (operator, "badge", None),
        "label_scanned": (operator, "badge", None),
        "window_settled": (operator, "badge", None),
        "hold_released": (operator, "badge", lead),
        "printer_answered": (lead, "badge_pin", None),
    }
    assert next(one for one in acts if one["type"] == "hold_released")["by"] == "lead"
    told = json.dumps(acts, ensure_ascii=False)
    assert not [name for name in (*NAMES.values(), "A01") if name in told]
    assert (await service.parts.ledger.do(Ledger.verify)).ok, "and rebuilt from its events it is the same"
    assert (await ask(client, "GET", f"labels/{stage['serial']}", 200))["operator"] == operator
    names = {one["id"]: one["name"] for one in (await ask(client, "GET", "people", 200))["people"]}
    assert (names[operator], names[lead]) == ("", NAMES[Role.LEAD])


async def test_a_typed_name_is_recorded_as_stated(client: Any, service: AgentService) -> None:
    stage = await _stage(client, service)
    await ask(client, "POST", f"jobs/{stage['job']}/pause", 200, {"operator": "A01"})
    acts = [one for one in await _events(service) if one.get("operator")]
    assert {(one["operator"], one["known_by"]) for one in acts} == {("A01", "stated")}
    assert not any("allowed_by" in one for one in acts)


async def test_an_order_that_fails_signs_nothing_after_it(service: AgentService) -> None:
    ledger, lead = service.parts.ledger, Actor("p1", Known.BADGE_PIN, "p2")
    with pytest.raises(Exception, match="expected one of this ledger"):
        await ledger.do_as(lead, Ledger.close_alarm, "nobody", "p1", "试一下")
    alarm = await ledger.do(Ledger.raise_alarm, "clock_jumped", None, {})
    await ledger.do(Ledger.close_alarm, alarm, "A01", "试一下")
    assert "known_by" not in (await _events(service))[-1]


HISTORY = ("witness_ahead", "witness_missing", "witness_other", "forked", "registry_ahead")


def test_the_kinds_are_those_there_are() -> None:
    assert {*HISTORY, "counter_ahead", "cloned", "disk_full", "witness_fault", "clock_behind"} == {*HoldKind}


def _registry(service: AgentService, state: str) -> None:
    service.parts.pump = cast("Pump", SimpleNamespace(view=lambda: SimpleNamespace(state=state)))


@pytest.mark.parametrize("kind", HISTORY)
async def test_doubts_about_the_history_are_a_leads_only_while_the_registry_is_away(
    kind: str, client: Any, service: AgentService, site: Site
) -> None:
    await service.parts.ledger.do(Ledger.place_hold, kind, {})
    (hold,) = (await ask(client, "GET", "holds", 200))["holds"]
    assert hold["release"] == "lead"
    path, body = f"holds/{kind}/release", {"reason": "核对过账本和纸"}
    await _log_in(client, site, Role.OPERATOR)
    assert (await ask(client, "POST", path, 403, body))["action"] == "lift_history"
    lead = await _log_in(client, site, Role.LEAD)
    for state in ("online", "refused", "failed"):
        _registry(service, state)
        assert "由平台核对解除" in (await ask(client, "POST", path, 409, body))["detail"], state
    _registry(service, "offline")
    assert (await ask(client, "POST", path, 200, body))["holds"] == []
    last = (await _events(service))[-1]
    assert (last["by"], last["operator"], last["known_by"]) == ("lead", lead, "badge_pin")


async def test_a_lead_goes_on_from_no_ledger_that_does_not_hold_together(
    client: Any, service: AgentService, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def damaged(_ledger: Any) -> Report:
        return Report(events=1, labels=0, incarnations=1, rebuilt=False, findings=("event 7: its hash is another",))

    monkeypatch.setattr(audit, "verify", damaged)
    await service.parts.ledger.do(Ledger.place_hold, "forked", {})
    await _log_in(client, site, Role.LEAD)
    problem = await ask(client, "POST", "holds/forked/release", 500, {"reason": "试一下"})
    assert "event 7" in problem["detail"]
    assert len((await ask(client, "GET", "holds", 200))["holds"]) == 1


async def test_a_clone_is_the_registrys_alone(client: Any, service: AgentService, site: Site) -> None:
    await service.parts.ledger.do(Ledger.place_hold, "cloned", {})
    await _log_in(client, site, Role.LEAD)
    assert (
        "只有中心平台能解除" in (await ask(client, "POST", "holds/cloned/release", 409, {"reason": "试一下"}))["detail"]
    )


async def test_where_nobody_is_named_the_page_lifts_what_it_did(client: Any, service: AgentService) -> None:
    for kind in ("counter_ahead", "forked"):
        await service.parts.ledger.do(Ledger.place_hold, kind, {})
    holds = {one["kind"]: one["release"] for one in (await ask(client, "GET", "holds", 200))["holds"]}
    assert holds == {"counter_ahead": "page", "forked": "command"}
    body = {"operator": "A01", "reason": "换卷走纸"}
    await ask(client, "POST", "holds/counter_ahead/release", 200, body)
    await ask(client, "POST", "holds/forked/release", 409, body)


@pytest.mark.parametrize("before", ["auto", "on"])
async def test_people_are_asked_from_the_first_on_without_a_restart(
    before: str, client: Any, service: AgentService, tmp_path: Path
) -> None:
    terms = PeopleTerms(path=tmp_path / "people.db", always=before == "on")
    service.parts.people = People(service.parts.catalog, terms, now_s=Watch())
    order = {"template": "down_grade_60x40", "printer": "p1", "quantity": 1, "operator": "A01", "lot_no": LOT}
    order |= {"style_no": "YR2026-0801", "size": "175/92A"}
    await ask(client, "POST", "jobs", 201 if before == "auto" else 401, order, "k1")
    assert service.parts.people.store is not None
    service.parts.people.store.add("示例班长", Role.LEAD, None)
    assert (await ask(client, "GET", "session", 200))["asked"] is True
    await ask(client, "POST", "jobs", 401, order, "k2")
