"""Where versions lie beside each other, and which of them runs: a name that is exchanged by one rename.

    HOME/versions/0.1.0/       a Python environment; whole if `COMPLETE` is in it
    HOME/versions/0.2.0/
    HOME/current               a link to one of them; on Windows a file with its name, which `launch.py` reads
    HOME/trusted, HOME/files   what `apply` believes and has verified, written by nobody else

On Windows this was not yet run.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from edge_agent.errors import UpdateError
from edge_agent.files import sync_folder
from edge_agent.ops.update.release import number_of

COMPLETE = "edge-agent-complete"
"""A file that is written last."""
BEGUN = "edge-agent-begun"
"""A file that is written first, and stays: it tells that an environment was made here."""


class Home:
    """The folder of all versions. `by_link`: whether the system has symbolic links for everybody."""

    def __init__(self, root: Path, *, by_link: bool = sys.platform != "win32") -> None:
        self.root, self.by_link = root, by_link
        self.versions, self.current = root / "versions", root / "current"

    def place(self, version: str) -> Path:
        """The folder of a version. Raises UpdateError: it is no version's name."""
        number_of(version)
        return self.versions / version

    def prepare(self) -> None:
        """Makes the folders, open to the service's user, who runs what lies in them and writes nothing there."""
        for folder in (self.root, self.versions):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)

    def is_whole(self, version: str) -> bool:
        """Whether a version is there to be run."""
        return (self.place(version) / COMPLETE).is_file()

    def running(self) -> str:
        """The version that is started next; empty: none was chosen yet."""
        if self.by_link:
            return self.current.readlink().name if self.current.is_symlink() else ""
        return self.current.read_text("utf-8").strip() if self.current.is_file() else ""

    def choose(self, version: str) -> None:
        """Makes it the one that is started next: before the rename the old one is, after it the new one.

        Raises:
            UpdateError: it is not whole.
        """
        if not self.is_whole(version):
            raise UpdateError(f"update: expected version {version} whole in {self.versions}, got none; apply it again")
        side = self.root / ".current.unfinished"
        side.unlink(missing_ok=True)
        if self.by_link:
            side.symlink_to(Path("versions") / version)
        else:
            side.write_text(version, encoding="utf-8")
        side.replace(self.current)
        sync_folder(self.root)

    def take_in(self, version: str, prefix: Path) -> None:
        """Gives the environment that runs now its place among the versions, so that it can be gone back to: the one it
        has, or a link to wherever it was made by hand."""
        place = self.place(version)
        if prefix.resolve() == place.resolve():
            (place / COMPLETE).touch()
        elif self.by_link and not place.exists() and prefix.is_dir():
            (prefix / COMPLETE).touch()
            place.symlink_to(prefix.absolute())

    def python(self, version: str = "") -> Path:
        """The interpreter of a version; of whichever is started next, if none is named."""
        chosen = self.current if self.by_link else self.place(self.running())
        environment = self.place(version) if version else chosen
        return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def begin(self, version: str) -> Path:
        """An empty folder for a version, marked as ours; what was begun before is gone. Raises OSError."""
        place = self.place(version)
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / BEGUN).touch()
        return place

    def prune(self, *keep: str) -> None:
        """Deletes versions nobody goes back to, and what was begun, but nothing that others put beside them. A link
        loses its name and nothing behind it."""
        for one in self.versions.iterdir() if self.versions.is_dir() else ():
            if one.name not in keep and any((one / mark).is_file() for mark in (COMPLETE, BEGUN)):
                one.unlink() if one.is_symlink() else shutil.rmtree(one, ignore_errors=True)


def home_of(prefix: Path, version: str) -> Path:
    """The home of the environment at `prefix`, from which `version` runs: the one it lies in, else one beside it.
    Others have folders of versions, too: those of pyenv are Pythons, and stay what they are."""
    place = prefix.absolute()
    made_here = (place / BEGUN).is_file()
    chosen = place.is_symlink() and place.readlink() == Path("versions", version)
    if place.name == "current" and (made_here or chosen):
        return place.parent
    if place.parent.name == "versions" and (made_here or place.name == version):
        return place.parent.parent
    return place.with_name(f"{place.name}-versions")
