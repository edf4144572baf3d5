"""Photos of strangers: only what is to be seen goes on, and nothing is decoded that is too large."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from central_registry.cases.photos import BYTES_MOST, clean
from central_registry.problems import ProblemError


def made(kind: str, size: tuple[int, int] = (60, 40), mode: str = "RGB", **more: Any) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **more)
    return out.getvalue()


def with_traces() -> bytes:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x9286] = "示例相机", 6, b"a note"
    exif.get_ifd(0x8825)[1] = "N"
    return made("JPEG", exif=exif, comment=b"SECRET-COMMENT", icc_profile=b"SECRET-PROFILE") + b"SECRET-TAIL"


def png_of(width: int, height: int) -> bytes:
    """A few bytes that claim to be so large."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\0" * 1_000_000)
    parts = (struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (head, body))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_becomes_a_jpeg_of_ours(kind: str) -> None:
    found = clean(made(kind, (4000, 1000)))
    with Image.open(io.BytesIO(found.body)) as drawn:
        assert (drawn.format, drawn.size) == ("JPEG", (1600, 400))
    assert clean(made(kind, (4000, 1000))).file_hash == found.file_hash


def test_no_trace_goes_on_and_the_picture_stands_upright() -> None:
    drawn = clean(with_traces()).body
    with Image.open(io.BytesIO(drawn)) as found:
        assert found.size == (40, 60), "as the camera was held"
        assert not found.getexif()
        assert set(found.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert b"SECRET" not in drawn


def test_what_is_seen_through_is_seen_on_white() -> None:
    with Image.open(io.BytesIO(clean(made("PNG", mode="RGBA")).body)) as found:
        assert found.mode == "RGB"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"GIF89a", 422),
        (b"%PDF-1.7", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 422),
        (made("GIF"), 422),
        (made("TIFF"), 422),
        (made("JPEG", (900, 900))[:3000], 422),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 50, 422),
        (png_of(8_000, 8_000), 413),
        (png_of(30_000, 30_000), 413),
        (png_of(2**31 - 1, 2**31 - 1), 413),
        (b"\xff\xd8\xff" + bytes(BYTES_MOST), 413),
    ],
    ids=["nothing", "head of a gif", "pdf", "svg", "gif", "tiff", "cut", "noise", "above ours", "bomb", "huge", "long"],
)
def test_what_is_no_photo_is_refused_before_it_is_decoded(body: bytes, status: int) -> None:
    with pytest.raises(ProblemError) as refused:
        clean(body)
    assert refused.value.status == status
