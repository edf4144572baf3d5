"""QR runs: the XOR symbols are segno's own, another decoder reads them, and fine modules are refused."""

from __future__ import annotations

import random

import pytest
import segno
import zxingcpp
from PIL import ImageChops, ImageOps
from segno.consts import MODE_ALPHANUMERIC, MODE_BYTE
from segno.encoder import prepare_data

from edge_agent.errors import RenderError
from edge_agent.model.bitmap import Bitmap
from edge_agent.render.patches.qr_code import SymbolRun
from edge_agent.render.raster import dots, millimetres, to_image
from edge_agent.render.templates.slots import QrSlot
from edge_agent.render.type.text import Box
from label_protocol.codes import serial

RNG = random.Random(20261118)
PREFIXES = [
    "https://ID.EXAMPLE.CN/01/06901234567892/10/L20261118A/21/",
    "https://ID.EXAMPLE.CN/01/06901234567892/10/L20261118/21/",  # odd: one pair holds / and a character
    "https://ID.EXAMPLE.CN/01/06901234567892/10/lower-case/21/",
    "https://A.CN/01/06901234567892/21/",
    "HTTPS://ID.EXAMPLE.CN/01/06901234567892/10/L20261118A/21/",
    "HTTPS://ID.EXAMPLE.CN/01/06901234567892/10/L20261118/21/",  # odd: one pair holds / and a character
    "https://id.example.cn/01/06901234567892/10/L20261118A/21/",
    "HTTPS://ID.EXAMPLE.CN/01/06901234567892/10/lower-case/21/",
    "HTTPS://A.CN/01/06901234567892/21/",
]

TWO_SEGMENTS = [PREFIXES[0], PREFIXES[1], PREFIXES[3]]
OLD, LOWER = PREFIXES[4], PREFIXES[6]


def run_of(prefix: str, side_dots: int = 400, dpi: int = 300, **keys: object) -> SymbolRun:
    slot = QrSlot.model_validate({"name": "qr", "kind": "qr", "at_mm": [0, 0], "size_mm": [21, 21], **keys})
    return SymbolRun(prefix, slot, Box(0, 0, side_dots, side_dots), dpi)


def modules(bitmap: Bitmap, module_dots: int) -> list[list[int]]:
    """The matrix, read dot by dot; every dot of a module must agree."""
    image = to_image(bitmap)
    count = bitmap.width_dots // module_dots
    matrix = []
    for y in range(count):
        row = []
        for x in range(count):
            at = (x * module_dots, y * module_dots)
            extrema = image.crop((*at, at[0] + module_dots, at[1] + module_dots)).getextrema()
            assert extrema in ((0, 0), (255, 255))
            row.append(int(extrema == (255, 255)))
        matrix.append(row)
    return matrix


