"""Says where two JSON values differ, and whether two records name two makers. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from label_protocol.plain import plain

_ABSENT = "–"
_SHOWN = 60


def differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """`path: old → new` for each leaf that is not the same; a leaf that is not there is –."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for name in [*old, *(name for name in new if name not in old)]:
            inner = f"{path}.{name}" if path else str(name)
            yield from differences(old.get(name, _ABSENT), new.get(name, _ABSENT), inner)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (was, now) in enumerate(zip(old, new, strict=True)):
            yield from differences(was, now, f"{path}[{index}]")
    elif old != new:
        yield f"{path}: {_shown(old)} → {_shown(new)}"


def two_makers(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str] | None:
    """The makers of two products if they are surely two: by 统一社会信用代码 where both have one, else by name."""
    one, two = _maker(old), _maker(new)
    fact = "uscc" if "uscc" in one and "uscc" in two else "name"
    if fact not in one or fact not in two or plain(one[fact]).casefold() == plain(two[fact]).casefold():
        return None
    return tuple(" ".join(maker[key] for key in ("name", "uscc") if key in maker) for maker in (one, two))  # type: ignore[return-value]


def _maker(product: Mapping[str, Any]) -> dict[str, str]:
    maker = product.get("maker")
    named = maker if isinstance(maker, Mapping) else {}
    return {key: named[key] for key in ("name", "uscc") if isinstance(named.get(key), str) and plain(named[key])}


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) and value.isprintable() else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
