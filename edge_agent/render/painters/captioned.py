"""This file sets captions and their values at a width: captions in a column of their own, or run in where that saves
the room that facts need. However they stand, half a character of paper or more lies between caption and value.

Fibres of one part follow each other on a line; they stand in columns, so that percents can be compared, where that
costs no line more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from edge_agent.render.type.fonts import Face
from edge_agent.render.type.lines import tokens, wrap, wrap_evenly
from edge_agent.render.type.text import pitch_dots

CAPTION_GAP = 0.6
"""Paper between a caption and its value, as a share of the character height: seen as a gap, where a space is not."""
_ROW_GAP = 1.2
"""Paper between a value and the caption that follows on its line."""
_MOST_CAPTION = 0.4
"""A column of captions is at most this share of the width; wider ones wrap."""
_MAX_PITCH = 1.75
"""Rows spread up to this multiple of the character height; beyond it they fall apart."""


@dataclass(frozen=True, slots=True)
class Captioned:
    """A caption and the words of its value; `cells` if these may stand in columns."""

    label: str
    words: tuple[str, ...]
    cells: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """A run of text on a line, `left` dots from the edge; `spread_dots` for a caption that is spread over as many."""

    line: int
    left: int
    text: str
    spread_dots: int | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """Rows as they would be painted."""

    face: Face
    runs: tuple[Run, ...]

    @property
    def gaps(self) -> int:
        """Steps from line to line."""
        return max((run.line for run in self.runs), default=0)

    @property
    def rise_dots(self) -> int:
        """From the top to the first baseline."""
        return self.face.rise_dots("".join(run.text for run in self.runs if run.line == 0))

    @property
    def drop_dots(self) -> int:
        """From the last baseline to the lowest ink."""
        last = self.gaps
        return self.face.descent_dots("".join(run.text for run in self.runs if run.line == last))

    def height_dots(self, pitch: int | None = None) -> int:
        """Its height, with its lines as near as may be or `pitch` apart."""
        return self.rise_dots + self.gaps * (pitch or pitch_dots(self.face)) + self.drop_dots

    def widest_pitch(self, height_dots: int) -> int:
        """The pitch at which it fills the height, within bounds."""
        least = pitch_dots(self.face)
        if not self.gaps:
            return least
        room = (height_dots - self.rise_dots - self.drop_dots) // self.gaps
        return max(least, min(room, round(self.face.height_dots * _MAX_PITCH)))

    def stretched_dots(self) -> int:
        """Its height with its lines as far apart as they may be."""
        return self.height_dots(round(self.face.height_dots * _MAX_PITCH))


def set_rows(rows: Sequence[Captioned], face_: Face, width_dots: int, *, run_in: bool) -> Setting | None:
    """The rows at a width; None if a word is wider than its room."""
    found = list(_run_in(rows, face_, width_dots) if run_in else _beside(rows, face_, width_dots))
    if any(run.left + face_.width_dots(run.text) > width_dots or run.left < 0 for run in found):
        return None
    return Setting(face_, tuple(found))


def _beside(rows: Sequence[Captioned], face_: Face, width: int) -> Iterator[Run]:
    most = int(width * _MOST_CAPTION)
    labels = [_label(row.label, face_, most) for row in rows]
    column = max((face_.width_dots(line) for lines in labels for line in lines), default=0)
    left = column + round(face_.height_dots * CAPTION_GAP)
    number = 0
    for label, value in zip(labels, _values(rows, face_, width - left), strict=True):
        for place, line in enumerate(label):
            yield Run(number + place, 0, line, column if len(label) == 1 else None)
        yield from (replace(run, line=number + run.line, left=left + run.left) for run in value)
        number += max(len(label), 1 + max((run.line for run in value), default=0))


def _label(label: str, face_: Face, most: int) -> list[str]:
    return [label] if face_.width_dots(label) <= most else wrap_evenly(tokens(label), face_, most)


def _values(rows: Sequence[Captioned], face_: Face, width: int) -> list[list[Run]]:
    """The value of each row, at the left edge of the values."""
    # a fibre alone on the last line is read at once; one alone in the middle is not
    flowing = [(wrap if row.cells else wrap_evenly)(row.words, face_, width) for row in rows]
    plain = [[Run(place, 0, line) for place, line in enumerate(lines)] for lines in flowing]
    in_cells = [
        _in_columns(row, rows, face_, width) if row.cells else one for row, one in zip(rows, plain, strict=True)
    ]
    wraps = any(len(one) > 1 for row, one in zip(rows, plain, strict=True) if row.cells)
    return in_cells if wraps and sum(map(_lines, in_cells)) <= sum(map(_lines, plain)) else plain


def _lines(runs: Sequence[Run]) -> int:
    return 1 + max((run.line for run in runs), default=0)


def _in_columns(row: Captioned, rows: Sequence[Captioned], face_: Face, width: int) -> list[Run]:
    """Its fibres in columns as wide as the widest of all rows, so that all rows have the same."""
    widest = max(face_.width_dots(word.strip()) for one in rows if one.cells for word in one.words)
    gap = face_.height_dots
    count = max(1, (width + gap) // (widest + gap))
    cell = (width + gap) // count if count > 1 else 0
    cell = min(cell, widest + 2 * gap)
    return [Run(place // count, place % count * cell, word.strip()) for place, word in enumerate(row.words)]


def _run_in(rows: Sequence[Captioned], face_: Face, width: int) -> Iterator[Run]:
    """Each caption, and behind it its value, which goes on at the left edge; a row that is short enough stands behind
    the one before."""
    caption_gap, row_gap = (round(face_.height_dots * share) for share in (CAPTION_GAP, _ROW_GAP))
    number, pen = 0, 0
    for row in rows:
        start = face_.width_dots(row.label) + caption_gap
        whole = start + face_.width_dots("".join(row.words).strip())
        if pen and pen + row_gap + whole > width:
            number, pen = number + 1, 0
        left = pen + row_gap if pen else 0
        yield Run(number, left, row.label)
        for place, line in enumerate(_indented(row.words, face_, width, left + start)):
            number += place > 0
            at = left + start if place == 0 else 0
            if line:
                yield Run(number, at, line)
                pen = at + face_.width_dots(line)


def _indented(words: Sequence[str], face_: Face, width: int, indent: int) -> list[str]:
    """Lines of which the first is shorter; it is empty where not even one word goes there."""
    first = next(iter(wrap(words, face_, max(1, width - indent))), "")
    if not first or face_.width_dots(first) > width - indent or _cut_in(words, first):
        return ["", *wrap(words, face_, width)]
    rest = tuple(_after(words, first))
    return [first, *wrap(rest, face_, width)]


def _cut_in(words: Sequence[str], line: str) -> bool:
    """Whether the line ends within the first word: at the left edge there is more room for it."""
    return len(line) < len(words[0].strip())


def _after(words: Sequence[str], line: str) -> Iterator[str]:
    """What is left of the words behind a first line."""
    text = "".join(words)
    taken = len(text) - len(text.lstrip()) + len(line)
    for word in words:
        if taken < len(word):
            yield word[taken:]
        taken = max(0, taken - len(word))
