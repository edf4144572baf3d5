"""What stops goods is said by the page at once, confirmed or not: as the database's roles, stopped by people."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from central_registry.config import RegistryConfig
from central_registry.consumer.finding import Finding
from central_registry.consumer.garment_facts import WORDS
from central_registry.consumer.makers import is_another
from central_registry.consumer.notices import Firm
from central_registry.consumer.scan_page import ScanPage
from central_registry.db import in_transaction
from central_registry.distribution import items
from central_registry.parties.actor import PartyKind, Role
from tests.central_registry.consumer.test_scan_page import GTIN, read
from tests.kits.certificates_kit import certify
from tests.kits.certificates_kit import facts as certified
from tests.kits.copies_kit import RECORD
from tests.kits.login_kit import Clock, House
from tests.kits.platform_kit import add_party, add_person, token_of
from tests.kits.registry_kit import AT, Edge, running

REASON = "绳带过长 <b>GB 31701</b>"
SINCE = AT.isoformat(timespec="seconds")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    clock = Clock()
    async with running(fenced=True, clock=clock) as registry:
        association = await add_party(registry.pool, PartyKind.ASSOCIATION, "示例协会")
        firm = await add_party(registry.pool, PartyKind.FIRM, "示例羽绒制品厂", of=association)
        await registry.pool.execute("UPDATE party SET contact = '0573-8500 0000' WHERE party = $1", firm)
        yield House(registry, clock, association, firm)


async def _sold(house: House, firm: str, agent: str) -> tuple[Edge, str]:
    """A label of the firm's lot L1, by an agent that has its allotment; and its path."""
    pool = house.registry.pool
    lot = {"kind": "lot", "lot_no": "L1", "record": {**RECORD, "lot": {**RECORD["lot"], "lot_no": "L1"}}}
    style = {"kind": "style", "style_no": RECORD["product"]["style_no"], "record": {"product": RECORD["product"]}}
    await in_transaction(pool, lambda c: items.put_goods(c, firm, [style, lot], AT))
    key = await pool.fetchval("SELECT quota_key FROM quota_key WHERE firm = $1 AND lot_no = 'L1'", firm)
    edge = (await house.registry.enrolled(agent)).begin()
    item = {"kind": "allotment", "quota_key": key, "quantity": 10, "spoilage_permille": 30, "firm": firm}
    await in_transaction(pool, lambda c: items.put(c, edge.agent, item))
    serial = edge.serial()
    edge.printed([serial], quota_key=key)
    await edge.send()
    return edge, f"/01/{GTIN}/10/L1/21/{serial}"


class Desk:
    """Two people of the association, one who asks and one who decides."""

    def __init__(self, house: House, maker: str, second: str) -> None:
        self.house, self.maker, self.second = house, maker, second

    @classmethod
    async def of(cls, house: House) -> Desk:
        people = [await add_person(house.pool, house.association, Role.OFFICER, Role.APPROVER) for _ in range(2)]
        return cls(house, *[await token_of(house.pool, one) for one in people])

    async def ask(self, what: str) -> str:
        body = {"firm": self.house.firm, "lot_no": "L1", "reason": REASON}
        status, found = await self.house.ask("POST", what, self.maker, body)
        assert status == 200, found
        return str(found["decision"])

    async def decide(self, decision: str, *, agreed: bool = True) -> None:
        body = {"agreed": agreed, "reason": "核对属实"}
        assert (await self.house.ask("POST", f"decisions/{decision}/outcome", self.second, body))[0] == 200


async def _said(house: House, path: str) -> tuple[str, dict[str, Any] | None, str]:
    """The word on top, the notice, the page's text; the page and its JSON say the same."""
    facts = await house.registry.facts(path)
    _, html = await house.registry.page(path)
    assert f'<body class="{facts["status"]}">' in html
    text = read(html)
    notice = facts.get("notice")
    assert notice is None or notice["zh"] in text or WORDS["status_text"][facts["status"]][0] in text
    return facts["status"], None if notice is None else {k: notice[k] for k in ("kind", "state", "since")}, text


def _notice(kind: str, state: str) -> dict[str, Any]:
    return {"kind": kind, "state": state, "since": SINCE}


