"""Text as programs save it: each encoding and separator has its right value; what is damaged or foreign is told."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.catalog import Catalog
from edge_agent.catalog.sheets import read
from garment.sheets import csv_text
from label_protocol.errors import RecordError
from tests.kits.sheet_kit import JACKET, jacket, text
from tests.kits.workbook_kit import LOTS, saved, workbook

ENCODINGS = {
    "UTF-8": ("utf-8", b""),
    "UTF-8 with its mark, as Excel saves CSV UTF-8": ("utf-8-sig", b""),
    "GBK, as Chinese Excel saves CSV": ("gbk", b""),
    "GB 18030": ("gb18030", b""),
    "UTF-16, as Excel saves Unicode text": ("utf-16-le", codecs.BOM_UTF16_LE),
    "UTF-16, the other way round": ("utf-16-be", codecs.BOM_UTF16_BE),
}


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog.open(tmp_path / "catalogue.json")


def imported(catalog: Catalog, data: bytes) -> dict[str, str | None]:
    """What a label of the only garment would say."""
    catalog.import_sheet(data)
    (style,) = catalog.styles.list()
    lot = catalog.lots.get("L1")
    assert style.maker is not None
    return {
        "款号": style.style_no,
        "品名": style.name,
        "制造者": style.maker.name,
        "检验日期": lot.inspected_on,
        "批号": lot.lot_no,
    }


RIGHT = {name: JACKET[name] for name in ("款号", "品名", "制造者", "检验日期", "批号")}


@pytest.mark.parametrize("separator", [",", ";", "\t", "，", "；", "|"])
@pytest.mark.parametrize(("encoding", "mark"), ENCODINGS.values(), ids=ENCODINGS)
def test_every_encoding_and_separator_has_the_same_right_value(
    catalog: Catalog, encoding: str, mark: bytes, separator: str
) -> None:
    assert imported(catalog, mark + jacket(separator=separator).encode(encoding)) == RIGHT


@pytest.mark.parametrize("line", ["sep={}\r\n", "sep={}\n", '"sep={}"\r\n', "SEP={}\r\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gbk", "utf-16"])
def test_a_first_line_that_tells_the_separator_is_no_row(
    catalog: Catalog, encoding: str, separator: str, line: str
) -> None:
    data = (line.format(separator) + jacket(separator=separator)).encode(encoding)
    assert imported(catalog, data) == RIGHT
    assert not any("标题" in told for told in read(data).told)


@pytest.mark.parametrize("said", ["x", "'", " ", "。"])
def test_a_separator_that_nobody_uses_is_refused(catalog: Catalog, said: str) -> None:
    with pytest.raises(RecordError, match="第一行 sep= 后面的分隔符"):
        catalog.import_sheet(f"sep={said}\r\n{jacket()}".encode())


def test_separators_that_may_be_meant_either_way_are_refused(catalog: Catalog) -> None:
    with pytest.raises(RecordError, match="看不出分隔符是“,”还是“;”"):
        catalog.import_sheet("工号,姓名\n工号;姓名\nA01,一号\n".encode())


def test_the_encoding_that_was_taken_is_told() -> None:
    assert "gb18030" in read(jacket().encode("gbk")).told[0]
    assert read(jacket().encode()).told == []


DAMAGE = {
    "a byte that is no UTF-8 among much that is": lambda data: data.replace("黑".encode(), b"\xba\xda", 1),
    "a character cut in two": lambda data: data.replace("羽".encode(), "羽".encode()[:2], 1),
    "a mark of UTF-8 before another encoding": lambda data: codecs.BOM_UTF8 + data.decode().encode("gbk"),
    "UTF-16 of an odd length": lambda data: codecs.BOM_UTF16_LE + data.decode().encode("utf-16-le")[:-1],
}
OTHERS = {
    "UTF-32": lambda data: data.decode().encode("utf-32"),
    "UTF-16 without its mark": lambda data: data.decode().encode("utf-16-le"),
    "text of ASCII in UTF-16 without its mark": lambda data: "code,name\nA01,Li\n".encode("utf-16-be"),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_text_is_never_read_in_another_encoding(catalog: Catalog, damage: object) -> None:
    with pytest.raises(RecordError, match=r"个字节处损坏.*另存为“CSV UTF-8”"):
        catalog.import_sheet(damage(jacket().encode()))  # type: ignore[operator]
    assert not catalog.styles.list()


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_another_encoding_is_refused(catalog: Catalog, other: object) -> None:
    with pytest.raises(RecordError, match="看不懂文件的编码"):
        catalog.import_sheet(other(jacket().encode()))  # type: ignore[operator]


def test_a_text_in_big5_has_none_of_our_headings(catalog: Catalog) -> None:
    """Its bytes are other characters in GB 18030."""
    with pytest.raises(RecordError, match="找不到标题行"):
        catalog.import_sheet("款號,顏色\n羽絨服,黑色\n".encode("big5"))


FOREIGN = {
    ".xls": (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), "旧的 .xls"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "PDF"),
    "a web page that calls itself .xls": (b"\xef\xbb\xbf<html xmlns:x='urn:schemas-microsoft-com'>", "网页"),
    "XML of Excel 2003": (b'<?xml version="1.0"?><Workbook>', "XML"),
    "RTF": (b"{\\rtf1\\ansi", "RTF"),
    "RAR": (b"Rar!\x1a\x07\x01\x00", "压缩"),
    "GZIP": (b"\x1f\x8b\x08\x00", "压缩"),
    "a picture": (b"\x89PNG\r\n\x1a\n", "图片"),
    "a photograph": (b"\xff\xd8\xff\xe0", "图片"),
}


@pytest.mark.parametrize(("data", "kind"), FOREIGN.values(), ids=FOREIGN)
def test_what_is_no_sheet_is_named_with_the_remedy(catalog: Catalog, data: bytes, kind: str) -> None:
    with pytest.raises(RecordError, match=f"这是.*{kind}.*另存为 .xlsx 或“CSV UTF-8”"):
        catalog.import_sheet(data)


@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.xlsx"])
def test_the_bytes_decide_and_not_the_name(catalog: Catalog, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(saved(workbook(LOTS)))
    catalog.import_file(tmp_path / name)
    (tmp_path / name).write_bytes(jacket().encode())
    catalog.import_file(tmp_path / name)
    assert (len(catalog.lots.list()), len(catalog.styles.list())) == (3, 1)


ROWS = {
    "a separator too many": ("A01,一号,\nB02,二号\n", "标题有 2 格，这一行有 3 格"),
    "a separator too many behind a text": ("A01,一号,,\nB02,二号\n", "标题有 2 格，这一行有 4 格"),
    "a separator in a name": ("A01,一,号\nB02,二号\n", "标题有 2 格，这一行有 3 格"),
    "a quote that never ends": ('A01,"一号\nB02,二号\n', "引号或格子不完整"),
    "more behind a quote": ('A01,"一"号\nB02,二号\n', "引号或格子不完整"),
    "a separator too few": ("A01\nB02,二号\n", "row 2, name: expected a value, got nothing"),
}


@pytest.mark.parametrize(("rows", "says"), ROWS.values(), ids=ROWS)
def test_a_row_with_another_number_of_cells_is_refused_and_nothing_comes_in(
    catalog: Catalog, rows: str, says: str
) -> None:
    with pytest.raises(RecordError, match=says):
        catalog.import_sheet(f"工号,姓名\n{rows}".encode())
    assert not catalog.operators.list()


def test_quotes_hold_separators_and_new_lines(catalog: Catalog) -> None:
    parts = "面料: 锦纶 60, 棉 40;\n里料: 聚酯纤维 100"
    imported(catalog, jacket({"成分": parts}).encode())
    (style,) = catalog.styles.list()
    assert [part.part for part in style.composition] == ["面料", "里料", "填充物"]


PEOPLE = [("A01", "一号"), ("B02", "二号")]


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([",", '"', ";", "\t", "\n", "，", "；", "|", "x", "0"]))
def test_one_more_character_anywhere_is_refused_or_stands_where_it_was_put(at: int, odd: str) -> None:
    """No cell moves below another heading, none is lost."""
    good = text(["工号", "姓名"], *PEOPLE)
    try:
        taken = read((good[: at % len(good)] + odd + good[at % len(good) :]).encode())
    except RecordError:
        return
    found = [(one.code, one.name) for _, one in taken.documents["operators"].values()]
    without = [[cell.replace(odd, "") for cell in row] for row in found]
    assert without == [[cell.replace(odd, "") for cell in row] for row in PEOPLE]


def test_a_large_text_is_read_line_by_line() -> None:
    """The whole of it as characters would be three times its bytes."""
    assert not isinstance(csv_text.read(jacket().encode()).rows, list)
