"""A template is a TOML file in millimetres, read once into frozen values.

A template is a list of slots. No two slots share room (boxes may lie around or under others), and nothing at all lies
on the QR code or the serial: those are printed as patches over a stored background. A template has both of them or
neither; without them all its labels are equal.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, ValidationError, model_validator

from edge_agent.errors import TemplateError
from edge_agent.files import start_of
from edge_agent.render.templates.durable import durable_complaints
from edge_agent.render.templates.flaws import Complaint, Flaw, MisfitError, flaws_of, flaws_of_text
from edge_agent.render.templates.kinds import kind_complaints
from edge_agent.render.templates.least_size import least_size_complaints
from edge_agent.render.templates.order_lint import ORDER_SHEET, never_meet, order_complaints
from edge_agent.render.templates.slots import (
    PER_LABEL,
    CheckCodeSlot,
    FactPath,
    Length,
    Name,
    OrderLinesSlot,
    Part,
    QrSlot,
    SerialSlot,
    Slot,
)

BUILT_IN = "edge_agent_templates"
MAX_BYTES = 100_000
"""200 slots of 500 bytes: twice what the longest need."""

MAX_LINE_BYTES = 2_000
"""The parser takes seconds for one key of ten thousand parts."""

MAX_SLOTS = 200


class _Body(Part):
    kind: Name
    title_zh: Annotated[str, Field(min_length=1, max_length=60)]
    title_en: Annotated[str, Field(min_length=1, max_length=60)]
    size_mm: tuple[Length, Length]
    continuous: Annotated[bool, Field(strict=True)] = False
    """On a roll without gaps: `size_mm` is the most, and the label is as long as its content (`roll_length.py`)."""
    required: tuple[FactPath, ...] = ()
    slot: Annotated[tuple[Slot, ...], Field(min_length=1, max_length=MAX_SLOTS)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        of_order = order_complaints(self.kind, self.slot, self.required, continuous=self.continuous)
        durable = durable_complaints(self.kind, self.slot, self.required)
        slots = (*kind_complaints(self.kind), *_complaints(self.slot, self.size_mm), *least_size_complaints(self.slot))
        if complaints := (*slots, *of_order, *durable):
            raise MisfitError(complaints)
        return self


class Template(_Body):
    """A label template. `version` is the start of the SHA-256 of its bytes: what was printed can be found again."""

    name: str
    version: str

    @property
    def coded(self) -> bool:
        """Whether each of its labels has a code and a serial of its own; only such labels are issued."""
        return any(isinstance(slot, QrSlot) for slot in self.slot)

    @property
    def of_order(self) -> bool:
        """Whether it shows an order file, page by page, instead of one garment record."""
        return self.kind == ORDER_SHEET

    @property
    def lines(self) -> OrderLinesSlot:
        """The one table of goods of an order sheet."""
        return next(slot for slot in self.slot if isinstance(slot, OrderLinesSlot))

    @property
    def qr(self) -> QrSlot:
        """Its one QR slot, if it is coded."""
        return next(slot for slot in self.slot if isinstance(slot, QrSlot))

    @property
    def serial(self) -> SerialSlot:
        """Its one serial slot, if it is coded."""
        return next(slot for slot in self.slot if isinstance(slot, SerialSlot))

    @property
    def check_code(self) -> CheckCodeSlot | None:
        """Its slot for a check code, if it has one."""
        return next((slot for slot in self.slot if isinstance(slot, CheckCodeSlot)), None)


def built_in_templates() -> tuple[str, ...]:
    """Names of the templates that ship with the package."""
    return tuple(sorted(entry.name[:-5] for entry in files(BUILT_IN).iterdir() if entry.name.endswith(".toml")))


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
    if re.fullmatch(r"[A-Za-z0-9_]+", name_or_path, re.ASCII):
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
    try:
        body = _Body.model_validate(table)
    except ValidationError as cause:
        return flaws_of(cause, text, table)
    return Template(name=name, version=hashlib.sha256(data).hexdigest()[:16], **dict(body))


def _complaints(slots: tuple[Slot, ...], size_mm: tuple[float, float]) -> Iterator[Complaint]:
    yield from _names_twice([slot.name for slot in slots])
    counts = {kind: sum(slot.kind == kind for slot in slots) for kind in ("qr", "serial")}
    if any(counts.values()):
        yield from (_one_of(kind, count) for kind, count in counts.items() if count != 1)
    yield from _check_codes(slots, coded=all(counts.values()))
    for number, slot in enumerate(slots):
        _, _, right, bottom = slot.edges_mm
        if right > size_mm[0] + 1e-6 or bottom > size_mm[1] + 1e-6:
            yield _off_the_label(number, size_mm, (right, bottom))
    for (_, one), (number, other) in combinations(enumerate(slots), 2):
        if _share_room(one, other) and not _may_share(one, other):
            yield _overlap(number, one.name)


def _names_twice(names: list[str]) -> Iterator[Complaint]:
    for number, name in enumerate(names):
        if name in names[:number]:
            en = f"expected each name once, got it {names.count(name)} times; rename one"
            yield Complaint(number, "名字重复，请改名", en)


def _one_of(kind: str, count: int) -> Complaint:
    advice = "add one, or remove its partner too" if count == 0 else "remove the others"
    zh = f"要有且只有一个 {kind} 部位，现在有 {count} 个，请改正"
    return Complaint(None, zh, f"expected exactly one {kind} slot, got {count}; {advice}")


def _check_codes(slots: tuple[Slot, ...], *, coded: bool) -> Iterator[Complaint]:
    """At most one, and only beside the serial it is the code of."""
    numbers = [number for number, slot in enumerate(slots) if isinstance(slot, CheckCodeSlot)]
    for number in numbers[1:]:
        en = f"expected at most one check_code slot, got {len(numbers)}; remove the others"
        yield Complaint(number, f"防伪码部位最多一个，现在有 {len(numbers)} 个，请删去多余的", en)
    if numbers and not coded:
        en = "expected a qr and a serial slot beside it, since it is the code of a serial, got none; add or remove"
        yield Complaint(numbers[0], "防伪码是序列号的码，模板里要有 qr 和 serial 部位，请补上或删去它", en)


def _off_the_label(number: int, size_mm: tuple[float, float], ends_mm: tuple[float, float]) -> Complaint:
    label, ends = f"{size_mm[0]:g} × {size_mm[1]:g} mm", f"{ends_mm[0]:g}, {ends_mm[1]:g}"
    en = f"expected to end within {label}, got {ends}; move it or make it smaller"
    return Complaint(number, f"超出标签（{label}），右边和下边到 {ends}，请移动或缩小", en)


def _overlap(number: int, other: str) -> Complaint:
    en = f"expected room of its own, got an overlap with slot {other}; move one or make it smaller"
    return Complaint(number, f"和部位 {other} 重叠，请移动或缩小其中一个", en)


def _share_room(one: Slot, other: Slot) -> bool:
    left, top, right, bottom = one.edges_mm
    left2, top2, right2, bottom2 = other.edges_mm
    overlap = 1e-6
    return min(right, right2) - max(left, left2) > overlap and min(bottom, bottom2) - max(top, top2) > overlap


def _may_share(one: Slot, other: Slot) -> bool:
    kinds = {one.kind, other.kind}
    return never_meet(one, other) or ("box" in kinds and not kinds & PER_LABEL)
