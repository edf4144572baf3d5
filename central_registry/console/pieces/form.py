"""A form is a pydantic model: its fields in order, their names in both languages (`Field(title="状态 · status")`), help
(`description`), bounds. Drawn of it here, read by it, and every refusal of it a sentence beside its field. Pure.

Another table beside the model was rejected: two lists of the same fields drift apart.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from central_registry.console.pieces.terms import options_of
from central_registry.console.pieces.words import Words, of_sentence

Typed = Mapping[str, Sequence[str]]
"""What was typed, by name: a name may come more than once."""
Options = Mapping[str, Sequence[tuple[str, Words]]]
"""What a field may be, by name: value and words."""


OF_THE_FRAME = frozenset({"once", "form_token", "back", "whose"})
"""Fields that every form carries; a model may have them, and none is drawn."""


class Upload(BaseModel, frozen=True):
    """A file that came with a form, whole."""

    name: str
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field as it is drawn. `kind`: text, password, number, date, area, select, checks, tick, digits, file, hidden.
    `error` stands beside it and once at the top."""

    name: str
    words: Words
    kind: str
    values: tuple[str, ...] = ()
    options: tuple[tuple[str, Words], ...] = ()
    help: Words | None = None
    error: str = ""
    required: bool = False
    most: int = 200
    autocomplete: str = "off"

    @property
    def value(self) -> str:
        """The one value of a field that has one."""
        return self.values[0] if self.values else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as it is drawn. `danger`: what cannot be undone; it then says its `consequence` in numbers, and its first
    button, which Enter presses, leads `back`. `said`: the refusal of the whole, once at the top. `folded`: only its
    title is in sight until it is opened, or was refused."""

    action: str
    entries: tuple[Entry, ...]
    submit: Words
    title: Words | None = None
    consequence: Words | None = None
    danger: bool = False
    folded: bool = False
    back: str = ""
    said: Words | None = None
    hidden: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Makes the ids of this form its own among others of a page."""
        return self.action.replace("/", "-").strip("-")

    @property
    def wrong(self) -> tuple[Entry, ...]:
        """The fields that were refused."""
        return tuple(one for one in self.entries if one.error)

    @property
    def is_open(self) -> bool:
        """Whether somebody was just refused in it."""
        return bool(self.said or self.wrong)

    @property
    def is_bare(self) -> bool:
        """Whether it is a button and nothing else."""
        return not (self.entries or self.title or self.danger or self.consequence)

    @property
    def has_files(self) -> bool:
        """Whether it is sent in parts."""
        return any(one.kind == "file" for one in self.entries)


def entries_of(
    model: type[BaseModel], typed: Typed, errors: Mapping[str, str], options: Options | None = None
) -> tuple[Entry, ...]:
    """The fields of a model with what was typed into them, or what they begin with."""
    rows = [(name, info) for name, info in model.model_fields.items() if name not in OF_THE_FRAME]
    return tuple(_entry(name, info, typed, errors, options or {}) for name, info in rows)


def _entry(name: str, info: FieldInfo, typed: Typed, errors: Mapping[str, str], options: Options) -> Entry:
    more = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    inner, many = _inner(info.annotation)
    given = options.get(name) or (options_of(inner) if isinstance(inner, type) and issubclass(inner, Enum) else ())
    return Entry(
        name=name,
        words=of_sentence(info.title or name),
        kind=str(more.get("kind") or _kind(inner, many=many, options=bool(given))),
        values=tuple(typed.get(name, ())) or _before(info),
        options=tuple(given),
        help=of_sentence(info.description) if info.description else None,
        error=errors.get(name, ""),
        required=info.is_required(),
        most=next((one.max_length for one in info.metadata if hasattr(one, "max_length")), 200),
        autocomplete=str(more.get("autocomplete", "off")),
    )


def _inner(annotation: Any) -> tuple[Any, bool]:
    """The type without `| None` and without its list, and whether it was a list."""
    if get_origin(annotation) in (Union, types.UnionType):
        annotation = next(one for one in get_args(annotation) if one is not type(None))
    if get_origin(annotation) in (list, tuple, set, frozenset):
        return get_args(annotation)[0], True
    return annotation, False


def _kind(inner: Any, *, many: bool, options: bool) -> str:
    if options:
        return "checks" if many else "select"
    return {int: "number", date: "date", bool: "tick", Upload: "file"}.get(inner, "text")


def _before(info: FieldInfo) -> tuple[str, ...]:
    value = info.get_default(call_default_factory=False)
    if value is None or info.is_required() or isinstance(value, (list, tuple, set, frozenset)):
        return ()
    return (value.value,) if isinstance(value, Enum) else ("1",) if value is True else (str(value),) if value else ()


def read(model: type[BaseModel], typed: Typed, files: Mapping[str, Upload]) -> BaseModel:
    """What was typed, as the model has it; a field that was left empty is one that was not sent.

    Raises:
        pydantic.ValidationError
    """
    values: dict[str, Any] = dict(files)
    for name, info in model.model_fields.items():
        told = [one.strip() for one in typed.get(name, ()) if one.strip()]
        if told:
            values[name] = told if _inner(info.annotation)[1] else told[-1]
    return model.model_validate(values)


def errors_of(cause: ValidationError) -> dict[str, str]:
    """A sentence for each field that was refused, by its name."""
    return {str(one["loc"][0]): _sentence(one) for one in reversed(cause.errors(include_url=False)) if one["loc"]}


def sentence_of(cause: ValidationError) -> str:
    """What a model refuses of the whole form; empty if it is only its fields."""
    return next((_sentence(one) for one in cause.errors(include_url=False) if not one["loc"]), "")


_SENTENCES: Mapping[str, str] = {
    "missing": "请填写 · expected a value, got none",
    "string_too_short": "太短，至少 {min_length} 个字 · expected at least {min_length} characters",
    "string_too_long": "太长，最多 {max_length} 个字 · expected at most {max_length} characters",
    "string_pattern_mismatch": "格式不对 · not of the form that is expected",
    "int_parsing": "请填整数 · expected a whole number",
    "int_type": "请填整数 · expected a whole number",
    "greater_than": "要大于 {gt} · expected more than {gt}",
    "greater_than_equal": "至少 {ge} · expected at least {ge}",
    "less_than": "要小于 {lt} · expected less than {lt}",
    "less_than_equal": "最多 {le} · expected at most {le}",
    "enum": "请在列表里选 · choose one of the list",
    "literal_error": "请在列表里选 · choose one of the list",
    "too_short": "请至少选 {min_length} 项 · choose {min_length} at least",
    "too_long": "最多选 {max_length} 项 · choose {max_length} at most",
}
"""What pydantic refuses, in words; by the type of its error."""


def _sentence(error: Any) -> str:
    if error["type"] == "value_error":  # a model's own sentence
        return str(error["ctx"]["error"])
    if error["type"].startswith("date"):
        return "请填日期，如 2026-11-20 · expected a date such as 2026-11-20"
    known = _SENTENCES.get(error["type"])
    return known.format(**error.get("ctx", {})) if known else f"填得不对 · {error['msg']}"
