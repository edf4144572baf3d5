"""The table of those who may act."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from edge_agent.config.values import FilePath, Table


class PeopleTable(Table):
    """Who may act. `required`: `auto` asks people once somebody is named, `on` from the start; `path`: their file;
    `idle_end_s`: whoever did nothing for so long scans the badge again; `pin_digits_min`: the shortest new PIN."""

    required: Literal["auto", "on"] = "auto"
    path: FilePath | None = None
    idle_end_s: Annotated[float, Field(ge=30, le=86_400)] = 900.0
    pin_digits_min: Annotated[int, Field(ge=4, le=12)] = 6

    def beside(self, ledger_path: Path) -> Path:
        """The file, which stands beside the ledger if nothing else was said."""
        return self.path or ledger_path.with_name("people.db")
