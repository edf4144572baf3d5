"""Every route of both programs, asked by somebody who sends good requests that were damaged: 4xx, never 500, and the
program goes on. What is damaged is chosen by rule and by a seed, so that a red run is red again."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from central_registry.console.pages import PAGES
from central_registry.http.admin.table import ENDPOINTS
from central_registry.parties.actor import PartyKind
from central_registry.parties.actor import Role as OfPerson
from edge_agent.access.roles import Role
from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.labels.prepare import LabelTerms, LinkStyle
from edge_agent.ledger import LedgerThread
from edge_agent.model.work_order import Source, SourceKind
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import AgentParts
from edge_agent.web.acts import LOGS_IN
from edge_agent.web.api import build_web
from edge_agent.web.routes import ROUTES, Route
from label_protocol import chain, wire
from tests.central_registry.exchange.captured.shops import opened
from tests.central_registry.exchange.epcis.vectors import EVENTS, document
from tests.kits.http_kit import Served, request, said
from tests.kits.ledger_kit import Place, enrolled
from tests.kits.people_kit import PIN, a_site
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import Edge, Registry, running
from tests.kits.web_double import VIEW

SAMPLE = Path(__file__).parents[2] / "edge_agent" / "demo" / "samples" / "down_graded.json"
RECORD = json.loads(SAMPLE.read_text("utf-8"))
ODD_PIECES = [
    b"%00",
    b"%ED%A0%80",
    b"%FF",
    b"%",
    b"%G1",
    b"%0d%0aX: y",
    b"\xff",
    b"\xed\xa0\x80",
    b"\x01",
    b"%2e%2e%2f",
    "\u202e羽".encode(),
    b"'",
    b"%25%00",
    b"a" * 9000,
    b"{}",
    b"%F0%9F%98%80",
    b"%5c%5chost",
]
ODD_VALUES: list[Any] = [
    "a\0b",
    "\ud800",
    "\udfff x",
    "a" * 5000,
    "\u001b[2J",
    "",
    -1,
    0,
    2**63,
    10**400,
    1.5,
    None,
    True,
    [],
    {},
    [[]],
    {"\0": 1},
    {"\ud800": "x"},
    "٣",
    "1e999999999",
]
ODD_TEXTS = [
    b"",
    b"\0",
    b"{",
    b"[" * 100_000,
    b"nul",
    b"[1e999999999]",
    b'{"a": NaN}',
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\0}\0",
    b'{"a":1,"a":2}',
    b'{"quantity": 1e999999999}',
    b'"\\ud800"',
    b"1" * 5000,
    b'{"a":' * 3000,
]
ODD_HEADERS = [
    "X-A: " + "a" * 20_000,
    "\r\n".join(f"X-{n}: 1" for n in range(500)),
    "Idempotency-Key: \xff\xfe",
    "X: \0",
    "Content-Length: -1",
    "Content-Length: 99999999999999999999",
    "Transfer-Encoding: chunked",
    ": x",
    "Content-Type: application/json; charset=\xff",
    "Content-Type: ;;;",
    "Accept: \xed\xa0\x80",
    "Host: a\0b",
    "Content-Encoding: gzip",
    "Content-Encoding: br, gzip",
    "Origin: \xff",
    "Sec-Fetch-Site: \xff",
    "Authorization: Bearer \xed\xa0\x80",
    "Expect: 200-maybe",
    "Upgrade: websocket\r\nConnection: Upgrade",
    "Range: bytes=-\xff",
    "Cookie: \xff=\xff",
    "Content-Type: multipart/form-data",
]
NAMED = {
    "job_id": "j1",
    "copies_id": "c1",
    "serial": "PH17K3M9QX2W4T0AB",
    "window_id": "w1",
    "printer_id": "p1",
    "kind": "forked",
    "name": "mine",
    "alarm": "a1",
    "person_id": "p0f3a92c1d45e6b7",
    "carton": "C0F3A92C1",
    "order_id": "0f3a92c1d45e6b78",
    "rule_id": "0f3a92c1",
}
BODIES: dict[str, dict[str, Any]] = {
    "OperatorBody": {"operator": "A01"},
    "DecisionBody": {"operator": "A01", "reason": "x"},
    "ScanBody": {"text": "https://id.example.cn/01/06901234567892/21/PH17K3M9QX2W4T0AB", "operator": "A01"},
    "ScannedBody": {"text": "6901234567892"},
    "SettleBody": {"text": None, "operator": "A01", "rest": "keep"},
    "MissingBody": {"job": "", "lot": "L1", "missing": 1, "operator": "A01"},
    "PackBody": {"serial": None, "text": "https://id.example.cn/01/06901234567892/21/X", "on_garment": True},
    "GarmentInHandBody": {"serial": "PH17K3M9QX2W4T0AB", "text": None, "operator": "A01"},
    "CartonLabelBody": {"printer": "p1", "operator": "A01"},
    "CloseCartonBody": {"count": 1, "operator": "A01"},
    "LogInBody": {"badge": "BADGE-AAAQEAYEAUDAOCAJ", "pin": "271828"},
    "LeadBody": {"badge": "BADGE-AAAQEAYEAUDAOCAJ", "pin": "271828", "action": "answer"},
    "BadgeBody": {"printer": "p1"},
    "BackupBody": {"name": "copy.db"},
    "ApproveBody": {"sha256": "0" * 64, "operator": "A01"},
    "RejectBody": {"sha256": "0" * 64, "operator": "A01", "reason": "x"},
    "AnswerBody": {"answer": "another", "operator": "A01", "reason": "x"},
    "JobBody": {"template": "down_grade_60x40", "printer": "p1", "quantity": 1, "record": RECORD, "operator": "A01"},
    "PartBody": {"part": 1, "quantity": 1, "printer": "p1", "template": "auto", "operator": "A01"},
    "OrdersBody": {
        "source": "mes",
        "orders": [
            {"order_no": "MO-1", "line": "1", "style_no": "F1", "size": "M", "quantity": 5, "wanted_by": "2026-12-01"}
        ],
    },
    "RuleBody": {"source": "mes", "styles": ["F1"], "quantity_most": 5, "daily_most": 9, "until": "2026-12-01"},
    "CopiesBody": {"template": "wash_care_30", "printer": "p1", "count": 1, "record": RECORD, "operator": "A01"},
}


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    ledger = await LedgerThread.open(lambda: enrolled(Place(tmp_path).open(), allotted=10))
    yield AgentService(
        AgentParts(
            ledger=ledger,
            catalog=Catalog.open(tmp_path / "catalogue.json"),
            printers=PrinterDirectory(lambda: [VIEW]),
            changes=ChangeSignal(),
            backups=tmp_path / "backups",
            terms=lambda: LabelTerms("2026-11-20", LinkStyle("id.example.cn")),
            sources=(
                Source("mes", "示例MES", SourceKind.REST, "生产科", 10, signable=True),
                Source("1", "表", SourceKind.SHEET, "科", 9),
            ),
        )
    )
    await ledger.close()


@pytest.fixture
async def agent(service: AgentService, tmp_path: Path) -> AsyncIterator[Served]:
    async with Served(build_web(service)) as server:
        yield server


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


def path_of(route: Route) -> str:
    path = route.path
    for name, value in NAMED.items():
        path = path.replace(f"{{{name}}}", value)
    return path + ("?" + "&".join(f"{name}=1" for name in route.query) if route.query else "")


def body_of(route: Route) -> Any:
    return (
        None
        if route.body is None
        else "工号,姓名\nA01,一号\n"
        if isinstance(route.body, tuple)
        else BODIES[route.body.__name__]
    )


def damaged_targets(path: str) -> Iterator[bytes]:
    """In place of every step and every value of a query, and behind the whole."""
    plain, _, query = path.partition("?")
    steps = plain.split("/")
    for piece in ODD_PIECES:
        yield path.encode() + piece
        for place in range(1, len(steps)):
            yield "/".join(steps[:place]).encode() + b"/" + piece + "/".join(["", *steps[place + 1 :]]).encode()
        for pair in filter(None, query.split("&")):
            name = pair.partition("=")[0].encode()
            yield plain.encode() + b"?" + name + b"=" + piece
            yield plain.encode() + b"?" + piece + b"=1&" + name


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a tree of JSON, the whole included."""
    yield at
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in rows:
        yield from places(inner, (*at, key))


