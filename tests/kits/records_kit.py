"""Garment records that pass `check`, made by Hypothesis from the standards' own tables.

How long a text may be is a `Room`: what a factory was seen to write, or what a template says it takes. Fibres come from
GB/T 29862's table, sizes from the grids of GB/T 1335 and 6411, care codes from each group of GB/T 8685, so that what is
made is what is printed in practice, and no rule blocks it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from garment.schemes import MEASURES, SCHEMES
from garment.standards import gb_t_29862
from label_protocol.codes.gs1 import check_digit

ADULT_SAFETY = ("GB 18401-2010 A类", "GB 18401-2010 B类", "GB 18401-2010 C类")
CHILD_SAFETY = ("GB 31701 A类", "GB 31701 B类", "GB 31701-2015 A类")
INFANT_SAFETY = ("GB 31701 婴幼儿用品", "GB 31701-2015 婴幼儿用品")
STANDARDS = ("FZ/T 73018-2021", "FZ/T 73005-2021", "GB/T 22849-2014", "FZ/T 81006-2017", "GB/T 2660-2017")
CHILD_STANDARDS = ("FZ/T 73025-2019", "GB/T 31900-2015", "FZ/T 81003-2003")
GRADES = ("优等品", "一等品", "合格品")
LEVELS = (("A", "AA", "AAA", "AAAA", "AAAAA"), ("1A", "2A", "3A", "4A", "5A"))
FIBRES = tuple(
    sorted({name for table in gb_t_29862.PACK.tables["names"] for name in table["names"]} - {"其他纤维"}, key=str)
)
PARTS = ("面料", "里料", "罗口", "帽里", "口袋布", "大身", "袖里", "拼接面料")
CARE = (
    (*(f"wash_{at}{mild}" for at in (95, 70, 60, 50, 40, 30) for mild in ("", "_mild", "_very_mild")), "wash_hand"),
    ("bleach_any", "bleach_oxygen", "bleach_no"),
    ("tumble_normal", "tumble_low", "tumble_no"),
    tuple(f"dry_{how}{shade}" for how in ("line", "drip", "flat", "drip_flat") for shade in ("", "_shade")),
    ("iron_200", "iron_150", "iron_110", "iron_no"),
    ("dryclean_p", "dryclean_p_mild", "dryclean_f", "dryclean_f_mild", "dryclean_no"),
    ("wetclean", "wetclean_mild", "wetclean_very_mild", "wetclean_no"),
)
"""One of each kind, in the order of GB/T 8685; natural drying and wet cleaning may be left out."""

_COMMON = (
    "男女式连帽长短袖圆领衬衫毛衣羽服装夹克外套裙裤婴童春秋冬夏新款经典轻薄加厚防风保暖浙江省嘉兴市平湖区示例路号楼室"
)
_SIGNS = "（）·-/、+&（%"


@dataclass(frozen=True, slots=True)
class Room:
    """The longest of each, in characters or pieces; all of them hold at once."""

    brand: int = 8
    name: int = 20
    style: int = 14
    colour: int = 6
    maker: int = 20
    address: int = 40
    parts: int = 4
    part: int = 4
    fibres: int = 4
    """Of one part."""
    in_all: int = 16
    """Fibres of all parts together."""
    fibre: int = 12
    sizes: int = 1
    dated: bool = True
    """Whether a safety text may name the year of its standard, which the standard leaves open."""
    schemes: tuple[str, ...] = ("pinghu-down",)
    """Of grades: those that a template tells apart."""


def words(most: int, *, full: bool = False) -> st.SearchStrategy[str]:
    """Chinese as on a label, with Latin, digits and signs in it, none of them at an end; every other one as long as may
    be, since what is short proves nothing, and `full` all of them."""
    inner = st.sampled_from(_COMMON * 3 + "AaBbMWgy0123456789" + _SIGNS)
    end, middle = st.sampled_from(_COMMON), max(0, most - 2)
    shorter, longest = (st.text(inner, min_size=least, max_size=middle) for least in (0, middle))
    if full:
        return end if most == 1 else st.builds(lambda *parts: "".join(parts), end, longest, end)
    return st.one_of(
        end, *(st.builds(lambda *parts: "".join(parts), end, rest, end) for rest in (shorter, longest, longest))
    )


def codes(most: int, *, full: bool = False) -> st.SearchStrategy[str]:
    """Style numbers: letters and digits in groups; every other one as long as may be, `full` all of them."""
    tail = max(1, most - 8)
    any_one = st.from_regex(rf"[A-Z]{{1,3}}[0-9]{{2,4}}(-[A-Z0-9]{{1,{tail}}})?", fullmatch=True)
    longest = st.from_regex(rf"[A-Z]{{3}}[0-9]{{4}}-[A-Z0-9]{{{tail}}}", fullmatch=True)
    return longest if full else any_one | longest


def percents(count: int) -> st.SearchStrategy[list[str]]:
    """So many shares that add up to 100, the largest first; halves among them."""

    def shares(cuts: set[int]) -> list[str]:
        edges = [0, *sorted(cuts), 200]
        sizes = sorted((right - left for left, right in pairwise(edges)), reverse=True)
        return [str(Decimal(size) / 2) for size in sizes]

    return st.sets(st.integers(1, 199), min_size=count - 1, max_size=count - 1).map(shares)


@st.composite
def counts(draw: st.DrawFn, room: Room, parts: int, *, full: bool) -> list[int]:
    """How many fibres each part has; `full`: as many as may be."""
    found: list[int] = []
    for left in range(parts, 0, -1):
        most = min(room.fibres, room.in_all - sum(found) - (left - 1))
        found.append(most if full else draw(st.integers(1, most)))
    return draw(st.permutations(found))


@st.composite
def fibres(draw: st.DrawFn, room: Room, count: int) -> list[dict[str, Any]]:
    known = [name for name in FIBRES if len(name) <= room.fibre]
    names = draw(st.lists(st.sampled_from(known), min_size=count, max_size=count, unique=True))
    return [{"name": name, "percent": share} for name, share in zip(names, draw(percents(count)), strict=True)]


@st.composite
def care(draw: st.DrawFn) -> list[str]:
    washed, bleached, tumbled, dried, ironed, cleaned, wet = (draw(st.sampled_from(group)) for group in CARE)
    chosen = [washed, bleached, tumbled, dried, ironed, cleaned, wet]
    return [code for code in chosen if code not in (dried, wet) or draw(st.booleans())]


def gtins() -> st.SearchStrategy[str]:
    return st.from_regex(r"069[0-9]{10}", fullmatch=True).map(lambda digits: digits + check_digit(digits))


def sizes(wearer: str, count: int) -> st.SearchStrategy[str]:
    if wearer == "infant":
        return st.builds("{}/{}".format, st.sampled_from([52, 59, 66, 73, 80, 90]), st.sampled_from([40, 44, 48]))
    if wearer == "child":
        return st.builds("{}/{}".format, st.sampled_from([105, 110, 120, 130, 150]), st.sampled_from([56, 60, 64]))
    letter, height, girth = st.sampled_from("YABC"), st.integers(29, 38), st.integers(18, 28)
    one = st.builds(lambda h, g, body: f"{5 * h}/{4 * g}{body}", height, girth, letter)
    return st.lists(one, min_size=1, max_size=count, unique=True).map(" ".join)


@st.composite
def records(draw: st.DrawFn, kind: str, room: Room = Room()) -> dict[str, Any]:
    """A record for a label kind that no rule blocks; every other one has all at its longest at once."""
    full = draw(st.booleans())
    down = kind in ("down_grade", "down_hangtag")
    wearer = "adult" if down else draw(st.sampled_from(["child", "infant"] if kind == "child_tag" else WEARERS))
    size = draw(sizes(wearer, room.sizes))
    most = room.parts - down if room.parts > down else 1
    count = most if full else draw(st.integers(1, most))
    known = [name for name in PARTS if len(name) <= room.part]
    names = draw(st.lists(st.sampled_from(known), min_size=count, max_size=count, unique=True))
    each = draw(counts(room, count, full=full))
    composition = [{"part": name, "fibres": draw(fibres(room, n))} for name, n in zip(names, each, strict=True)]
    facts = {
        "brand": draw(words(room.brand, full=full)),
        "name": draw(words(room.name, full=full)),
        "style_no": draw(codes(room.style, full=full)),
        "colour": draw(words(room.colour, full=full)),
        "gtin": draw(gtins()),
        "size": size,
        "wearer": wearer,
        "standard": "GB/T 14272-2021" if down else draw(st.sampled_from(_STANDARDS[wearer])),
        "quality_class": draw(st.sampled_from(GRADES)),
        "safety": draw(st.sampled_from([text for text in _SAFETY[wearer] if room.dated or "31701-" not in text])),
        "composition": composition,
        "care": draw(care()),
        "maker": {"name": draw(words(room.maker, full=full)), "address": draw(words(room.address, full=full))},
    }
    if down:
        filling = {
            "species": draw(st.sampled_from(["鹅绒", "鸭绒"])),
            "cluster_percent": 5 * draw(st.integers(10, 19)),
        }
        facts["composition"] = [*composition, {"part": "填充物", "down": filling}]
        facts["fill_weight_g"] = {size: draw(st.integers(100, 4000)) / 10}
    return {"product": facts, "lot": draw(lots(room.schemes, graded=kind == "down_grade"))}


@st.composite
def lots(draw: st.DrawFn, schemes: tuple[str, ...], *, graded: bool) -> dict[str, Any]:
    lot: dict[str, Any] = {
        "lot_no": draw(st.from_regex(r"[A-Z]{1,2}[0-9]{6,9}[A-Z]?", fullmatch=True)),
        "report_no": "R-1",
    }
    if graded or draw(st.booleans()):
        scheme = draw(st.sampled_from(schemes))
        lot["grade"] = {"scheme": scheme, **draw(GRADES_OF[scheme])}
    return lot


@st.composite
def pinghu(draw: st.DrawFn) -> dict[str, Any]:
    """One notation, and all five indicators."""
    level = st.sampled_from(draw(st.sampled_from(LEVELS)))
    indicators = {name: draw(stated(name, level)) for name in SCHEMES["pinghu-down"].indicators}
    return {"overall": draw(level), "indicators": indicators}


@st.composite
def ctes_1080(draw: st.DrawFn) -> dict[str, Any]:
    """Three levels, and any of the indicators; warmth has a class."""
    level = st.sampled_from(("AAA", "AAAA", "AAAAA"))
    names = draw(st.sets(st.sampled_from(["cluster_content", "fill_power", "turbidity", "warmth"])))
    classes = st.sampled_from(("严寒", "大寒", "小寒", "微寒"))
    indicators = {name: draw(classes if name == "warmth" else stated(name, level)) for name in sorted(names)}
    return {"overall": draw(level), "indicators": indicators}


GRADES_OF = {"pinghu-down": pinghu(), "ctes-1080": ctes_1080()}


def stated(name: str, level: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """A level alone, or with a figure that no rule doubts beside it."""
    figure = st.sampled_from({"cluster_content": ["95", "97.5"], "turbidity": ["500", "1000"]}.get(name, ["5", "18.5"]))
    both = st.builds(lambda one, number: {"level": one, "measured": number, "unit": MEASURES[name].unit}, level, figure)
    return level | both


WEARERS = ("adult", "child", "infant")
_SAFETY = {"adult": ADULT_SAFETY, "child": CHILD_SAFETY, "infant": INFANT_SAFETY}
_STANDARDS = {"adult": STANDARDS, "child": CHILD_STANDARDS, "infant": CHILD_STANDARDS}
