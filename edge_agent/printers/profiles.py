"""Profiles of printer models: rows of `config/printers.toml`. A quirk is a column, never an `if model ==`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

from edge_agent.errors import NotFoundError
from edge_agent.model.printer import PrintMode, ProofLevel
from edge_agent.printers.languages.contract import Quirks
from label_protocol.errors import ConfigError

V = TypeVar("V")

_LINE_ENDS = {"crlf": b"\r\n", "lf": b"\n"}
_SWITCH: Mapping[str, bool | None] = {"true": True, "false": False, "none": None}
_DEFAULTS = {"line_end": "crlf"}


@dataclass(frozen=True, slots=True)
class Profile:
    """One row. `proof` is the strongest proof of print that this model can give; `source` says who says so.

    What a row leaves out has the default here: no quirk, and nothing known. `width_dots` is counted at the row's `dpi`;
    None: nobody has told how wide the head is. `models` are what its answer to the identity question begins with.
    """

    name: str
    language: str
    dpi: int
    proof: ProofLevel
    mode: PrintMode
    source: str
    width_dots: int | None = None
    object_overhead_bytes: int = 0
    inverted: bool = False
    line_end: str = "crlf"
    unanswered: frozenset[str] = frozenset()
    ribbon: bool | None = None
    speeds_ips: tuple[float, ...] = ()
    models: tuple[str, ...] = ()

    @property
    def quirks(self) -> Quirks:
        """What the language has to know of this model."""
        return Quirks(
            object_overhead_bytes=self.object_overhead_bytes,
            inverted=self.inverted,
            line_end=_LINE_ENDS[self.line_end],
            confirms=self.proof is ProofLevel.RESPONSE,
        )


def profile(name: str) -> Profile:
    """The row of that name in the table that is shipped.

    Raises:
        NotFoundError: there is none; the message names those there are.
    """
    rows = shipped_profiles()
    if name not in rows:
        raise NotFoundError(
            f"printer profile: expected one of {', '.join(rows)}, got {name!r}; correct the printer's row"
        )
    return rows[name]


def profile_for(language: str, identity: str) -> Profile:
    """The row for a printer that answered `identity` in `language`; if no row knows it, that language's unknown one.

    Raises:
        NotFoundError: no row for that language at all.
    """
    rows = [row for row in shipped_profiles().values() if row.language == language]
    known = (row for row in rows if identity.startswith(row.models or ("\0",)))
    return next(known, None) or profile(f"{language}-unknown")


@cache
def shipped_profiles() -> Mapping[str, Profile]:
    """All rows of `config/printers.toml`, by name."""
    return parse_profiles(files("edge_agent_config").joinpath("printers.toml").read_text("utf-8"))


def parse_profiles(text: str, origin: str = "printers.toml") -> dict[str, Profile]:
    """Rows of a TOML text.

    Raises:
        ConfigError: not TOML, an unknown or missing key, a value of the wrong kind.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin}: expected TOML, got {error}; correct the file") from error
    return {name: _profile(origin, name, table) for name, table in tables.items()}


def _profile(origin: str, name: str, table: Any) -> Profile:
    columns = {column.name for column in fields(Profile)} - {"name"}
    needed = {column.name for column in fields(Profile) if column.default is MISSING} - {"name"}
    if not isinstance(table, dict) or not needed <= set(table) <= columns:
        got = sorted(table) if isinstance(table, dict) else table
        raise ConfigError(
            f"{origin}, [{name}]: expected the keys {', '.join(sorted(needed))} and any of "
            f"{', '.join(sorted(columns - needed))}; got {got}"
        )
    return Profile(
        name=name,
        language=_text(origin, name, table, "language"),
        dpi=_number(origin, name, table, "dpi", 100),
        proof=_one_of(origin, name, table, "proof", {level.word: level for level in ProofLevel}),
        mode=_one_of(origin, name, table, "mode", {mode.value: mode for mode in PrintMode}),
        source=_text(origin, name, table, "source"),
        width_dots=_number(origin, name, table, "width_dots", 8) if "width_dots" in table else None,
        object_overhead_bytes=_number(origin, name, table, "object_overhead_bytes", 0),
        inverted=_one_of(origin, name, table, "inverted", _SWITCH) or False,
        line_end=_one_of(origin, name, table, "line_end", {word: word for word in _LINE_ENDS}),
        unanswered=frozenset(_list(origin, name, table, "unanswered", str)),
        ribbon=_one_of(origin, name, table, "ribbon", _SWITCH),
        speeds_ips=tuple(map(float, _list(origin, name, table, "speeds_ips", int, float))),
        models=tuple(_list(origin, name, table, "models", str)),
    )


def _text(origin: str, name: str, table: Mapping[str, Any], key: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{origin}, [{name}] {key}: expected text, got {value!r}")
    return value


def _number(origin: str, name: str, table: Mapping[str, Any], key: str, least: int) -> int:
    value = table.get(key, 0)
    if type(value) is not int or not least <= value <= 32_000:
        raise ConfigError(f"{origin}, [{name}] {key}: expected a whole number from {least} to 32000, got {value!r}")
    return value


def _one_of(origin: str, name: str, table: Mapping[str, Any], key: str, known: Mapping[str, V]) -> V:
    value = table.get(key, _DEFAULTS.get(key))
    if isinstance(value, bool) or value is None:
        value = str(value).lower()
    if not isinstance(value, str) or value not in known:
        raise ConfigError(f"{origin}, [{name}] {key}: expected one of {', '.join(known)}, got {value!r}")
    return known[value]


def _list(origin: str, name: str, table: Mapping[str, Any], key: str, *kinds: type) -> list[Any]:
    values = table.get(key, [])
    if not isinstance(values, list) or not all(type(value) in kinds for value in values):
        raise ConfigError(f"{origin}, [{name}] {key}: expected a list of {kinds[0].__name__}, got {values!r}")
    return values
