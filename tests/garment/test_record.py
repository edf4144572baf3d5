"""The garment record: one spelling for what is the same, and one clear sentence for what is wrong."""

import copy
import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from garment.record import parse_record, record_from
from label_protocol.errors import RecordError

SAMPLES = sorted((Path(__file__).parents[2] / "edge_agent" / "demo" / "samples").glob("*.json"))


def sample(name: str = "down_graded") -> dict[str, Any]:
    value: dict[str, Any] = json.loads((SAMPLES[0].parent / f"{name}.json").read_text("utf-8"))
    return value


def with_value(path: str, value: Any, name: str = "down_graded") -> dict[str, Any]:
    record = sample(name)
    target: Any = record
    *steps, last = path.split(".")
    for step in steps:
        target = target[int(step)] if isinstance(target, list) else target[step]
    target[int(last) if isinstance(target, list) else last] = value
    return record


def refusal(value: Any) -> str:
    with pytest.raises(RecordError) as caught:
        record_from(value)
    return str(caught.value)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_every_sample_parses_and_its_snapshot_parses_to_itself(path: Path) -> None:
    record = parse_record(path.read_bytes())
    assert record_from(record.facts()) == record
    assert record_from(record.facts()).facts() == record.facts()


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse_record(b"\xef\xbb\xbf" + SAMPLES[0].read_bytes()) == parse_record(SAMPLES[0].read_bytes())


def test_a_carbon_mark_may_be_there_and_its_value_has_one_spelling() -> None:
    facts = record_from(with_value("product.carbon_mark", {"value": 35.880, "declared_unit": "1 件"})).facts()
    assert facts["product"]["carbon_mark"] == {"value": "35.88", "declared_unit": "1 件"}
    assert "carbon_mark" not in record_from(sample()).facts()["product"]


@pytest.mark.parametrize("spelling", [90, 90.0, "90", "90.0", "90.0000", "9e+1", Decimal("9E+1"), Decimal("90.00")])
def test_equal_numbers_have_one_spelling(spelling: Any) -> None:
    facts = record_from(with_value("product.composition.2.down.cluster_percent", spelling)).facts()
    assert facts["product"]["composition"][2]["down"]["cluster_percent"] == "90"


@pytest.mark.parametrize(
    ("given", "plain"), [("1E+2", "100"), ("-0", None), ("0.50", "0.5"), (0, "0"), (0.1, "0.1"), ("00.5", "0.5")]
)
def test_a_percent_leaves_as_a_plain_string(given: Any, plain: str | None) -> None:
    value = with_value("product.composition.0.fibres.0.percent", given)
    if plain is None:
        assert "expected a number in digits 0-9" in refusal(value)
    else:
        assert record_from(value).facts()["product"]["composition"][0]["fibres"][0]["percent"] == plain


@pytest.mark.parametrize("given", ["９０", "٩٠", "9_0", " 90", "0x5A", "1e999", True, None, [], "NaN", float("inf")])
def test_a_percent_is_ascii_digits_and_nothing_else(given: Any) -> None:
    assert refusal(with_value("product.composition.0.fibres.0.percent", given)).startswith(
        "garment record, product.composition.0.fibres.0.percent: expected "
    )


@pytest.mark.parametrize("unseen", ["\x00", "\x1b", "\u200b", "\u202e", "\ufeffx", "\u2028x", "\ue000"])
def test_what_nobody_can_see_is_refused_by_its_code(unseen: str) -> None:
    assert f"U+{ord(unseen[0]):04X}" in refusal(with_value("product.style_no", f"A{unseen}B"))


