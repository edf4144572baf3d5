"""QR symbols reckoned (ISO/IEC 18004): from a text's bits to its modules, without building a matrix.

With version and level fixed, every step from bits to modules is affine over GF(2): error correction is linear,
placement is a permutation, mask and format are one XOR. So a symbol is a frame (the symbol whose bits are all 0, taken
from segno) XOR a linear map of the bits, which is worked out here in whole numbers, all modules at once. segno builds
the same symbol module by module, 1 ms of Python, and tries its eight masks in 5 ms; what a run of labels has in common
takes a hundred symbols. Tables of blocks and capacities are segno's, and tests hold every symbol and every choice of a
mask to segno's own.

A symbol is the rows of a picture at one dot a module, padded to whole bytes, as one number (`raster.from_number`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any, Literal, NamedTuple

import segno
from segno import consts

Mode = Literal["alphanumeric", "byte"]
Segment = tuple[str, Mode]

_INDICATOR: dict[Mode, str] = {"alphanumeric": "0010", "byte": "0100"}
"""ISO/IEC 18004, table of mode indicators."""
_COUNT_BITS: dict[Mode, tuple[int, int, int]] = {"alphanumeric": (9, 11, 13), "byte": (8, 16, 16)}
"""Bits of the character count in versions 1-9, 10-26 and 27-40 (ISO/IEC 18004, table of character count indicators)."""
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
"""Values 0 to 44 (ISO/IEC 18004, encoding table of the alphanumeric mode)."""
ALPHANUMERIC = frozenset(_CHARACTERS)

_TERMINATOR = "0000"
_PADS = ("11101100", "00010001")
_TABLES: Any = consts
_DATA = frozenset({consts.TYPE_DATA_DARK, consts.TYPE_DATA_LIGHT})
_TOLD_LAST = frozenset(
    {
        consts.TYPE_FORMAT_DARK,
        consts.TYPE_FORMAT_LIGHT,
        consts.TYPE_VERSION_DARK,
        consts.TYPE_VERSION_LIGHT,
        consts.TYPE_DARKMODULE,
    }
)
"""What is put in after the mask was chosen (ISO/IEC 18004, data masking: the format is not part of what is scored)."""

_RUN = re.compile("0{5,}|1{5,}")
_FINDER_LIKE = re.compile("(?<=0000)1011101|1011101(?=0000)")
MASKS = range(8)


class Block(NamedTuple):
    """Codewords of one block: those that carry data, and those that check them."""

    data: int
    checks: int


# --- from a text to bits -------------------------------------------------------------------------------------------


def stream(segments: Sequence[Segment], version: int) -> str:
    """The bits of a text, its modes and counts; without terminator and padding."""
    return "".join(_segment_bits(text, mode, version) for text, mode in segments)


def _segment_bits(text: str, mode: Mode, version: int) -> str:
    count = f"{len(text):0{_COUNT_BITS[mode][(version > 9) + (version > 26)]}b}"
    return _INDICATOR[mode] + count + text_bits(text, mode)


def text_bits(text: str, mode: Mode) -> str:
    """The bits of the characters alone: eight each, or eleven for two and six for one that is left."""
    if mode == "byte":
        return "".join(f"{byte:08b}" for byte in text.encode("ascii"))
    values = [_CHARACTERS.index(character) for character in text]
    pairs = [f"{45 * one + other:011b}" for one, other in zip(values[::2], values[1::2], strict=False)]
    return "".join(pairs) + (f"{values[-1]:06b}" if len(values) % 2 else "")


def least_version(segments: Sequence[Segment], ecc: str) -> int | None:
    """The smallest version that holds the text at this level; None: none does."""
    for version in range(1, 41):
        if len(stream(segments, version)) <= _capacity_bits(version, ecc):
            return version
    return None


def _capacity_bits(version: int, ecc: str) -> int:
    return int(_TABLES.SYMBOL_CAPACITY[version][consts.ERROR_MAPPING[ecc]])


def filled(bits: str, version: int, ecc: str) -> str:
    """A stream with terminator and pad codewords, as long as the symbol has data. One that ends on a whole byte gets
    eight zeros where the standard has none: segno does so, and labels keep their dots."""
    capacity = _capacity_bits(version, ecc)
    bits = (bits + _TERMINATOR)[:capacity]
    bits += "0" * (8 - len(bits) % 8)
    missing = max(0, capacity - len(bits)) // 8
    return (bits + "".join(_PADS) * (missing // 2 + 1))[:capacity]


# --- from bits to modules ------------------------------------------------------------------------------------------


def modules(bits: str, version: int, ecc: str) -> int:
    """What these data bits and their checks turn over in the frame. Linear: of an XOR it is the XOR."""
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    checks, at = [], 0
    for block in blocks(version, ecc):
        checks.append(_check_bits(data[at : at + block.data], block.checks))
        at += block.data
    return int("".join(_placing(version, ecc)("".join((bits, *checks, "0")))), 2)


def _check_bits(data: bytes, checks: int) -> str:
    """The remainder of the block's polynomial by the generator's (ISO/IEC 18004, error correction codewords)."""
    table, top, low = _multiples(checks), 8 * (checks - 1), (1 << 8 * (checks - 1)) - 1
    rest = 0
    for byte in data:
        rest = (rest & low) << 8 ^ table[rest >> top ^ byte]
    return f"{rest:0{8 * checks}b}"


@lru_cache(maxsize=32)
def _multiples(checks: int) -> tuple[int, ...]:
    """The generator polynomial without its leading 1, times each byte."""
    powers, logs = _TABLES.GALIOS_EXP, _TABLES.GALIOS_LOG
    return (
        0,
        *(
            int.from_bytes(bytes(powers[logs[byte] + power] for power in _TABLES.GEN_POLY[checks]), "big")
            for byte in range(1, 256)
        ),
    )


@lru_cache(maxsize=32)
def _placing(version: int, ecc: str) -> itemgetter[Any]:
    """Takes for each dot of the picture the bit of data, checks and a last 0 that it shows."""
    lengths = blocks(version, ecc)
    places = dict(zip(data_places(version), _dealt_bits(lengths), strict=False))  # what is left over shows no bit
    side, nothing = side_of(version), 8 * sum(map(sum, lengths))
    return itemgetter(*(places.get((y, x), nothing) for y in range(side) for x in range(side + -side % 8)))


def _dealt_bits(lengths: Sequence[Block]) -> Iterator[int]:
    """Numbers of bits in the order they are placed, counted with all data first and block by block."""
    starts = {"data": 0, "checks": sum(block.data for block in lengths)}
    for part, start in starts.items():
        sizes = [getattr(block, part) for block in lengths]
        firsts = [start + sum(sizes[:number]) for number in range(len(sizes))]
        turns = [0] * len(sizes)
        for number in dealt(sizes):
            first = 8 * (firsts[number] + turns[number])
            turns[number] += 1
            yield from range(first, first + 8)


def blocks(version: int, ecc: str) -> list[Block]:
    """The blocks of a symbol (ISO/IEC 18004, table of error correction characteristics)."""
    groups = _TABLES.ECC[version][consts.ERROR_MAPPING[ecc]]
    return [
        Block(group.num_data, group.num_total - group.num_data) for group in groups for _ in range(group.num_blocks)
    ]


def dealt(lengths: Sequence[int]) -> Iterator[int]:
    """Block numbers as codewords are dealt (clause 7.6, final message): one of each block in turn, while it has any."""
    for turn in range(max(lengths)):
        yield from (number for number, length in enumerate(lengths) if turn < length)


def data_places(version: int) -> list[tuple[int, int]]:
    """Row and column of every module that holds a bit, in the order of the bits (clause 7.7.3): two columns at a time
    from the right, up and down in turn; the column of the vertical timing pattern is stepped over."""
    kinds, side = kinds_of(version), side_of(version)
    rows = [range(side - 1, -1, -1), range(side)]
    columns = [*range(side - 1, 6, -2), *range(5, 0, -2)]
    order = ((y, x) for turn, right in enumerate(columns) for y in rows[turn % 2] for x in (right, right - 1))
    return [(y, x) for y, x in order if kinds[y][x] in _DATA]


@lru_cache(maxsize=32)
def kinds_of(version: int) -> list[list[int]]:
    """What each module of a symbol is for, by segno's constants; light and dark are those of some symbol."""
    kinds: list[list[int]] = [
        list(row) for row in segno.make_qr("0", version=version, mask=0).matrix_iter(border=0, verbose=True)
    ]
    kinds[8][side_of(version) - 9] = consts.TYPE_DATA_LIGHT  # segno 1.6 takes it for format
    return kinds


