"""A label is read back from its layout: every piece in its slot, none on another, none too small, captions apart from
their values, and the words those of the record, worked out here from the record alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain, combinations
from typing import Any

from PIL import ImageChops

from edge_agent.render.page import Painted, Piece
from edge_agent.render.plan import Layout
from edge_agent.render.raster import blank, dots_at_least, to_image
from edge_agent.render.templates.slots import AnyText
from edge_agent.render.templates.stacked import TextItem
from edge_agent.render.templates.template import Template
from edge_agent.render.type.fonts import face
from edge_agent.render.type.text import Box

TOUCHING = frozenset({"code_sticker_30x20", "wash_care_30"})
"""Built-in templates of format 1, where a caption may touch its value; each leaves this list as it becomes format 2."""

_CAPTIONED = re.compile(r"^[^\s{]*[\u4e00-\u9fff](?P<paper>\s*)\{")
# --- what is read back ------------------------------------------------------------------------------------------------


def assert_read_back(
    layout: Layout, template: Template, facts: Mapping[str, Any], dpi: int, *, apart: bool = True
) -> None:
    """`apart`: captions too, which in a site's own words may not be."""
    for piece in layout.painted:
        assert inside(piece.box, layout.boxes[piece.slot]), f"{piece} leaves its slot {layout.boxes[piece.slot]}"
    for one, other in combinations(layout.painted, 2):
        assert not one.box.overlaps(other.box), f"{one} lies on {other}"
    assert_ink_only_in_slots(layout)
    by_slot = {slot.name: [piece for piece in layout.painted if piece.slot == slot.name] for slot in template.slot}
    for slot in template.slot:
        least = dots_at_least(getattr(slot, "min_char_mm", 0), dpi)
        small = [piece for piece in by_slot[slot.name] if piece.piece is Piece.TEXT and piece.height_dots < least]
        assert not small, f"{small} below {least} dots"
        given_way = slot.name not in layout.boxes and isinstance(slot, TextItem) and "{" not in slot.text
        if slot.kind in EXPECTED and not given_way:
            assert_same(slot.name, told(by_slot[slot.name]), EXPECTED[slot.kind](slot, facts))
    if facts["product"].get("carbon_mark") and any(slot.kind == "mark" for slot in template.slot):
        pictures = [piece.text for piece in layout.painted if piece.piece is Piece.PICTURE]
        assert pictures == [facts["product"]["carbon_mark"]["artwork_sha256"]]
    if apart and template.name not in TOUCHING:
        assert_captions_apart(layout, template)


def assert_captions_apart(layout: Layout, template: Template) -> None:
    """Half a character of paper or more lies between what stands beside each other in a table (caption and value, one
    fibre and the next), and behind a caption within a text."""
    by_slot = {slot: [one for one in layout.painted if one.slot == slot.name] for slot in template.slot}
    tables = [pieces for slot, pieces in by_slot.items() if slot.kind in ("fields", "composition")]
    for one, other in chain.from_iterable(combinations(pieces, 2) for pieces in tables):
        assert not touch(one, other), f"{one.text} touches {other.text}"
    for slot, pieces in by_slot.items():
        if isinstance(slot, AnyText) and pieces and (captioned := _CAPTIONED.match(slot.text)):
            paper = sum(map(face(pieces[0].height_dots, slot.weight).advance_dots, captioned["paper"]))
            assert 2 * paper >= pieces[0].height_dots, f"{pieces[0].text} touches its caption"


def touch(one: Painted, other: Painted) -> bool:
    """Whether two pieces on one line have less than half a character between them."""
    if one.box.bottom_dots <= other.box.top_dots or other.box.bottom_dots <= one.box.top_dots:
        return False
    apart = max(one.box.left_dots, other.box.left_dots) - min(one.box.right_dots, other.box.right_dots)
    return 2 * apart < one.height_dots


def inside(piece: Box, slot: Box) -> bool:
    return (
        slot.left_dots <= piece.left_dots
        and slot.top_dots <= piece.top_dots
        and piece.right_dots <= slot.right_dots
        and piece.bottom_dots <= slot.bottom_dots
    )


