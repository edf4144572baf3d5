"""Every endpoint × everybody who may ask × where the request comes from, and the page that shows who may what."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from edge_agent.access.roles import ROLES, TABLE, Action, Role, Scope
from edge_agent.ledger import Ledger
from edge_agent.web.acts import ACTS, LOGS_IN
from edge_agent.web.console.pages import ACTIONS
from edge_agent.web.routes import API, ROUTES, Route
from tests.kits.people_kit import PIN, Page, Site, a_page, a_site
from tools.docs import people as pages

ROOT = Path(__file__).resolve().parents[3]

MAY = """
POST /jobs                            operator lead      local orders
POST /jobs/{job_id}/pause             operator lead      local orders
POST /jobs/{job_id}/resume            operator lead      local orders
POST /jobs/{job_id}/cancel            operator lead      local orders
POST /copies                          operator lead      local orders
POST /copies/{copies_id}/cancel       operator lead      local orders
POST /work-orders                     operator lead it   local work_orders
POST /work-orders/sheet               operator lead it   local work_orders
POST /work-orders/{order_id}/print    operator lead      local orders
POST /work-orders/{order_id}/put-back operator lead      local orders
POST /work-orders/{order_id}/close    operator lead      local orders
POST /intake/rules                             lead
POST /intake/rules/{rule_id}/end               lead
POST /approvals/{kind}/{name}/approve          lead
POST /approvals/{kind}/{name}/reject           lead
POST /labels/{serial}/scan            operator lead      local scans
POST /labels/{serial}/scrap           operator lead      local
POST /labels/{serial}/invalidate      operator lead      local
POST /labels/{serial}/replace         operator lead      local
POST /scan                            operator lead      local scans
POST /missing                         operator lead      local orders
POST /windows/{window_id}/settle      operator lead      local scans
POST /cartons                         operator lead      local scans
POST /cartons/{carton}/items          operator lead      local scans
POST /cartons/{carton}/take-out       operator lead      local scans
POST /cartons/{carton}/close          operator lead      local scans
POST /cartons/{carton}/reopen         operator lead      local scans
POST /cartons/{carton}/label          operator lead      local orders
POST /catalogue/import                         lead it   local catalogue
POST /printers/{printer_id}/test      operator lead it   local
POST /printers/{printer_id}/calibrate operator lead it   local
POST /printers/{printer_id}/answer             lead
POST /people/{person_id}/badge                 lead      local
POST /sync/now                        operator lead it   local orders
POST /holds/{kind}/release                     lead
POST /alarms/{alarm}/close                     lead it
POST /ledger/verify                            lead it   local books
POST /ledger/backup                            lead it   local books
POST /ledger/copy                                   it   local
GET  /people                          operator lead it   local
"""
"""Who may send what, by the issue and what is done on a line; read from no code. What is not here looks only."""

LOOKS = {"POST /scanned"}
"""Says what a code is and does nothing: a badge is scanned by whoever is nobody yet."""
LOG_IN = {"POST /session", "DELETE /session", "POST /session/lead"}

BODIES: dict[str, Any] = {
    "JobBody": {"template": "down_grade_60x40", "printer": "nobody", "quantity": 1, "style_no": "S", "size": "M"},
    "CopiesBody": {"template": "wash_40x60", "printer": "nobody", "count": 1, "style_no": "S", "size": "M"},
    "OperatorBody": {},
    "ScannedBody": {"text": "x"},
    "DecisionBody": {"reason": "试一下"},
    "AnswerBody": {"reason": "试一下", "answer": "another"},
    "PartBody": {"part": 1, "printer": "nobody"},
    "OrdersBody": {"source": "nobody", "orders": []},
    "RuleBody": {"source": "nobody", "quantity_most": 1, "daily_most": 1, "until": "2026-12-01"},
    "ApproveBody": {"sha256": "0" * 64},
    "RejectBody": {"sha256": "0" * 64, "reason": "试一下"},
    "ScanBody": {"text": "x"},
    "SettleBody": {"text": None},
    "GarmentInHandBody": {"text": "x"},
    "PackBody": {"text": "x"},
    "CloseCartonBody": {"count": 1},
    "CartonLabelBody": {"printer": "nobody"},
    "MissingBody": {"lot": "L1", "missing": 1},
    "BadgeBody": {"printer": "nobody"},
    "LogInBody": {"badge": "x"},
    "LeadBody": {"badge": "x", "action": "answer"},
}

EVERYBODY = ("nobody", *Role, *Scope)
ORIGINS = {"own page": True, "program": True, "other site": False, "other port": False, "rebound": False}


def _expected() -> dict[str, set[str]]:
    rows = [line.split() for line in MAY.strip().splitlines()]
    return {f"{method} {path}": set(who) for method, path, *who in rows}


def _name(route: Route) -> str:
    return f"{route.method} {route.path.removeprefix(API)}"


def test_a_route_without_a_row_fails() -> None:
    """Whoever adds a route that does something says here who may, and in `web/acts.py` what it is."""
    expected = _expected()
    does = {_name(route) for route in ROUTES if route.method != "GET"} | {"GET /people"}
    assert does == {*expected} | LOG_IN | LOOKS
    assert {f"{method} {path.removeprefix(API)}" for method, path in ACTS} == {*expected}
    assert {f"{method} {path.removeprefix(API)}" for method, path in LOGS_IN} == LOG_IN


def test_the_table_has_every_action_once_and_each_is_asked_somewhere() -> None:
    assert {*TABLE} == {*Action} and {*ROLES} == {*Role}
    source = "".join(one.read_text("utf-8") for one in (ROOT / "edge_agent" / "service").glob("*.py"))
    source += (ROOT / "edge_agent" / "access" / "roles.py").read_text("utf-8").partition("HOLDS")[2]
    assert [one for one in Action if f"Action.{one.name}" not in source] == []


async def _shown(who: str, site: Site, page: Page) -> dict[str, str]:
    """What a request of theirs shows."""
    if who in list(Scope):
        return {"token": site.tokens[Scope(who)]}
    if who not in list(Role):
        return {}
    role = Role(who)
    return {"cookie": await page.log_in(site.badges[role], None if role is Role.OPERATOR else PIN)}


def _origin(name: str, page: Page) -> dict[str, str]:
    port = int(page.base.rpartition(":")[2])
    return {
        "own page": {"Origin": page.base, "Sec_Fetch_Site": "same-origin"},
        "program": {},
        "other site": {"Origin": "https://evil.example", "Sec_Fetch_Site": "cross-site"},
        "other port": {"Origin": f"http://127.0.0.1:{port + 1}", "Sec_Fetch_Site": "same-site"},
        "rebound": {"Host": "evil.example"},
    }[name]


def _path(route: Route) -> str:
    path = route.path
    keys = (
        "job_id",
        "copies_id",
        "serial",
        "window_id",
        "printer_id",
        "person_id",
        "alarm",
        "carton",
        "order_id",
        "rule_id",
        "name",
    )
    for name in keys:
        path = path.replace(f"{{{name}}}", "nobody")
    return path.replace("{kind}", "counter_ahead")


def _body(route: Route) -> Any:
    if route.body is None or isinstance(route.body, tuple):
        return None
    return BODIES.get(route.body.__name__, {"name": f"b-{os.urandom(4).hex()}.db"})


@pytest.mark.parametrize("who", EVERYBODY)
async def test_who_may_what_from_where(who: str, tmp_path: Path) -> None:
    """From everywhere for a lead, who may most; for the others from the agent's own page."""
    async with a_site(tmp_path) as site, a_page(site.service) as page:
        shown = await _shown(who, site, page)
        for route in ROUTES:
            if route.gives == "text/event-stream" or _name(route) == "DELETE /session":
                continue  # looks, and does not end; ends who asks
            for origin in ORIGINS if who == Role.LEAD else ("own page",):
                keyed = {"Idempotency_Key": os.urandom(8).hex()} if route.keyed else {}
                told = _origin(origin, page) | keyed | shown
                status, said, headers = await page.ask(route.method, _path(route), _body(route), **told)
                _require(route, who, origin, status, said)
                assert not [name for name in headers if name.lower().startswith("access-control")]


