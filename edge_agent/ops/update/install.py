"""Puts a verified version in beside the one that runs, and makes it the one that is started. Whatever ends this between
two steps leaves one whole version chosen: the old one before the rename, the new one after it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from edge_agent.clock import Probe, no_probe
from edge_agent.errors import UpdateError
from edge_agent.files import sync_folder
from edge_agent.ops.update.client import TARGETS, Client
from edge_agent.ops.update.home import COMPLETE, Home
from edge_agent.ops.update.refusals import disk_refused
from edge_agent.ops.update.release import INDEX, Release

Run = Callable[[Sequence[str]], str]
"""Runs a command, gives its output; raises RefusedError with what it said if it ends with anything but 0."""


def bring(client: Client, release: Release, home: Home) -> Path:
    """Verifies the release once more into a folder that only the installer writes; the path of its own file.

    Raises:
        UpdateError: a file is not what the makers signed, or the disk is full.
    """
    client.fetch(release, home.root / "files")
    return client.file(release.file, home.root / "files")


def build(client: Client, release: Release, home: Home, python: str, run: Run, probe: Probe = no_probe) -> None:
    """Makes the environment of a wheel, from its verified files and no network.

    Raises:
        UpdateError: the disk is full, or what was built says that it is another version; nothing of it stays.
        RefusedError: pip refuses; nothing of it stays.
    """
    place = home.place(release.version)
    if home.is_whole(release.version):
        return
    try:
        home.begin(release.version)
        wheels = _wheels(client, release, home)
        probe("brought")
        run([python, "-I", "-m", "venv", str(place)])
        probe("environment")
        run(_pip(home, release, wheels))
        said = run([str(home.python(release.version)), "-I", "-m", "edge_agent", "--version"]).strip()
        _require_version(said, release)
        probe("installed")
        if hasattr(os, "sync"):
            os.sync()  # pip waits for no disk: without this a power cut could keep the mark and lose a file
        (place / COMPLETE).touch()
        sync_folder(place)
        probe("complete")
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    finally:
        shutil.rmtree(home.root / "wheels", ignore_errors=True)


def _require_version(said: str, release: Release) -> None:
    """Raises UpdateError."""
    if said != f"edge-agent {release.version}":
        raise UpdateError(f"update: expected a program that says edge-agent {release.version}, got {said[:100]!r}")


def prune_files(home: Home, *keep: str) -> None:
    """Deletes fetched files whose names end in none of `keep`; the index stays."""
    folder = home.root / "files" / TARGETS
    for one in folder.iterdir() if folder.is_dir() else ():
        if not one.name.endswith((INDEX, *keep)):
            one.unlink(missing_ok=True)


def _wheels(client: Client, release: Release, home: Home) -> Path:
    """The files under their own names, as pip wants them."""
    folder = home.root / "wheels"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        for name in release.files:
            shutil.copyfile(client.file(name, home.root / "files"), folder / name)
    except OSError as cause:
        raise disk_refused(cause) from cause
    return folder


def _pip(home: Home, release: Release, wheels: Path) -> list[str]:
    python = str(home.python(release.version))
    alone = ["--no-index", "--find-links", str(wheels), "--no-cache-dir", "--only-binary", ":all:", "--quiet"]
    return [python, "-I", "-m", "pip", "install", *alone, f"edge_agent=={release.version}"]
