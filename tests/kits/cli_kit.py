"""Runs a command of `edge-agent` as the wheel's entry point does, in this process, and gives back what it said."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge_agent.cli import main

HOST = "id.example.cn"
_SITE = f"""
[data]
ledger_path = "ledger/ledger.db"
witness_path = "witness/witness"
catalog_path = "catalogue/catalogue.json"
artwork_path = "artwork"
[registry]
credentials_path = "credentials.json"
[link]
host = "{HOST}"
"""


@dataclass(frozen=True)
class Said:
    """Exit code, stdout, stderr."""

    code: int
    out: str
    err: str

    @property
    def refusal(self) -> str:
        """The one line a refusal is; anything else fails the test."""
        assert self.code == 1, self
        (line,) = self.err.splitlines()
        assert line.startswith("edge-agent: ") and "expected" in line, line
        return line


def run(*words: object) -> Said:
    """The command with these words on its line."""
    with _words(["edge-agent", *map(str, words)]), _streams() as (out, err):
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


def a_site(folder: Path) -> Path:
    """A configuration whose files are all in `folder`, so that no ledger of this machine is asked."""
    path = folder / "agent.toml"
    path.write_text(_SITE, encoding="utf-8")
    return path


@contextlib.contextmanager
def _words(words: list[str]) -> Iterator[None]:
    before, sys.argv = sys.argv, words
    try:
        yield
    finally:
        sys.argv = before


@contextlib.contextmanager
def _streams() -> Iterator[tuple[io.StringIO, io.StringIO]]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        yield out, err