async def test_a_stop_is_said_at_once_and_never_more_than_is_known(house: House) -> None:
    """A suspension in neutral words and without its reason; a recall in red, once it is confirmed with its reason."""
    _, path = await _sold(house, house.firm, "line-1")
    other = await add_party(house.pool, PartyKind.FIRM, "示例二厂", of=house.association)
    _, others = await _sold(house, other, "line-2")
    desk = await Desk.of(house)
    assert (await _said(house, path))[:2] == ("registered", None)

    decision = await desk.ask("suspensions")
    status, notice, text = await _said(house, path)
    assert (status, notice) == ("suspended", _notice("suspension", "provisional"))
    assert "不等于商品有问题" in text and "绳带" not in text and "登记情况 Registration 已登记" in text
    assert "2026-11-20" in text
    await desk.decide(decision)
    assert (await _said(house, path))[:2] == ("suspended", _notice("suspension", "confirmed"))

    decision = await desk.ask("recalls")
    status, notice, text = await _said(house, path)
    assert (status, notice) == ("recall_pending", _notice("recall", "provisional"))
    assert "请先停止使用" in text and "绳带" not in text, "one person's word gives no reason yet"
    assert (await house.registry.facts(path))["recall"] is None
    await desk.decide(decision)
    status, notice, text = await _said(house, path)
    assert (status, notice) == ("recalled", _notice("recall", "confirmed"))
    for words in (REASON, "示例羽绒制品厂", "0573-8500 0000", RECORD["product"]["maker"]["name"]):
        assert text.index(words) < text.index("标签记录"), words
    assert 'href="tel:057385000000"' in (await house.registry.page(path))[1]
    assert (await _said(house, others))[:2] == ("registered", None), "the other firm's lot of that number"


async def test_a_stop_is_said_of_the_lots_own_link_and_of_a_label_nobody_reported(house: House) -> None:
    edge, path = await _sold(house, house.firm, "line-1")
    await _imported(house)
    desk = await Desk.of(house)
    decision = await desk.ask("recalls")
    lot, pending = f"/01/{GTIN}/10/L1", f"/01/{GTIN}/10/L1/21/{edge.serial()}"
    for one in (path, lot, pending):
        assert (await _said(house, one))[:2] == ("recall_pending", _notice("recall", "provisional")), one
    assert (await _said(house, f"/01/{GTIN}"))[:2] == ("product", None), "other lots of it may be fine"
    await desk.decide(decision, agreed=False)
    for one, status in ((path, "registered"), (lot, "product"), (pending, "not_yet_registered")):
        assert (await _said(house, one))[:2] == (status, None), one


async def _imported(house: House) -> None:
    """The firm's GTIN, style and lot, as an import leaves them."""
    style_no = RECORD["product"]["style_no"]
    await house.pool.execute("INSERT INTO trade_item VALUES ($1, $2, $3)", GTIN, house.firm, style_no)
    await house.pool.execute(
        "INSERT INTO style VALUES ($1, $2, $3, 'kit', $4, 'kit')",
        house.firm, style_no, json.dumps({"product": RECORD["product"]}), AT,
    )  # fmt: skip
    await house.pool.execute(
        "INSERT INTO lot VALUES ($1, 'L1', $2, $3, 5000, 'kit', $4, 'kit')",
        house.firm, style_no, json.dumps(RECORD), AT,
    )  # fmt: skip