DESK = {"/console/who", "/console/look", "/console/login", "/console/logout"}
"""Orders of the console that are of the browser alone, or log in."""


def _order_of(path: str) -> str:
    named = (("{act}", "scrap"), ("{scope}", "lot"), ("{serial}", "PH17K3M9QX2W4T2B8"), ("{key}", "nobody"))
    for name, value in (*named, ("{kind}", "template"), ("{name}", "nobody"), ("{verdict}", "approve")):
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize(("who", "origin"), [("nobody", "own page"), (Role.LEAD, "other site"), (Role.IT, "own page")])
async def test_the_consoles_orders_are_fenced_as_the_api_is(who: str, origin: str, tmp_path: Path) -> None:
    """Forms come to the same services: of nobody, of another site's page, of who may not, no event is written."""
    form = {"reason": "试一下", "operator": "A01", "text": "x", "count": "1", "quantity": "1", "printer": "p1"}
    async with a_site(tmp_path) as site, a_page(site.service) as page:
        told = {name.replace("_", "-"): value for name, value in _origin(origin, page).items()}
        shown = await _shown(who, site, page)
        told |= {"Cookie": f"edge_session={shown['cookie']}"} if shown else {}
        head = await site.service.parts.ledger.do(Ledger.head)
        for action in ACTIONS:
            if action.path in DESK and origin == "own page":
                continue
            url = page.base + _order_of(action.path)
            async with page.session.post(url, data=form, headers=told, allow_redirects=False) as answer:
                expected = {403} if origin == "other site" else {303, 401, 403, 404, 422}
                assert answer.status in expected, (action.path, answer.status)
        assert await site.service.parts.ledger.do(Ledger.head) == head


def _require(route: Route, who: str, origin: str, status: int, said: dict[str, Any]) -> None:
    place = (who, origin, _name(route), status, said)
    if origin == "rebound":
        assert status == 421, place
    elif not ORIGINS[origin] and route.method != "GET":
        assert status == 403 and "another site" in said["detail"], place
    elif _name(route) in LOG_IN:
        assert status in (200, 401), place
    elif (may := _expected().get(_name(route))) is None or who in may:
        assert status not in (401, 403), place
    elif who == "nobody":
        assert (status, said["type"]) == (401, "/problems/login"), place
    else:
        assert status == 403 and said["type"] in ("/problems/role", "/problems/leadneeded"), place


def test_the_page_shows_the_table() -> None:
    """`make pages` writes it."""
    there = (ROOT / pages.PAGE).read_text("utf-8")
    if os.environ.get("UPDATE_DOCS"):
        (ROOT / pages.PAGE).write_text(pages.page(there), "utf-8")
    assert pages.page(there) == there, "the roles changed: run make pages"
