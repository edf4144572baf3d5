"""This file holds a workbook to an extent before python-calamine reads it.

Calamine makes room for the whole rectangle between the first cell and the last, and where there is no room the process
ends, with everything that is printing in it: one blank typed into XFD1048576 asks for 400 GB (seen by trial, 0.9.1). So
every cell of every part says where it is, in the one form that can be searched for without parsing (ECMA-376 part 1,
18.3.1.4: `r` of `c`), and lies near; what is written in another form is asked to be saved once by Excel.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass

from garment.sheets.cells import address
from label_protocol.errors import RecordError

COLUMNS = 52
"""A to AZ: twice the columns that any sheet of ours has."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What is read at most: bytes of the package once unpacked, and the last row that may hold something. `zh`, `en`:
    what to do with a larger one."""

    unpacked_bytes: int
    rows: int
    zh: str
    en: str


COMMAND = Extent(384 << 20, 199_999, "请分成几个文件", "split the file")
"""100 000 garments with all columns are 174 MiB of XML (measured); beyond this somebody sent something else."""

OVER_API = Extent(
    64 << 20,
    35_000,
    "请分成几个文件，或在代理的电脑上用命令 edge-agent catalog import 导入",
    "split the file, or run edge-agent catalog import FILE on the agent's computer",
)
"""Reading takes some five times the bytes, in the process that prints."""

_OTHER = rb'(?: +(?!r=)[\w:.-]+="[^"<>]*")*'
_CELL = re.compile(
    rb"<(?:[\w.-]+:)?c(?=[\s/>])(?:" + _OTHER + rb' +r="([A-Z]+)([0-9]+)"' + _OTHER + rb" *(/>|>\s*</|>))?"
)
"""A cell, and its place if it says it once; it holds something if the third group is a bare bracket."""

_OF_OTHER_KINDS = frozenset({"mimetype", "content.xml", "xl/workbook.bin"})
"""Parts by which calamine would take the package for an .ods or .xlsb."""


def require(archive: zipfile.ZipFile, extent: Extent) -> None:
    """Reads every part, so that every checksum is compared.

    Raises:
        RecordError: too much, cells far outside, cells or parts in a form that is not searched.
        zipfile.BadZipFile: a checksum differs.
    """
    size = sum(part.file_size for part in archive.infolist())
    if size > extent.unpacked_bytes:
        raise RecordError(
            f"表格太大，{extent.zh} · sheet: expected at most {extent.unpacked_bytes >> 20} MiB unpacked, "
            f"got {size >> 20}; {extent.en}"
        )
    names = [name.replace("\\", "/").lower() for name in archive.namelist()]
    if len(set(names)) < len(names) or not _OF_OTHER_KINDS.isdisjoint(names):
        raise _of_another_program("parts of one name, or of another kind of file")
    for name in archive.infolist():
        _require_part(archive.read(name), extent)


def _require_part(data: bytes, extent: Extent) -> None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or (b"\0" in data[:200] and b"<" in data[:200]):
        raise _of_another_program("XML that is no UTF-8")
    if b"sheetData" not in data:
        return
    if b"<!" in data:
        raise _of_another_program("declarations within a sheet")
    for cell in _CELL.finditer(data):
        if cell[1] is None:
            raise _of_another_program("cells that do not say where they are")
        if cell[3] == b">":
            _require_near(cell[1], cell[2], extent)


def _require_near(letters: bytes, digits: bytes, extent: Extent) -> None:
    if len(letters) > 2 or (len(letters) == 2 and letters > b"AZ") or len(digits) > 6 or int(digits) > extent.rows:
        place = (letters + digits)[:12].decode()
        raise RecordError(
            f"表格 {place} 离表太远，却有内容（也许是空格），请删去；真有这么多行，{extent.zh} · sheet {place}: "
            f"expected cells up to {address(extent.rows, COLUMNS - 1)}, got one beyond; delete it, or {extent.en}"
        )


def _of_another_program(got: str) -> RecordError:
    return RecordError(
        "这个表格是别的程序生成的，请在 Excel 或 WPS 里打开、保存，再导入 · sheet: expected a workbook as Excel writes "
        f"it, got {got}; open the file in Excel or WPS and save it"
    )
