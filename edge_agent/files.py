"""Files that somebody names, who may name anything."""

from __future__ import annotations

from pathlib import Path


def start_of(path: Path, most_bytes: int) -> bytes:
    """At most `most_bytes` and one more, which tells that there are too many. Of a regular file only: a device or a
    pipe would never end.

    Raises:
        OSError: it cannot be read, or is no file.
    """
    if path.exists() and not path.is_file():
        raise OSError("something that is not a file")
    with path.open("rb") as file:
        return file.read(most_bytes + 1)
