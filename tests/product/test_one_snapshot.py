"""Tag, wash label, order sheet and scan page tell one garment's facts, and spell them alike (GB/T 29862, 8 g).

Each is made as the product makes it and read back: labels and sheet from what was drawn, the page from its HTML.
What a slot shows is known from the template alone, so a template that is added is compared without a change here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from central_registry.config import RegistryConfig
from central_registry.consumer import garment_facts
from central_registry.consumer.finding import Finding
from central_registry.consumer.garment_facts import care_words
from central_registry.consumer.scan_json import as_json
from central_registry.consumer.scan_page import ScanPage
from edge_agent.labels.order_sheet import check_sheet_order, parse_sheet_order
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare
from edge_agent.render.facts import facts_of, value
from edge_agent.render.order_sheet.pages import OrderPage, order_pages
from edge_agent.render.page import Painted, Piece
from edge_agent.render.plan import lay_out
from edge_agent.render.templates.template import Template, built_in_templates, load_template
from garment.record import record_from
from tests.kits.mark_kit import certified, mark_png, sha256_of

TODAY = "2026-11-20"
LINK = LinkStyle("id.example.cn")
SAMPLES = {
    path.stem: path for path in sorted((Path(__file__).parents[2] / "edge_agent" / "demo" / "samples").glob("*.json"))
}
MARK = mark_png()
CARE = "product.care"
Told = dict[str, Any]
"""Facts by their paths, without spaces; `part:面料` are a part's fibres, `product.care` a tuple of words or codes."""


def garment(sample: str) -> dict[str, Any]:
    """A sample with its numbers spelled as spreadsheets do: 90.0, 150.50, 100.0."""
    record: dict[str, Any] = json.loads(SAMPLES[sample].read_text("utf-8"))
    product = record["product"]
    for part in product["composition"]:
        if "down" in part:
            part["down"]["cluster_percent"] = "90.0"
        for fibre in part.get("fibres", ()):
            fibre["percent"] = f"{fibre['percent']}.0" if isinstance(fibre["percent"], int) else f"{fibre['percent']}0"
    if "fill_weight_g" in product:
        product["fill_weight_g"][product["size"]] = "150.50"
    product["carbon_mark"] = certified(MARK, value="35.880")
    return record


# --- reading a label --------------------------------------------------------------------------------------------------


def on_labels(record: dict[str, Any]) -> Iterator[tuple[str, Told, Mapping[str, Any]]]:
    """Every built-in label that takes the garment: its name, what it tells, and its snapshot."""
    artwork = {sha256_of(MARK): MARK}.get
    for name in built_in_templates():
        template = load_template(name)
        if not template.of_record:
            continue
        prepared = prepare(record_from(record), name, LabelTerms(TODAY, LINK, (), artwork))
        if not prepared.blocked and not lacks(template, record):
            snapshot = prepared.require()
            layout = lay_out(template, snapshot, 300, artwork=artwork)
            yield name, label_told(template, layout.painted), snapshot


def lacks(template: Template, record: Mapping[str, Any]) -> bool:
    """Whether the template is for other garments: a tag for down says nothing of a pullover."""
    snapshot = {"product": record["product"], "lot": record.get("lot")}
    return any(value(path, facts_of(snapshot)) in (None, "", [], {}) for path in template.required)


def label_told(template: Template, drawn: Sequence[Painted]) -> Told:
    told: Told = {}
    for slot in template.slot:
        pieces = [piece for piece in drawn if piece.slot == slot.name]
        text = squeezed("".join(piece.text for piece in pieces if piece.piece is Piece.TEXT))
        if slot.kind == "care" and pieces:
            told[CARE] = tuple(piece.text for piece in pieces if piece.piece is Piece.SYMBOL)
        elif slot.kind in READERS and text:
            told |= READERS[slot.kind](slot, text)
    return told


def text_told(slot: Any, text: str) -> Told:
    return matched(pattern(slot.text), text)


def fields_told(slot: Any, text: str) -> Told:
    return matched("".join(f"(?:{re.escape(squeezed(row.label))}{pattern(row.text)})?" for row in slot.rows), text)


def indicators_told(slot: Any, text: str) -> Told:
    return matched("".join(f"(?:{row.label}{pattern('{' + row.path + '}')})?" for row in slot.rows), text)


def pattern(text: str) -> str:
    """A template's text as an expression: `{product.size}` is a group, its dots written as two underscores."""
    pieces = re.split(r"\{([a-z0-9_.]+)\}", text)
    inner = [re.escape(squeezed(one)) if at % 2 == 0 else group(one) for at, one in enumerate(pieces)]
    return "".join(inner)


def group(path: str) -> str:
    return f"(?P<{path.replace('.', '__')}>.+?)"


def matched(expression: str, text: str) -> Told:
    found = re.fullmatch(expression, text)
    assert found is not None, f"{text!r} is not what the template says, {expression!r}"
    return {name.replace("__", "."): word for name, word in found.groupdict().items() if word is not None}


