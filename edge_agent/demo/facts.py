"""Compares every fact of a snapshot with what the scan page tells the consumer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every fact as `(path, text)`, in order."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from leaves(item, f"{path}.{name}" if path else str(name))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    elif value is not None:
        yield path, str(value)


def differences(snapshot: Mapping[str, Any], page: Mapping[str, Any]) -> tuple[int, list[str]]:
    """How many facts of `product` and `lot` were compared, and those that the page does not tell as they are."""
    told = dict(leaves({name: page.get(name) for name in ("product", "lot")}))
    facts = list(leaves({name: snapshot.get(name) for name in ("product", "lot")}))
    wrong = [f"{path}: expected {text!r}, got {told.get(path)!r}" for path, text in facts if told.get(path) != text]
    return len(facts), wrong
