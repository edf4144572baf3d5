"""What labels are ordered with: the bodies of `POST /jobs` and `POST /copies`, one model each, read here, described
in `/openapi.json`, and made here into what the ledger is asked for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    WrapValidator,
)

from edge_agent.labels.prepare import Prepared
from edge_agent.labels.smallest import AUTO
from edge_agent.ledger.copies import MAX_COPIES
from edge_agent.ledger.jobs import MAX_QUANTITY
from edge_agent.model import names
from edge_agent.model.copies import CopiesOrder
from edge_agent.model.job import MOST_WINDOWS_UNSCANNED, JobOrder
from edge_agent.model.names import MAX_PERSON
from garment.record import GarmentRecord
from garment.strict_json import first_flaw
from label_protocol.codes.gs1 import gtin14
from label_protocol.codes.serial import fold
from label_protocol.details import WorkOrderPlace
from label_protocol.errors import RecordError

MOST_LABELS = MAX_QUANTITY
"""Of one order."""
MAX_NAME = 1_000
"""The longest path of a template."""


def request_hash(body: Mapping[str, Any]) -> str:
    """What an idempotency key is held to: the same request gives the same hash, in whatever order its fields come."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def _short(got: Any) -> str:
    return repr(str(got)[:60])


_SENTENCES: Mapping[str, Callable[[Any], str]] = {
    "quantity": lambda got: f"expected an integer from 1 to {MAX_QUANTITY}, got {got!r}",
    "count": lambda got: f"expected an integer, got {_short(got)}",
    "scan_every": lambda got: f"expected an integer from 1 to {MOST_WINDOWS_UNSCANNED}, got {_short(got)}",
    "replaces": lambda got: f"expected a list of serials, got {_short(got)}",
    "unchecked": lambda got: f"expected true or false, got {_short(got)}",
    "template": lambda got: f"expected a name, got {_short(got)}; correct it",
    "printer": lambda got: f"expected a name, got {_short(got)}; correct it",
    "operator": lambda got: f"expected a name, got {_short(got)}; correct it",
}
"""What is said of a value of the wrong kind, in the order in which it is told; a field that is not here comes last,
with the words of `first_flaw`."""


def _bounded(text: str) -> str:
    if len(text) > MAX_NAME:
        raise ValueError(f"expected at most {MAX_NAME} characters")
    return text


def _named(text: str) -> str:
    if not text:
        raise ValueError("expected a name")
    return _bounded(text)


def _serials(value: Any) -> tuple[Any, ...]:
    """Programs that replace nothing send an empty list, null, or leave it out."""
    if value and not isinstance(value, list):
        raise ValueError("expected a list of serials")
    return tuple(value or ())


Name = Annotated[str, Strict(), AfterValidator(_named)]
Template = Annotated[
    Name,
    Field(
        description="a built-in name, the whole path of a .toml on the agent's computer, or auto: the smallest "
        "built-in label that takes the record at the printer's resolution"
    ),
]
Operator = Annotated[str, Strict(), AfterValidator(_bounded), Field(json_schema_extra={"maxLength": MAX_PERSON})]
"""Who orders; `names.anybody` bounds it, in its own words."""
Quantity = Annotated[int, Strict(), Field(ge=1, le=MAX_QUANTITY)]
Count = Annotated[int, Strict(), Field(json_schema_extra={"minimum": 1, "maximum": MAX_COPIES})]
"""How many at most is the ledger's affair, and its sentence."""
ScanEvery = Annotated[
    int,
    Strict(),
    Field(
        ge=1,
        le=MOST_WINDOWS_UNSCANNED,
        description="sampled scans: after so many windows a label of the last one is scanned before the job goes on; "
        "left out, as the site asks for it; never more seldom than that",
    ),
]
Serials = Annotated[tuple[Annotated[str, Strict()], ...], BeforeValidator(_serials)]


_AS_IT_CAME = WrapValidator(lambda value, _read: value)
"""Described here and read later."""


_FIRM = Field(
    max_length=MAX_PERSON,
    description="for which firm (为哪家), by its credit code as the allotment names it: has to be said where "
    "several firms have a lot or a style of this number here",
)


