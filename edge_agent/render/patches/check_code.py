"""This patch shows the check code for the eye: its caption, then the code, spelt like the serial.

The caption is equal on all labels and lies in the background; only the code is a patch. Its room is measured with the
widest character in every place, so patches that can be planned take every code. Cells all as wide as a W were tried:
at 203 dpi the code fell apart into single letters.
"""

from __future__ import annotations

from functools import cached_property

from PIL import Image

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.patches.serial import TRACKING_MM, glyph
from edge_agent.render.raster import blank, dots, from_number, millimetres, to_bitmap
from edge_agent.render.templates.slots import AnyCheckCode
from edge_agent.render.type.fonts import Face, check_glyphs, face
from edge_agent.render.type.text import Box, Style, paint_run
from label_protocol.codes import check_code
from label_protocol.codes.serial import ALPHABET

SPECIMEN_WORD = "样张"
"""Stands where a code would be, on labels that are only looked at."""
_CHARACTERS = ALPHABET + "-"


class CheckCodePatches:
    """Pictures of codes for the part of `box` behind the caption; `code_box` is where they lie on the label.

    Raises:
        RenderError: the box cannot hold caption and widest code at the slot's least size; a caption the font lacks.
    """

    def __init__(self, slot: AnyCheckCode, box: Box, style: Style, dpi: int) -> None:
        check_glyphs(slot.label, slot.name)
        self._caption, self._box = slot.label, box
        self._tracking_dots = max(1, dots(TRACKING_MM, dpi))
        self.face = self._fitted(slot, style, dpi)
        left = box.left_dots + self._caption_dots(self.face)
        top = box.top_dots + (box.height_dots - self._needed_dots(self.face)) // 2
        self.code_box = Box(left, top, left + self._code_dots(self.face), top + self._needed_dots(self.face))

    @classmethod
    def room_of(cls, slot: AnyCheckCode, face_: Face, dpi: int) -> tuple[int, int]:
        """Width and height that the caption and any code fit in."""
        own = cls.__new__(cls)
        own._caption, own._tracking_dots = slot.label, max(1, dots(TRACKING_MM, dpi))
        return own._caption_dots(face_) + own._code_dots(face_), own._needed_dots(face_)

    def paint_caption(self, image: Image.Image) -> Box:
        """Put the caption on the label; gives the room it takes."""
        return paint_run(image, self.face, self._caption, self._box.left_dots, self.code_box.top_dots + self._rise_dots)

    def bitmap(self, code: str) -> Bitmap:
        """A code, XXXX-XXXX."""
        picture = pen = 0
        for character in check_code.grouped(code):
            room = self.code_box
            picture |= glyph(self.face, character, room.width_dots, room.height_dots, self._rise_dots) >> pen
            pen += self._pen_dots(self.face, character)
        return from_number(picture, self.code_box.width_dots, self.code_box.height_dots)

    @cached_property
    def specimen(self) -> Bitmap:
        """样张 in place of a code, for labels that are only looked at."""
        return self._picture(SPECIMEN_WORD)

    @cached_property
    def _rise_dots(self) -> int:
        return self.face.rise_dots(self._all_text)

    @property
    def _all_text(self) -> str:
        return _CHARACTERS + self._caption + SPECIMEN_WORD

    def _caption_dots(self, face_: Face) -> int:
        """The caption, and half a character of paper behind it."""
        return face_.width_dots(self._caption) + face_.height_dots // 2

    def _pen_dots(self, face_: Face, character: str) -> int:
        return face_.width_dots(character) + self._tracking_dots

    def _code_dots(self, face_: Face) -> int:
        """The widest code there is."""
        widest = max(ALPHABET, key=face_.width_dots)
        return check_code.LENGTH * self._pen_dots(face_, widest) + self._pen_dots(face_, "-")

    def _needed_dots(self, face_: Face) -> int:
        return face_.rise_dots(self._all_text) + face_.descent_dots(self._all_text)

    def _fitted(self, slot: AnyCheckCode, style: Style, dpi: int) -> Face:
        for height in range(style.height_dots, style.least_dots - 1, -1):
            found = face(height, style.weight)
            width_dots = self._caption_dots(found) + self._code_dots(found)
            if width_dots <= self._box.width_dots and self._needed_dots(found) <= self._box.height_dots:
                return found
        least = face(style.least_dots, style.weight)
        need = self._caption_dots(least) + self._code_dots(least), self._needed_dots(least)
        wanted, got = (
            f"{millimetres(width_dots, dpi):.1f} × {millimetres(height_dots, dpi):.1f} mm"
            for width_dots, height_dots in (need, (self._box.width_dots, self._box.height_dots))
        )
        raise RenderError(
            f"slot {slot.name}: expected room for {slot.label!r} and {check_code.LENGTH} characters of "
            f"{millimetres(style.least_dots, dpi):.2f} mm ({wanted}), got {got}; enlarge the slot"
        )

    def _picture(self, text: str) -> Bitmap:
        image = blank(self.code_box.width_dots, self.code_box.height_dots)
        paint_run(image, self.face, text, 0, self._rise_dots)
        return to_bitmap(image)
