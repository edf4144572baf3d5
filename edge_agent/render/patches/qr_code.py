"""This patch renders the QR codes (ISO/IEC 18004) of a run: version and mask fixed once, then made by XOR.

A link is one segment, or two: `https://` in byte mode and the rest in alphanumeric mode, if it holds no small letters.
The second mode and its count cost 32 bits beside `HTTPS://`, which is text to several phones.

With version, error correction and mask fixed, a symbol is affine in the bits of its text (`qr_symbol.py`). So that of
a serial is a base symbol XOR one fixed pattern for each bit that is set in the serial, a few dozen XORs of whole
pictures, and what no pattern touches is common to all. Base and patterns are reckoned, in 5 ms; learnt from about 100
symbols that segno built, they took 0.1 s a run. Tests compare with segno's own symbol for random serials.

The mask is chosen for the run with a stand-in serial, not with the first real one, so that the same serial gives the
same dots in every run and in the preview.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.patches.qr_symbol import (
    ALPHANUMERIC,
    Mode,
    Segment,
    best_mask,
    enlarged,
    filled,
    frames,
    least_version,
    modules,
    side_of,
    stream,
    text_bits,
)
from edge_agent.render.raster import dots_at_least, from_number, millimetres
from edge_agent.render.templates.slots import AnyQr, QrSlot
from edge_agent.render.type.text import Box

QUIET_MODULES = 4
"""ISO/IEC 18004 clause 6.3.8 (quiet zone): four modules on all sides."""

_KEPT_RUNS = 4
"""Half a megabyte each at 300 dpi, and 5 ms."""
_STAND_IN = "7K3M9QX2W4T8VBN5C"
_SCHEME = "https://"
_LOT = re.compile("/10/[^/]+(?=/21/$)")


@dataclass(frozen=True, slots=True)
class SymbolFormat:
    """What is fixed about the symbols of a run. `mode` is that of the serial and what stands before it, but for the
    scheme; `x_mm` is the X-dimension: the width of one module as printed."""

    version: int
    ecc: str
    mask: int
    mode: Mode
    modules: int
    module_dots: int
    x_mm: float

    @property
    def side_dots(self) -> int:
        """Width and height without quiet zone."""
        return self.modules * self.module_dots


class SymbolRun:
    """The symbols of one run: all links that differ in their last 17 characters only.

    Raises:
        RenderError: the slot is too small for whole modules of its least X-dimension, or the link for any symbol.
    """

    def __init__(self, prefix: str, slot: QrSlot, box: Box, dpi: int) -> None:
        self._prefix = prefix
        segments = segments_of(prefix + _STAND_IN)
        self._head = sum(len(text) for text, _ in segments[:-1])
        version = version_of(segments, slot)
        side = side_of(version)
        module_dots = min(box.width_dots, box.height_dots) // (side + 2 * QUIET_MODULES)
        if millimetres(module_dots, dpi) < slot.min_x_mm:
            raise _too_fine(prefix, side, module_dots, slot, dpi)
        data = modules(filled(stream(segments, version), version, slot.ecc), version, slot.ecc)
        mask, mode, x_mm = best_mask(data, version, slot.ecc), segments[-1][1], millimetres(module_dots, dpi)
        self.format = SymbolFormat(version, slot.ecc, mask, mode, side, module_dots, x_mm)

    def bitmap(self, serial: str) -> Bitmap:
        """The symbol of a serial, without quiet zone."""
        picture, patterns = self._basis
        for bit, pattern in zip(self._bits_that_differ(serial), patterns, strict=True):
            if bit == "1":
                picture ^= pattern
        return from_number(picture, self.format.side_dots, self.format.side_dots)

    def single(self, serial: str) -> Bitmap:
        """The same symbol, reckoned by itself: cheaper than `bitmap` for one, dearer for many."""
        return from_number(self._picture(self._symbol(serial)), self.format.side_dots, self.format.side_dots)

    @cached_property
    def shared(self) -> Bitmap:
        """The ink that the symbols of all serials have in common: finders, timing, the link before the serial."""
        base, patterns = self._basis
        varying = 0
        for pattern in patterns:
            varying |= pattern
        return from_number(base & ~varying, self.format.side_dots, self.format.side_dots)

    @cached_property
    def _basis(self) -> tuple[int, tuple[int, ...]]:
        """The picture in which all bits that differ are zero, and for each of them its pattern."""
        form, length = self.format, len(self._filled(_STAND_IN))
        bits = self._bits_that_differ(_STAND_IN)
        *before, last = segments_of(self._prefix + _STAND_IN)
        after = length - len(stream([*before, last], form.version))
        patterns = _patterns(replace(form, mask=0), length, after, len(bits))
        base = self._picture(self._symbol(_STAND_IN))
        for bit, pattern in zip(bits, patterns, strict=True):
            base ^= pattern if bit == "1" else 0
        return base, patterns

    def _bits_that_differ(self, serial: str) -> str:
        """The end of the stream. Two alphanumeric characters share eleven bits, so a serial that begins at an odd place
        takes the one before it along."""
        taken = (len(self._prefix) - self._head) % 2 if self.format.mode == "alphanumeric" else 0
        return text_bits((self._prefix + serial)[len(self._prefix) - taken :], self.format.mode)

    def _symbol(self, serial: str) -> int:
        form = self.format
        return frames(form.version, form.ecc)[form.mask] ^ modules(self._filled(serial), form.version, form.ecc)

    def _filled(self, serial: str) -> str:
        form = self.format
        return filled(stream(segments_of(self._prefix + serial), form.version), form.version, form.ecc)

    def _picture(self, symbol: int) -> int:
        return enlarged(symbol, self.format.modules, self.format.module_dots)


@lru_cache(maxsize=_KEPT_RUNS)
def _patterns(form: SymbolFormat, length: int, after: int, count: int) -> tuple[int, ...]:
    """What each of `count` bits turns over, of `length` bits in all with `after` behind them. Neither the link nor the
    mask is asked for, so jobs whose links are as long share them."""
    found = []
    for place in range(count):
        never = form.mode == "byte" and place % 8 == 0  # a link is ASCII
        unit = f"{0 if never else 1 << after + count - 1 - place:0{length}b}"
        found.append(enlarged(modules(unit, form.version, form.ecc), form.modules, form.module_dots))
    return tuple(found)


def segments_of(text: str) -> list[Segment]:
    """A link as it is encoded: as much as can be in alphanumeric mode, the scheme apart if that helps."""
    for head in (0, len(_SCHEME) if text.startswith(_SCHEME) else 0):
        if ALPHANUMERIC.issuperset(text[head:]):
            parts: list[Segment] = [(text[:head], "byte"), (text[head:], "alphanumeric")]
            return [part for part in parts if part[0]]
    return [(text, "byte")]


def version_of(segments: list[Segment], slot: AnyQr) -> int:
    """Version of the smallest symbol that holds them. Raises RenderError: none does; names the slot."""
    version = least_version(segments, slot.ecc)
    if version is None:
        length = sum(len(text) for text, _ in segments)
        raise RenderError(f"slot {slot.name}: expected a link a QR code can hold, got {length} characters")
    return version


def _too_fine(prefix: str, side: int, module_dots: int, slot: QrSlot, dpi: int) -> RenderError:
    """What would fit is said in millimetres, so that a site knows whether to leave out the lot or take a larger
    label."""
    what, advice = "the link", "enlarge the slot or shorten the link's host"
    advice_zh = "请放大部位，或缩短网址"
    without_lot = _LOT.sub("", prefix)
    if without_lot != prefix:
        fewer = side_of(version_of(segments_of(without_lot + _STAND_IN), slot))
        what, advice = "a link with the lot", f"leave out the lot ({_room(fewer, slot, dpi)}), {advice}"
        advice_zh = f"链接里带了批号，请去掉批号，或{advice_zh.removeprefix('请')}"
    got = f"{millimetres(module_dots, dpi):.3f} mm ({module_dots} dots at {dpi} dpi) in {min(slot.size_mm):g} mm"
    return RenderError(
        f"部位 {slot.name} 放不下二维码：小方块至少要 {slot.min_x_mm:g} mm，{advice_zh} · "
        f"slot {slot.name}: expected modules of at least {slot.min_x_mm} mm, got {got}: "
        f"{what} takes {_room(side, slot, dpi)}; {advice}"
    )


def _room(side: int, slot: QrSlot, dpi: int) -> str:
    """The side of a slot that holds so many modules, quiet zone and all, at the slot's least X-dimension."""
    side_dots = (side + 2 * QUIET_MODULES) * dots_at_least(slot.min_x_mm, dpi)
    side_mm = math.ceil(10 * millimetres(side_dots, dpi)) / 10
    return f"{side} modules and a slot of {side_mm:.1f} mm"
