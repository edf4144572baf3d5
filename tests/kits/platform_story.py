"""A whole platform for one story: a registry behind its fence whose clock is moved, people who ask over HTTP and read
the console, agents with real ledgers, and the phone that scans."""

from __future__ import annotations

import copy
import csv
import json
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any

from central_registry.parties.actor import Actor, PartyKind, Role
from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.labels.prepare import LabelTerms, LinkStyle
from edge_agent.ledger import Ledger
from edge_agent.model.job import Job
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import AgentParts
from label_protocol.codes.gs1 import check_digit
from label_protocol.states import SerialState
from tests.kits.eyes import Sight, look
from tests.kits.ledger_kit import PROOF
from tests.kits.login_kit import Clock
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import SAMPLES, Edge, Registry, running
from tests.kits.sync_kit import Station, station
from tests.kits.web_double import VIEW

CAN = "certificates, leases, firms"
PDF = b"%PDF-1.7\nexample"
TEMPLATE = "down_grade_60x40"
_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
"""
_SUMS = ("已分配", "已用码", "已打印", "冲突")
_TAG = re.compile(r"<(?:script|style).*?</(?:script|style)>|<[^>]*>", re.DOTALL)
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_ACTION = re.compile(r'<form[^>]* action="/console/([^"]+)"')


def garment_of(lot_no: str, item: int = 789, grade: str = "AAAA", quantity: int = 5000) -> dict[str, Any]:
    """The graded sample as a record of that lot; `item` makes its GTIN, so that each firm has its own."""
    found: dict[str, Any] = json.loads((SAMPLES / "down_graded.json").read_bytes(), parse_float=str)
    found["product"]["gtin"] = gtin_of(item)
    found["lot"] |= {"lot_no": lot_no, "quantity": quantity}
    found["lot"]["grade"]["overall"] = grade
    return found


def gtin_of(item: int) -> str:
    body = f"0690123456{item:03d}"
    return body + check_digit(body)


def _scan_path(serial: str, record: dict[str, Any]) -> str:
    return f"/01/{record['product']['gtin']}/10/{record['lot']['lot_no']}/21/{serial}"


def _read(sight: Sight | None, words: tuple[str, ...]) -> None:
    """Nothing is asked where there is no browser: the story itself is told without one."""
    if sight is not None:
        assert sight.flaws == [], sight.text
        assert [one for one in words if one not in sight.text] == [], sight.text


def text_of(page: str) -> str:
    """What can be read of a page."""
    return re.sub(r"\s+", " ", unescape(_TAG.sub(" ", page)))


@dataclass(frozen=True)
class Firm:
    """A firm of the association, and who works there."""

    party: str
    name: str
    clerk: Actor
    it: Actor


@dataclass(frozen=True)
class Scanned:
    """What a consumer reads: by the program's words, and the page as text."""

    found: dict[str, Any]
    text: str

    @property
    def status(self) -> str:
        return str(self.found["status"])

    @property
    def facts(self) -> str:
        return str((self.found["verdict"] or {}).get("facts", ""))

    @property
    def reasons(self) -> list[str]:
        return [one["kind"] for one in self.found["reasons"]]


@dataclass
class Line:
    """An agent: its ledger and pump, and the service over them that an operator's page speaks to."""

    at: Station
    service: AgentService

    async def order(self, record: dict[str, Any], quantity: int, **more: Any) -> Job:
        """As `POST /jobs`. Raises as `JobService.submit`."""
        body = {"template": TEMPLATE, "printer": "p1", "quantity": quantity, "operator": "示例甲", "record": record}
        return await self.service.jobs.submit(body | more, secrets.token_hex(8))

    async def print(self, job: Job, labels: int = 0, *, per_window: int = 8) -> list[str]:
        """So many labels of a job, each window proven; all of them if no number is said."""
        found: list[str] = []
        while len(found) < (labels or job.quantity):
            window = await self.at.ledger.do(Ledger.begin_window, job.job_id, limit=per_window)
            await self.at.ledger.do(Ledger.prove_window, window.window_id, PROOF)
            found += window.serials
        return found

    async def printed(self, record: dict[str, Any], quantity: int, **more: Any) -> list[str]:
        """Ordered and printed; its serials."""
        return await self.print(await self.order(record, quantity, **more), per_window=min(quantity, 100))

    async def commission(self, serial: str, record: dict[str, Any]) -> str:
        """The label is scanned on its garment; the state it has then. Raises as `Ledger.scan`."""
        link = f"HTTPS://ID.EXAMPLE.CN/01/{record['product']['gtin']}/10/{record['lot']['lot_no']}/21/{serial}"
        label = await self.at.ledger.do(Ledger.scan, serial, link, "示例甲", on_garment=True)
        return str(label.state)

    async def tell(self) -> None:
        assert await self.at.sync(6) == "online", self.at.pump.view()

    async def counted(self) -> dict[str, int]:
        """What its ledger says became of all labels."""
        total = (await self.at.ledger.do(Ledger.balance))[-1]
        return {name: getattr(total, name) for name in ("drawn", *(state.value for state in SerialState))}