def assert_ink_only_in_slots(layout: Layout) -> None:
    image = to_image(layout.bare)
    slots = blank(image.width, image.height)
    for box in layout.boxes.values():
        width, height = max(1, box.width_dots), max(1, box.height_dots)
        slots.paste(255, (box.left_dots, box.top_dots, box.left_dots + width, box.top_dots + height))
    stray = ImageChops.logical_and(image, ImageChops.invert(slots))
    assert stray.getbbox() is None, f"ink outside every slot, in {stray.getbbox()}"


def told(pieces: list[Painted]) -> str:
    return "".join(piece.text for piece in pieces if piece.piece in (Piece.TEXT, Piece.SYMBOL))


def assert_same(slot: str, found: str, expected: str) -> None:
    assert squeezed(found) == squeezed(expected), f"slot {slot} tells another thing than the record"


def squeezed(text: str) -> str:
    return "".join(text.split())


# --- what a slot has to tell, worked out from the record alone --------------------------------------------------------


def filled(text: str, facts: Mapping[str, Any]) -> str | None:
    """A template's text with its facts; None if one is absent."""
    values = {path: at(path, facts) for path in re.findall(r"\{([a-z0-9_.]+)\}", text)}
    if None in values.values():
        return None
    return re.sub(r"\{([a-z0-9_.]+)\}", lambda match: str(values[match[1]]), text)


def at(path: str, facts: Any) -> Any:
    if path.startswith("filling."):
        return filling(facts["product"]).get(path.removeprefix("filling."))
    if path == "lot.grade.scheme_name":
        return SCHEME_NAMES.get(walked("lot.grade.scheme", facts))
    if path.endswith(".measured"):
        return figure(walked(path.removesuffix(".measured"), facts))
    found = walked(path, facts)
    return found["level"] if isinstance(found, Mapping) and "level" in found else found


def walked(path: str, facts: Any) -> Any:
    for step in path.split("."):
        facts = facts.get(step) if isinstance(facts, Mapping) else None
    return facts


def figure(indicator: Any) -> str | None:
    """`18.5cm`; None where a level stands alone."""
    if not isinstance(indicator, Mapping) or (number := indicator.get("measured")) is None:
        return None
    return (number if "-" in number else short(number)) + indicator["unit"]


SCHEME_NAMES = {"pinghu-down": "平湖分级", "ctes-1080": "T/CTES 1080"}
"""As a label says it."""


def filling(product: Mapping[str, Any]) -> dict[str, str]:
    down = next((part["down"] for part in product["composition"] if "down" in part), None)
    grams = product.get("fill_weight_g", {}).get(product["size"])
    found = {} if down is None else {"species": down["species"], "cluster_percent": short(down["cluster_percent"])}
    return found if grams is None else found | {"weight_g": short(grams)}


def short(number: Any) -> str:
    """90, 90.5: as a person writes it."""
    return f"{Decimal(str(number)).normalize():f}"


def text_of(slot: Any, facts: Mapping[str, Any]) -> str:
    if getattr(slot, "when", None) is not None and at(slot.when, facts) is None:
        return ""
    return filled(slot.text, facts) or ""


def fields_of(slot: Any, facts: Mapping[str, Any]) -> str:
    rows = [(row.label, filled(row.text, facts)) for row in slot.rows]
    return "".join(label + text for label, text in rows if text is not None)


def composition_of(_slot: Any, facts: Mapping[str, Any]) -> str:
    return "".join(part["part"] + "".join(_shares(part)) for part in facts["product"]["composition"])


def _shares(part: Mapping[str, Any]) -> Iterator[str]:
    if down := part.get("down"):
        yield f"{down['species']}绒子含量{short(down['cluster_percent'])}%"
    for fibre in part.get("fibres") or ():
        yield f"{fibre['name']}{short(fibre['percent'])}%"


def indicators_of(slot: Any, facts: Mapping[str, Any]) -> str:
    levels = [(row, at(row.path, facts)) for row in slot.rows]
    return "".join(row.label + figure_of(row, facts) + level for row, level in levels if level is not None)


def figure_of(row: Any, facts: Mapping[str, Any]) -> str:
    """Where the record has it and the template a place for it."""
    return "" if row.measured is None else at(row.measured, facts) or ""


EXPECTED = {
    "text": text_of,
    "fields": fields_of,
    "composition": composition_of,
    "indicators": indicators_of,
}