def with_odd(value: Any, at: tuple[Any, ...], odd: Any) -> Any:
    if not at:
        return odd
    found = copy.deepcopy(value)
    inner = found
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = odd
    return found


def damaged_bodies(value: Any, chance: random.Random) -> Iterator[bytes]:
    """Odd values in every shallow place and in some of the deep ones, odd texts, and bytes that were flipped."""
    every = list(places(value))
    deep = [at for at in every if len(at) > 1]
    for at in [at for at in every if len(at) <= 1] + chance.sample(deep, min(12, len(deep))):
        for odd in ODD_VALUES:
            yield json.dumps(with_odd(value, at, odd)).encode()
    whole = json.dumps(value).encode()
    yield from ODD_TEXTS
    for _ in range(20):
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        yield bytes(spoilt)
        yield whole[: chance.randrange(len(whole))]


async def require_answer(server: Served, asked: bytes, fine: tuple[int, ...] = ()) -> None:
    answer = await said(server, asked)
    assert 0 < answer.status < 500 or answer.status in fine, (asked[:300], answer.status, answer.body[:300])


async def storm(server: Served, method: str, path: str, body: Any, head: dict[str, str], fine: tuple[int, ...]) -> None:
    """All damages of one route, and then the good request."""
    chance = random.Random(path)
    csv = isinstance(body, str)
    kind = {"Content_Type": "text/csv" if csv else "application/json", "Idempotency_Key": "k-1"} | head
    good = b"" if body is None else body.encode() if csv else json.dumps(body).encode()
    for target in damaged_targets(path):
        await require_answer(server, request(method, target, good, **kind), fine)
    for line in ODD_HEADERS:
        asked = request(method, path, good, **kind).replace(b"\r\n", b"\r\n" + line.encode("latin-1") + b"\r\n", 1)
        await require_answer(server, asked, fine)
    if method == "POST":
        for spoilt in damaged_bodies(body if body is not None else {}, chance):
            await require_answer(server, request(method, path, spoilt, **kind), fine)
    await require_answer(server, request(method, path, good, **kind), fine)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
