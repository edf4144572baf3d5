"""Files that somebody names, who may name anything, and files of ours, which nobody else on the computer may read.

Windows has no modes: there a file has the rights of its folder, and the user's own folders are the user's.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

_FILE, _FOLDER = 0o600, 0o700


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


def make_folder(folder: Path) -> None:
    """The folder and those above it that are missing, for their owner alone. What is there stays as it is: it may be
    a folder that others have their files in."""
    for one in reversed([one for one in (folder, *folder.parents) if not one.is_dir()]):
        one.mkdir(mode=_FOLDER, exist_ok=True)


def begin_file(path: Path) -> int:
    """A new empty file for its owner alone, as a handle to write to. Raises FileExistsError: the name is taken."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), _FILE)


def write_over(path: Path) -> int:
    """A handle to write the file anew from its start; one that is not there yet is made for its owner alone."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), _FILE)


def append_to(path: Path) -> int:
    """A handle to write at the end of the file; one that is not there yet is made for its owner alone."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), _FILE)


def keep_private(path: Path) -> None:
    """Takes from others what an earlier version gave them on one of our files. A file of another owner stays."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            if path.stat().st_mode & 0o077:
                path.chmod(_FILE)


@contextlib.contextmanager
def new_file(target: Path) -> Iterator[Path]:
    """An empty file beside `target` to be filled. When the block ends it is on disk and has the name, if that is still
    free; when the block fails nothing is left.

    Raises:
        FileExistsError: there is something under the name, and it is untouched.
        OSError: the disk or the folder does not take it.
    """
    make_folder(target.parent)
    side = target.with_name(f".{target.name}.unfinished")
    side.unlink(missing_ok=True)
    os.close(begin_file(side))
    try:
        yield side
        sync_file(side)
        os.close(begin_file(target))  # a rename alone would go over a file that came meanwhile
        side.replace(target)
        sync_folder(target.parent)
    finally:
        side.unlink(missing_ok=True)


def sync_file(path: Path) -> None:
    """fsync by name."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes a rename durable. Windows has no such call and journals its renames itself."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
