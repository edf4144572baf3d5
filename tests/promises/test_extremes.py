"""Long and short extremes on every built-in template, at both resolutions: each either fits by the template's rules, or
is refused and the slot is named.
"""

from __future__ import annotations

import contextlib
import copy
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from edge_agent.errors import RenderError
from edge_agent.render.facts import Facts, facts_of, fill, value
from edge_agent.render.page import Piece
from edge_agent.render.painters.tables import part_words
from edge_agent.render.plan import Layout, lay_out, plan_label
from edge_agent.render.raster import dots_at_least, to_image
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.slots import CompositionSlot, FieldsSlot, IndicatorsSlot, Slot, TextSlot
from edge_agent.render.templates.template import Template, built_in_templates, load_template
from edge_agent.render.type.text import Box
from garment.record import parse_record

pytestmark = pytest.mark.costly
SAMPLE = Path(__file__).parents[2] / "edge_agent" / "demo" / "samples" / "down_graded.json"
BASE = json.loads(SAMPLE.read_text("utf-8"))
OTHERS = {
    "order_sheet_a5": "draws orders of many records: its extremes are in test_order_sheet.py",
    "carton_sscc_100x100": "draws cartons: its extremes are in test_carton_label.py",
}
OF_ONE_RECORD = [name for name in built_in_templates() if name not in OTHERS]
Record = dict[str, Any]

DISTRICT = (
    "浙江省嘉兴市桐乡市濮院镇示例大道与时尚路交叉口东北侧示例产业园（二期）A区12号楼3层305室，电话：0573-88886666；"
)
FIBRES = [
    "棉",
    "聚酯纤维",
    "再生纤维素纤维",
    "莱赛尔纤维",
    "锦纶",
    "氨纶",
    "绵羊毛",
    "山羊绒",
    "桑蚕丝",
    "亚麻",
    "其他纤维",
]
TEXTS = ("brand", "name", "style_no", "colour", "standard", "quality_class", "safety")


def every_text(word: str) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record["product"] |= dict.fromkeys(TEXTS, word)
        record["product"]["maker"] |= {"name": word, "address": word}

    return change


def one(field: str, text: str) -> Callable[[Record], None]:
    return lambda record: record["product"].update({field: text})


def address(text: str) -> Callable[[Record], None]:
    return lambda record: record["product"]["maker"].update(address=text)


def composition(parts: list[dict[str, Any]]) -> Callable[[Record], None]:
    """The parts before the down filling, which some templates cannot be without."""
    return lambda record: record["product"].update(composition=[*parts, record["product"]["composition"][-1]])


def fibres(names: list[str]) -> list[dict[str, Any]]:
    shares = [5] * (len(names) - 1)
    return [{"name": name, "percent": share} for name, share in zip(names, [100 - sum(shares), *shares], strict=True)]


EXTREMES: dict[str, Callable[[Record], None]] = {
    "as it is": lambda record: None,
    "one character each": every_text("衣"),
    "one Latin letter each": every_text("g"),
    "accents and descenders": every_text("Égjpqy Å"),
    "name of 40": one("name", "男式中长款连帽可脱卸内胆防风防泼水轻薄保暖羽绒服二〇二六年秋冬新款限量示例版本"[:40]),
    "style number of 40": one("style_no", "YR2026-0801-BLACK-175-92A-LIMITED-00001X"),
    "brand of 40": one("brand", "示例" * 20),
    "a very long Latin word": one("name", "Pneumonoultramicroscopicsilicovolcanoconiosis" * 2),
    "a long e-mail": address("quality.assurance.department.of.the.example.company@example-garments.example.com.cn"),
    "signs only": one("name", "（）《》，。、；：！？" * 2),
    "wide spaces": one("name", "羽绒服　　　男　　　款"),
    "six parts": composition(
        [{"part": part, "fibres": fibres(FIBRES[:2])} for part in ("面料", "里料", "罗口", "帽里", "袖里")]
    ),
    "eleven fibres": composition([{"part": "面料", "fibres": fibres(FIBRES)}]),
    "part names of seven": composition([{"part": "可脱卸内胆面料", "fibres": fibres(FIBRES[:2])}]),
    "a part name of thirteen": composition([{"part": "可脱卸内胆面料及里料（前身）", "fibres": fibres(FIBRES[:3])}]),
    "an address of 120": address((DISTRICT * 3)[:120]),
    "an address of 200": address((DISTRICT * 4)[:200]),
    "ten thousand characters": address((DISTRICT * 200)[:10_000]),
    "rare characters": one("brand", "喆堃镕㛃"),
    "an extension B character": every_text("𠮷"),
    "another script": every_text("한국"),
}
FIT_EVERYWHERE = {"as it is", "one character each", "one Latin letter each"}
REFUSED_EVERYWHERE = {"an extension B character", "another script"}
NOT_SHOWN = {
    "as it is",  # no extreme
    "brand of 40",  # a brand stands on one line, in large letters
    "an address of 200",
    "ten thousand characters",
}


