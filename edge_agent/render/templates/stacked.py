"""Template format 2: slots without a place of their own stand in rows and columns, which share their room.

A `way` is a tree of rows and columns that names each slot once; the first way that holds everything is the label.
What a slot wants of its stack comes from its content, from its least character height to the wished one; lengths only
bound it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from edge_agent.render.templates.slots import (
    AnyBox,
    AnyCare,
    AnyCheckCode,
    AnyComposition,
    AnyFields,
    AnyIndicators,
    AnyMark,
    AnyQr,
    AnySerial,
    AnyText,
    Length,
    Lettered,
    Mm,
    Name,
    Part,
    Slot,
)


def _in_order(bounds: float | tuple[float, ...]) -> float | tuple[float, ...]:
    if isinstance(bounds, tuple) and list(bounds) != sorted(bounds):
        raise ValueError(f"expected [least, wish, most] from small to large, got {list(bounds)}")
    return bounds


Bounds = Annotated[Mm | tuple[Mm, Mm, Mm], AfterValidator(_in_order)]
"""A length, or the least, the wished and the most."""

Margin = tuple[Mm, Mm] | tuple[Mm, Mm, Mm]
"""Left and right; top and bottom. Of three: left and right, top, bottom, for a tag with a hole at its top."""

Share = Annotated[float, Field(strict=True, ge=0, le=100)]
"""How much is given way to it: short of room it keeps, and beyond its wish it takes, in this proportion; 0: it takes
nothing beyond its wish."""


class Stacked(Part):
    """Stands in the rows or columns of a way."""

    share: Share = 1.0


class TextItem(Stacked, AnyText):
    """A text; `height_mm` bounds a filled box around it. `shrink_first`: it becomes smaller before it wraps."""

    height_mm: Bounds | None = None
    shrink_first: Annotated[bool, Field(strict=True)] = False


class FieldsItem(Stacked, AnyFields):
    """Rows of caption and value; captions are as wide as the widest, or, where a way says so, run in."""


class CompositionItem(Stacked, AnyComposition):
    """Fibre content; several fibres stand in columns where that costs no line."""


class IndicatorsItem(Stacked, AnyIndicators):
    """Levels as rows, which spread over the height there is."""


class BoxItem(Stacked, AnyBox):
    """A rule as long as its stack is wide, or high, and `thick_mm` thick."""

    thick_mm: Length = 0.25


class QrItem(Stacked, AnyQr):
    """The QR code, its modules from `x_mm` down to `min_x_mm`; gaps and margins around it hold its quiet zone."""

    x_mm: Annotated[float, Field(strict=True, ge=0.2, le=2)] = 0.5

    @model_validator(mode="after")
    def _not_above(self) -> Self:
        if self.min_x_mm > self.x_mm:
            raise ValueError(f"expected min_x_mm ≤ x_mm ({self.x_mm:g}), got {self.min_x_mm:g}")
        return self


class SerialItem(Stacked, AnySerial):
    """The serial, as wide and high as the widest one there is."""


class CareItem(Stacked, AnyCare):
    """Care symbols, in as many rows as its width makes them take."""


class MarkItem(Stacked, AnyMark):
    """A certified mark in room of this width and height."""

    width_mm: Length
    height_mm: Length


class CheckCodeItem(Stacked, AnyCheckCode):
    """The check code, as wide and high as the widest one there is."""


class SsccItem(Stacked, Lettered):
    """The bars of a carton's SSCC with their quiet zones, `bar_mm` high, and below them the number for the eye. Widths
    and height are those of logistic units (GS1 General Specifications, table 5 of section 5.9.3 in release 18)."""

    kind: Literal["sscc"]
    x_mm: Annotated[float, Field(strict=True, ge=0.495, le=0.94)] = 0.5
    min_x_mm: Annotated[float, Field(strict=True, ge=0.495, le=0.94)] = 0.495
    bar_mm: Annotated[float, Field(strict=True, ge=10, le=100)] = 31.75

    @model_validator(mode="after")
    def _not_above(self) -> Self:
        if self.min_x_mm > self.x_mm:
            raise ValueError(f"expected min_x_mm ≤ x_mm ({self.x_mm:g}), got {self.min_x_mm:g}")
        return self


class ContentsItem(Stacked, Lettered):
    """What is in a carton, counted by style, colour and size; where that is too much, by style, or in one line."""

    kind: Literal["contents"]


Item = Annotated[
    TextItem
    | FieldsItem
    | CompositionItem
    | IndicatorsItem
    | BoxItem
    | CareItem
    | MarkItem
    | QrItem
    | SerialItem
    | CheckCodeItem
    | SsccItem
    | ContentsItem,
    Field(discriminator="kind"),
]


AnySlot = Slot | Item
"""Of either format."""


class Stack(Part):
    """Names of slots, or stacks, below each other (`rows`) or side by side (`columns`), with `gap_mm` between them.
    `share` as of a slot; in columns, one of 0 is as narrow as its content allows. Columns without room for all stand
    below each other unless `wrap` is false; `equal` ones are all of one width, so that rows of them make a grid."""

    rows: Annotated[tuple[Name | Stack, ...], Field(min_length=1, max_length=40)] | None = None
    columns: Annotated[tuple[Name | Stack, ...], Field(min_length=1, max_length=10)] | None = None
    gap_mm: Bounds = 0.0
    share: Share = 1.0
    wrap: Annotated[bool, Field(strict=True)] = True
    equal: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.rows is None) == (self.columns is None):
            got = "neither" if self.rows is None else "both"
            raise ValueError(f"expected either rows or columns in a stack, got {got}")
        return self

    @property
    def nodes(self) -> tuple[str | Stack, ...]:
        """What it holds."""
        return self.rows or self.columns or ()

    def names(self) -> tuple[str, ...]:
        """The slots in it and in its stacks, in order."""
        return tuple(name for node in self.nodes for name in ((node,) if isinstance(node, str) else node.names()))


class Way(Stack):
    """One way to arrange the label. `captions`: of tables, beside their values in a column of their own, or run in.
    `margin_mm`: left and right, top and bottom, where they are not the template's."""

    captions: Literal["beside", "run_in"] = "beside"
    margin_mm: Margin | None = None
