"""A template is a TOML file in millimetres, read once into frozen values.

A template is a list of slots. In format 1 each has its place: no two share room (boxes may lie around or under others),
and nothing at all lies on the QR code or the serial: those are printed as patches over a stored background. In format 2
they stand in rows and columns (`stacked.py`). A template has both code and serial or neither; without them all its
labels are equal.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from edge_agent.errors import TemplateError
from edge_agent.files import start_of
from edge_agent.render.templates.carton_lint import CARTON_LABEL, carton_complaints
from edge_agent.render.templates.durable import durable_complaints
from edge_agent.render.templates.flaws import Flaw, MisfitError, flaws_of, flaws_of_text
from edge_agent.render.templates.kinds import kind_complaints
from edge_agent.render.templates.least_size import least_size_complaints
from edge_agent.render.templates.order_lint import (
    ORDER_SHEET,
    of_label_complaints,
    order_complaints,
)
from edge_agent.render.templates.place_lint import alike_complaints, place_complaints
from edge_agent.render.templates.slots import (
    AnyCheckCode,
    AnyQr,
    AnySerial,
    FactPath,
    Length,
    Name,
    OrderLinesSlot,
    Part,
    Placed,
    Slot,
)
from edge_agent.render.templates.stack_lint import stack_complaints
from edge_agent.render.templates.stacked import AnySlot, Item, Margin, Stacked, Way

BUILT_IN = "edge_agent_templates"
MAX_BYTES = 100_000
"""200 slots of 500 bytes: twice what the longest need."""

MAX_LINE_BYTES = 2_000
"""The parser takes seconds for one key of ten thousand parts."""

MAX_SLOTS = 200
MAX_WAYS = 8

ENGINE = 2
"""Lays out templates of format 2. Another number is another engine: what one promised, no other draws."""


class _Head(Part):
    kind: Name
    title_zh: Annotated[str, Field(min_length=1, max_length=60)]
    title_en: Annotated[str, Field(min_length=1, max_length=60)]
    size_mm: tuple[Length, Length]
    continuous: Annotated[bool, Field(strict=True)] = False
    """On a roll without gaps: `size_mm` is the most, and the label is as long as its content (`roll_length.py`)."""
    required: tuple[FactPath, ...] = ()


class _Body(_Head):
    """Format 1: slots with places."""

    format: Literal[1] = 1
    slot: Annotated[tuple[Slot, ...], Field(min_length=1, max_length=MAX_SLOTS)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        of_order = order_complaints(self.kind, self.slot, self.required, continuous=self.continuous)
        durable = durable_complaints(self.kind, self.slot, self.required)
        slots = (
            *kind_complaints(self.kind),
            *carton_complaints(self.kind, self.slot, self.required),
            *place_complaints(self.slot, self.size_mm),
            *least_size_complaints(self.slot),
        )
        if complaints := (*slots, *of_order, *durable):
            raise MisfitError(complaints)
        return self


class _Stacked(_Head):
    """Format 2: slots in stacks."""

    format: Literal[2]
    margin_mm: Margin = (2.5, 2.5)
    slot: Annotated[tuple[Item, ...], Field(min_length=1, max_length=MAX_SLOTS)]
    way: Annotated[tuple[Way, ...], Field(min_length=1, max_length=MAX_WAYS)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        durable = durable_complaints(self.kind, self.slot, self.required)
        whole = (*kind_complaints(self.kind), *of_label_complaints(self.slot, self.required), *durable)
        carton = carton_complaints(self.kind, self.slot, self.required)
        stacks = (*alike_complaints(self.slot), *stack_complaints(self.kind, self.slot, self.way))
        if complaints := (*whole, *carton, *stacks):
            raise MisfitError(complaints)
        return self


_BODIES: Mapping[Any, type[_Body | _Stacked]] = {1: _Body, 2: _Stacked}


class Template(_Head):
    """A label template. `version` is the start of the SHA-256 of its bytes, `sha256`: what was printed can be found
    again. `way` and `margin_mm` are those of format 2."""

    name: str
    sha256: str
    format: Literal[1, 2] = 1
    slot: tuple[AnySlot, ...]
    way: tuple[Way, ...] = ()
    margin_mm: Margin = (0.0, 0.0)

    @property
    def version(self) -> str:
        """As snapshots name it."""
        return self.sha256[:16]

    @property
    def engine(self) -> int:
        """Which engine lays it out: 1 where its slots have places."""
        return ENGINE if self.way else 1

    @property
    def placed(self) -> tuple[Slot, ...]:
        """Its slots, of a template in which they have places."""
        return tuple(slot for slot in self.slot if isinstance(slot, Placed))

    @property
    def items(self) -> tuple[Item, ...]:
        """Its slots, of a template in which they stand in stacks."""
        return tuple(slot for slot in self.slot if isinstance(slot, Stacked))

    @property
    def coded(self) -> bool:
        """Whether each of its labels has a code and a serial of its own; only such labels are issued."""
        return any(isinstance(slot, AnyQr) for slot in self.slot)

    @property
    def of_order(self) -> bool:
        """Whether it shows an order file, page by page, instead of one garment record."""
        return self.kind == ORDER_SHEET

    @property
    def of_carton(self) -> bool:
        """Whether it shows a carton and what is in it."""
        return self.kind == CARTON_LABEL

    @property
    def of_record(self) -> bool:
        """Whether it shows one garment record: a label that a garment can be printed with."""
        return not self.of_order and not self.of_carton

    @property
    def lines(self) -> OrderLinesSlot:
        """The one table of goods of an order sheet."""
        return next(slot for slot in self.slot if isinstance(slot, OrderLinesSlot))

    @property
    def qr(self) -> AnyQr:
        """Its one QR slot, if it is coded."""
        return next(slot for slot in self.slot if isinstance(slot, AnyQr))

    @property
    def serial(self) -> AnySerial:
        """Its one serial slot, if it is coded."""
        return next(slot for slot in self.slot if isinstance(slot, AnySerial))

    @property
    def check_code(self) -> AnyCheckCode | None:
        """Its slot for a check code, if it has one."""
        return next((slot for slot in self.slot if isinstance(slot, AnyCheckCode)), None)


def built_in_templates() -> tuple[str, ...]:
    """Names of the templates that ship with the package."""
    return tuple(sorted(entry.name[:-5] for entry in files(BUILT_IN).iterdir() if entry.name.endswith(".toml")))


def is_own(name_or_path: str) -> bool:
    """Whether it names a file of the site, and no built-in template."""
    return not re.fullmatch(r"[A-Za-z0-9_]+", name_or_path, re.ASCII)


def load_template(name_or_path: str) -> Template:
    """A built-in template by its name, or one by its path (with a separator or ending in `.toml`).

    Raises:
        TemplateError: names file, line where known, slot and key, expected and got.
    """
    return parse_template(*read_template(name_or_path))


def former_template(name: str, version: str) -> Template | None:
    """A built-in template as an earlier release had it, for jobs opened then; None if that version is not kept.
    Raises TemplateError: the kept file has flaws."""
    file = files(BUILT_IN).joinpath("former", f"{name}-{version}.toml")
    known = name in built_in_templates() and re.fullmatch("[0-9a-f]{16}", version) and file.is_file()
    return parse_template(file.read_bytes(), name) if known else None


def read_template(name_or_path: str) -> tuple[bytes, str]:
    """The bytes of a template's file, and the template's name. Raises TemplateError: there is no such file."""
    if not is_own(name_or_path):
        if name_or_path not in built_in_templates():
            known = ", ".join(built_in_templates())
            raise TemplateError(f"template {name_or_path}: expected one of {known}, or a path; got an unknown name")
        return files(BUILT_IN).joinpath(f"{name_or_path}.toml").read_bytes(), name_or_path
    path = Path(name_or_path)
    try:
        return start_of(path, MAX_BYTES), path.stem
    except (OSError, ValueError) as cause:
        raise TemplateError(
            f"template {name_or_path[:200]}: expected a readable file, got {cause}; check the path"
        ) from cause


@lru_cache(maxsize=256)
def parse_template(data: bytes, name: str) -> Template:
    """The template in `data` (TOML, UTF-8); raises TemplateError. The same bytes are parsed once: the page asks
    for all of them again and again."""
    found = examine(data, name)
    if isinstance(found, Template):
        return found
    raise TemplateError(found[0].told(name))


def examine(data: bytes, name: str) -> Template | tuple[Flaw, ...]:
    """The template in `data`, or all that is wrong with it. Never raises."""
    if len(data) > MAX_BYTES:
        said = f"expected at most {MAX_BYTES} bytes, got more; is this a template?"
        return (Flaw("文件太大，不像模板，请核对路径", said),)
    lines = data.split(b"\n")
    if (longest := max(lines, key=len)) and len(longest) > MAX_LINE_BYTES:
        said = f"expected lines of at most {MAX_LINE_BYTES} bytes, got a longer one; break it"
        return (Flaw("这一行太长，请分成几行", said, lines.index(longest) + 1),)
    try:
        text = data.decode("utf-8-sig")
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as cause:
        return flaws_of_text(cause, data)
    form = _BODIES.get(table.get("format", 1), _Body)
    try:
        body = form.model_validate(table)
    except ValidationError as cause:
        return flaws_of(cause, text, table)
    return Template(name=name, sha256=hashlib.sha256(data).hexdigest(), **dict(body))