async def test_what_is_no_ones_own_may_be_kept_and_hides_no_stop(house: House) -> None:
    """GTIN and lot: named, told as unchanged, short-lived; another page once goods are stopped. A serial's never."""
    _, path = await _sold(house, house.firm, "line-1")
    await _imported(house)
    await certify(house.registry, 1, certified(), firm=house.firm)
    http = house.registry.http
    names = {}
    for link in (f"/01/{GTIN}", f"/01/{GTIN}/10/L1"):
        for accept in ("text/html", "application/json"):
            answer = await http.get(link, headers={"Accept": accept})
            names[link, accept] = answer.headers["ETag"]
            assert (answer.status, answer.headers["Vary"]) == (200, "Accept")
            assert answer.headers["Cache-Control"] == "public, max-age=30, must-revalidate"
            again = await http.get(
                link, headers={"Accept": accept, "If-None-Match": f'"other", {answer.headers["ETag"]}'}
            )
            assert (again.status, await again.read()) == (304, b"")
            assert again.headers["ETag"] == answer.headers["ETag"]
    assert len(set(names.values())) == 4
    lot = f"/01/{GTIN}/10/L1"
    text = read((await house.registry.page(lot))[1])
    for words in ("示例羽绒制品厂", RECORD["product"]["maker"]["name"], "示例检测中心", "2026-11-01 – 2027-11-01"):
        assert words in text, words
    await (await Desk.of(house)).ask("suspensions")
    answer = await http.get(lot, headers={"Accept": "text/html", "If-None-Match": names[lot, "text/html"]})
    assert answer.status == 200 and "平台已暂停" in await answer.text()
    assert await house.registry.rows("SELECT * FROM scan") == []
    for one in (await http.get(path), await http.get("/01/00000000000000"), await http.post(lot, data={"code": "x"})):
        assert (one.headers["Cache-Control"], "ETag" in one.headers) == ("no-store", False)


def test_a_kept_fragment_holds_nothing_of_one_label() -> None:
    """Drawn once for a snapshot, a verdict and a certificate; what differs between two labels stands outside of it."""
    page = ScanPage(RegistryConfig())
    labels = [
        Finding(
            "registered", serial, GTIN, "L1", "ab" * 32, RECORD, facts="declared", times=times, first_at=at,
            firm=Firm("91330482MA0000017X", "示例羽绒制品厂"),
        )
        for serial, times, at in (("1" * 17, 7331, AT), ("2" * 17, 9173, AT + timedelta(days=9)))
    ]  # fmt: skip
    drawn = [page._goods(label)[1] for label in labels]
    assert drawn[0] is drawn[1], "one fragment for both"
    own = ("1111", "2222", "7331", "9173", "2026-11-20", "2026-11-29", "示例羽绒制品厂")
    assert [word for word in own if word in drawn[0]] == []
    for html, label in ((page.html(label), label) for label in labels):
        assert drawn[0] in html and str(label.times) in html
    assert page._goods(replace(labels[0], facts="confirmed"))[1] != drawn[0]


async def test_a_firm_for_trying_scans_as_a_test(house: House) -> None:
    _, path = await _sold(house, house.firm, "line-1")
    await house.pool.execute("UPDATE party SET sandbox = true WHERE party = $1", house.firm)
    status, _, text = await _said(house, path)
    assert (status, (await house.registry.facts(path))["issued_for"]) == (
        "test", {"name": "示例羽绒制品厂", "uscc": None}
    )  # fmt: skip
    assert "测试标签" in text and "不对应出售的商品" in text


async def test_another_maker_on_the_label_is_a_note_beside_the_firm(house: House) -> None:
    """No reason to doubt the label: maker, owner of the brand and who orders may differ by law."""
    _, path = await _sold(house, house.firm, "line-1")
    facts = await house.registry.facts(path)
    assert (facts["status"], facts["issued_for"]["uscc"]) == ("registered", house.firm)
    assert [row["kind"] for row in facts["warnings"]] == ["other_maker"]
    text = (await _said(house, path))[2]
    assert "申领企业 Issued for 示例羽绒制品厂" in text and RECORD["product"]["maker"]["name"] in text
    assert "不等于商品有问题" in text


@pytest.mark.parametrize(
    ("maker", "another"),
    [
        ({"name": "示例服饰有限公司"}, False),
        ({"name": "示例服饰 有限公司", "uscc": "91330482MA0000017x"}, False),
        ({"name": "改名之前", "uscc": "91330482MA0000017X"}, False),
        ({"name": "示例服饰有限公司", "uscc": "91330482MA0000025P"}, True),
        ({"name": "示例他人有限公司"}, True),
        ({}, False),
        ("no maker", False),
    ],
)
def test_whose_name_the_label_bears(maker: Any, another: bool) -> None:
    firm = Firm("91330482MA0000017X", "示例服饰有限公司")
    assert is_another(firm, {"product": {"maker": maker}}) is another
    assert is_another(None, {"product": {"maker": maker}}) is False, "of before firms nobody knows"
