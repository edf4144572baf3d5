"""What clients send: small models, an unknown field is refused by name. Jobs and copies are read by
the service itself (`service/requests.py`)."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar

from aiohttp import web
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError

from edge_agent.access.roles import Action
from edge_agent.model import names
from edge_agent.model.names import MAX_KEY, MAX_PERSON, MAX_REASON, MAX_SCAN
from edge_agent.web.problems import HttpRefusal
from garment.strict_json import first_flaw, parse_json
from label_protocol.errors import RecordError
from label_protocol.http_limits import LargeBodyError, whole_body

MAX_BODY_BYTES = 1024 * 1024
"""A garment record has some 3 kB; its longest texts are refused long before this."""

MAX_BODY_LISTS = 10_000
"""A record has ten."""

BODY_TIMEOUT_S = 30.0

B = TypeVar("B", bound=BaseModel)
Anybody = Annotated[str, AfterValidator(lambda text: names.anybody(text, "operator")), Field(max_length=MAX_PERSON)]
Reason = Annotated[str, AfterValidator(lambda text: names.reason(text, "reason")), Field(max_length=MAX_REASON)]
"""What stays in the ledger for ever (`names.py`); who may act is asked by the service."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Scanned = Annotated[str, Field(min_length=1, max_length=MAX_SCAN)]
"""As it arrives: what scanners and keyboards add is taken off, or told, where it is read (`codes/scanned.py`)."""


_FILE_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?")
_DEVICES = frozenset({"con", "prn", "aux", "nul"} | {f"{kind}{n}" for kind in ("com", "lpt") for n in range(10)})
"""Names that Windows opens as devices, whatever stands behind a dot."""


def file_name(text: str) -> str:
    """`text`, if it names a file of one folder on every system. Raises ValueError."""
    if _FILE_NAME.fullmatch(text) and text.partition(".")[0].lower() not in _DEVICES:
        return text
    raise ValueError("expected a file name of 1 to 100 letters, digits, '.', '_' or '-', such as ledger-1120.db")


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LogInBody(_Body):
    """A badge as it was scanned, and the PIN where one is asked."""

    badge: Annotated[str, Field(min_length=1, max_length=MAX_SCAN)]
    pin: Annotated[str, Field(max_length=MAX_PERSON)] | None = None


class LeadBody(LogInBody):
    """A lead's, and what to allow."""

    action: Action


class BadgeBody(_Body):
    """The printer that prints a badge."""

    printer: Annotated[str, Field(min_length=1, max_length=MAX_PERSON)]


class OperatorBody(_Body):
    """Who gives the order."""

    operator: Anybody = ""


class DecisionBody(_Body):
    """Who decides, and why; both are recorded. Where people are asked the one who is logged in decides."""

    operator: Anybody = ""
    reason: Reason


class ApproveBody(OperatorBody):
    """Which version was looked at, by the SHA-256 of its bytes."""

    sha256: Sha256
    reason: Annotated[str, AfterValidator(lambda text: text and names.reason(text, "reason"))] = ""


class RejectBody(DecisionBody):
    """As `ApproveBody`; why is recorded."""

    sha256: Sha256


class AnswerBody(DecisionBody):
    """`another`: go on with the printer that is there now; `put_back`: wait for the confirmed one."""

    answer: Literal["another", "put_back"]


class PartBody(OperatorBody):
    """What of a work order goes to a printer. `part` as the order's `next_part` told it: the same part again is the
    same job. What is left out is the order's own, `quantity` all that is left, `firm` as its last part was given."""

    part: Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
    quantity: Annotated[int, Strict(), Field(ge=1, le=1_000_000)] | None = None
    printer: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    template: Annotated[str, Field(min_length=1, max_length=1_000)] | None = None
    firm: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class RuleBody(OperatorBody):
    """What a lead signs: orders of `source` print without a person until the end of the day `until`. `styles` empty: of
    every style; `printer` for orders that name none."""

    source: Annotated[str, Field(min_length=1, max_length=32)]
    styles: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=200)], ...], Field(max_length=500)] = ()
    quantity_most: Annotated[int, Strict(), Field(ge=1, le=1_000_000)]
    daily_most: Annotated[int, Strict(), Field(ge=1, le=10_000_000)]
    printer: Annotated[str, Field(max_length=100)] = ""
    until: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class ScanBody(_Body):
    """The raw text of the scanner."""

    text: Scanned
    operator: Anybody = ""
    on_garment: Annotated[bool, Strict()] = False


