"""The garment record (docs/architecture.md, 7.1): field names are fixed; unknown fields and duplicate keys are refused.

One garment has one snapshot. So everything that looks the same on a label is the same here: numbers are decimals that
leave as plain strings (90, 90.0 and 9E+1 are all "90"), text is Unicode NFC without spaces at its ends, and characters
nobody can see (controls, zero-width, direction marks, variation selectors) are refused, as are digits of other scripts
in numbers.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    Strict,
    ValidationError,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue

from garment.strict_json import first_flaw, parse_json
from label_protocol.errors import RecordError
from label_protocol.plain import unseen

MAX_TEXT = 10_000
"""Longest field that is read at all; whether it fits a label is the renderer's affair."""

MAX_ROWS = 200
"""Longest list that is read at all: the largest size grid seen has some 40 sizes, a care line has 7 symbols."""

_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?([eE][+-]?[0-9]{1,2})?")
_HALF_GRADE = re.compile(r"[1-4]-[2-5]")
"""4-5 of a grey scale (GB/T 250, ISO 105-A02): between two grades, and no number."""
MAX_FIGURE = 1_000_000
"""No indicator of a garment is measured in more of its unit."""
_CARE = re.compile(
    r"wash_(95|70|60|50|40|30)(_mild|_very_mild)?|wash_hand|wash_no|bleach_(any|oxygen|no)"
    r"|dry_(line|drip|flat|drip_flat)(_shade)?|tumble_(normal|low|no)|iron_(200|150|110|no)"
    r"|dryclean_[pf](_mild)?|dryclean_no|wetclean(_mild|_very_mild)?|wetclean_no"
)


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text).strip()
    bad = next(filter(unseen, text), None)
    if bad is not None:
        raise ValueError(f"expected printable text without the unseen character U+{ord(bad):04X}")
    if not text:
        raise ValueError("expected text, not only spaces")
    return text


def _ascii_number(value: Any) -> Any:
    """A number as JSON or a snapshot writes it; `Decimal` alone would also take "1_0" and digits of other scripts."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError("expected a number in digits 0-9")
    return value


def _plain(value: Decimal) -> Decimal:
    """The one spelling of a number: no exponent, no zeros at the end, no minus zero."""
    value = abs(value).normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def _figure(value: Any) -> str:
    """What was measured, in its one spelling: a number without exponent or zeros that say nothing, or a half grade."""
    text = str(value) if isinstance(value, str | int | float | Decimal) and not isinstance(value, bool) else ""
    if _HALF_GRADE.fullmatch(text):
        return text
    if not _NUMBER.fullmatch(text) or (number := Decimal(text)) > MAX_FIGURE:
        raise ValueError(f"expected a number up to {MAX_FIGURE} such as 18 or 92.5, or a half grade such as 4-5")
    return f"{_plain(number):f}"


def _care_code(code: str) -> str:
    if not _CARE.fullmatch(code):
        raise ValueError("expected a care code such as wash_30_mild or iron_110 (docs/care-symbols.md shows them all)")
    return code


def _sha256(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("expected a SHA-256 as 64 hexadecimal digits in lower case")
    return text


def _calendar_date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError as cause:
        raise ValueError("expected a day of the calendar as YYYY-MM-DD") from cause
    return text


Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT), AfterValidator(_clean)]
_READ = BeforeValidator(_ascii_number)
_WRITTEN = AfterValidator(_plain)
Percent = Annotated[Decimal, _READ, Field(ge=0, le=100, max_digits=7, allow_inf_nan=False), _WRITTEN]
Grams = Annotated[Decimal, _READ, Field(gt=0, le=100_000, max_digits=9, allow_inf_nan=False), _WRITTEN]
KgCo2e = Annotated[Decimal, _READ, Field(ge=0, le=1_000_000_000, max_digits=15, allow_inf_nan=False), _WRITTEN]
Figure = Annotated[str, BeforeValidator(_figure)]
Sha256 = Annotated[str, AfterValidator(_sha256)]
IsoDate = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_calendar_date)]
CareCode = Annotated[Text, AfterValidator(_care_code)]
_FEW = Field(max_length=MAX_ROWS)


class StrictModel(BaseModel):
    """Base of what people tell us: frozen, and a field that nobody described is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fibre(StrictModel):
    """One fibre of one part; `percent` by mass."""

    name: Text
    percent: Percent


