"""Packed rows in and out of the text forms that ZPL printers take for graphics.

Rows are as in `model.Bitmap`: 1 = black, most significant bit leftmost, each row padded to a whole byte.
Encoders are for what we send. Decoders also read what common peers send; they serve the virtual printer, take nothing
on trust (sizes are checked, inflating is bounded) and raise `RefusedError` where a real printer drops the download.

Forms, with their source (ZPL II Programming Guide, 45541L-004):
- hex: two digits a byte (^GF, ~DG);
- ACS, "Alternative Data Compression": G..Y repeat the next digit 1..19 times, g..z 20..400 times, counts add up;
  `,` fills the row with 0, `:` repeats the row above, `!` fills with 1 (seen in the wild, never sent by us);
- `:B64:` and `:Z64:` (ZB64 encoding): Base64 of the bytes, or of their zlib stream, then `:` and four hex digits of
  CRC-16/XMODEM over the Base64 text. A wrong CRC aborts the download without a word.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Sequence
from itertools import pairwise

import deflate

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap

_SMALL_BYTES = 8_192
"""Up to here libdeflate looks for the cheapest parse (0.3 ms a label); beyond, that takes milliseconds, and zlib's
level 9 takes five times as long as level 6 for under 2 %. What comes in bands is little ink on much paper: its caller
keeps it small enough."""

_CHEAPEST_PARSE = 11
"""A QR code is 22 % shorter than by zlib, which takes short matches where literals of two bits are cheaper. Level 12
takes half as long again for 1 %, zopfli fifty times as long for 2 %."""

_RAW = -zlib.MAX_WBITS
_ZLIB_HEADER = b"\x78\xda"
"""RFC 1950: deflate, a window of 32 KiB, least size wanted, no dictionary."""

_ZB64 = re.compile(rb":([BZ]64):([A-Za-z0-9+/=\s]*):([0-9A-Fa-f]{4})\s*")
_ACS_TOKEN = re.compile(rb"([G-Yg-z]*)([0-9A-Fa-f])|([,:!])")
_RUN = re.compile(r"(.)\1{2,}")


def hexadecimal(bitmap: Bitmap) -> bytes:
    """Two upper-case digits a byte."""
    return bitmap.rows.hex().upper().encode()


def crc(text: bytes) -> bytes:
    """CRC-16/XMODEM (polynomial 0x1021, start 0) of `text` as four upper-case hex digits."""
    return b"%04X" % binascii.crc_hqx(text, 0)


def b64(bitmap: Bitmap) -> bytes:
    """`:B64:<base64>:<crc>`; never the shortest, kept for printers that cannot inflate."""
    text = base64.b64encode(bitmap.rows)
    return b":B64:%b:%b" % (text, crc(text))


def z64(bitmap: Bitmap, bands: Sequence[int] = ()) -> bytes:
    """`:Z64:<base64 of a zlib stream>:<crc>`. `bands` are rows at which something of another kind begins: what stands
    between gets a Huffman code of its own, if the bitmap is small."""
    text = base64.b64encode(_zlib_stream(bitmap, bands))
    return b":Z64:%b:%b" % (text, crc(text))


def _zlib_stream(bitmap: Bitmap, bands: Sequence[int]) -> bytes:
    rows = bitmap.rows
    if len(rows) > _SMALL_BYTES and not bands:
        return zlib.compress(rows, 6)
    edges = [0, *(row * bitmap.stride for row in bands), len(rows)]
    packed = _deflated([rows[start:end] for start, end in pairwise(edges)])
    return _ZLIB_HEADER + packed + zlib.adler32(rows).to_bytes(4, "big")


def _deflated(parts: Sequence[bytes]) -> bytes:
    """Deflate streams of the parts, one after the other bit by bit (RFC 1951): all but the last lose the mark of their
    last block."""
    whole, *rest = map(_packed, parts)
    said = parts[0]
    for packed, part in zip(rest, parts[1:], strict=True):
        said += part
        whole = _joined(whole, packed, said) or _packed(said)
    return whole


def _packed(rows: bytes) -> bytes:
    return bytes(deflate.deflate_compress(rows, _CHEAPEST_PARSE))


def _joined(first: bytes, second: bytes, said: bytes) -> bytes:
    """The second stream behind the first, if together they say `said`; nothing if not. Where in its last byte the first
    ends is not told, so each place is tried, and what was joined is never taken on trust. If the first has several
    blocks none is right."""
    if not first[0] & 1:
        return b""
    head, last, follows = bytes([first[0] & ~1]) + first[1:-1], first[-1], int.from_bytes(second, "little")
    begun = zlib.decompressobj(_RAW)
    rows = begun.decompress(head, len(said) + 1)
    if not said.startswith(rows):
        return b""
    for end in range(8, 0, -1):
        tail = (last & (1 << end) - 1 | follows << end).to_bytes(len(second) + 1, "little")
        used = _read_to_end(begun.copy(), tail, said[len(rows) :])
        if used:
            return head + tail[:used]
    return b""


def _read_to_end(inflater: zlib._Decompress, packed: bytes, rows: bytes) -> int:
    """How many bytes of a stream make `rows` and end it; 0 if they do not."""
    try:
        right = inflater.decompress(packed, len(rows) + 1) == rows and inflater.eof
    except zlib.error:
        return 0
    return len(packed) - len(inflater.unused_data) if right else 0


def acs(bitmap: Bitmap) -> bytes:
    """Run lengths over hex digits, `,` for a blank rest of a row, `:` for a row like the one above."""
    stride, rows = bitmap.stride, bitmap.rows
    lines: list[str] = []
    above = b""
    for start in range(0, len(rows), stride):
        row = rows[start : start + stride]
        lines.append(":" if row == above else _acs_row(row.hex().upper()))
        above = row
    return "".join(lines).encode()


def _acs_row(digits: str) -> str:
    inked = digits.rstrip("0")
    if len(inked) == len(digits):
        return _RUN.sub(_acs_run, digits)
    return _RUN.sub(_acs_run, inked) + ","


def _acs_run(run: re.Match[str]) -> str:
    hundreds, rest = divmod(len(run[0]), 400)
    twenties, ones = divmod(rest, 20)
    count = "z" * hundreds
    count += chr(ord("f") + twenties) if twenties else ""
    count += chr(ord("F") + ones) if ones else ""
    return count + run[1]


def decode(data: bytes, total_bytes: int, stride: int) -> bytes:
    """The `total_bytes` of packed rows that `data` stands for, in any of the four text forms.

    Raises:
        RefusedError: the CRC is wrong, the size is not `total_bytes`, or a character belongs to no form.
    """
    if data[:5] in (b":Z64:", b":B64:"):
        rows = _decode_zb64(data, total_bytes)
    else:
        rows = _decode_acs(data, total_bytes, stride)
    if len(rows) != total_bytes:
        raise RefusedError(f"graphic data: expected {total_bytes} bytes, got {len(rows)}; the graphic is dropped")
    return rows


def _decode_zb64(data: bytes, total_bytes: int) -> bytes:
    match = _ZB64.fullmatch(data)
    if match is None:
        raise RefusedError("graphic data: expected :Z64:<base64>:<4 hex digits>, got something else; dropped")
    text = b"".join(match[2].split())
    if crc(text) != match[3].upper():
        raise RefusedError(f"graphic data: expected CRC {crc(text)!r}, got {match[3]!r}; the graphic is dropped")
    try:
        packed = base64.b64decode(text, validate=True)
        return packed if match[1] == b"B64" else _inflate(packed, total_bytes)
    except (binascii.Error, zlib.error) as error:
        raise RefusedError(f"graphic data: expected {match[1]!r}, got {error}; the graphic is dropped") from error


def _inflate(packed: bytes, total_bytes: int) -> bytes:
    """At most one byte more than promised: a small stream must not become a large memory."""
    inflater = zlib.decompressobj()
    rows = inflater.decompress(packed, total_bytes + 1)
    if len(rows) <= total_bytes and not inflater.eof:
        raise zlib.error("a torn zlib stream")
    return rows


def _decode_acs(data: bytes, total_bytes: int, stride: int) -> bytes:
    text = b"".join(data.split())
    if len(text) == 2 * total_bytes and re.fullmatch(rb"[0-9A-Fa-f]*", text):
        return bytes.fromhex(text.decode())
    return _AcsReader(total_bytes, stride).read(text)


class _AcsReader:
    """Digits are collected flat: runs of some peers cross the end of a row."""

    def __init__(self, total_bytes: int, stride: int) -> None:
        self._limit, self._row = 2 * total_bytes, max(1, 2 * stride)
        self._digits = bytearray()

    def read(self, text: bytes) -> bytes:
        at = 0
        while at < len(text) and len(self._digits) < self._limit:
            token = _ACS_TOKEN.match(text, at)
            if token is None:
                raise RefusedError(f"graphic data: expected hex or run lengths, got {text[at : at + 1]!r}; dropped")
            self._take(token)
            at = token.end()
        if len(self._digits) % 2:
            raise RefusedError("graphic data: expected whole bytes, got an odd number of digits; dropped")
        return bytes.fromhex(self._digits.decode())

    def _take(self, token: re.Match[bytes]) -> None:
        if token[2]:
            self._digits += token[2] * min(_count(token[1]) if token[1] else 1, self._limit)
        elif token[3] == b":":
            self._repeat_row()
        else:
            fill = b"0" if token[3] == b"," else b"F"
            self._digits += fill * (self._row - len(self._digits) % self._row)

    def _repeat_row(self) -> None:
        if len(self._digits) < self._row or len(self._digits) % self._row:
            raise RefusedError("graphic data: expected ':' after a whole row, got it elsewhere; dropped")
        self._digits += self._digits[-self._row :]


def _count(letters: bytes) -> int:
    return sum((c - ord("f")) * 20 if c >= ord("g") else c - ord("F") for c in letters)