def side_of(version: int) -> int:
    """Modules of a side."""
    return 4 * version + 17


# --- frames and masks ----------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def frames(version: int, ecc: str) -> tuple[int, ...]:
    """For each mask the symbol whose data bits and checks are all 0: patterns, format, version, and the mask itself."""
    segments: tuple[Segment] = (("0", "alphanumeric"),)
    known = modules(filled(stream(segments, version), version, ecc), version, ecc)
    return tuple(_drawn_by_segno(version, ecc, mask) ^ known for mask in MASKS)


def _drawn_by_segno(version: int, ecc: str, mask: int) -> int:
    code = segno.make_qr("0", error=ecc, version=version, mask=mask, mode="alphanumeric", boost_error=False)
    return _number(code.matrix)


def _number(matrix: Sequence[Sequence[int]]) -> int:
    """The rows of a matrix of 0 and 1, each padded to whole bytes."""
    pad = "0" * (-len(matrix) % 8)
    return int("".join("".join(map(str, row)) + pad for row in matrix), 2)


def best_mask(data: int, version: int, ecc: str) -> int:
    """The mask whose symbol has the least penalty, the first of several (ISO/IEC 18004, evaluation of data masking)."""
    kept = _scored(version)
    return min(MASKS, key=lambda mask: penalty((frames(version, ecc)[mask] ^ data) & kept, side_of(version)))