class GarmentBody(BaseModel):
    """Which garment: a whole record, or style, size and lot of the catalogue. Read where it is looked up
    (`CatalogueService.record_of`), after who may order has been asked. `firm`: for whom, where several firms have a lot
    or a style of this number."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    record: Annotated[GarmentRecord | None, _AS_IT_CAME] = None
    style_no: Annotated[str | None, _AS_IT_CAME] = None
    size: Annotated[str | None, _AS_IT_CAME] = None
    lot_no: Annotated[str | None, _AS_IT_CAME] = None
    firm: Annotated[str | None, _FIRM] = None


class _LabelsBody(GarmentBody):
    """What jobs and copies have in common."""

    what: ClassVar[str]

    template: Template
    printer: Name
    operator: Operator = ""

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """The body, with its operator's name as it is recorded; what it names may still not exist.

        Raises:
            RecordError: an unknown field, a value of the wrong kind, or a template that nobody may choose from outside.
            InputError: an operator that is no name.
        """
        _require_known(body, cls)
        try:
            read = cls.model_validate(dict(body))
        except ValidationError as cause:
            raise RecordError(f"{cls.what}, {_flaw(cause, body)}") from cause
        _require_local(read.template, cls.what)
        return read.model_copy(update={"operator": names.anybody(read.operator, f"{cls.what}: operator")})

    def chosen(self, prepared: Prepared) -> str:
        """The template by the name that was given, or the one that `auto` stands for."""
        return prepared.template.name if self.template == AUTO and prepared.template else self.template


class JobBody(_LabelsBody):
    """A job: a record, or style, size and lot of the catalogue; `printer` is the id of a printer or of a group."""

    what: ClassVar[str] = "job"

    quantity: Quantity
    replaces: Serials = ()
    scan_every: ScanEvery | None = None

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Self:
        """As above. Raises also CodeError: `replaces` names what is no serial."""
        read = super().read(body)
        return read.model_copy(update={"replaces": tuple(map(fold, read.replaces))})

    def sampled(self, site: int) -> int:
        """After how many windows a label is scanned, where the `site` asks for it after so many; 0: never. Raises
        RecordError: more seldom than the site."""
        if self.scan_every is not None and 0 < site < self.scan_every:
            raise RecordError(
                f"抽检只能更勤：本厂每 {site} 批一次 · job, scan_every: expected 1 to {site}, as often as this site "
                f"asks or more often, got {self.scan_every}; correct it or leave it out"
            )
        return self.scan_every or site

    def order(
        self,
        prepared: Prepared,
        key: str,
        body_hash: str,
        operator: str,
        work_order: WorkOrderPlace | None = None,
        *,
        quota_key: str,
        scan_every: int = 0,
    ) -> JobOrder:
        """What the ledger is asked for; `quota_key` names the allotment. Raises as `Prepared.require_approved`."""
        lot = prepared.record.lot
        return JobOrder(
            key=key,
            request_hash=body_hash,
            template=self.chosen(prepared),
            printer=self.printer,
            quantity=self.quantity,
            snapshot=prepared.require_approved(),
            gtin=gtin14(prepared.record.product.gtin),
            lot_no=lot.lot_no if lot else None,
            quota_key=quota_key,
            replaces=self.replaces,
            operator=operator,
            work_order=work_order,
            scan_every=scan_every,
        )


class CopiesBody(_LabelsBody):
    """An order of labels without a code, as `JobBody`; `unchecked`: print though the check before the first label finds
    something."""

    what: ClassVar[str] = "copies"

    count: Count
    unchecked: Annotated[bool, Strict()] = False

    def order(self, prepared: Prepared, key: str, body_hash: str, operator: str) -> CopiesOrder:
        """What the ledger is asked for. Raises as `Prepared.require_approved`."""
        return CopiesOrder(
            key=key,
            request_hash=body_hash,
            template=self.chosen(prepared),
            printer=self.printer,
            quantity=self.count,
            snapshot=prepared.require_approved(),
            operator=operator,
            unchecked=self.unchecked,
        )


def _require_known(body: Mapping[str, Any], model: type[_LabelsBody]) -> None:
    if unknown := sorted(set(body) - set(model.model_fields)):
        expected, got = ", ".join(sorted(model.model_fields)), repr(unknown[0][:60])
        raise RecordError(
            f"{model.what}: expected {expected}, got the unknown field {got}; remove it or correct its name"
        )


def _flaw(cause: ValidationError, body: Mapping[str, Any]) -> str:
    """The first flaw of a body as `field: expected …, got …`."""
    wrong = {one["loc"][0] for one in cause.errors(include_url=False)}
    field = next((name for name in _SENTENCES if name in wrong), None)
    if field is None:
        return first_flaw(cause)
    absent = "" if field in ("template", "printer") else None
    return f"{field}: {_SENTENCES[field](body.get(field, absent))}"


def _require_local(template: str, what: str) -> None:
    """Who may order labels must not choose what else this computer opens: on Windows, a path on another machine is
    enough to send that machine the user's password hash."""
    path = Path(template)
    named = template.isascii() and template.replace("_", "").isalnum()
    elsewhere = template[:2].replace("\\", "/") == "//"  # Windows takes both strokes, mixed too
    if named or (path.is_absolute() and path.suffix == ".toml" and not elsewhere):
        return
    raise RecordError(
        f"{what}, template: expected a built-in name or a whole path on this computer to a .toml, "
        f"got {template[:200]!r}"
    )
