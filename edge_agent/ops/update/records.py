"""What is kept of updates between two runs, one small file for each fact, whole or not there."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edge_agent.files import begin_file, make_folder, start_of, sync_file, sync_folder

_MOST_BYTES = 10_000
"""Of a file of ours; they have some hundred."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The last look at a source. `at`: when one succeeded, ISO in UTC; `until`: how long its list is believed;
    `newest`: the newest version for this computer, empty for none; `trouble`: why the last look failed, empty if it
    did not."""

    at: str = ""
    until: str = ""
    newest: str = ""
    trouble: str = ""


def heard(folder: Path) -> Heard:
    """What the last look found; nothing, if there was none."""
    return Heard(**(read(folder / "heard.json", frozenset(Heard.__slots__)) or {}))


def keep_heard(folder: Path, found: Heard) -> None:
    """Keeps it. Raises OSError: the disk or the folder does not take it."""
    put(folder / "heard.json", asdict(found))


def read(path: Path, fields: frozenset[str]) -> dict[str, Any] | None:
    """The object in a file of ours; None: there is none, or it is not one with these fields."""
    try:
        row = json.loads(start_of(path, _MOST_BYTES))
    except (OSError, ValueError):
        return None
    return row if isinstance(row, dict) and set(row) == fields else None


def put(path: Path, row: dict[str, Any]) -> None:
    """Writes an object, whole or not at all. Raises OSError."""
    make_folder(path.parent)
    side = path.with_name(f".{path.name}.unfinished")
    side.unlink(missing_ok=True)
    with os.fdopen(begin_file(side), "w", encoding="utf-8") as file:
        json.dump(row, file, ensure_ascii=False, indent=1)
    sync_file(side)
    side.replace(path)
    sync_folder(path.parent)
