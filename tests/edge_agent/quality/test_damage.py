"""Damage by hand-made bitmaps: what a head does to dots, dot by dot."""

from __future__ import annotations

import pytest
from PIL import Image, ImageChops

from edge_agent.quality import damage
from edge_agent.quality.damage import SUB
from edge_agent.render.raster import to_image
from tests.kits.quality_kit import picture_of, rows_of, target

DOT = to_image(picture_of("..... ..... ..#.. ..... ....."))
HOLE = to_image(picture_of("##### ##### ##.## ##### #####"))


def ink(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """The edges of what is black in a fine picture."""
    return picture.point([255] + [0] * 255).getbbox()


def paper(picture: Image.Image) -> tuple[int, int, int, int] | None:
    return picture.getbbox()


def test_a_perfect_head_prints_each_dot_as_a_full_square() -> None:
    picture = damage.fine(DOT)
    assert picture.size == (5 * SUB, 5 * SUB)
    assert ink(picture) == (2 * SUB, 2 * SUB, 3 * SUB, 3 * SUB)
    assert set(picture.tobytes()) == {0, 255}


@pytest.mark.parametrize("quarters", range(9))
def test_gain_moves_each_edge_of_ink_out_by_quarters_of_a_dot(quarters: int) -> None:
    assert ink(damage.gain(damage.fine(DOT), quarters, quarters)) == (
        8 - quarters,
        8 - quarters,
        12 + quarters,
        12 + quarters,
    )


@pytest.mark.parametrize("quarters", range(5))
def test_gain_along_the_feed_leaves_the_width(quarters: int) -> None:
    assert ink(damage.gain(damage.fine(DOT), 0, quarters)) == (8, 8 - quarters, 12, 12 + quarters)
    assert ink(damage.gain(damage.fine(DOT), quarters, 0)) == (8 - quarters, 8, 12 + quarters, 12)


@pytest.mark.parametrize("quarters", range(1, 9))
def test_loss_is_the_gain_of_the_paper(quarters: int) -> None:
    assert paper(damage.loss(damage.fine(HOLE), quarters, quarters)) == (
        8 - quarters,
        8 - quarters,
        12 + quarters,
        12 + quarters,
    )


def test_a_dot_is_gone_when_half_of_it_is_lost_on_each_side() -> None:
    assert ink(damage.loss(damage.fine(DOT), 1, 1)) == (9, 9, 11, 11)
    assert ink(damage.loss(damage.fine(DOT), 2, 2)) is None


def test_gain_spreads_nothing_in_from_beyond_the_edge() -> None:
    blank = damage.fine(Image.new("1", (4, 4)))
    assert ink(damage.gain(blank, 8, 8)) is None
    full = damage.fine(Image.new("1", (4, 4), 255))
    assert paper(damage.loss(full, 8, 8)) is None


def test_dead_columns_are_paper_all_the_way_down() -> None:
    assert rows_of(damage.dead(HOLE, 1, 2)) == ["#..##"] * 5
    assert rows_of(damage.dead(HOLE, 4, 3)) == ["####.", "####.", "##.#.", "####.", "####."]
    assert rows_of(HOLE)[0] == "#####", "the picture it was given stays as it was"


def test_a_higher_share_misses_all_that_a_lower_one_misses_and_the_same_every_time() -> None:
    full = Image.new("1", (200, 200), 255)
    kept = {percent: damage.missing(full, percent).convert("L").tobytes() for percent in (1, 5, 20, 100)}
    assert kept[5] == damage.missing(full, 5).convert("L").tobytes()
    for less, more in ((1, 5), (5, 20), (20, 100)):
        assert all(not after or before for before, after in zip(kept[less], kept[more], strict=True))
    for percent, level in kept.items():
        assert 100 * level.count(0) / len(level) == pytest.approx(percent, abs=0.5)


def test_missing_takes_ink_only_and_specks_paper_only() -> None:
    dots = target().dots
    fewer, more = damage.missing(dots, 20).convert("L").tobytes(), damage.specks(dots, 20).convert("L").tobytes()
    for before, less, added in zip(dots.convert("L").tobytes(), fewer, more, strict=True):
        assert less <= before <= added
    assert fewer != dots.convert("L").tobytes() != more
    full, empty = Image.new("1", (64, 64), 255), Image.new("1", (64, 64))
    assert rows_of(damage.specks(empty, 20)) != rows_of(ImageChops.invert(damage.missing(full, 20))), (
        "not the same dots"
    )


def test_pale_ink_and_dark_paper_reflect_what_they_are_said_to() -> None:
    assert set(damage.pale(damage.fine(DOT), ink_percent=40).tobytes()) == {102, 255}
    assert set(damage.pale(damage.fine(DOT), paper_percent=60).tobytes()) == {0, 153}


def test_blur_keeps_the_light_and_softens_the_edge() -> None:
    sharp = damage.fine(HOLE)
    soft = damage.blur(sharp, SUB)
    assert max(soft.tobytes()) < 255
    assert sum(soft.tobytes()) == pytest.approx(sum(sharp.tobytes()), rel=0.1)
