"""Paper inside characters: found, measured, and closed by gain; nobody reads."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edge_agent.quality import damage
from edge_agent.quality.legibility import Counters, counters, inner_widths, worst_cut
from edge_agent.quality.survive import texts_of
from edge_agent.render.page import Painted, Piece
from edge_agent.render.raster import blank, dots_at_least, to_image
from edge_agent.render.templates.template import load_template
from edge_agent.render.type.fonts import face
from edge_agent.render.type.text import Box, paint_run
from tests.kits.quality_kit import SERIAL, picture_of, tag

DENSE = "國酱餐覆霸鬱赢疆囊露"
RINGS = "........ .####... .#..#### .#..#..# .#..#### .####... ........"


def widths(rows: str) -> list[int]:
    return sorted(inner_widths(to_image(picture_of(rows))))


def piece(text: str, box: Box, height: int = 8, kind: Piece = Piece.TEXT) -> Painted:
    return Painted("words", kind, text, box, height)


def written(text: str, height: int) -> tuple[Image.Image, Painted]:
    face_ = face(height)
    image = blank(face_.width_dots(text) + 8, 2 * height)
    return image, piece(text, paint_run(image, face_, text, 4, height + height // 2), height)


# --- areas ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("..... .###. .#.#. .###. .....", [1]),
        ("###. #.#. ###. ....", [1]),
        ("..... .###. .#.#. .##.. .....", [1]),  # ink hangs together by corners
        ("..... .###. .#.#. .#.#. .....", []),  # open below
        ("..... ..... ..... ..... .....", []),
        ("##### ##### ##### ##### #####", []),
        (RINGS, [1, 2]),
        ("###### #....# #....# ###### ###### ######", [2]),
        ("##### #.### ##.## ###.# #####", [1, 1, 1]),  # paper hangs together by edges only
    ],
)
def test_areas_that_ink_encloses_are_found_with_their_widest_square(rows: str, found: list[int]) -> None:
    assert widths(rows) == found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=9, max_size=9), min_size=9, max_size=9), st.integers(1, 8))
def test_an_area_is_open_after_a_gain_exactly_if_paper_is_left_in_it(dots: list[list[bool]], quarters: int) -> None:
    """The width says what drawing the gain shows: paper survives where a square larger than twice the gain was."""
    rows = " ".join("".join("#" if dot else "." for dot in row) for row in [[True] * 9, *dots, [True] * 9])
    image = to_image(picture_of(" ".join("#" + row + "#" for row in rows.split())))
    grown = damage.gain(damage.fine(image), quarters, quarters)
    assert any(grown.tobytes()) is any(width * 4 > 2 * quarters for width in inner_widths(image))


def test_the_share_that_stays_open_falls_with_gain() -> None:
    one = Counters("a", 15, (1, 1, 2, 3, 4, 4, 4, 4))
    assert [one.open_share(quarters) for quarters in range(9)] == [1, 1, 0.75, 0.75, 0.625, 0.625, 0.5, 0.5, 0]
    assert not one.warned
    assert Counters("a", 15, (1, 1, 2, 2, 3, 3)).warned
    assert not Counters("a", 15, (1, 1, 2, 2)).warned, "too few areas to say"
    assert Counters("a", 15, ()).open_share(4) == 1


def test_dense_characters_close_before_open_ones_and_small_ones_before_large() -> None:
    def share(text: str, height: int, quarters: int = 4) -> float:
        image, drawn = written(text, height)
        return counters(image, [drawn])[0].open_share(quarters)

    legal = dots_at_least(1.8, 203)
    assert share(DENSE, legal) < 0.2 < share("口日目国", legal)
    heights = [legal, 24, 48, 96]
    shares = [share(DENSE, height) for height in heights]
    assert shares == sorted(shares)
    assert shares[-1] > 0.9


def test_white_text_on_a_box_is_measured_by_its_strokes() -> None:
    image, drawn = written("成分", 20)
    inverse = image.point([255] + [0] * 255)
    [plain], [white] = counters(image, [drawn]), counters(inverse, [drawn])
    assert len(white.widths_dots) >= 2
    assert max(white.widths_dots) >= 2
    assert white.open_share(4) < 1
    assert plain.widths_dots != white.widths_dots


def test_white_strokes_that_fill_their_line_are_enclosed_by_the_box_around_it() -> None:
    image = to_image(picture_of("###### ###### ##..## ##..## ##..## ###### ######"))
    [found] = counters(image, [piece("丨", Box(2, 2, 4, 5))])
    assert found.widths_dots == (2,)


# --- labels -----------------------------------------------------------------------------------------------------------


def test_a_slot_has_the_areas_of_all_its_lines_and_only_text_counts() -> None:
    ring = picture_of(".......... .####.###. .#..#.#.#. .####.###. ..........")
    image = to_image(ring)
    left, right = Box(1, 1, 5, 4), Box(6, 1, 9, 4)
    [both] = counters(image, [piece("口", left, 9), piece("口", right, 3)])
    assert (both.slot, sorted(both.widths_dots), both.height_dots) == ("words", [1, 1], 3)
    assert counters(image, [piece("", left), piece("标", right, kind=Piece.PICTURE)]) == []


def test_the_serial_is_among_the_texts_of_a_label() -> None:
    plan = tag()
    found = counters(to_image(plan.alone(SERIAL)), texts_of(plan, load_template("down_grade_60x40"), SERIAL))
    assert {one.slot for one in found} >= {"brand", "indicators", "serial"}
    assert next(one for one in found if one.slot == "serial").widths_dots


def test_the_least_legal_text_at_203_dpi_is_warned_of_and_is_open_at_300() -> None:
    for dpi, warned in ((203, True), (300, False)):
        plan = tag(dpi)
        found = {one.slot: one for one in counters(to_image(plan.bare), plan.painted)}
        assert found["indicators"].warned is warned, dpi


# --- dead columns -----------------------------------------------------------------------------------------------------


def test_the_worst_cut_is_where_a_stroke_stands_upright() -> None:
    image = to_image(picture_of("........ .######. ...#.... ...#.... ...#.... ...#.... ...#.... ........"))
    cut = worst_cut(image, [piece("T", Box(1, 1, 7, 7), 6)], 1)
    assert cut is not None
    assert (cut.first, cut.slot, cut.text) == (3, "words", "T")
    assert cut.lost == pytest.approx(6 / 11)
    wide = worst_cut(image, [piece("T", Box(1, 1, 7, 7), 6)], 2)
    assert wide is not None
    assert wide.first in (2, 3)
    assert wide.lost == pytest.approx(7 / 11)


def test_a_square_at_the_end_of_a_line_stays_within_it() -> None:
    rows = ["######.#"] * 3 + [".......#"] * 3
    cut = worst_cut(to_image(picture_of(" ".join(rows))), [piece("x", Box(0, 0, 8, 6), 6)], 1)
    assert cut is not None
    assert (cut.first, cut.lost) == (7, pytest.approx(6 / (4 * 3 + 6)))


def test_dead_columns_take_from_white_text_the_ink_around_it() -> None:
    image = to_image(picture_of("###### #....# ###### #....# ######"))
    cut = worst_cut(image, [piece("二", Box(0, 0, 6, 5), 6)], 1)
    assert cut is not None
    assert (cut.first, cut.lost) == (0, pytest.approx(5 / 22))


def test_more_dead_columns_take_more_and_no_text_loses_nothing() -> None:
    plan = tag()
    image = to_image(plan.bare)
    lost = [cut.lost for count in (1, 2, 3, 4) if (cut := worst_cut(image, plan.painted, count))]
    assert len(lost) == 4
    assert lost == sorted(lost)
    assert 0 < lost[0] < lost[-1] <= 1
    assert worst_cut(image, [], 1) is None
    assert worst_cut(image, [piece("x", Box(0, 0, 0, 4))], 1) is None
