"""A snapshot in a consumer's words: sections of rows, Chinese and English. Pure.

Nothing is computed that the record does not state: an absent fact is an absent row. Values are shown as recorded; only
labels, care codes and the names of indicators have words of their own (`words.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from central_registry.ingest.compare import INDICATOR

Words = tuple[str, str]
"""Chinese, English."""

WORDS: Mapping[str, Mapping[str, Words]] = {
    table: {name: (row[0], row[1]) for name, row in rows.items()}
    for table, rows in tomllib.loads(files("central_registry").joinpath("words.toml").read_text("utf-8")).items()
}

_MOST = 200
"""Entries of one list that are shown: far above those of a garment, and a bound on what one snapshot costs a scan."""

_LEVEL = re.compile(r"(A{1,5})|([1-5])A")


@dataclass(frozen=True, slots=True)
class Row:
    """One fact: its name in both languages, its value, and the value's English where it has one."""

    zh: str
    en: str
    value: str
    value_en: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One graded property; `steps` is how many of five the level stands for, 0 if its notation is another one."""

    zh: str
    en: str
    level: str
    steps: int


@dataclass(frozen=True, slots=True)
class Page:
    """All that a scan page shows of a snapshot."""

    title: str
    brand: str
    grade: Indicator | None
    indicators: tuple[Indicator, ...]
    garment: tuple[Row, ...]
    care: tuple[Words, ...]
    carbon: tuple[Row, ...]
    inspection: tuple[Row, ...]
    maker: tuple[Row, ...]


def page_of(snapshot: Mapping[str, Any]) -> Page:
    """What to show of `{product, lot?}`; a snapshot of an unexpected shape shows less, never an error."""
    product, lot = _group(snapshot, "product"), _group(snapshot, "lot")
    grade = _group(lot, "grade")
    overall = _text(grade.get("overall"))
    return Page(
        title=_text(product.get("name")),
        brand=_text(product.get("brand")),
        grade=_indicator(("质量等级", "Grade"), overall) if overall else None,
        indicators=_indicators(grade),
        garment=_garment(product),
        care=tuple(care_words(code) for code in map(_text, _list(product.get("care"))) if code),
        carbon=_carbon(_group(product, "carbon_mark")),
        inspection=_inspection(lot),
        maker=_maker(_group(product, "maker")),
    )


def care_words(code: str) -> Words:
    """Words for a care code, such as `wash_30_mild`; an unknown code stays what it is."""
    table = WORDS["care"]
    if code in table:
        return table[code]
    for suffix, (zh, en) in WORDS["care_suffix"].items():
        base = table.get(code.removesuffix(suffix))
        if code.endswith(suffix) and base:
            return f"{base[0]}，{zh}", f"{base[1]}, {en}"
    return code, ""


def fact_words(name: str) -> Words:
    """What a compared fact (`compare.facts_of`) is called."""
    indicator = name.removeprefix(INDICATOR)
    return WORDS["indicator"].get(indicator, (indicator, "")) if indicator != name else WORDS["fact"][name]


def _garment(product: Mapping[str, Any]) -> tuple[Row, ...]:
    rows = [
        Row("款号", "Style", _text(product.get("style_no"))),
        Row("颜色", "Colour", _text(product.get("colour"))),
        Row("号型", "Size", _text(product.get("size"))),
        Row("适用对象", "Wearer", *WORDS["wearer"].get(_text(product.get("wearer")), ("", ""))),
        *(row for part in _list(product.get("composition")) for row in _part(_as_group(part))),
        Row("充绒量", "Fill weight", _fill_weight(product)),
        Row("执行标准", "Standard", _text(product.get("standard"))),
        Row("产品等级", "Quality class", _text(product.get("quality_class"))),
        Row("安全类别", "Safety category", _text(product.get("safety"))),
        Row("商品条码", "GTIN", _text(product.get("gtin"))),
    ]
    return _present(rows)


def _part(part: Mapping[str, Any]) -> list[Row]:
    """A down part gives species and 绒子含量, any other part its fibres."""
    name, down = _text(part.get("part")), _group(part, "down")
    fibres = "，".join(
        f"{_text(fibre.get('name'))} {_text(fibre.get('percent'))}%"
        for fibre in map(_as_group, _list(part.get("fibres")))
    )
    cluster = _text(down.get("cluster_percent"))
    return [
        Row(name, "Composition", fibres),
        Row(f"{name} 羽绒种类", "Down species", _text(down.get("species"))),
        Row("绒子含量", "Down cluster content", f"{cluster}%" if cluster else ""),
    ]


def _fill_weight(product: Mapping[str, Any]) -> str:
    grams = _text(_group(product, "fill_weight_g").get(_text(product.get("size"))))
    return f"{grams} g" if grams else ""


def _carbon(mark: Mapping[str, Any]) -> tuple[Row, ...]:
    """What the certificate of a carbon footprint mark states; the mark itself is not shown."""
    value = _text(mark.get("value"))
    rows = [
        Row("碳足迹数值", "Value", f"{value} 千克二氧化碳当量" if value else "", "kgCO2e" if value else ""),
        Row("声明单位", "Declared unit", _text(mark.get("declared_unit"))),
        Row("证书号", "Certificate", _text(mark.get("certificate_no"))),
        Row("认证机构", "Certified by", _text(mark.get("body"))),
        Row("证书有效期至", "Valid to", _text(mark.get("valid_to"))),
    ]
    return _present(rows)


def _inspection(lot: Mapping[str, Any]) -> tuple[Row, ...]:
    rows = [
        Row("批号", "Lot", _text(lot.get("lot_no"))),
        Row("检测报告", "Test report", _text(lot.get("report_no"))),
        Row("检测机构", "Laboratory", _text(lot.get("lab"))),
        Row("检验日期", "Inspected on", _text(lot.get("inspected_on"))),
    ]
    return _present(rows)


def _maker(maker: Mapping[str, Any]) -> tuple[Row, ...]:
    rows = [
        Row("生产企业", "Maker", _text(maker.get("name"))),
        Row("地址", "Address", _text(maker.get("address"))),
        Row("统一社会信用代码", "Credit code", _text(maker.get("uscc"))),
    ]
    return _present(rows)


def _indicators(grade: Mapping[str, Any]) -> tuple[Indicator, ...]:
    levels = {name: _text(level) for name, level in _group(grade, "indicators").items()}
    order = [*(name for name in WORDS["indicator"] if name in levels), *sorted(set(levels) - set(WORDS["indicator"]))]
    return tuple(
        _indicator(WORDS["indicator"].get(name, (name, "")), levels[name]) for name in order[:_MOST] if levels[name]
    )


def _indicator(words: Words, level: str) -> Indicator:
    match = _LEVEL.fullmatch(level)
    steps = 0 if match is None else len(match[1]) if match[1] else int(match[2])
    return Indicator(*words, level, steps)


def _present(rows: list[Row]) -> tuple[Row, ...]:
    return tuple(row for row in rows if row.value)


def _group(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _as_group(facts.get(name))


def _as_group(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value[:_MOST] if isinstance(value, list) else []


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
