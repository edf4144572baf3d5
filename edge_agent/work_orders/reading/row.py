"""A row of an order as JSON has it, and its bounds: sheets are held to the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, Strict, ValidationError

from edge_agent.messages.work_order import FIELDS
from edge_agent.model.work_order import MAX_FIELD, MAX_ORDER_NO, MAX_QUANTITY, MAX_REMARK, OrderLine, ReadRow
from garment.record import IsoDate, StrictModel, Text
from garment.strict_json import first_flaw


def _absent(value: Any) -> Any:
    """Programs that have nothing to say send an empty text, null, or leave it out."""
    return None if value == "" else value


Number = Annotated[Text, Field(max_length=MAX_ORDER_NO)]
Field_ = Annotated[Text, Field(max_length=MAX_FIELD)]
Perhaps = Annotated[Field_ | None, BeforeValidator(_absent)]


class OrderRow(StrictModel):
    """One line of a work order: a style in a size. Without `line` it is line 1, without `template` the smallest label
    that fits, without `printer` a person chooses one; `firm` says for whom where two have the lot or style."""

    order_no: Number
    line: Annotated[Number | None, BeforeValidator(_absent)] = None
    style_no: Field_
    size: Field_
    quantity: Annotated[int, Strict(), Field(ge=1, le=MAX_QUANTITY)]
    lot_no: Perhaps = None
    template: Perhaps = None
    printer: Perhaps = None
    wanted_by: Annotated[IsoDate | None, BeforeValidator(_absent)] = None
    remark: Annotated[Annotated[Text, Field(max_length=MAX_REMARK)] | None, BeforeValidator(_absent)] = None
    firm: Perhaps = None

    def asked(self, source: str) -> OrderLine:
        """What it asks for."""
        return OrderLine(
            source,
            self.order_no,
            self.line or "1",
            self.style_no,
            self.size,
            self.quantity,
            self.lot_no,
            self.template or "auto",
            self.printer,
            self.wanted_by or "",
            self.remark or "",
            self.firm or "",
        )


def read_row(place: str, values: Any, source: str, flaws: tuple[str, ...] = ()) -> ReadRow:
    """The row of these values; `flaws` were found before, and then nothing more is asked of it."""
    number = values.get("order_no") if isinstance(values, Mapping) else None
    order_no = number.strip() if isinstance(number, str) and number.strip() else None
    if flaws:
        return ReadRow(place, order_no, None, flaws)
    try:
        row = OrderRow.model_validate(values)
    except ValidationError as cause:
        wrong = {one["loc"][0] for one in cause.errors(include_url=False) if one["loc"]}
        known = None if "order_no" in wrong else order_no
        return ReadRow(place, known, None, (_flaw(cause, place),))
    return ReadRow(place, row.order_no, row.asked(source))


def _flaw(cause: ValidationError, place: str) -> str:
    first = cause.errors(include_url=False)[0]["loc"]
    name = FIELDS[str(first[0])].zh if first and first[0] in FIELDS else ""
    zh, _, en = place.partition(" · ")
    return f"{zh}{name}缺少内容或写法不对 · {en or zh}, {first_flaw(cause)}"
