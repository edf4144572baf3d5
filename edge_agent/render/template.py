"""Label templates: TOML, in millimetres, read once into frozen values.

A template is a list of slots. No two slots share room (boxes may lie around or under others), and nothing at all lies
on the QR code or the serial: those are printed as patches over a stored background.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator

from edge_agent.errors import TemplateError
from edge_agent.render.slots import FactPath, Length, Name, Part, QrSlot, SerialSlot, Slot

BUILT_IN = "edge_agent_templates"
MAX_BYTES = 200_000
MAX_SLOTS = 200


class _Body(Part):
    kind: Name
    title_zh: Annotated[str, Field(min_length=1, max_length=60)]
    title_en: Annotated[str, Field(min_length=1, max_length=60)]
    size_mm: tuple[Length, Length]
    required: tuple[FactPath, ...] = ()
    slot: Annotated[tuple[Slot, ...], Field(min_length=2, max_length=MAX_SLOTS)]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        for complaint in _complaints(self.slot, self.size_mm):
            raise ValueError(complaint)
        return self


class Template(_Body):
    """A label template. `version` is the start of the SHA-256 of its bytes: what was printed can be found again."""

    name: str
    version: str

    @property
    def qr(self) -> QrSlot:
        """Its one QR slot."""
        return next(slot for slot in self.slot if isinstance(slot, QrSlot))

    @property
    def serial(self) -> SerialSlot:
        """Its one serial slot."""
        return next(slot for slot in self.slot if isinstance(slot, SerialSlot))


def built_in_templates() -> tuple[str, ...]:
    """Names of the templates that ship with the package."""
    return tuple(sorted(entry.name[:-5] for entry in files(BUILT_IN).iterdir() if entry.name.endswith(".toml")))


def load_template(name_or_path: str) -> Template:
    """A built-in template by its name, or one by its path (with a separator or ending in `.toml`).

    Raises:
        TemplateError: names file, line where known, slot and key, expected and got.
    """
    if re.fullmatch(r"[A-Za-z0-9_]+", name_or_path, re.ASCII):
        if name_or_path not in built_in_templates():
            known = ", ".join(built_in_templates())
            raise TemplateError(f"template {name_or_path}: expected one of {known}, or a path; got an unknown name")
        return parse_template(files(BUILT_IN).joinpath(f"{name_or_path}.toml").read_bytes(), name_or_path)
    path = Path(name_or_path)
    try:
        data = _start_of(path)
    except (OSError, ValueError) as cause:
        raise TemplateError(
            f"template {name_or_path[:200]}: expected a readable file, got {cause}; check the path"
        ) from cause
    return parse_template(data, path.stem)


def _start_of(path: Path) -> bytes:
    """Of a regular file only, and no more than decides: a device or a pipe would never end."""
    if path.exists() and not path.is_file():
        raise OSError("something that is not a file")
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def parse_template(data: bytes, name: str) -> Template:
    """The template in `data` (TOML, UTF-8); raises as `load_template`."""
    if len(data) > MAX_BYTES:
        raise TemplateError(
            f"template {name}: expected at most {MAX_BYTES} bytes, got {len(data)}; is this a template?"
        )
    try:
        text = data.decode("utf-8")
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as cause:
        raise TemplateError(f"template {name}: expected TOML in UTF-8, got {cause}; correct the file") from cause
    try:
        body = _Body.model_validate(table)
    except ValidationError as cause:
        raise TemplateError(_sentence(cause, text, table, name)) from cause
    return Template(name=name, version=hashlib.sha256(data).hexdigest()[:16], **dict(body))


def _complaints(slots: tuple[Slot, ...], size_mm: tuple[float, float]) -> Iterator[str]:
    names = [slot.name for slot in slots]
    for name in {name for name in names if names.count(name) > 1}:
        yield f"slot {name}: expected each name once, got it {names.count(name)} times"
    for kind in ("qr", "serial"):
        if (count := sum(slot.kind == kind for slot in slots)) != 1:
            yield f"expected exactly one {kind} slot, got {count}"
    for slot in slots:
        _, _, right, bottom = slot.edges_mm
        if right > size_mm[0] + 1e-6 or bottom > size_mm[1] + 1e-6:
            label = f"{size_mm[0]:g} × {size_mm[1]:g} mm"
            yield f"slot {slot.name}: expected to end within {label}, got {right:g}, {bottom:g}"
    for one, other in combinations(slots, 2):
        if _share_room(one, other) and not _may_share(one, other):
            yield f"slot {other.name}: expected room of its own, got an overlap with slot {one.name}"


def _share_room(one: Slot, other: Slot) -> bool:
    left, top, right, bottom = one.edges_mm
    left2, top2, right2, bottom2 = other.edges_mm
    overlap = 1e-6
    return min(right, right2) - max(left, left2) > overlap and min(bottom, bottom2) - max(top, top2) > overlap


def _may_share(one: Slot, other: Slot) -> bool:
    kinds = {one.kind, other.kind}
    return "box" in kinds and not kinds & {"qr", "serial"}


def _sentence(cause: ValidationError, text: str, table: dict[str, Any], name: str) -> str:
    error = cause.errors(include_url=False)[0]
    told = {"extra_forbidden": "unknown key; remove it or correct its name", "missing": "expected a value, got nothing"}
    said = told.get(error["type"], _expected(error["msg"]))
    got = "" if error["type"] in (*told, "value_error") else f", got {str(error['input'])[:60]!r}"
    where = _slot_place(error["loc"], text, table) if error["loc"][:1] == ("slot",) else _top_place(error["loc"], text)
    return f"{', '.join((f'template {name}', *where))}: {said}{got}"


def _expected(message: str) -> str:
    message = message.removeprefix("Value error, ")
    return message.replace("Input should be", "expected").replace("String should match", "expected to match")


def _top_place(loc: tuple[int | str, ...], text: str) -> list[str]:
    if not loc:
        return []
    line = _line_of(str(loc[0]), text.splitlines(), 0)
    return [f"line {line}", str(loc[0])] if line else [str(loc[0])]


def _slot_place(loc: tuple[int | str, ...], text: str, table: dict[str, Any]) -> list[str]:
    """Line, slot and key; the line is known if the file spells each slot as `[[slot]]`."""
    if len(loc) < 2:
        return ["slot"]
    number = int(loc[1])
    slot = table["slot"][number]
    called = f"slot {slot['name']}" if isinstance(slot, dict) and "name" in slot else f"slot number {number + 1}"
    steps = [str(step) for step in loc[3:]]  # loc[2] repeats the kind
    lines = text.splitlines()
    heads = [at for at, line in enumerate(lines) if line.strip() == "[[slot]]"]
    if number >= len(heads):
        return [called, *steps]
    line = _line_of(steps[0], lines, heads[number]) if steps else None
    return [f"line {line or heads[number] + 1}", called, *steps]


def _line_of(key: str, lines: list[str], start: int) -> int | None:
    """Line (from 1) of `key =` at or after `start` (from 0), before the next slot begins."""
    for at, line in enumerate(lines[start:], start):
        if re.match(rf"\s*{re.escape(key)}\s*=", line):
            return at + 1
        if at > start and line.strip() == "[[slot]]":
            break
    return None