async def test_every_route_of_the_agent_survives_damaged_requests(agent: Served, route: Route) -> None:
    fine = (503,) if route.path == "/readyz" else ()
    await storm(agent, route.method, path_of(route), body_of(route), {"Connection": "close"}, fine)


PEOPLED = [one for one in ROUTES if (one.method, one.path) in LOGS_IN or "/people" in one.path or "{kind}" in one.path]


@pytest.mark.parametrize("route", PEOPLED, ids=lambda route: f"{route.method} {route.path}")
async def test_who_is_logged_in_breaks_nothing_either(tmp_path: Path, route: Route) -> None:
    """Where people are asked, by a lead who is: log-in itself, and what only a lead may."""
    async with a_site(tmp_path) as site, Served(build_web(site.service)) as server:
        people = site.service.parts.people
        assert people.entrance is not None
        cookie = await people.entrance.log_in(site.badges[Role.LEAD], PIN, "127.0.0.1")
        shown = {"Connection": "close", "Cookie": f"edge_session={cookie}"}
        await storm(server, route.method, path_of(route), body_of(route), shown, ())


async def test_the_pages_of_the_agent_survive_damaged_requests(agent: Served) -> None:
    console = ["now?after=1&said=1", "print?q=1&page=1&done=1", "doubts?window=1&last=1", "find?q=1&lot_no=1&from=1"]
    places = [f"/console/{one}" for one in console] + ["/console/static/console.js", "/console/labels/1"]
    for path in ["/", *places, "/openapi.json", "/problems/quota", "/nothing"]:
        await storm(agent, "GET", path, None, {"Connection": "close"}, ())