@pytest.mark.costly
@pytest.mark.parametrize("ecc", ["L", "M", "Q", "H"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_symbol_is_exactly_what_segno_draws(prefix: str, ecc: str) -> None:
    run = run_of(prefix, ecc=ecc)
    for _ in range(6):
        drawn = serial.new_serial("7K3", RNG.randbytes)
        facts = run.format
        link = prefix + drawn
        content = [(link[:8], MODE_BYTE), (link[8:], MODE_ALPHANUMERIC)] if prefix in TWO_SEGMENTS else link
        expected = segno.make_qr(
            content,
            error=ecc,
            version=facts.version,
            mask=facts.mask,
            mode=None if prefix in TWO_SEGMENTS else facts.mode,
            boost_error=False,
        )
        assert modules(run.bitmap(drawn), facts.module_dots) == [list(row) for row in expected.matrix]


@pytest.mark.costly
@pytest.mark.parametrize("prefix", PREFIXES)
def test_another_decoder_reads_it(prefix: str) -> None:
    run = run_of(prefix)
    for _ in range(20):
        drawn = serial.new_serial("ZZ9", RNG.randbytes)
        image = ImageOps.expand(ImageChops.invert(to_image(run.bitmap(drawn))), 4 * run.format.module_dots, 1)
        assert [code.text for code in zxingcpp.read_barcodes(image.convert("L"))] == [prefix + drawn]


def test_every_character_in_every_place() -> None:
    """The letters a check character may be, and each digit of the alphabet in each place of the serial."""
    run = run_of(PREFIXES[0])
    for character in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        text = character * serial.LENGTH
        image = ImageOps.expand(ImageChops.invert(to_image(run.bitmap(text))), 4 * run.format.module_dots, 1)
        assert [code.text for code in zxingcpp.read_barcodes(image.convert("L"))] == [PREFIXES[0] + text]


def test_upper_case_saves_a_version_and_the_scheme_in_lower_case_costs_none_here() -> None:
    assert [(run_of(one).format.version, run_of(one).format.mode) for one in (PREFIXES[0], OLD, LOWER)] == [
        (4, "alphanumeric"),
        (4, "alphanumeric"),
        (5, "byte"),
    ]


@pytest.mark.parametrize("prefix", TWO_SEGMENTS)
def test_the_scheme_is_a_segment_of_its_own_that_costs_32_bits(prefix: str) -> None:
    """4 bits of mode, 8 of count and 8 of each character, for the 44 of eight alphanumeric ones (ISO/IEC 18004)."""
    link = prefix + serial.new_serial("7K3", RNG.randbytes)
    two = prepare_data([(link[:8], MODE_BYTE), (link[8:], MODE_ALPHANUMERIC)], None, None)
    old = prepare_data(link.upper(), None, None)
    assert two.bit_length_with_overhead(4, eci=False) - old.bit_length_with_overhead(4, eci=False) in (31, 32)
    assert [segment.mode for segment in two] == [MODE_BYTE, MODE_ALPHANUMERIC]
    assert {run_of(prefix, ecc=ecc).format.mode for ecc in "LMQH"} == {"alphanumeric"}


def test_most_links_keep_their_version() -> None:
    """What grows is a link without a lot (the sticker of 30×20 mm has level L for it) and a very long one."""
    links = [
        f"{host}/01/06901234567892{lot}/21/"
        for host in ("ID.EXAMPLE.CN", "ID.DOWN.EXAMPLE.ORG.CN")
        for lot in ("", "/10/L1", "/10/L20261118A", "/10/PH2026-11-18-1A")
    ]
    versions = {one: [run_of(scheme + one).format.version for scheme in ("HTTPS://", "https://")] for one in links}
    assert {one: found for one, found in versions.items() if found[0] != found[1]} == {
        links[0]: [3, 4],
        links[7]: [4, 5],
    }
    assert run_of(f"https://{links[0]}", ecc="L").format.version == 3


@pytest.mark.parametrize(
    ("side_dots", "dpi", "module_dots", "x_mm"),
    [(164, 203, 4, 0.5005), (163, 203, 3, 0.3754), (123, 203, 3, 0.3754), (246, 300, 6, 0.508), (205, 300, 5, 0.4233)],
)
def test_the_largest_whole_module_is_taken(side_dots: int, dpi: int, module_dots: int, x_mm: float) -> None:
    facts = run_of(PREFIXES[0], side_dots, dpi).format
    assert (facts.modules, facts.module_dots) == (33, module_dots)
    assert facts.x_mm == pytest.approx(x_mm, abs=1e-4)


@pytest.mark.parametrize(("side_dots", "dpi", "got"), [(122, 203, "0.250"), (204, 300, "0.339"), (40, 203, "0.000")])
def test_a_module_that_is_too_fine_is_refused(side_dots: int, dpi: int, got: str) -> None:
    with pytest.raises(RenderError, match=rf"slot qr: expected modules of at least 0\.375 mm, got {got}"):
        run_of(PREFIXES[0], side_dots, dpi)


@pytest.mark.parametrize(("dpi", "with_lot", "without"), [(203, "20.6", "18.6"), (300, "20.9", "18.8")])
def test_a_refused_code_says_what_would_fit(dpi: int, with_lot: str, without: str) -> None:
    """And it does: a slot of that size takes the link, and the slot at hand takes the link without the lot."""
    sticker, least = {"size_mm": [19, 19], "min_x_mm": 0.5, "ecc": "L"}, dots(0.5, dpi)
    with pytest.raises(RenderError) as caught:
        run_of(PREFIXES[0], dots(19, dpi), dpi, **sticker)
    zh, _, en = str(caught.value).partition(" · ")
    assert zh == "部位 qr 放不下二维码：小方块至少要 0.5 mm，链接里带了批号，请去掉批号，或放大部位，或缩短网址"
    assert en == (
        f"slot qr: expected modules of at least 0.5 mm, got {millimetres(least - 1, dpi):.3f} mm ({least - 1} dots at "
        f"{dpi} dpi) in 19 mm: a link with the lot takes 33 modules and a slot of {with_lot} mm; leave out the lot "
        f"(29 modules and a slot of {without} mm), enlarge the slot or shorten the link's host"
    )
    without_lot = PREFIXES[0].replace("/10/L20261118A", "")
    assert run_of(without_lot, dots(19, dpi), dpi, **sticker).format.modules == 29
    assert run_of(without_lot, dots(float(without), dpi), dpi, **sticker).format.module_dots == least
    assert run_of(PREFIXES[0], dots(float(with_lot), dpi), dpi, **sticker).format.module_dots == least


def test_a_refused_code_without_a_lot_does_not_advise_to_leave_it_out() -> None:
    with pytest.raises(RenderError, match="the link takes 29 modules") as caught:
        run_of(PREFIXES[3], 90, 203)
    assert "lot" not in str(caught.value).replace("slot", "")


def test_a_link_no_symbol_can_hold_is_refused() -> None:
    with pytest.raises(RenderError, match="slot qr"):
        run_of("HTTPS://A.CN/" + "A" * 5000)


def test_jobs_whose_links_are_as_long_reckon_their_patterns_once() -> None:
    one, other, longer = (run_of(f"https://ID.EXAMPLE.CN/01/{gtin}/10/L1/21/") for gtin in ("0690", "0691", "069012"))
    assert one._basis[1] is other._basis[1]
    assert one._basis[1] != longer._basis[1]
    assert one.bitmap("7K3M9QX2W4T8VBN5C") == one.single("7K3M9QX2W4T8VBN5C") != other.single("7K3M9QX2W4T8VBN5C")