def composition_told(_slot: Any, text: str) -> Told:
    """`面料锦纶100%填充物鹅绒绒子含量90%`: a part begins where no percent has yet come."""
    told: Told = {}
    for part, words in re.findall(rf"({'|'.join(PARTS)})(.+?%)(?={'|'.join(PARTS)}|$)", text):
        down = re.fullmatch(r"(?P<filling__species>.+)绒子含量(?P<filling__cluster_percent>.+)%", words)
        told |= (
            {key.replace("__", "."): word for key, word in down.groupdict().items()}
            if down
            else {f"part:{part}": words}
        )
    assert told, text
    return told


PARTS = ("面料", "里料", "填充物", "大身", "罗口")
READERS = {
    "text": text_told,
    "fields": fields_told,
    "indicators": indicators_told,
    "composition": composition_told,
}


# --- reading the order sheet ------------------------------------------------------------------------------------------


def on_order_sheet(record: dict[str, Any]) -> tuple[Told, dict[tuple[str, ...], str]]:
    """What the sheet's line tells, and what is read in the columns of several texts, by those texts."""
    head = {"order_no": "DH-1", "date": TODAY, "buyer": {"name": "示例百货有限公司"}}
    order = {"order": head, "lines": [{"record": record, "quantity": 3}]}
    checked = check_sheet_order(
        parse_sheet_order(json.dumps(order), lambda _path: b""), "order_sheet_a5", LabelTerms(TODAY, LINK)
    )
    template = load_template("order_sheet_a5")
    (page,) = order_pages(template, checked.sheet(), 300)
    told: Told = {}
    several: dict[tuple[str, ...], str] = {}
    for column, text in zip(template.lines.columns, columns_of(page, template), strict=True):
        if column.composition:
            told |= composition_told(None, text)
        elif len(column.texts) == 1:
            told |= matched(pattern(column.texts[0]), text)
        else:
            several[column.texts] = text
    return told, several


def columns_of(page: OrderPage, template: Template) -> list[str]:
    """The words of line 1, column by column; a piece belongs to the column in which it begins."""
    inside = [piece for piece in page.painted if piece.slot == template.lines.name and piece.box.overlaps(page.rows[1])]
    edges_mm = [template.lines.at_mm[0]]
    for column in template.lines.columns:
        edges_mm.append(edges_mm[-1] + column.width_mm)
    lefts = [(piece, piece.box.left_dots * 25.4 / 300) for piece in inside]
    return [
        squeezed("".join(piece.text for piece, left in lefts if start <= left < end))
        for start, end in pairwise(edges_mm)
    ]


# --- reading the page -------------------------------------------------------------------------------------------------

ROWS = {
    "款号": "product.style_no",
    "颜色": "product.colour",
    "号型": "product.size",
    "执行标准": "product.standard",
    "产品等级": "product.quality_class",
    "安全类别": "product.safety",
    "商品条码": "product.gtin",
    "绒子含量": "filling.cluster_percent",
    "充绒量": "filling.weight_g",
    "填充物羽绒种类": "filling.species",
    "批号": "lot.lot_no",
    "检测报告": "lot.report_no",
    "检测机构": "lot.lab",
    "检验日期": "lot.inspected_on",
    "生产企业": "product.maker.name",
    "地址": "product.maker.address",
    "声明单位": "product.carbon_mark.declared_unit",
    "碳足迹数值": "product.carbon_mark.value",
}
UNITS = {"绒子含量": "%", "充绒量": "g", "碳足迹数值": "千克二氧化碳当量"}
LEVELS = {
    "绒子含量": "cluster_content",
    "蓬松度": "fill_power",
    "浊度": "turbidity",
    "钻绒值": "down_leakage",
    "色牢度": "colour_fastness",
}


