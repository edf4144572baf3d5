"""Find, and the page of one label: what is asked, what is shown, and that each act asks first and is done once."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.messages.life import STEPS, LifeRow, LifeStep
from edge_agent.messages.text import Words
from edge_agent.model.search import FoundLabel, LabelSearch
from edge_agent.web.api import build_web
from edge_agent.web.console.pages.acts import ACTS
from edge_agent.web.console.pages.label import LOOKS, offered
from label_protocol.states import SerialState
from tests.edge_agent.web.console.test_console import post
from tests.kits.web_double import GOODS, JOB, LABEL, ServiceDouble

SERIAL = LABEL.serial


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    return ServiceDouble(tmp_path)


@pytest.fixture
async def client(service: ServiceDouble) -> Any:
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


async def get(client: Any, path: str, status: int = 200, **query: str) -> str:
    async with client.get(path, params=query, allow_redirects=False) as answer:
        assert answer.status == status, await answer.text()
        return str(await answer.text()) if status != 303 else answer.headers["Location"]


def asked(service: ServiceDouble) -> list[LabelSearch]:
    return [order[1] for order in service.orders if order[0] == "find"]


async def test_words_are_a_style_and_where_no_style_has_them_a_lot(client: Any, service: ServiceDouble) -> None:
    text = await get(client, "/console/find", q="YR2026", chip="in_doubt", size="175/92A", printer="p1")
    assert asked(service) == [LabelSearch(style_no="YR2026", state="in_doubt", size="175/92A", printer="p1")]
    assert SERIAL in text and "YR2026-0801 · 175/92A" in text and 'value="175/92A"' in text
    service.notes.orders.clear()
    service.find.found = []
    assert "没有找到这样的标签" in await get(client, "/console/find", q="L2026")
    assert asked(service) == [LabelSearch(style_no="L2026"), LabelSearch(lot_no="L2026")]
    first = await get(client, "/console/find")
    assert "还没有打过标签" in first and "去掉一个条件" not in first, "there is none to leave out"


async def test_what_was_found_leads_to_files_of_the_same_search(client: Any, service: ServiceDouble) -> None:
    text = await get(client, "/console/find", lot_no="L1", printer="p1", **{"from": "2026-11-20"})
    for form in ("xlsx", "csv"):
        assert f"/api/v1/find.{form}?lot_no=L1&amp;printer=p1&amp;from=2026-11-20" in text
    assert f"/api/v1/labels/{SERIAL}/life.xlsx" in await get(client, f"/console/labels/{SERIAL}")
    service.find.found = []
    assert "/api/v1/find." not in await get(client, "/console/find", lot_no="L1"), "of nothing there is no file"


@pytest.mark.parametrize("at", ["/console/find", "/console/find?q=YR", f"/console/labels/{SERIAL}"])
async def test_where_labels_are_looked_for_a_scan_finds_one_and_enters_nothing(
    client: Any, service: ServiceDouble, at: str
) -> None:
    """Else whoever wants to scrap a label compares seventeen characters by eye."""
    link = f"https://id.example.cn/01/06901234567892/10/L1/21/{SERIAL}"
    to, page = await post(client, "/console/scan", text=link, back=at)
    assert to.startswith(f"/console/labels/{SERIAL}?said=") and "找到了" in page
    assert service.orders == []
    await post(client, "/console/scan", text=link, back=at, on_garment="1")
    assert "scan" in [order[0] for order in service.orders], "ticked, it is entered as everywhere"


@pytest.mark.parametrize(("state", "look"), [("printed", "good"), ("scrapped", "attention"), ("in_doubt", "attention")])
async def test_what_no_garment_may_carry_is_not_found_in_green(
    client: Any, service: ServiceDouble, state: str, look: str
) -> None:
    service.find.found = [FoundLabel(replace(LABEL, state=state), GOODS, "")]
    link = f"https://id.example.cn/01/06901234567892/10/L1/21/{SERIAL}"
    _, page = await post(client, "/console/scan", text=link, back="/console/find")
    assert f'class="scan-told {look}"' in page


async def test_a_serial_typed_or_scanned_leads_to_its_label(client: Any, service: ServiceDouble) -> None:
    scan = "https://id.example.cn/01/06901234567892/10/L1/21/PH17K3M9QX2W4T0AB"
    assert await get(client, "/console/find", 303, q=scan) == f"/console/labels/{SERIAL}"
    service.find.found = []
    wrong = "PH17K3M9QX2W4T0AC"
    assert "校验位不对" in await get(client, "/console/find", q=wrong)


async def test_pages_go_on_after_the_last_label_and_back_to_the_newest(client: Any, service: ServiceDouble) -> None:
    labels = [replace(LABEL, serial=f"PH17K3M9QX2W4{n:02d}AB") for n in range(25)]
    service.find.found = [FoundLabel(one, GOODS, "A01") for one in labels]
    text = await get(client, "/console/find", q="YR", lot_no="L1")
    assert f"after={labels[19].serial}" in text and "回到最新" not in text
    assert "lot_no=L1" in re.findall(r'href="([^"]*after=[^"]*)"', text)[0]
    await get(client, "/console/find", q="YR", after=labels[19].serial)
    assert service.orders[-1][3] == labels[19].serial
    assert "回到最新" in await get(client, "/console/find", q="YR", after=labels[19].serial)


async def test_a_day_that_is_none_is_told(client: Any) -> None:
    assert "2026-11-20" in await get(client, "/console/find", 422, **{"from": "gestern"})


async def test_a_label_tells_its_life_and_what_may_be_done(client: Any, service: ServiceDouble) -> None:
    more = {"at": LABEL.sent_at, "words": STEPS[LifeStep.SCRAPPED], "operator": "B02", "reason": "碳带皱"}
    service.find.rows.append(LifeRow(what=LifeStep.SCRAPPED, **cast(Any, more)))
    text = await get(client, f"/console/labels/{SERIAL}")
    for said in (SERIAL, "送到打印机", "报废（已销毁）", "B02", "碳带皱", "谁下的单", f"preview?serial={SERIAL}"):
        assert said in text
    assert "停用" not in text
    service.labels.stopped = Words("这一批已召回", "its lot is recalled")
    assert "这一批已召回" in await get(client, f"/console/labels/{SERIAL}")


@pytest.mark.parametrize(
    ("state", "acts"),
    [
        ("printed", ["replace", "scrap"]),
        ("in_doubt", ["replace", "scrap", "invalidate", "good"]),
        ("scrapped", ["again"]),
        ("invalid", ["again"]),
        ("commissioned", []),
        ("sending", []),
    ],
)
def test_what_is_offered_is_what_the_states_allow(state: str, acts: list[str]) -> None:
    assert [act.name for act in offered(replace(LABEL, state=state))] == acts
    replaced = replace(LABEL, state=state, replaced_by="PH1")
    assert [act.name for act in offered(replaced)] == [name for name in acts if name != "again"]
    assert set(LOOKS) == set(SerialState)


@pytest.mark.parametrize(
    ("act", "order"),
    [
        ("scrap", ("decide", SERIAL, "scrap", "", "印歪 · printed askew")),
        ("invalidate", ("decide", SERIAL, "invalidate", "", "印歪 · printed askew")),
        ("good", ("decide", SERIAL, "settle_printed", "", "印歪 · printed askew")),
        ("replace", ("replace", SERIAL, "", "印歪 · printed askew", "k1")),
    ],
)
async def test_each_act_asks_in_numbers_and_is_done_by_the_answer(
    client: Any, service: ServiceDouble, act: str, order: tuple[str, ...]
) -> None:
    path = f"/console/labels/{SERIAL}/{act}"
    text = await get(client, path)
    assert ACTS[act].consequence.zh in text and ACTS[act].reasons[0].zh in text
    assert ('class="danger"' in text) is ACTS[act].danger
    answer = {"key": "k1", "reason": "印歪 · printed askew"}
    await post(client, path, answer="back", **answer)
    assert service.orders == []
    await post(client, path, answer="yes", **answer)
    assert service.orders == [order]


async def test_without_a_reason_nothing_is_recorded_for_good(client: Any, service: ServiceDouble) -> None:
    for act in ("replace", "scrap", "invalidate", "good"):
        _, page = await post(client, f"/console/labels/{SERIAL}/{act}", answer="yes", key="k", other=" ")
        assert "请先按一个原因" in page
    assert service.orders == []


async def test_other_words_count_for_more_than_a_choice(client: Any, service: ServiceDouble) -> None:
    await post(client, f"/console/labels/{SERIAL}/scrap", answer="yes", reason="印歪", other=" 掉进水里 ", key="k")
    assert service.orders[-1][-1] == "掉进水里"


async def test_what_the_state_does_not_allow_is_refused_before_it_is_asked(client: Any, service: ServiceDouble) -> None:
    service.find.found = [FoundLabel(replace(LABEL, state="commissioned"), GOODS, "")]
    for act in (*ACTS, "burn"):
        assert "现在不能这样做" in await get(client, f"/console/labels/{SERIAL}/{act}", 409)


async def test_what_is_missing_is_printed_by_one_answer(client: Any, service: ServiceDouble) -> None:
    assert "现在没有缺的" in await get(client, "/console/missing/lot", 409, of="L1")
    service.find.lacking = ("S1", "S2", "S3")
    assert "缺 3 张" in await get(client, "/console/find", lot_no="L1")
    assert "缺 3 张" in await get(client, f"/console/labels/{SERIAL}")
    text = await get(client, "/console/missing/lot", of="L1")
    assert "补打 3 张：YR2026-0801 · 175/92A 3 张" in text
    key = re.findall(r'name="key" value="([^"]+)"', text)[0]
    service.notes.orders.clear()
    to, said = await post(client, "/console/missing/lot", of="L1", missing="3", key=key, answer="yes")
    assert service.orders == [("missing", key, "", 3, "", "L1")]
    assert to.startswith("/console/now") and "已下单补打 3 张" in said
    await post(client, "/console/missing/job", of="j1", missing="x", key=key, answer="yes")
    assert service.orders[-1] == ("missing", key, "", 0, "j1", "")


async def test_all_orders_are_paged_and_none_vanishes_though_new_ones_come(client: Any, service: ServiceDouble) -> None:
    names = [f"j{n:03d}" for n in range(1, 47)]
    service.jobs.found = {name: replace(JOB, job_id=name) for name in names}
    seen, path = [], "/console/now"
    while path:
        text = await get(client, path)
        rows = re.findall(r'<tr data-key="(j\d+)"', text)
        seen += rows
        path = next(iter(re.findall(r'href="(/console/now\?after=[^"]+)"', text)), "")
        service.jobs.found = {"j900": JOB, **service.jobs.found}  # the newest stands first
    assert seen == names
    await get(client, "/console/now?after=nobody", 404)


async def test_an_order_shows_how_it_stands_its_labels_and_what_is_missing(client: Any, service: ServiceDouble) -> None:
    assert 'href="/console/jobs/j1"' in await get(client, "/console/now")
    service.find.lacking = ("S1", "S2")
    text = await get(client, "/console/jobs/j1")
    assert asked(service) == [LabelSearch(job_id="j1")]
    for said in (SERIAL, "YR2026-0801 · 175/92A", "缺 2 张，补打", "/console/missing/job?of=j1"):
        assert said in text
    await get(client, "/console/jobs/nobody", 404)
