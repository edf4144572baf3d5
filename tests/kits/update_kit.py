"""A maker of updates with keys of its own: what tools/release does by command, done in a hundredth of the time.

Keys are made once a run; a repository is a folder of the test's own.
"""

from __future__ import annotations

import zipfile
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from securesystemslib.signer import CryptoSigner

from tools.release import releases, roots
from tools.release.repository import Repository

ROOT_KEYS = 3


@cache
def key(name: str) -> CryptoSigner:
    """The key of that name."""
    return CryptoSigner.generate_ed25519()


class Maker:
    """Publishes into `folder`. `root` is what a build of this maker ships."""

    def __init__(self, folder: Path, *, test: bool = False) -> None:
        self.repository = Repository(folder)
        self.new_root(test=test)
        self.root = (folder / "metadata" / "1.root.json").read_bytes()

    @property
    def folder(self) -> Path:
        return self.repository.folder

    def new_root(self, *names: str, signed_by: tuple[str, ...] = ("root-0", "root-1"), test: bool = False) -> None:
        """The next root, with these root keys."""
        root_keys = names or tuple(f"root-{number}" for number in range(ROOT_KEYS))
        given = {role: [key(role).public_key] for role in roots.ROLES[1:]}
        given["root"] = [key(name).public_key for name in root_keys]
        roots.draft(self.repository, given, threshold=2, days=730, test=test)
        for name in signed_by:
            roots.sign(self.repository.draft, key(name))
        roots.publish(self.repository)

    def release(self, *files: Path, days: int = 30, now: datetime | None = None) -> None:
        """Adds a release, if files are given, and stamps."""
        if files:
            releases.add(self.repository, files, key("targets"))
        self.stamp(days=days, now=now)

    def stamp(self, *, days: int = 30, now: datetime | None = None) -> None:
        at = now or datetime.now(UTC)
        releases.stamp(self.repository, key("snapshot"), key("timestamp"), now=at, days=days)

    def stamp_that_ended(self) -> None:
        self.stamp(now=datetime.now(UTC) - timedelta(days=31), days=30)


def a_wheel(folder: Path, version: str, body: str = "") -> Path:
    """A wheel that pip takes: a package of one file that knows its version (binary distribution format, PEP 427). The
    same words make the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"edge_agent-{version}-py3-none-any.whl"
    info = f"edge_agent-{version}.dist-info"
    holds = {
        "edge_agent/__init__.py": f'__version__ = "{version}"\n{body}',
        "edge_agent/__main__.py": "from edge_agent import __version__\nprint('edge-agent', __version__)\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: edge-agent\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in holds.items():
            wheel.writestr(zipfile.ZipInfo(name), text)  # of 1980, not of now
    return path


def a_package(folder: Path, version: str, architecture: str = "amd64") -> Path:
    """A file with a package's name; nobody here opens it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"edge-agent_{version}_{architecture}.deb"
    path.write_bytes(f"package {version}".encode() * 1000)
    return path
