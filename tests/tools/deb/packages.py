"""Packages to try: one of this tree, and the same as a later version."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tools.deb.package import ROOT


def built(folder: Path, version: str) -> Path:
    """A package of this tree."""
    subprocess.run([sys.executable, "-m", "tools.deb", str(folder), "--as-version", version], check=True, cwd=ROOT)
    (package,) = folder.glob("*.deb")
    return package


def as_version(package: Path, folder: Path, version: str) -> Path:
    """The same package under another version: what an update does with the data is what is asked here."""
    stage, target = folder / "as-version", folder / f"edge-agent_{version}.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(stage)], check=True)
    fields = stage / "DEBIAN" / "control"
    fields.write_text(re.sub(r"(?m)^Version: .*$", f"Version: {version}", fields.read_text("utf-8")), encoding="utf-8")
    command = ["dpkg-deb", "-Zgzip", "--root-owner-group", "--build", str(stage), str(target)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return target


def size_kb(package: Path) -> int:
    return package.stat().st_size // 1000
