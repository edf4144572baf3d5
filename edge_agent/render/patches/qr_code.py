"""This patch renders the QR codes (ISO/IEC 18004) of a run: version and mask fixed once, then made by XOR.

A link is one segment, or two: `https://` in byte mode and the rest in alphanumeric mode, if it holds no small letters.
The second mode and its count cost 32 bits beside `HTTPS://`, which is text to several phones.

With version, error correction and mask fixed, every step from text to modules is affine over GF(2): mode and length
bits are constant, error correction is linear, placement is a permutation, the mask is one XOR. So the symbol of a
serial is a base symbol XOR one fixed pattern for each bit that is set in the serial. The patterns are learnt from segno
once per run, about 100 symbols; after that a symbol costs a few dozen XORs of whole pictures instead of an encoding.
Tests compare with segno's own symbol for random serials.

The mask is chosen for the run with a stand-in serial, not with the first real one, so that the same serial gives the
same dots in every run and in the preview.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, Literal

import segno
from segno.consts import MODE_ALPHANUMERIC, MODE_BYTE

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.raster import dots_at_least, from_number, millimetres
from edge_agent.render.templates.slots import QrSlot
from edge_agent.render.type.text import Box
from label_protocol.codes import serial as serials

QUIET_MODULES = 4
"""ISO/IEC 18004 clause 6.3.8 (quiet zone): four modules on all sides."""

Mode = Literal["alphanumeric", "byte"]

_STAND_IN = "7K3M9QX2W4T8VBN5C"
_MODES: dict[Mode, int] = {"alphanumeric": MODE_ALPHANUMERIC, "byte": MODE_BYTE}
_SCHEME = "https://"
_LOT = re.compile("/10/[^/]+(?=/21/$)")
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""Values 0 to 44 (ISO/IEC 18004, encoding table of the alphanumeric mode)."""


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
        self._head, self._mode = _head(prefix)
        first = _encode_auto(prefix + _STAND_IN, slot)
        modules = len(first.matrix)
        module_dots = min(box.width_dots, box.height_dots) // (modules + 2 * QUIET_MODULES)
        if millimetres(module_dots, dpi) < slot.min_x_mm:
            raise _too_fine(prefix, modules, module_dots, slot, dpi)
        self.format = SymbolFormat(
            int(first.version),
            slot.ecc,
            int(first.mask),
            self._mode,
            modules,
            module_dots,
            millimetres(module_dots, dpi),
        )
        start = len(prefix) - self._head
        places = _groups(self._mode, start, start + serials.LENGTH)
        self._groups = tuple((self._head + begin, self._head + end) for begin, end in places)

    def bitmap(self, serial: str) -> Bitmap:
        """The symbol of a serial, without quiet zone."""
        base, patterns = self._basis
        for (start, end), group_patterns in zip(self._groups, patterns, strict=True):
            value = _value(self._mode, (self._prefix + serial)[start:end])
            for bit, pattern in enumerate(group_patterns):
                if value >> bit & 1:
                    base ^= pattern
        return from_number(base, self.format.side_dots, self.format.side_dots)

    def single(self, serial: str) -> Bitmap:
        """The same symbol, rendered by itself: cheaper than `bitmap` for one, dearer for many."""
        return from_number(self._picture(self._prefix + serial), self.format.side_dots, self.format.side_dots)

    @cached_property
    def shared(self) -> Bitmap:
        """The ink that the symbols of all serials have in common: finders, timing, the link before the serial."""
        base, patterns = self._basis
        varying = 0
        for pattern in chain.from_iterable(patterns):
            varying |= pattern
        return from_number(base & ~varying, self.format.side_dots, self.format.side_dots)

    @cached_property
    def _basis(self) -> tuple[int, tuple[tuple[int, ...], ...]]:
        """The symbol in which all groups are zero, and for each group the pattern of each of its bits."""
        start = self._groups[0][0]
        zeros = [_unit(self._mode, None, end - begin) for begin, end in self._groups]
        base = self._picture(self._prefix[:start] + "".join(zeros))
        patterns = []
        for place, (begin, end) in enumerate(self._groups):
            row = []
            for bit in range(_BITS[self._mode][end - begin]):
                texts = [*zeros[:place], _unit(self._mode, bit, end - begin), *zeros[place + 1 :]]
                row.append(self._picture(self._prefix[:start] + "".join(texts)) ^ base)
            patterns.append(tuple(row))
        return base, tuple(patterns)

    def _picture(self, text: str) -> int:
        form = self.format
        segments = _segments(text, self._head, self._mode)
        code = segno.make_qr(segments, error=form.ecc, version=form.version, mask=form.mask, boost_error=False)
        return _enlarged(code.matrix, form.module_dots)


