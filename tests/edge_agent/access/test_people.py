"""Who may act, what a name is, and who may lift a hold: at every door, and in the ledger behind them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edge_agent.access.roles import Action
from edge_agent.catalog import Catalog
from edge_agent.ledger import Ledger
from edge_agent.ledger.holds import RELEASE
from edge_agent.model import names
from edge_agent.model.copies import CopiesOrder, CopiesState
from edge_agent.model.job import JobState
from edge_agent.service.agent_service import AgentService
from edge_agent.web.routes import API
from label_protocol.errors import ConflictError, InputError, RecordError
from label_protocol.events import EventType, LabelScanned
from label_protocol.kinds import LineQuestion
from label_protocol.states import Step
from tests.edge_agent.service.test_service import LOT, ask
from tests.edge_agent.service.test_stopped_lots import DOWN, JACKET, client, service
from tests.kits.cli_kit import a_site, run
from tests.kits.ledger_kit import Place, a_job, an_order, doubted, enrolled, link_of, printed, require_sound

__all__ = ["client", "service"]

BAD_NAMES = {
    "huge": "x" * 900_000,
    "long": "x" * 65,
    "NUL": "A\x0001",
    "ESC": "\x1b[31mA01",
    "line break": "A01\nB02",
    "right to left": "A01\u202e10A",
    "zero width": "A\u200b01",
    "half a character": "A\ud80001",
    "filler that leaves no ink": "\u3164",
    "blank of Braille": "\u2800",
    "variation selector": "A01\ufe0f",
    "link": "HTTPS://ID.EXAMPLE.CN/01/06901234567892/21/X",
    "wide link": "HTTPS：／／ID.EXAMPLE.CN/01",
    "blanks": "   ",
}
BAD_REASONS = BAD_NAMES | {"long": "x" * 201}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = enrolled(Place(tmp_path).open())
    yield found
    found.close()


def test_a_name_is_kept_as_it_is_meant() -> None:
    assert names.person("  A01 ", "x") == "A01"
    assert names.person("欧阳娜娜·阿依古丽", "x") == "欧阳娜娜·阿依古丽"
    assert names.person("王\U00031350", "x") == "王\U00031350", "a character newer than this Python's tables"
    assert names.person("Ame\u0301lie", "x") == "Amélie", "NFC"
    assert names.reason("见 https://example.cn/1", "x") == "见 https://example.cn/1"
    assert names.scanned("HTTPS://X/01/1\r\n", "x") == "HTTPS://X/01/1"
    assert names.anybody("  ", "x") == ""


Act = Callable[[Ledger, str, str], object]


def _acts(ledger: Ledger) -> dict[str, Act]:
    """Every way in which words of a person enter the ledger: (operator, reason)."""
    job, other = a_job(ledger), a_job(ledger, printer="p2")
    good, doubt = printed(ledger, job).serials, doubted(ledger, other)
    copies = ledger.open_copies(CopiesOrder("c1", "h", "t", "p1", 3, {"snapshot": 1})).copies_id
    alarm = ledger.raise_alarm("clock_jumped", None, {})
    ledger.place_hold("counter_ahead", {})
    return {
        "job": lambda on, who, _: a_job(on, operator=who),
        "pause": lambda on, who, _: on.move_job(job.job_id, JobState.PAUSED, "x", who),
        "replacement": lambda on, who, _: on.open_replacement(doubt.serials[0], "r1", who),
        "scrap and replace": lambda on, who, why: on.scrap_and_replace(good[0], who, why, "r2"),
        "scan": lambda on, who, _: on.scan(doubt.serials[0], link_of(doubt.serials[0]), who),
        "decide": lambda on, who, why: on.decide(doubt.serials[1], Step.SCRAP, who, why),
        "settle": lambda on, who, _: on.settle_window(doubt.window_id, None, "", who),
        "copies": lambda on, who, _: on.open_copies(CopiesOrder("c2", "h", "t", "p1", 3, {"snapshot": 1}, who)),
        "end copies": lambda on, who, _: on.end_copies(copies, CopiesState.CANCELLED, "x", who),
        "close alarm": lambda on, who, why: on.close_alarm(alarm, who, why),
        "release": lambda on, who, why: on.release_hold("counter_ahead", by="operator", operator=who, reason=why),
    }


NAMELESS = {"job", "pause", "replacement", "copies", "end copies"}
"""The agent itself moves jobs, and a site may ask for no names: empty is taken there."""
GIVE_REASONS = {"scrap and replace", "decide", "close alarm", "release"}


def test_the_ledger_takes_no_name_that_is_none(ledger: Ledger) -> None:
    acts = _acts(ledger)
    head = ledger.head()
    for what, act in acts.items():
        for name, text in BAD_NAMES.items():
            if what in NAMELESS and name == "blanks":
                continue
            with pytest.raises(InputError):
                act(ledger, text, "碳带皱")
        if what in GIVE_REASONS:
            for text in BAD_REASONS.values():
                with pytest.raises(InputError):
                    act(ledger, "A01", text)
    for key in ("", "k" * 201, "k\x00", "键"):
        with pytest.raises(InputError):
            ledger.open_job(an_order(key=key))
    assert ledger.head() == head, "nothing of it was recorded"
    require_sound(ledger)


def test_a_scanned_text_is_bounded_too(ledger: Ledger) -> None:
    serial = doubted(ledger, a_job(ledger)).serials[0]
    for text in (link_of(serial) + "\x00", link_of(serial) + "?" + "x" * 1000):
        with pytest.raises(InputError):
            ledger.scan(serial, text, "A01")
    assert ledger.scan(serial, link_of(serial) + "\r\n", "A01").state == "printed"


def test_what_an_old_ledger_holds_stays_valid(tmp_path: Path) -> None:
    """Before this was asked, anything was taken: such events are never judged again."""
    place = Place(tmp_path)
    ledger = enrolled(place.open())
    serial, window = doubted(ledger, a_job(ledger)).serials[0], "\x1b" * 9_000 + "\x00"
    scan = LabelScanned(type=EventType.LABEL_SCANNED, serial=serial, text="HTTPS://X", operator=window, step="scan")
    with ledger._commit(EventType.LABEL_SCANNED) as log:
        log.append(scan)
    require_sound(ledger)
    ledger.close()
    ledger = place.open()
    assert ledger.label(serial).operator == window
    require_sound(ledger)
    ledger.close()


# --- holds ------------------------------------------------------------------------------------------------------------


def test_who_lifts_which_hold(ledger: Ledger) -> None:
    for kind, who in [*RELEASE.items(), ("of_a_later_version", "registry")]:
        ledger.place_hold(kind, {})
        assert {hold["kind"]: hold["release"] for hold in ledger.holds()}[kind] == who
        for by, may in (("operator", who == "page"), ("command", who != "registry")):
            if may:
                ledger.release_hold(kind, by=by, operator="A01", reason="已核对")
                ledger.place_hold(kind, {})
                continue
            with pytest.raises(ConflictError, match=r"hold release|只有中心平台能解除"):
                ledger.release_hold(kind, by=by, operator="A01", reason="已核对")
        ledger.release_hold(kind, by="registry", reason="asked")
    assert RELEASE["cloned"] == "registry"
    assert {who for kind, who in RELEASE.items() if kind.startswith("witness_") or kind == "forked"} == {"command"}
    assert ledger.holds() == ()


def test_an_enrolment_ends_the_hold_of_a_clone(ledger: Ledger) -> None:
    ledger.place_hold("cloned", {})
    ledger.place_hold("witness_ahead", {})
    ledger.enrol("agent-1", "ABC", "epoch-1", "http://registry.example")
    assert [hold["kind"] for hold in ledger.holds()] == ["witness_ahead"]
    require_sound(ledger)


async def test_the_page_lifts_no_hold_that_is_not_its_own(client: Any, service: AgentService) -> None:
    for kind in ("cloned", "witness_ahead", "forked", "counter_ahead"):
        await service.parts.ledger.do(Ledger.place_hold, kind, {})
    body = {"operator": "A01", "reason": "急"}
    assert "只有中心平台" in (await ask(client, "POST", "holds/cloned/release", 409, body))["detail"]
    for kind in ("witness_ahead", "forked"):
        assert "edge-agent hold release" in (await ask(client, "POST", f"holds/{kind}/release", 409, body))["detail"]
    holds = (await ask(client, "POST", "holds/counter_ahead/release", 200, body))["holds"]
    assert {one["kind"]: one["release"] for one in holds} == {
        "cloned": "registry",
        "witness_ahead": "command",
        "forked": "command",
    }


def test_the_command_lifts_a_witness_hold_while_the_agent_is_stopped(tmp_path: Path) -> None:
    site = a_site(tmp_path)
    ledger = enrolled(Place(tmp_path).open(witness=tmp_path / "witness" / "witness"))
    place = tmp_path / "ledger"
    ledger.close()
    place.mkdir(exist_ok=True)
    (tmp_path / "data" / "ledger.db").rename(place / "ledger.db")
    (tmp_path / "witness" / "witness").unlink()
    catalog = Catalog.open(tmp_path / "catalogue" / "catalogue.json")
    catalog.operators.put({"code": "IT1", "name": "技术员"})
    why = ("--config", site, "--reason", "已和平台核对")
    refused = run("hold", "release", "witness_missing", "--operator", "A01", *why)
    assert "expected an operator of the catalogue (IT1)" in refused.refusal
    assert run("hold", "release", "witness_missing", "--operator", "IT1", *why).code == 0
    assert "expected one in force" in run("hold", "release", "witness_missing", "--operator", "IT1", *why).refusal


# --- the doors --------------------------------------------------------------------------------------------------------

WHO = {"operator": "A01"}
WHY = {**WHO, "reason": "碳带皱"}
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "job": ("jobs", {**DOWN, **JACKET, "lot_no": LOT}),
    "copies": ("copies", {"template": "wash_care_30", "printer": "p1", "count": 1, **JACKET, **WHO}),
    "pause": ("jobs/{job}/pause", WHO),
    "resume": ("jobs/{job}/resume", WHO),
    "cancel": ("jobs/{job}/cancel", WHO),
    "cancel copies": ("copies/{copies}/cancel", WHO),
    "scan": ("scan", {"text": "{link}", **WHO}),
    "scan this": ("labels/{serial}/scan", {"text": "{link}", **WHO}),
    "scrap": ("labels/{serial}/scrap", WHY),
    "invalidate": ("labels/{serial}/invalidate", WHY),
    "replace": ("labels/{serial}/replace", WHY),
    "settle": ("windows/{window}/settle", {"text": None, **WHO}),
    "release": ("holds/counter_ahead/release", WHY),
    "close alarm": ("alarms/{alarm}/close", WHY),
    "test label": ("printers/p1/test", WHO),
    "calibrate": ("printers/p1/calibrate", WHO),
    "missing": ("missing", {"lot": LOT, "missing": 1, **WHO}),
    "answer": ("printers/p1/answer", {**WHY, "answer": "another"}),
    "open carton": ("cartons", WHO),
    "pack": ("cartons/{carton}/items", {"text": "{link}", **WHO}),
    "take out": ("cartons/{carton}/take-out", {"text": "{link}", **WHO}),
    "close carton": ("cartons/{carton}/close", {"count": 1, **WHO}),
    "open carton again": ("cartons/{carton}/reopen", WHY),
    "carton label": ("cartons/{carton}/label", {"printer": "p1", **WHO}),
    "print an order": ("work-orders/{order}/print", {"part": 1, "printer": "p1", **WHO}),
    "put an order back": ("work-orders/{order}/put-back", WHO),
    "close an order": ("work-orders/{order}/close", WHY),
    "sign a rule": (
        "intake/rules",
        {"source": "erp", "quantity_most": 5, "daily_most": 9, "until": "2026-12-01", **WHO},
    ),
    "end a rule": ("intake/rules/{rule}/end", WHO),
    "approve a form": ("approvals/template/mine/approve", {"sha256": "0" * 64, **WHO}),
    "reject a form": ("approvals/template/mine/reject", {"sha256": "0" * 64, **WHY}),
}


async def test_nobody_names_himself_over_the_api(client: Any, service: AgentService) -> None:
    """Who may add a name may act under it. The first names may come so: until then anybody acts."""
    body = '{"operators": [{"code": "B02", "name": "示例来人"}]}'
    said = []
    for kind, data in (
        ("text/csv", "工号,姓名\nB02,示例操作员\n"),
        ("text/csv", "工号,姓名\nA09,示例来人\n"),
        ("application/json", body),
    ):
        headers = {"Content-Type": kind}
        async with client.post(f"{API}/catalogue/import", data=data.encode(), headers=headers) as answer:
            said.append((answer.status, await answer.text()))
    assert [status for status, _ in said] == [200, 409, 409]
    assert "edge-agent catalog import" in said[1][1]
    assert [(one.code, one.name) for one in service.parts.catalog.operators.list()] == [("B02", "示例操作员")]
    service.parts.catalog.import_json(body.encode())
    assert [one.name for one in service.parts.catalog.operators.list()] == ["示例来人"]


def test_every_route_that_takes_an_operator_is_asked_here() -> None:
    from edge_agent.web.routes import ROUTES

    taking = {
        route.path.removeprefix(f"{API}/")
        for route in ROUTES
        if isinstance(route.body, type) and "operator" in route.body.model_fields
    }
    named = {"job": "job_id", "copies": "copies_id", "window": "window_id", "serial": "serial", "alarm": "alarm"}
    named |= {"order": "order_id", "rule": "rule_id", "carton": "carton"}
    asked = {path.format(**{short: f"{{{name}}}" for short, name in named.items()}) for path, _ in ACTS.values()}
    asked = {path.replace("counter_ahead", "{kind}").replace("s/p1/", "s/{printer_id}/") for path in asked}
    asked = {path.replace("template/mine/", "{kind}/{name}/") for path in asked}
    assert asked == taking


async def _stage(client: Any, service: AgentService) -> dict[str, str]:
    job = await ask(client, "POST", "jobs", 201, {**DOWN, **JACKET, "lot_no": LOT, "quantity": 4}, "stage-1")
    copies = await ask(client, "POST", "copies", 202, ACTS["copies"][1], "stage-2")
    window = await service.parts.ledger.do(Ledger.begin_window, job["job_id"], limit=2)
    await service.parts.ledger.do(Ledger.doubt_window, window.window_id, "silence")
    await service.parts.ledger.do(Ledger.place_hold, "counter_ahead", {})
    alarm = await service.parts.ledger.do(Ledger.raise_alarm, "clock_jumped", None, {})
    await service.parts.ledger.do(Ledger.question_printer, "p1", LineQuestion.COUNT_BACK, None, 8, 3)
    serial = window.serials[0]
    link = f"https://ID.EXAMPLE.CN/01/06901234567892/10/{LOT}/21/{serial}"
    found = {"job": job["job_id"], "copies": copies["copies_id"], "window": window.window_id}
    return found | {
        "alarm": alarm,
        "serial": serial,
        "link": link,
        "order": "0f3a92c1d45e6b78",
        "rule": "0f3a92c1",
        "carton": "nobody",
    }


async def test_where_the_catalogue_names_operators_nobody_else_acts(client: Any, service: AgentService) -> None:
    stage = await _stage(client, service)
    service.parts.catalog.operators.put({"code": "B02", "name": "示例操作员"})
    assert (await ask(client, "GET", "catalogue", 200))["operators_only"] is True
    head = await service.parts.ledger.do(Ledger.head)
    for number, (path, body) in enumerate(ACTS.values()):
        body = body | ({"text": stage["link"]} if body.get("text") else {})
        problem = await ask(client, "POST", path.format(**stage), 422, body, f"key-{number}")
        assert "操作员 A01 不在资料里" in problem["detail"], path
        assert "(B02)" in problem["detail"], path
    assert await service.parts.ledger.do(Ledger.head) == head
    body = {"text": stage["link"], "operator": "B02"}
    assert (await ask(client, "POST", "scan", 200, body))["operator"] == "B02"


def _refusal(text: str) -> int:
    """Half a character is no JSON at all."""
    return 400 if "\ud800" in text else 422


async def test_no_door_takes_a_name_that_is_none(client: Any, service: AgentService) -> None:
    stage = await _stage(client, service)
    head = await service.parts.ledger.do(Ledger.head)
    for number, (path, body) in enumerate(ACTS.values()):
        body = body | ({"text": stage["link"]} if body.get("text") else {})
        for name, text in BAD_NAMES.items():
            if name == "blanks" and path.startswith("printers/"):
                continue  # nothing of it is recorded: nobody need be named where nobody is
            problem = await ask(
                client, "POST", path.format(**stage), _refusal(text), body | {"operator": text}, f"k-{number}"
            )
            assert len(problem["detail"]) < 600, name
        for text in BAD_REASONS.values() if "reason" in body else ():
            await ask(client, "POST", path.format(**stage), _refusal(text), body | {"reason": text}, f"k-{number}")
    assert await service.parts.ledger.do(Ledger.head) == head


async def test_a_scan_does_not_wait_for_the_catalogue_to_be_read_again(
    service: AgentService, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.parts.catalog.operators.put({"code": "B02", "name": "示例操作员"})
    assert (await service.parts.people.actor("B02", Action.SCAN, "scan")).operator == "B02"
    monkeypatch.setattr(service.parts.catalog.operators, "list", lambda: pytest.fail("read again"))
    assert (await service.parts.people.actor(" B02 ", Action.SCAN, "scan")).operator == "B02"
    monkeypatch.undo()
    service.parts.catalog.operators.put({"code": "C03", "name": "示例操作员二"})
    assert (await service.parts.people.actor("C03", Action.SCAN, "scan")).operator == "C03"


async def test_a_site_that_names_people_lets_nobody_act_nameless(client: Any, service: AgentService) -> None:
    stage = await _stage(client, service)
    service.parts.people.terms = replace(service.parts.people.terms, operator_required=False)
    await ask(client, "POST", f"jobs/{stage['job']}/pause", 200, {})
    service.parts.catalog.operators.put({"code": "B02", "name": "示例操作员"})
    assert "got none" in (await ask(client, "POST", f"jobs/{stage['job']}/resume", 422, {}))["detail"]


@pytest.mark.parametrize("name", ["x" * 65, "https://example.cn/A"])
def test_the_catalogue_takes_no_operator_whose_name_is_none(tmp_path: Path, name: str) -> None:
    catalog = Catalog.open(tmp_path / "catalogue.json")
    with pytest.raises(InputError):
        catalog.operators.put({"code": "A01", "name": name})
    with pytest.raises(InputError):
        catalog.import_sheet(f"工号,姓名\nA01,{name}\n".encode())
    with pytest.raises((InputError, RecordError)):
        catalog.import_json(b'{"operators": [{"code": "A01", "name": "A\\u0000"}]}')
    assert catalog.operators.list() == ()