@dataclass
class Story:
    """`lines` are the agents, by name; those whose clock is right go with the registry's."""

    folder: Path
    registry: Registry
    clock: Clock
    association: str
    lab: str
    officer: Actor
    approver: Actor
    tester: Actor
    lines: dict[str, Line] = field(default_factory=dict)

    @property
    def pool(self) -> Any:
        return self.registry.pool

    def later(self, **how_much: float) -> None:
        """Time goes on, for everybody."""
        self.clock.later(**how_much)
        for line in self.lines.values():
            line.at.place.clock.second = self.now

    @property
    def now(self) -> str:
        return self.clock.at.strftime("%Y-%m-%dT%H:%M:%S")

    # --- people -------------------------------------------------------------------------------------------------------

    async def said(
        self, who: Actor, method: str, path: str, body: Any = None, *, data: bytes | None = None, **query: str
    ) -> tuple[int, Any]:
        """Status and JSON of `/v1/admin/…`."""
        head = {"Authorization": f"Bearer {await token_of(self.pool, who, self.clock.at)}"}
        more: dict[str, Any] = {"json": body} if data is None else {"data": data}
        answer = await self.registry.http.request(method, f"/v1/admin/{path}", headers=head, params=query, **more)
        return answer.status, await answer.json()

    async def ask(self, who: Actor, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """What is answered to somebody who may."""
        status, found = await self.said(who, method, path, body, **more)
        assert status == 200, found
        return found

    async def reads(self, who: Actor, path: str) -> str:
        """A page of the console, as text."""
        status, page = await self._page(who, path)
        assert status == 200, page
        return text_of(page)

    async def sees(self, who: Actor | str, path: str, *words: str) -> None:
        """Somebody (or whoever has this session) looks at a page of the console in a browser, and reads these."""
        token = who if isinstance(who, str) else await token_of(self.pool, who, self.clock.at)
        _read(await look("desk", f"{self.registry.url.rstrip('/')}/console/{path}", token), words)

    async def on_a_phone(self, serial: str, record: dict[str, Any], *words: str) -> None:
        """A consumer scans the code, and reads these."""
        _read(await look("phone", self.registry.url.rstrip("/") + _scan_path(serial, record)), words)

    async def posts(self, who: Actor, path: str, action: str, **fields: str) -> str:
        """Sends the form of a page; the text of what comes after."""
        cookie = await self._cookie(who)
        page = await (await self.registry.http.get(f"/console/{path}", headers=cookie)).text()
        hidden = dict(_HIDDEN.findall(page))
        head = cookie | {"Origin": self.registry.url.rstrip("/"), "Sec-Fetch-Site": "same-origin"}
        answer = await self.registry.http.post(f"/console/{action}", data={**hidden, **fields}, headers=head)
        text = text_of(await answer.text())
        assert answer.status == 200, (answer.status, text[text.find("我的账号") :])
        return text

    async def action(self, who: Actor, path: str) -> str:
        """Where the form of a page in the middle of it goes."""
        _, page = await self._page(who, path)
        return next(one for one in _ACTION.findall(page) if one.startswith(path.partition("?")[0]))

    async def follows(self, who: Actor, path: str, link: str) -> str:
        """Opens a list, and the first of its links that reads like this; its text."""
        _, page = await self._page(who, path)
        found = re.search(link, page)
        assert found, text_of(page)
        return await self.reads(who, unescape(found[1]))

    async def _page(self, who: Actor, path: str) -> tuple[int, str]:
        answer = await self.registry.http.get(f"/console/{path}", headers=await self._cookie(who))
        return answer.status, await answer.text()

    async def _cookie(self, who: Actor) -> dict[str, str]:
        self.registry.http.session.cookie_jar.clear()
        return {"Cookie": f"registry_session={await token_of(self.pool, who, self.clock.at)}"}

    async def firm(self, name: str = "示例服饰有限公司") -> Firm:
        party = await add_party(self.pool, PartyKind.FIRM, name, of=self.association)
        clerk = await add_person(self.pool, party, Role.OFFICER)
        return Firm(party, name, clerk, await add_person(self.pool, party, Role.IT, Role.OFFICER))

    async def stands(self, firm: Firm, status: str, reason: str = "抽检") -> None:
        """The firm's status is set by an officer, and decided by an approver where it takes two."""
        asked = {"status": status, "reason": reason}
        moved = await self.ask(self.officer, "POST", f"parties/{firm.party}/status", asked)
        if moved["decision"]:
            word = {"agreed": True, "reason": reason}
            await self.ask(self.approver, "POST", f"decisions/{moved['decision']}/outcome", word)

    # --- goods and codes ----------------------------------------------------------------------------------------------

    async def graded(self, firm: Firm, record: dict[str, Any], report_no: str = "R-1") -> dict[str, Any]:
        """The firm's lot from import to an approved certificate."""
        await self.ask(
            firm.clerk, "POST", "goods/import", data=json.dumps(record).encode(), firm=firm.party, replace="true"
        )
        return await self.certified(firm, record, report_no)

    async def certified(self, firm: Firm, record: dict[str, Any], report_no: str = "R-1") -> dict[str, Any]:
        """A version of its certificate: filed with its report by the lab, approved by the association. Gives what an
        honest record of these goods says."""
        told, version = await self.filed(firm, record, report_no)
        place = f"certificates/{firm.party}/{record['lot']['lot_no']}/{version}"
        assert (await self.ask(self.approver, "POST", f"{place}/approve", {"agreed": True}))["state"] == "approved"
        return told

    async def filed(self, firm: Firm, record: dict[str, Any], report_no: str = "R-1") -> tuple[dict[str, Any], int]:
        """As `certified`, and not yet approved; its version, too."""
        lot, today = record["lot"], self.clock.at.date()
        said = {"firm": firm.party, "lot_no": lot["lot_no"], "report_no": report_no, "issued_on": str(today)}
        await self.ask(self.tester, "POST", "reports", data=PDF, covers=str(lot["quantity"]), file_name="r.pdf", **said)
        grade = {name: value for name, value in lot["grade"].items() if name != "scheme"}
        filing = {
            "firm": firm.party, "lot_no": lot["lot_no"], "scheme": lot["grade"]["scheme"], "grade": grade,
            "quantity": lot["quantity"], "valid_from": str(today), "valid_to": "2027-11-19", "report_no": report_no,
            "lab_name": "示例检测中心",
        }  # fmt: skip
        filed = await self.ask(self.tester, "POST", "certificates", filing)
        told = copy.deepcopy(record)
        told["lot"] |= {"report_no": report_no, "lab": "示例检测中心"}
        told["lot"].pop("inspected_on", None)
        return told, filed["version"]

    async def codes(self, firm: Firm, agent: str, quantity: int, lot_no: str = "L1", **approval: Any) -> dict[str, Any]:
        """Ordered by the clerk, approved by the association."""
        wanted = {"firm": firm.party, "agent": agent, "quantity": quantity, "lot_no": lot_no}
        order = await self.ask(firm.clerk, "POST", "orders", wanted)
        assert [one for one in order["checks"] if not one["passed"]] == []
        found: dict[str, Any] = await self.ask(
            self.approver, "POST", f"orders/{order['code_order']}/approve", {"days": 45, **approval}
        )
        return found

    async def sums(self, who: Actor, by: str = "lot", **query: str) -> list[tuple[int, ...]]:
        """Of each lot (firm, agent, day) what was allotted, drawn, printed, in conflict, as the list on the console
        is exported for this person."""
        asked = {"form": "csv", "by": by, **query}
        answer = await self.registry.http.get("/console/sums", params=asked, headers=await self._cookie(who))
        rows = list(csv.reader((await answer.text()).removeprefix("\ufeff").splitlines()))
        places = [next(n for n, name in enumerate(rows[0]) if word in name) for word in _SUMS]
        return [tuple(int(row[place].replace(",", "")) for place in places) for row in rows[1:]]

    # --- agents -------------------------------------------------------------------------------------------------------

    async def enrolled(self, firm: Firm, name: str = "line-1", *for_firms: Firm) -> Edge:
        """An agent that the firm added on the console and that spent its token."""
        made = await self.ask(firm.clerk, "POST", "agents", {"name": name})
        if for_firms:
            parties = [firm.party, *(one.party for one in for_firms)]
            await self.ask(self.officer, "POST", f"agents/{name}/firms", {"firms": parties})
        fingerprint = f"pc of {name}"
        return await self.spend(made["file"]["token"], name, fingerprint)

    async def spend(self, token: str, name: str, fingerprint: str) -> Edge:
        order = {"token": token, "name": name, "fingerprint": fingerprint}
        answer = await self.registry.http.post("/v1/enrol", json=order)
        found = await answer.json()
        assert answer.status == 200, found
        return Edge(self.registry, found["agent"], found["issuer"], found["secret"], fingerprint=fingerprint)

    @asynccontextmanager
    async def line(self, firm: Firm, name: str = "line-1", *for_firms: Firm) -> AsyncIterator[Line]:
        """A new agent that runs and has told of itself."""
        async with self.running(await self.enrolled(firm, name, *for_firms), self.folder / name) as line:
            await line.tell()
            yield line

    @asynccontextmanager
    async def running(self, edge: Edge, folder: Path, client: Any = None) -> AsyncIterator[Line]:
        """An enrolled agent whose ledger lies in `folder`; `client`: how it speaks to the registry, if not as usual."""
        more = {"fingerprint": edge.fingerprint, "second": self.now, "client": client}
        async with station(folder, edge.registry, edge, **more) as at:
            parts = AgentParts(
                ledger=at.ledger,
                catalog=Catalog.open(folder / "catalogue.json"),
                printers=PrinterDirectory(lambda: [VIEW]),
                changes=ChangeSignal(),
                terms=lambda: LabelTerms(self.now[:10], LinkStyle("id.example.cn")),
            )
            line = self.lines[edge.agent] = Line(at, AgentService(parts))
            yield line

    async def hears(self, edge: Edge) -> list[dict[str, Any]]:
        """The feed as the registry seals it for this agent, and told as received."""
        head = {**edge.auth(), "X-Agent-Can": CAN, "X-Agent-Version": "1.0.0"}
        page = await (await self.registry.http.get(f"/v1/agents/{edge.agent}/feed", headers=head)).json()
        edge.tell("feed_received", cursor=page["cursor"], epoch=page["epoch"], items=page["items"])
        return list(page["items"])

    # --- the registry's own disk --------------------------------------------------------------------------------------

    async def dumped(self) -> list[str]:
        """Everything as it stands is put aside; the names of its tables."""
        names = [row["relname"] for row in await self.registry.rows(_TABLES)]
        await self.pool.execute("CREATE SCHEMA aside")
        for name in names:
            await self.pool.execute(f"CREATE TABLE aside.{name} AS TABLE public.{name}")
        return names

    async def restored(self, names: list[str]) -> None:
        """What was put aside is all there is, under the service that runs on."""
        async with self.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute(f"TRUNCATE {', '.join(names)}")
            for name in names:
                await connection.execute(
                    f"INSERT INTO public.{name} OVERRIDING SYSTEM VALUE SELECT * FROM aside.{name}"
                )

    # --- the phone ----------------------------------------------------------------------------------------------------

    async def scan(self, serial: str, record: dict[str, Any]) -> Scanned:
        path = _scan_path(serial, record)
        status, page = await self.registry.page(path)
        assert status == 200, page
        return Scanned(await self.registry.facts(path), text_of(page))


async def people_of(folder: Path, registry: Registry, clock: Clock) -> Story:
    """An association with its officer and its approver, and a lab, at this registry."""
    pool = registry.pool
    association = await add_party(pool, PartyKind.ASSOCIATION, "示例协会")
    lab = await add_party(pool, PartyKind.LAB, "示例检测中心", of=association)
    people = (
        await add_person(pool, association, Role.OFFICER, name="经办甲"),
        await add_person(pool, association, Role.APPROVER, name="审批乙"),
        await add_person(pool, lab, Role.LAB, name="检测丙"),
    )
    return Story(folder, registry, clock, association, lab, *people)


@asynccontextmanager
async def a_story(folder: Path, dsn: str | None = None) -> AsyncIterator[Story]:
    """Its people, on a fresh registry of this process; `dsn`: on that empty database."""
    clock = Clock()
    async with running(dsn=dsn, clock=clock, fenced=True) as registry:
        yield await people_of(folder, registry, clock)
