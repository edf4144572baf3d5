"""Text into a box: break lines as Chinese typesetting does, then shrink, then refuse.

Everything that comes from data is drawn as a picture; nothing in it can become a command of a printer or of a page.
Strokes are drawn by FreeType's 1-bit mode, which keeps them one even dot wide at 203 dpi; a threshold over grey masks
was tried and gave strokes of one and two dots side by side.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageChops, ImageDraw

from edge_agent.errors import RenderError
from edge_agent.render.fonts import Face, Weight, check_glyphs, face
from edge_agent.render.raster import INK, blank, millimetres

Align = Literal["left", "center", "right"]
Valign = Literal["top", "middle", "bottom"]

LEADING = 1.3
"""Baseline to baseline, as a multiple of the character height."""

_TOKEN = re.compile(
    r"[0-9][0-9.,]*\s?(?:(?:%|g|kg|mm|cm|℃)(?![A-Za-z])|[号室楼层栋幢])"  # a number and its unit
    r"|[A-Z]{1,3}(?:/[A-Z]{1,3})?\s[0-9][0-9.-]*"  # a standard's letters and its number
    r"|[A-C]类"
    r"|[!-~]+|.",
    re.DOTALL,
)
_CLOSING = frozenset("，。、；：！？）】》〉」』”’％…·～,.;:!?)]}/%")
_OPENING = frozenset("（【《〈「『“‘([{")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in dots; `right_dots` and `bottom_dots` are the first dots outside."""

    left_dots: int
    top_dots: int
    right_dots: int
    bottom_dots: int

    @property
    def width_dots(self) -> int:
        return self.right_dots - self.left_dots

    @property
    def height_dots(self) -> int:
        return self.bottom_dots - self.top_dots

    def overlaps(self, other: Box) -> bool:
        """Whether the two share a dot."""
        return (
            self.left_dots < other.right_dots
            and other.left_dots < self.right_dots
            and self.top_dots < other.bottom_dots
            and other.top_dots < self.bottom_dots
        )


@dataclass(frozen=True, slots=True)
class Style:
    """How a slot wants its text: heights in dots, of the ink of 国."""

    height_dots: int
    least_dots: int
    weight: Weight = "regular"
    align: Align = "left"
    valign: Valign = "top"
    max_lines: int = 99


def tokens(text: str) -> tuple[str, ...]:
    """`text` cut where a line may end: closing signs stay with what is before, opening signs with what follows."""
    glued: list[str] = []
    for token in _TOKEN.findall(text):
        if glued and (set(token) <= _CLOSING or glued[-1][-1] in _OPENING):
            glued[-1] += token
        else:
            glued.append(token)
    return tuple(glued)


def wrap(words: Sequence[str], face_: Face, width_dots: int) -> list[str]:
    """Greedy lines of at most `width_dots`; a word that no line can hold is cut between its characters."""
    lines = [""]
    for word in words:
        if face_.width_dots((lines[-1] + word).rstrip()) <= width_dots:
            lines[-1] += word
        elif face_.width_dots(word.strip()) <= width_dots:
            lines.append(word.lstrip())
        else:
            _append_cut(lines, word, face_, width_dots)
    return [stripped for line in lines if (stripped := line.strip())]


def wrap_evenly(words: Sequence[str], face_: Face, width_dots: int) -> list[str]:
    """`wrap`, but a last line that holds a few characters only takes some from the lines before."""
    lines = wrap(words, face_, width_dots)
    narrower = width_dots - face_.height_dots
    while len(lines) > 1 and face_.width_dots(lines[-1]) < width_dots // 3 and narrower > width_dots // 2:
        if len(again := wrap(words, face_, narrower)) > len(lines):
            break
        lines, narrower = again, narrower - face_.height_dots
    return lines


def fit(words: Sequence[str], box: Box, style: Style, slot: str, dpi: int) -> tuple[Face, list[str]]:
    """The largest face, from nominal down to least, in which the words fit the box.

    Raises:
        RenderError: names slot, start of the text, needed and available space.
    """
    text = "".join(words)
    check_glyphs(text, slot)
    if not hopeless(text, box, style):
        for height in range(style.height_dots, style.least_dots - 1, -1):
            candidate = face(height, style.weight)
            lines = wrap(words, candidate, box.width_dots)
            if len(lines) <= style.max_lines and block_dots(lines, candidate) <= box.height_dots:
                return candidate, lines
    raise _too_long(text, words, box, style, slot, dpi)


