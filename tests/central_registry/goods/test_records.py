"""What is a garment record to the registry, and what is none."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from central_registry.goods import lot_import
from central_registry.goods.records import read_records
from central_registry.issuing import allotments
from central_registry.problems import RefusedError
from label_protocol import wire
from tests.kits.registry_kit import SAMPLES, Registry, garment, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


async def test_every_sample_record_imports_as_style_and_lot_without_floats(registry: Registry) -> None:
    edge = await registry.enrolled()
    records = [record for path in sorted(SAMPLES.glob("*.json")) for record in read_records(path.read_bytes())]
    said = await lot_import.import_lots(registry.pool, records)
    assert said == {"styles": 5, "lots": 5, "changed": 10, "other_sizes": 0}
    for record in records:
        await allotments.allot(registry.pool, edge.agent, f"lot:{record['lot']['lot_no']}", 1)
    items = (await edge.get("feed"))["items"]
    assert sorted(item["kind"] for item in items) == ["allotment"] * 5 + ["lot"] * 5 + ["style"] * 5
    text = json.dumps(items)
    assert wire.load_json(text.encode()) == items, "no floats: an agent's ledger would refuse them"
    lot = next(item for item in items if item.get("lot_no") == "PY26110988")
    assert lot["record"]["product"]["composition"][0]["fibres"][0] == {"name": "绵羊毛", "percent": "50.5"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b"{", "JSON"),
        (b'{"product": {"a": 1, "a": 2}}', "twice"),
        (b"[1]", "product"),
        (b'{"product": {"style_no": "S", "gtin": "06901234567893"}}', "check"),
        (b'{"product": {"style_no": "S", "gtin": "02012345678903"}}', "circulate within one region"),
        (b'{"product": {"style_no": "S", "gtin": "16901234567899"}}', "one garment"),
        (b'{"product": {"style_no": "", "gtin": "06901234567892"}}', "style_no"),
        (b'{"product": {"style_no": "S", "gtin": "06901234567892"}, "lot": {}}', "lot_no"),
        (b'{"product": {"style_no": "S", "gtin": "06901234567892"}, "lot": 3}', "lot"),
        (b'{"product": {"style_no": "S", "gtin": NaN}}', "NaN"),
        (b'{"product": {"style_no": "S", "gtin": "06901234567892", "name": "\\ud800"}}', "half a character"),
        (b'{"product": {"style_no": "S", "gtin": "06901234567892", "name": "\\u0000"}}', "NUL"),
        (b'{"product": {"style_no": "S", "gtin": "06901234567892"}, "x": ' + b"[" * 700 + b"]" * 700 + b"}", "levels"),
    ],
)
def test_records_that_are_none(text: bytes, word: str) -> None:
    with pytest.raises(RefusedError, match=word):
        read_records(text)


@pytest.mark.parametrize("quantity", ["5000", 1.5, True, -1, 10**12])
def test_a_quantity_that_is_no_count_is_refused(quantity: Any) -> None:
    record = garment("L1", quantity=quantity)
    with pytest.raises(RefusedError, match=r"whole number in lot\.quantity"):
        read_records(json.dumps(record).encode())
