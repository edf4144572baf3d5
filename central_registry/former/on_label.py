"""Says what stood on a former platform's labels, from the row that brought it. Pure."""

from __future__ import annotations

import json


def facts_of(label: str | None) -> list[tuple[str, str]]:
    """Printed name beside printed value, in their order; nothing where a code names no label."""
    found = json.loads(label) if label else {}
    return [(str(name), str(value)) for name, value in found.get("facts", {}).items()]
