"""This file reads a spreadsheet saved as CSV or as “Unicode text”: bytes in, rows out.

Which encoding it is follows from its mark or from a strict decoding, never from a vote: GB 18030 decodes almost every
text, so a text that is UTF-8 but for a few bytes is a damaged one and no GB 18030. Which separator it is follows from
the headings: the one that makes most of them known.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from garment.sheets import headings
from garment.sheets.headings import HowMany
from garment.sheets.sheet import Row, Sheet
from label_protocol.errors import RecordError

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_UTF8 = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_SEPARATORS = ",;\t，；|"
_SAID = re.compile(r'"?sep=(.)"?\r?(?:\n|$)', re.IGNORECASE)
"""The first line by which Excel is told the separator; it is no row."""

_HEAD = 200_000
"""Characters in which headings and separator are looked for: twenty rows and more."""


def read(data: bytes, how_many: HowMany = headings.how_many) -> Sheet:
    """The rows of a text. `how_many` knows the headings by which its separator is found.

    Raises:
        RecordError: another encoding, a damaged one, or separators that may be meant either way.
    """
    text, encoding = _decoded(data)
    said = _SAID.match(text)
    count, head = text.count("\n") + 1, text[said.end() if said else 0 :][:_HEAD]
    separator = _checked(said[1]) if said else _separator(head, how_many)
    told = () if encoding.startswith("utf-8") else (f"编码 {encoding} · read as {encoding}",)
    return Sheet(_rows(_lines(data, encoding, bool(said)), separator), count=count, typed=False, told=told)


def _lines(data: bytes, encoding: str, said: bool) -> Iterator[str]:
    """The text once more, line by line: the whole of it as characters is three times its bytes."""
    lines = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    if said:
        lines.readline()
    return lines


def _decoded(data: bytes) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _other_encoding("UTF-32")
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), None)
    for encoding in (marked,) if marked else ("utf-8", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError as cause:
            if encoding != "gb18030" and (marked or _almost_utf8(data)):
                raise RecordError(
                    f"文件在第 {cause.start} 个字节处损坏，请从原来的文件另存为“CSV UTF-8”· sheet: expected "
                    f"{encoding}, got "
                    f"bytes that are none at {cause.start}; save the original again as CSV UTF-8"
                ) from cause
            continue
        if "\0" in text:
            raise _other_encoding("NUL characters")
        return text, encoding
    raise _other_encoding("another encoding")


def _almost_utf8(data: bytes) -> bool:
    """Whether most of what is not ASCII are whole characters of UTF-8: a text in GB 18030 has hardly any."""
    whole = sum(map(len, _UTF8.findall(data)))
    return 2 * whole > len(data) - len(data.translate(None, bytes(range(128, 256))))


def _other_encoding(got: str) -> RecordError:
    return RecordError(
        f"看不懂文件的编码，请另存为“CSV UTF-8”或 .xlsx · sheet: expected UTF-8 or GB18030, got {got}; "
        "save it as “CSV UTF-8” or .xlsx"
    )


def _checked(separator: str) -> str:
    if separator not in _SEPARATORS:
        raise RecordError(
            f"第一行 sep= 后面的分隔符“{separator}”不能用，请改为逗号 · sheet, line 1: expected sep= with a comma, "
            f"semicolon or tab, got {separator!r}; save it with commas"
        )
    return separator


def _separator(text: str, how_many: HowMany) -> str:
    """Raises RecordError: two separators make the same number of headings known."""
    heads = {sign: list(_head(text, sign)) for sign in _SEPARATORS}
    known = {sign: how_many(rows) for sign, rows in heads.items()}
    best = [sign for sign in _SEPARATORS if known[sign] == max(known.values())]
    parting = [sign for sign in best if known[sign] and any(len(cells) > 1 for _, cells in heads[sign])]
    if len(parting) > 1 and known[parting[0]] > 1:
        raise RecordError(
            f"看不出分隔符是“{parting[0]}”还是“{parting[1]}”，请另存为“CSV UTF-8（逗号分隔）”· sheet: expected one "
            f"separator, got {parting[0]!r} and {parting[1]!r} in the headings; save it again as CSV UTF-8"
        )
    return ([*parting, *best] if parting else best)[0]


def _head(text: str, separator: str) -> Iterator[Row]:
    try:
        yield from islice(_rows(io.StringIO(text, newline=""), separator), headings.LOOKED_AT)
    except RecordError:
        return  # the end of the head may lie within quotes; a flaw of the text is told when it is read


def _rows(lines: Iterable[str], separator: str) -> Iterator[Row]:
    """Raises RecordError: no CSV; names the row."""
    number = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=separator, strict=True), 1):
            yield number, [cell.strip() for cell in cells]
    except csv.Error as cause:
        raise RecordError(
            f"表格第 {number + 1} 行引号或格子不完整，请重新保存 · sheet, row {number + 1}: expected CSV, got a flaw "
            f"({cause}); "
            "save it again"
        ) from cause
