"""A site's own templates: chosen beside the built-in ones once they lie in its folder, told of if they have a flaw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_agent.config import AgentConfig, config_from
from edge_agent.ops.doctor import examine
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.render.templates.template import built_in_templates, read_template


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One good template, one with a flaw, an order sheet, and what is none."""
    card = read_template("composition_card_60x40")[0].decode()
    tmp_path.joinpath("my_card.toml").write_text(card.replace('title_zh = "成份卡"', 'title_zh = "本厂卡"'), "utf-8")
    tmp_path.joinpath("broken.toml").write_text(card.replace('kind = "qr"', 'kind = "qrr"'), "utf-8")
    tmp_path.joinpath("sheet.toml").write_bytes(read_template("order_sheet_a5")[0])
    tmp_path.joinpath("notes.txt").write_text("not a template", "utf-8")
    return tmp_path


def test_a_folder_s_templates_stand_beside_the_built_in_ones(folder: Path) -> None:
    labels = TemplateLibrary(folder).labels()
    own = {name: one.title_zh for name, one in labels.items() if name not in built_in_templates()}
    assert own == {str(folder / "my_card.toml"): "本厂卡"}
    assert set(labels) - set(own) == set(built_in_templates()) - {"order_sheet_a5", "carton_sscc_100x100"}
    (said,) = TemplateLibrary(folder).flaws()
    assert "broken" in said and "slot qr" in said


def test_a_template_put_there_later_is_found_and_none_is_no_trouble(tmp_path: Path) -> None:
    library = TemplateLibrary(tmp_path / "later")
    assert set(library.labels()) == set(TemplateLibrary().labels()) and not library.flaws()
    (tmp_path / "later").mkdir()
    (tmp_path / "later" / "tag.toml").write_bytes(read_template("down_grade_60x40")[0])
    assert str(tmp_path / "later" / "tag.toml") in library.labels()


def config_of(folder: Path, **labels: Any) -> AgentConfig:
    data = {f"{what}_path": str(folder / what / what) for what in ("ledger", "witness", "catalog")}
    return config_from({"data": data, "labels": labels}, folder / "agent.toml")


async def test_the_doctor_tells_which_template_has_a_flaw(folder: Path) -> None:
    async def told() -> tuple[bool, str]:
        found = await examine(config_of(folder, template_path="."))
        (row,) = [row for row in found if "templates" in row.what]
        return row.ok, row.found

    ok, found = await told()
    assert not ok and "template broken, line " in found
    (folder / "broken.toml").unlink()
    assert await told() == (True, "本厂卡")