EPCIS = json.loads(document(*EVENTS.values()))
REGISTRY_ROUTES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/enrol"): {"token": "t", "name": "n", "fingerprint": "f"},
    ("POST", "/v1/agents/{agent}/events"): {"wire": 1},
    ("GET", "/v1/agents/{agent}/events"): None,
    ("GET", "/v1/agents/{agent}/feed"): None,
    ("GET", "/v1/agents/{agent}/check-keys"): None,
    ("POST", "/v1/agents/{agent}/secret"): None,
    ("PUT", "/v1/agents/{agent}/secret"): None,
    ("POST", "/v1/agents/{agent}/bodies"): {"bodies": {"0" * 64: {}}},
    ("GET", "/former/{rest}"): None,
    ("GET", "/v1/verify/{code}"): None,
    ("POST", "/v1/verify"): {"codes": [{"code": "/01/06901234567892/21/1", "claims": {"grade": "AAAAA"}}]},
    ("GET", "/v1/epcis"): None,
    ("POST", "/v1/epcis/capture"): EPCIS,
    ("GET", "/v1/epcis/capture"): None,
    ("GET", "/v1/epcis/capture/{capture}"): None,
    ("POST", "/v1/epcis/events"): {"@context": EPCIS["@context"], **EPCIS["epcisBody"]["eventList"][0]},
    ("GET", "/v1/epcis/events"): None,
    ("GET", "/v1/epcis/events/{event}"): None,
    ("GET", "/v1/epcis/{of}"): None,
    ("GET", "/v1/epcis/{of}/{value}"): None,
    ("GET", "/v1/epcis/{of}/{value}/events"): None,
    ("GET", "/problems/{kind}"): None,
    ("GET", "/healthz"): None,
    ("GET", "/readyz"): None,
    ("GET", "/metrics"): None,
    ("GET", "/openapi.json"): None,
    ("POST", "/v1/admin/login"): {"login": "u", "password": "p"},
    ("GET", "/updates/{part}/{name}"): None,
    ("GET", "/01/{rest}"): None,
    ("POST", "/01/{rest}"): {"code": "7K3M9QX2"},
    ("GET", "/complaint"): None,
    ("POST", "/complaint"): {"code": "x", "about": "quality", "words": "x"},
    ("GET", "/complaint/{number}"): None,
    ("POST", "/complaint/{number}"): {"word": "x"},
    ("OPTIONS", "/01/{rest}"): None,
    ("GET", "/.well-known/gs1resolver"): None,
}
REGISTRY_ROUTES |= {("OPTIONS", path): None for _, path in list(REGISTRY_ROUTES) if path.startswith("/v1/epcis")}
QUERIES = {
    "/v1/epcis/events": "?EQ_bizStep=shipping&MATCH_epc=urn:x:y&GE_eventTime=2026-11-01T00:00:00Z&perPage=3"
    "&orderBy=eventTime&nextPageToken=W1tdXQ",
    "/v1/epcis/capture": "?perPage=3&nextPageToken=2026-11-01T00:00:00Z~0",
    "/v1/epcis/{of}": "?perPage=3&nextPageToken=x",
    "/v1/agents/{agent}/events": "?after=0&incarnation=" + "0" * 32,
    "/v1/agents/{agent}/feed": "?after=1",
}


async def test_the_list_of_the_registrys_routes_is_whole(registry: Registry) -> None:
    served = {
        (one.method, str(one.resource.canonical))
        for one in registry.http.server.app.router.routes()  # type: ignore[attr-defined]
        if one.method != "HEAD" and one.resource is not None
    }
    people = {(one.method, one.path) for one in ENDPOINTS}
    assert {one for one in served if not one[1].startswith("/console")} == people | set(REGISTRY_ROUTES)


