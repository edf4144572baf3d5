"""A template consists of slots: these are their kinds and fields, in millimetres.

`Any…` is what a slot shows, in a template of either format; `…Slot` is it at a place of its own (format 1), and
`stacked.py` has it in a row or column that shares its room (format 2). Slots are frozen and closed: an unknown key is
an error. Adding a kind is a class here, its name in `Slot`, and a painter in `painters/paint.py`.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from edge_agent.render.facts import check_one, check_path, fields
from edge_agent.render.type.fonts import Weight
from edge_agent.render.type.text import Align, Valign

Mm = Annotated[float, Field(strict=True, ge=0, le=300)]
Length = Annotated[float, Field(strict=True, gt=0, le=300)]
CharMm = Annotated[float, Field(strict=True, ge=1, le=50)]
"""Height of the ink of 国. One millimetre is the least that a thermal head prints as Chinese at all."""


LEAST_SYMBOL_MM = 4.0
"""Least height of a care symbol, our choice by eye: at 203 dpi that is 32 dots, below it numbers and hand clog."""


def _checked_text(text: str) -> str:
    fields(text)
    return text


Text = Annotated[str, Field(max_length=200), AfterValidator(_checked_text)]
FactPath = Annotated[str, AfterValidator(check_path)]
OneFact = Annotated[str, AfterValidator(check_one)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Named(Part):
    """What every slot has: its name."""

    name: Name


class Placed(Part):
    """Left and top edge, width and height, in millimetres from the label's top left corner."""

    at_mm: tuple[Mm, Mm]
    size_mm: tuple[Length, Length]
    pages: Literal["every", "last"] = "every"
    """Of an order sheet: on which pages the slot stands."""

    @property
    def edges_mm(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom."""
        (left, top), (width, height) = self.at_mm, self.size_mm
        return left, top, left + width, top + height


class Lettered(_Named):
    char_mm: CharMm
    min_char_mm: CharMm = 1.8
    weight: Weight = "regular"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_char_mm > self.char_mm:
            raise ValueError(f"expected min_char_mm ≤ char_mm ({self.char_mm}), got {self.min_char_mm}")
        return self


class AnyText(Lettered):
    """One text with facts in braces; left out if one of the facts is absent, or the fact `when` is: a caption goes
    with what it stands over. `inverse`: white on a filled box."""

    kind: Literal["text"]
    text: Text
    when: FactPath | None = None
    align: Align = "left"
    valign: Valign = "top"
    max_lines: Annotated[int, Field(strict=True, ge=1, le=50)] = 1
    inverse: Annotated[bool, Field(strict=True)] = False
    pad_mm: Mm = 0.0


class Row(Part):
    """A label and its text; the row is left out if a fact is absent."""

    label: Annotated[str, Field(min_length=1, max_length=20)]
    text: Text


class AnyFields(Lettered):
    """Rows of label and value in two aligned columns; absent rows are left out."""

    kind: Literal["fields"]
    valign: Valign = "top"
    rows: Annotated[tuple[Row, ...], Field(min_length=1, max_length=40)]


class AnyComposition(Lettered):
    """Fibre content, one row for each part of the garment, fibres in the order of the record."""

    kind: Literal["composition"]
    valign: Valign = "top"


class Indicator(Part):
    """A label, the path of its level (`AAAA` or `4A`), and that of the figure behind it, if one is to be shown."""

    label: Annotated[str, Field(min_length=1, max_length=20)]
    path: OneFact
    measured: OneFact | None = None


class AnyIndicators(Lettered):
    """Levels as rows: label in the first `label_mm`, the figure where one is stated, five marks, and in the last
    `level_mm` the level as text."""

    kind: Literal["indicators"]
    label_mm: Length
    level_mm: Length
    rows: Annotated[tuple[Indicator, ...], Field(min_length=1, max_length=20)]


class AnyBox(_Named):
    """A frame `stroke_mm` thick, or with 0 a filled box; a thin filled box is a rule."""

    kind: Literal["box"]
    stroke_mm: Mm = 0.0


class AnyQr(_Named):
    """The QR code with its quiet zone of four modules inside the slot."""

    kind: Literal["qr"]
    ecc: Literal["L", "M", "Q", "H"] = "M"
    min_x_mm: Annotated[float, Field(strict=True, ge=0.2, le=2)] = 0.375


class AnySerial(Lettered):
    """The serial for the eye, on one line, on two, or on four of one group each; each character in its own cell."""

    kind: Literal["serial"]
    lines: Literal[1, 2, 4] = 1
    align: Align = "center"


class AnyCare(Lettered):
    """Care symbols in the order of GB/T 8685, in as many rows as the slot's width makes them take; with `words`, what
    each means in Chinese. `symbol_mm` is the height of the tub, the square or the circle; bars hang below it."""

    kind: Literal["care"]
    symbol_mm: Annotated[float, Field(strict=True, ge=LEAST_SYMBOL_MM, le=50)]
    words: Annotated[bool, Field(strict=True)] = False


class AnyMark(_Named):
    """A certified mark: never made by us, only the artwork that the record pins by its hash, as large as fits."""

    kind: Literal["mark"]
    mark: Literal["carbon"] = "carbon"


class AnyCheckCode(Lettered):
    """The keyed short code of this very label (防伪码) after its caption, on one line."""

    kind: Literal["check_code"]
    label: Annotated[str, Field(min_length=1, max_length=20)] = "防伪码"


class Column(Part):
    """A column of an order sheet: its heading, and its texts under one another (one whose facts are absent is left
    out), or the fibre content. `total` stands below it on the last page."""

    label: Annotated[str, Field(min_length=1, max_length=20)]
    width_mm: Length
    texts: Annotated[tuple[Text, ...], Field(max_length=8)] = ()
    composition: Annotated[bool, Field(strict=True)] = False
    align: Align = "left"
    total: Text | None = None

    @model_validator(mode="after")
    def _filled(self) -> Self:
        if bool(self.texts) == self.composition:
            raise ValueError(f"expected either texts or composition = true, got {'both' if self.texts else 'neither'}")
        return self


class OrderLinesSlot(Placed, Lettered):
    """The goods of an order sheet: headings on every page, rows that are never cut, and on the last page a row of
    totals: `total` up to the first column that has one of its own, then theirs. There the table ends `last_height_mm`
    below its top, so that slots of the last page may follow; `end` is written where paper is left below the totals."""

    kind: Literal["order_lines"]
    last_height_mm: Length
    pad_mm: Mm = 0.7
    rule_mm: Annotated[float, Field(strict=True, ge=0.05, le=2)] = 0.15
    total: Text
    end: Annotated[str, Field(max_length=40)] = ""
    columns: Annotated[tuple[Column, ...], Field(min_length=2, max_length=30)]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        width = sum(column.width_mm for column in self.columns)
        if abs(width - self.size_mm[0]) > 0.01:
            raise ValueError(
                f"expected columns as wide as the slot ({self.size_mm[0]:g} mm) together, got {width:g} mm"
            )
        if (count := sum(column.composition for column in self.columns)) != 1:
            raise ValueError(f"expected one column with composition = true, got {count}")
        if self.columns[0].total is not None:
            raise ValueError("expected no total in the first column, where the slot's own total begins; move it")
        if self.last_height_mm > self.size_mm[1]:
            raise ValueError(f"expected last_height_mm ≤ {self.size_mm[1]:g}, got {self.last_height_mm:g}")
        return self


class TextSlot(Placed, AnyText):
    """A text at its place."""


class FieldsSlot(Placed, AnyFields):
    """Rows at their place; the values begin `label_mm` from its left edge."""

    label_mm: Length


class CompositionSlot(Placed, AnyComposition):
    """Fibre content at its place; the fibres begin `label_mm` from its left edge."""

    label_mm: Length


class IndicatorsSlot(Placed, AnyIndicators):
    """Levels at their place."""


class BoxSlot(Placed, AnyBox):
    """A frame or a rule at its place."""


class QrSlot(Placed, AnyQr):
    """The QR code, with its quiet zone inside its place."""


class SerialSlot(Placed, AnySerial):
    """The serial at its place."""


class CareSlot(Placed, AnyCare):
    """Care symbols at their place, in as many rows as its width makes them take."""


class MarkSlot(Placed, AnyMark):
    """A certified mark at its place, as large as fits."""


class CheckCodeSlot(Placed, AnyCheckCode):
    """The check code at its place."""


Slot = Annotated[
    TextSlot
    | FieldsSlot
    | CompositionSlot
    | IndicatorsSlot
    | BoxSlot
    | CareSlot
    | MarkSlot
    | QrSlot
    | SerialSlot
    | CheckCodeSlot
    | OrderLinesSlot,
    Field(discriminator="kind"),
]

PER_LABEL = frozenset({"qr", "serial", "check_code"})
"""Kinds that differ from label to label: printed as patches over a stored background, so nothing else may lie there."""
