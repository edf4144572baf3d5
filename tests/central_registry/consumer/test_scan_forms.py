"""The scan page before whatever is stored and scanned: any snapshot, any form of a link, any number of looks."""

from __future__ import annotations

import asyncio
import copy
import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from yarl import URL

from central_registry.config import RegistryConfig, Site
from central_registry.consumer.garment_facts import WORDS
from central_registry.db import sql
from central_registry.goods import lot_import
from central_registry.oversight import notices
from label_protocol import chain
from tests.central_registry.consumer.test_scan_page import GTIN, _label, _path, read
from tests.kits.registry_kit import AT, Edge, Registry, garment, running, sample_snapshot


class Clock:
    """The registry's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def registry(clock: Clock) -> AsyncIterator[Registry]:
    async with running(RegistryConfig(site=Site(often_scanned_from=3)), clock=clock) as found:
        yield found


@pytest.fixture
async def edge(registry: Registry) -> Edge:
    found = (await registry.enrolled()).begin()
    await registry.allot(found.agent, 1000)
    return found


# --- any snapshot -----------------------------------------------------------------------------------------------------


def _deep(levels: int) -> Any:
    value: Any = "x"
    for level in range(levels):
        value = {"product": value} if level % 2 else [value]
    return value


ODD: list[Any] = [[], [1], "text", "", 7, True, None, {}, {"product": None}, {"product": [], "lot": "L1"},
                  _deep(12), _deep(400),
                  {"product": {"name": "羽" * 300_000}}, {"product": {"composition": [{}] * 50_000}},
                  {"product": {"care": ["", None, 3, {}]}},
                  {"check_code": ["x"]}, {"check_code": {"key_id": 3}}]  # fmt: skip


@pytest.mark.parametrize("snapshot", ODD, ids=lambda value: str(value)[:24] or "empty")
async def test_any_snapshot_gives_a_page_and_json(registry: Registry, edge: Edge, snapshot: Any) -> None:
    """Told by an agent as any other snapshot."""
    serial = edge.serial()
    edge.printed([serial])
    name = chain.address(snapshot)
    edge.bodies = [body.replace(next(iter(edge.snapshots)).encode(), name.encode()) for body in edge.bodies]
    edge.hashes = []
    for body in edge.bodies:
        edge.hashes.append(chain.link(edge.hashes[-1] if edge.hashes else chain.GENESIS, body))
    edge.snapshots = {name: snapshot}
    await edge.send()
    await _shown(registry, serial)


async def _shown(registry: Registry, serial: str) -> dict[str, Any]:
    status, html = await registry.page(_path(serial))
    assert status == 200
    read(html)
    answer = await registry.http.post(_path(serial), data={"code": "7K3M9QX2"})
    assert answer.status == 200
    facts = await registry.facts(_path(serial))
    assert facts["serial"] == serial
    return facts


STORED = [b"", b"null", b"nothing", b"\xff\xfe", b'{"product":{"name":"\\ud800"}}', b"[" * 100_000,
          b'{"product":{"name":NaN,"x":1e999}}', b"[" * 900 + b"]" * 900,
          b'{"product":{"x":' + b"9" * 5000 + b"}}"]  # fmt: skip


@pytest.mark.parametrize("body", STORED, ids=lambda body: repr(body[:20]))
async def test_any_stored_bytes_give_a_page_and_json(registry: Registry, edge: Edge, body: bytes) -> None:
    serial = await _label(edge)
    await registry.rows("UPDATE snapshot SET body = $1", body)
    await _shown(registry, serial)


async def test_a_damaged_snapshot_never_fails(registry: Registry, edge: Edge) -> None:
    """A good one, damaged at random: any value in any place."""
    dice = random.Random(20261129)
    serial = await _label(edge)
    for _ in range(120):
        damaged = copy.deepcopy(sample_snapshot("down_graded"))
        for _ in range(dice.randint(1, 6)):
            damaged = _damage(damaged, dice)
        await registry.rows("UPDATE snapshot SET body = $1", chain.canonical(damaged))
        await _shown(registry, serial)


def _damage(value: Any, dice: random.Random) -> Any:
    if isinstance(value, dict | list) and value and dice.random() < 0.8:
        key = dice.choice(list(value) if isinstance(value, dict) else range(len(value)))
        value[key] = _damage(value[key], dice)
        return value
    return dice.choice([None, [], {}, 0, -1, True, "", "<b>", "9" * 300, [[["x"]]], {"name": {"zh": 1}}, ["AAAA"]])


async def test_facts_that_cannot_be_shown_are_not_called_missing(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    await registry.rows("UPDATE snapshot SET body = '[1]'")
    facts = await _shown(registry, serial)
    assert [row["kind"] for row in facts["warnings"]] == ["facts_unreadable"]
    assert (facts["status"], facts["product"]) == ("registered", None)


# --- what stands on top -----------------------------------------------------------------------------------------------


async def _top(registry: Registry, path: str) -> tuple[str, str]:
    """The class that gives the colours, and the words on top."""
    html = (await registry.page(path))[1]
    return html.partition('<body class="')[2].partition('"')[0], html.partition("<h1>")[2].partition("</h1>")[0]


async def test_a_recalled_page_is_red_on_top_and_json_says_it_first(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    await notices.recall(registry.pool, "lot:L1", "绳带过长")
    assert await _top(registry, _path(serial)) == ("recalled", "该批次商品正在召回")
    _, html = await registry.page(_path(serial))
    text = read(html)
    for words in (*WORDS["status"]["recalled"], *WORDS["status_text"]["recalled"], "绳带过长"):
        assert text.index(words) < text.index("示例羽")
    assert text.count("绳带过长") == 1
    assert "M14 25l7 7 14-15" not in html, "no tick above a recall"
    assert "登记情况 Registration 已登记" in text
    facts = await registry.facts(_path(serial))
    assert next(iter(facts)) == "status"
    assert (facts["status"], facts["registration"]) == ("recalled", "registered")


async def test_a_recall_stands_above_void_and_conflict(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    edge.sending([serial])
    await edge.send(len(edge.bodies))
    assert await _top(registry, _path(serial)) == ("conflict", WORDS["status"]["conflict"][0])
    edge.tell("label_decided", serial=serial, operator="o", reason="smudged", step="scrap")
    await edge.send(len(edge.bodies))
    assert (await registry.facts(_path(serial)))["status"] == "void"
    await notices.recall(registry.pool, "lot:L1", "绳带过长")
    assert (await _top(registry, _path(serial)))[0] == "recalled"
    kinds = [row["kind"] for row in (await registry.facts(_path(serial)))["warnings"]]
    assert kinds[:2] == ["recalled", "conflict"]


async def test_a_label_of_a_recalled_lot_is_red_whatever_allotment_it_was_drawn_on(
    registry: Registry, edge: Edge
) -> None:
    serial = edge.serial()
    edge.printed([serial], lot_no="L2", quota_key="lot:L1")
    await edge.send()
    await lot_import.import_lots(registry.pool, [garment("L2")])
    await notices.recall(registry.pool, "lot:L2", "绳带过长")
    assert (await _top(registry, _path(serial)))[0] == "recalled"


async def test_a_recalled_lot_is_told_of_a_label_nobody_reported_yet(registry: Registry, edge: Edge) -> None:
    await edge.send()
    await _imported(registry)
    await notices.recall(registry.pool, "lot:L1", "绳带过长")
    assert (await _top(registry, _path(edge.serial())))[0] == "recalled"
    assert (await _top(registry, _path(edge.serial(), lot=None)))[0] == "not_yet_registered"
    assert (await _top(registry, _path(edge.serial(), gtin="06901234567915")))[0] == "not_yet_registered"


# --- any form of a link -----------------------------------------------------------------------------------------------


async def _imported(registry: Registry) -> dict[str, Any]:
    record = sample_snapshot("down_graded")
    record["lot"]["lot_no"] = "L1"
    record = {name: record[name] for name in ("product", "lot")}
    record["lot"]["quantity"] = 1_000_000
    await lot_import.import_lots(registry.pool, [record], replace=True)
    return record


async def _get(registry: Registry, path: str) -> tuple[int, str]:
    answer = await registry.http.get(URL(path, encoded=True))
    text = await answer.text()
    if answer.content_type == "text/html":
        read(text)
    return answer.status, text.partition('<body class="')[2].partition('"')[0]


async def test_the_same_link_in_other_letters_is_the_same_link(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    escaped = "".join(f"%{ord(character):02x}" for character in serial)
    for path in (
        _path(serial) + "/", _path(serial) + "?utm_source=x&a=b", _path(serial) + "/?", _path(serial).lower(),
        f"/01/{GTIN}/%32%31/{serial}", f"/01/{GTIN}/10/%4C1/21/{escaped}", f"/01/{GTIN}/10/%4c1/21/{escaped}/",
        f"/01/{GTIN[1:]}/21/{serial}",
    ):  # fmt: skip
        assert await _get(registry, path) == (200, "registered"), path
        assert (await registry.facts(path.partition("?")[0]))["warnings"] == [], path


async def test_a_link_without_a_serial_names_the_product_and_nothing_else(registry: Registry, edge: Edge) -> None:
    record = await _imported(registry)
    for path in (f"/01/{GTIN}", f"/01/{GTIN}/", f"/01/{GTIN[1:]}", f"/01/{GTIN}?linkType=gs1:pip", f"/01/{GTIN}/10/L1",
                 f"/01/{GTIN}/22/A1", f"/01/{GTIN}/10/L1/"):  # fmt: skip
        assert await _get(registry, path) == (200, "product"), path
    text = read((await registry.page(f"/01/{GTIN}/10/L1"))[1])
    for words in (*WORDS["status"]["product"], *WORDS["status_text"]["product"], record["product"]["name"], "L1", GTIN):
        assert words in text
    assert record["product"]["maker"]["name"] in text
    for secret in (record["lot"]["report_no"], record["lot"]["grade"]["overall"], record["product"]["style_no"]):
        assert secret not in text
    facts = await registry.facts(f"/01/{GTIN}/10/L1")
    product = record["product"]
    assert facts["product"] == {"name": product["name"], "brand": product["brand"], "maker": product["maker"]["name"]}
    assert (facts["status"], facts["lot"], facts["serial"]) == ("product", None, "")
    assert (await registry.http.post(f"/01/{GTIN}", data={"code": "x"})).status == 200
    assert await registry.rows("SELECT * FROM scan") == []


async def test_a_link_to_a_product_or_lot_nobody_imported_is_404(registry: Registry) -> None:
    assert await _get(registry, f"/01/{GTIN}") == (404, "unknown")
    await _imported(registry)
    for path in ("/01/06901234567915", "/01/06901234567915/10/L1", f"/01/{GTIN}/10/L2", "/01/06901234567893", "/01/x",
                 "/01/%00", "/01//", "/01/"):  # fmt: skip
        assert await _get(registry, path) == (404, "unknown"), path


async def test_a_recalled_lots_own_link_is_red(registry: Registry) -> None:
    await _imported(registry)
    await notices.recall(registry.pool, "lot:L1", "绳带过长")
    assert await _top(registry, f"/01/{GTIN}/10/L1") == ("recalled", "该批次商品正在召回")
    assert (await registry.facts(f"/01/{GTIN}/10/L1"))["recall"] == {"reason": "绳带过长"}
    assert (await _top(registry, f"/01/{GTIN}"))[0] == "product", "other lots of it may be fine"


async def test_a_recalled_styles_own_link_is_red(registry: Registry) -> None:
    await lot_import.import_lots(registry.pool, [garment(None, "S7", gtin=GTIN)])
    await notices.recall(registry.pool, "style:S7", "绳带过长")
    assert (await _top(registry, f"/01/{GTIN}"))[0] == "recalled"


async def test_a_link_that_goes_on_after_its_code_is_400(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    for more in ("/x", "//", "/x/y", "/10/L1", "/21/A", "/%2e%2e/x"):
        assert await _get(registry, _path(serial) + more) == (400, "beyond"), more
    for path in (f"/01/{GTIN}/21", f"/01/{GTIN}/x", f"/01/{GTIN}/x/y", f"/01/{GTIN}/10//21/{serial}", f"/01/{GTIN}//",
                 f"/01/{GTIN}/10/L1/22/A/21/{serial}"):  # fmt: skip
        assert await _get(registry, path) == (400, "beyond"), path


async def test_a_products_page_is_found_by_an_index(registry: Registry) -> None:
    """The expression of the query is the index's own, letter by letter."""
    async with registry.pool.acquire() as connection:
        await connection.execute("SET enable_seqscan = off")
        plan = [row[0] for row in await connection.fetch("EXPLAIN " + sql.product.sql, GTIN)]
    assert any("feed_item_by_gtin" in line for line in plan), plan


