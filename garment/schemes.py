"""This table names the grading schemes, what each of them grades, and in which unit a graded property is measured.

AAAA of one scheme is not AAAA of another: their limits differ, and one of them has not published its own. So a grade is
told with its scheme's name wherever it stands, an indicator of one scheme is none of another, and a scheme that is not
in this table is refused (`garment/standards`).

A unit stands here once for all schemes, since it belongs to the property and its test method: a figure without its unit
is not understood, and one in another unit is misread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

PINGHU, CTES_1080 = "pinghu-down", "ctes-1080"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme: its name in both languages, the short one that a label has room for, and what it grades."""

    zh: str
    en: str
    short: str
    indicators: tuple[str, ...]


SCHEMES: Mapping[str, Scheme] = {
    PINGHU: Scheme(
        "平湖羽绒服产品质量分级",
        "Pinghu grading of down garments",
        "平湖分级",
        ("cluster_content", "fill_power", "turbidity", "down_leakage", "colour_fastness"),
    ),
    CTES_1080: Scheme(
        "羽绒服装保暖性能质量分级 T/CTES 1080-2025",
        "T/CTES 1080-2025 grading of the warmth of down garments",
        "T/CTES 1080",
        ("cluster_content", "fill_power", "turbidity", "warmth"),
    ),
}
"""By the id that a record names. Pinghu: press reports of 2025-10-21 and of its market supervision bureau; T/CTES 1080:
published 2025-12-09, secondary pages (C2)."""


@dataclass(frozen=True, slots=True)
class Measure:
    """In what a property is measured, and where that was read."""

    unit: str
    source: str


MEASURES: Mapping[str, Measure] = {
    "cluster_content": Measure("%", "GB/T 14272-2021, 绒子含量 in percent by mass (S15)"),
    "fill_power": Measure("cm", "tags in use: 蓬松度18cm (嘉兴日报 2025-12-25); CFDIA 001-2016 in cm (ipaogen.com)"),
    "turbidity": Measure("mm", "GB/T 14272-2021, 浊度 >= 500 mm (S15)"),
    "down_leakage": Measure("根", "广东 group standard of 2019: pieces that came through (msn.sh.cn 2019-09-03)"),
    "colour_fastness": Measure("级", "GB/T 250, grades 1 to 5 of the grey scale; 4-5 is a half grade"),
}
"""Properties that have a figure; a class such as 严寒 has none."""

HALF_GRADES = "级"
"""The one unit whose figures may be `4-5`."""


def scheme_names(scheme: str) -> tuple[str, str]:
    """Chinese and English name; a scheme that is not known is called as the record calls it."""
    found = SCHEMES.get(scheme)
    return (found.zh, found.en) if found else (scheme, "")


def short_name(scheme: str) -> str:
    """The name that stands beside a grade on a label; as above."""
    found = SCHEMES.get(scheme)
    return found.short if found else scheme


def level_of(indicator: Any) -> Any:
    """The level of an indicator as a snapshot or a lot's record holds it, in either of its two forms."""
    return indicator.get("level") if isinstance(indicator, Mapping) else indicator


def measured_text(indicator: Any) -> str:
    """`18cm`: the figure with its unit; "" where none is stated. Takes any shape, since a registry is told all sorts.

    >>> measured_text({"level": "AAAA", "measured": "18.0", "unit": "cm"})
    '18cm'
    """
    stated = indicator if isinstance(indicator, Mapping) else {}
    figure, unit = (stated.get(name) for name in ("measured", "unit"))
    if isinstance(figure, bool) or not isinstance(figure, str | int):
        return ""
    return _without_zeros(str(figure)) + (unit if isinstance(unit, str) else "")


def _without_zeros(figure: str) -> str:
    if not (figure.isascii() and figure.replace(".", "", 1).isdigit() and len(figure) <= 20):
        return figure
    number = Decimal(figure).normalize()
    return f"{number:f}"
