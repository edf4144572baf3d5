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

from PIL import Image, ImageDraw

from edge_agent.errors import RenderError
from edge_agent.render.fonts import Face, Weight, check_glyphs, face
from edge_agent.render.raster import INK, millimetres

Align = Literal["left", "center", "right"]
Valign = Literal["top", "middle", "bottom"]

LEADING = 1.3
"""Baseline to baseline, as a multiple of the character height."""

_TOKEN = re.compile(
    r"[0-9][0-9.,]*\s?(?:%|g|kg|mm|cm|℃)(?![A-Za-z])"  # a number and its unit
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


def fit(words: Sequence[str], box: Box, style: Style, slot: str, dpi: int) -> tuple[Face, list[str]]:
    """The largest face, from nominal down to least, in which the words fit the box.

    Raises:
        RenderError: names slot, start of the text, needed and available space.
    """
    text = "".join(words)
    check_glyphs(text, slot)
    if not _hopeless(text, box, style):
        for height in range(style.height_dots, style.least_dots - 1, -1):
            candidate = face(height, style.weight)
            lines = wrap(words, candidate, box.width_dots)
            if len(lines) <= style.max_lines and block_dots(lines, candidate) <= box.height_dots:
                return candidate, lines
    raise _too_long(text, words, box, style, slot, dpi)


def draw_lines(image: Image.Image, face_: Face, lines: Sequence[str], box: Box, style: Style, ink: int = INK) -> None:
    """Draw fitted lines into their box."""
    spare = box.height_dots - block_dots(lines, face_)
    top = box.top_dots + {"top": 0, "middle": spare // 2, "bottom": spare}[style.valign]
    baseline = top + (face_.rise_dots(lines[0]) if lines else 0)
    for line in lines:
        room = box.width_dots - face_.width_dots(line)
        left = box.left_dots + {"left": 0, "center": room // 2, "right": room}[style.align]
        draw_run(image, face_, line, left, baseline, ink)
        baseline += pitch_dots(face_)


def draw_run(image: Image.Image, face_: Face, text: str, left: int, baseline: int, ink: int = INK) -> None:
    """Draw one run of text, its pen at (`left`, `baseline`); bold is the run drawn again, dot by dot to the right."""
    draw = ImageDraw.Draw(image)
    overhang = min(0, int(face_.font.getbbox(text, "1", anchor="ls")[0]))
    for shift in range(face_.bold_dots + 1):
        draw.text((left - overhang + shift, baseline), text, fill=ink, font=face_.font, anchor="ls")


def draw_spread(image: Image.Image, face_: Face, text: str, left: int, baseline: int, width_dots: int) -> None:
    """Draw a label spread over `width_dots` (两端对齐), as forms do: 款　号 under 执行标准."""
    gaps = len(text) - 1
    room = width_dots - sum(face_.width_dots(character) for character in text)
    pen = left
    for place, character in enumerate(text):
        draw_run(image, face_, character, pen, baseline)
        pen += face_.width_dots(character)
        if place < gaps and room > 0:
            pen += room * (place + 1) // gaps - room * place // gaps


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


def _hopeless(text: str, box: Box, style: Style) -> bool:
    """True if even a quarter of a square per character is more than the box; keeps a 10 000 character field cheap."""
    return len(text) * style.least_dots**2 > 4 * box.width_dots * box.height_dots


def _too_long(text: str, words: Sequence[str], box: Box, style: Style, slot: str, dpi: int) -> RenderError:
    need = f"{len(text)} characters" if _hopeless(text, box, style) else _needed(words, box, style, dpi)
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
