"""Plays an association's day, says where to look, and holds what it said against what the registry answers."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web

from central_registry import db
from central_registry.app import build_app
from central_registry.embedded import EmbeddedPostgres
from central_registry.fence.roles import Logins, enter
from central_registry.parties.actor import PartyKind
from central_registry.parties.admission import NewParty
from central_registry.parties.beginning import Beginning, begin
from edge_agent.demo.association import paperwork, promises
from edge_agent.demo.association.by_hand import OldAgent, enrolled
from edge_agent.demo.association.cast import ASSOCIATION, BY_KEY, COLLEAGUES, FIRM_A, FIRM_B, OPERATOR, PARTIES
from edge_agent.demo.association.desk import place
from edge_agent.demo.association.goods import Wardrobe, wardrobe
from edge_agent.demo.association.paperwork import House
from edge_agent.demo.association.printing import CENTRE, LINES, Centre, centre
from edge_agent.demo.association.promises import Scan, scan
from edge_agent.demo.play import samples
from edge_agent.demo.stage import say
from label_protocol.codes.issuer_range import ALL
from label_protocol.http_limits import LimitedRunner

EACH = 3
_OLD, _LOST = "old-line", "lost-line"


@dataclass
class Told:
    """What came of it: labels to scan, what each agent drew, what the print centre refused."""

    scans: list[Scan] = field(default_factory=list)
    ledgers: dict[str, int] = field(default_factory=dict)
    refusal: str = ""


async def play(*, once: bool, until: Callable[[], Awaitable[None]]) -> bool:
    """Play it and say where to look; with `once` hold every promise against the registry, else stay `until` told.

    Gives whether all were kept. Raises AgentError: something that should be let be was refused.
    """
    began_s = asyncio.get_running_loop().time()
    async with contextlib.AsyncExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="central-registry-demo-")))
        say("启动登记平台… starting the registry")
        password = f"demo-{secrets.token_hex(2)}-{secrets.token_hex(2)}"
        url = await stack.enter_async_context(_registry(password))
        session = await stack.enter_async_context(aiohttp.ClientSession())
        house = House(session, url, password)
        goods = wardrobe(samples(), db.now().date())
        token = await _paperwork(house, goods)
        shop = await stack.enter_async_context(centre(home, url, token))
        told = await _labels(house, shop, goods)
        _tell(house, shop, home, told)
        ok = await _held(house, told) if once else True
        say(f"{asyncio.get_running_loop().time() - began_s:.1f} s")
        if not once:
            say("按 Ctrl-C 结束，数据随之清空 · Ctrl-C ends it, and its data are gone")
            await until()
    return ok


@contextlib.asynccontextmanager
async def _registry(password: str) -> AsyncIterator[str]:
    """A registry with its operator and association, each pool behind the fence of its role; gives its address."""
    async with EmbeddedPostgres() as dsn:
        logins = await enter(dsn)
        await _begin(logins, password)
        runner = LimitedRunner(build_app(logins), shutdown_timeout=1.0)
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


async def _begin(logins: Logins, password: str) -> None:
    """As `central-registry init` does; the operator is no company of its own."""
    runs, leads = BY_KEY[OPERATOR], BY_KEY[ASSOCIATION]
    operator = NewParty(PartyKind.OPERATOR, "", runs.name, runs.officer, runs.officer_name)
    association = NewParty(PartyKind.ASSOCIATION, leads.uscc, leads.name, leads.officer, leads.officer_name)
    async with await db.connect(logins.owner, connections_max=1) as pool:
        await begin(pool, Beginning(ALL, operator, association, (password, password)), db.now())


async def _paperwork(house: House, goods: Wardrobe) -> str:
    """All that comes before a label; the token of the print centre."""
    today = db.now().date()
    say("准入单位、人员；导入款式、批次… parties, people, goods")
    await paperwork.people_of(house)
    await paperwork.bring_in(house, goods.all())
    say("检测机构提交报告、证书，协会另一人批准… certificates, approved by a second person")
    for one in (goods.first, goods.second, goods.old, goods.lost):
        await paperwork.certify(house, one, today)
    await paperwork.certify(house, goods.next, today, approved=False)
    await paperwork.limit(house, goods.plain, goods.plain.lot["quantity"])
    return await paperwork.token(house, ASSOCIATION, CENTRE, (FIRM_A, FIRM_B))


async def _labels(house: House, shop: Centre, goods: Wardrobe) -> Told:
    """Codes are ordered and approved, labels printed, grades forged, an agent revoked."""
    say("申请、批准赋码；两条线打印… codes ordered and approved; printed on two lines")
    told = Told()
    await _until_known(house, shop)
    await _honest(house, shop, goods, told)
    await paperwork.order(house, goods.second, CENTRE, 400, approved=False)
    told.refusal = await shop.refusal(goods.first, goods.first.forged("AAAAA"), LINES[0])
    await _forger(house, goods, told)
    await _lost(house, goods, told)
    return told


async def _until_known(house: House, shop: Centre) -> None:
    """Until the registry has heard from the print centre that it keeps firms apart: before, it gets codes of one only.

    Raises:
        TimeoutError: after 30 s.
    """
    changes = shop.service.parts.changes
    async with asyncio.timeout(30):
        while "firms" not in ((await house.of(ASSOCIATION).get(place("agents", CENTRE)))["can"] or ""):
            await changes.wait(changes.count, 0.05)


async def _honest(house: House, shop: Centre, goods: Wardrobe, told: Told) -> None:
    first, second, plain = goods.first, goods.second, goods.plain
    keys = [await paperwork.order(house, one, CENTRE, 200) for one in (first, second, plain)]
    labels = [
        await shop.print(one, key, line, EACH)
        for one, key, line in zip((first, second, plain), keys, (*LINES, LINES[1]), strict=True)
    ]
    rows = ((first, "confirmed"), (second, "confirmed"), (plain, "declared"))
    for (one, facts), found in zip(rows, labels, strict=True):
        words = f"{BY_KEY[one.firm].name}，批号 lot {one.lot_no}"
        told.scans.append(scan(words, one, found[0].serial, "registered", "registered", facts))
    told.ledgers[CENTRE] = await shop.used(keys)


async def _old_agent(house: House, firm: str, name: str, goods: Wardrobe) -> tuple[OldAgent, str]:
    """Enrolled, with codes for its one lot; and its quota key."""
    made = await enrolled(house.session, house.url, name, await paperwork.token(house, firm, name))
    await paperwork.order(house, goods.old if firm == FIRM_B else goods.lost, name, 50)
    return made, await made.key()


async def _forger(house: House, goods: Wardrobe, told: Told) -> None:
    """Nothing stops an old agent before the paper; the registry does when it is told."""
    agent, key = await _old_agent(house, FIRM_B, _OLD, goods)
    serials = await agent.print(goods.old.forged("AAAAA"), key, 2)
    words = "旧打印端，等级造假 · an old agent, a forged grade"
    told.scans.append(scan(words, goods.old, serials[0], "being_verified", "registered", "differ", "AAAAA"))
    told.ledgers[_OLD] = len(agent.told)


async def _lost(house: House, goods: Wardrobe, told: Told) -> None:
    """What was told before it was revoked stays good; what is told afterwards waits for a person."""
    agent, key = await _old_agent(house, FIRM_A, _LOST, goods)
    (before,) = await agent.print(goods.lost.record, key, 1)
    why = {"why": "lost", "reason": "电脑被盗 · the computer was stolen"}
    await house.of(FIRM_A).post(place("agents", _LOST, "revoke"), why)
    (after,) = await agent.print(goods.lost.record, key, 1)
    words = "打印端停用前上报 · told before its agent was revoked"
    told.scans.append(scan(words, goods.lost, before, "registered", "registered", "confirmed"))
    words = "打印端停用后上报 · told after it"
    told.scans.append(scan(words, goods.lost, after, "being_verified", "told_after_revocation", "confirmed"))
    told.ledgers[_LOST] = len(agent.told)


def _tell(house: House, shop: Centre, home: Path, told: Told) -> None:
    """Where to look, and how to get in."""
    roles = promises.roles()
    names = {party.officer: f"{party.name} {party.officer_name}" for party in PARTIES}
    names |= {one.login: f"{BY_KEY[ASSOCIATION].name} {one.name}" for one in COLLEAGUES}
    say(f"\n控制台 console  {house.url}/console/")
    say(f"密码 password  {house.password}（人人相同 everybody's）\n登录名 log-ins")
    for login, (kind, role) in roles.items():
        say(f"  {login:12} {f'{kind}/{role}':22} {names[login]}")
    say("\n值得扫的码 worth scanning")
    for one in told.scans:
        say(f"  {house.url}{one.path}\n      {one.words}：{one.code}, {one.facts}")
    say(f"\n打印中心页面 the print centre's page  {shop.page}")
    for line in LINES:
        say(f"纸带 tape {line}  {home / line}")
    say(f"造假等级未打印 a forged grade was not printed: {told.refusal or '—'}\n")


async def _held(house: House, told: Told) -> bool:
    wrong = await promises.broken(house, told.scans, told.ledgers)
    wrong += [] if told.refusal else ["print centre: expected it to refuse a forged grade by rule C1, got a job"]
    for one in wrong:
        say(f"✗ {one}")
    counts = (
        f"{len(told.scans)} 个扫码 scans, {len(promises.roles())} 个登录 log-ins, {len(told.ledgers)} 个账本 ledgers"
    )
    say(f"{'✗ 有承诺未兑现 not all kept' if wrong else '✓ 全部兑现 all promises kept'}: {counts}")
    return not wrong