# --- any number of looks ----------------------------------------------------------------------------------------------


async def test_looks_count_once_in_ten_minutes_whoever_asks(registry: Registry, edge: Edge, clock: Clock) -> None:
    path = _path(await _label(edge))
    for _ in range(40):
        facts = await registry.facts(path)
    assert facts["scans"] == {"first_at": AT.isoformat(timespec="seconds"), "count": 1}
    assert facts["warnings"] == []
    for minutes, count in ((9, 1), (10, 2), (19, 2), (20, 3), (20, 3)):
        clock.now = AT + timedelta(minutes=minutes)
        facts = await registry.facts(path)
        assert facts["scans"]["count"] == count, minutes
    assert [row["kind"] for row in facts["warnings"]] == ["often_scanned"]
    text = read((await registry.page(path))[1])
    assert "不能据此认定真伪" in text
    assert "假" not in text.replace("真假", ""), "many looks accuse nobody"
    assert await registry.rows("SELECT last_at, times FROM scan") == [
        {"last_at": AT + timedelta(minutes=20), "times": 3}
    ]


async def test_looks_at_once_count_once_and_an_early_look_writes_nothing(registry: Registry, edge: Edge) -> None:
    path = _path(await _label(edge))
    found = await asyncio.gather(*(registry.facts(path) for _ in range(30)))
    assert {facts["scans"]["count"] for facts in found} == {1}
    async with registry.pool.acquire() as other, other.transaction():
        await other.execute("SELECT * FROM scan FOR UPDATE")
        await asyncio.wait_for(registry.facts(path), 5)


async def test_the_alarm_of_a_void_label_counts_as_its_looks_do(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    edge.tell("label_decided", serial=serial, operator="o", reason="smudged", step="scrap")
    await edge.send(len(edge.bodies))
    for _ in range(5):
        await registry.facts(_path(serial))
    assert await registry.rows("SELECT kind, times FROM alarm") == [{"kind": "void_scanned", "times": 1}]
