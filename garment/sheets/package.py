"""This file reads from a workbook's package what python-calamine leaves out: it gives errors and formulas that nobody
calculated as empty texts, a percentage as its share, and a month without a day as the first of the month.

The sheet's XML is searched and not parsed: a hundred thousand rows are two million cells, of which few are odd. Parts
and attributes as ECMA-376 part 1 has them (18.3.1.4 `c`, 18.3.1.40 `f`, 18.3.1.73 `row`, 18.8.10 `cellXfs`, 18.8.30
`numFmt`); what the searches rely on beyond it (each cell says where it is) `extent.py` requires first.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from garment.sheets import extent
from garment.sheets.cells import Odd
from garment.sheets.extent import Extent
from garment.sheets.foreign import refused
from label_protocol.errors import RecordError

Place = tuple[int, int]
"""Row and column, both counted from 0."""

_REL = ("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
        "{http://purl.oclc.org/ooxml/officeDocument/relationships}id")  # fmt: skip
"""The second is that of “Strict Open XML”, another choice in Excel's list of formats (ISO/IEC 29500-1)."""
_PERCENTS = frozenset({"9", "10"})
"""Built-in formats 0% and 0.00% (18.8.30)."""
_INCOMPLETE = frozenset(map(str, (*range(16, 22), *range(27, 30), *range(32, 37), *range(45, 48), *range(50, 59))))
"""Built-in formats that show a day without its year or its day of the month, or a time (18.8.30, language zh-cn)."""

_NOT_SHOWN = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_ERROR = rb'<@c ([^>]*?\bt="e"[^>/]*)>.*?<@v>([^<]*)'
_UNCALCULATED = rb"<@c ([^>/]*)>\s*<@f\b(?:[^>]*/>|[^>]*>[^<]*</@f>)\s*(?:<@v\s*/>|<@v>\s*</@v>)?\s*</@c>"
_HIDDEN = rb'<@(?:row|col)\b[^>]*?\bhidden="(?:1|true)"'
_TEXT = re.compile(rb'\bt="str"')

