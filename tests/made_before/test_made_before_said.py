"""What users and others' programs are told: the API, the commands, the configuration, the bytes at the printer."""

from __future__ import annotations

from collections import Counter
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
        assert _without_what_was_added(await asking.get("/openapi.json")) == was


ADDED_PATHS = ("/api/v1/printers/{printer_id}/answer",)
ADDED_SCHEMAS = ("AnswerBody", "PrinterQuestion", "PrinterIdentity")
ADDED_FIELDS = (("Printer", "question"),)
"""What the description has gained since."""
SAYS_OF_ITS_FIELDS = ("Printer",)
"""Whose description names a field that was added."""


def _without_what_was_added(now: dict[str, Any]) -> dict[str, Any]:
    schemas, was = now["components"]["schemas"], recorded("openapi.json")["components"]["schemas"]
    for path in ADDED_PATHS:
        del now["paths"][path]
    for name in ADDED_SCHEMAS:
        del schemas[name]
    for name, field in ADDED_FIELDS:
        del schemas[name]["properties"][field]
    for name in SAYS_OF_ITS_FIELDS:
        schemas[name]["description"] = was[name]["description"]
    return now


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    return helps()


HELP: dict[str, Any] = recorded("help.json.gz")
AS_LAID_OUT = {name: version(name) for name in HELP["laid out by"]} == HELP["laid out by"]
"""Another release of typer or rich may draw other frames; the words in them are ours."""


SINCE = {"edge-agent printers answer"}
"""Commands that were added since."""
SAYS_MORE = {"edge-agent printers": {"answer"}, "edge-agent virtual-printer": {"swap@K", "--serial-number"}}
"""Commands that know of something added since; all that they said is said."""


def test_every_command_is_there_and_no_other(now: dict[str, Any]) -> None:
    assert now.keys() == HELP.keys() | SINCE


@pytest.mark.parametrize("command", [name for name in HELP if name != "laid out by"])
def test_a_command_explains_itself_as_it_did(command: str, now: dict[str, Any]) -> None:
    if command in SAYS_MORE:
        words = Counter(words_of(now[command]))
        assert words >= Counter(words_of(HELP[command]))
        assert set(words) >= SAYS_MORE[command]
        return
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
    assert printer_bytes() == recorded("printer_bytes.json")
