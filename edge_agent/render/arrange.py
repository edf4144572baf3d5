"""This file arranges a label whose slots stand in stacks: it measures them, and tries the template's ways one after the
other, the code's modules from wished to least in each, until everything fits. Modules too small for a head that is
worn come last: a denser way is read more easily than such a code.

Margins and gaps hold the code's quiet zone, so that the code lines up with the text by its ink. The same facts give the
same dots: nothing is tried that depends on anything but the template, the facts and the resolution.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

from edge_agent.render.box import Box
from edge_agent.render.facts import Facts
from edge_agent.render.layout.share import NoRoomError, Want
from edge_agent.render.layout.solve import Placed, solve, wished_height
from edge_agent.render.layout.tree import Columns, Leaf, Node, Rows
from edge_agent.render.no_room import code_too_large, no_room
from edge_agent.render.page import inset, style_of
from edge_agent.render.painters.leaves import Ground, leaf_of
from edge_agent.render.patches.check_code import CheckCodePatches
from edge_agent.render.patches.qr_room import modules_in_turn, modules_of, sides_dots, usual
from edge_agent.render.patches.serial import room_of
from edge_agent.render.raster import dots
from edge_agent.render.templates.slots import AnyCheckCode, AnyQr, AnySerial
from edge_agent.render.templates.stacked import Bounds, Item, QrItem, Stack, Way
from edge_agent.render.templates.template import Template
from edge_agent.render.type.fonts import face


@dataclass(frozen=True, slots=True)
class Arranged:
    """Where each slot lies that has something to show, how high its characters are at most, which of them stand below
    what they would stand beside, and the label's height."""

    boxes: Mapping[str, Box]
    chars: Mapping[str, int]
    wrapped: frozenset[str]
    height_dots: int
    run_in: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a label shows: its facts, what its code's links begin with, and whether it has a check code."""

    facts: Facts
    prefix: str
    check_code: bool = False


def arrange(template: Template, shown: Shown, dpi: int) -> Arranged:
    """The first way that holds everything.

    Raises:
        RenderError: none does; names the slot that is too wide, or the one that takes most, and what is missing, or the
            code whose link is too long. As `leaf_of`.
    """
    missing: list[NoRoomError] = []
    try:
        arranged = _arranged(template, shown, dpi, missing)
    except NoRoomError as cause:
        raise no_room(template, shown.facts, cause, dpi) from cause
    if arranged is not None:
        return arranged
    if (code := _code_of(template)) is not None and _would_fit(template, shown, usual(shown.prefix), dpi):
        raise code_too_large(template, code, shown.prefix, dpi)
    nearest = min(missing, key=lambda one: (one.wide, one.short_dots))
    raise no_room(template, shown.facts, nearest, dpi)


def _arranged(template: Template, shown: Shown, dpi: int, missing: list[NoRoomError]) -> Arranged | None:
    """The first way that holds everything; None: no one does, and `missing` tells what each lacks.

    Raises:
        NoRoomError: one text alone covers more than the label.
    """
    sides = dots(template.size_mm[0], dpi), dots(template.size_mm[1], dpi)
    code = _code_of(template)
    modules = modules_of(shown.prefix, code) if code else 0

    @cache
    def leaves(run_in: bool) -> Mapping[str, Leaf | None]:
        return {item.name: _leaf(item, shown, Ground(shown.facts, dpi, run_in, sides)) for item in template.items}

    for sizes in modules_in_turn(code, dpi) if code else (range(1),):
        for way, module_dots in product(template.way, sizes):
            coded = {**leaves(way.captions == "run_in"), **_code(template, modules, module_dots)}
            try:
                return _placed(template, way, _tree(way, coded, dpi), dpi)
            except NoRoomError as cause:
                missing.append(cause)
    return None


def _would_fit(template: Template, shown: Shown, prefix: str, dpi: int) -> bool:
    """Whether it is the link alone that takes too much."""
    other = replace(shown, prefix=prefix)
    return prefix != shown.prefix and _arranged(template, other, dpi, []) is not None


