"""Starts the version that `edge-agent update` chose: Windows has no symbolic links for everybody, so its name stands in
the file `current` beside this one. NOT YET RUN on Windows; docs/updates.md says how it is meant."""

import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent
VERSION = (HOME / "current").read_text("utf-8").strip()
PYTHON = HOME / "versions" / VERSION / "Scripts" / "python.exe"

if __name__ == "__main__":
    sys.exit(subprocess.call([str(PYTHON), "-I", "-m", "edge_agent", *sys.argv[1:]]))  # noqa: S603 our own words
