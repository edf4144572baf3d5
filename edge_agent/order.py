"""What labels are ordered with: the bodies of `POST /jobs` and `POST /copies`, read strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_agent.codes.serial import fold
from edge_agent.errors import RecordError


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
        known = {"template", "printer", "quantity", "record", "style_no", "size", "lot_no", "replaces", "operator"}
        unknown = sorted(set(body) - known)
        if unknown:
            raise RecordError(f"job: unknown field {unknown[0]!r}; expected {', '.join(sorted(known))}")
        quantity = body.get("quantity")
        if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= 1_000_000:
            raise RecordError(f"job, quantity: expected an integer from 1 to 1000000, got {quantity!r}")
        replaces = body.get("replaces") or []
        if not isinstance(replaces, list) or not all(isinstance(one, str) for one in replaces):
            raise RecordError(f"job, replaces: expected a list of serials, got {str(replaces)[:60]!r}")
        texts = {name: body.get(name, "") for name in ("template", "printer", "operator")}
        wrong = next((name for name, value in texts.items() if not isinstance(value, str)), None)
        if wrong or not texts["template"] or not texts["printer"]:
            raise RecordError(f"job, {wrong or 'template and printer'}: expected a name, got {body.get(wrong or '')!r}")
        _require_local(texts["template"], "job")
        return cls(texts["template"], texts["printer"], quantity, tuple(map(fold, replaces)), texts["operator"])


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
        known = {"template", "printer", "count", "record", "style_no", "size", "lot_no", "operator", "unchecked"}
        unknown = sorted(set(body) - known)
        if unknown:
            raise RecordError(f"copies: unknown field {unknown[0]!r}; expected {', '.join(sorted(known))}")
        count, unchecked = body.get("count"), body.get("unchecked", False)
        if not isinstance(count, int) or isinstance(count, bool):
            raise RecordError(f"copies, count: expected an integer, got {str(count)[:60]!r}")
        if not isinstance(unchecked, bool):
            raise RecordError(f"copies, unchecked: expected true or false, got {str(unchecked)[:60]!r}")
        texts = {name: body.get(name, "") for name in ("template", "printer", "operator")}
        for name, value in texts.items():
            if not isinstance(value, str) or not (value or name == "operator"):
                raise RecordError(f"copies, {name}: expected a name, got {str(value)[:60]!r}")
        _require_local(texts["template"], "copies")
        return cls(texts["template"], texts["printer"], count, texts["operator"], unchecked)


def _require_local(template: str, what: str) -> None:
    """Who may order labels must not choose what else this computer opens: on Windows, a path on another machine is
    enough to send that machine the user's password hash."""
    path = Path(template)
    named = template.isascii() and template.replace("_", "").isalnum()
    if named or (path.is_absolute() and path.suffix == ".toml" and not template.startswith(("//", "\\\\"))):
        return
    raise RecordError(
        f"{what}, template: expected a built-in name or a whole path on this computer to a .toml, "
        f"got {template[:200]!r}"
    )
