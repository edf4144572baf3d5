"""This patch shows the serial for the eye, on one line, two or four.

The room is measured with the widest character in every place, so patches that can be planned take every serial:
nothing is found too long after the serial was issued.
"""

from __future__ import annotations

from functools import lru_cache

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.raster import blank, dots, from_number, millimetres, to_bitmap, to_number
from edge_agent.render.templates.slots import SerialSlot
from edge_agent.render.type.fonts import Face, face
from edge_agent.render.type.text import Box, Style, paint_run, pitch_dots
from label_protocol.codes import serial as serials

_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KEPT_GLYPHS = 2048
"""Of all plans together, since templates are few: 34 characters on each line of a patch, a kilobyte each."""
TRACKING_MM = 0.2
"""Paper added between characters: what nobody can guess is spelt, not read."""


class SerialPatches:
    """Pictures of serials that fill `box`, in the groups of `serial.grouped`.

    Raises:
        RenderError: the box cannot hold the widest serial at the slot's least size.
    """

    def __init__(self, slot: SerialSlot, box: Box, style: Style, dpi: int) -> None:
        self._box = box
        self._lines = slot.lines
        self._align = slot.align
        self._tracking_dots = dots(TRACKING_MM, dpi)
        self.face = self._fitted(slot, style, dpi)
        self._pens = {character: self._pen_dots(self.face, character) for character in _CHARACTERS + " "}

    def bitmap(self, serial: str) -> Bitmap:
        """The patch with a serial on it, each line aligned by itself."""
        picture = 0
        for number, line in enumerate(self._split(serial)):
            room = self._box.width_dots - self._line_dots(line)
            pen = {"left": 0, "center": room // 2, "right": room}[self._align]
            for character in line:
                picture |= self._glyph(number, character) >> pen
                pen += self._pens[character]
        return from_number(picture, self._box.width_dots, self._box.height_dots)

    def _split(self, serial: str) -> tuple[str, ...]:
        groups = serials.grouped(serial).split(" ")
        each = len(groups) // self._lines
        return tuple(" ".join(groups[at : at + each]) for at in range(0, len(groups), each))

    def _line_dots(self, line: str) -> int:
        return sum(self._pens[character] for character in line) - self._tracking_dots

    def _pen_dots(self, face_: Face, character: str) -> int:
        return (face_.height_dots * 2 // 3 if character == " " else face_.width_dots(character)) + self._tracking_dots

    def _fitted(self, slot: SerialSlot, style: Style, dpi: int) -> Face:
        for height in range(style.height_dots, style.least_dots - 1, -1):
            candidate = face(height, style.weight)
            if (
                self._widest_dots(candidate) <= self._box.width_dots
                and self._needed_dots(candidate) <= self._box.height_dots
            ):
                return candidate
        got = f"{millimetres(self._box.width_dots, dpi):.1f} × {millimetres(self._box.height_dots, dpi):.1f} mm"
        raise RenderError(
            f"slot {slot.name}: expected room for {serials.LENGTH} characters of "
            f"{millimetres(style.least_dots, dpi):.2f} mm on {slot.lines} line(s), got {got}; enlarge the slot"
        )

    def _widest_dots(self, face_: Face) -> int:
        widest = max(_CHARACTERS, key=face_.width_dots)
        lines = self._split(widest * serials.LENGTH)
        return max(sum(self._pen_dots(face_, character) for character in line) for line in lines)

    def _needed_dots(self, face_: Face) -> int:
        deepest = max(map(face_.descent_dots, _CHARACTERS))
        return face_.ascent_dots + (self._lines - 1) * pitch_dots(face_) + deepest

    def _glyph(self, number: int, character: str) -> int:
        if character == " ":
            return 0
        top = (self._box.height_dots - self._needed_dots(self.face)) // 2 + self.face.ascent_dots
        baseline = top + number * pitch_dots(self.face)
        return glyph(self.face, character, self._box.width_dots, self._box.height_dots, baseline)


@lru_cache(maxsize=_KEPT_GLYPHS)
def glyph(face_: Face, character: str, width_dots: int, height_dots: int, baseline: int) -> int:
    """A character at the left end of a patch, as a number over it; >> n moves it n dots right."""
    image = blank(width_dots, height_dots)
    paint_run(image, face_, character, 0, baseline)
    return to_number(to_bitmap(image))
