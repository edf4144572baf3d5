"""Reckoned symbols are segno's own, module by module and mask by mask, in every version and level there is."""

from __future__ import annotations

import random

import pytest
import segno
from segno import consts
from segno.encoder import evaluate_mask

from edge_agent.render.patches import qr_symbol
from edge_agent.render.patches.qr_symbol import MASKS, Segment, side_of
from edge_agent.render.raster import from_number, to_image

RNG = random.Random(20261130)
LETTERS = "".join(sorted(qr_symbol.ALPHANUMERIC))
SMALL = "abcdefghijklmnopqrstuvwxyz/:-.~09"
MODES = {"alphanumeric": consts.MODE_ALPHANUMERIC, "byte": consts.MODE_BYTE}


def by_segno(segments: list[Segment], ecc: str, **keys: int) -> segno.QRCode:
    return segno.make_qr([(text, MODES[mode]) for text, mode in segments], error=ecc, boost_error=False, **keys)


def reckoned(segments: list[Segment], version: int, ecc: str) -> int:
    return qr_symbol.modules(qr_symbol.filled(qr_symbol.stream(segments, version), version, ecc), version, ecc)


def matrix(symbol: int, side: int) -> tuple[bytearray, ...]:
    image = to_image(from_number(symbol, side, side))
    return tuple(bytearray(int(image.getpixel((x, y)) == 255) for x in range(side)) for y in range(side))


def filling(version: int, ecc: str) -> list[list[Segment]]:
    """Texts of all kinds that fill a symbol more or less; one has no room for its padding."""
    room = consts.SYMBOL_CAPACITY[version][consts.ERROR_MAPPING[ecc]] - 32
    letters, small = max(1, room * 2 // 11 - 16), max(1, room // 8)
    return [
        [("".join(RNG.choices(LETTERS, k=letters)), "alphanumeric")],
        [("".join(RNG.choices(LETTERS, k=max(1, letters - RNG.randrange(letters)))), "alphanumeric")],
        [("".join(RNG.choices(SMALL, k=small)), "byte")],
        [
            ("https://"[: max(1, small // 2)], "byte"),
            ("".join(RNG.choices(LETTERS, k=max(1, letters // 2))), "alphanumeric"),
        ],
    ]


@pytest.mark.costly
@pytest.mark.parametrize("version", range(1, 41))
def test_a_reckoned_symbol_is_segnos_and_so_is_its_mask(version: int) -> None:
    ecc = "LMQH"[version % 4]
    for segments in filling(version, ecc):
        expected = by_segno(segments, ecc)
        found = qr_symbol.least_version(segments, ecc)
        assert found == expected.version
        data = reckoned(segments, found, ecc)
        mask = qr_symbol.best_mask(data, found, ecc)
        assert mask == expected.mask
        assert matrix(qr_symbol.frames(found, ecc)[mask] ^ data, side_of(found)) == expected.matrix


@pytest.mark.parametrize("ecc", "LMQH")
@pytest.mark.parametrize("version", [3, 4, 5, 6, 7])
def test_every_mask_of_the_versions_in_use(version: int, ecc: str) -> None:
    segments: list[Segment] = [("https://"[:3], "byte"), ("ID/01/0690", "alphanumeric")]
    data = reckoned(segments, version, ecc)
    for mask in MASKS:
        expected = by_segno(segments, ecc, version=version, mask=mask)
        assert matrix(qr_symbol.frames(version, ecc)[mask] ^ data, side_of(version)) == expected.matrix


@pytest.mark.parametrize("side", [21, 25, 33, 45])
def test_a_penalty_is_segnos(side: int) -> None:
    """Of pictures that are no symbols too: blank, full, striped, speckled."""
    width = side + -side % 8
    speckled = [
        [RNG.choices((0, 1), (9, share))[0] for _ in range(side)] for share in (1, 5, 9, 30) for _ in range(side)
    ]
    stripes = [[(x // 5 + y // 7) % 2 for x in range(side)] for y in range(side)]
    finders = [[(1, 0, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1)[(x + y * y) % 12] for x in range(side)] for y in range(side)]
    plain = [[value] * side for value in (0, 1) for _ in range(side)]
    rows = [*speckled, *stripes, *finders, *plain]
    for start in range(0, len(rows), side):
        picture = rows[start : start + side]
        number = sum(
            bit << (side - 1 - y) * width + width - 1 - x for y, row in enumerate(picture) for x, bit in enumerate(row)
        )
        assert qr_symbol.penalty(number, side) == evaluate_mask(tuple(map(bytearray, picture)), side, side)


def test_what_no_symbol_holds_has_no_version() -> None:
    most = [("A" * 4296, "alphanumeric")]  # ISO/IEC 18004, capacity of 40-L
    assert (qr_symbol.least_version(most, "L"), qr_symbol.least_version([("A" * 4297, "alphanumeric")], "L")) == (
        40,
        None,
    )


@pytest.mark.parametrize("module_dots", [1, 2, 3, 4, 5, 6, 9])
@pytest.mark.parametrize("side", [21, 29, 33])
def test_a_larger_module_is_a_square_of_equal_dots(side: int, module_dots: int) -> None:
    symbol = qr_symbol.frames((side - 17) // 4, "M")[3]
    large = side * module_dots
    small, found = matrix(symbol, side), matrix(qr_symbol.enlarged(symbol, side, module_dots), large)
    assert all(found[y][x] == small[y // module_dots][x // module_dots] for y in range(large) for x in range(large))
