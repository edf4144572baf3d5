"""The example of docs/import-old-platform.md, brought by command as the page says."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from central_registry import cli
from central_registry.former import lines
from central_registry.parties.passwords import hashed
from tests.central_registry.former.former_kit import Association, an_association
from tests.kits.login_kit import PASSWORD

PAGE = (Path(__file__).parents[3] / "docs" / "import-old-platform.md").read_text("utf-8")
EXAMPLE = PAGE.partition("```jsonl\n")[2].partition("```")[0]


@pytest.fixture
async def house() -> AsyncIterator[Association]:
    async with an_association() as found:
        await found.pool.execute("UPDATE person SET password_hash = $1", await hashed(PASSWORD))
        yield found


async def order(house: Association, *words: str) -> tuple[int, str]:
    login = await house.pool.fetchval("SELECT login FROM person WHERE person = $1", house.officer.person)
    said = ["import-old", *words, "--as", login, "--dsn", house.registry.dsn]
    result = await asyncio.to_thread(CliRunner().invoke, cli.app, said, input=f"{PASSWORD}\n")
    return result.exit_code, result.stdout if result.exit_code == 0 else f"{result.stdout} {result.exception}"


async def test_the_example_is_brought_by_command(house: Association, tmp_path: Path) -> None:
    file = tmp_path / "old.jsonl"
    file.write_text(EXAMPLE, "utf-8")
    code, told = await order(house, str(file), "--preview")
    assert (code, "预览，没有写入" in told, "serial new 2" in told) == (0, True, True), told
    assert await house.pool.fetchval("SELECT count(*) FROM former_serial") == 0
    code, told = await order(house, str(file), "--json")
    counts: dict[str, Any] = json.loads(told)["counts"]
    assert (code, {kind for kind, states in counts.items() if states != {"new": counts[kind]["new"]}}) == (0, set())
    found = await house.registry.facts("/former/code.example.cn/q?c=A0001")
    assert (found["status"], found["former"]["firm_name"]) == ("imported", "示例服饰有限公司")
    file.write_text(EXAMPLE.replace("A0001", "A0002"), "utf-8")
    code, told = await order(house, str(file), "--preview")
    assert code == 1 and "! 7: 同一码在文件里出现两次" in told


def test_the_page_names_every_field_of_every_kind() -> None:
    models = (lines.Header, lines.Firm, lines.Goods, lines.Certificate, lines.Label, lines.Serial)
    for model in models:
        kind = model.model_fields["kind"].annotation.__args__[0]  # type: ignore[union-attr]
        row = next(row for row in PAGE.splitlines() if row.startswith(f"| `{kind}`"))
        named = set(re.findall(r"`(\w+)`", row)) | set(re.findall(r"\b(number)\b", row))
        assert set(model.model_fields) - {"kind"} <= named, kind
