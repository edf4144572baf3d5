"""`python -m tools.deb [FOLDER] [--as-version V]`: wheel, environment, and the package in FOLDER (default `dist`)."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from edge_agent import __version__
from tools.deb.environment import build_environment, make_bare
from tools.deb.package import ROOT, lay_out, pack


def main() -> None:
    """Build it and say how large it is."""
    words = argparse.ArgumentParser(prog="python -m tools.deb", description=__doc__)
    words.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist")
    words.add_argument("--as-version", metavar="V", default=__version__, help="of the package, to try updates")
    given = words.parse_args()
    if shutil.which("dpkg-deb") is None:
        sys.exit("make deb: expected dpkg-deb, got none; build it on Debian or a child of it")
    with tempfile.TemporaryDirectory(prefix="edge-agent-deb-") as folder:
        stage = Path(folder) / "stage"
        stage.mkdir()
        build_environment(stage, build_wheel(Path(folder)))
        make_bare(stage)
        lay_out(stage, given.as_version)
        package = pack(stage, given.folder, given.as_version)
        installed = sum(one.lstat().st_size for one in stage.rglob("*") if one.is_file())
    print(f"{package}: {package.stat().st_size / 1e6:.1f} MB, installed {installed / 1e6:.1f} MB")


def build_wheel(folder: Path) -> Path:
    """Our own wheel, from a copy: a build leaves a folder `build` where it is done, and takes up what lies there."""
    copy = folder / "source"
    for name in subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith(("tests/", "docs/")):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, copy / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(copy)]
    subprocess.run(pip, check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


if __name__ == "__main__":
    main()
