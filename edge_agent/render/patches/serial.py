"""This patch shows the serial for the eye, on one line, two or four.

The room is measured with the widest character in every place, so patches that can be planned take every serial:
nothing is found too long after the serial was issued.
"""

from __future__ import annotations

from functools import lru_cache

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.raster import blank, dots, from_number, millimetres, to_bitmap, to_number
from edge_agent.render.templates.slots import AnySerial
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

    def __init__(self, slot: AnySerial, box: Box, style: Style, dpi: int) -> None:
        self._box = box
        self._lines = slot.lines
        self._align = slot.align
        self._tracking_dots = dots(TRACKING_MM, dpi)
        self.face = self._fitted(slot, style, dpi)
        self._first_baseline = (box.height_dots - _needed_dots(self.face, self._lines)) // 2 + self.face.ascent_dots
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
        return _split(serial, self._lines)

    def _line_dots(self, line: str) -> int:
        return sum(self._pens[character] for character in line) - self._tracking_dots

    def _pen_dots(self, face_: Face, character: str) -> int:
        return _pen_dots(face_, character, self._tracking_dots)

    def _fitted(self, slot: AnySerial, style: Style, dpi: int) -> Face:
        for height in range(style.height_dots, style.least_dots - 1, -1):
            candidate = face(height, style.weight)
            width_dots, height_dots = room_of(candidate, slot.lines, dpi)
            if width_dots <= self._box.width_dots and height_dots <= self._box.height_dots:
                return candidate
        got = f"{millimetres(self._box.width_dots, dpi):.1f} × {millimetres(self._box.height_dots, dpi):.1f} mm"
        raise RenderError(
            f"slot {slot.name}: expected room for {serials.LENGTH} characters of "
            f"{millimetres(style.least_dots, dpi):.2f} mm on {slot.lines} line(s), got {got}; enlarge the slot"
        )

    def _glyph(self, number: int, character: str) -> int:
        if character == " ":
            return 0
        baseline = self._first_baseline + number * pitch_dots(self.face)
        return glyph(self.face, character, self._box.width_dots, self._box.height_dots, baseline)


@lru_cache(maxsize=_KEPT_GLYPHS)
def glyph(face_: Face, character: str, width_dots: int, height_dots: int, baseline: int) -> int:
    """A character at the left end of a patch, as a number over it; >> n moves it n dots right."""
    image = blank(width_dots, height_dots)
    paint_run(image, face_, character, 0, baseline)
    return to_number(to_bitmap(image))


def room_of(face_: Face, lines: int, dpi: int) -> tuple[int, int]:
    """Width and height that any serial fits in, on so many lines."""
    return _widest_dots(face_, lines, dots(TRACKING_MM, dpi)), _needed_dots(face_, lines)


def _split(serial: str, lines: int) -> tuple[str, ...]:
    groups = serials.grouped(serial).split(" ")
    each = len(groups) // lines
    return tuple(" ".join(groups[at : at + each]) for at in range(0, len(groups), each))


def _pen_dots(face_: Face, character: str, tracking_dots: int) -> int:
    return (face_.height_dots * 2 // 3 if character == " " else face_.width_dots(character)) + tracking_dots


def _widest_dots(face_: Face, lines: int, tracking_dots: int) -> int:
    widest = max(_CHARACTERS, key=face_.width_dots)
    rows = _split(widest * serials.LENGTH, lines)
    return max(sum(_pen_dots(face_, character, tracking_dots) for character in row) for row in rows)


def _needed_dots(face_: Face, lines: int) -> int:
    deepest = max(map(face_.descent_dots, _CHARACTERS))
    return face_.ascent_dots + (lines - 1) * pitch_dots(face_) + deepest