def drawn(template: Template, extreme: str, dpi: int) -> tuple[Layout, Facts]:
    record = copy.deepcopy(BASE)
    EXTREMES[extreme](record)
    if not any(path.startswith("lot.") for path in template.required):
        del record["lot"]  # a sticker has no room for a code with a lot
    facts = parse_record(json.dumps(record).encode()).facts()
    snapshot = make_snapshot(facts, template, rules={}, host="id.example.cn")
    return (plan_label if template.coded else lay_out)(template, snapshot, dpi), facts_of(snapshot)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("extreme", EXTREMES)
@pytest.mark.parametrize("name", OF_ONE_RECORD)
def test_it_fits_or_the_slot_is_named(name: str, extreme: str, dpi: int) -> None:
    template = load_template(name)
    try:
        layout, facts = drawn(template, extreme, dpi)
    except RenderError as cause:
        assert extreme not in FIT_EVERYWHERE, cause
        named = re.search(r"(?:^| · )slot ([a-z0-9_]+): expected ", str(cause))
        assert named and named[1] in {slot.name for slot in template.slot}, cause
        return
    assert extreme not in REFUSED_EVERYWHERE
    every_piece_is_in_its_slot(layout)
    no_ink_is_outside_the_slots(layout)
    nothing_is_lost(template, layout, facts)
    nothing_is_too_small(template, layout, dpi)


def every_piece_is_in_its_slot(layout: Layout) -> None:
    for piece in layout.painted:
        slot, box = layout.boxes[piece.slot], piece.box
        assert slot.left_dots <= box.left_dots and box.right_dots <= slot.right_dots, piece
        assert slot.top_dots <= box.top_dots and box.bottom_dots <= slot.bottom_dots, piece


def no_ink_is_outside_the_slots(layout: Layout) -> None:
    image = to_image(layout.bare)
    for box in layout.boxes.values():
        wipe(image, box)
    assert image.getbbox() is None, image.getbbox()


def wipe(image: Image.Image, box: Box) -> None:
    """A slot's room; of a rule thinner than a dot, the dot it is drawn as."""
    right, bottom = max(box.right_dots - 1, box.left_dots), max(box.bottom_dots - 1, box.top_dots)
    ImageDraw.Draw(image).rectangle((box.left_dots, box.top_dots, right, bottom), fill=0)


def nothing_is_lost(template: Template, layout: Layout, facts: Facts) -> None:
    """The lines of each slot are its words: all of them, and nothing else."""
    for slot in template.slot:
        if (words := expected_words(slot, facts)) is not None:
            lines = [piece.text for piece in layout.painted if piece.slot == slot.name and piece.piece is Piece.TEXT]
            assert characters(lines) == characters(words), slot.name


def expected_words(slot: Slot, facts: Facts) -> list[str] | None:
    """All that a slot has to say; None for kinds without words of their own."""
    match slot:
        case TextSlot():
            absent = slot.when is not None and value(slot.when, facts) is None
            return [] if absent else [fill(slot.text, facts, slot.name) or ""]
        case FieldsSlot():
            found = [(row.label, fill(row.text, facts, slot.name)) for row in slot.rows]
            return [label + text for label, text in found if text is not None]
        case CompositionSlot():
            return [part["part"] + "".join(part_words(part)) for part in value("product.composition", facts)]
        case IndicatorsSlot():
            levels = [(row.label, value(row.path, facts)) for row in slot.rows]
            return [label + level for label, level in levels if level is not None]
        case _:
            return None


def characters(words: list[str]) -> Counter[str]:
    return Counter("".join("".join(words).split()))


def nothing_is_too_small(template: Template, layout: Layout, dpi: int) -> None:
    least = {slot.name: dots_at_least(getattr(slot, "min_char_mm", 0), dpi) for slot in template.slot}
    assert all(height >= least[name] for name, height in layout.sizes.items())
    assert all(piece.height_dots >= least[piece.slot] for piece in layout.painted if piece.piece is Piece.TEXT)


def test_only_what_shows_no_single_record_is_left_to_others() -> None:
    assert {name for name in built_in_templates() if not load_template(name).of_record} == set(OTHERS)


@pytest.mark.parametrize("extreme", sorted(set(EXTREMES) - REFUSED_EVERYWHERE - NOT_SHOWN))
def test_each_extreme_that_may_fit_is_drawn_by_a_template_that_shows_it(extreme: str) -> None:
    def texts(name: str, extreme: str) -> list[str]:
        return [piece.text for piece in drawn(load_template(name), extreme, 203)[0].painted]

    for name in OF_ONE_RECORD:
        with contextlib.suppress(RenderError):
            if texts(name, extreme) != texts(name, "as it is"):
                return
    pytest.fail("no template shows it")
