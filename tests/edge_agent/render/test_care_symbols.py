"""Care symbols: one for every code of the record, told apart at 5 mm, even in stroke and symmetrical, at any dpi."""

from __future__ import annotations

import re
from itertools import combinations, product

import pytest
from PIL import Image, ImageChops, ImageOps

from edge_agent.render.painters.care import WORDS, in_order
from edge_agent.render.painters.care_symbols import SYMBOLS, pen_dots, symbol
from edge_agent.render.raster import blank, dots, to_image
from edge_agent.render.type.fonts import check_glyphs
from garment import record

USUAL_MM = 5.0
BODIES = {dpi: dots(USUAL_MM, dpi) for dpi in (203, 300, 600)}
LEAST = dots(4.0, 203)
GROUPS = ("wash", "bleach", "dry", "tumble", "iron", "dryclean", "wetclean")
MIRRORED = {
    *("wash_no", "bleach_any", "bleach_no", "dry_line", "dry_drip", "dry_flat", "dry_drip_flat"),
    *("tumble_normal", "tumble_low", "tumble_no", "dryclean_no"),
    *("wetclean", "wetclean_mild", "wetclean_very_mild", "wetclean_no"),
}
"""Codes whose picture has a left and a right half that mirror each other; the others have a number, a hand, a letter,
a shaded corner, strokes for oxygen, or are an iron."""

every_code = pytest.mark.parametrize("code", SYMBOLS)
every_size = pytest.mark.parametrize("body", [LEAST, *BODIES.values()])


def picture(code: str, body: int) -> Image.Image:
    """The symbol on paper, its body's middle in the middle."""
    drawn = symbol(code, body)
    image = blank(2 * body, 2 * body)
    image.paste(to_image(drawn.bitmap), ((2 * body - drawn.bitmap.width_dots) // 2, body // 2 + drawn.top_dots))
    return image


def ink(image: Image.Image) -> int:
    return image.histogram()[255]


def accepted_codes() -> set[str]:
    """All codes that the record takes, built from the words its pattern is made of."""
    words = sorted({*re.findall(r"[a-z]+|[0-9]+", record._CARE.pattern), "p", "f"})
    made = (
        "_".join((group, *given)) for group in GROUPS for count in range(4) for given in product(words, repeat=count)
    )
    return {code for code in made if record._CARE.fullmatch(code)}


def test_every_code_of_the_record_has_a_symbol_and_words_and_no_other_has() -> None:
    assert set(SYMBOLS) == accepted_codes() == set(WORDS)
    assert len(SYMBOLS) == 47


def test_no_two_codes_have_the_same_words() -> None:
    assert len({"".join(words) for words in WORDS.values()}) == len(WORDS)


@every_code
def test_the_font_has_all_words(code: str) -> None:
    check_glyphs("".join(WORDS[code]), "care")


@pytest.mark.parametrize(("body", "least"), [(BODIES[203], 30), (LEAST, 20)])
def test_any_two_symbols_differ_by_many_dots_at_203(body: int, least: int) -> None:
    pictures = {code: picture(code, body) for code in SYMBOLS}
    for one, other in combinations(pictures, 2):
        differing = ink(ImageChops.logical_xor(pictures[one], pictures[other]))
        assert differing >= least, f"{one} and {other} differ by {differing} dots"


@every_size
@every_code
def test_no_ink_is_thinner_than_two_dots(code: str, body: int) -> None:
    image = picture(code, body)
    squares = image
    for right, down in ((1, 0), (0, 1), (1, 1)):
        squares = ImageChops.logical_and(squares, ImageChops.offset(image, -right, -down))
    covered = squares
    for right, down in ((1, 0), (0, 1), (1, 1)):
        covered = ImageChops.logical_or(covered, ImageChops.offset(squares, right, down))
    assert covered.tobytes() == image.tobytes()


def test_the_pen_is_two_dots_at_203_and_three_at_300() -> None:
    assert [pen_dots(BODIES[dpi]) for dpi in (203, 300, 600)] == [2, 3, 7]
    for body in BODIES.values():
        square = to_image(symbol("dry_line", body).bitmap)
        middle = [square.getpixel((x, square.height // 2)) for x in range(square.width)]
        runs = re.findall("X+", "".join("X" if dot else "." for dot in middle))
        assert [len(run) for run in runs] == [pen_dots(body)] * 3, "two edges and the line, each as thick as the pen"


@every_size
@pytest.mark.parametrize("code", sorted(MIRRORED))
def test_halves_mirror_each_other(code: str, body: int) -> None:
    image = to_image(symbol(code, body).bitmap)
    assert ImageOps.mirror(image).tobytes() == image.tobytes()


@every_size
@pytest.mark.parametrize("code", ["dry_line", "dry_drip_flat", "tumble_normal", "tumble_no", "dryclean_no"])
def test_squares_and_circles_mirror_upside_down_too(code: str, body: int) -> None:
    image = to_image(symbol(code, body).bitmap)
    assert ImageOps.flip(image).tobytes() == image.tobytes()


@every_size
def test_bodies_are_as_high_as_asked_for_and_equal(body: int) -> None:
    for code in ("wash_95", "bleach_any", "dry_line", "tumble_low", "dryclean_p"):
        drawn = symbol(code, body)
        assert drawn.top_dots == 0
        assert body - 1 <= drawn.bitmap.height_dots <= body


@every_size
@pytest.mark.parametrize(("code", "bars"), [("wash_30_mild", 1), ("wash_30_very_mild", 2), ("wetclean_very_mild", 2)])
def test_bars_hang_apart_from_the_body_and_from_each_other(code: str, bars: int, body: int) -> None:
    image = to_image(symbol(code, body).bitmap)
    rows = "".join("X" if image.crop((0, y, image.width, y + 1)).getbbox() else "." for y in range(image.height))
    assert [len(run) for run in re.findall("X+", rows)[1:]] == [pen_dots(body)] * bars
    assert min(map(len, re.findall(r"\.+", rows))) >= pen_dots(body)


@every_size
@pytest.mark.parametrize("code", [code for code in SYMBOLS if code.endswith("_no")])
def test_a_cross_reaches_beyond_the_body(code: str, body: int) -> None:
    drawn = symbol(code, body)
    assert drawn.top_dots + drawn.bitmap.height_dots > body
    assert drawn.top_dots < 0 or code == "bleach_no", "in a triangle it lies low, where the triangle is wide"
    corners = drawn.bitmap.width_dots // 8, drawn.bitmap.height_dots // 8
    image = to_image(drawn.bitmap)
    for left in (0, image.width - corners[0]):
        bottom = image.height - corners[1]
        assert image.crop((left, bottom, left + corners[0], bottom + corners[1])).getbbox(), "an arm of the cross"


def test_the_order_is_the_standards_and_not_the_records() -> None:
    mixed = ["dryclean_no", "tumble_no", "iron_110", "dry_flat", "bleach_no", "wash_hand", "iron_110"]
    ordered = ("wash_hand", "bleach_no", "dry_flat", "tumble_no", "iron_110", "dryclean_no")
    assert in_order(mixed, "care") == in_order(reversed(mixed), "care") == ordered
    assert [code.partition("_")[0] for code in SYMBOLS] == sorted(
        (code.partition("_")[0] for code in SYMBOLS), key=GROUPS.index
    )
