"""The image buffer, the settings and the files of a TSPL printer.

Painted: BITMAP (modes 0 overwrite, 1 OR, 2 XOR; bit 0 = black) and PUTBMP. Text, bar codes and boxes are not painted:
the agent never sends any. As in a printer, what cannot be read and a picture that is not there are left out, and the
label still comes.
"""

from __future__ import annotations

import fnmatch
import io
import re
from dataclasses import dataclass, field, replace

from PIL import Image, ImageChops

from edge_agent.virtual_printer.mechanism import Paper

MAX_DOTS = 32_000
INK = 255
_LENGTH = re.compile(rb"\s*(-?\d{1,5}(?:\.\d{1,6})?)\s*(mm|dot)?\s*", re.IGNORECASE)
_BITMAP = re.compile(rb"\s*BITMAP\s+(-?\d+)\s*,\s*(-?\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d)\s*,", re.IGNORECASE)
_PUTBMP = re.compile(rb'PUTBMP\s+(-?\d{1,5})\s*,\s*(-?\d{1,5})\s*,\s*"([^"]{1,40})"', re.IGNORECASE)


@dataclass(slots=True)
class Settings:
    """What stays from label to label. Over power-up too, but for the reprints, whose value then is taken to be ON: the
    manual says of hardly any setting what becomes of it, and this is the harder printer. `words`: settings that change
    no ink, as they were told."""

    width_dots: int
    height_dots: int
    handling: str
    reference: tuple[int, int] = (0, 0)
    upside_down: bool = False
    mirrored: bool = False
    reprint: bool = True
    print_key: bool = True
    tracking: str = "gap"
    shift: int = 0
    words: dict[str, str] = field(default_factory=dict)

    def at_power_up(self) -> Settings:
        """These, as a printer is after power-up."""
        return replace(self, reprint=True, print_key=True, words=dict(self.words))

    def note(self, what: str, value: bytes) -> None:
        """A setting that changes no ink."""
        self.words[what] = value.strip().decode("latin-1").upper()

    def shift_down(self, params: bytes) -> None:
        """SHIFT n: dots along the paper."""
        self.shift = (*_whole_numbers(params), self.shift)[0]

    def resize(self, params: bytes, dpi: int) -> None:
        """SIZE m[,n]: mm, dots, or inches if no unit is named."""
        width, height, *_ = [_dots(part, dpi) for part in params.split(b",")] + [None]
        self.width_dots = width or self.width_dots
        self.height_dots = height or self.height_dots

    def turn(self, params: bytes) -> None:
        """DIRECTION n[,mirror]; 0 = as it stands."""
        direction, mirror, *_ = [*_whole_numbers(params), 0, 0]
        self.upside_down, self.mirrored = direction == 1, mirror == 1

    def move(self, params: bytes) -> None:
        """REFERENCE x,y in dots."""
        x, y, *_ = [*_whole_numbers(params), 0, 0]
        self.reference = (x, y)

    def track(self, what: str) -> None:
        """GAP or BLINE; a gap of nothing is continuous."""
        self.tracking = what


def _dots(text: bytes, dpi: int) -> int | None:
    match = _LENGTH.fullmatch(text)
    if match is None:
        return None
    per_unit = {b"mm": dpi / 25.4, b"dot": 1}.get((match[2] or b"").lower(), dpi)
    return max(1, min(MAX_DOTS, round(float(match[1]) * per_unit)))


def _whole_numbers(params: bytes) -> list[int]:
    return [int(part) for part in params.split(b",") if re.fullmatch(rb"\s*-?\d{1,5}\s*", part)]


@dataclass(slots=True)
class Store:
    """DRAM and what is in it."""

    room_bytes: int
    files: dict[str, bytes] = field(default_factory=dict)

    def put(self, name: str, data: bytes) -> None:
        """A file that finds no room is dropped, and an older one of that name stays."""
        others = sum(len(content) for file, content in self.files.items() if file != name)
        if others + len(data) <= self.room_bytes:
            self.files[name] = data

    def kill(self, pattern: str) -> None:
        """One name, or all that match `*` and `?`; case counts."""
        for name in [name for name in self.files if fnmatch.fnmatchcase(name, pattern)]:
            del self.files[name]


class Canvas:
    """The image buffer: CLS wipes it, PRINT does not."""

    def __init__(self, settings: Settings, store: Store, *, blind: bool) -> None:
        self._settings, self._store, self._blind = settings, store, blind
        self.clear()

    def clear(self) -> None:
        """CLS: white, in the size that now holds."""
        size = (self._settings.width_dots, self._settings.height_dots)
        self._ink = Image.new("1", (1, 1) if self._blind else size)

    def bitmap(self, line: bytes, data: bytes) -> None:
        """BITMAP x,y,bytes a row,rows,mode,dots."""
        match = _BITMAP.match(line)
        if match is None or self._blind:
            return
        x, y, stride, rows, mode = (int(match[n]) for n in range(1, 6))
        if stride and rows:
            ink = Image.frombytes("1", (stride * 8, rows), data, "raw", "1;I")
            self._paint(ink, x, y, mode)

    def recall(self, line: bytes) -> None:
        """PUTBMP x,y,"NAME": adds its black dots."""
        match = _PUTBMP.match(line)
        data = self._store.files.get(match[3].decode("latin-1")) if match else None
        if match is None or data is None or self._blind:
            return
        try:
            with Image.open(io.BytesIO(data), formats=["BMP"]) as picture:
                ink = ImageChops.invert(picture.convert("1", dither=Image.Dither.NONE))
        except (OSError, ValueError, Image.DecompressionBombError):
            return
        self._paint(ink, int(match[1]), int(match[2]), 1)

    def _paint(self, ink: Image.Image, x: int, y: int, mode: int) -> None:
        where = (x + self._settings.reference[0], y + self._settings.reference[1] + self._settings.shift)
        if mode == 0:
            self._ink.paste(ink, where)
        elif mode == 1:
            self._ink.paste(INK, where, ink)
        elif mode == 2:
            layer = Image.new("1", self._ink.size)
            layer.paste(ink, where)
            self._ink = ImageChops.logical_xor(self._ink, layer)

    def paper(self) -> Paper:
        """The label as it now is."""
        width, height = self._settings.width_dots, self._settings.height_dots
        endless = self._settings.tracking == "continuous"
        if self._blind:
            return Paper(width, height, None, continuous=endless)
        ink = self._ink.copy() if self._ink.size == (width, height) else self._ink.crop((0, 0, width, height))
        if self._settings.mirrored:
            ink = ink.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        turned = ink.transpose(Image.Transpose.ROTATE_180) if self._settings.upside_down else ink
        return Paper(width, height, turned, continuous=endless)