class PageReader(HTMLParser):
    """The page's words by the element and class they stand in; English beside the Chinese is left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.found: list[tuple[str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("p", "h2", "strong", "dt", "dd", "li", "small", "b", "ul", "span"):
            self.open.append((tag, dict(attrs).get("class") or ""))

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1][0] == tag:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open and self.open[-1][0] != "small":
            inside = next((kind for tag, kind in reversed(self.open) if tag == "ul"), "")
            self.found.append((" ".join(filter(None, (inside, *self.open[-1]))), squeezed(data)))


def on_page(snapshot: Mapping[str, Any]) -> Told:
    finding = Finding("registered", serial="0" * 16 + "1", snapshot_hash="ab" * 32, snapshot=snapshot)
    words = PageReader(ScanPage(RegistryConfig()).html(finding)).found
    told: Told = {"product.brand": one(words, "p brand"), "product.name": one(words, "h2")}
    if any(place == "strong" for place, _ in words):
        told["lot.grade.overall"] = one(words, "strong")
    told[CARE] = tuple(text for place, text in words if place == "care li")
    names = [text for place, text in words if place == "indicators span name"]
    levels = [text for place, text in words if place == "indicators b"]
    told |= {f"lot.grade.indicators.{LEVELS[name]}": level for name, level in zip(names, levels, strict=True)}
    labels = [text for place, text in words if place == "dt"]
    values = [text for place, text in words if place.startswith("dd")]
    for label, word in zip(labels, values, strict=True):
        if label in ROWS:
            told[ROWS[label]] = word.removesuffix(UNITS.get(label, ""))
        elif label in PARTS:
            told[f"part:{label}"] = word.replace("，", "")
    return told


def one(words: list[tuple[str, str]], place: str) -> str:
    (found,) = [text for where, text in words if where == place]
    return found


def squeezed(text: str) -> str:
    return "".join(text.split())


# --- compared ---------------------------------------------------------------------------------------------------------


def tellings(sample: str) -> dict[str, Told]:
    """What each of them tells of one garment, by its name; all snapshots hold the same facts."""
    record = garment(sample)
    labels = list(on_labels(record))
    facts = [(snapshot["product"], snapshot["lot"]) for _, _, snapshot in labels]
    assert all(one == facts[0] for one in facts)
    found = {name: told for name, told, _ in labels}
    found["order sheet"], several = on_order_sheet(record)
    found["scan page"] = on_page(labels[0][2])
    for texts, read in several.items():
        assert read == "".join(filled(text, found["scan page"]) for text in texts), f"order sheet, {texts}"
    answer = as_json(Finding("registered", snapshot=labels[0][2]), {})
    assert (answer["product"], answer["lot"]) == facts[0]
    return found


def filled(text: str, told: Told) -> str:
    """A text of a column with the facts of another telling in it; empty if one of them is not told there."""
    words = [str(told.get(path, "")) for path in re.findall(r"\{([a-z0-9_.]+)\}", text)]
    return squeezed(re.sub(r"\{[a-z0-9_.]+\}", "{}", text).format(*words)) if all(words) else ""


def assert_alike(found: Mapping[str, Told]) -> dict[str, set[str]]:
    """Every fact is spelled alike wherever it is told; gives who told it."""
    tellers: dict[str, set[str]] = {}
    for path in {path for told in found.values() for path in told}:
        spelled = {name: told[path] for name, told in found.items() if path in told}
        if path == CARE:
            spelled = {name: in_words(told) for name, told in spelled.items()}
        assert len(set(spelled.values())) <= 1, f"{path}: {spelled}"
        tellers[path] = set(spelled)
    return tellers


def in_words(care: tuple[str, ...]) -> tuple[str, ...]:
    """Care codes as the page words them; the page keeps the record's order, a label that of GB/T 8685."""
    return tuple(sorted(squeezed(care_words(one)[0]) if re.fullmatch("[a-z0-9_]+", one) else one for one in care))


@pytest.mark.parametrize("sample", SAMPLES)
def test_all_tell_the_same_of_one_garment(sample: str) -> None:
    found = tellings(sample)
    assert len(found) >= 4, f"only {', '.join(found)}"
    tellers = assert_alike(found)
    for path in ("product.name", "product.style_no", "product.size", "product.standard", "product.safety"):
        assert len(tellers[path]) >= 2, f"{path} is told by {tellers[path]} only"
    assert found["scan page"]["product.carbon_mark.value"] == "35.88"
    record = garment(sample)["product"]
    assert found["scan page"]["product.name"] == squeezed(record["name"])
    assert {path for path in tellers if path.startswith("part:")}
    if "fill_weight_g" in record:
        tag = found["down_grade_60x40"]
        assert (tag["filling.cluster_percent"], tag["filling.weight_g"]) == ("90", "150.5")
        assert len(tellers["filling.weight_g"]) >= 4 and len(tellers["filling.cluster_percent"]) >= 5
        assert len(tellers["lot.grade.indicators.turbidity"]) >= 3


"""The tag, the tall tag, the hang tag, card, wash label and page: who tells what is the templates' affair."""


def test_one_that_writes_90_otherwise_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = tellings("down_graded")
    assert_alike(found)
    plain = garment_facts._text
    monkeypatch.setattr(
        garment_facts, "_text", lambda value: f"{plain(value)}.0" if plain(value) == "90" else plain(value)
    )
    with pytest.raises(AssertionError, match=r"filling\.cluster_percent.*90\.0"):
        assert_alike(tellings("down_graded"))


@pytest.mark.parametrize("path", ["product.name", "filling.weight_g", "part:面料", "lot.grade.overall", CARE])
def test_one_that_tells_another_thing_is_noticed(path: str) -> None:
    found = tellings("down_graded")
    name = next(name for name, told in found.items() if path in told)
    found[name] = found[name] | {path: ("wash_no",) if path == CARE else "x"}
    with pytest.raises(AssertionError):
        assert_alike(found)