async def test_what_people_ask_survives_damaged_requests() -> None:
    """Every endpoint and page, asked by somebody who may do all that an association may."""
    async with running() as registry:
        party = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        person = await add_person(registry.pool, party, *OfPerson)
        for one in ENDPOINTS:
            token = await token_of(registry.pool, person)  # one of them ends the session that asks
            head = {"Connection": "close", "Authorization": f"Bearer {token}"}
            fine = () if one.body is None else (422,)
            await storm(registry.http.server, one.method, _named(one.path), {} if one.body else None, head, fine)  # type: ignore[arg-type]
        token = await token_of(registry.pool, person)
        for page in PAGES:
            head = {"Connection": "close", "Cookie": f"registry_session={token}"}
            await storm(registry.http.server, "GET", _named(page.path) + "?q=%27&page=1&sort=-x", None, head, ())  # type: ignore[arg-type]


def _named(path: str) -> str:
    return re.sub(r"\{\w+[^}]*\}", "1", path)


@pytest.mark.parametrize("known", [False, True], ids=["a stranger", "an agent"])
@pytest.mark.parametrize("route", REGISTRY_ROUTES, ids=" ".join)
async def test_every_route_of_the_registry_survives_damaged_requests(
    registry: Registry, route: tuple[str, str], known: bool
) -> None:
    edge = (await registry.enrolled()).begin()
    serial = edge.serial()
    edge.printed([serial])
    await edge.send()
    method, path = route
    real = (
        path.replace("{agent}", edge.agent)
        .replace("{kind}", "gap")
        .replace("{rest}", f"06901234567892/10/L1/21/{serial}")
        .replace("{of}", "epcs")
    )
    head = {"Authorization": f"Bearer {edge.secret}"} if known else {}
    if known and path.startswith("/v1/epcis"):
        head = {"Authorization": f"Bearer {(await opened(registry)).keys['shop']}"}
    body = REGISTRY_ROUTES[route]
    if body == {"wire": 1}:
        body = _batch(edge)
    await storm(registry.http.server, method, real + QUERIES.get(path, ""), body, {"Connection": "close", **head}, ())  # type: ignore[arg-type]


def _batch(edge: Edge) -> Any:
    """What `edge` would send next, as JSON."""
    edge.printed(edge.serials(2))
    return wire.load_json(wire.unpack(edge.batch(len(edge.bodies) - 1)))


@pytest.mark.parametrize("odd", ODD_VALUES, ids=lambda odd: ascii(odd)[:20])
async def test_an_event_that_holds_anything_is_taken_or_refused(registry: Registry, odd: Any) -> None:
    """Each in a history of its own, so that it is read whole and not refused as a fork."""
    fields = [
        "window",
        "job",
        "printer",
        "snapshot",
        "quota_key",
        "gtin",
        "lot_no",
        "serials",
        "replaces",
        "at",
        "type",
    ]
    for number, name in enumerate(fields):
        edge = (await registry.enrolled(f"line-{number}")).begin()
        edge.sending(edge.serials(1))
        body = json.loads(edge.bodies[-1]) | {name: odd}
        text = b'{"wire":1,"incarnation":"%s","first_seq":1,"prev_hash":"%s","events":[%s,%s],"snapshots":{%s}}' % (
            edge.incarnation.encode(),
            chain.GENESIS.hex().encode(),
            edge.bodies[0],
            json.dumps(body).encode(),
            b",".join(b'"%s":%s' % (key.encode(), chain.canonical(one)) for key, one in edge.snapshots.items()),
        )
        path = f"/v1/agents/{quote(edge.agent)}/events"
        head = {"Authorization": f"Bearer {edge.secret}", "Content_Type": "application/json"}
        await require_answer(registry.http.server, request("POST", path, text, **head))  # type: ignore[arg-type]
