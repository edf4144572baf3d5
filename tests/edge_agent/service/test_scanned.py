"""What a code is: each has its form, two meanings are told and none is taken, and no damage makes a badge or an order
of a label."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.messages.scan import SCAN_KINDS
from edge_agent.model.scan import ScanKind, Scanned
from edge_agent.model.work_order import OrderLine, ReadRow
from edge_agent.service.agent_service import AgentService
from edge_agent.service.scanned import Known, what_is
from edge_agent.web.api import build_web
from label_protocol.errors import CodeError
from tests.kits.ledger_kit import history
from tests.kits.service_kit import a_service
from tests.label_protocol.test_scanned import FOUND, HOST, LINK, TOLD, damaged, damages, typed_on, wide

BADGE = "BADGE-ABCDEFGHIJKLMN23"
SSCC = "106141412345678908"
"""GS1 General Specifications 18, figure 3.3.1-1: the example of an SSCC's check digit."""
GTIN = "06901234567892"
KNOWN = Known(HOST, operators=("A01", "0012", "20260017"), orders=("4500017", "SO/21/5", "A01-X"), gtins=(GTIN,))

READ = {
    "a label": (LINK, ScanKind.LABEL, LINK),
    "a badge": (BADGE, ScanKind.BADGE, BADGE),
    "a badge under caps lock": (BADGE.lower(), ScanKind.BADGE, BADGE),
    "a badge through an input method": (f"{wide(BADGE)}\r", ScanKind.BADGE, BADGE),
    "an operator of the catalogue": ("0012", ScanKind.BADGE, "0012"),
    "an operator whose code is a GTIN that no style has": ("20260017", ScanKind.BADGE, "20260017"),
    "a work order": ("4500017", ScanKind.WORK_ORDER, "4500017"),
    "a work order with a slash": ("SO/21/5", ScanKind.WORK_ORDER, "SO/21/5"),
    "a carton": (f"]C100{SSCC}", ScanKind.CARTON, SSCC),
    "a carton, its number alone": (SSCC, ScanKind.CARTON, SSCC),
    "a carton, as it stands below the bars": (f"(00) {SSCC}", ScanKind.CARTON, SSCC),
    "EAN-13": ("6901234567892", ScanKind.STYLE, GTIN),
    "EAN-13 with its identifier": ("]E06901234567892\r\n", ScanKind.STYLE, GTIN),
    "EAN-13 in full width": (wide("6901234567892"), ScanKind.STYLE, GTIN),
    "UPC-A": ("614141000036", ScanKind.STYLE, "00614141000036"),
    "EAN-8": ("96385074", ScanKind.STYLE, "00000096385074"),
    "AI 01": (f"]d201{GTIN}", ScanKind.STYLE, GTIN),
    "AI 01 as it stands below the bars": (f"(01){GTIN}", ScanKind.STYLE, GTIN),
}
REFUSED = {
    "nothing": ("\r", "没认出"),
    "a name": ("示例丙", "没认出"),
    "an operator whom nobody knows": ("A02", "没认出"),
    "an operator's code in another case": ("a01", "没认出"),
    "a badge cut short": (BADGE[:-1], "没认出"),
    "a serial alone": ("7K3TYJPTF7WZ6J4TN", "没认出"),
    "a number in a text": ("No. 6901234567892", "没认出"),
    "two bar codes": ("6901234567892\r\n6901234567892", "一次收到两个码"),
    "a bar code misread": ("6901234567893", "校验位"),
    "a carton misread": (f"00{SSCC[:-1]}7", "校验位"),
    "a badge of a French keyboard": (typed_on(1, BADGE, 0), "键盘布局"),
    "a bar code of a French keyboard": (typed_on(1, "6901234567892", 0), "键盘布局"),
    **{f"a label: {name}": row for name, row in TOLD.items() if name != "nothing but a line end"},
}


@pytest.mark.parametrize(("text", "kind", "code"), READ.values(), ids=READ)
def test_each_code_is_what_it_is(text: str, kind: ScanKind, code: str) -> None:
    assert what_is(text, KNOWN) == Scanned(kind, code)


@pytest.mark.parametrize("change", FOUND.values(), ids=FOUND)
def test_a_label_is_a_label_however_it_arrives(change: Any) -> None:
    assert what_is(change(LINK), KNOWN).kind is ScanKind.LABEL


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_code_of_this_site_is_told_with_its_cause(text: str, words: str) -> None:
    with pytest.raises(CodeError, match=r"expected .* got ") as refused:
        what_is(text, KNOWN)
    assert words in str(refused.value).partition(" · ")[0]


