"""The year of an association's officer, of its second person and of a firm's clerk, in a real browser and by keyboard
alone: from the one-time word to a person who left and whose name is gone; axe looks at every page on the way."""

from __future__ import annotations

import copy
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from central_registry.parties.actor import Actor, PartyKind, Role
from central_registry.parties.admission import NewParty
from central_registry.parties.beginning import Beginning, begin
from label_protocol import chain
from label_protocol.codes.issuer_range import IssuerRange
from tests.kits.desk_kit import Office, a_window
from tests.kits.keyboard import Hands
from tests.kits.login_kit import Clock
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.platform_kit import a_uscc
from tests.kits.platform_story import Firm, Story, garment_of
from tests.kits.registry_kit import Edge, running

pytestmark = [*in_a_browser, pytest.mark.costly]

OWN = "a word of my own"
FIRM = "示例服饰有限公司"


@dataclass
class Year:
    """The registry with whoever sits before it: `hands` by name."""

    story: Story
    browser: Any
    open: AsyncExitStack
    hands: dict[str, Hands] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    seen: dict[str, list[str]] = field(default_factory=dict)

    async def sits(self, name: str, login: str, word: str, size: str = "desk") -> Hands:
        """Somebody logs in for the first time, with a one-time word."""
        office = Office(self.story.registry, self.story.association, "", "")
        window = await self.open.enter_async_context(a_window(self.browser, office, "", size))
        one = self.hands[name] = Hands(window, name, self.seen)
        await window.open("/console/")
        await one.look()
        await one.type(login=login, password=word)
        await one.press("登录")
        await one.says("请设置自己的新密码")
        await one.type(password=word, new_password=OWN, again=OWN)
        await one.press("登录")
        await one.says("等我处理")
        return one

    async def actor(self, login: str) -> Actor:
        """Who that is, for what is asked over HTTP."""
        row = await self.story.pool.fetchrow(
            "SELECT p.person, p.party, p.roles, y.kind FROM person p JOIN party y USING (party) WHERE p.login = $1",
            login,
        )
        roles = frozenset(Role(one) for one in row["roles"])
        return Actor(row["person"], row["party"], PartyKind(row["kind"]), roles, "password")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Any]:
    async with a_browser() as found:
        yield found


@asynccontextmanager
async def a_year(browser: Any, folder: Path) -> AsyncIterator[tuple[Year, str]]:
    """A registry on its first day, and the word of the association's officer."""
    clock = Clock()
    async with running(clock=clock, fenced=True) as registry, AsyncExitStack() as stack:
        wanted = Beginning(
            IssuerRange.parse("100-1ZZ"),
            NewParty(PartyKind.OPERATOR, "", "示例质量促进中心", "runs", "运营甲"),
            NewParty(PartyKind.ASSOCIATION, a_uscc(), "示例羽绒服品牌协会", "officer", "经办甲"),
        )
        begun = await begin(registry.pool, wanted, clock.at)
        nobody = Actor("", "", PartyKind.ASSOCIATION, frozenset(), "")
        story = Story(folder, registry, clock, begun.association, "", nobody, nobody, nobody)
        yield Year(story, browser, stack), begun.words[1].word


async def word_of(one: Hands) -> str:
    """The word that is shown once; then it is handed over."""
    found = await one.window.page.inner_text("code.word")
    await one.press("已交给")
    return found


async def people(year: Year, officer: Hands) -> dict[str, str]:
    """The officer makes the second person and one who will leave, admits a firm and a lab; everybody's word."""
    words = {}
    await officer.says("还缺第二个人")
    for login, name, role in (("second", "审批乙", "approver"), ("leaver", "查看丙", "viewer")):
        await officer.go("人员")
        await officer.press("添加人员")
        await officer.says("每个角色能做什么", "只看，不能改")
        await officer.type(name=name, login=login)
        await officer.tick("roles", role)
        await officer.press("添加")
        words[login] = await word_of(officer)
    await officer.go("等我处理")
    await officer.says("现在没有等您处理的事")
    for kind, name, login, called in (
        ("firm", FIRM, "clerk", "跟单丁"),
        ("lab", "示例检测中心", "tester", "检测戊"),
    ):
        await officer.go("企业与机构")
        await officer.press("准入")
        await officer.type(kind=kind, uscc=a_uscc(), name=name, officer_name=called, officer_login=login)
        await officer.press("准入", "main button")
        words[login] = await word_of(officer)
    return words


