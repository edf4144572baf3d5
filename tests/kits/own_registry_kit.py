"""A registry on this PC: its folder, its configuration, and `serve` as a process of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

NOBODY = 65534
"""Whose PostgreSQL it is where root runs the tests: PostgreSQL does not run as root."""


@contextlib.contextmanager
def own_folder() -> Iterator[Path]:
    """A new folder that its PostgreSQL can reach, whoever runs the tests; its name is short enough for a socket's."""
    home = Path(tempfile.mkdtemp(prefix="own-"))
    try:
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            home.chmod(0o711)
        yield new_data(home, "data")
    finally:
        shutil.rmtree(home)


def new_data(home: Path, name: str) -> Path:
    """An empty folder of data."""
    folder = home / name
    folder.mkdir()
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    return folder


def config_for(data: Path) -> Path:
    """A `registry.toml` beside the folder, for any free port."""
    path = data.with_suffix(".toml")
    path.write_text(f'[database]\ndata = "{data}"\n[http]\nport = 0\n', encoding="utf-8")
    return path


@contextlib.contextmanager
def serving(config: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`serve`, as soon as it answers, and its address; asked to stop when the block ends."""
    words = [sys.executable, "-m", "central_registry", "serve", "--config", str(config)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=tempfile.gettempdir()) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            assert "registry at http://" in line, line
            yield process, line.split()[-1]
        finally:
            process.terminate()
            process.wait(30)
