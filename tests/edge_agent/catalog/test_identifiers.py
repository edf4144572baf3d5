"""An identifier names one thing, in the file and in the catalogue: both places are named; the same twice is none."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from edge_agent.catalog import Catalog
from label_protocol.errors import RecordError

ONE, OTHER, THIRD = "6901234567892", "6901234567908", "6901234567915"
HEADINGS = ("品牌", "品名", "执行标准", "适用人群", "成分", "款号", "号型", "颜色", "商品条码", "批号")
SAME = ("示例羽", "羽绒服", "GB/T 14272-2021", "成人", "面料: 棉 100")


def sheet(*rows: str) -> bytes:
    """Rows of `款号 号型 颜色 商品条码 批号`."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows([HEADINGS, *((*SAME, *row.split()) for row in rows)])
    return file.getvalue().encode()


def records(*rows: str) -> bytes:
    """The same as JSON."""
    found: list[dict[str, Any]] = []
    for style_no, size, colour, gtin, lot_no in (row.split() for row in rows):
        product = {"brand": SAME[0], "name": SAME[1], "standard": SAME[2], "wearer": "adult", "style_no": style_no}
        product |= {"size": size, "colour": colour, "gtin": gtin}
        parts = [{"part": "面料", "fibres": [{"name": "棉", "percent": "100"}]}]
        found.append({"product": {**product, "composition": parts}, "lot": {"lot_no": lot_no}})
    return json.dumps(found).encode()


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    return Catalog.open(tmp_path / "catalogue.json")


def bring(catalog: Catalog, data: bytes, *, replace: bool = False) -> str:
    take = catalog.import_json if data[:1] in b"[{" else catalog.import_sheet
    return str(take(data, replace=replace))


FIRST = f"A1 175/92A 黑色 {ONE} L1"
CLASHES = {
    "the GTIN of another style": (f"B7 175/92A 黑色 {ONE} L2", [ONE, "A1 / 175/92A", "B7 / 175/92A"]),
    "the GTIN of another size": (f"A1 170/88A 黑色 {ONE} L1", [ONE, "A1 / 175/92A", "A1 / 170/88A"]),
    "the same GTIN in 14 digits": (f"B7 175/92A 黑色 0{ONE} L2", [ONE, "A1 / 175/92A", "B7 / 175/92A"]),
    "another GTIN": (f"A1 175/92A 黑色 {OTHER} L1", ["A1", "175/92A"]),
    "another colour": (f"A1 175/92A 红色 {ONE} L1", ["A1", "175/92A"]),
    "the lot of another style": (f"B7 175/92A 黑色 {OTHER} L1", ["L1", "A1", "B7"]),
}


@pytest.mark.parametrize(("second", "named"), CLASHES.values(), ids=CLASHES)
@pytest.mark.parametrize("form", [sheet, records])
def test_two_rows_of_a_file_that_clash_are_both_named(
    catalog: Catalog, form: Any, second: str, named: list[str]
) -> None:
    with pytest.raises(RecordError) as refused:
        bring(catalog, form(f"Z9 165/84A 黑色 {THIRD} L9", FIRST, second))
    places = ["第 3 行", "第 4 行"] if form is sheet else ["第 2 条", "第 3 条"]
    assert [part for part in (*places, *named) if part not in str(refused.value)] == []
    assert not catalog.styles.list() and not catalog.lots.list()


@pytest.mark.parametrize(("second", "named"), CLASHES.values(), ids=CLASHES)
@pytest.mark.parametrize("form", [sheet, records])
def test_a_row_that_clashes_with_the_catalogue_is_named_with_what_stands_there(
    catalog: Catalog, form: Any, second: str, named: list[str]
) -> None:
    bring(catalog, form(FIRST))
    before = catalog.export()
    with pytest.raises(RecordError) as refused:
        bring(catalog, form(f"Z9 165/84A 黑色 {THIRD} L9", second))
    lot = second.endswith("L1") and second.startswith("B7")
    place = "" if lot else "第 3 行" if form is sheet else "第 2 条"
    assert [part for part in (place, "资料库", "--replace", *named) if part not in str(refused.value)] == []
    assert catalog.export() == before


@pytest.mark.parametrize(("second", "named"), CLASHES.values(), ids=CLASHES)
def test_who_knows_that_the_file_is_right_says_so_and_nothing_has_two_owners(
    catalog: Catalog, second: str, named: list[str]
) -> None:
    bring(catalog, sheet(FIRST))
    told = bring(catalog, sheet(second), replace=True)
    style_no, size, colour, gtin, lot_no = second.split()
    now = catalog.styles.get(style_no, size)
    assert (now.colour, now.gtin) == (colour, gtin)
    catalog.record(style_no, size, lot_no)
    owners = [one.gtin.zfill(14) for one in catalog.styles.list()]
    assert len(owners) == len(set(owners))
    assert ("已从资料库删去" in told) == (named[0] == ONE)


def test_the_same_file_twice_is_harmless(catalog: Catalog) -> None:
    rows = [FIRST, f"A1 170/88A 黑色 {OTHER} L1", f"B7 175/92A 黑色 {THIRD} L2"]
    for form in (sheet, records):
        bring(catalog, form(*rows))
        before = catalog.export()
        bring(catalog, form(*rows))
        assert catalog.export() == before
    bring(catalog, json.dumps(before, default=list).encode())
    assert catalog.export() == before


def test_two_garments_may_change_their_gtins_over_in_one_file(catalog: Catalog) -> None:
    bring(catalog, sheet(FIRST, f"A1 170/88A 黑色 {OTHER} L1"))
    swapped = sheet(f"A1 175/92A 黑色 {OTHER} L1", f"A1 170/88A 黑色 {ONE} L1")
    with pytest.raises(RecordError, match="与资料库里的同一款同一号型不同"):
        bring(catalog, swapped)
    assert "删去" not in bring(catalog, swapped, replace=True)
    assert [one.gtin for one in catalog.styles.list()] == [ONE, OTHER]


def test_an_export_with_one_garment_twice_is_refused(catalog: Catalog) -> None:
    bring(catalog, sheet(FIRST))
    (style,) = catalog.export()["styles"]
    with pytest.raises(RecordError, match="A1 号型 175/92A 写了两次"):
        bring(catalog, json.dumps({"styles": [style, {**style, "gtin": OTHER}]}).encode())
