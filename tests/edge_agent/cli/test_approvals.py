"""Drafts by commands: listed, looked at with 草稿 on the picture, approved, and never written as printer's bytes."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
from PIL import Image

from edge_agent.app import agent
from edge_agent.config import load_config
from edge_agent.ledger import Ledger
from edge_agent.render.templates.template import read_template
from label_protocol.codes.serial import check_character
from tests.kits.cli_kit import Said, a_site, run

DOWN = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "down_graded.json"
SERIAL = "PH17K3M9QX2W4T2B" + check_character("PH17K3M9QX2W4T2B")
ROWS = '[override."S1.chest"]\nvalue = 4\nwho = "李工"\nwhy = "the buyer"\n'
LABEL, BAND = 320, 40
"""Dots of 40 and of 5 mm at 203 dpi."""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = a_site(tmp_path)
    more = f'[web]\nport = {port}\n[labels]\napproval = "one"\ntemplate_path = "forms"\n'
    config.write_text(config.read_text("utf-8") + more + '[rules]\noverride_path = "rules.toml"\n', "utf-8")
    (tmp_path / "forms").mkdir()
    (tmp_path / "forms" / "card.toml").write_bytes(read_template("composition_card_60x40")[0])
    (tmp_path / "rules.toml").write_text(ROWS, "utf-8")
    return config


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Commands run on the streams of this process."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()


def height(site: Path) -> int:
    """Of the picture of the site's card."""
    out = site.parent / "card.png"
    card = site.parent / "forms" / "card.toml"
    said = run("template", "preview", card, "--data", DOWN, "--out", out, "--config", site)
    assert said.code == 0, said
    with Image.open(out) as picture:
        return picture.height


def rendered(site: Path, template: str) -> Said:
    out = site.parent / "card.zpl"
    return run("render", "--template", template, "--data", DOWN, "--serial", SERIAL, "--out", out, "--config", site)


async def test_from_draft_to_approved(site: Path) -> None:
    card = str(site.parent / "forms" / "card.toml")
    assert height(site) == LABEL + BAND and "草稿" in rendered(site, card).refusal
    assert "rule overrides that a lead approved" in rendered(site, "composition_card_60x40").refusal
    sheet = run("order-sheet", "order.json", "--out", site.parent / "order.pdf", "--config", site)
    assert "order sheet: expected rule overrides that a lead approved" in sheet.refusal
    async with agent(load_config(site)):

        async def asked(*words: str) -> Said:
            return await asyncio.to_thread(partial(run, *words, "--config", site))

        async def state(kind: str) -> Any:
            (form,) = json.loads((await asked(kind, "drafts", "--json")).out)["forms"]
            return form["state"]

        assert (await state("template"), await state("rules")) == ("draft", "draft")
        assert "草稿，等批准" in (await asked("template", "drafts")).out
        assert await asyncio.to_thread(height, site) == LABEL + BAND
        assert "expected an operator" in (await asked("template", "approve", "card")).refusal
        said = await asked("template", "approve", "forms/card.toml", "--operator", "班长一")
        assert "已批准，在用" in said.out and "(班长一)" in said.out, said
        assert (await asked("rules", "approve", "--operator", "班长一")).code == 0
        assert (await state("template"), await state("rules")) == ("approved", "approved")
        assert await asyncio.to_thread(height, site) == LABEL, "the running agent was asked"
        assert "没有这个文件" in (await asked("template", "approve", "nobody", "--operator", "班长一")).refusal
        rejected = await asked("rules", "reject", "--reason", "数值不对", "--operator", "班长二")
        assert "没有通过" in rejected.out and "数值不对" in rejected.out
        assert (await asked("rules", "approve", "--operator", "班长二")).code == 0
    assert height(site) == LABEL, "the ledger's file was asked"
    assert rendered(site, card).code == 0
    (site.parent / "rules.toml").write_text(ROWS + "# changed\n", "utf-8")
    assert "rule overrides that a lead approved" in rendered(site, card).refusal
    (site.parent / "rules.toml").write_text("a draft that is no TOML", "utf-8")
    async with agent(load_config(site)) as (service, _):
        found = await service.parts.label_terms()
    assert [one.key for one in found.overrides] == ["S1.chest"], "a broken draft stops no start"
    report = Ledger.verify_file(site.parent / "ledger" / "ledger.db", site.parent / "witness" / "witness")
    assert report.ok, report.findings
