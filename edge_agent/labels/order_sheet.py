"""The order behind a 成份订货单: what a small maker hands the market with its goods, many styles on one sheet.

Each line names a garment record, so that the sheet is rendered from the same facts, asked by the same rules, as tag and
wash label of that garment. Amounts are whole numbers; sums are counted, and a sum that the file states must agree. Not
to be mixed up with `service/requests.py`, which is about labels ordered from a printer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, Strict, ValidationError

from edge_agent.errors import FindingsError
from edge_agent.labels.prepare import LabelTerms, Prepared, prepare
from edge_agent.render.order_sheet.pages import OrderLine, OrderSheet
from garment.finding import Finding, Severity
from garment.record import GarmentRecord, IsoDate, Maker, StrictModel, Text, parse_record, record_from
from garment.standards.gb_t_5296_4 import check_uscc
from garment.strict_json import first_flaw, parse_json
from label_protocol.errors import CodeError, RecordError

MAX_LINES = 500
"""Some sixty pages: more is two orders, or a slip of the hand."""

Pieces = Annotated[int, Strict(), Field(gt=0, le=1_000_000_000)]


class Party(StrictModel):
    """Seller or buyer; `uscc` is the 统一社会信用代码."""

    name: Text
    address: Text | None = None
    uscc: Text | None = None
    phone: Text | None = None


class OrderHead(StrictModel):
    """What stands at the head of each page. Without a seller it is the maker that all records name."""

    order_no: Text
    date: IsoDate
    buyer: Party
    seller: Party | None = None
    remarks: Text | None = None


class Stated(StrictModel):
    """Sums that the file states; they are compared with the counted ones and never printed."""

    lines: Pieces | None = None
    styles: Pieces | None = None
    pieces: Pieces | None = None


class _Line(StrictModel):
    record: dict[str, Any] | None = None
    record_path: Text | None = None
    quantity: Pieces
    basis: Text | None = None


class _File(StrictModel):
    order: OrderHead
    lines: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=MAX_LINES)]
    totals: Stated = Stated()


@dataclass(frozen=True, slots=True)
class Line:
    """So many pieces of a garment; `basis` is what its fibre content rests on besides a test report."""

    record: GarmentRecord
    quantity: int
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class SheetOrder:
    """An order as its file says; `lines` count from 1 wherever they are named."""

    head: OrderHead
    lines: tuple[Line, ...]
    stated: Stated


def parse_sheet_order(data: bytes | str, read: Callable[[str], bytes]) -> SheetOrder:
    """The order in a JSON text; `read` gives the bytes of a `record_path`.

    Raises:
        RecordError: one sentence that names the first wrong field, with the number of its line; a seller that nothing
            names; and whatever `read` raises, with the number of the line.
    """
    try:
        file = _File.model_validate(parse_json(data, "order"))
    except ValidationError as cause:
        raise RecordError(f"order, {first_flaw(cause)}") from cause
    lines = []
    for number, table in enumerate(file.lines, 1):
        with _in_line(number):
            lines.append(_line(table, read))
    return SheetOrder(file.order, tuple(lines), file.totals)


def _line(table: Mapping[str, Any], read: Callable[[str], bytes]) -> Line:
    try:
        line = _Line.model_validate(table)
    except ValidationError as cause:
        raise RecordError(first_flaw(cause)) from cause
    if (line.record is None) == (line.record_path is None):
        got = "neither" if line.record is None else "both"
        raise RecordError(f"expected either record or record_path, got {got}; give one of them")
    record = record_from(line.record) if line.record_path is None else parse_record(read(line.record_path))
    return Line(record, line.quantity, line.basis)


@dataclass(frozen=True, slots=True)
class CheckedSheetOrder:
    """An order that was checked for a template: what the rules say of its lines, and `of_head` of its head."""

    order: SheetOrder
    prepared: tuple[Prepared, ...]
    of_head: tuple[Finding, ...]

    @property
    def findings(self) -> tuple[tuple[int, Finding], ...]:
        """The findings with the numbers of their lines; 0 is the head."""
        of_lines = ((number, one) for number, line in enumerate(self.prepared, 1) for one in line.findings)
        return (*((0, one) for one in self.of_head), *of_lines)

    @property
    def blocked(self) -> tuple[tuple[int, Finding], ...]:
        """Those that refuse the sheet."""
        return tuple((number, one) for number, one in self.findings if one.severity is Severity.BLOCK)

    def sheet(self) -> OrderSheet:
        """What is rendered: the head, and the snapshot of each line.

        Raises:
            FindingsError: a rule blocks a line. RecordError: a stated sum that is not the counted one, or a seller that
                neither the order nor its records name.
        """
        if self.blocked:
            raise _refusal(self.blocked, self.findings)
        lines = tuple(
            OrderLine(prepared.require(), line.quantity, line.basis)
            for prepared, line in zip(self.prepared, self.order.lines, strict=True)
        )
        sheet = OrderSheet(_head(self.order), lines)
        _check_sums(self.order.stated, sheet.totals)
        return sheet


def check_sheet_order(order: SheetOrder, template: str, terms: LabelTerms) -> CheckedSheetOrder:
    """Ask the rules about each line and about the codes of seller and buyer. Findings are returned, not raised.

    Raises:
        TemplateError: no such template. CodeError: a line whose lot fits into no link, so that no tag of it can exist.
    """
    prepared = []
    for number, line in enumerate(order.lines, 1):
        with _in_line(number):
            prepared.append(prepare(line.record, template, terms))
    parties = {"order.seller.uscc": order.head.seller, "order.buyer.uscc": order.head.buyer}
    codes = ((path, party.uscc) for path, party in parties.items() if party and party.uscc)
    asked = ((check_uscc(path, code, overrides=terms.overrides, on_date=terms.on_date)) for path, code in codes)
    of_head = [finding for findings in asked for finding in findings]
    return CheckedSheetOrder(order, tuple(prepared), tuple(of_head))


def _head(order: SheetOrder) -> dict[str, Any]:
    head: dict[str, Any] = order.head.model_dump(mode="json", exclude_none=True)
    return head if order.head.seller else head | {"seller": _maker(order.lines).model_dump(exclude_none=True)}


def _maker(lines: Sequence[Line]) -> Maker:
    makers = {line.record.product.maker for line in lines} - {None}
    names = sorted({maker.name for maker in makers if maker})
    if len(makers) != 1:
        got = f"{len(makers)} of them ({', '.join(names)[:80]})" if makers else "none"
        raise RecordError(f"order.seller: expected a seller, or records of one maker, got {got}; name the seller")
    return next(maker for maker in makers if maker)


def _check_sums(stated: Stated, counted: Mapping[str, int]) -> None:
    for name, count in counted.items():
        said = getattr(stated, name)
        if said is not None and said != count:
            raise RecordError(
                f"order, totals.{name}: expected {count}, as counted from the lines, got {said}; correct one of them"
            )


def _refusal(blocked: Sequence[tuple[int, Finding]], findings: Sequence[tuple[int, Finding]]) -> FindingsError:
    number, first = blocked[0]
    lines = len({line for line, _ in blocked})
    words = f"{first.zh} · {first.en} [{first.rule}, {first.clause}; {len(blocked)} blocking in {lines} line(s)]"
    where = f"第 {number} 行 · order line {number}" if number else "表头 · order head"
    return FindingsError(f"{where}: {words}", tuple(one for _, one in findings))


@contextlib.contextmanager
def _in_line(number: int) -> Iterator[None]:
    """What is refused inside names the line."""
    try:
        yield
    except (RecordError, CodeError) as cause:
        raise type(cause)(f"order line {number}: {cause}") from cause
