"""Rows of labels side by side, and labels moved to where they belong: dot by dot, at widths that are no whole bytes."""

from __future__ import annotations

import random

import pytest

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media
from edge_agent.printing.imposition import Imposition, shifted, side_by_side, single
from tests.kits.printer_bench import overlaid

WIDTHS = [16, 13, 21, 7]
HEIGHT = 9
GAPS = [0, 3, 8, 11]
Dots = list[str]


def dots(bitmap: Bitmap) -> Dots:
    """Each row as its letters; the pad bits must be white."""
    rows = [bitmap.rows[at : at + bitmap.stride] for at in range(0, len(bitmap.rows), bitmap.stride)]
    lines = ["".join(f"{byte:08b}" for byte in row) for row in rows]
    assert all("1" not in line[bitmap.width_dots :] for line in lines)
    return [line[: bitmap.width_dots] for line in lines]


def bitmap_of(lines: Dots) -> Bitmap:
    stride = (len(lines[0]) + 7) // 8
    return Bitmap(
        len(lines[0]), len(lines), b"".join(int(line.ljust(stride * 8, "0"), 2).to_bytes(stride) for line in lines)
    )


def drawn(seed: str, width: int, height: int = HEIGHT) -> Bitmap:
    """Ink in every corner and edge, so that nothing can fall off unseen."""
    dice = random.Random(seed)
    lines = ["".join(dice.choice("01") for _ in range(width)) for _ in range(height)]
    lines[0] = lines[-1] = "1" * width
    return bitmap_of(["1" + line[1:-1] + "1" for line in lines])


def one_up(width: int) -> Imposition:
    """A frame as background, one patch in its middle, and the same as a full picture."""
    frame = ["1" * width, *["1" + "0" * (width - 2) + "1"] * (HEIGHT - 2), "1" * width]
    background = bitmap_of(frame)

    def patches(serial: str) -> list[Patch]:
        return [Patch(2, 2, drawn(serial, width - 4, 3))]

    def full(serial: str) -> Bitmap:
        return Bitmap(width, HEIGHT, overlaid(background, *patches(serial)))

    return single(Media(203, width, HEIGHT), background, patches, full)


def beside(labels: list[Dots], gap: int, width: int) -> Dots:
    """Rows joined as text; what is missing of the row stays white."""
    return [("0" * gap).join(label[y] for label in labels).ljust(width, "0") for y in range(HEIGHT)]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.parametrize("across", [2, 3])
def test_labels_of_a_row_stand_side_by_side_dot_for_dot(width: int, gap: int, across: int) -> None:
    plain = one_up(width)
    wide = side_by_side(plain, across, gap)
    row = tuple(f"SERIAL{n}" for n in range(across))
    expected = beside([dots(plain.full((serial,))) for serial in row], gap, width)
    assert wide.media.width_dots == wide.background.width_dots == across * width + (across - 1) * gap
    assert (wide.media.height_dots, wide.across) == (HEIGHT, across)
    assert dots(wide.full(row)) == expected
    assert dots(wide.background) == beside([dots(plain.background)] * across, gap, width)
    assert overlaid(wide.background, *wide.patches(row)) == wide.full(row).rows


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("gap", GAPS)
def test_what_a_short_row_lacks_stays_blank(width: int, gap: int) -> None:
    plain, wide = one_up(width), side_by_side(one_up(width), 3, gap)
    expected = beside([dots(plain.full((serial,))) for serial in ("A", "B")], gap, 3 * width + 2 * gap)
    assert dots(wide.full(("A", "B"))) == expected


def test_serials_are_dealt_to_rows_in_their_order() -> None:
    assert side_by_side(one_up(16), 3, 2).rows("ABCDEFG") == [("A", "B", "C"), ("D", "E", "F"), ("G",)]
    assert one_up(16).rows("AB") == [("A",), ("B",)]
    assert side_by_side(plain := one_up(16), 1, 2) is plain


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("right", "down"), [(2, 0), (-2, 0), (0, 1), (0, -1), (1, 1), (-2, -1)])
def test_every_dot_moves_alike_in_background_patches_and_full_picture(width: int, right: int, down: int) -> None:
    plain = with_margin(one_up(width), 2)
    moved, row = shifted(plain, right, down), ("SERIAL",)
    for before, after in ((plain.background, moved.background), (plain.full(row), moved.full(row))):
        expected = {(x + right, y + down) for x, y in ink(before)}
        assert ink(after) == expected
        assert (after.width_dots, after.height_dots) == (before.width_dots, before.height_dots)
    assert overlaid(moved.background, *moved.patches(row)) == moved.full(row).rows
    assert (moved.media, moved.across) == (plain.media, plain.across)


def ink(bitmap: Bitmap) -> set[tuple[int, int]]:
    return {(x, y) for y, line in enumerate(dots(bitmap)) for x, dot in enumerate(line) if dot == "1"}


def with_margin(imposition: Imposition, margin: int) -> Imposition:
    """The same on a larger label with white around it."""
    width, height = imposition.media.width_dots + 2 * margin, imposition.media.height_dots + 2 * margin

    def framed(bitmap: Bitmap) -> Bitmap:
        side, blank = "0" * margin, ["0" * width] * margin
        return bitmap_of([*blank, *[side + line + side for line in dots(bitmap)], *blank])

    def patches(serial: str) -> list[Patch]:
        found = imposition.patches((serial,))
        return [Patch(patch.x_dots + margin, patch.y_dots + margin, patch.bitmap) for patch in found]

    return single(
        Media(203, width, height),
        framed(imposition.background),
        patches,
        lambda serial: framed(imposition.full((serial,))),
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("right", "down"), [(1, 0), (-1, 0), (0, 1), (0, -1), (40, 0), (0, -40)])
def test_ink_that_would_leave_the_label_is_refused_by_name(width: int, right: int, down: int) -> None:
    with pytest.raises(RefusedError, match=r"alignment .*shift_right_mm and shift_down_mm") as refused:
        shifted(one_up(width), right, down)
    assert f"{right:+d},{down:+d} dots" in str(refused.value)


@pytest.mark.parametrize("right", [3, -4])
def test_ink_of_one_serial_only_is_refused_when_it_is_drawn(right: int) -> None:
    """The background may have room where a serial has not."""
    blank = Bitmap(21, HEIGHT, bytes(3 * HEIGHT))
    imposition = single(
        Media(203, 21, HEIGHT), blank, lambda _: [], lambda _: bitmap_of(["000" + "1" * 16 + "00"] * HEIGHT)
    )
    moved = shifted(imposition, right, 0)
    with pytest.raises(RefusedError, match="alignment"):
        moved.full(("SERIAL",))


def test_a_shift_of_nothing_is_the_sheet_itself() -> None:
    plain = one_up(13)
    assert shifted(plain, 0, 0) is plain


@pytest.mark.parametrize("width", WIDTHS)
def test_a_row_is_moved_as_a_whole(width: int) -> None:
    """First side by side, then shifted, as `fleet` does it: labels may then reach into the gap."""
    plain = with_margin(one_up(width), 1)
    row = ("A", "B")
    whole = side_by_side(plain, 2, 5)
    moved = shifted(whole, 1, -1)
    assert ink(moved.full(row)) == {(x + 1, y - 1) for x, y in ink(whole.full(row))}
    assert overlaid(moved.background, *moved.patches(row)) == moved.full(row).rows