def test_text_is_nfc_and_without_spaces_at_its_ends() -> None:
    assert record_from(with_value("product.brand", "\u3000Cafe\u0301 ")).product.brand == "Caf\u00e9"
    assert "not only spaces" in refusal(with_value("product.brand", " \u3000"))


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("product.colr", "黑", "product.colr: expected only the fields of the description, got an unknown field"),
        ("product.size", "\ud800", "product.size: expected text that UTF-8 can carry"),
        ("product.composition.0.fibres.0.percent", 101, "percent: expected less than or equal to 100, got '101'"),
        ("product.composition.0.fibres.0.percent", "1.1234567", "percent: expected no more than 7 digits in total"),
        ("product.size", 175, "product.size: expected text in quotes, got '175'; correct it"),
        ("product.wearer", "man", "product.wearer: expected 'adult', 'child' or 'infant', got 'man'"),
        ("lot.quantity", True, "lot.quantity: expected a whole number, got 'True'"),
        ("lot.quantity", "5000", "lot.quantity: expected a whole number, got '5000'"),
        ("lot.inspected_on", "2026-02-30", "lot.inspected_on: expected a day of the calendar as YYYY-MM-DD, got"),
        ("lot.inspected_on", "20261110", "lot.inspected_on: expected a date as YYYY-MM-DD, got '20261110'"),
        ("product.care.0", "wash_31", "product.care.0: expected a care code such as wash_30_mild"),
        ("product.composition.0", "锦纶", "product.composition.0: expected an object, got '锦纶'"),
        ("product.composition", {}, "product.composition: expected a list, got 'a dict'"),
        ("product.fill_weight_g.175/92A", 0, "product.fill_weight_g.175/92A: "),
        (
            "product.carbon_mark",
            {"valid_to": "2027"},
            "carbon_mark.valid_to: expected a date as YYYY-MM-DD, got '2027'",
        ),
        ("product.carbon_mark", {"artwork_sha256": "AB" * 32}, "artwork_sha256: expected a SHA-256 as 64 hexadecimal"),
        ("product.carbon_mark", {"value": -1}, "carbon_mark.value: expected greater than or equal to 0, got '-1'"),
        ("product.carbon_mark", {"picture": "x"}, "carbon_mark.picture: expected only the fields of the description"),
    ],
)
def test_a_wrong_field_is_named_with_expected_and_got(path: str, value: Any, sentence: str) -> None:
    assert sentence in refusal(with_value(path, value))


def test_a_missing_field_is_named() -> None:
    record = sample()
    del record["product"]["gtin"]
    assert refusal(record) == "garment record, product.gtin: expected a value, got nothing; add the field"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (b'{"product": 1, "product": 2}', "the key 'product' twice in one object; remove it"),
        (b'{"product": }', "line 1, column 13"),
        ("衬衫".encode("gb18030"), "save the file as UTF-8"),
        (b"[" * 100_000, "too many levels"),
        (b"", "line 1, column 1"),
        (b"1" * 5000, "Exceeds the limit"),
        (b"[]", "the whole: expected an object"),
    ],
)
def test_a_text_that_is_no_record_says_where(text: bytes, part: str) -> None:
    with pytest.raises(RecordError, match="garment record") as caught:
        parse_record(text)
    assert part in str(caught.value)


def test_a_list_has_a_limit() -> None:
    part = {"part": "面料", "fibres": [{"name": "棉", "percent": 100}]}
    assert "product.composition: " in refusal(with_value("product.composition", [part] * 201))


def test_fill_weight_is_that_of_the_size_and_quota_that_of_the_lot() -> None:
    record = record_from(sample())
    assert (record.fill_weight, record.quota_key) == (Decimal(150), "lot:L20261118A")
    without = sample()
    del without["lot"], without["product"]["fill_weight_g"]
    assert (record_from(without).fill_weight, record_from(without).quota_key) == (None, "style:YR2026-0801")


JUNK: tuple[Any, ...] = (
    None,
    "",
    0,
    -1,
    1.5,
    True,
    [],
    {},
    [[]],
    {"x": 1},
    "^XZ~JA",
    "a" * 10_001,
    10**30,
    "\ud800",
    "\U0001f600",
)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [leaf for key, inner in items for leaf in leaves(inner, (*path, key))]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda p: p.stem)
def test_a_damaged_record_is_a_record_or_a_record_error_never_anything_else(path: Path) -> None:
    good, rng = json.loads(path.read_text("utf-8")), random.Random(path.stem)
    for leaf in leaves(good):
        for junk in rng.sample(JUNK, 6):
            record = copy.deepcopy(good)
            target = record
            for step in leaf[:-1]:
                target = target[step]
            target[leaf[-1]] = junk
            try:
                assert record_from(record_from(record).facts()) is not None
            except RecordError as error:
                assert str(error).startswith("garment record, ")
