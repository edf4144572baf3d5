"""Sheets that were refused, or read as something else, when factories tried them; each with its right value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.catalog import Catalog
from edge_agent.catalog.sheets import COMMAND, OVER_API, read
from garment.sheets.headings import LOOKED_AT
from label_protocol.errors import RecordError
from tests.kits.sheet_kit import JACKET, jacket, text

READ = {
    "the short date of Chinese Windows": (jacket({"检验日期": "2026/11/10"}), "2026-11-10"),
    "the same without noughts": (jacket({"检验日期": "2026-11-1"}), "2026-11-01"),
    "the long date": (jacket({"检验日期": "2026年11月10日"}), "2026-11-10"),
    "a heading with a blank": (jacket(headings={"款号": "款 号"}), "2026-11-10"),
    "a heading with a star": (jacket(headings={"款号": "款号*"}), "2026-11-10"),
    "sep= behind the mark of UTF-8": ("\ufeffsep=,\n" + jacket(), "2026-11-10"),
    "a title above the headings": (
        "\ufeff" + text(["2026秋冬款式表", *[""] * (len(JACKET) - 1)]) + jacket(),
        "2026-11-10",
    ),
}
REFUSED = {
    "a blank for the semicolon between parts": "面料:锦纶100% 里料:聚酯纤维100%",
    "a full stop for it": "面料:棉100%。里料:聚酯纤维100%",
    "fibres that add up to 165": "面料: 棉65 聚酯纤维 35, 锦纶 65",
}


@pytest.mark.parametrize(("sheet", "inspected_on"), READ.values(), ids=READ)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_it_is_read_as_it_was_meant(tmp_path: Path, sheet: str, inspected_on: str, encoding: str) -> None:
    catalog = Catalog.open(tmp_path / "catalogue.json")
    (tmp_path / "a.csv").write_bytes(
        sheet.encode(encoding) if encoding == "utf-8" else sheet.strip("\ufeff").encode(encoding)
    )
    catalog.import_file(tmp_path / "a.csv")
    facts = catalog.record("A1", "175/92A", "L1").facts()
    assert facts["lot"]["inspected_on"] == inspected_on
    assert (facts["product"]["gtin"], facts["product"]["size"]) == ("6901234567892", "175/92A")
    assert [(part["part"], part.get("fibres")) for part in facts["product"]["composition"]] == [
        ("面料", [{"name": "锦纶", "percent": "100"}]),
        ("里料", [{"name": "聚酯纤维", "percent": "100"}]),
        ("填充物", None),
    ]


@pytest.mark.parametrize("cell", REFUSED.values(), ids=REFUSED)
def test_a_composition_that_swallows_a_separator_is_refused(tmp_path: Path, cell: str) -> None:
    catalog = Catalog.open(tmp_path / "catalogue.json")
    with pytest.raises(RecordError, match=r"表格 K2 成分 \(composition\)：.*读不懂"):
        catalog.import_sheet(jacket({"成分": cell}).encode())
    assert not catalog.styles.list()


PAGE = (Path(__file__).parents[4] / "docs" / "catalogue.md").read_text("utf-8")


def told() -> Iterator[tuple[str, str, bool]]:
    """Every example of the page: where it stands, how it is written, whether it is taken."""
    table = PAGE.partition("### What a cell may say")[2].partition("\n\n")[2].partition("\n\n")[0]
    for row in table.splitlines()[2:]:
        where, taken, refused = (cell.strip() for cell in row.strip("|").split(" | "))
        yield from ((where, one, True) for one in re.findall("`([^`]+)`", taken))
        yield from ((where, one, False) for one in re.findall("`([^`]+)`", refused))


@pytest.mark.parametrize(("where", "written", "taken"), list(told()))
def test_the_page_says_what_is_taken(where: str, written: str, taken: bool) -> None:
    sheet = jacket(headings={"款号": written}) if where.startswith("the heading") else jacket({where: written})
    if taken:
        assert len(read(sheet.encode()).documents["styles"]) == 1
    else:
        with pytest.raises(RecordError):
            read(sheet.encode())


def test_the_page_gives_the_limits() -> None:
    assert len(list(told())) > 50
    assert f"at most {OVER_API.rows // 1000} 000 rows and {OVER_API.unpacked_bytes >> 20} MiB" in PAGE
    assert f"up to {LOOKED_AT - 1} rows above" in PAGE and OVER_API.rows < COMMAND.rows
