"""What is wrong with a configuration, in sentences: by table and key, expected and got, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

_ROUNDS = 20
"""A flaw hides others at most by the depth of the tables; more rounds mean that taking out does not help."""


def sentences(cause: ValidationError, model: type[BaseModel]) -> list[str]:
    """One for each flaw that the models found, in the order of the tables."""
    return [_sentence(one, model) for one in cause.errors(include_url=False)]


def all_flaws(table: Mapping[str, Any], model: type[BaseModel], folder: Path) -> list[str]:
    """Every flaw at once. A rule over several keys is asked only when each of them is right, so what is wrong is taken
    out and the rest is looked at again, until nothing more is found."""
    left, found, whole = deepcopy(dict(table)), list[str](), True
    for _ in range(_ROUNDS):
        try:
            model.model_validate(left, context={"folder": folder})
            break
        except ValidationError as cause:
            places = {_removable(left, error["loc"]) for error in cause.errors()} - {()}
            # a group may name the row that was taken out, so of rows that are not all there nothing is said
            found += [one for one in sentences(cause, model) if one not in found] if places or whole else []
            whole = whole and not any(isinstance(place[-1], int) for place in places)
        if not places:
            break
        _take_out(left, places)
    return found


def _take_out(table: dict[str, Any], places: Iterable[tuple[int | str, ...]]) -> None:
    """Later rows first, so that the numbers of those before them stay right."""
    for *way, last in sorted(places, key=_by_number, reverse=True):
        holder: Any = table
        for step in way:
            holder = holder[step]
        del holder[last]


def _by_number(place: tuple[int | str, ...]) -> list[str]:
    return [f"{step:09}" if isinstance(step, int) else step for step in place]


def _removable(table: Any, place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The part of a place that is there: a missing key's is its table; a row goes whole, for it needs its keys."""
    known: list[int | str] = []
    for step in place:
        try:
            table = table[step]
        except (KeyError, IndexError, TypeError):
            break
        known.append(step)
        if isinstance(step, int):
            break
    return tuple(known)


def _sentence(error: Any, model: type[BaseModel]) -> str:
    *table, key = map(str, error["loc"] or ("the whole",))
    where = f"table [{'.'.join(table)}], key {key}" if table else f"table or key [{key}]"
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, table)
        near = difflib.get_close_matches(key, known, n=1)
        advice = f"did you mean {near[0]}?" if near else "remove it"
        return f"{where}: unknown; expected one of {', '.join(known)}; {advice}"
    if error["type"] == "missing":
        return f"{where}: expected a value, got nothing; add it"
    expected = error["msg"].removeprefix("Value error, expected ").removeprefix("Input should be ")
    got = _shown(error["input"], _table_at(model, table), key)
    return f"{where}: expected {expected}, got {got}; correct it"


def _shown(value: Any, table: Any, key: str) -> str:
    """What stands there; not of a field that is shown nowhere (`repr=False`), for a refusal is kept in logs."""
    field = getattr(table, "model_fields", {}).get(key)
    if field is not None and not field.repr:
        return "one that is a secret and not shown"
    return "these tables" if isinstance(value, (dict, BaseModel)) else repr(value)[:60]


def _known_keys(model: Any, table: list[str]) -> list[str]:
    return sorted(getattr(_table_at(model, table), "model_fields", {}))


def _table_at(model: Any, table: list[str]) -> Any:
    """The model of a table by its name; `printers.0` is a row of printers. None: a place inside a value of a key."""
    for step in table:
        if not step.isdigit():
            field = getattr(model, "model_fields", {}).get(step)
            annotation = field.annotation if field is not None else None
            model = next((one for one in (annotation, *get_args(annotation)) if hasattr(one, "model_fields")), None)
    return model
