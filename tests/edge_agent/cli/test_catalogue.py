"""`catalog import` as IT runs it: sheets of every kind, one sentence and nothing half done, and how far it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.catalog import Catalog
from tests.kits.cli_kit import a_site, run
from tests.kits.sheet_kit import jacket, text
from tests.kits.workbook_kit import LOTS, saved, workbook

BOTH = "styles: +1, ~0; lots: +1, ~0"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return a_site(tmp_path)


def held(config: Path) -> Catalog:
    return Catalog.open(config.parent / "catalogue" / "catalogue.json")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.xlsx", saved(workbook(LOTS)), "lots: +2, ~0"),
        ("a.csv", jacket().encode("gbk"), f"{BOTH}\n编码 gb18030 · read as gb18030"),
        ("A.CSV", ("sep=;\r\n" + jacket(separator=";")).encode("utf-8-sig"), BOTH),
        (
            "a.txt",
            jacket(separator="\t").encode("utf-16"),
            f"{BOTH}\n编码 utf-16 · read as utf-16",
        ),
    ],
)
def test_a_sheet_comes_in_and_what_was_taken_for_granted_is_told(
    tmp_path: Path, config: Path, name: str, data: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(data)
    said = run("catalog", "import", tmp_path / name, "--config", config)
    assert (said.code, said.out.strip()) == (0, says)
    assert held(config).lots.list()


def test_a_wrong_cell_is_one_line_and_nothing_comes_in(tmp_path: Path, config: Path) -> None:
    (tmp_path / "a.csv").write_text(jacket({"款号": "1.00E+05", "检验日期": "10/11/2026"}), encoding="utf-8")
    refusal = run("catalog", "import", tmp_path / "a.csv", "--config", config).refusal
    assert "C2 款号" in refusal and "V2 检验日期" in refusal and "什么也没有导入" in refusal
    assert not held(config).styles.list()


def test_another_owner_of_a_gtin_needs_a_word(tmp_path: Path, config: Path) -> None:
    (tmp_path / "a.csv").write_text(jacket(), encoding="utf-8")
    (tmp_path / "b.csv").write_text(jacket({"款号": "B7", "批号": "L2"}), encoding="utf-8")
    assert run("catalog", "import", tmp_path / "a.csv", "--config", config).code == 0
    refusal = run("catalog", "import", tmp_path / "b.csv", "--config", config).refusal
    assert "A1 / 175/92A" in refusal and "B7 / 175/92A" in refusal and "--replace" in refusal
    said = run("catalog", "import", tmp_path / "b.csv", "--replace", "--config", config)
    assert said.code == 0 and "A1 / 175/92A / 黑色 的商品条码" in said.out
    assert [one.style_no for one in held(config).styles.list()] == ["B7"]


def test_how_far_it_is_is_told_while_it_reads(tmp_path: Path) -> None:
    people = text(["工号", "姓名"], *([f"A{number}", "一号"] for number in range(1200)))
    (tmp_path / "a.csv").write_text(people, encoding="utf-8")
    seen: list[tuple[int, int]] = []
    watch = lambda done, total: seen.append((done, total))  # noqa: E731
    Catalog.open(tmp_path / "catalogue.json").import_file(tmp_path / "a.csv", watch=watch)
    assert seen == [(500, 1202), (1000, 1202)]
