"""Two firms with a style and a lot of one number: each has its own goods, and nothing of the other's is replaced."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from edge_agent.catalog import Catalog
from edge_agent.errors import NotFoundError
from edge_agent.service.lots import Listing, Lots
from label_protocol.errors import RecordError

SAMPLE = json.loads(
    (Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "down_graded.json").read_text("utf-8")
)
LOT, STYLE, SIZE = SAMPLE["lot"]["lot_no"], SAMPLE["product"]["style_no"], SAMPLE["product"]["size"]
FIRMS = {"91330482MA0000000L": "06901234567892", "91330482MA0000001K": "06901234567908"}


def record(gtin: str, **more: Any) -> bytes:
    found = copy.deepcopy(SAMPLE)
    found["product"] |= {"gtin": gtin, **more}
    return json.dumps(found).encode()


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    found = Catalog.open(tmp_path / "catalogue.json")
    for firm, gtin in FIRMS.items():
        found.of_firm(firm).import_json(record(gtin, brand=f"示例{firm[-1]}"))
    return found


def test_each_firm_has_its_own_goods_under_one_number(catalog: Catalog) -> None:
    assert catalog.firms() == tuple(sorted(FIRMS))
    for firm, gtin in FIRMS.items():
        found = catalog.of_firm(firm).record(STYLE, SIZE, LOT)
        assert (found.product.gtin, found.product.brand) == (gtin, f"示例{firm[-1]}")
    with pytest.raises(NotFoundError):
        catalog.record(STYLE, SIZE, LOT)
    first = next(iter(FIRMS))
    assert catalog.of_firm(first).export()["styles"][0]["gtin"] == FIRMS[first]


def test_a_lot_of_another_style_is_refused_within_a_firm_only(catalog: Catalog) -> None:
    first, second = FIRMS
    catalog.import_json(record("06901234567915", style_no="OTHER"))
    with pytest.raises(RecordError, match="在资料库里是款号"):
        catalog.of_firm(first).import_json(record("06901234567922", style_no="OTHER"))
    assert catalog.of_firm(second).goods_of(LOT) != catalog.goods_of(LOT)


def test_goods_of_nobody_in_particular_are_every_firms(tmp_path: Path) -> None:
    found = Catalog.open(tmp_path / "catalogue.json")
    found.import_json(record("06901234567892"))
    assert found.firms() == ()
    assert found.of_firm(next(iter(FIRMS))).record(STYLE, SIZE, LOT).product.gtin == "06901234567892"


def test_the_page_lists_both_and_offers_each_its_lot(catalog: Catalog) -> None:
    listing = Listing.read(catalog)
    assert {(one.style_no, one.firm) for one in listing.styles} == {(STYLE, firm) for firm in FIRMS}
    lots = Lots(listing.lots, listing.goods, {}, {}, listing.firms)
    assert lots.offered(listing.styles) == {(STYLE, SIZE, firm): [LOT] for firm in FIRMS}


@pytest.mark.parametrize("firm", ["a b", "x@y", "厂", "F" * 41])
def test_a_firm_is_named_as_the_registry_does(catalog: Catalog, firm: str) -> None:
    with pytest.raises(RecordError, match="统一社会信用代码"):
        catalog.of_firm(firm)
