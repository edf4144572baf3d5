"""Writes the table of docs/architecture.md that says who may import whom, from the rows of `tests/house.py`."""

from __future__ import annotations

from tests.house import COMMON, RULES

BEGIN, END = "<!-- rooms: from tests/house.py -->\n", "<!-- /rooms -->"


def import_table() -> str:
    """A line for each room; what everybody of a package may import stands once, above."""
    common = [f"- everybody in `{package}/`: {_named(names)}" for package, names in COMMON.items()]
    rows = [f"| `{room}` | {_named(names)} |" for room, names in RULES.items() if not room.endswith("__init__.py")]
    return "\n".join([*common, "", "| room | may import beside that |", "|---|---|", *rows]) + "\n"


def _named(names: tuple[str, ...]) -> str:
    pure = ["*pure*"] if "!" in names else []
    return ", ".join([*pure, *(f"`{name}`" for name in names if name != "!")]) or "nothing"


def page(old: str) -> str:
    """The map with its table as it is now."""
    head, _, rest = old.partition(BEGIN)
    return head + BEGIN + import_table() + END + rest.partition(END)[2]
