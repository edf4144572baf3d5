"""`make fast` starts no process, opens no database and no connection; a new test lands on its side by itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.kits.fast import ROOT, is_fast


@pytest.mark.parametrize(
    ("imported", "fast"),
    [
        ("import json", True),
        ("from garment.record import record_from", True),
        ("from edge_agent.printing import proof", True),
        ("from tests.kits import records_kit", True),
        ("import sqlite3", False),
        ("import asyncio", False),
        ("async def test_it(): pass", False),
        ("from edge_agent.printers.languages import LANGUAGES", True),
        ("from edge_agent.virtual_printer.zpl.firmware import ZplFirmware", True),
        ("from edge_agent.printing import worker", False),
        ("from tests.kits import ledger_kit", False),
        ("from tests.kits.registry_kit import registry", False),
        ("def test_later():\n    from tests.kits.cups_kit import Cups", False),
    ],
)
def test_what_a_file_imports_says_where_it_runs(imported: str, fast: bool, tmp_path: Path) -> None:
    file = tmp_path / "test_new.py"
    file.write_text(imported + "\n", encoding="utf-8")
    assert is_fast(file) is fast


@pytest.mark.parametrize(
    ("deed", "event"),
    [
        ("import_module('sqlite3').connect(':memory:')", "sqlite3.connect"),
        ("import_module('subprocess').run(['true'])", "subprocess.Popen"),
        ("import_module('socket').socket().bind(('127.0.0.1', 0))", "socket.__new__"),
        ("import_module('asyncio').run(import_module('asyncio').sleep(0))", "socket.__new__"),
        ("import_module('os').system('true')", "os.system"),
        ("request.getfixturevalue('zpl_eyes')", "subprocess.Popen"),
    ],
)
def test_a_fast_run_fails_a_test_that_reaches_out(deed: str, event: str, tmp_path: Path) -> None:
    """Hidden from the choice by import, and even where the test swallows every exception."""
    text = f"from importlib import import_module\ndef test_it(request):\n    try: {deed}\n    except Exception: pass\n"
    ended = _fast_run(tmp_path, text)
    assert ended.returncode == 1, ended.stdout
    assert f"a test of `make fast` did {event}" in ended.stdout


def test_a_fast_run_leaves_out_what_is_slow(tmp_path: Path) -> None:
    marked = "import pytest\n@pytest.mark.costly\ndef test_all(): assert False\ndef test_one(): pass\n"
    assert "1 passed, 1 deselected" in _fast_run(tmp_path, marked).stdout
    assert "no tests ran" in _fast_run(tmp_path, "import sqlite3\ndef test_it(): assert False\n").stdout


def _fast_run(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """pytest's end over one new test file of this `text`."""
    (folder / "test_new.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "--fast", str(folder)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
