"""One watched folder, as files: what is there, what is whole, taken in hand, answered, put away.

A file is in hand from the moment it lies in 处理中 under a number of its own; that rename is the intent, and it is on
the disk before anything is read. Whatever is killed, the next look finds it there and goes on. The file leaves 处理中
last, after its answer is on the disk, so a file is never taken twice and no answer is missing.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from edge_agent.files import sync_file, sync_folder
from edge_agent.intake import names
from edge_agent.service.intake import MAX_FILE_BYTES

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Seen:
    """A file as it lies in the folder. `mark` changes with every write that the system tells of."""

    name: str
    mark: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class InHand:
    """A file that was taken in hand: its number, its clean name, and where it lies."""

    file_id: str
    name: str
    path: Path


class WatchedFolder:
    """The folder of one source. Every method may raise OSError: a share may go away at any moment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def prepare(self) -> None:
        """Makes our folders in it; the watched folder itself is somebody else's, and is never made. Raises OSError."""
        if not self.folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, "no such folder", str(self.folder))
        for name in (names.ANSWERS, names.IN_HAND, names.TAKEN):
            place = self.folder / name
            if not place.exists():
                place.mkdir()
                self._open_as_folder(place, 0o777)
            if place.is_symlink() or not place.is_dir():
                raise NotADirectoryError(errno.ENOTDIR, "expected a folder and no link", str(place))

    def look(self) -> tuple[list[Seen], list[str]]:
        """Files that may be orders, and what is left there: `name: why`. Names of ours and of unfinished files are not
        told."""
        found, left = [], []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name in (names.ANSWERS, names.IN_HAND, names.TAKEN) or names.is_unfinished(entry.name):
                    continue
                why = _why_not(entry)
                if why:
                    left.append(f"{names.clean(entry.name)}: {why}")
                else:
                    told = entry.stat(follow_symlinks=False)
                    found.append(Seen(entry.name, (told.st_size, told.st_mtime_ns, told.st_ino)))
        return sorted(found, key=lambda one: (one.mark[1], one.name)), sorted(left)

    def take_in_hand(self, name: str) -> InHand:
        """Moves a file to 处理中 under a new number. Windows refuses while somebody has it open. Raises OSError."""
        file_id = secrets.token_hex(8)
        place = self.folder / names.IN_HAND / names.claim(file_id, name)
        (self.folder / name).rename(place)
        _renamed(place.parent)
        return InHand(file_id, names.clean(name), place)

    def in_hand(self) -> tuple[list[InHand], list[str]]:
        """What lies in 处理中, oldest first: at a start, what was being taken when somebody pulled the plug. And what
        somebody else put there."""
        found, strangers = [], []
        for path in (self.folder / names.IN_HAND).iterdir():
            claim = names.of_claim(path.name)
            if claim and not path.is_symlink() and path.is_file():
                found.append(InHand(*claim, path))
            else:
                strangers.append(
                    f"{names.IN_HAND}/{names.clean(path.name)}: 不是代理放的，请拿走 · not ours, remove it"
                )
        return sorted(found, key=lambda one: (one.path.stat().st_mtime_ns, one.name)), sorted(strangers)

    def read(self, one: InHand) -> bytes:
        """The first bytes of a file in hand, one more than may be; never through a link. Raises OSError."""
        with os.fdopen(os.open(one.path, _READ), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(errno.EINVAL, "expected a file, got something else", str(one.path))
            return file.read(MAX_FILE_BYTES + 1)

    def answer(self, one: InHand, texts: Mapping[str, str]) -> None:
        """Writes the answers, each whole or not at all, the last one last: whoever waits for it finds the others."""
        folder = self.folder / names.ANSWERS
        for ending, text in texts.items():
            side = folder / f".{one.file_id}{ending}.unfinished"
            side.write_bytes(text.encode())
            self._open_as_folder(side, 0o666)
            sync_file(side)
            side.replace(folder / f"{one.name}.answer{ending}")
        _renamed(folder)

    def _open_as_folder(self, path: Path, most: int) -> None:
        """What lies in the folder is for whoever may use the folder: a service writes for its own user alone, and may
        set no bit that would hand down a group. On Windows it inherits."""
        if sys.platform != "win32":
            told = self.folder.stat()
            with contextlib.suppress(OSError):  # a group that is not ours
                os.chown(path, -1, told.st_gid)
            with contextlib.suppress(OSError):  # a share has the modes that it was mounted with
                path.chmod(stat.S_IMODE(told.st_mode) & most)

    def put_away(self, one: InHand) -> None:
        """Moves an answered file to 已取."""
        place = self.folder / names.TAKEN
        one.path.replace(place / one.path.name)
        _renamed(place)


def _renamed(folder: Path) -> None:
    """Makes a rename durable where the file system has a way to; a share may refuse, and keeps it as it keeps all."""
    with contextlib.suppress(OSError):
        sync_folder(folder)


def _why_not(entry: os.DirEntry[str]) -> str:
    """Why an entry is no file that is taken; empty: it is one."""
    if entry.is_symlink():
        return "链接，不取 · a link, not followed"
    if entry.is_dir(follow_symlinks=False):
        return "文件夹，不看里面 · a folder, not looked into"
    if not entry.is_file(follow_symlinks=False):
        return "不是文件，不取 · no file"
    if not names.is_order(entry.name):
        return f"不认识的格式，请另存为 {' '.join(names.FORMS)} · of another kind; save it as one of these"
    return ""


def still_written(folder: Path) -> frozenset[str]:
    """Names of files in the folder that a process of this computer has open for writing, as far as this user may see.
    Windows needs no such question: there an open file cannot be renamed."""
    if os.name == "nt":
        return frozenset()
    import psutil  # type: ignore[import-untyped]

    found = set()
    for process in psutil.process_iter():
        try:
            files = process.open_files()
        except (psutil.Error, OSError):
            continue
        found |= {
            Path(one.path).name
            for one in files
            if Path(one.path).parent == folder and getattr(one, "mode", "r") not in ("r", "rb")
        }
    return frozenset(found)
