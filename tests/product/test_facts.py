"""One table says what the facts of a record are called, and none of those that ask it lacks one."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from central_registry.consumer.garment_facts import page_of
from edge_agent.catalog import Catalog
from edge_agent.render.facts import facts_of, value
from edge_agent.render.paths import check_fact
from garment.certificate import TABLE, fact_words, stated
from garment.facts import FACTS, INDICATORS_PATH, Fact
from garment.record import Down, Lot, Product

CELLS = {
    "gtin": "6901234567892",
    "wearer": "成人",
    "composition": "面料: 棉 100",
    "down_cluster_percent": "90",
    "fill_weight_g": "150",
    "care": "wash_30_mild",
    "carbon_value": "35.8",
    "carbon_valid_to": "2027-06-30",
    "carbon_artwork_sha256": "ab" * 32,
    "inspected_on": "2026-11-10",
    "quantity": "5000",
    "grade_cluster_content_measured": "92.5%",
    "grade_fill_power_measured": "18cm",
    "grade_turbidity_measured": "900mm",
    "grade_down_leakage_measured": "5根",
    "grade_colour_fastness_measured": "4-5级",
}
"""Facts that are no text of any kind; the cells of all others are told apart by the names of their columns."""


def cell(fact: Fact) -> str:
    return CELLS.get(fact.column, f"a {fact.column}")


def fields(model: type[BaseModel], path: str) -> Iterator[str]:
    """Paths of a model's fields; a list or a table of several values is one."""
    for name, field in model.model_fields.items():
        rows = get_origin(field.annotation) is tuple
        inner = [one for one in (field.annotation, *get_args(field.annotation)) if _is_model(one) and not rows]
        yield from fields(inner[0], f"{path}.{name}") if inner else [f"{path}.{name}"]


def _is_model(one: Any) -> bool:
    return isinstance(one, type) and issubclass(one, BaseModel)


def imported(path: Path) -> dict[str, Any]:
    """The record of a spreadsheet of one row, every column filled."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(([fact.heading for fact in FACTS], map(cell, FACTS)))
    catalog = Catalog.open(path)
    catalog.import_sheet(file.getvalue().encode())
    return catalog.record("a style_no", "a size", "a lot_no").facts()


def test_every_fact_is_known_to_all_by_one_table(tmp_path: Path) -> None:
    listed = {fact.path for fact in FACTS if not fact.path.startswith(INDICATORS_PATH)}
    of_record = {*fields(Product, "product"), *fields(Lot, "lot"), *(f"filling.{name}" for name in Down.model_fields)}
    assert listed == of_record - {INDICATORS_PATH.rstrip(".")}, "a field without a row, or a row without a field"
    record = imported(tmp_path / "catalog.json")
    named, page, compared = facts_of(record), str(asdict(page_of(record))), stated(record)
    for fact in FACTS:
        check_fact(fact.path)
        found = value(fact.path, named)
        assert found if fact.several or fact.column == "wearer" else str(found) == cell(fact), fact
        assert not fact.zh or f"'{fact.en}'" in page, f"{fact}: the scan page names it"
        assert not fact.zh or fact.column in CELLS or cell(fact) in page, f"{fact}: and shows it"
    of_table = {row.path: row.fact for row in TABLE}
    for fact in FACTS:
        if not fact.several and fact.path in of_table:
            name = of_table[fact.path]
            assert compared[name] == cell(fact), fact
            assert not fact.zh or fact_words(name) == (fact.zh, fact.en), fact
    assert of_table.keys() - {fact.path for fact in FACTS} == {INDICATORS_PATH.rstrip(".")}
