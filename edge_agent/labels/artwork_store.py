"""Artwork of certified marks, as the site uploaded it: one file per SHA-256 of its bytes, in a folder of its own.

Nothing is converted: the bytes that the certification body issued are the bytes that are kept, and their hash is what
a garment record names. A file that was changed is no longer the one of its name, and is never used.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path

from edge_agent.errors import NotFoundError
from edge_agent.files import make_folder, start_of, write_over
from edge_agent.render.painters.mark import MAX_BYTES, read_artwork, whole_artwork
from label_protocol.errors import ConfigError, of_system


@dataclass(frozen=True, slots=True)
class Held:
    """One artwork; `whole`: its bytes are still those of its hash."""

    sha256: str
    size_bytes: int
    whole: bool


class ArtworkFolder:
    """The artwork of a site. Called with a SHA-256 it gives the bytes kept under it, or None."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, sha256: str) -> bytes | None:
        """What is kept under a hash, as it lies; who uses it verifies it (`render.mark.whole_artwork`)."""
        if not re.fullmatch(r"[0-9a-f]{64}", sha256):
            return None
        try:
            return start_of(self._path(sha256), MAX_BYTES)
        except OSError:
            return None

    def add(self, file: Path) -> str:
        """Keep an artwork; gives its SHA-256. The same file twice is kept once.

        Raises:
            RenderError: it cannot be printed as a mark. NotFoundError: it cannot be read. ConfigError: it cannot
                be kept there.
        """
        try:
            data = start_of(file, MAX_BYTES)
        except OSError as cause:
            raise NotFoundError(f"{file}: expected a readable PNG file, got {_why(cause)}; check the path") from cause
        read_artwork(data, str(file))
        sha256 = hashlib.sha256(data).hexdigest()
        try:
            _write(self._path(sha256), data)
        except OSError as cause:
            raise ConfigError(f"artwork: {of_system(cause)}") from cause
        return sha256

    def held(self) -> tuple[Held, ...]:
        """All that is kept, in the order of the hashes."""
        names = sorted(path.stem for path in self._folder.glob("*.png")) if self._folder.is_dir() else []
        found = [(name, self(name)) for name in names]
        return tuple(
            Held(name, len(data), whole_artwork(name, self) is not None) for name, data in found if data is not None
        )

    def _path(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.png"


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    make_folder(path.parent)
    part = path.with_suffix(f".{os.getpid()}.tmp")
    with os.fdopen(write_over(part), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def _why(cause: OSError) -> str:
    return cause.strerror or str(cause)