def draw_lines(
    image: Image.Image, face_: Face, lines: Sequence[str], box: Box, style: Style, ink: int = INK
) -> list[Box]:
    """Draw fitted lines into their box; gives the room of each line."""
    baseline = _first_baseline(face_, lines, box, style.valign) if lines else 0
    rooms = []
    for line in lines:
        room = box.width_dots - face_.width_dots(line)
        left = box.left_dots + {"left": 0, "center": room // 2, "right": room}[style.align]
        rooms.append(draw_run(image, face_, line, left, baseline, ink))
        baseline += pitch_dots(face_)
    return rooms


def _first_baseline(face_: Face, lines: Sequence[str], box: Box, valign: Valign) -> int:
    """From the top, lines hang by 国, so that neighbours share a baseline; else the ink itself is placed."""
    if valign == "top":
        return box.top_dots + face_.rise_dots(lines[0])
    below = (len(lines) - 1) * pitch_dots(face_) + face_.descent_dots(lines[-1])
    rise = face_.ink_top_dots(lines[0])
    spare = box.height_dots - rise - below
    return box.top_dots + rise + (spare // 2 if valign == "middle" else spare)


def draw_run(image: Image.Image, face_: Face, text: str, left: int, baseline: int, ink: int = INK) -> Box:
    """Draw one run of text, its pen at (`left`, `baseline`); gives the room it takes: all its ink, and its advance."""
    top, bottom = baseline - face_.ink_top_dots(text), baseline + face_.descent_dots(text)
    room = Box(left, top, left + face_.width_dots(text), bottom)
    overhang = min(0, int(face_.font.getbbox(text, "1", anchor="ls")[0]))
    if not face_.bold_dots:
        ImageDraw.Draw(image).text((left - overhang, baseline), text, fill=ink, font=face_.font, anchor="ls")
        return room
    pen = left - overhang
    for character in text:
        mask = _bold_mask(face_, character)
        image.paste(ink, (pen, baseline - face_.rise_dots(character)), mask)
        pen += round(face_.font.getlength(character, "1")) + face_.bold_dots
    return room


def _bold_mask(face_: Face, character: str) -> Image.Image:
    """One character, its strokes thickened to the right, but never across the last dot of paper between two strokes."""
    mask = blank(face_.width_dots(character), face_.rise_dots(character) + face_.descent_dots(character))
    pen = (0, face_.rise_dots(character))
    ImageDraw.Draw(mask).text(pen, character, fill=INK, font=face_.font, anchor="ls")
    for _ in range(face_.bold_dots):
        before, after = _shifted(mask, 1), _shifted(mask, -1)
        growth = ImageChops.logical_and(before, ImageChops.invert(after))
        mask = ImageChops.logical_or(mask, growth)
    return mask


def _shifted(image: Image.Image, dots_right: int) -> Image.Image:
    moved = blank(image.width, image.height)
    moved.paste(image, (dots_right, 0))
    return moved


def draw_spread(image: Image.Image, face_: Face, text: str, left: int, baseline: int, width_dots: int) -> Box:
    """Draw a label spread over `width_dots` (两端对齐), as forms do: 款　号 under 执行标准; gives the room it takes."""
    gaps = len(text) - 1
    room = width_dots - sum(face_.width_dots(character) for character in text)
    pen = left
    for place, character in enumerate(text):
        draw_run(image, face_, character, pen, baseline)
        pen += face_.width_dots(character)
        if place < gaps and room > 0:
            pen += room * (place + 1) // gaps - room * place // gaps
    return Box(left, baseline - face_.ink_top_dots(text), pen, baseline + face_.descent_dots(text))


def pitch_dots(face_: Face) -> int:
    """Baseline to baseline."""
    return round(face_.height_dots * LEADING)


def block_dots(lines: Sequence[str], face_: Face) -> int:
    if not lines:
        return 0
    return face_.rise_dots(lines[0]) + (len(lines) - 1) * pitch_dots(face_) + face_.descent_dots(lines[-1])


def _append_cut(lines: list[str], word: str, face_: Face, width_dots: int) -> None:
    for character in word:
        if lines[-1] and face_.width_dots(lines[-1] + character) > width_dots:
            lines.append("")
        lines[-1] += character


def hopeless(text: str, box: Box, style: Style) -> bool:
    """True if even a quarter of a square per character is more than the box; keeps a 10 000 character field cheap."""
    return len(text) * style.least_dots**2 > 4 * box.width_dots * box.height_dots


def _too_long(text: str, words: Sequence[str], box: Box, style: Style, slot: str, dpi: int) -> RenderError:
    need = f"{len(text)} characters" if hopeless(text, box, style) else _needed(words, box, style, dpi)
    have = f"{millimetres(box.width_dots, dpi):.1f} × {millimetres(box.height_dots, dpi):.1f} mm"
    size = f"{millimetres(style.least_dots, dpi):.2f} mm characters"
    return RenderError(
        f"slot {slot}: expected text that fits {have} at {size}, got {text[:16]!r} needing {need}; "
        "shorten it or use a larger template"
    )


def _needed(words: Sequence[str], box: Box, style: Style, dpi: int) -> str:
    least = face(style.least_dots, style.weight)
    lines = wrap(words, least, box.width_dots)
    widest = max(map(least.width_dots, lines), default=0)
    return f"{len(lines)} line(s), {millimetres(widest, dpi):.1f} × {millimetres(block_dots(lines, least), dpi):.1f} mm"
