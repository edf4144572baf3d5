"""The map of a symbol against the error correction it claims to know, and against another decoder."""

from __future__ import annotations

import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edge_agent.quality.codewords import SymbolMap, symbol_map
from edge_agent.render.patches.qr_code import QUIET_MODULES

MASKS = (
    lambda y, x: (y + x) % 2,
    lambda y, x: y % 2,
    lambda y, x: x % 3,
    lambda y, x: (y + x) % 3,
    lambda y, x: (y // 2 + x // 3) % 2,
    lambda y, x: y * x % 2 + y * x % 3,
    lambda y, x: (y * x % 2 + y * x % 3) % 2,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2,
)
"""A module is turned where its mask is 0 (ISO/IEC 18004, data mask patterns)."""
TEXT = "HTTPS://ID.EXAMPLE.CN/"
LEVELS = [(version, ecc) for version in (2, 3, 4, 5, 6, 7, 8, 14) for ecc in "LMQH"]


def codewords(code: segno.QRCode, map_: SymbolMap) -> list[int]:
    """What stands in the symbol, in the order it was placed."""
    found = [0] * len(map_.block)
    for place, codeword in map_.codeword.items():
        y, x = (axis - QUIET_MODULES for axis in divmod(place, map_.side))
        bit = code.matrix[y][x] ^ (not MASKS[code.mask](y, x))
        found[codeword] = found[codeword] << 1 | bit
    return found


def times_alpha(value: int) -> int:
    return value << 1 ^ (0x11D if value & 0x80 else 0)


def syndromes(block: list[int], checks: int) -> list[int]:
    """Zero for a code word of the Reed-Solomon code over GF(256), polynomial 0x11D, roots from alpha to the 0 on."""
    found = []
    for power in range(checks):
        total = 0
        for value in block:
            for _ in range(power):
                total = times_alpha(total)
            total ^= value
        found.append(total)
    return found


@pytest.mark.costly
@pytest.mark.parametrize(("version", "ecc"), LEVELS)
def test_each_block_that_the_map_finds_is_a_code_word(version: int, ecc: str) -> None:
    code = segno.make_qr(TEXT[: 20 if version == 2 else None], version=version, error=ecc, boost_error=False)
    map_ = symbol_map(version, ecc)
    placed = codewords(code, map_)
    for number, repairs in enumerate(map_.repairs):
        block = [value for value, owner in zip(placed, map_.block, strict=True) if owner == number]
        assert syndromes(block, 2 * repairs) == [0] * (2 * repairs)
        block[0] ^= 1
        assert any(syndromes(block, 2 * repairs))


def damaged(code: segno.QRCode, map_: SymbolMap, codewords_: set[int]) -> Image.Image:
    """The symbol with one module of each of these codewords turned, the first that was placed."""
    border = [[0] * map_.side for _ in range(map_.side)]
    for y, row in enumerate(code.matrix):
        border[y + QUIET_MODULES][QUIET_MODULES : QUIET_MODULES + len(row)] = list(row)
    level = [255 * (not module) for row in border for module in row]
    for place, codeword in map_.codeword.items():
        if codeword in codewords_:
            level[place] = 255 - level[place]
            codewords_ = codewords_ - {codeword}
    return Image.frombytes("L", (map_.side, map_.side), bytes(level)).resize(
        (map_.side * 4,) * 2, Image.Resampling.NEAREST
    )


@settings(max_examples=12, deadline=None, derandomize=True)
@given(st.randoms(use_true_random=False), st.sampled_from([(4, "M"), (5, "Q"), (7, "M")]))
def test_another_decoder_repairs_what_the_map_says_can_be_repaired_and_no_more(random, level) -> None:
    map_ = symbol_map(*level)
    code = segno.make_qr(TEXT, version=level[0], error=level[1], boost_error=False)
    block = random.randrange(len(map_.repairs))
    own = [codeword for codeword, owner in enumerate(map_.block) if owner == block]
    random.shuffle(own)
    for count, readable in ((map_.repairs[block], True), (map_.repairs[block] + 1, False)):
        hurt = set(own[:count])
        wrong = first_places(map_, hurt)
        assert (map_.unused(wrong) >= 0) is readable
        found = [one.text for one in zxingcpp.read_barcodes(damaged(code, map_, hurt))]
        assert (found == [TEXT]) is readable


def first_places(map_: SymbolMap, hurt: set[int]) -> list[int]:
    firsts: dict[int, int] = {}
    for place, codeword in map_.codeword.items():
        firsts.setdefault(codeword, place)
    return [firsts[codeword] for codeword in hurt]


def test_two_wrong_modules_of_one_codeword_count_once() -> None:
    map_ = symbol_map(4, "M")
    same = [place for place, codeword in map_.codeword.items() if codeword == 7]
    assert len(same) == 8
    assert map_.unused(same[:1]) == map_.unused(same) == 1 - 1 / 9
    assert map_.unused([]) == map_.unused(map_.quiet) == 1


def test_small_symbols_keep_codewords_back() -> None:
    """The errors a block repairs, by ISO/IEC 18004's error correction table."""
    few = {(1, "L"): 2, (1, "M"): 4, (1, "Q"): 6, (1, "H"): 8, (2, "L"): 4, (2, "M"): 8, (3, "L"): 7, (4, "M"): 9}
    assert {key: symbol_map(*key).repairs[0] for key in few} == few


def test_fixed_patterns_quiet_zone_and_data_share_no_module() -> None:
    map_ = symbol_map(7, "M")
    groups = [map_.quiet, frozenset(map_.codeword), *(map_.fixed[name] for name in map_.fixed if "finder" in name)]
    assert sum(map(len, groups)) == len(frozenset().union(*groups))
    assert not map_.fixed["timing"] & frozenset(map_.codeword)
    assert {len(map_.fixed[name]) for name in map_.fixed if "finder" in name} == {64}
    assert frozenset().union(*groups, *map_.fixed.values()) == frozenset(range(map_.side**2))
