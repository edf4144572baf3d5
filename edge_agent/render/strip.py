"""The serial for the eye: a strip of equal cells, so that every serial has the same room and none can fail to fit."""

from __future__ import annotations

from functools import cached_property

from edge_agent.codes import serial as serials
from edge_agent.errors import RenderError
from edge_agent.model import Bitmap
from edge_agent.render.fonts import Face, face
from edge_agent.render.raster import blank, from_number, millimetres, to_bitmap, to_number
from edge_agent.render.slots import SerialSlot
from edge_agent.render.text import Box, Style, draw_run, pitch_dots

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_GAP = "·"
_LINES = {1: ("AAA·BBBBB·CCCCC·DDDD",), 2: ("AAA·BBBBB", "CCCCC·DDDD")}
"""How the 17 characters stand on one line or two; a dot is half a cell of room."""


class SerialStrip:
    """Pictures of serials that fill `box`.

    Raises:
        RenderError: a cell cannot hold the widest character at the slot's least size.
    """

    def __init__(self, slot: SerialSlot, box: Box, style: Style, dpi: int) -> None:
        self._box = box
        self._lines = _LINES[slot.lines]
        halves = max(sum(1 if sign == _GAP else 2 for sign in line) for line in self._lines)
        self._half_dots = box.width_dots // halves
        self.face = self._fitted(slot, style, dpi)

    def bitmap(self, serial: str) -> Bitmap:
        """The strip with a serial on it."""
        picture = 0
        for place, character in enumerate(serial):
            picture |= self._glyph(place, character)
        return from_number(picture, self._box.width_dots, self._box.height_dots)

    def _fitted(self, slot: SerialSlot, style: Style, dpi: int) -> Face:
        for height in range(style.height_dots, style.least_dots - 1, -1):
            candidate = face(height, style.weight)
            widest = max(map(candidate.width_dots, _CHARACTERS))
            if widest < 2 * self._half_dots and self._needed_dots(candidate) <= self._box.height_dots:
                return candidate
        raise RenderError(
            f"slot {slot.name}: expected room for {serials.LENGTH} characters of {millimetres(style.least_dots, dpi):.2f} mm "
            f"on {slot.lines} line(s), got {millimetres(self._box.width_dots, dpi):.1f} × "
            f"{millimetres(self._box.height_dots, dpi):.1f} mm; enlarge the slot"
        )

    def _needed_dots(self, face_: Face) -> int:
        deepest = max(map(face_.descent_dots, _CHARACTERS))
        return face_.ascent_dots + (len(self._lines) - 1) * pitch_dots(face_) + deepest

    @cached_property
    def _cells(self) -> tuple[tuple[int, int], ...]:
        """Left edge and baseline of each character's cell, in dots from the strip's corner; lines are centred."""
        cells = []
        baseline = self.face.ascent_dots + (self._box.height_dots - self._needed_dots(self.face)) // 2
        for line in self._lines:
            widths = [self._half_dots * (1 if sign == _GAP else 2) for sign in line]
            left = (self._box.width_dots - sum(widths)) // 2
            cells += [(left + sum(widths[:at]), baseline) for at, sign in enumerate(line) if sign != _GAP]
            baseline += pitch_dots(self.face)
        return tuple(cells)

    def _glyph(self, place: int, character: str) -> int:
        """One character in its cell, as a number over the whole strip."""
        known = self._known.get((place, character))
        if known is None:
            left, baseline = self._cells[place]
            image = blank(self._box.width_dots, self._box.height_dots)
            indent = (2 * self._half_dots - self.face.width_dots(character)) // 2
            draw_run(image, self.face, character, left + indent, baseline)
            known = self._known[place, character] = to_number(to_bitmap(image))
        return known

    @cached_property
    def _known(self) -> dict[tuple[int, str], int]:
        return {}
