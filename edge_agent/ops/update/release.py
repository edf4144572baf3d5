"""What a release is, and the signed index that lists them. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from edge_agent.errors import UpdateError

INDEX = "releases.json"
"""The target that names all others."""
KINDS = ("wheel", "deb")

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~!-]{0,199}")
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){1,3}")
_FIELDS = {"version", "kind", "file", "needs", "architecture"}


@dataclass(frozen=True, slots=True)
class Release:
    """One version in one form. `needs`: the wheels that are installed with `file`; `architecture`: Debian's name for
    what a .deb runs on, empty for a wheel."""

    version: str
    kind: str
    file: str
    needs: tuple[str, ...] = ()
    architecture: str = ""

    @property
    def files(self) -> tuple[str, ...]:
        """Every file of it, its own first."""
        return (self.file, *self.needs)


def number_of(version: str) -> tuple[int, ...]:
    """Versions compare by their numbers: 0.10 is newer than 0.9, and 1.0 is 1.0.0. Raises UpdateError: it is none."""
    if not (version.isascii() and _VERSION.fullmatch(version)):
        raise UpdateError(f"version: expected numbers with dots such as 0.2.0, got {version[:40]!r}")
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def newest(releases: Iterable[Release], kind: str, architecture: str) -> Release | None:
    """The newest one that this computer can take; None: there is none. `architecture` counts for a .deb."""
    fitting = [one for one in releases if one.kind == kind and one.architecture in ("", architecture)]
    return max(fitting, key=lambda one: number_of(one.version), default=None)


def index_bytes(releases: Iterable[Release]) -> bytes:
    """The index as it is published."""
    return json.dumps({"releases": [asdict(one) for one in releases]}, indent=1, ensure_ascii=True).encode() + b"\n"


def read_index(content: bytes) -> tuple[Release, ...]:
    """The releases in an index. It was signed, and is read strictly all the same: its names become files.

    Raises:
        UpdateError: it is not one.
    """
    try:
        rows = json.loads(content)["releases"]
        return tuple(_release(row) for row in rows)
    except (ValueError, KeyError, TypeError) as cause:
        raise UpdateError(
            f"{INDEX}: expected a list of releases, got another form ({cause}); tell its makers"
        ) from cause


def _release(row: object) -> Release:
    if not isinstance(row, dict) or set(row) != _FIELDS or not isinstance(row["needs"], list):
        raise ValueError("a row of other fields")
    release = Release(**{**row, "needs": tuple(row["needs"])})
    words = (*release.files, release.kind, release.version)
    if not all(isinstance(one, str) and _NAME.fullmatch(one) for one in words) or release.kind not in KINDS:
        raise ValueError("a name that is no file's, or another kind")
    number_of(release.version)
    return release
