"""Reads the file of a former platform, line by line (docs/import-old-platform.md). Pure.

A line is one JSON object; its `kind` says what it is. The first line says whose file it is. Whatever a line holds, it
becomes a row or a flaw that names it: nothing of a file can stop the reading of the next line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central_registry.former.code_text import own_serial, place_of
from central_registry.goods.certificate_file import CertificateFile
from central_registry.goods.records import checked, read_json
from central_registry.goods.reports import Report
from central_registry.parties.actor import PartyStatus
from garment.strict_json import first_flaw
from label_protocol.codes import uscc
from label_protocol.errors import AgentError

FORM = 1
"""The one form there is so far; a file names it, so that a later one can be told."""

LINE_MOST = 64 * 1024
"""Bytes of one line; a certificate with everything on it has some two thousand."""

_BOM = b"\xef\xbb\xbf"
Name = Annotated[str, Field(min_length=1, max_length=200)]
Unstated = Annotated[str, Field(max_length=200)]


class Row(BaseModel):
    """A line's object; a field that is none of its kind's is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Header(Row):
    """The first line: which platform the file is of, and of which day."""

    kind: Literal["import"]
    form: Literal[1]
    platform: Name
    exported_on: date


class Firm(Row):
    """A firm as the former platform had it; `brands` are kept as they are told."""

    kind: Literal["firm"]
    uscc: Name
    name: Name
    short_name: Unstated = ""
    address: Unstated = ""
    contact: Unstated = ""
    brands: Annotated[tuple[Name, ...], Field(max_length=50)] = ()
    status: PartyStatus = PartyStatus.ACTIVE
    status_reason: Annotated[str, Field(max_length=400)] = ""


class Goods(Row):
    """A style, or a lot of one: `record` is a garment record, with or without `lot`."""

    kind: Literal["goods"]
    firm: Name
    record: dict[str, Any]


class Certificate(CertificateFile):
    """A certificate under its `number` there, with the report behind it."""

    kind: Literal["certificate"]
    number: Name
    issued_on: date

    def report(self) -> Report:
        """The report behind it."""
        return Report(self.firm, self.lot_no, self.lab, self.report_no, self.issued_on, self.covers)


class Label(Row):
    """What stood on labels, printed name beside printed value, in their order; serials name it by `label`."""

    kind: Literal["label"]
    firm: Name
    label: Name
    facts: Annotated[dict[Name, Annotated[str, Field(max_length=500)]], Field(min_length=1, max_length=60)]


class Serial(Row):
    """A code that is on paper: its whole text as a scanner reads it."""

    kind: Literal["serial"]
    firm: Name
    code: Annotated[str, Field(min_length=1, max_length=500)]
    lot_no: Unstated = ""
    style_no: Unstated = ""
    label: Unstated = ""
    state: Literal["issued", "in_use", "void"] = "issued"


Beside = Header | Firm | Goods | Certificate | Label
"""What a line says that is no serial."""


class Staged(NamedTuple):
    """A serial as it is copied into the database; `own`: the serial in it, if it is built like one of ours."""

    line: int
    rest: str
    host: str
    code: str
    own: str
    firm: str
    lot_no: str
    style_no: str
    label: str
    state: str


_Row = TypeVar("_Row", Header, Firm, Goods, Certificate, Label, Beside)


@dataclass(frozen=True, slots=True)
class Line(Generic[_Row]):
    """A line and what it says; `body`: its object, as it is kept."""

    number: int
    row: _Row
    body: Mapping[str, Any]


class Flaw(NamedTuple):
    """A line that is refused, and why."""

    line: int
    reason: str


_KINDS: Mapping[str, type[Beside]] = {
    "import": Header,
    "firm": Firm,
    "goods": Goods,
    "certificate": Certificate,
    "label": Label,
}


def read_lines(lines: Iterable[bytes]) -> Iterator[Line[Beside] | Staged | Flaw]:
    """What each line says; blank ones say nothing. The first must be the header, and no other may."""
    first = True
    for number, data in enumerate(lines, 1):
        text = data.removeprefix(_BOM) if number == 1 else data
        if not text.strip():
            continue
        found = _read(number, text)
        if not isinstance(found, Flaw) and first != _is_header(found):
            found = Flaw(number, _HEADER if first else _SECOND)
        first = False
        yield found


_HEADER = (
    "第一行应写明平台 · first line: expected {kind: import, form: 1, platform, exported_on}, got another; "
    "begin the file with it"
)
_SECOND = "只有第一行写明平台 · kind: expected import on the first line only, got another one; remove it"


def _is_header(found: Line[Beside] | Staged) -> bool:
    return isinstance(found, Line) and isinstance(found.row, Header)


def _read(number: int, data: bytes) -> Line[Beside] | Staged | Flaw:
    if len(data) > LINE_MOST:
        return Flaw(number, f"这一行太长 · line: expected at most {LINE_MOST} bytes, got more; split the line's object")
    try:
        body = read_json(data, "line")
        if not isinstance(body, dict):
            return Flaw(number, f"应为一个对象 · line: expected an object, got {type(body).__name__}; see the form")
        if body.get("kind") == "serial":
            return _staged(number, Serial.model_validate(body))
        return Line(number, _row(body), body)
    except ValidationError as cause:
        return Flaw(number, f"内容不对 · {first_flaw(cause)}")
    except AgentError as cause:
        return Flaw(number, str(cause))


def _staged(number: int, row: Serial) -> Staged:
    place, text = place_of(row.code), row.code.strip()
    return Staged(number, *place, text, own_serial(text), row.firm, row.lot_no, row.style_no, row.label, row.state)


def _row(body: Mapping[str, Any]) -> Beside:
    """Raises AgentError, ValidationError."""
    kind = body.get("kind")
    model = _KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        raise AgentError(
            f"不认识的种类 · kind: expected one of {', '.join(_KINDS)}, serial, got {str(kind)[:40]!r}; correct it"
        )
    row = model.model_validate(body)
    if isinstance(row, Firm) and not uscc.is_uscc(row.uscc):
        raise AgentError(
            "统一社会信用代码不对 · uscc (GB 32100): expected 18 characters with a right last one, got "
            f"{row.uscc[:30]!r}; read it again off the licence"
        )
    if isinstance(row, Goods):
        checked(row.record, "record")
    return row