_HALF_A_DAY = Odd(
    "日期",
    "格子的日期格式没有显示年月日三样，看不出填的是哪一天，请把格式设为 2026-11-10 再核对",
    "expected a day whose format shows year, month and day; format the cell as 2026-11-10 and check it",
)
_NO_RESULT = Odd(
    "公式",
    "公式还没有算出结果，请在 Excel 或 WPS 里打开、保存，再导入",
    "expected a value, got a formula without its result; open the file in Excel or WPS and save it",
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is odd in a sheet, by place; the places of percentages; how many rows and ranges of columns are hidden."""

    odd: Mapping[Place, Odd] = field(default_factory=dict)
    percent: frozenset[Place] = frozenset()
    hidden: int = 0


NOTHING = Marks()


class Package:
    """The parts of a workbook."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    @classmethod
    def read(cls, data: bytes, within: Extent) -> Package:
        """The package in `data`, every byte of it compared with its checksum, nothing of it beyond `within`.

        Raises:
            RecordError: no workbook, a damaged one, one of another program, or more than anybody fills in.
        """
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
            _require_workbook(archive.namelist())
            extent.require(archive, within)
        except _UNZIPPED as cause:
            raise damaged(str(cause)) from cause
        return cls(archive)

    def marks(self, sheet: str) -> Marks:
        """What calamine does not tell of a sheet. Raises RecordError: a damaged one."""
        xml = self._archive.read(self._part(sheet))
        prefix = _prefix(xml)
        percents, halves = self._formats()
        odd = dict.fromkeys(_styled(xml, prefix, halves), _HALF_A_DAY)
        odd |= dict.fromkeys(_uncalculated(xml, prefix), _NO_RESULT) | dict(_errors(xml, prefix))
        hidden = sum(1 for _ in _found(_HIDDEN, prefix, xml))
        return Marks(odd, frozenset(_styled(xml, prefix, percents)), hidden)

    def _part(self, sheet: str) -> str:
        """The part that holds a sheet, by the sheet's name."""
        targets = {one.get("Id"): one.get("Target", "") for one in self._tree("xl/_rels/workbook.xml.rels")}
        sheets = [one for one in self._tree("xl/workbook.xml").iter() if _is(one, "sheet")]
        ids = {one.get("name"): next((one.get(name) for name in _REL if one.get(name)), None) for one in sheets}
        target = targets.get(ids.get(sheet), "")
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if part not in self._archive.namelist():
            raise damaged(f"no part for sheet {sheet[:40]!r}")
        return part

    def _formats(self) -> tuple[list[int], list[int]]:
        """Which styles of cells show a percentage, and which half a day."""
        if "xl/styles.xml" not in self._archive.namelist():
            return [], []
        tree = self._tree("xl/styles.xml")
        own = {one.get("numFmtId", ""): one.get("formatCode", "") for one in tree.iter() if _is(one, "numFmt")}
        styles = [one.get("numFmtId", "0") for group in tree if _is(group, "cellXfs") for one in group]
        percents = [
            at for at, one in enumerate(styles) if ("%" in _shown(own[one]) if one in own else one in _PERCENTS)
        ]
        halves = [at for at, one in enumerate(styles) if (_half(own[one]) if one in own else one in _INCOMPLETE)]
        return percents, halves

    def _tree(self, part: str) -> ElementTree.Element:
        text = self._archive.read(part)
        if b"<!DOCTYPE" in text:
            raise damaged("a part with a DOCTYPE")
        try:
            return ElementTree.fromstring(text)  # noqa: S314 - entities need a DOCTYPE
        except ElementTree.ParseError as cause:
            raise damaged(f"{part}: {cause}") from cause


_UNZIPPED = (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError)
"""What the library raises of a package that is none."""


def damaged(why: str) -> RecordError:
    """The refusal of a workbook that cannot be read."""
    return RecordError(
        f"表格文件损坏，请从原来的文件重新保存 · sheet: expected a workbook (.xlsx), got {why[:120]}; save the "
        "original again"
    )


def _require_workbook(names: list[str]) -> None:
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        raise refused("别的文件（.ods、.xlsb、.docx、压缩包等）", "an .ods, .xlsb, .docx or another package")


def _found(pattern: bytes, prefix: bytes, xml: bytes) -> Iterator[re.Match[bytes]]:
    """`@` in a pattern stands for the prefix that the sheet's elements have."""
    return re.finditer(pattern.replace(b"@", prefix), xml, re.DOTALL)


def _prefix(xml: bytes) -> bytes:
    found = re.search(rb"<(\w+:)?worksheet\b", xml)
    return (found[1] or b"") if found else b""


def _place(cell: bytes) -> Place:
    found = re.search(rb'\br="([A-Z]+)([0-9]+)"', cell)
    if not found:
        raise damaged("a cell without its place")
    column = 0
    for letter in found[1]:
        column = column * 26 + letter - ord("A") + 1
    return int(found[2]) - 1, column - 1


def _errors(xml: bytes, prefix: bytes) -> Iterator[tuple[Place, Odd]]:
    for found in _found(_ERROR, prefix, xml):
        shown = found[2].decode("utf-8", "replace")[:20]
        yield (
            _place(found[1]),
            Odd(
                shown,
                f"格子里是 Excel 的错误值 {shown}，请改正公式或重新填写",
                f"expected a value, got the error {shown}; correct the formula or type the value",
            ),
        )


def _uncalculated(xml: bytes, prefix: bytes) -> Iterator[Place]:
    """A formula whose result is an empty text has one."""
    return (_place(one[1]) for one in _found(_UNCALCULATED, prefix, xml) if not _TEXT.search(one[1]))


def _styled(xml: bytes, prefix: bytes, styles: list[int]) -> Iterator[Place]:
    """Cells of these styles that hold something."""
    if styles:
        wanted = b"|".join(b"%d" % style for style in styles)
        pattern = rb'<@c ([^>]*?\bs="(?:' + wanted + rb')"[^>]*)(?<!/)>'
        yield from (_place(found[1]) for found in _found(pattern, prefix, xml))


def _is(element: ElementTree.Element, name: str) -> bool:
    return element.tag.rpartition("}")[2] == name


def _shown(code: str) -> str:
    """A format without what it shows as it stands."""
    return _NOT_SHOWN.sub("", code.partition(";")[0]).lower()


def _half(code: str) -> bool:
    """Whether a format of days and times shows no year or no day of the month. `e` is the year of an era."""
    signs = set(_shown(code)) & set("yedmhs")
    return bool(signs) and "general" not in code.lower() and not (signs & set("ye") and {"d", "m"} <= signs)