class Down(StrictModel):
    """Down filling: species (鹅绒, 鸭绒) and stated 绒子含量 in percent."""

    species: Text
    cluster_percent: Percent


class Part(StrictModel):
    """One part of the garment (面料, 里料, 填充物 …): its fibres, or its down."""

    part: Text
    fibres: Annotated[tuple[Fibre, ...], _FEW] | None = None
    down: Down | None = None


class Maker(StrictModel):
    """Who made it; `uscc` is the 统一社会信用代码."""

    name: Text
    address: Text
    uscc: Text | None = None


class CarbonMark(StrictModel):
    """A certified product carbon footprint as its certificate states it, and the artwork of its mark, which is never
    drawn by us. `value` is in kgCO2e per `declared_unit`; what is missing is a finding of rule M1."""

    certificate_no: Text | None = None
    body: Text | None = None
    value: KgCo2e | None = None
    declared_unit: Text | None = None
    valid_to: IsoDate | None = None
    artwork_sha256: Sha256 | None = None


class Product(StrictModel):
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
    composition: Annotated[tuple[Part, ...], _FEW]
    fill_weight_g: Annotated[dict[Text, Grams], _FEW] | None = None
    care: Annotated[tuple[CareCode, ...], _FEW] = ()
    maker: Maker | None = None
    carbon_mark: CarbonMark | None = None


class Indicator(StrictModel):
    """One graded property as the certificate states it: its level, and beside it what was measured, if that is stated.

    A text alone is the level, and is how a level without a figure is written. A figure never decides the level.
    """

    level: Text | None = None
    measured: Figure | None = None
    unit: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _of_level(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"level": given}
        if isinstance(given, dict | Indicator):
            return given
        raise ValueError('expected a level in quotes, or {"level": "AAAA", "measured": "18", "unit": "cm"}')

    @model_validator(mode="after")
    def _figure_has_a_unit(self) -> Self:
        if (self.measured is None) != (self.unit is None):
            raise ValueError('expected measured and unit together, as in "measured": "18", "unit": "cm"')
        return self

    @model_serializer
    def _as_written(self) -> str | dict[str, str] | None:
        stated = {"level": self.level, "measured": self.measured, "unit": self.unit}
        return self.level if self.measured is None else {name: one for name, one in stated.items() if one is not None}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Both forms, for the description of the API."""
        return {"anyOf": [{"type": "string", "minLength": 1, "maxLength": MAX_TEXT}, handler(core)]}


class Grade(StrictModel):
    """Levels as the certificate states them; never computed."""

    scheme: Text
    overall: Text | None = None
    indicators: Annotated[dict[Text, Indicator | None], _FEW] = {}

    def stated(self) -> dict[str, Indicator]:
        """The indicators of which the record says something, by their names."""
        return {name: one for name, one in self.indicators.items() if one is not None}


class Lot(StrictModel):
    """The inspected batch; `quantity` describes it and allots nothing."""

    lot_no: Text
    report_no: Text | None = None
    lab: Text | None = None
    inspected_on: IsoDate | None = None
    quantity: Annotated[int, Strict(), Field(ge=0, le=1_000_000_000)] | None = None
    grade: Grade | None = None


class GarmentRecord(StrictModel):
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
    """The record in a JSON text (UTF-8, a byte order mark is allowed).

    Raises:
        RecordError: one sentence that names the first wrong field by its path, expected and got.
    """
    return record_from(parse_json(data))


def record_from(value: Any) -> GarmentRecord:
    """The record in an already parsed JSON value; raises RecordError."""
    try:
        return GarmentRecord.model_validate(value)
    except ValidationError as cause:
        raise RecordError(f"garment record, {first_flaw(cause)}") from cause
