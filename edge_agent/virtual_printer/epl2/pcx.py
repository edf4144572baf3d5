"""The picture in a PCX file, from its format: 128 bytes of header, then rows in run lengths (ZSoft PCX File Format).

A byte from 0xC0 up repeats the byte behind it as often as its low six bits say. Each row takes `bytes per line`,
which is even, of which the picture's width counts. In two colours 0 is black, as a printer without palettes has it.
"""

from __future__ import annotations

import struct

from PIL import Image

from edge_agent.errors import RefusedError

_HEADER = struct.Struct("<BBBBHHHH")
_MAX_DOTS = 32_000


def ink(file: bytes) -> Image.Image:
    """The black dots.

    Raises:
        RefusedError: not a PCX of one bit and one plane, or cut short.
    """
    width, height, stride = _size(file)
    rows = _unpacked(file[128:], stride * height)
    picture = Image.frombytes("1", (stride * 8, height), rows, "raw", "1;I")
    return picture.crop((0, 0, width, height))


def _size(file: bytes) -> tuple[int, int, int]:
    if len(file) < 128:
        raise RefusedError(f"PCX: expected a header of 128 bytes, got {len(file)}; dropped")
    maker, _, packed, bits, left, top, right, bottom = _HEADER.unpack_from(file)
    planes, stride = file[65], struct.unpack_from("<H", file, 66)[0]
    width, height = right - left + 1, bottom - top + 1
    if (maker, packed, bits, planes) != (0x0A, 1, 1, 1):
        raise RefusedError(f"PCX: expected run lengths of 1 bit and 1 plane, got {file[:4].hex()}, {planes}; dropped")
    if not 0 < width <= min(stride * 8, _MAX_DOTS) or not 0 < height <= _MAX_DOTS:
        raise RefusedError(f"PCX: expected a picture, got {width}×{height} dots in rows of {stride} bytes; dropped")
    return width, height, stride


def _unpacked(packed: bytes, size: int) -> bytes:
    rows = bytearray()
    at = 0
    while len(rows) < size and at < len(packed):
        count, value = 1, packed[at]
        if value >= 0xC0 and at + 1 < len(packed):
            at += 1
            count, value = value & 0x3F, packed[at]
        rows += bytes([value]) * count
        at += 1
    if len(rows) < size:
        raise RefusedError(f"PCX: expected {size} bytes of rows, got {len(rows)}; dropped")
    return bytes(rows[:size])
