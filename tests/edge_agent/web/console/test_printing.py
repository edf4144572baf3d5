"""Print without a browser: found by fragment, barcode and scan; only what fits; one form is one order."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.errors import IdempotencyError
from edge_agent.messages.work_order import ORDER_STATES
from edge_agent.model.job import Job
from edge_agent.model.work_order import OrderLine, OrderState, WorkOrder
from edge_agent.service.fitting import Fitting
from edge_agent.service.work_orders import OrderView, PartOrder, Waiting
from edge_agent.web.api import build_web
from edge_agent.web.console.pages.choice import LOTS_TRIED
from edge_agent.web.console.pages.printing import whole
from tests.kits.web_double import JOB, ServiceDouble

SAMPLE = Path(__file__).parents[4] / "edge_agent" / "demo" / "samples" / "down_graded.json"
STYLE = {"style_no": "YR2026-0801", "size": "175/92A"}
CHOSEN = STYLE | {"lot_no": "L20261118A", "template": "down_grade_60x40", "printer": "line-a"}


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    found = ServiceDouble(tmp_path)
    found.parts.catalog.import_file(SAMPLE)
    return found


@pytest.fixture
async def client(service: ServiceDouble) -> AsyncIterator[Any]:
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


async def get(client: Any, **query: str) -> str:
    async with client.get("/console/print", params=query) as answer:
        assert answer.status == 200
        return str(await answer.text())


async def order(client: Any, **fields: str) -> tuple[int, str]:
    async with client.post("/console/print", data=CHOSEN | {"key": "k1", "quantity": "50"} | fields) as answer:
        return answer.status, await answer.text()


def many(count: int) -> bytes:
    """Styles to import, each with a number and a barcode of its own."""
    record = json.loads(SAMPLE.read_text("utf-8"))
    products = [record["product"] | {"style_no": f"ST{n:05d}", "gtin": _gtin(n)} for n in range(count)]
    return json.dumps({"styles": products}).encode()


def _gtin(n: int) -> str:
    body = f"0690{n:09d}"
    total = sum(int(digit) * (3 if at % 2 == 0 else 1) for at, digit in enumerate(body))
    return f"{body}{-total % 10}"


@pytest.mark.parametrize("q", ["ST00012", "st00012", _gtin(12), _gtin(12)[1:], "ST00012 羽绒"])
async def test_one_style_is_found_by_fragment_and_barcode(client: Any, service: ServiceDouble, q: str) -> None:
    service.parts.catalog.import_json(many(60))
    page = await get(client, q=q)
    assert 'id="order"' in page
    assert 'name="style_no" value="ST00012"' in page


async def test_every_style_stands_on_some_page(client: Any, service: ServiceDouble) -> None:
    service.parts.catalog.import_json(many(60))
    pages = [await get(client, page=str(n)) for n in (1, 2, 3, 4)]
    found = {one for page in pages for one in re.findall(r'data-key="(ST\d{5}) ', page)}
    assert len(found) == 60
    assert "4 / 4" in pages[3]


async def test_what_is_not_found_says_what_to_do(client: Any) -> None:
    assert "换几个字" in await get(client, q="nothing of the kind")


async def test_only_what_fits_is_offered_and_the_first_lot_stands(client: Any) -> None:
    page = await get(client, **STYLE)
    assert re.search(r'name="lot_no" value="L20261118A" checked', page)
    assert re.search(r'name="template" value="down_grade_60x40" checked', page)
    assert re.search(r'name="printer" value="line-a" checked', page)
    assert "/api/v1/preview?style_no=YR2026-0801&amp;size=175%2F92A&amp;lot_no=L20261118A" in page


async def test_nothing_that_fits_is_said_and_cannot_be_ordered(client: Any, service: ServiceDouble) -> None:
    service.fitting.found = Fitting((), {"down_grade_60x40": "这个款缺执行标准 · no standard"})
    page = await get(client, **STYLE)
    assert "这个款缺执行标准" in page
    assert 'data-key="print"' not in page
    await order(client)
    assert service.orders == []


async def test_a_label_that_was_exchanged_is_said(client: Any, service: ServiceDouble) -> None:
    service.fitting.found = Fitting(("wash_care_30",), {"down_grade_60x40": "too small"})
    assert "请核对装的纸" in await get(client, **STYLE, template="down_grade_60x40")
    _, page = await order(client)
    assert service.orders == []
    assert "请核对" in page


async def test_the_smallest_stands_in_for_a_label_that_does_not_fit(client: Any, service: ServiceDouble) -> None:
    refused = {"down_hangtag_50x90": "too small"}
    service.fitting.found = Fitting(("down_grade_60x40", "wash_care_30"), refused, "wash_care_30")
    page = await get(client, **STYLE, template="down_hangtag_50x90")
    assert re.search(r'name="template" value="wash_care_30" checked', page)
    assert re.search(r'name="template" value="down_grade_60x40" checked', await get(client, **STYLE))


async def test_a_style_of_many_lots_that_fits_nothing_is_not_asked_for_each(
    client: Any, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = json.loads(SAMPLE.read_text("utf-8"))
    for n in range(LOTS_TRIED + 3):
        service.parts.catalog.import_json(json.dumps(record | {"lot": record["lot"] | {"lot_no": f"L{n}"}}).encode())
    asked: list[str] = []

    async def nothing(body: Any) -> Fitting:
        asked.append(body.lot_no)
        return Fitting((), {"down_grade_60x40": "资料里没有分级结果 · no grade"})

    monkeypatch.setattr(service.fitting, "of_garment", nothing)
    assert "没有分级结果" in await get(client, **STYLE)
    assert len(asked) == LOTS_TRIED + 1


async def test_an_empty_catalogue_says_what_to_do(tmp_path: Path) -> None:
    async with TestClient(TestServer(build_web(cast(Any, ServiceDouble(tmp_path / "empty"))))) as client:
        assert "先导入资料" in await get(client)


async def test_a_lot_that_is_not_this_styles_is_refused_and_not_exchanged(client: Any, service: ServiceDouble) -> None:
    page = await get(client, **STYLE, lot_no="ANOTHER")
    assert "批次 ANOTHER 不能打这个款" in page
    await order(client, lot_no="ANOTHER")
    assert service.orders == []


async def test_one_press_prints_once_and_shows_what_was_ordered(client: Any, service: ServiceDouble) -> None:
    _, page = await order(client)
    assert "已下单 50 张" in page
    assert 'class="ordered"' in page
    assert 'id="order"' not in page  # the form is closed: nothing to press again
    body = CHOSEN | {"operator": "", "quantity": 50}
    assert service.orders == [("submit", body, "k1")]


async def test_labels_without_a_code_go_to_a_printer_as_copies(client: Any, service: ServiceDouble) -> None:
    await order(client, template="wash_care_30", printer="p1")
    assert service.orders == [
        ("copies", CHOSEN | {"template": "wash_care_30", "printer": "p1", "operator": "", "count": 50}, "k1")
    ]


@pytest.mark.parametrize("typed", ["", "0", "-1", "1.5", "1e3", "٣", "10000000", "x"])
async def test_a_quantity_that_is_none_is_told_beside_its_field(
    client: Any, service: ServiceDouble, typed: str
) -> None:
    status, page = await order(client, quantity=typed)
    assert status == 422
    assert 'aria-invalid="true"' in page
    assert "请填 1 到" in page
    assert re.search(r'name="lot_no" value="L20261118A" checked', page)  # what was chosen stays
    assert service.orders == []


def test_a_number_is_a_number() -> None:
    assert (whole(" 50 "), whole("1000000"), whole("1000001")) == (50, 1_000_000, None)


async def test_a_quantity_far_above_the_usual_asks_back_in_numbers(client: Any, service: ServiceDouble) -> None:
    service.catalogue.left = 4200
    _, page = await order(client, quantity="5001")
    assert "要打 5001 张？" in page
    assert "最近最多一单 10 张；这一批 5000 件；还能打 4200 张" in page
    assert service.orders == []
    await order(client, quantity="5001", sure="1", answer="back")
    assert service.orders == []
    await order(client, quantity="5001", sure="1", answer="yes")
    assert [one[2] for one in service.orders] == ["k1"]


async def test_an_order_that_had_arrived_opens_a_new_form_and_says_so(client: Any, service: ServiceDouble) -> None:
    service.notes.fails = IdempotencyError("job: expected the same body for the same key, got another")
    _, page = await order(client)
    assert "上一单其实已经下了" in page
    assert re.search(r'data-keep="key [\w-]+"', page)  # another form than before, so another key


async def test_each_form_has_a_key_of_its_own_and_enter_orders_nothing(client: Any) -> None:
    pages = [await get(client, **STYLE) for _ in range(2)]
    keys = [re.search(r'name="key" value="([\w-]{20,})"', page) for page in pages]
    assert len({key[1] for key in keys if key}) == 2
    form = pages[0].partition('id="order"')[2]
    assert re.search(r"<button[^>]*>", form)[0].count('formmethod="get"') == 1  # type: ignore[index]


async def test_two_orders_of_one_form_with_one_key_are_one_job(client: Any, service: ServiceDouble) -> None:
    first, second = await order(client), await order(client)
    assert first[1].count("已下单") == second[1].count("已下单")
    assert {one[2] for one in service.orders} == {"k1"}


# --- work orders -------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(service: ServiceDouble, monkeypatch: pytest.MonkeyPatch) -> WorkOrder:
    """One work order, of which nothing was printed yet; parts that are ordered are noted."""
    line = OrderLine("erp", "SC-1001", "1", "YR2026-0801", "175/92A", 120, "L20261118A", remark="先打这一单")
    found = WorkOrder(line, "2026-11-20T01:00:00.000Z", "a.csv")
    view = OrderView(found, OrderState.WAITING, ORDER_STATES[OrderState.WAITING], 120, 0, 0, 0, 0, 120, 1, ())

    async def some(find: str = "", limit: int = 200) -> Waiting:
        return Waiting((view,), 1, 1)

    async def one(order_id: str) -> OrderView:
        assert order_id == found.order_id
        return view

    async def part(order_id: str, wanted: PartOrder, operator: str) -> Job:
        service.notes.note("part", order_id, wanted, operator)
        return JOB

    for name, does in (("waiting", some), ("find", one), ("print_part", part)):
        monkeypatch.setattr(service.work_orders, name, does)
    return found


async def test_without_work_orders_the_page_has_no_word_of_them(client: Any) -> None:
    assert "生产单" not in await get(client)


async def test_a_waiting_order_leads_to_its_style_lot_and_what_is_left(client: Any, waiting: WorkOrder) -> None:
    page = await get(client)
    assert "SC-1001" in page
    assert "120 / 120" in page
    page = await get(client, order=waiting.order_id)
    assert 'name="quantity" value="120"' in page
    assert re.search(r'name="lot_no" value="L20261118A" checked', page)
    assert "不写批次" not in page  # whose lot it is was said by the order
    assert re.search(r'name="template" value="wash_care_30" checked', page)  # auto: the smallest that fits
    assert "先打这一单" in page


async def scanned(client: Any, text: str = "6901234567892") -> str:
    """Where the scan of a style's barcode leads."""
    async with client.post("/console/scan", data={"text": text}, allow_redirects=False) as answer:
        return str(answer.headers["Location"]).partition("said=")[0]