class GarmentInHandBody(_Body):
    """One garment: what the scanner read off its label, or the serial that a person typed; one of the two."""

    text: Scanned | None = None
    serial: Annotated[str, Field(min_length=1, max_length=MAX_PERSON)] | None = None
    operator: Anybody = ""


class PackBody(GarmentInHandBody):
    """`on_garment`: the scan also says that the label is on its garment."""

    on_garment: Annotated[bool, Strict()] = False


class CloseCartonBody(OperatorBody):
    """How many garments whoever closes it has seen in it."""

    count: Annotated[int, Strict(), Field(ge=0, le=100_000)]


class CartonLabelBody(OperatorBody):
    """The one printer that prints it; `unchecked`: though the check before it finds something."""

    printer: Annotated[str, Field(min_length=1, max_length=MAX_PERSON)]
    unchecked: Annotated[bool, Strict()] = False


class ScannedBody(_Body):
    """The raw text of the scanner; nobody is asked who scanned, since a badge is scanned by whoever is nobody yet."""

    text: Scanned


class SettleBody(_Body):
    """The scan of the last good label of a strip (null: not one is good), and what becomes of the rest."""

    text: Scanned | None
    operator: Anybody = ""
    rest: Literal["invalid", "scrapped", "keep"] = "invalid"


class MissingBody(_Body):
    """An order for all that is missing of a job or a lot; `missing` is the number that was confirmed."""

    job: Annotated[str, Field(max_length=64)] = ""
    lot: Annotated[str, Field(max_length=64)] = ""
    missing: Annotated[int, Strict(), Field(ge=1, le=1_000)]
    operator: Anybody = ""


class BackupBody(_Body):
    """The name of the copy in the folder of backups; that folder stands in the configuration, not in a request."""

    name: Annotated[str, AfterValidator(file_name)]


async def read_bytes(request: web.Request, limit: int = MAX_BODY_BYTES) -> bytes:
    """The body, at most `limit` bytes; more is a 413 before it is all read.

    Raises:
        HttpRefusal: the body is longer.
    """
    try:
        return await whole_body(request, limit, BODY_TIMEOUT_S)
    except LargeBodyError as cause:
        detail = f"expected at most {limit} bytes; send less"
        raise HttpRefusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail) from cause


async def read_object(request: web.Request, limit: int = MAX_BODY_BYTES) -> dict[str, Any]:
    """A JSON object of at most `limit` bytes. Forms are refused, so that a page of another site cannot send one without
    asking first.

    Raises:
        HttpRefusal: another content type, or no JSON object.
    """
    if request.content_type != "application/json":
        raise HttpRefusal(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"expected application/json, got {request.content_type[:60]!r}"
        )
    try:
        value = parse_json(await read_bytes(request, limit), most_lists=MAX_BODY_LISTS)
    except RecordError as cause:
        raise HttpRefusal(HTTPStatus.BAD_REQUEST, str(cause).replace("garment record: ", "")) from cause
    if not isinstance(value, dict):
        raise HttpRefusal(HTTPStatus.BAD_REQUEST, f"expected a JSON object, got a {type(value).__name__}")
    return value


async def read_body(request: web.Request, model: type[B], limit: int = MAX_BODY_BYTES) -> B:
    """A JSON object of one of the models above. Raises RecordError naming the first wrong field."""
    try:
        return model.model_validate(await read_object(request, limit))
    except ValidationError as cause:
        raise RecordError(f"request, {first_flaw(cause)}") from cause


def idempotency_key(request: web.Request) -> str:
    """The `Idempotency-Key`: without one, a repeat after a lost answer would open a second job.

    Raises:
        HttpRefusal: missing, too long or not printable.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not (1 <= len(key) <= MAX_KEY and key.isascii() and key.isprintable()):
        raise HttpRefusal(
            HTTPStatus.BAD_REQUEST,
            f"expected an Idempotency-Key header of 1 to {MAX_KEY} printable characters, got {key[:40]!r}; "
            "send a new random key per order, and the same key when you repeat it",
        )
    return key
