"""Sets up a registry host: a virtual environment with `central-registry`, what it imports, and nothing of the agent's.

    python3 tools/registry_host.py [FOLDER]

FOLDER is `.venv` of this checkout unless said otherwise; run again after an update. What is needed is the extra
`registry` of pyproject.toml. pip cannot leave anything out of a plain install, so the extra's packages are installed
by themselves, and ours after them without its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def needed(pyproject: str) -> list[str]:
    """The requirements of a registry host, from the text of pyproject.toml."""
    import tomllib  # not above: a Python without it is told in a sentence

    found: list[str] = tomllib.loads(pyproject)["project"]["optional-dependencies"]["registry"]
    return found


def main(words: Sequence[str]) -> None:
    """Make or renew the environment; stop at the first command that fails."""
    if sys.version_info < (3, 11):
        sys.exit(
            f"registry host: expected Python 3.11 or newer, got {sys.version.split()[0]}; run this with such a one"
        )
    folder = Path(words[0]).resolve() if words else ROOT / ".venv"
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (programs / "python", "-m", "pip", "install", "-q")
    run(sys.executable, "-m", "venv", folder)
    run(*pip, *needed((ROOT / "pyproject.toml").read_text("utf-8")))
    run(*pip, "--no-deps", "--force-reinstall", ROOT)
    print(f"registry host done; next: {programs / 'central-registry'} --help")


def run(*command: str | Path) -> None:
    """Run a command, shown."""
    print("+", *command, flush=True)
    subprocess.run([str(part) for part in command], check=True)


if __name__ == "__main__":
    main(sys.argv[1:])