async def goods(year: Year, clerk: Hands, folder: Path) -> Firm:
    """The clerk brings the lot in from a file, and the line that will print it; the lab files what it found."""
    file, record = folder / "goods.json", garment_of("L1", quantity=200)
    file.write_text(json.dumps(record), "utf-8")
    await clerk.go("导入款式、批次")
    await clerk.choose("file", file)
    await clerk.press("预览")
    await clerk.says("还没有写入")
    await clerk.press("导入", "main button")
    await clerk.says("已导入：款式 1，批次 1")
    who = await year.actor("clerk")
    firm = Firm(who.party, FIRM, who, who)
    year.story.tester = await year.actor("tester")
    year.record, _ = await year.story.filed(firm, record)
    return firm


async def line(year: Year, hands: Hands, name: str) -> Edge:
    """Somebody adds an agent, which spends its token and hears the registry."""
    await hands.go("打印端")
    await hands.press("新增打印端")
    await hands.type(name=name)
    await hands.press("新增", "main button")
    edge = await year.story.spend(await word_of(hands), name, f"pc of {name}")
    await year.story.hears(edge.begin())
    return edge


async def certificate(second: Hands) -> None:
    """The second person finds what waits on the first page, and decides it."""
    await second.go("等我处理")
    await second.says("批准证书", FIRM, "L1")
    await second.press("批准证书", ".todo a")
    await second.press("批准证书", "main button")
    await second.says("已批准证书")


async def codes(clerk: Hands, second: Hands, agent: str, quantity: int) -> None:
    """Ordered from the lot's page, approved by the association."""
    await clerk.go("批次")
    await clerk.press("L1", "tbody a")
    await clerk.press("申请赋码")
    await clerk.type(agent=agent, quantity=str(quantity))
    await clerk.press("申请", "main button")
    await clerk.says("已申请", "待审批")
    await second.go("等我处理")
    await second.says(f"{quantity} 枚", "L1")
    await second.press("批准赋码", ".todo a")
    await second.press("批准", "main button")
    await second.says("已批准", f"{quantity} 枚")


def snapshot_of(record: dict[str, Any], overall: str = "") -> dict[str, Any]:
    found = copy.deepcopy({"snapshot": 1, **record, "template": {"name": "t", "version": 1, "kind": "down_grade"}})
    found["lot"]["grade"]["overall"] = overall or found["lot"]["grade"]["overall"]
    return {**found, "rules": {}}


async def printed(year: Year, edge: Edge, labels: int, overall: str = "") -> list[str]:
    """The agent hears its feed, prints, and tells; with another grade, where it is false."""
    items = await year.story.hears(edge)
    key = next(item["quota_key"] for item in items if item["kind"] == "allotment")
    snapshot = snapshot_of(year.record, overall)
    serials, name, window = edge.serials(labels), chain.address(snapshot), secrets.token_hex(8)
    edge.snapshots[name] = snapshot
    edge.tell(
        "window_sending", window=window, job="j1", printer="p1", snapshot=name, quota_key=key,
        gtin=year.record["product"]["gtin"].zfill(14), lot_no="L1", serials=serials, replaces={}, counter=None,
    )  # fmt: skip
    edge.tell("window_printed", window=window, level="counter", evidence={}, counts_as="printed")
    await edge.send()
    return serials


async def stopped_and_let_go(officer: Hands, second: Hands, serial: str) -> None:
    """The officer sees the sums, finds a code and its life, and stops its goods; the second confirms, then lifts."""
    await officer.go("统计")
    await officer.says("L1", "24")
    await officer.go("查一枚码")
    await officer.type(code=serial)
    await officer.press("查找")
    await officer.says(serial, "已登记", "与证书一致", "AAAA", "打印已确认")
    await officer.press("暂停、召回")
    await officer.type("form[action$=suspend]", reason="抽检不合格")
    await officer.press("暂停", "main form[action$=suspend] button")
    await officer.says("已暂停", "等另一人办理")
    await second.go("等我处理")
    await second.press("暂停", ".todo a")
    await second.type("form[action$=agree]", reason="属实")
    await second.press("确认", "main form[action$=agree] button")
    await second.says("已同意")
    await officer.go("暂停、召回")
    await officer.press("示例服饰", "tbody a")
    await officer.type("form[action$=lift]", reason="复检合格")
    await officer.press("申请恢复", "main form[action$=lift] button")
    await second.go("待办")
    await second.press("解除暂停", "tbody a")
    await second.type("form[action$=agree]", reason="复检合格")
    await second.press("同意解除")
    await officer.go("暂停、召回")
    await officer.says("没有暂停或召回的货品")


