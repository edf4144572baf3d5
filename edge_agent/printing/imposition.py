"""What a window prints: the media, what all labels share, and what each serial adds. Pure.

A printer moves rows. On most rolls a row is one label; on rolls two or three across it is several labels side by side,
printed at once and counted as one. So everything here speaks of rows; a row of one is the ordinary case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PIL import Image

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media

Row = tuple[str, ...]
"""Serials side by side, left to right; fewer than `across` at the end of a window: the rest of the row stays blank."""


@dataclass(frozen=True, slots=True)
class Imposition:
    """`background` and `media` are a whole row's; `patches` needs a full row, `full` takes a short one too.

    `require_still_valid` is asked before each window: it raises an `AgentError` if what was rendered may not be printed
    any more.
    """

    media: Media
    background: Bitmap
    patches: Callable[[Row], Sequence[Patch]]
    full: Callable[[Row], Bitmap]
    across: int = 1
    require_still_valid: Callable[[], None] = lambda: None

    def labels_within(self, window_labels: int) -> int:
        """How many labels a window of at most `window_labels` takes: whole rows, and one row at least."""
        return max(1, window_labels // self.across) * self.across

    def rows(self, serials: Sequence[str]) -> list[Row]:
        """The serials as rows."""
        return [tuple(serials[at : at + self.across]) for at in range(0, len(serials), self.across)]


def single(
    media: Media, background: Bitmap, patches: Callable[[str], Sequence[Patch]], full: Callable[[str], Bitmap]
) -> Imposition:
    """One label to a row."""
    return Imposition(media, background, lambda row: patches(row[0]), lambda row: full(row[0]))


def side_by_side(imposition: Imposition, across: int, gap_dots: int) -> Imposition:
    """`across` labels to a row, `gap_dots` of backing paper between them."""
    if across == 1:
        return imposition
    pitch_dots = imposition.media.width_dots + gap_dots
    width_dots = pitch_dots * across - gap_dots

    def patches(row: Row) -> list[Patch]:
        return [
            replace(patch, x_dots=patch.x_dots + place * pitch_dots)
            for place, serial in enumerate(row)
            for patch in imposition.patches((serial,))
        ]

    def joined(labels: Sequence[Bitmap]) -> Bitmap:
        return _placed(
            width_dots, imposition.media.height_dots, [(at * pitch_dots, 0, one) for at, one in enumerate(labels)]
        )

    return Imposition(
        media=replace(imposition.media, width_dots=width_dots),
        background=joined([imposition.background] * across),
        patches=patches,
        full=lambda row: joined([imposition.full((serial,)) for serial in row]),
        across=across,
    )


def shifted(imposition: Imposition, right_dots: int, down_dots: int) -> Imposition:
    """The row as one printer has to print it so that it lands where it belongs: every dot moved.

    Raises:
        RefusedError: ink would leave the label.
    """
    if not right_dots and not down_dots:
        return imposition

    def moved(bitmap: Bitmap) -> Bitmap:
        found = _placed(bitmap.width_dots, bitmap.height_dots, [(right_dots, down_dots, bitmap)])
        if _ink(found) != _ink(bitmap):
            raise RefusedError(
                f"alignment {right_dots:+d},{down_dots:+d} dots: expected all ink on the label, got some beyond its "
                f"edge; correct shift_right_mm and shift_down_mm of this printer"
            )
        return found

    def patches(row: Row) -> list[Patch]:
        return [
            replace(patch, x_dots=patch.x_dots + right_dots, y_dots=patch.y_dots + down_dots)
            for patch in imposition.patches(row)
        ]

    return Imposition(
        imposition.media,
        moved(imposition.background),
        patches,
        lambda row: moved(imposition.full(row)),
        imposition.across,
    )


def _placed(width_dots: int, height_dots: int, pieces: Sequence[tuple[int, int, Bitmap]]) -> Bitmap:
    image = Image.new("1", (width_dots, height_dots))
    for x_dots, y_dots, piece in pieces:
        image.paste(Image.frombytes("1", (piece.width_dots, piece.height_dots), piece.rows), (x_dots, y_dots))
    return Bitmap(width_dots, height_dots, image.tobytes())


def _ink(bitmap: Bitmap) -> int:
    return int.from_bytes(bitmap.rows).bit_count()
