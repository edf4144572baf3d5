"""This painter shows a certified mark: the artwork that the body issued and the site uploaded, pinned by its SHA-256.

The file stays as it was issued; here is only what a head can show of it. Ink is what is darker than the middle, decided
at the artwork's own resolution. A small artwork grows by a whole factor, a large one shrinks by area, and if too much
of its ink or paper would be lost on the way it is refused: a mark that looks different is another mark.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image, ImageChops, ImageFilter

from edge_agent.errors import RenderError
from edge_agent.render.facts import value
from edge_agent.render.page import Page, Piece
from edge_agent.render.raster import INK, PAPER, millimetres
from edge_agent.render.templates.slots import AnyMark
from edge_agent.render.type.text import Box

ArtworkOf = Callable[[str], bytes | None]
"""The bytes that were uploaded under a SHA-256 (64 hexadecimal digits), or None."""

MAX_BYTES = 500_000
MIN_SIDE_PIXELS, MAX_SIDE_PIXELS = 40, 2000
"""2000 pixels are 17 cm at 300 dpi: more than any label shows, and 4 MB when unpacked."""

_MOST_GREY = 0.05
"""Share of pixels that may be neither dark nor light: the soft edges of one-colour artwork, not a second colour."""

_MOST_LOST = 0.01
"""Share of ink or of paper that may lie more than a dot away from where it was: tips of leaves, by eye."""

_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error, Image.DecompressionBombError)
"""What the decoder raises for a file that is none."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def no_artwork(_sha256: str) -> bytes | None:
    """A site that uploaded none."""
    return None


def whole_artwork(sha256: str, artwork: ArtworkOf) -> bytes | None:
    """The artwork of that hash, if it is there and still what was uploaded."""
    data = artwork(sha256)
    return data if data is not None and hashlib.sha256(data).hexdigest() == sha256 else None


def paint_mark(slot: AnyMark, page: Page, room: Box) -> None:
    """The artwork that the record pins, as large as fits, in the middle of its slot; nothing without a mark.

    Raises:
        RenderError: a mark whose artwork is not there, was changed, or cannot be shown in this slot.
    """
    mark = value(f"product.{slot.mark}_mark", page.facts)
    if mark is None:
        return
    sha256 = str(mark.get("artwork_sha256") or "")
    data = whole_artwork(sha256, page.artwork)
    if data is None:
        raise RenderError(
            f"slot {slot.name}: expected the artwork {sha256[:12] or '(none)'} as uploaded, got none or another; "
            "add it with: edge-agent artwork add FILE.png"
        )
    picture = fitted(read_artwork(data, f"artwork {sha256[:12]}"), room, slot.name, page.dpi)
    left = room.left_dots + (room.width_dots - picture.width) // 2
    top = room.top_dots + (room.height_dots - picture.height) // 2
    page.image.paste(picture, (left, top))
    page.note(slot.name, Piece.PICTURE, sha256, Box(left, top, left + picture.width, top + picture.height))


def read_artwork(data: bytes, name: str) -> Image.Image:
    """The ink of an artwork at its own resolution, as a 1-bit picture; what is transparent is paper.

    Raises:
        RenderError: no PNG, too many bytes or pixels, several pictures in one, more than one colour, or blank.
    """
    sides = _checked_sides(data, name)
    try:
        with Image.open(io.BytesIO(data), formats=("PNG",)) as image:
            if image.size != sides:  # a second header, which the decoder believes
                raise _refusal(name, "one size in the file", "two")
            if getattr(image, "is_animated", False) or image.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA"):
                raise _refusal(name, "one still picture of 8 bits", f"one of mode {image.mode}")
            rgba = image.convert("RGBA")
    except _BROKEN as cause:
        raise _refusal(name, "a whole PNG file", str(cause)[:80]) from cause
    grey = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("L")
    shades = grey.histogram()
    between = sum(shades[64:192]) / sum(shades)
    if between > _MOST_GREY:
        raise _refusal(name, "the one-colour version (black on white)", f"{between:.0%} of it neither dark nor light")
    ink = grey.point([INK if shade < 128 else PAPER for shade in range(256)], "1")
    if ink.getbbox() is None or ImageChops.invert(ink).getbbox() is None:
        raise _refusal(name, "a picture", "one that is all of one colour")
    return ink


def fitted(ink: Image.Image, room: Box, slot: str, dpi: int) -> Image.Image:
    """The artwork as large as fits into the room, aspect kept.

    Raises:
        RenderError: too much of it would be lost in so few dots; names the slot.
    """
    factor = min(room.width_dots // ink.width, room.height_dots // ink.height)
    if factor >= 1:
        return ink.resize((ink.width * factor, ink.height * factor), Image.Resampling.NEAREST)
    ratio = min(room.width_dots / ink.width, room.height_dots / ink.height)
    size = (max(1, int(ink.width * ratio)), max(1, int(ink.height * ratio)))
    grey = ink.convert("L").resize(size, Image.Resampling.BOX)
    printed = grey.point([INK if shade >= 128 else PAPER for shade in range(256)], "1")
    lost = max(_lost(grey, printed), _lost(ImageChops.invert(grey), ImageChops.invert(printed)))
    if lost > _MOST_LOST:
        have = f"{millimetres(room.width_dots, dpi):.1f} × {millimetres(room.height_dots, dpi):.1f} mm"
        raise RenderError(
            f"slot {slot}: expected artwork that {have} can show at {dpi} dpi, got {lost:.0%} of it finer than a dot; "
            "enlarge the slot, use a finer printer, or upload the body's simpler version"
        )
    return printed


def _lost(grey: Image.Image, printed: Image.Image) -> float:
    """Share of the dots with some ink of the artwork that no printed dot touches."""
    wanted = grey.point([INK if shade else PAPER for shade in range(256)], "1")
    near = printed.convert("L").filter(ImageFilter.MaxFilter(3)).convert("1", dither=Image.Dither.NONE)
    missing = ImageChops.logical_and(wanted, ImageChops.invert(near))
    return missing.histogram()[-1] / max(1, wanted.histogram()[-1])


def _checked_sides(data: bytes, name: str) -> tuple[int, int]:
    """Width and height in pixels, before anything is unpacked: a few bytes can claim to be a picture that no memory
    holds."""
    if len(data) > MAX_BYTES:
        raise _refusal(name, f"at most {MAX_BYTES} bytes", "more")
    if len(data) < 24 or not data.startswith(_SIGNATURE) or data[12:16] != b"IHDR":
        raise _refusal(name, "a PNG file", "something else")
    width, height = struct.unpack(">II", data[16:24])
    if not all(MIN_SIDE_PIXELS <= side <= MAX_SIDE_PIXELS for side in (width, height)):
        bounds = f"sides of {MIN_SIDE_PIXELS} to {MAX_SIDE_PIXELS} pixels"
        raise _refusal(name, bounds, f"{width} × {height}")
    return width, height


def _refusal(name: str, expected: str, got: str) -> RenderError:
    return RenderError(f"{name}: expected {expected}, got {got}; ask the certification body for such a file")
