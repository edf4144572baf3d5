"""The folder that is published: what it holds and under which names (TUF specification 1.0, sections 4 and 6).

metadata/N.root.json, N.targets.json, N.snapshot.json, timestamp.json
targets/SHA256.name        one file of a release, or the index of releases
root-draft.json            a root that waits for signatures; not for publication
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp
from tuf.api.serialization.json import JSONSerializer

DAYS = {"root": 730, "targets": 365, "snapshot": 365, "timestamp": 30}
"""How long each list holds. The timestamp's is how long a mirror can hold an update back unnoticed, and how old a stick
may be that goes by post: thirty days."""


class ReleaseError(Exception):
    """What was asked for cannot be done; one sentence says why, and nothing was changed."""


class Repository:
    """One folder of updates."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.metadata, self.targets = folder, folder / "metadata", folder / "targets"
        self.draft = folder / "root-draft.json"

    def newest(self, role: str) -> int:
        """The number of the newest list of a role; 0: there is none."""
        if role == "timestamp":
            return self.read("timestamp").signed.version if (self.metadata / "timestamp.json").exists() else 0
        names = [one.name.split(".") for one in self.metadata.glob(f"*.{role}.json")]
        return max((int(number) for number, _, _ in names if number.isdigit()), default=0)

    def read(self, role: str, version: int | None = None) -> Metadata[Any]:
        """A list of a role, the newest unless a version is named. Raises ReleaseError: there is none."""
        number = version or (0 if role == "timestamp" else self.newest(role))
        path = self.metadata / (f"{number}.{role}.json" if number else f"{role}.json")
        if not path.exists():
            raise ReleaseError(f"{path}: expected the list of {role}, got none; the command before this makes it")
        return Metadata.from_file(str(path))

    def write(self, metadata: Metadata[Any]) -> Path:
        """Puts a signed list in its place, whole or not at all; a number is never used twice.

        Raises:
            ReleaseError: the keys that the root names did not sign it.
        """
        role, number = metadata.signed.type, metadata.signed.version
        if role != "root":
            self._require_signed(metadata)
        path = self.metadata / (f"{role}.json" if role == "timestamp" else f"{number}.{role}.json")
        put(path, metadata.to_bytes(JSONSerializer()))
        return path

    def _require_signed(self, metadata: Metadata[Any]) -> None:
        root: Root = self.read("root").signed
        found = root.get_verification_result(metadata.signed.type, metadata.signed_bytes, metadata.signatures)
        if not found.verified:
            raise ReleaseError(
                f"{metadata.signed.type}: expected signatures of {found.threshold} of its keys, got "
                f"{len(found.signed)}; sign with the key that the root names for it"
            )

    def told(self) -> str:
        """Every list that is in force, for people."""
        lines = []
        for role in ("root", "targets", "snapshot", "timestamp"):
            if self.newest(role):
                metadata = self.read(role)
                until = metadata.signed.expires.date().isoformat()
                lines.append(f"{role} {metadata.signed.version}: until {until}, {len(metadata.signatures)} signatures")
                if isinstance(metadata.signed, Targets):
                    lines += [f"  {name}" for name in sorted(metadata.signed.targets)]
        return "\n".join(lines) or f"{self.folder}: nothing yet; begin with the command root"


def put(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    side = path.with_name(f".{path.name}.unfinished")
    with side.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    side.replace(path)


def ends(days: int, now: datetime | None = None) -> datetime:
    """So many days from now, in whole seconds, as the specification writes times."""
    return (now or datetime.now(UTC)).replace(microsecond=0) + timedelta(days=days)


Lists = Root | Targets | Snapshot | Timestamp
