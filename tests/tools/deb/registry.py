"""A registry for a machine that has none: a program of this one, in the other's network."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.tools.deb.machine import Machine
from tools.deb.package import ROOT

SAMPLE = ROOT / "edge_agent" / "demo" / "samples" / "down_graded.json"


class Registry:
    """A registry of this machine's in the other's network, with its embedded PostgreSQL."""

    def __init__(self, machine: Machine) -> None:
        self._serve = machine.beside([sys.executable, "-m", "central_registry", "serve", "--listen", "127.0.0.1:8700"])
        assert self._serve.stdout is not None
        self._dsn = self._serve.stdout.readline().split("--dsn '")[1].split("'")[0]
        self.url = self._serve.stdout.readline().split()[-1]
        self.token = json.loads(self._does("agents", "add", "bare-debian", "--json"))["token"]
        self._does("lots", "import", str(SAMPLE))
        self._does(
            "allot",
            "--lot",
            json.loads(SAMPLE.read_text("utf-8"))["lot"]["lot_no"],
            "--agent",
            "bare-debian",
            "--quantity",
            "1000",
        )

    def _does(self, *words: str) -> str:
        command = [sys.executable, "-m", "central_registry", *words, "--dsn", self._dsn]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout

    def close(self) -> None:
        self._serve.terminate()
        self._serve.wait()
