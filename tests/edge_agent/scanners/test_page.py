"""The page of scanners: every prefix, every make, each with its source; its code is read back by somebody else's
decoder."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from edge_agent.config.scanner import ScannerTable
from edge_agent.scanners.makes import MAKES, RECOMMENDED, TEST_CODE
from edge_agent.service.scanned import Known, what_is
from label_protocol.codes.keyboards import LAYOUTS
from label_protocol.errors import CodeError
from tests.kits.cli_kit import a_site, run
from tests.kits.decoders import read_by_two
from tests.label_protocol.test_scanned import typed_on

PREFIXES = [one for one in ScannerTable.model_fields["prefix"].annotation.__args__ if one]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_every_make_says_how_or_that_its_manual_does_not(prefix: str) -> None:
    for make in MAKES:
        how = make.how(prefix)
        assert "{" not in how.zh + how.en and make.source
        assert prefix == RECOMMENDED or prefix in make.digits or "~" in how.zh


def test_the_code_to_try_shows_whatever_stands_between_and_is_no_other_code() -> None:
    """Caps lock and each layout, either way, change it."""
    changed = [typed_on(at, TEST_CODE, table) for at in range(len(LAYOUTS)) for table in (0, 1)]
    assert TEST_CODE not in [*changed, TEST_CODE.swapcase()]
    with pytest.raises(CodeError):
        what_is(TEST_CODE, Known("id.example.cn"))


@pytest.mark.parametrize("name", ["scanner.png", "scanner.pdf"])
def test_the_command_writes_the_page_and_says_what_to_write_down(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    said = run("scanner", "page", "--out", str(out), "--config", a_site(tmp_path))
    assert said.code == 0, said
    assert '[scanner] prefix = "~"' in said.out
    if name.endswith("png"):
        with Image.open(out) as picture:
            assert picture.size == (2480, 3508), "A4 at 300 dpi"
            assert read_by_two(picture) == TEST_CODE


def test_a_configured_prefix_is_taken_and_nothing_more_is_to_be_done(tmp_path: Path) -> None:
    config = Path(a_site(tmp_path))
    config.write_text(config.read_text("utf-8") + '\n[scanner]\nprefix = "F8"\n', "utf-8")
    said = run("scanner", "page", "--out", str(tmp_path / "s.png"), "--config", str(config), "--json")
    assert said.code == 0 and '"prefix": "F8"' in said.out
    refused = run("scanner", "page", "--out", str(tmp_path / "s.txt"), "--config", str(config))
    assert refused.code == 1 and not (tmp_path / "s.txt").exists()


def test_the_document_names_every_make_with_its_source() -> None:
    told = (Path(__file__).parents[3] / "docs" / "scanners.md").read_text("utf-8")
    rows = [line for line in told.splitlines() if line.startswith("|")]
    for make in MAKES:
        assert any(f"{make.zh} {make.en}" in row and make.source in row for row in rows), make.en
