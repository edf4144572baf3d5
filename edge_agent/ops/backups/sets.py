"""The folder of backup sets: which are whole, how old the newest is, and which may go.

A set is a folder named by the moment it was made. It is filled under another name and renamed when all of it is on
disk, so what bears a set's name is whole; a manifest inside says what it holds.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MANIFEST = "manifest.json"
UNFINISHED = ".unfinished-"
"""Begins the name of a set that is being made; what a killed agent left of it goes with the next set."""

_NAME = re.compile(r"edge-agent-(\d{8}T\d{6})\.\d{3}Z")
_FORM = "%Y%m%dT%H%M%S"


@dataclass(frozen=True, slots=True)
class BackupSet:
    """One whole set."""

    folder: Path
    made_at: datetime


def name_of(at: str) -> str:
    """The name of a set made at `at`, an ISO time in UTC: no colon, which Windows has no file names with."""
    return f"edge-agent-{at.replace('-', '').replace(':', '')}"


def sets_in(folder: Path) -> tuple[BackupSet, ...]:
    """The whole sets of a folder, oldest first; none if it is not there."""
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    found = [(name, _NAME.fullmatch(name)) for name in names if (folder / name / MANIFEST).is_file()]
    return tuple(
        BackupSet(folder / name, datetime.strptime(match[1], _FORM).replace(tzinfo=UTC))
        for name, match in found
        if match
    )


def age_h(newest: BackupSet, now: str) -> float:
    """Hours since a set was made, at `now` (ISO, UTC); below 0 if the clock was set back since."""
    return (datetime.fromisoformat(now) - newest.made_at).total_seconds() / 3600


def prune(folder: Path, keep: int, *, made: Path) -> int:
    """Deletes all but the `keep` newest sets, and never `made`, the one that is newest in truth: a clock that was ahead
    may have given others a later name. Returns how many went. Nothing but whole sets and begun ones is touched."""
    others = [one.folder for one in sets_in(folder) if one.folder != made]
    gone = others[: max(0, len(others) - (keep - 1))]
    for one in [*gone, *folder.glob(f"{UNFINISHED}*")]:
        shutil.rmtree(one, ignore_errors=True)
    return len(gone)