_BITS: dict[Mode, dict[int, int]] = {"alphanumeric": {2: 11, 1: 6}, "byte": {1: 7}}
"""Bits of a group of so many characters; a link is ASCII, so the eighth bit of a byte never changes."""


def _groups(mode: Mode, start: int, end: int) -> tuple[tuple[int, int], ...]:
    """The slices of a segment that are encoded together and hold the serial: pairs, counted from its start."""
    size = 2 if mode == "alphanumeric" else 1
    return tuple((at, min(at + size, end)) for at in range(start - start % size, end, size))


def _value(mode: Mode, characters: str) -> int:
    if mode == "byte":
        return ord(characters)
    value = 0
    for character in characters:
        value = 45 * value + _ALPHANUMERIC.index(character)
    return value


def _unit(mode: Mode, bit: int | None, size: int) -> str:
    """The characters whose group value has just this bit set, or none."""
    value = 0 if bit is None else 1 << bit
    if mode == "byte":
        return chr(value)
    return "".join(_ALPHANUMERIC[value // 45**place % 45] for place in reversed(range(size)))


def _head(text: str) -> tuple[int, Mode]:
    """How many characters of a link stand in a segment of their own in byte mode, and the mode of the others."""
    for head in (0, len(_SCHEME) if text.startswith(_SCHEME) else 0):
        if set(text[head:]) <= set(_ALPHANUMERIC):
            return head, "alphanumeric"
    return 0, "byte"


def _segments(text: str, head: int, mode: Mode) -> Any:
    """`text` as segno takes it, whose stubs know texts only: what stands before `head` in byte mode, then the rest."""
    parts: list[tuple[str, Mode]] = [(text[:head], "byte"), (text[head:], mode)]
    return [(part, _MODES[name]) for part, name in parts if part]


def _encode_auto(text: str, slot: QrSlot) -> segno.QRCode:
    """The smallest symbol that holds `text`."""
    try:
        return segno.make_qr(_segments(text, *_head(text)), error=slot.ecc, boost_error=False)
    except ValueError as cause:
        raise RenderError(
            f"slot {slot.name}: expected a link a QR code can hold, got {len(text)} characters"
        ) from cause


def _too_fine(prefix: str, modules: int, module_dots: int, slot: QrSlot, dpi: int) -> RenderError:
    """What would fit is said in millimetres, so that a site knows whether to leave out the lot or take a larger
    label."""
    what, advice = "the link", "enlarge the slot or shorten the link's host"
    advice_zh = "请放大部位，或缩短网址"
    without_lot = _LOT.sub("", prefix)
    if without_lot != prefix:
        fewer = len(_encode_auto(without_lot + _STAND_IN, slot).matrix)
        what, advice = "a link with the lot", f"leave out the lot ({_room(fewer, slot, dpi)}), {advice}"
        advice_zh = f"链接里带了批号，请去掉批号，或{advice_zh.removeprefix('请')}"
    got = f"{millimetres(module_dots, dpi):.3f} mm ({module_dots} dots at {dpi} dpi) in {min(slot.size_mm):g} mm"
    return RenderError(
        f"部位 {slot.name} 放不下二维码：小方块至少要 {slot.min_x_mm:g} mm，{advice_zh} · "
        f"slot {slot.name}: expected modules of at least {slot.min_x_mm} mm, got {got}: "
        f"{what} takes {_room(modules, slot, dpi)}; {advice}"
    )


def _room(modules: int, slot: QrSlot, dpi: int) -> str:
    """The side of a slot that holds so many modules, quiet zone and all, at the slot's least X-dimension."""
    side_dots = (modules + 2 * QUIET_MODULES) * dots_at_least(slot.min_x_mm, dpi)
    side_mm = math.ceil(10 * millimetres(side_dots, dpi)) / 10
    return f"{modules} modules and a slot of {side_mm:.1f} mm"


def _enlarged(matrix: tuple[bytearray, ...], module_dots: int) -> int:
    """The rows of the symbol, each module `module_dots` square, padded to whole bytes, as one number."""
    side = len(matrix) * module_dots
    pad = -side % 8
    picture = 0
    for row in matrix:
        bits = int("".join(("1" if module else "0") * module_dots for module in row), 2) << pad
        for _ in range(module_dots):
            picture = picture << (side + pad) | bits
    return picture
