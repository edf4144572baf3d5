"""What users and others' programs are told: the API, the commands, the configuration, the bytes at the printer."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from edge_agent.config import load_config
from tests.made_before.kit import LATER, recorded, running_agent, unpack_home
from tests.made_before.said import config_keys, helps, printer_bytes, words_of

NO_LONGER_TRUE = {
    "CopiesBody": "\nsomething. For the description only.",
    "JobBody": " For\nthe description only; the service reads it.",
}
"""What was said of these bodies is wrong since one model is read and described; nothing else may differ."""


async def test_the_api_is_described_as_it_was(tmp_path: Path) -> None:
    was = recorded("openapi.json")
    for name, words in NO_LONGER_TRUE.items():
        schema = was["components"]["schemas"][name]
        assert schema["description"].endswith(words)
        schema["description"] = schema["description"].removesuffix(words.removeprefix("\nsomething."))
    async with running_agent(unpack_home(tmp_path), LATER) as asking:
        assert await asking.get("/openapi.json") == was


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    return helps()


HELP: dict[str, Any] = recorded("help.json.gz")
AS_LAID_OUT = {name: version(name) for name in HELP["laid out by"]} == HELP["laid out by"]
"""Another release of typer or rich may draw other frames; the words in them are ours."""


def test_every_command_is_there_and_no_other(now: dict[str, Any]) -> None:
    assert now.keys() == HELP.keys()


@pytest.mark.parametrize("command", [name for name in HELP if name != "laid out by"])
def test_a_command_explains_itself_as_it_did(command: str, now: dict[str, Any]) -> None:
    if AS_LAID_OUT:
        assert now[command] == HELP[command]
    assert sorted(words_of(now[command])) == sorted(words_of(HELP[command]))


def test_every_key_of_the_configuration_takes_what_it_took() -> None:
    assert config_keys() == recorded("config_keys.json")


def test_the_old_configuration_is_read(tmp_path: Path) -> None:
    found = load_config(unpack_home(tmp_path))
    assert [row.id for row in found.printers] == ["line-1", "tall", "satin"]
    assert found.data.ledger_path == tmp_path / "ledger" / "ledger.db"


def test_printers_are_sent_the_same_bytes() -> None:
    """But for ZPL, whose graphics are packed shorter since, two patches in one, and never without a check: there the
    same labels are drawn, and the virtual printer's dots are held to the plan's (`tests/edge_agent/printers`)."""
    now, before = printer_bytes(), recorded("printer_bytes.json")
    assert now.keys() == before.keys()
    packed_anew = {what for what in before if before[what] != now[what]}
    assert {what.split()[-2] for what in packed_anew} <= {"zpl"}
