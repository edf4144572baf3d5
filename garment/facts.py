"""This table names every fact of a garment record for templates, spreadsheets and the scan page.

The model in `garment/record.py` says what a fact may hold, a row here what it is called. Templates take their paths,
spreadsheets their columns and the scan page its rows from this table, so that a new fact is a field there and a row
here; `tests/product/test_facts.py` holds the two together. What a certificate speaks of stands in
`garment/certificate.py`.

Rows stand in the order of a spreadsheet's columns. `filling` gathers what the record keeps in two places: species and
绒子含量 of the down part, and the weight of this size.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from garment.schemes import MEASURES
from label_protocol.plain import plain

Words = tuple[str, str]
"""Chinese, English."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its path as templates name it, and its headings in a spreadsheet, English and Chinese.

    `zh` and `en` are its name on the scan page, empty where the page gives it no row of its own. `several`: it holds
    more than one value.
    """

    path: str
    column: str
    heading: str
    zh: str = ""
    en: str = ""
    several: bool = False


INDICATORS_PATH = "lot.grade.indicators."
MEASURED = ".measured"
"""Ends the path of an indicator's figure with its unit (`18cm`), beside the path of its level."""

_FACTS = (
    Fact("product.brand", "brand", "品牌"),
    Fact("product.name", "name", "品名"),
    Fact("product.style_no", "style_no", "款号", "款号", "Style"),
    Fact("product.colour", "colour", "颜色", "颜色", "Colour"),
    Fact("product.size", "size", "号型", "号型", "Size"),
    Fact("product.standard", "standard", "执行标准", "执行标准", "Standard"),
    Fact("product.quality_class", "quality_class", "质量等级", "产品等级", "Quality class"),
    Fact("product.safety", "safety", "安全类别", "安全类别", "Safety category"),
    Fact("product.gtin", "gtin", "商品条码", "商品条码", "GTIN"),
    Fact("product.wearer", "wearer", "适用人群", "适用对象", "Wearer"),
    Fact("product.composition", "composition", "成分", "成分", "Composition", several=True),
    Fact("filling.species", "down_species", "羽绒种类", "羽绒种类", "Down species"),
    Fact("filling.cluster_percent", "down_cluster_percent", "绒子含量", "绒子含量", "Down cluster content"),
    Fact("product.fill_weight_g", "fill_weight_g", "充绒量", "充绒量", "Fill weight", several=True),
    Fact("product.care", "care", "维护符号", several=True),
    Fact("product.maker.name", "maker_name", "制造者", "生产企业", "Maker"),
    Fact("product.maker.address", "maker_address", "制造者地址", "地址", "Address"),
    Fact("product.maker.uscc", "maker_uscc", "统一社会信用代码", "统一社会信用代码", "Credit code"),
    Fact("product.carbon_mark.certificate_no", "carbon_certificate_no", "碳足迹证书号", "证书号", "Certificate"),
    Fact("product.carbon_mark.body", "carbon_body", "碳足迹认证机构", "认证机构", "Certified by"),
    Fact("product.carbon_mark.value", "carbon_value", "碳足迹数值", "碳足迹数值", "Value"),
    Fact("product.carbon_mark.declared_unit", "carbon_declared_unit", "碳足迹声明单位", "声明单位", "Declared unit"),
    Fact("product.carbon_mark.valid_to", "carbon_valid_to", "碳足迹证书有效期至", "证书有效期至", "Valid to"),
    Fact("product.carbon_mark.artwork_sha256", "carbon_artwork_sha256", "碳足迹图案指纹"),
    Fact("lot.lot_no", "lot_no", "批号", "批号", "Lot"),
    Fact("lot.report_no", "report_no", "报告编号", "检测报告", "Test report"),
    Fact("lot.lab", "lab", "检验机构", "检测机构", "Laboratory"),
    Fact("lot.inspected_on", "inspected_on", "检验日期", "检验日期", "Inspected on"),
    Fact("lot.quantity", "quantity", "批量"),
    Fact("lot.grade.scheme", "grade_scheme", "分级方案"),
    Fact("lot.grade.overall", "grade_overall", "总等级", "质量等级", "Grade"),
    Fact(
        "lot.grade.indicators.cluster_content",
        "grade_cluster_content",
        "绒子含量等级",
        "绒子含量",
        "Down cluster content",
    ),
    Fact("lot.grade.indicators.fill_power", "grade_fill_power", "蓬松度等级", "蓬松度", "Fill power"),
    Fact("lot.grade.indicators.turbidity", "grade_turbidity", "浊度等级", "浊度", "Turbidity"),
    Fact("lot.grade.indicators.down_leakage", "grade_down_leakage", "钻绒值等级", "钻绒值", "Down leakage"),
    Fact("lot.grade.indicators.colour_fastness", "grade_colour_fastness", "色牢度等级", "色牢度", "Colour fastness"),
    Fact("lot.grade.indicators.warmth", "grade_warmth", "保暖级别", "保暖级别", "Warmth class"),
)

INDICATORS: Mapping[str, Words] = {
    fact.path.removeprefix(INDICATORS_PATH): (fact.zh, fact.en)
    for fact in _FACTS
    if fact.path.startswith(INDICATORS_PATH)
}
"""Graded properties of all schemes, by their name in the record (`garment/schemes.py` says whose they are)."""

FACTS = (
    *_FACTS,
    *(
        Fact(f"{INDICATORS_PATH}{name}{MEASURED}", f"grade_{name}_measured", f"{INDICATORS[name][0]}实测值")
        for name in MEASURES
    ),
)

FIGURES: Mapping[str, Words] = {
    f"{name}{MEASURED}": (f"{INDICATORS[name][0]}实测值", f"{INDICATORS[name][1]}, measured") for name in MEASURES
}
"""What the figures beside the levels are called."""

WEARERS: Mapping[str, Words] = {
    "adult": ("成人", "Adult"),
    "child": ("儿童", "Child"),
    "infant": ("婴幼儿", "Infant"),
}


def wearer_called(word: str) -> str:
    """The wearer as the record writes it, from its Chinese name; any other word is returned as it is."""
    return next((name for name, (zh, _) in WEARERS.items() if zh == plain(word)), word)
