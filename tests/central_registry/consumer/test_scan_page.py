"""The scan page in all its cases, as HTML and as JSON."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from typing import Any

import pytest
from yarl import URL

from central_registry.config import RegistryConfig, Site
from central_registry.consumer.garment_facts import care_words, page_of
from central_registry.goods import lot_import
from central_registry.oversight import notices
from garment.facts import WEARERS
from label_protocol.codes.serial import ALPHABET, check_character
from tests.kits import registry_kit
from tests.kits.registry_kit import SAMPLES, Edge, Registry, running, sample_snapshot

GTIN = "06901234567892"


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running(RegistryConfig(site=Site(often_scanned_from=3))) as found:
        yield found


@pytest.fixture
async def edge(registry: Registry) -> Edge:
    found = (await registry.enrolled()).begin()
    await registry.allot(found.agent, 1000)
    return found


async def _label(edge: Edge, sample: str = "down_graded", lot_no: str | None = "L1") -> str:
    serial = edge.serial()
    first = len(edge.bodies) + 1
    edge.printed([serial], sample=sample, lot_no=lot_no)
    await edge.send(1 if first == 2 else first)
    return serial


def _path(serial: str, gtin: str = GTIN, lot: str | None = "L1") -> str:
    return f"/01/{gtin}" + (f"/10/{lot}" if lot else "") + f"/21/{serial}"


class _Check(HTMLParser):
    """Every tag closed in order; no script, no address of others, no inline handler or style."""

    VOID = frozenset({"meta", "link", "br", "img", "input", "hr"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "iframe", "img", "link", "form", "object")
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("style", "src")
            if name == "href":
                assert (value or "").startswith(("tel:", "https://www.12315.cn", "/complaint?code="))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("circle", "path", "rect")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.text.append(data)


def read(html: str) -> str:
    """The page's visible text, after its markup was checked."""
    checker = _Check()
    checker.feed(html)
    checker.close()
    assert checker.open == []
    return " ".join(" ".join(checker.text).split())


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [str(value)]


@pytest.mark.parametrize("sample", sorted(path.stem for path in SAMPLES.glob("*.json")))
async def test_the_page_shows_every_fact_of_the_snapshot(registry: Registry, edge: Edge, sample: str) -> None:
    snapshot = sample_snapshot(sample)
    gtin, lot = snapshot["product"]["gtin"], snapshot["lot"]["lot_no"]
    await lot_import.import_lots(registry.pool, [{name: snapshot[name] for name in ("product", "lot")}], replace=True)
    await registry.allot(edge.agent, 1, f"lot:{lot}")
    serial = await _label(edge, sample, lot)
    status, html = await registry.page(_path(serial, gtin, lot))
    text = read(html)
    product, lot_facts = copy.deepcopy(snapshot["product"]), copy.deepcopy(snapshot["lot"])
    care = product.pop("care")
    weights = product.pop("fill_weight_g", {})
    wearer = product.pop("wearer")
    lot_facts.pop("quantity")
    lot_facts.get("grade", {}).pop("scheme", None)
    expected = _leaves(product) + _leaves(lot_facts) + [word for code in care for word in care_words(code)]
    expected += list(WEARERS[wearer])
    expected += [f"{weights[product['size']]} g"] if weights else []
    assert [fact for fact in expected if fact not in text] == []
    assert status == 200
    assert "已登记" in text
    assert "12315" in text
    facts = await registry.facts(_path(serial, gtin, lot))
    assert (facts["product"], facts["lot"]) == (snapshot["product"], snapshot["lot"])
    assert facts["snapshot"] in text
    assert facts["status"] == "registered"
    assert facts["warnings"] == []


def test_a_carbon_footprint_is_told_as_its_certificate_states_it_and_without_the_picture() -> None:
    mark = {"certificate_no": "示例-0001", "body": "示例认证中心", "value": "35.88", "declared_unit": "1 件"}
    mark |= {"valid_to": "2027-06-30", "artwork_sha256": "ab" * 32}
    rows = page_of({"product": {"carbon_mark": mark}}).carbon
    assert [(row.zh, row.value) for row in rows] == [
        ("碳足迹数值", "35.88 千克二氧化碳当量"),
        ("声明单位", "1 件"),
        ("证书号", "示例-0001"),
        ("认证机构", "示例认证中心"),
        ("证书有效期至", "2027-06-30"),
    ]
    assert page_of({"product": {}}).carbon == ()


async def test_only_the_fill_weight_of_this_size_is_shown(registry: Registry, edge: Edge) -> None:
    text = read((await registry.page(_path(await _label(edge))))[1])
    assert "充绒量 Fill weight 150 g" in text
    assert "142 g" not in text


