"""What labels are ordered with: the bodies of `POST /jobs` and `POST /copies`, read strictly."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_agent.model import names
from label_protocol.codes.serial import fold
from label_protocol.errors import RecordError


@dataclass(frozen=True, slots=True)
class Order:
    """A body that is an order; what it names may still not exist."""

    template: str
    printer: str
    quantity: int
    replaces: tuple[str, ...]
    operator: str

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> Order:
        """Raises RecordError: an unknown field, or a value of the wrong kind."""
        _refuse_unknown(body, _GARMENT | {"template", "printer", "quantity", "replaces", "operator"}, "job")
        quantity = body.get("quantity")
        if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= 1_000_000:
            raise RecordError(f"job, quantity: expected an integer from 1 to 1000000, got {quantity!r}")
        replaces = body.get("replaces") or []
        if not isinstance(replaces, list) or not all(isinstance(one, str) for one in replaces):
            raise RecordError(f"job, replaces: expected a list of serials, got {str(replaces)[:60]!r}")
        template, printer, operator = _names(body, "job")
        return cls(template, printer, quantity, tuple(map(fold, replaces)), operator)


@dataclass(frozen=True, slots=True)
class CopiesBody:
    """A body that is an order of copies; how many at most is the ledger's affair."""

    template: str
    printer: str
    count: int
    operator: str
    unchecked: bool

    @classmethod
    def read(cls, body: Mapping[str, Any]) -> CopiesBody:
        """Raises RecordError: an unknown field, or a value of the wrong kind."""
        _refuse_unknown(body, _GARMENT | {"template", "printer", "count", "operator", "unchecked"}, "copies")
        count, unchecked = body.get("count"), body.get("unchecked", False)
        if not isinstance(count, int) or isinstance(count, bool):
            raise RecordError(f"copies, count: expected an integer, got {str(count)[:60]!r}")
        if not isinstance(unchecked, bool):
            raise RecordError(f"copies, unchecked: expected true or false, got {str(unchecked)[:60]!r}")
        template, printer, operator = _names(body, "copies")
        return cls(template, printer, count, operator, unchecked)


MAX_NAME = 1_000
"""The longest path of a template."""

_GARMENT = frozenset({"record", "style_no", "size", "lot_no"})
"""Either a whole record, or what the catalogue finds one by (`AgentService.record_of`)."""


def request_hash(body: Mapping[str, Any]) -> str:
    """What an idempotency key is held to: the same order gives the same hash, in whatever order its fields come."""
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def _refuse_unknown(body: Mapping[str, Any], known: Set[str], what: str) -> None:
    if unknown := sorted(set(body) - known):
        expected = ", ".join(sorted(known))
        raise RecordError(
            f"{what}: expected {expected}, got the unknown field {unknown[0][:60]!r}; remove it or correct its name"
        )


def _names(body: Mapping[str, Any], what: str) -> tuple[str, str, str]:
    """Template, printer and operator; the last may be empty."""
    found = {name: body.get(name, "") for name in ("template", "printer", "operator")}
    for name, value in found.items():
        if not isinstance(value, str) or not (value or name == "operator") or len(value) > MAX_NAME:
            raise RecordError(f"{what}, {name}: expected a name, got {str(value)[:60]!r}; correct it")
    _require_local(found["template"], what)
    return found["template"], found["printer"], names.anybody(found["operator"], f"{what}: operator")


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