@lru_cache(maxsize=32)
def _scored(version: int) -> int:
    return _number([[int(kind not in _TOLD_LAST) for kind in row] for row in kinds_of(version)])


def penalty(symbol: int, side: int) -> int:
    """The sum of the four features: runs of five and more, blocks of one colour, patterns like a finder, balance."""
    width = side + -side % 8
    flat = f"{symbol:0{side * width}b}"
    rows = [flat[at : at + side] for at in range(0, len(flat), width)]
    lines = [*rows, *("".join(column) for column in zip(*rows, strict=True))]
    runs = sum(len(run) - 2 for run in _RUN.findall(" ".join(lines)))
    finders = len(_FINDER_LIKE.findall("0000".join(["", *lines, ""])))
    unbalanced = int(abs(symbol.bit_count() / side**2 * 100 - 50) / 5)
    return runs + 3 * _squares(symbol, side, width) + 40 * finders + 10 * unbalanced


def _squares(symbol: int, side: int, width: int) -> int:
    """Two by two modules of one colour, each counted."""
    beside, below = symbol ^ symbol >> 1, symbol ^ symbol >> width
    differs = beside | beside >> width | below | below >> 1
    return (~differs & _all_squares(side, width)).bit_count()


@lru_cache(maxsize=32)
def _all_squares(side: int, width: int) -> int:
    """A 1 for the lower right module of every square of two by two."""
    row = f"0{'1' * (side - 1)}{'0' * (width - side)}"
    return int("0" * width + row * (side - 1), 2)


# --- from modules to dots ------------------------------------------------------------------------------------------


def enlarged(symbol: int, side: int, module_dots: int) -> int:
    """The picture of the symbol with modules `module_dots` square: four modules are a hex digit, so the digits of four
    larger modules stand in a table."""
    wide = (side + -side % 8) // 8
    digits = f"{symbol:0{2 * wide * side}x}".translate(_larger_digits(module_dots))
    rows, long, stride = bytes.fromhex(digits), wide * module_dots, (side * module_dots + 7) // 8
    return int.from_bytes(b"".join(rows[at : at + stride] * module_dots for at in range(0, len(rows), long)), "big")


@lru_cache(maxsize=64)
def _larger_digits(module_dots: int) -> dict[int, str]:
    bits = {digit: "".join(bit * module_dots for bit in f"{digit:04b}") for digit in range(16)}
    return {ord(f"{digit:x}"): f"{int(larger, 2):0{module_dots}x}" for digit, larger in bits.items()}
