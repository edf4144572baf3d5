"""This file fits text into a box: it breaks lines (`lines.py`), then shrinks, then refuses.

Everything that comes from data is rendered as a picture; nothing in it can become a command of a printer or of a page.
Strokes are made by FreeType's 1-bit mode, which keeps them one even dot wide at 203 dpi and every outline closed.
Thresholds over grey masks and over eightfold masks were looked at for 1.8 to 3 mm at 203 and 300 dpi: below the best
level strokes of one and two dots stand side by side and 鸭, 濮, 耐 fill up; above it 嘉, 酯, 耐 lose strokes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PIL import Image, ImageChops, ImageDraw

from edge_agent.errors import RenderError
from edge_agent.render.box import Box as Box
from edge_agent.render.raster import INK, blank, millimetres
from edge_agent.render.type.fonts import Face, Weight, check_glyphs, face
from edge_agent.render.type.lines import wrap, wrap_evenly

Align = Literal["left", "center", "right"]
Valign = Literal["top", "middle", "bottom"]

LEADING = 1.3
"""Baseline to baseline, as a multiple of the character height."""
_KEPT_RUNS = 256
"""Of all sizes: captions are on every label of a template, and a job's label is drawn twice. Eight kilobytes each."""
_KEPT_BOLD = 1024
"""Characters of all sizes whose thickened strokes are kept: a kilobyte each at most, and six pictures to make."""
_TOLD_CHARACTERS = 400
"""What a longer text would need is told in characters only: nobody cuts it down by looking at millimetres."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a slot wants its text: heights in dots, of the ink of 国."""

    height_dots: int
    least_dots: int
    weight: Weight = "regular"
    align: Align = "left"
    valign: Valign = "top"
    max_lines: int = 99


def fit(words: Sequence[str], box: Box, style: Style, slot: str, dpi: int) -> tuple[Face, list[str]]:
    """The largest face, from nominal down to least, in which the words fit the box.

    Raises:
        RenderError: names slot, start of the text, needed and available space.
    """
    text = "".join(words)
    check_glyphs(text, slot)
    for height in range(style.height_dots, style.least_dots - 1, -1):
        candidate = face(height, style.weight)
        if overfull(text, candidate, box, style.max_lines):
            continue
        lines = wrap_evenly(words, candidate, box.width_dots, lonely_dots=2 * candidate.height_dots)
        if len(lines) <= style.max_lines and holds(lines, candidate, box):
            return candidate, lines
    raise _too_long(text, words, box, style, slot, dpi)


