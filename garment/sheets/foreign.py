"""What a file is that is no sheet of ours, by its first bytes, and what to do with it: its name may say anything."""

from __future__ import annotations

import codecs

from label_protocol.errors import RecordError

ZIP = b"PK\x03\x04"
_KINDS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧的 .xls、.et 表格，或有打开密码的文件",
     "an .xls or .et file, or one with a password"),
    (b"%PDF", "PDF 文件", "a PDF"),
    (b"{\\rtf", "RTF 文档", "an RTF document"),
    (b"<html", "网页", "a web page"),
    (b"<!doctype", "网页", "a web page"),
    (b"<?xml", "XML 文件", "an XML file"),
    (b"\x1f\x8b", "压缩文件", "a compressed file"),
    (b"Rar!", "压缩文件", "a compressed file"),
    (b"7z\xbc\xaf", "压缩文件", "a compressed file"),
    (b"\x89PNG", "图片", "a picture"),
    (b"\xff\xd8\xff", "图片", "a picture"),
)  # fmt: skip
"""First bytes ([MS-CFB] 2.2 for the first; ISO 32000-1 7.5.2; RFC 1952) and what begins with them; many programs write
a web page and call it .xls."""


def require_sheet(data: bytes) -> None:
    """Raises RecordError: the file is of another kind."""
    start = data[:32].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for first, zh, en in _KINDS:
        if start.startswith(first.lower()):
            raise refused(zh, en)


def refused(zh: str, en: str) -> RecordError:
    """The refusal of a file of another kind, with its remedy."""
    return RecordError(
        f"这是{zh}，请在 Excel 或 WPS 里打开，另存为 .xlsx 或“CSV UTF-8” · sheet: expected .xlsx or CSV, got {en}; "
        "open it and save it as .xlsx or CSV UTF-8"
    )
