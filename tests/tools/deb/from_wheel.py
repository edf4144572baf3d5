"""The wheel, installed as a person would with pip and nothing else: a long proof, `make test-long ONLY=wheel`.

    python -m tests.tools.deb.from_wheel [--keep FOLDER]

The environment is new and knows nothing of this checkout: the current folder is empty, and its Python is isolated. The
last line has the figures.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from label_protocol.codes.serial import new_serial
from tools.deb.__main__ import build_wheel
from tools.deb.package import ROOT

SAMPLE = ROOT / "edge_agent" / "demo" / "samples" / "down_graded.json"
LABEL = ("--template", "down_grade_60x40", "--data", str(SAMPLE))
WAIT_S = 90.0


class Installed:
    """An environment of its own in `folder`, with the wheel in it."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self.folder, self._home = folder / "environment", folder / "home"
        self._home.mkdir()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self.folder)], check=True)
        python = self.folder / "bin" / "python"
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", str(wheel)]
        subprocess.run(pip, check=True)
        self._env = {"PATH": "/usr/bin:/bin", "HOME": str(self._home), "LANG": "C.UTF-8"}

    def _words(self, *words: object) -> list[str]:
        return [str(self.folder / "bin" / "edge-agent"), *map(str, words)]

    def does(self, *words: object) -> str:
        """What the command says; CalledProcessError if it refuses."""
        ended = subprocess.run(
            self._words(*words), cwd=self._home, env=self._env, capture_output=True, text=True, check=False
        )
        if ended.returncode != 0:
            raise SystemExit(f"edge-agent {' '.join(map(str, words))}: ended with {ended.returncode}: {ended.stderr}")
        return ended.stdout

    @contextlib.contextmanager
    def stays(self, ready: str, *words: object) -> Iterator[None]:
        """A command that stays, from the line with `ready` in it on."""
        process = subprocess.Popen(
            self._words(*words), cwd=self._home, env=self._env, stderr=subprocess.PIPE, text=True
        )
        try:
            for line in process.stderr or ():
                if ready in line:
                    break
            yield
        finally:
            process.terminate()
            process.communicate(timeout=WAIT_S)

    def size_kib(self) -> int:
        """Of all files, compiled ones as well."""
        return sum(one.lstat().st_size for one in self.folder.rglob("*") if one.is_file()) // 1024


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def story(installed: Installed, folder: Path) -> None:
    """What somebody does in the first hour."""
    out = folder / "out"
    out.mkdir()
    found = json.loads(installed.does("check", SAMPLE, "--json"))
    assert found["ok"], found
    installed.does("preview", *LABEL, "--dpi", "203", "--out", out / "label.png")
    assert (out / "label.png").read_bytes().startswith(b"\x89PNG")
    serial = new_serial("PH1", os.urandom)
    installed.does("render", *LABEL, "--serial", serial, "--out", out / "label.zpl")
    assert b"^XA" in (out / "label.zpl").read_bytes()
    printer, web = free_port(), free_port()
    setup = ("--yes", "--config", out / "agent.toml", "--data", out / "data", "--site", "示例")
    listen = ("--listen", f"127.0.0.1:{printer}", "--tape", out / "tape")
    with installed.stays("virtual-printer:", "virtual-printer", *listen):
        installed.does("setup", *setup, "--printer", f"virtual-zpl@tcp://127.0.0.1:{printer}", "--no-test")
        config = out / "agent.toml"
        config.write_text(config.read_text("utf-8").replace("\nport = 8631\n", f"\nport = {web}\n"), encoding="utf-8")
        with installed.stays("running", "run", "--config", config):
            with urllib.request.urlopen(f"http://127.0.0.1:{web}/healthz", timeout=WAIT_S) as answer:
                assert json.load(answer) == {"alive": True}
            _until_ready(installed, config)
            installed.does("printers", "test", "printer-1", "--config", config)
    assert [one.name for one in (out / "tape").glob("*.png")] == ["000001.png"]


def _until_ready(installed: Installed, config: Path) -> None:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        told = json.loads(installed.does("printers", "status", "--config", config, "--json"))
        if told["printers"][0]["ready"]:
            return
        time.sleep(0.3)
    raise SystemExit(f"expected a ready printer within {WAIT_S:g} s, got none")


def main() -> None:
    """Build, install, tell the story, print the figures."""
    words = argparse.ArgumentParser(prog="python -m tests.tools.deb.from_wheel", description=__doc__)
    words.add_argument("--keep", type=Path, help="leave everything in this folder")
    given = words.parse_args()
    with contextlib.ExitStack() as stack:
        folder = given.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="from-wheel-")))
        folder.mkdir(parents=True, exist_ok=True)
        wheel = build_wheel(folder)
        installed = Installed(folder, wheel)
        story(installed, folder)
        print(f"installed_kib={installed.size_kib()} wheel_kb={wheel.stat().st_size // 1000}")


if __name__ == "__main__":
    main()