async def test_the_barcode_of_a_style_leads_to_the_one_order_that_waits_for_it(
    client: Any, service: ServiceDouble, waiting: WorkOrder
) -> None:
    """Else its labels would be printed beside the order, which would go on asking for them."""
    assert await scanned(client) == f"/console/print?order={waiting.order_id}&"
    page = await get(client, q="6901234567892")
    assert "SC-1001" in page and 'id="order"' not in page, "found by hand it is shown, and what waits before it"
    assert 'id="order"' in await get(client, **STYLE, q="6901234567892"), "chosen all the same, it is printed without"
    assert service.orders == []


async def test_several_orders_of_one_style_are_shown_to_choose_from(
    client: Any, waiting: WorkOrder, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    (one,) = (await service.work_orders.waiting()).orders
    given = replace(one, left=0)
    other = replace(one, order=replace(one.order, asked=replace(one.order.asked, order_no="SC-1002")))
    smaller = replace(one, order=replace(one.order, asked=replace(one.order.asked, order_no="SC-1003", size="165/84A")))

    async def some(find: str = "", limit: int = 200) -> Waiting:
        return Waiting((one, given, other, smaller), 4, 4)

    monkeypatch.setattr(service.work_orders, "waiting", some)
    assert await scanned(client) == "/console/print?q=06901234567892&"
    page = await get(client, q="06901234567892")
    assert re.findall(r"SC-100\d", page) == ["SC-1001", "SC-1002"], "not what is given out, not another size"


async def test_every_order_that_waits_is_on_some_page(
    client: Any, service: ServiceDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [OrderLine("erp", f"SC-{n:04d}", "1", "YR2026-0801", "175/92A", 10) for n in range(45)]
    orders = [WorkOrder(line, "2026-11-20T01:00:00.000Z", "a.csv") for line in lines]
    words = ORDER_STATES[OrderState.WAITING]
    views = [OrderView(one, OrderState.WAITING, words, 10, 0, 0, 0, 0, 10, 1, ()) for one in orders]

    async def some(find: str = "", limit: int = 200) -> Waiting:
        return Waiting(tuple(views[:limit]), 45, 45)

    monkeypatch.setattr(service.work_orders, "waiting", some)
    page = await get(client)
    assert page.count("SC-00") == 5
    assert "全部 45 张生产单" in page
    seen: list[str] = []
    for number in ("1", "2", "3"):
        async with client.get("/console/orders", params={"page": number}) as answer:
            seen += re.findall(r"SC-\d{4}", await answer.text())
    assert seen == [line.order_no for line in lines]


async def test_a_part_of_an_order_is_given_to_a_printer_once(
    client: Any, service: ServiceDouble, waiting: WorkOrder
) -> None:
    fields = CHOSEN | {"order": waiting.order_id, "part": "1", "quantity": "100", "key": "k1", "printer": "p1"}
    async with client.post("/console/print", data=fields | {"lot_no": "ANOTHER"}) as answer:
        assert "已下单 100 张" in await answer.text()
    assert service.orders == [("part", waiting.order_id, PartOrder(1, 100, "p1", "down_grade_60x40"), "")]


async def test_the_part_of_a_form_stays_what_it_was(client: Any, waiting: WorkOrder) -> None:
    """What was ordered and not answered is the same part when it is pressed again."""
    page = await get(client, order=waiting.order_id)
    assert re.search(r'name="part" value="1" data-keep="part "', page)
