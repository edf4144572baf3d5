"""Files of the site as they were approved: one file per SHA-256 of its bytes, in a folder of its own.

Jobs that were opened with an older version print what is left of them by it. A file that was changed is no longer the
one of its name, and is never used.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

from edge_agent.files import new_file, start_of
from label_protocol.errors import ConfigError, of_system

MAX_BYTES = 1_000_000
"""Ten times the largest template."""

KeptOf = Callable[[str], bytes | None]
"""The bytes of a SHA-256, whole; None: they are not here."""


def nothing_kept(_sha256: str) -> bytes | None:
    """Of a site without such a folder."""
    return None


class KeptFiles:
    """Called with a SHA-256 it gives the bytes kept under it, or None."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, sha256: str) -> bytes | None:
        """The bytes, if they still are those of their hash."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            return None
        try:
            data = start_of(self.path(sha256), MAX_BYTES)
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == sha256 else None

    def keep(self, data: bytes) -> str:
        """Keeps a file, on disk when this returns; gives its SHA-256. Raises ConfigError: it cannot be kept there."""
        sha256 = hashlib.sha256(data).hexdigest()
        if self(sha256) is None:
            try:
                self.path(sha256).unlink(missing_ok=True)  # what lies there is damaged
                with new_file(self.path(sha256)) as side:
                    side.write_bytes(data)
            except OSError as cause:
                raise ConfigError(f"approved: {of_system(cause)}") from cause
        return sha256

    def path(self, sha256: str) -> Path:
        """Where a version lies, or would."""
        return self._folder / f"{sha256}.toml"