@pytest.mark.parametrize(
    ("known", "kinds"),
    [
        (Known(HOST, operators=("4500017",), orders=("4500017",)), "工牌、生产单"),
        (Known(HOST, operators=("96385074",), gtins=("00000096385074",)), "工牌、商品条码"),
        (Known(HOST, orders=("96385074",), gtins=("00000096385074",)), "生产单、商品条码"),
        (Known(HOST, orders=(SSCC,)), "生产单、箱标签"),
    ],
)
def test_what_means_two_things_is_told_and_neither_is_taken(known: Known, kinds: str) -> None:
    (text,) = {*known.operators, *known.orders}
    with pytest.raises(CodeError, match=f"没有处理：{kinds}"):
        what_is(text, known)


@settings(deadline=None, max_examples=150)
@given(damages, st.sampled_from(list(FOUND.values())))
def test_no_damage_makes_anything_else_of_a_label(damage: list[Any], change: Any) -> None:
    try:
        assert what_is(damaged(change(LINK), damage), KNOWN).kind is ScanKind.LABEL
    except CodeError as refused:
        assert "expected" in str(refused)


def test_no_piece_of_a_label_is_a_code() -> None:
    """A radio that stutters gives a scan in two pieces."""
    for at in range(1, len(LINK)):
        for piece in (LINK[:at], LINK[at:]):
            with pytest.raises(CodeError):
                what_is(piece, KNOWN)


@settings(deadline=None)
@given(damages, st.sampled_from([BADGE, SSCC, "6901234567892", "4500017"]))
def test_a_damaged_code_is_itself_another_of_its_kind_or_a_code_error(damage: list[Any], text: str) -> None:
    try:
        found = what_is(damaged(text, damage), KNOWN)
    except CodeError:
        return
    assert found.kind is not ScanKind.LABEL
    assert found.kind is not ScanKind.BADGE or found.text in (*KNOWN.operators, BADGE) or text == BADGE


# --- through the doors -----------------------------------------------------------------------------------------------


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    async with a_service(tmp_path) as found:
        yield found


async def test_the_api_says_what_it_is_and_where_it_leads_and_records_nothing(service: AgentService) -> None:
    service.parts.catalog.import_json('{"operators": [{"code": "0012", "name": "示例丙"}]}'.encode())
    before = await service.parts.ledger.do(history)
    pages = {"0012\r": "", "6901234567892": f"/console/print?q={GTIN}", SSCC: f"/console/pack?q={SSCC}"}
    async with TestClient(TestServer(build_web(service))) as client:
        for text, page in pages.items():
            async with client.post("/api/v1/scanned", json={"text": text}) as answer:
                said = await answer.json()
                assert (answer.status, said["page"]) == (200, page)
                assert said["words"]["zh"] == SCAN_KINDS[ScanKind(said["kind"])].zh
        async with client.post("/api/v1/scanned", json={"text": BADGE}) as answer:
            assert (await answer.json())["kind"] == "badge" and BADGE not in await answer.text()
        async with client.post("/api/v1/scanned", json={"text": "A02"}) as answer:
            assert answer.status == 422
            assert (await answer.json())["detail"].startswith("没认出这个码")
    assert await service.parts.ledger.do(history) == before


@pytest.mark.parametrize(
    ("text", "words"), [(BADGE, "工牌"), ("6901234567892", "商品条码"), (f"]C100{SSCC}", "箱标签")]
)
async def test_what_is_entered_as_a_label_and_is_none_is_told_as_what_it_is(
    service: AgentService, text: str, words: str
) -> None:
    with pytest.raises(CodeError, match=f"^这是{words}，不是标签，没有登记") as refused:
        await service.labels.scan(text, "A01")
    assert text not in str(refused.value)
    with pytest.raises(CodeError, match="Digital Link"):
        await service.labels.scan("A02", "A01")


async def test_an_operator_who_came_after_the_first_scan_is_known(service: AgentService) -> None:
    with pytest.raises(CodeError):
        await service.scans.what_is("0012")
    service.parts.catalog.import_json('{"operators": [{"code": "0012", "name": "示例丙"}]}'.encode())
    assert (await service.scans.what_is("0012")).kind is ScanKind.BADGE


async def test_a_number_is_a_work_order_while_that_is_open_and_only_whole(service: AgentService) -> None:
    with pytest.raises(CodeError):
        await service.scans.what_is("4500017")
    line = OrderLine("erp", "4500017", "1", "YR2026-0801", "175/92A", 100)
    rows, book = [ReadRow("row 2", line.order_no, line)], service.parts.work_orders
    book.take("f1", "orders.csv", "erp", rows, limit=10_000, day="2026-11-20", answer=lambda found: {})
    assert await service.scans.what_is("4500017\r") == Scanned(ScanKind.WORK_ORDER, "4500017")
    with pytest.raises(CodeError):
        await service.scans.what_is("450001")
    book.end(line.order_id, "done")
    with pytest.raises(CodeError):
        await service.scans.what_is("4500017")
