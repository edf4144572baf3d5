"""A map says which codeword each module of a QR code belongs to, and how many a block repairs (ISO/IEC 18004).

Modules are counted row by row on a grid that has the quiet zone around it. Kinds of modules and the table of blocks are
segno's; the way of the bits through the symbol (clause 7.7.3, symbol character placement) and the order of the blocks
(clause 7.6, final message) are ours, and tests hold them to the error correction itself and to another decoder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import segno
from segno import consts

from edge_agent.render.patches.qr_code import QUIET_MODULES

_FINDER_SIDE = 8
"""Seven modules and the separator."""
_PROTECTED = {(1, "L"): 3, (1, "M"): 2, (1, "Q"): 1, (1, "H"): 1, (2, "L"): 2, (3, "L"): 1}
"""Codewords of a small symbol kept for finding misreads, not for repair (ISO/IEC 18004, error correction table)."""
_DATA = frozenset({consts.TYPE_DATA_DARK, consts.TYPE_DATA_LIGHT})
_TIMING = frozenset({consts.TYPE_TIMING_DARK, consts.TYPE_TIMING_LIGHT})
_ALIGNMENT = frozenset({consts.TYPE_ALIGNMENT_PATTERN_DARK, consts.TYPE_ALIGNMENT_PATTERN_LIGHT})
_FORMAT = frozenset(
    {
        consts.TYPE_FORMAT_DARK,
        consts.TYPE_FORMAT_LIGHT,
        consts.TYPE_VERSION_DARK,
        consts.TYPE_VERSION_LIGHT,
        consts.TYPE_DARKMODULE,
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class SymbolMap:
    """The anatomy of all symbols of one version and error correction level.

    `side` is the width of the grid in modules, quiet zone included; `codeword` maps a place of the grid to the number
    of its codeword; `block` a codeword to its block; `repairs` says how many wrong codewords each block repairs;
    `fixed` are the places of each pattern that a reader needs in order to find and lay the grid; `quiet` those of
    the quiet zone, `inner` all others, row by row.
    """

    side: int
    codeword: dict[int, int]
    block: tuple[int, ...]
    repairs: tuple[int, ...]
    fixed: dict[str, frozenset[int]]
    quiet: frozenset[int]
    inner: tuple[int, ...]

    def unused(self, wrong: Collection[int]) -> float:
        """Unused error correction if the modules at these places are wrong: 1 for none, 0 where a block is at its
        limit, below 0 where it is beyond repair. The worst block counts."""
        broken = {self.codeword[place] for place in wrong if place in self.codeword}
        hurt = [0] * len(self.repairs)
        for codeword in broken:
            hurt[self.block[codeword]] += 1
        return min(1 - count / repairs for count, repairs in zip(hurt, self.repairs, strict=True))


@lru_cache(maxsize=32)
def symbol_map(version: int, ecc: str) -> SymbolMap:
    """The map of all symbols of a version (1 to 40) and a level (L, M, Q, H)."""
    code = segno.make_qr("0", version=version, error=ecc, boost_error=False)
    kinds: list[list[int]] = [list(row) for row in code.matrix_iter(border=QUIET_MODULES, verbose=True)]
    side = len(kinds)
    kinds[QUIET_MODULES + 8][side - QUIET_MODULES - 9] = consts.TYPE_DATA_LIGHT  # segno 1.6 takes it for format
    order = [y * side + x for y, x in _bit_order(side - 2 * QUIET_MODULES) if kinds[y][x] in _DATA]
    block, repairs = _blocks(version, ecc)
    codeword = {place: bit // 8 for bit, place in enumerate(order) if bit // 8 < len(block)}
    quiet = _places(kinds, {consts.TYPE_QUIET_ZONE})
    inner = tuple(place for place in range(side * side) if place not in quiet)
    return SymbolMap(side, codeword, block, repairs, _fixed(kinds), quiet, inner)


def _bit_order(modules: int) -> Iterator[tuple[int, int]]:
    """Row and column on the grid of every module in the order of the bits: two columns at a time from the right, up
    and down in turn; the column of the vertical timing pattern is stepped over."""
    upwards = True
    for right in [*range(modules - 1, 6, -2), *range(5, 0, -2)]:
        for y in range(modules - 1, -1, -1) if upwards else range(modules):
            for x in (right, right - 1):
                yield y + QUIET_MODULES, x + QUIET_MODULES
        upwards = not upwards


def _blocks(version: int, ecc: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The block of each codeword in the order they are placed, and what each block repairs."""
    data, checks, repairs = [], [], []
    table: Any = consts.ECC
    groups = table[version][consts.ERROR_MAPPING[ecc]]
    for group in groups:
        check = group.num_total - group.num_data
        for _ in range(group.num_blocks):
            data.append(group.num_data)
            checks.append(check)
            repairs.append((check - _PROTECTED.get((version, ecc), 0)) // 2)
    return (*_dealt(data), *_dealt(checks)), tuple(repairs)


def _dealt(lengths: list[int]) -> Iterator[int]:
    """Block numbers as codewords are dealt: one of each block in turn, while it has any."""
    for turn in range(max(lengths)):
        yield from (number for number, length in enumerate(lengths) if turn < length)


def _fixed(kinds: list[list[int]]) -> dict[str, frozenset[int]]:
    side = len(kinds)
    near, far = QUIET_MODULES, side - QUIET_MODULES - _FINDER_SIDE
    found = {
        "finder top left": _square(near, near, side),
        "finder top right": _square(near, far, side),
        "finder bottom left": _square(far, near, side),
        "timing": _places(kinds, _TIMING),
        "alignment": _places(kinds, _ALIGNMENT),
        "format": _places(kinds, _FORMAT),
    }
    return {name: places for name, places in found.items() if places}


def _square(top: int, left: int, side: int) -> frozenset[int]:
    return frozenset(y * side + x for y in range(top, top + _FINDER_SIDE) for x in range(left, left + _FINDER_SIDE))


def _places(kinds: list[list[int]], wanted: Collection[int]) -> frozenset[int]:
    side = len(kinds)
    return frozenset(y * side + x for y in range(side) for x in range(side) if kinds[y][x] in wanted)
