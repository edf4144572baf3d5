"""A plan renders a run of labels: what is equal is painted once, what differs is two or three patches.

`full(serial)` is the background with the patches laid over it and nothing else, so a printer that keeps the background
in its memory and one that takes every dot print the same label.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media
from edge_agent.render.arrange import Shown, arrange
from edge_agent.render.facts import facts_of
from edge_agent.render.made_for import refuse_order, require_made_for
from edge_agent.render.page import Page, Painted, Piece, box_of, style_of
from edge_agent.render.painters.mark import ArtworkOf, no_artwork
from edge_agent.render.painters.paint import PAINTERS, STACKED_PAINTERS, Painter
from edge_agent.render.patches.check_code import SPECIMEN_WORD, CheckCodePatches
from edge_agent.render.patches.qr_code import QUIET_MODULES, SymbolFormat, SymbolRun
from edge_agent.render.patches.serial import SerialPatches
from edge_agent.render.raster import INK, blank, dots, millimetres, overlay, to_bitmap, to_image
from edge_agent.render.roll_length import cut_to_content
from edge_agent.render.snapshot import link_of
from edge_agent.render.templates.slots import PER_LABEL, AnyQr, QrSlot
from edge_agent.render.templates.stacked import AnySlot
from edge_agent.render.templates.template import Template
from edge_agent.render.type.text import Box, Style, fit, paint_lines
from label_protocol.codes import serial as serials
from label_protocol.codes.check_code import CheckCodes

_NO_SERIAL = "0" * serials.LENGTH


class Layout:
    """What is equal on all labels of one snapshot at one resolution; made by `lay_out`.

    `media` is the roll, `bare` the dots, `boxes` the box of each slot in dots, `painted` every piece that was put
    there, `sizes` the character height that each text slot came out with, in dots.
    """

    def __init__(
        self, template: Template, snapshot: Mapping[str, Any], dpi: int, artwork: ArtworkOf = no_artwork
    ) -> None:
        draw = _drawn_in_stacks if template.way else _drawn_at_places
        page, boxes = draw(template, snapshot, dpi, artwork)
        self.boxes: Mapping[str, Box] = boxes
        self.painted, self.sizes = tuple(page.painted), page.sizes
        media = Media(dpi, page.image.width, page.image.height)
        self.media = replace(media, gap_mm=0.0, continuous=True) if template.continuous else media
        self.bare = to_bitmap(page.image)
        self._template, self._snapshot = template, snapshot


def _drawn_at_places(
    template: Template, snapshot: Mapping[str, Any], dpi: int, artwork: ArtworkOf
) -> tuple[Page, Mapping[str, Box]]:
    image = blank(*(dots(side_mm, dpi) for side_mm in template.size_mm))
    page = Page(image, dpi, facts_of(snapshot), spread=not template.continuous, artwork=artwork)
    boxes = {slot.name: box_of(slot.at_mm, slot.size_mm, dpi) for slot in template.placed}
    _paint(page, template.placed, boxes, PAINTERS)
    if template.continuous:
        boxes = cut_to_content(page, boxes, template.placed)
    return page, boxes


def _drawn_in_stacks(
    template: Template, snapshot: Mapping[str, Any], dpi: int, artwork: ArtworkOf
) -> tuple[Page, Mapping[str, Box]]:
    facts = facts_of(snapshot)
    prefix = link_of(snapshot, _NO_SERIAL).removesuffix(_NO_SERIAL) if template.coded else ""
    arranged = arrange(template, Shown(facts, prefix, "check_code" in snapshot), dpi)
    image = blank(dots(template.size_mm[0], dpi), arranged.height_dots)
    page = Page(
        image,
        dpi,
        facts,
        chars=arranged.chars,
        wrapped=arranged.wrapped,
        run_in=arranged.run_in,
        artwork=artwork,
    )
    _paint(page, [item for item in template.items if item.name in arranged.boxes], arranged.boxes, STACKED_PAINTERS)
    return page, arranged.boxes


def _paint(page: Page, slots: Sequence[AnySlot], boxes: Mapping[str, Box], painters: Mapping[str, Painter]) -> None:
    for slot in sorted(slots, key=lambda slot: slot.kind != "box"):  # a frame clears what it encloses
        if slot.kind not in PER_LABEL:
            painters[slot.kind](slot, page, boxes[slot.name])


class LabelPlan(Layout):
    """The labels of one snapshot at one resolution, each with its code; made by `plan_label`.

    `background` is all that is equal, `symbol` the format of the QR codes. The check code, where template and snapshot
    have one, comes from `codes`; without them its place says 样张.
    """

    def __init__(
        self,
        template: Template,
        snapshot: Mapping[str, Any],
        dpi: int,
        codes: CheckCodes | None = None,
        artwork: ArtworkOf = no_artwork,
    ) -> None:
        super().__init__(template, snapshot, dpi, artwork)
        self._codes, self._check_codes = codes, self._planned_check_codes()
        prefix = link_of(snapshot, _NO_SERIAL).removesuffix(_NO_SERIAL)
        self._symbols = SymbolRun(prefix, _qr_at(template.qr, self._qr_slot, dpi), self._qr_slot, dpi)
        self._serial_patches = SerialPatches(template.serial, self._serial_slot, style_of(template.serial, dpi), dpi)
        self.symbol: SymbolFormat = self._symbols.format
        self.sizes = {**self.sizes, template.serial.name: self._serial_patches.face.height_dots}

    def with_codes(self, codes: CheckCodes | None) -> LabelPlan:
        """The same labels, their check codes from `codes`."""
        plan = copy(self)
        plan._codes = codes
        return plan

    @cached_property
    def background(self) -> Bitmap:
        """All that is equal for all labels of the run, what their QR codes share among it."""
        return overlay(self.bare, [self._at_symbol_box(self._symbols.shared)])

    def link(self, serial: str) -> str:
        """The Digital Link that the QR code of this serial holds."""
        return link_of(self._snapshot, serials.validate(serial))

    def patches(self, serial: str) -> tuple[Patch, ...]:
        """QR code, serial and, if the label has one, check code. Where they meet ink of the background it is ink they
        have in common.

        Raises:
            CodeError: a serial that is none.
        """
        serials.validate(serial)
        return self._at_symbol_box(self._symbols.bitmap(serial)), *self._spelt(serial, self._codes)

    def full(self, serial: str) -> Bitmap:
        """The whole label of one serial, dot for dot what run mode prints; raises as `patches`."""
        return overlay(self.background, self.patches(serial))

    def alone(self, serial: str) -> Bitmap:
        """The label of one serial, dot for dot `full`, without asking what a run has in common: for one look."""
        serials.validate(serial)
        return overlay(
            self.bare, (self._at_symbol_box(self._symbols.single(serial)), *self._spelt(serial, self._codes))
        )

    def specimen(self, serial: str | None = None) -> Bitmap:
        """The label with 样张 where QR code and check code would be: for looking at a serial that is issued, or at
        none."""
        image, box = to_image(self.bare), self.symbol_box
        frame = max(1, dots(0.3, self.media.dpi))
        image.paste(INK, (box.left_dots, box.top_dots, box.right_dots, box.bottom_dots))
        image.paste(0, (box.left_dots + frame, box.top_dots + frame, box.right_dots - frame, box.bottom_dots - frame))
        style = Style(box.height_dots // 3, 8, "bold", "center", "middle", 1)
        face_, lines = fit((SPECIMEN_WORD,), box, style, self._template.qr.name, self.media.dpi)
        paint_lines(image, face_, lines, box, style)
        return overlay(to_bitmap(image), self._spelt(serial and serials.validate(serial), None))

    @cached_property
    def symbol_box(self) -> Box:
        """Where the modules are: centred in the slot, at least four modules from its edges."""
        slot, side = self._qr_slot, self.symbol.side_dots
        left = slot.left_dots + (slot.width_dots - side) // 2
        top = slot.top_dots + (slot.height_dots - side) // 2
        return Box(left, top, left + side, top + side)

    @property
    def quiet_dots(self) -> int:
        """Width of the quiet zone around the symbol."""
        return QUIET_MODULES * self.symbol.module_dots

    def _at_symbol_box(self, symbol: Bitmap) -> Patch:
        return Patch(self.symbol_box.left_dots, self.symbol_box.top_dots, symbol)

    def _spelt(self, serial: str | None, codes: CheckCodes | None) -> tuple[Patch, ...]:
        """What is read by eye."""
        found = []
        if serial is not None:
            box = self._serial_slot
            found.append(Patch(box.left_dots, box.top_dots, self._serial_patches.bitmap(serial)))
        if (check := self._check_codes) is not None:
            box = check.code_box
            code = check.specimen if serial is None or codes is None else check.bitmap(codes(serial))
            found.append(Patch(box.left_dots, box.top_dots, code))
        return tuple(found)

    def _planned_check_codes(self) -> CheckCodePatches | None:
        """The patches of check codes, their caption painted into the background; None for a label without."""
        slot = self._template.check_code
        if slot is None or "check_code" not in self._snapshot:
            return None
        patches = CheckCodePatches(slot, self.boxes[slot.name], style_of(slot, self.media.dpi), self.media.dpi)
        image, height_dots = to_image(self.bare), patches.face.height_dots
        caption = Painted(slot.name, Piece.TEXT, slot.label, patches.paint_caption(image), height_dots)
        self.bare, self.painted = to_bitmap(image), (*self.painted, caption)
        self.sizes = {**self.sizes, slot.name: height_dots}
        return patches

    @property
    def _qr_slot(self) -> Box:
        return self.boxes[self._template.qr.name]

    @property
    def _serial_slot(self) -> Box:
        return self.boxes[self._template.serial.name]


def _qr_at(slot: AnyQr, box: Box, dpi: int) -> QrSlot:
    """The slot of a code with the place that its layout gave it."""
    if isinstance(slot, QrSlot):
        return slot
    left, top, width, height = (
        millimetres(side, dpi) for side in (box.left_dots, box.top_dots, box.width_dots, box.height_dots)
    )
    return QrSlot(
        name=slot.name, kind="qr", at_mm=(left, top), size_mm=(width, height), ecc=slot.ecc, min_x_mm=slot.min_x_mm
    )


def lay_out(
    template: Template,
    snapshot: Mapping[str, Any],
    dpi: int,
    *,
    draft: bool = False,
    artwork: ArtworkOf = no_artwork,
) -> Layout:
    """What is equal on all labels of a snapshot. A `draft` may lack required facts: for looking, not printing.
    `artwork` gives the certified marks that the site uploaded.

    Raises:
        RenderError: a snapshot made for another template, a required fact that is absent, a text that does not fit its
            slot, a character the font lacks, a mark whose artwork is not there or does not fit.
    """
    require_made_for(template, snapshot, dpi, draft=draft)
    return Layout(template, snapshot, dpi, artwork)


def plan_label(
    template: Template,
    snapshot: Mapping[str, Any],
    dpi: int,
    *,
    draft: bool = False,
    codes: CheckCodes | None = None,
    artwork: ArtworkOf = no_artwork,
) -> LabelPlan:
    """The labels of a snapshot at a printer's resolution; `draft` and `artwork` as in `lay_out`, `codes` as in
    `LabelPlan`.

    Raises:
        RenderError: as `lay_out`; a template without a code; a QR code that would be too fine.
        CodeError: a GTIN, lot or host that no Digital Link can carry.
    """
    refuse_order(template)
    if not template.coded:
        raise RenderError(
            f"模板 {template.name} 没有二维码和序列号，不发码，请打印副本：edge-agent label copies · "
            f"template {template.name}: expected one with a qr and a serial slot, since every issued label has its "
            "own, got one without; print it with: edge-agent label copies"
        )
    require_made_for(template, snapshot, dpi, draft=draft)
    return LabelPlan(template, snapshot, dpi, codes, artwork)
