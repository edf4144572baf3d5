"""The worked example of docs/add-a-standard.md is run as it stands: rows, code and vectors."""

from __future__ import annotations

import importlib
import json
import re
import sys
import tomllib
from pathlib import Path

import pytest

from garment.record import record_from
from garment.standards.contract import CheckContext

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "add-a-standard.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"`garment/standards/(fz_t_73009/[\w.]+)`[^`]*```\w+\n(.*?)```", TEXT, re.DOTALL))


def test_the_worked_example_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {Path(name).name for name in BLOCKS} == {"rules.toml", "__init__.py", "vectors.toml"}
    for name, block in BLOCKS.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(block, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    standard = importlib.import_module("fz_t_73009")
    try:
        for vector in tomllib.loads(BLOCKS["fz_t_73009/vectors.toml"])["vector"]:
            sample = json.loads((ROOT / f"edge_agent/demo/samples/{vector['base']}.json").read_text("utf-8"))
            for change in vector.get("change", []):
                sample["product"][change["path"].removeprefix("product.")] = change["value"]
            record, context = record_from(sample), CheckContext(None, "2026-12-01")
            assert standard.applies(record, context)
            expected = [vector["path"]] if vector["finds"] else []
            assert [one.path for one in standard.check(record, context)] == expected
    finally:
        sys.modules.pop("fz_t_73009")


def test_every_mark_the_suite_knows_is_explained() -> None:
    for mark in ("C", "C2", "U", "NP"):
        assert f"| `{mark}` |" in TEXT