def paint_lines(
    image: Image.Image, face_: Face, lines: Sequence[str], box: Box, style: Style, ink: int = INK
) -> list[Box]:
    """Paint fitted lines into their box; gives the room of each line."""
    baseline = _first_baseline(face_, lines, box, style.valign) if lines else 0
    rooms = []
    for line in lines:
        room = box.width_dots - face_.width_dots(line)
        left = box.left_dots + {"left": 0, "center": room // 2, "right": room}[style.align]
        rooms.append(paint_run(image, face_, line, left, baseline, ink))
        baseline += pitch_dots(face_)
    return rooms


def _first_baseline(face_: Face, lines: Sequence[str], box: Box, valign: Valign) -> int:
    """From the top, lines hang all alike, so that neighbours share a baseline; else the ink itself is placed."""
    if valign == "top":
        return box.top_dots + face_.rise_dots(lines[0])
    below = (len(lines) - 1) * pitch_dots(face_) + face_.descent_dots(lines[-1])
    rise = face_.ink_top_dots(lines[0])
    spare = box.height_dots - rise - below
    return box.top_dots + rise + (spare // 2 if valign == "middle" else spare)


def paint_run(image: Image.Image, face_: Face, text: str, left: int, baseline: int, ink: int = INK) -> Box:
    """Paint one run of text, its pen at (`left`, `baseline`); gives the room it takes: all its ink, and its advance."""
    top, bottom = baseline - face_.ink_top_dots(text), baseline + face_.descent_dots(text)
    room = Box(left, top, left + face_.width_dots(text), bottom)
    if not face_.bold_dots:
        image.paste(ink, (left, baseline - face_.rise_dots(text)), _mask(face_, text))
        return room
    pen = left + face_.overhang_dots(text)
    for character in text:
        mask = _bold_mask(face_, character)
        image.paste(ink, (pen, baseline - face_.rise_dots(character)), mask)
        pen += face_.advance_dots(character)
    return room


@lru_cache(maxsize=_KEPT_RUNS)
def _mask(face_: Face, text: str) -> Image.Image:
    """A run of text in the room it takes."""
    mask = blank(face_.width_dots(text), face_.rise_dots(text) + face_.descent_dots(text))
    pen = face_.overhang_dots(text), face_.rise_dots(text)
    ImageDraw.Draw(mask).text(pen, text, fill=INK, font=face_.font, anchor="ls")
    return mask


@lru_cache(maxsize=_KEPT_BOLD)
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


def paint_spread(image: Image.Image, face_: Face, text: str, left: int, baseline: int, width_dots: int) -> Box:
    """Paint a label spread over `width_dots` (两端对齐), as forms do: 款　号 under 执行标准; gives its box."""
    gaps = len(text) - 1
    room = width_dots - sum(face_.width_dots(character) for character in text)
    pen = left
    for place, character in enumerate(text):
        paint_run(image, face_, character, pen, baseline)
        pen += face_.width_dots(character)
        if place < gaps and room > 0:
            pen += room * (place + 1) // gaps - room * place // gaps
    return Box(left, baseline - face_.ink_top_dots(text), pen, baseline + face_.descent_dots(text))


def pitch_dots(face_: Face) -> int:
    """Baseline to baseline."""
    return round(face_.height_dots * LEADING)


def block_dots(lines: Sequence[str], face_: Face) -> int:
    """Height of lines below each other, from the top of the first to the ink of the last; 0 for none."""
    if not lines:
        return 0
    return face_.rise_dots(lines[0]) + (len(lines) - 1) * pitch_dots(face_) + face_.descent_dots(lines[-1])


def holds(lines: Sequence[str], face_: Face, box: Box) -> bool:
    """Whether the lines lie within the box, each of them and all together."""
    widest = max(map(face_.width_dots, lines), default=0)
    return widest <= box.width_dots and block_dots(lines, face_) <= box.height_dots


def overfull(text: str, face_: Face, box: Box, max_lines: int) -> bool:
    """True if the pens of all characters together go further than the box has room on all its lines: then no way of
    breaking lines helps, and none is tried. Keeps a field of 10 000 characters cheap."""
    lines = min(max_lines, 1 + (box.height_dots - face_.hang_dots) // pitch_dots(face_))
    counts = Counter("".join(text.split()))
    return sum(count * face_.advance_dots(one) for one, count in counts.items()) > max(0, lines) * box.width_dots


def hopeless(text: str, box: Box, style: Style) -> bool:
    """Whether the text is `overfull` even at its least size."""
    return overfull(text, face(style.least_dots, style.weight), box, style.max_lines)


def _too_long(text: str, words: Sequence[str], box: Box, style: Style, slot: str, dpi: int) -> RenderError:
    need = f"{len(text)} characters" if len(text) > _TOLD_CHARACTERS else _needed(words, box, style, dpi)
    have = f"{millimetres(box.width_dots, dpi):.1f} × {millimetres(box.height_dots, dpi):.1f} mm"
    size = f"{millimetres(style.least_dots, dpi):.2f} mm characters"
    return RenderError(
        f"部位 {slot} 只有 {have}，缩到最小字高也放不下这段文字，请缩短或换大一点的模板 · "
        f"slot {slot}: expected text that fits {have} at {size}, got {text[:16]!r} needing {need}; "
        "shorten it or use a larger template"
    )


def _needed(words: Sequence[str], box: Box, style: Style, dpi: int) -> str:
    least = face(style.least_dots, style.weight)
    lines = wrap(words, least, box.width_dots)
    widest = max(map(least.width_dots, lines), default=0)
    return f"{len(lines)} line(s), {millimetres(widest, dpi):.1f} × {millimetres(block_dots(lines, least), dpi):.1f} mm"
