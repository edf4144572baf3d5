"""Takes photos of strangers: JPEG, PNG or WebP by what they are, within bounds before anything is decoded, drawn anew
as JPEG. Nothing of the file goes on but what is to be seen: no position, no name of a camera, no comment, no second
file behind the picture.

Pillow is imported where a photo is taken: what answers scans and takes in events runs without it.
"""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import Any

from central_registry.problems import ProblemError

PHOTOS_MOST = 3
BYTES_MOST = 10_000_000
PIXELS_MOST = 50_000_000
"""The largest that telephones take without being asked for more."""

_EDGE = 1_600
_QUALITY = 80
_FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True, slots=True)
class Photo:
    """A JPEG of ours, by its hash."""

    file_hash: str
    body: bytes


def clean(body: bytes) -> Photo:
    """The photo drawn anew, its longer edge 1600 pixels at most. Takes up to a second of a processor.

    Raises:
        ProblemError: 413 above the bounds of bytes or pixels, 422 for what is no whole picture of the three kinds.
    """
    if len(body) > BYTES_MOST:
        raise ProblemError(
            "too-large", f"照片太大 · photo: expected at most {BYTES_MOST} bytes, got {len(body)}", field="photos"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            drawn = _drawn(body)
    except ProblemError:
        raise
    except Exception as cause:  # Pillow lets through whatever a damaged file makes its decoders say
        raise _unreadable(type(cause).__name__) from cause
    return Photo(hashlib.sha256(drawn).hexdigest(), drawn)


def _drawn(body: bytes) -> bytes:
    from PIL import Image, ImageOps

    try:
        opened = Image.open(io.BytesIO(body), formats=_FORMATS)
    except Image.DecompressionBombError as cause:  # its own bound, above ours
        raise _too_many("more") from cause
    with opened as found:
        width, height = found.size
        if width * height > PIXELS_MOST:
            raise _too_many(f"{width} × {height}")
        found.draft("RGB", (_EDGE, _EDGE))
        turned: Any = ImageOps.exif_transpose(found)
        turned.thumbnail((_EDGE, _EDGE))
        solid = turned.convert("RGBA")
        # on a new sheet: Pillow writes a comment that it read, and what else its next version may
        sheet = Image.new("RGB", solid.size, "white")
        sheet.paste(solid, mask=solid.getchannel("A"))
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _too_many(got: str) -> ProblemError:
    return ProblemError(
        "too-large", f"照片像素太多 · photo: expected at most {PIXELS_MOST} pixels, got {got}", field="photos"
    )


def _unreadable(got: str) -> ProblemError:
    return ProblemError(
        "unprocessable",
        f"照片打不开，请换一张 JPEG、PNG 或 WebP · photo: expected a whole one of these, got {got}; choose another",
        field="photos",
    )