async def test_grade_and_indicators_stand_out_in_both_languages(registry: Registry, edge: Edge) -> None:
    html = (await registry.page(_path(await _label(edge))))[1]
    text = read(html)
    for words in ("质量等级 Grade AAAA", "绒子含量 Down cluster content AAAAA", "浊度 Turbidity AAAA"):
        assert words in text
    assert html.count('class="on"') == 5 + 4 + 4 + 5 + 4


async def test_scans_are_counted_but_not_looks_by_machines(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    path = _path(serial)
    await registry.http.head(path)
    await registry.page(path, **{"Sec-Purpose": "prefetch;prerender"})
    await registry.page(path, Purpose="prefetch")
    assert await registry.rows("SELECT * FROM scan") == []
    assert (await registry.facts(path))["scans"] == {"first_at": "2026-11-20T09:15:03+00:00", "count": 1}
    text = read((await registry.page(path))[1])
    assert "首次查询 First looked up 2026-11-20 17:15 北京时间" in text
    assert "查询次数 Times looked up 1" in text
    columns = await registry.rows("SELECT column_name AS c FROM information_schema.columns WHERE table_name = 'scan'")
    assert {row["c"] for row in columns} == {"serial", "first_at", "last_at", "times"}, "nothing about who or where"


async def test_void_labels_get_neutral_words_and_an_alarm(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    edge.tell("label_decided", serial=serial, operator="o", reason="smudged", step="scrap")
    await edge.send(len(edge.bodies))
    status, html = await registry.page(_path(serial))
    text = read(html)
    assert status == 200
    assert "该标签已登记作废" in text
    assert "不等于商品有问题" in text
    assert "smudged" not in text, "the factory's reason is not the consumer's"
    assert (await registry.facts(_path(serial)))["status"] == "void"
    assert await registry.alarms() == ["void_scanned"]


async def test_a_label_in_doubt_says_so(registry: Registry, edge: Edge) -> None:
    serial = edge.serial()
    edge.sending([serial])
    await edge.send()
    assert (await registry.facts(_path(serial)))["status"] == "not_confirmed"
    assert "示例羽" in read((await registry.page(_path(serial)))[1])


async def test_not_yet_registered_is_told_from_unknown(registry: Registry, edge: Edge) -> None:
    await edge.send()
    pending = edge.serial()
    assert (await registry.facts(_path(pending)))["status"] == "not_yet_registered"
    status, html = await registry.page(_path(pending))
    assert status == 200
    assert "工厂可能暂时没有联网" in read(html)

    foreign = next(a + b + c for a in ALPHABET for b in ALPHABET for c in ALPHABET if a + b + c != edge.issuer)
    stranger = next(
        foreign + middle + check
        for middle in (f"{n:013d}" for n in range(100))
        if (check := check_character(foreign + middle)) in ALPHABET
    )
    typo = pending[:-1] + ("0" if pending[-1] != "0" else "1")
    for serial, said in (
        (stranger, "查无此码"),
        ("SHORT", "查无此码"),
        (typo, "不完整或有误"),
        (pending + "A", "不完整或有误"),
    ):
        status, html = await registry.page(_path(serial))
        assert (status, said in read(html)) == (404, True), serial
        assert ("查无此码" in html) == (said == "查无此码"), "never of an issuer that exists"
    assert await registry.rows("SELECT * FROM scan") == [], "guesses leave nothing behind"


@pytest.mark.parametrize(
    "path",
    ["/01/", "/01/x", "/01/06901234567893/21/A", "/01/06901234567892", "/01/06901234567892/21/%00", "/01/%2e%2e/21/%FF",
     "/01/06901234567892/21/" + "A" * 3000],
)  # fmt: skip
async def test_paths_that_are_no_links(registry: Registry, path: str) -> None:
    answer = await registry.http.get(URL(path, encoded=True))
    assert answer.status == 404
    read(await answer.text())


async def test_the_link_as_printed_and_as_typed_find_the_same_label(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    for path in (_path(serial), _path(serial.lower()), _path(serial, lot=None), f"/01/{GTIN}/22/A1/10/L1/21/{serial}"):
        facts = await registry.facts(path)
        kinds = {row["kind"] for row in facts["warnings"]} - {"often_scanned"}
        assert (facts["status"], facts["serial"], kinds) == ("registered", serial, set()), path


async def test_another_gtin_or_lot_in_the_path_is_pointed_out(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    wrong = await registry.facts(_path(serial, "06901234567915", "L2"))
    assert [row["kind"] for row in wrong["warnings"]] == ["gtin_mismatch", "lot_mismatch"]
    text = read((await registry.page(_path(serial, "06901234567915", "L2")))[1])
    assert "商品条码与登记信息不一致" in text
    assert "批号与登记信息不一致" in text
    assert GTIN in text, "what is registered is shown, not what the link says"
    no_lot = await _label(edge, lot_no=None)
    assert [row["kind"] for row in (await registry.facts(_path(no_lot)))["warnings"]] == ["lot_mismatch"]


async def test_a_recalled_lot_says_so_first(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    await notices.recall(registry.pool, "lot:L1", "绳带不符合 <b>GB 31701</b>")
    _, html = await registry.page(_path(serial))
    text = read(html)
    assert text.index("正在召回") < text.index("示例羽")
    assert "绳带不符合 <b>GB 31701</b>" in text
    facts = await registry.facts(_path(serial))
    assert facts["recall"] == {"reason": "绳带不符合 <b>GB 31701</b>"}
    assert [row["kind"] for row in facts["warnings"]] == ["recalled"]


async def test_a_serial_in_conflict_says_so(registry: Registry, edge: Edge) -> None:
    serial = await _label(edge)
    edge.sending([serial])
    await edge.send(len(edge.bodies))
    assert [row["kind"] for row in (await registry.facts(_path(serial)))["warnings"]] == ["conflict"]


async def test_a_label_whose_facts_never_came(registry: Registry, edge: Edge) -> None:
    serial = edge.serial()
    edge.printed([serial])
    edge.snapshots = {}
    await edge.send()
    status, html = await registry.page(_path(serial))
    assert status == 200
    assert "商品信息尚未上传" in read(html)


HOSTILE = [
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{ 7*7 }}", "{% raw %}", "</style><style>",
    "&lt;b&gt;", "' OR 1=1; --", "\u202eabc", "A" * 5000, "javascript:alert(1)", "</title>",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_text_stays_text(
    registry: Registry, edge: Edge, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    snapshot = sample_snapshot("down_graded")
    product, lot = snapshot["product"], snapshot["lot"]
    for facts in (
        product,
        product["maker"],
        lot,
        lot["grade"],
        lot["grade"]["indicators"],
        product["composition"][2]["down"],
    ):
        facts.update({name: text for name, value in facts.items() if isinstance(value, str) and name != "gtin"})
    product["care"] = [text]
    lot["grade"]["indicators"][text[:20].encode("ascii", "ignore").decode() or "x"] = text
    monkeypatch.setattr(registry_kit, "sample_snapshot", lambda _: snapshot)
    serial = await _label(edge)
    status, html = await registry.page(_path(serial))
    assert status == 200
    assert " ".join(text.split()) in read(html)


async def test_the_policy_allows_the_pages_own_style_and_nothing_else(registry: Registry, edge: Edge) -> None:
    answer = await registry.http.get(_path(await _label(edge)))
    html = await answer.text()
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; style-src 'sha256-{digest}';")
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(html.encode()) < 24_000


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("text/html,application/json;q=0.9", "text/html"),
        ("*/*", "text/html"),
        ("", "text/html"),
    ],
)
async def test_who_asks_for_json_gets_json(registry: Registry, accept: str, kind: str) -> None:
    answer = await registry.http.get(_path("X"), headers={"Accept": accept})
    assert answer.content_type == kind


def test_a_snapshot_of_any_shape_shows_less_and_never_fails() -> None:
    for snapshot in ({}, {"product": 3}, {"product": {"care": 3, "composition": [3], "fill_weight_g": []}, "lot": []}):
        assert page_of(snapshot).indicators == ()
    strange = {"lot": {"grade": {"overall": "优等品", "indicators": {"new_one": "3A", "turbidity": None, "x": "6A"}}}}
    page = page_of(strange)
    assert [(one.zh, one.level, one.steps) for one in page.indicators] == [("new_one", "3A", 3), ("x", "6A", 0)]


def test_every_care_code_of_the_record_format_has_words() -> None:
    """The list of docs/architecture.md, 7.1, spelled out."""
    wash = [f"wash_{t}{m}" for t in (95, 70, 60, 50, 40, 30) for m in ("", "_mild", "_very_mild")]
    dry = [f"dry_{way}{shade}" for way in ("line", "drip", "flat", "drip_flat") for shade in ("", "_shade")]
    dryclean = [f"dryclean_{solvent}{mild}" for solvent in "pf" for mild in ("", "_mild")]
    wetclean = [f"wetclean{mild}" for mild in ("", "_mild", "_very_mild", "_no")]
    tumble = [f"tumble_{heat}" for heat in ("normal", "low", "no")]
    rest = [f"iron_{heat}" for heat in (200, 150, 110, "no")] + [f"bleach_{kind}" for kind in ("any", "oxygen", "no")]
    all_codes = [*wash, "wash_hand", "wash_no", *dry, *dryclean, "dryclean_no", *wetclean, *tumble, *rest]
    words = [care_words(code) for code in all_codes]
    assert len({zh for zh, _ in words}) == len({en for _, en in words}) == len(words) == 47
    assert care_words("wash_30_mild") == ("最高洗涤温度 30℃，缓和", "Wash at 30 °C at most, mild")
    assert json.dumps(care_words("strange")) == '["strange", ""]'