def _code_of(template: Template) -> QrItem | None:
    return next((item for item in template.items if isinstance(item, QrItem)), None)


def _code(template: Template, modules: int, module_dots: int) -> dict[str, Leaf]:
    if not template.coded:
        return {}
    side, quiet = sides_dots(modules, module_dots)
    name = template.qr.name
    return {name: Leaf(name, lambda _width, _char: side, widths=(side, side), weight=0, paper=quiet)}


def _leaf(item: Item, shown: Shown, ground: Ground) -> Leaf | None:
    match item:
        case AnyQr():
            return None  # `_code`, anew for each width of a module
        case AnySerial() | AnyCheckCode():
            return _spelt(item, ground.dpi) if shown.check_code or isinstance(item, AnySerial) else None
        case _:
            return leaf_of(item, ground)


def _spelt(item: AnySerial | AnyCheckCode, dpi: int) -> Leaf:
    """What differs on each label has the room of the widest there is."""

    def room(char: int) -> tuple[int, int]:
        face_ = face(char, item.weight)
        if isinstance(item, AnySerial):
            return room_of(face_, item.lines, dpi)
        return CheckCodePatches.room_of(item, face_, dpi)

    def measure(width: int, char: int) -> int | None:
        needed, height = room(char)
        return height if needed <= width else None

    style = style_of(item, dpi)
    chars = (style.least_dots, style.height_dots)
    return Leaf(item.name, measure, chars, (room(chars[0])[0], room(chars[1])[0]))


def _tree(stack: Stack, leaves: Mapping[str, Leaf | None], dpi: int) -> Node:
    nodes = tuple(_nodes(stack, leaves, dpi))
    gap = _want(stack.gap_mm, dpi)
    return Rows(nodes, gap, stack.share) if stack.rows else Columns(nodes, gap, stack.share, stack.wrap, stack.equal)


def _nodes(stack: Stack, leaves: Mapping[str, Leaf | None], dpi: int) -> Iterator[Node]:
    """What a stack holds, without what has nothing to show, and without a second rule where nothing is between."""
    after_rule = False
    for node in stack.nodes:
        found = leaves.get(node) if isinstance(node, str) else _tree(node, leaves, dpi)
        rule = isinstance(found, Leaf) and found.divides
        if found is None or (not isinstance(found, Leaf) and not found.nodes) or (rule and after_rule):
            continue
        after_rule = rule
        yield found


def _want(bounds: Bounds, dpi: int) -> Want:
    least, wish, most = bounds if isinstance(bounds, tuple) else (bounds, bounds, bounds)
    return Want(dots(least, dpi), dots(wish, dpi), dots(most, dpi))


def _placed(template: Template, way: Way, tree: Node, dpi: int) -> Arranged:
    width, height = (dots(side, dpi) for side in template.size_mm)
    margins = way.margin_mm or template.margin_mm
    beside, above, *rest = (max(dots(margin, dpi), tree.paper) for margin in margins)
    below = rest[0] if rest else above
    if template.continuous:
        height = min(height, wished_height(tree, width - 2 * beside) + above + below)
    placed = solve(tree, Box(beside, above, width - beside, height - below))
    boxes = {name: _with_paper(name, one, template, tree) for name, one in placed.items()}
    chars = {name: one.char_dots for name, one in placed.items() if one.char_dots}
    wrapped = frozenset(name for name, one in placed.items() if one.wrapped)
    return Arranged(boxes, chars, wrapped, height, way.captions == "run_in")


def _with_paper(name: str, placed: Placed, template: Template, tree: Node) -> Box:
    """The box of a slot; the code's with its quiet zone, in the middle of its column or row."""
    box = placed.box
    if not template.coded or name != template.qr.name:
        return box
    side = min(box.width_dots, box.height_dots)
    left, top = box.left_dots + (box.width_dots - side) // 2, box.top_dots + (box.height_dots - side) // 2
    return inset(Box(left, top, left + side, top + side), -tree.paper)