async def a_false_agent(officer: Hands) -> None:
    """An alarm is taken, answered and closed; its agent gets nothing more."""
    await officer.go("警报")
    await officer.press("标签与证书不一致", "tbody a")
    await officer.press("我来处理")
    await officer.type(answer="打印端被改过，已停用")
    await officer.press("保存")
    await officer.press("关闭警报")
    await officer.says("警报已关闭")
    await officer.go("打印端")
    await officer.press("line-1", "tbody a")
    await officer.unfold("停用")
    await officer.type("form[action$=revoke]", why="密钥泄露", reason="打印端被改过")
    await officer.press("停用", "main form[action$=revoke] button.danger")
    await officer.says("已停用", "打印端被改过")


async def a_roll(year: Year, officer: Hands, second: Hands, clerk: Hands) -> None:
    """The association's own line prints for the firm; on a phone its clerk puts each label on its garment."""
    edge = await line(year, officer, "line-2")
    await officer.unfold("为哪些企业打印")
    await officer.tick("firms", (await year.actor("clerk")).party)
    await officer.press("保存", "main form[action$=firms] button")
    await officer.says(FIRM)
    await clerk.window.page.set_viewport_size({"width": 390, "height": 844})
    await codes(clerk, second, "line-2", 30)
    serials = await printed(year, edge, 4)
    link = f"https://id.example.cn/01/{year.record['product']['gtin']}/10/L1/21/"
    await officer.go("成卷标签")
    await officer.type(first=link + serials[0], last=link + serials[-1])
    await officer.press("核对")
    await officer.says("4 枚", FIRM)
    await officer.press("交接", "main button")
    await clerk.go("逐件贴签")
    for serial in serials[:2]:
        await clerk.window.page.wait_for_function("document.activeElement.id === 'text'")  # for the scanner, by itself
        await clerk.window.page.keyboard.insert_text(link + serial)
        await clerk.enter()
    await clerk.says("本卷已贴 2 枚，还剩 2 枚")
    await clerk.press("看各卷还剩多少")
    await clerk.press("示例服饰", "tbody a")
    await clerk.go("赋码申请")
    await clerk.says("30", "已批准")


async def the_end(officer: Hands) -> str:
    """The audit is taken away as a file; somebody's password is reset, they leave, their name goes."""
    await officer.go("操作记录")
    await officer.to("main .exports a", "XLSX")
    async with officer.window.page.expect_download() as file:
        await officer.window.page.keyboard.press("Enter")
    name = (await file.value).suggested_filename
    await officer.go("人员")
    await officer.press("查看丙", "tbody a")
    await officer.unfold("重置密码")
    await officer.press("重置密码", "main form[action$=reset] button.danger")
    await word_of(officer)
    await officer.unfold("重置密码")
    await officer.press("登记离开", "main form[action$=leave] button.danger")
    await officer.press("已离开", "main .chip")
    await officer.press("查看丙", "tbody a")
    await officer.unfold("清除姓名")
    await officer.press("清除姓名", "main button.danger")
    await officer.says("姓名已清除")
    return name


@pytest.mark.timeout(240)  # a year of pages: half a minute on a machine that does nothing else
async def test_a_year_of_an_officer_and_of_a_clerk(browser: Any, tmp_path: Path) -> None:
    async with a_year(browser, tmp_path) as (year, word):
        officer = await year.sits("officer", "officer", word)
        words = await people(year, officer)
        clerk = await year.sits("clerk", "clerk", words["clerk"])
        await goods(year, clerk, tmp_path)
        second = await year.sits("second", "second", words["second"])
        await certificate(second)
        edge = await line(year, clerk, "line-1")
        await codes(clerk, second, "line-1", 100)
        serials = await printed(year, edge, 24)
        await stopped_and_let_go(officer, second, serials[0])
        await printed(year, edge, 1, "AAAAA")
        await a_false_agent(officer)
        await a_roll(year, officer, second, clerk)
        assert (await the_end(officer)).startswith("audit-2026")
        assert {name: flaws for name, flaws in year.seen.items() if flaws} == {}
        assert [one.window.wrong for one in year.hands.values()] == [[], [], []]
