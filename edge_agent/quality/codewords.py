"""A map says which codeword each module of a QR code belongs to, and how many a block repairs (ISO/IEC 18004).

Modules are counted row by row on a grid that has the quiet zone around it. The way of the bits through the symbol and
the order of the blocks are those that symbols are made with (`render/patches/qr_symbol.py`); tests hold them to the
error correction itself and to another decoder.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from segno import consts

from edge_agent.render.patches.qr_code import QUIET_MODULES
from edge_agent.render.patches.qr_symbol import blocks, data_places, dealt, kinds_of

_FINDER_SIDE = 8
"""Seven modules and the separator."""
_PROTECTED = {(1, "L"): 3, (1, "M"): 2, (1, "Q"): 1, (1, "H"): 1, (2, "L"): 2, (3, "L"): 1}
"""Codewords of a small symbol kept for finding misreads, not for repair (ISO/IEC 18004, error correction table)."""
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
    kinds = _with_quiet_zone(kinds_of(version))
    side = len(kinds)
    order = [(y + QUIET_MODULES) * side + x + QUIET_MODULES for y, x in data_places(version)]
    block, repairs = _blocks(version, ecc)
    codeword = {place: bit // 8 for bit, place in enumerate(order) if bit // 8 < len(block)}
    quiet = _places(kinds, {consts.TYPE_QUIET_ZONE})
    inner = tuple(place for place in range(side * side) if place not in quiet)
    return SymbolMap(side, codeword, block, repairs, _fixed(kinds), quiet, inner)


def _with_quiet_zone(kinds: list[list[int]]) -> list[list[int]]:
    beside = [consts.TYPE_QUIET_ZONE] * QUIET_MODULES
    above = [[consts.TYPE_QUIET_ZONE] * (len(kinds) + 2 * QUIET_MODULES)] * QUIET_MODULES
    return [*above, *([*beside, *row, *beside] for row in kinds), *above]


def _blocks(version: int, ecc: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The block of each codeword in the order they are placed, and what each block repairs."""
    data, checks = zip(*blocks(version, ecc), strict=True)
    kept = _PROTECTED.get((version, ecc), 0)
    return (*dealt(data), *dealt(checks)), tuple((check - kept) // 2 for check in checks)


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
