"""The garment record (ARCHITECTURE 7.1): field names are fixed, unknown fields and duplicate keys are refused by name.

Numbers are read as decimals and leave as decimal strings, so a percent never passes through a float. Text is brought
to Unicode NFC on the way in; control characters are refused.
"""

from __future__ import annotations

import json
import unicodedata
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from edge_agent.errors import RecordError

MAX_TEXT = 10_000
"""Longest field that is read at all; whether it fits a label is the renderer's affair."""


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text)
    bad = next((c for c in text if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn")), None)
    if bad is not None:
        raise ValueError(f"expected printable text, got the character U+{ord(bad):04X}")
    return text


Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_clean)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=7, allow_inf_nan=False)]
Grams = Annotated[Decimal, Field(gt=0, le=100_000, max_digits=9, allow_inf_nan=False)]
IsoDate = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Fibre(_Facts):
    """One fibre of one part; `percent` by mass."""

    name: Text
    percent: Percent


class Down(_Facts):
    """Down filling: species (鹅绒, 鸭绒) and stated 绒子含量 in percent."""

    species: Text
    cluster_percent: Percent


class Part(_Facts):
    """One part of the garment (面料, 里料, 填充物 …): its fibres, or its down."""

    part: Text
    fibres: tuple[Fibre, ...] | None = None
    down: Down | None = None


class Maker(_Facts):
    """Who made it; `uscc` is the 统一社会信用代码."""

    name: Text
    address: Text
    uscc: Text | None = None


class Product(_Facts):
    """What is sewn: style facts that do not change from lot to lot."""

    brand: Text
    name: Text
    style_no: Text
    colour: Text | None = None
    gtin: Text
    size: Text
    wearer: Literal["adult", "child", "infant"]
    standard: Text
    quality_class: Text | None = None
    safety: Text | None = None
    composition: tuple[Part, ...]
    fill_weight_g: dict[Text, Grams] | None = None
    care: tuple[Text, ...] = ()
    maker: Maker | None = None


class Grade(_Facts):
    """Levels as the certificate states them; never computed."""

    scheme: Text
    overall: Text | None = None
    indicators: dict[Text, Text | None] = {}


class Lot(_Facts):
    """The inspected batch; `quantity` describes it and allots nothing."""

    lot_no: Text
    report_no: Text | None = None
    lab: Text | None = None
    inspected_on: IsoDate | None = None
    quantity: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    grade: Grade | None = None


class GarmentRecord(_Facts):
    """One garment style in one size, and the lot it came from."""

    product: Product
    lot: Lot | None = None

    def facts(self) -> dict[str, Any]:
        """The record as JSON without floats and without absent fields: what a snapshot holds."""
        facts: dict[str, Any] = self.model_dump(mode="json", exclude_none=True)
        return facts

    @property
    def fill_weight(self) -> Decimal | None:
        """Grams of filling for this size, if the record states it."""
        return (self.product.fill_weight_g or {}).get(self.product.size)

    @property
    def quota_key(self) -> str:
        """Which allotment a label of this record draws on."""
        return f"lot:{self.lot.lot_no}" if self.lot else f"style:{self.product.style_no}"


def parse_record(data: bytes | str) -> GarmentRecord:
    """The record in a JSON text (UTF-8).

    Raises:
        RecordError: one sentence that names the first wrong field by its path, expected and got.
    """
    try:
        value = json.loads(data, object_pairs_hook=_unique, parse_float=Decimal)
    except (ValueError, RecursionError) as cause:
        raise RecordError(
            f"garment record: expected one JSON object in UTF-8, got {cause}; see the samples"
        ) from cause
    return record_from(value)


def record_from(value: Any) -> GarmentRecord:
    """The record in an already parsed JSON value; raises as `parse_record`."""
    try:
        return GarmentRecord.model_validate(value)
    except ValidationError as cause:
        raise RecordError(_sentence(cause)) from cause


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the key {twice!r} twice in one object")
    return dict(pairs)


def _sentence(cause: ValidationError) -> str:
    first = cause.errors(include_url=False)[0]
    path = ".".join(str(step) for step in first["loc"]) or "the record"
    if first["type"] == "extra_forbidden":
        return f"garment record, {path}: unknown field; remove it or correct its name"
    if first["type"] == "missing":
        return f"garment record, {path}: expected a value, got nothing; add the field"
    return f"garment record, {path}: {first['msg']}, got {str(first['input'])[:60]!r}"
