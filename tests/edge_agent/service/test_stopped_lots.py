"""A lot that is recalled or suspended goes onto no garment, and a lot goes with no goods but its own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.errors import LotStoppedError
from edge_agent.labels.prepare import LabelTerms, LinkStyle
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.copies import CopiesOrder
from edge_agent.model.job import Job
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import AgentParts
from edge_agent.web.api import build_web
from label_protocol.chain import parse
from label_protocol.errors import RecordError
from label_protocol.states import Step
from tests.edge_agent.service.test_service import LOT, SAMPLE, ask, real_draw
from tests.kits.ledger_kit import PROOF, Place, a_job, an_order, doubted, enrolled, link_of, printed, require_sound
from tests.kits.web_double import VIEW

SAMPLES = SAMPLE.parent
STOPS = {
    "recall": {"kind": "recall", "quota_key": "lot:L1", "reason": "绒子含量不符"},
    "suspension": {"kind": "suspension", "quota_key": "lot:L1", "suspended": True, "reason": "复检"},
}
OP = "A01"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture(params=sorted(STOPS))
def stop(request: pytest.FixtureRequest) -> dict[str, Any]:
    return STOPS[request.param]


def test_a_label_of_a_stopped_lot_does_not_go_onto_a_garment(place: Place, stop: dict[str, Any]) -> None:
    ledger = enrolled(place.open())
    window = printed(ledger, a_job(ledger))
    doubt = doubted(ledger, a_job(ledger))
    ledger.receive_distribution("c9", "epoch-1", [stop])
    for serial in (window.serials[0], doubt.serials[0]):
        with pytest.raises(LotStoppedError, match=r"批号 L1 已(召回|暂停).*keep garment and label aside"):
            ledger.scan(serial, link_of(serial), OP, on_garment=True)
        with pytest.raises(LotStoppedError):
            ledger.decide(serial, Step.COMMISSION, OP, "挂上了")
    assert [ledger.label(one.serials[0]).state for one in (window, doubt)] == ["printed", "in_doubt"]
    require_sound(ledger)
    ledger.close()


def test_what_is_on_paper_is_recorded_of_a_stopped_lot_too(place: Place, stop: dict[str, Any]) -> None:
    ledger = enrolled(place.open())
    doubt = doubted(ledger, a_job(ledger))
    spoiled = printed(ledger, a_job(ledger)).serials[0]
    ledger.receive_distribution("c9", "epoch-1", [stop])
    first = doubt.serials[0]
    assert ledger.scan(first, link_of(first), OP).state == "printed"
    assert ledger.stop_of(first) is not None
    last = doubt.serials[3]
    labels = ledger.settle_window(doubt.window_id, last, link_of(last), OP)
    assert [one.state for one in labels] == ["printed"] * 4 + ["invalid"] * 4
    assert ledger.decide(spoiled, Step.SCRAP, OP, "碳带皱").state == "scrapped"
    ledger.close()


def test_a_suspension_that_ends_lets_the_labels_go_on(place: Place) -> None:
    ledger = enrolled(place.open())
    serial = printed(ledger, a_job(ledger)).serials[0]
    ledger.receive_distribution("c8", "epoch-1", [STOPS["suspension"]])
    ledger.receive_distribution("c9", "epoch-1", [STOPS["suspension"] | {"suspended": False}])
    assert ledger.scan(serial, link_of(serial), OP, on_garment=True).state == "commissioned"
    ledger.close()


def test_nothing_is_ordered_of_a_stopped_lot(place: Place, stop: dict[str, Any]) -> None:
    ledger = enrolled(place.open())
    spoiled = printed(ledger, a_job(ledger)).serials[0]
    order = an_order()
    known = ledger.open_job(order)
    ledger.receive_distribution("c9", "epoch-1", [stop])
    with pytest.raises(LotStoppedError, match="choose another lot"):
        a_job(ledger)
    with pytest.raises(LotStoppedError, match="不能补打"):
        ledger.scrap_and_replace(spoiled, OP, "碳带皱", "replace-1")
    assert ledger.label(spoiled).state == "printed", "the scrapping is undone with the order"
    snapshot = {"product": {"style_no": "S1"}, "lot": {"lot_no": "L1"}}
    with pytest.raises(LotStoppedError):
        ledger.open_copies(CopiesOrder("k", "h", "wash_care_30", "p1", 3, snapshot))
    assert ledger.open_job(order) == known, "the same order is still answered with its job"
    ledger.close()


def test_a_window_on_paper_when_its_lot_is_stopped_is_not_called_commissioned(place: Place) -> None:
    ledger = enrolled(place.open())
    for stopped, counts_as in ((False, "commissioned"), (True, "printed")):
        window = ledger.begin_window(a_job(ledger, printer=f"p{stopped}").job_id)
        if stopped:
            ledger.receive_distribution("c9", "epoch-1", [STOPS["recall"]])
        ledger.prove_window(window.window_id, PROOF, "commissioned")
        head = ledger.head()
        told = parse(ledger.events(head.incarnation, head.seq - 1)[0].body)
        assert (told["type"], told["counts_as"]) == ("window_printed", counts_as)
    ledger.close()


def test_a_lot_that_the_registry_fed_with_another_style_is_refused(place: Place) -> None:
    ledger = enrolled(place.open())
    ledger.receive_distribution(
        "c9", "e", [{"kind": "lot", "lot_no": "L1", "record": {"product": {"style_no": "JUMPER"}}}]
    )

    def order(style_no: str) -> Job:
        return a_job(ledger, snapshot={"product": {"style_no": style_no}, "lot": {"lot_no": "L1"}})

    with pytest.raises(RecordError, match="平台登记批号 L1 是款号 JUMPER 的"):
        order("JACKET")
    assert order("JUMPER").lot_no == "L1"
    ledger.close()


# --- the service and the API ------------------------------------------------------------------------------------------


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[AgentService]:
    ledger = await LedgerThread.open(lambda: enrolled(Place(tmp_path).open(new_serial=real_draw), allotted=10, lot=LOT))
    catalog = Catalog.open(tmp_path / "catalogue.json")
    catalog.import_json(json.dumps([json.loads(one.read_text("utf-8")) for one in SAMPLES.glob("*.json")]).encode())
    yield AgentService(
        AgentParts(
            ledger=ledger,
            catalog=catalog,
            printers=PrinterDirectory(lambda: [VIEW]),
            changes=ChangeSignal(),
            terms=lambda: LabelTerms("2026-11-20", LinkStyle("id.example.cn", check_codes=False)),
        )
    )
    await ledger.close()


@pytest.fixture
async def client(service: AgentService) -> AsyncIterator[Any]:
    async with TestClient(TestServer(build_web(service))) as found:
        yield found


async def feed(service: AgentService, *items: dict[str, Any]) -> None:
    cursor = f"c-{len(items)}-{items[0]['kind']}"
    await service.parts.ledger.do(Ledger.receive_distribution, cursor, "epoch-1", list(items))


DOWN = {"template": "down_grade_60x40", "printer": "p1", "quantity": 1, "operator": "A01"}
JACKET = {"style_no": "YR2026-0801", "size": "175/92A"}


async def test_a_scan_onto_a_garment_of_a_recalled_lot_is_a_problem_of_its_own(
    client: Any, service: AgentService
) -> None:
    job = await ask(client, "POST", "jobs", 201, {**DOWN, **JACKET, "lot_no": LOT}, "k1")
    window = await service.parts.ledger.do(Ledger.begin_window, job["job_id"])
    await service.parts.ledger.do(Ledger.doubt_window, window.window_id, "silence")
    await feed(service, {"kind": "recall", "quota_key": f"lot:{LOT}", "reason": "抽检不合格"})
    text = f"https://ID.EXAMPLE.CN/01/06901234567892/10/{LOT}/21/{window.serials[0]}"
    body = {"text": text, "operator": "A01"}
    problem = await ask(client, "POST", "scan", 409, body | {"on_garment": True})
    assert problem["type"] == "/problems/lotstopped"
    assert problem["detail"].startswith(f"批号 {LOT} 已召回：抽检不合格，不能挂到衣服上")
    label = await ask(client, "POST", "scan", 200, body)
    assert label["state"] == "printed"
    assert label["stopped"] == {"zh": "已召回：抽检不合格", "en": "recalled: 抽检不合格"}
    assert (await ask(client, "GET", f"labels/{window.serials[0]}", 200))["stopped"]["zh"] == "已召回：抽检不合格"
    again = await ask(client, "POST", "scan", 409, body)
    assert again["type"] == "/problems/lotstopped", "the stop is told before the state"
    settled = await ask(client, "POST", f"windows/{window.window_id}/settle", 409, {"text": text, "operator": "A01"})
    assert settled["type"] == "/problems/conflict", "one label, and it is settled"
    order = {**DOWN, **JACKET, "lot_no": LOT}
    assert (await ask(client, "POST", "jobs", 409, order, "k2"))["type"] == "/problems/lotstopped"


async def test_only_lots_of_the_style_are_offered_and_taken(client: Any, service: AgentService) -> None:
    found = await ask(client, "GET", "catalogue", 200)
    offered = {one["style_no"]: one["lots"] for one in found["styles"]}
    assert offered["YR2026-0801"] == [LOT]
    assert offered["PY-C-2617"] == ["PY26110203"]
    lot = next(one for one in found["lots"] if one["lot_no"] == LOT)
    assert (lot["style_no"], lot["gtin"], lot["stopped"]) == ("YR2026-0801", "06901234567892", None)
    assert found["operators_only"] is False

    foreign = {**DOWN, **JACKET, "lot_no": "PY26110203"}
    problem = await ask(client, "POST", "jobs", 422, foreign, "k1")
    assert problem["detail"].startswith("批号 PY26110203 是款号 PY-C-2617 的，不能印在款号 YR2026-0801 上")
    record = json.loads(SAMPLE.read_text("utf-8"))
    record["lot"] = json.loads((SAMPLES / "knit_cashmere.json").read_text("utf-8"))["lot"]
    assert (await ask(client, "POST", "jobs", 422, {**DOWN, "record": record}, "k2"))["type"] == "/problems/record"
    copies = {key: value for key, value in foreign.items() if key != "quantity"}
    copies |= {"count": 1, "template": "wash_care_30"}
    assert (await ask(client, "POST", "copies", 422, copies, "k3"))["type"] == "/problems/record"
    query = f"preview?template=down_grade_60x40&style_no={JACKET['style_no']}&size={JACKET['size']}&lot_no=PY26110203"
    await ask(client, "GET", query, 422)

    await feed(service, {"kind": "suspension", "quota_key": f"lot:{LOT}", "suspended": True, "reason": "复检"})
    found = await ask(client, "GET", "catalogue", 200)
    assert {one["style_no"]: one["lots"] for one in found["styles"]}["YR2026-0801"] == []
    stopped = {one["lot_no"]: one["stopped"] for one in found["lots"]}
    assert stopped[LOT] == {"zh": "已暂停：复检", "en": "suspended: 复检"}


async def test_a_lot_that_came_alone_is_offered_for_nobody_until_somebody_knows_its_goods(
    client: Any, service: AgentService
) -> None:
    service.parts.catalog.import_sheet("批号,批量\nL-NEW,500\n".encode())
    found = await ask(client, "GET", "catalogue", 200)
    assert not any("L-NEW" in one["lots"] for one in found["styles"])
    assert next(one for one in found["lots"] if one["lot_no"] == "L-NEW")["style_no"] is None
    await ask(client, "POST", "jobs", 422, {**DOWN, **JACKET, "lot_no": "L-NEW"}, "k1")  # no grade; not: another style
    await feed(
        service, {"kind": "lot", "lot_no": "L-NEW", "record": {"product": {"style_no": "YR2026-0801", "gtin": "1"}}}
    )
    found = await ask(client, "GET", "catalogue", 200)
    assert [one["style_no"] for one in found["styles"] if "L-NEW" in one["lots"]] == ["YR2026-0801"]


async def test_the_catalogue_is_read_once_until_it_is_another(
    client: Any, service: AgentService, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await ask(client, "GET", "catalogue", 200)
    monkeypatch.setattr(service.parts.catalog.styles, "list", lambda: pytest.fail("read again"))
    assert await ask(client, "GET", "catalogue", 200) == first
    monkeypatch.undo()
    service.parts.catalog.styles.delete(JACKET["style_no"], JACKET["size"])
    assert len((await ask(client, "GET", "catalogue", 200))["styles"]) == len(first["styles"]) - 1


def test_sizes_of_one_style_share_a_lot_and_another_style_takes_it_over(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path / "catalogue.json")
    record = json.loads(SAMPLE.read_text("utf-8"))
    catalog.import_json(json.dumps(record).encode())
    record["product"] |= {"size": "170/88A", "gtin": "06901234567908"}
    with pytest.raises(RecordError, match="是款号 YR2026-0801 的"):
        catalog.import_json(json.dumps({"styles": [record["product"]]}).encode())
        catalog.record("YR2026-0801", "170/88A", LOT)
    catalog.import_json(json.dumps(record).encode())
    assert catalog.record("YR2026-0801", "170/88A", LOT).lot == catalog.record("YR2026-0801", "175/92A", LOT).lot
    assert Catalog.open(tmp_path / "catalogue.json").goods_of(LOT) == catalog.goods_of(LOT)
    record["product"] |= {"style_no": "YR2026-0802", "gtin": "06901234567915"}
    with pytest.raises(RecordError, match="在资料库里是款号 YR2026-0801 的"):
        catalog.import_json(json.dumps(record).encode())
    catalog.record("YR2026-0801", "175/92A", LOT)
    catalog.import_json(json.dumps(record).encode(), replace=True)
    with pytest.raises(RecordError):
        catalog.record("YR2026-0801", "175/92A", LOT)


def test_an_import_that_gives_one_lot_to_two_styles_is_refused_whole(tmp_path: Path) -> None:
    catalog = Catalog.open(tmp_path / "catalogue.json")
    jacket = json.loads(SAMPLE.read_text("utf-8"))
    other = json.loads((SAMPLES / "knit_cashmere.json").read_text("utf-8")) | {"lot": jacket["lot"]}
    with pytest.raises(RecordError, match="写了两个款号"):
        catalog.import_json(json.dumps([jacket, other]).encode())
    assert catalog.styles.list() == ()
