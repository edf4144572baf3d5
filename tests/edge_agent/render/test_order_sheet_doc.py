"""The page about order sheets: its example works, its fields are all there are."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from edge_agent.demo.play import leave_for_use
from edge_agent.labels.order_sheet import MAX_LINES, Party, Stated
from tests.kits.cli_kit import a_site, run
from tests.kits.order_kit import DEMO

PAGE = (Path(__file__).parents[3] / "docs" / "order-sheet.md").read_text("utf-8")


def test_the_example_is_an_order_that_becomes_a_sheet(tmp_path: Path) -> None:
    (text,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    shutil.copytree(DEMO / "samples", tmp_path / "samples")
    (tmp_path / "order.json").write_text(text, encoding="utf-8")
    command = re.search(r"^    edge-agent (order-sheet .*)$", PAGE, re.M)
    assert command
    words = [tmp_path / word if word.startswith("order.") else word for word in command[1].split()]
    said = run(*words, "--config", a_site(tmp_path), "--dpi", 150)
    assert said.code == 0 and json.loads(text)["totals"] == {"styles": 2, "pieces": 420}


def test_the_demo_leaves_an_order_to_try(tmp_path: Path) -> None:
    (asked,) = re.findall(r"^    edge-agent order-sheet (play/order\.json) --out order\.pdf$", PAGE, re.M)
    (tmp_path / "play").mkdir()
    leave_for_use(tmp_path / "play", {})
    said = run("order-sheet", tmp_path / asked, "--out", tmp_path / "o.pdf", "--config", a_site(tmp_path), "--dpi", 150)
    assert "5 款 styles, 1190 件 pieces" in said.err + said.out


def test_every_field_is_described_and_every_bound_named() -> None:
    described = set(re.findall(r"`(?:order\.|lines\[\]\.)?(\w+)`", PAGE.split("| field |")[1].split("\n\n")[0]))
    assert {"order_no", "date", "remarks", "record", "record_path", "quantity", "basis", "totals"} <= described
    assert set(Party.model_fields) | set(Stated.model_fields) <= described
    assert f"{MAX_LINES} lines" in PAGE
