"""What users and others' programs are told may grow and never shrink; what a label was promised to be, it is."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from edge_agent.config import load_config
from edge_agent.render.templates.template import load_template
from tests.made_before.kit import LATER, recorded, running_agent, unpack_home
from tests.made_before.said import config_keys, dots, helps, options_of, shrunk

NAMED_BY_LOG_IN = ("DecisionBody", "ScanBody", "SettleBody")
"""Bodies that had to name an operator. One who is logged in need not any more; on a site that named nobody the agent
asks for the name as before, and takes it as before."""

LEVEL_ALONE = {"maxLength": 10000, "minLength": 1, "type": "string"}
"""How an indicator was described. Beside its level it may have a figure since, and a level alone is one still."""


async def test_the_api_takes_and_answers_all_that_it_did(tmp_path: Path) -> None:
    async with running_agent(unpack_home(tmp_path), LATER) as asking:
        now = await asking.get("/openapi.json")
    was = recorded("openapi.json")
    assert now["components"]["schemas"]["Indicator"]["anyOf"][0] == LEVEL_ALONE
    indicators = was["components"]["schemas"]["Grade"]["properties"]["indicators"]["additionalProperties"]
    assert indicators["anyOf"][0] == LEVEL_ALONE
    indicators["anyOf"][0] = {"$ref": "#/components/schemas/Indicator"}
    for body in NAMED_BY_LOG_IN:
        assert "operator" in now["components"]["schemas"][body]["properties"]
        was["components"]["schemas"][body]["required"].remove("operator")
    assert shrunk(was, now) == []


@pytest.fixture(scope="module")
def now() -> dict[str, Any]:
    return helps()


HELP: dict[str, Any] = recorded("help.json.gz")


@pytest.mark.parametrize("command", [name for name in HELP if name != "laid out by"])
def test_a_command_takes_every_option_that_it_took(command: str, now: dict[str, Any]) -> None:
    assert options_of(HELP[command]) <= options_of(now[command])


def test_options_are_found_in_a_help_text() -> None:
    found = options_of(HELP["edge-agent job submit"])
    assert {"--template", "--data", "--printer", "--quantity", "--replaces", "--wait", "--help"} <= found
    assert "DATA" in options_of(HELP["edge-agent check"])


def test_every_key_of_the_configuration_takes_what_it_took() -> None:
    assert shrunk(recorded("config_keys.json"), config_keys()) == []


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ({"a": 1}, {}),
        ({"a": 1}, {"a": 2}),
        ({"enum": ["a", "b"]}, {"enum": ["a"]}),
        ({"properties": {"a": {}}}, {"properties": {"a": {}, "b": {}}, "required": ["b"]}),
        ({"parameters": [{"name": "a", "in": "query"}]}, {"parameters": [{"name": "b", "in": "query"}]}),
    ],
)
def test_what_is_gone_changed_or_newly_asked_for_is_a_loss(was: Any, now: Any) -> None:
    assert shrunk(was, now)


def test_what_is_new_is_no_loss() -> None:
    was = {"description": "a", "parameters": [{"name": "a"}], "properties": {"a": {}}, "required": ["a"]}
    now = {"parameters": [{"name": "b"}, {"name": "a", "x": 1}], "properties": {"a": {}, "b": {}}, "required": ["a"]}
    assert shrunk(was, now) == []


def test_the_old_configuration_is_read(tmp_path: Path) -> None:
    found = load_config(unpack_home(tmp_path))
    assert [row.id for row in found.printers] == ["line-1", "tall", "satin"]
    assert found.data.ledger_path == tmp_path / "ledger" / "ledger.db"


PROMISED: dict[str, Any] = recorded("promised.json.gz")


@pytest.mark.parametrize("label", PROMISED)
def test_a_job_that_was_opened_then_prints_the_dots_it_promised(label: str) -> None:
    assert dots(PROMISED[label]["snapshot"]) == PROMISED[label]["dots"]


@pytest.mark.parametrize("label", PROMISED)
def test_a_sites_own_template_of_then_prints_the_dots_it_did(label: str, tmp_path: Path) -> None:
    """A site that copied a built-in template when slots had places has it still, and its jobs go on."""
    snapshot = PROMISED[label]["snapshot"]
    own = tmp_path / "own_label.toml"
    own.write_bytes(_template_of_then(snapshot["template"]["version"]))
    renamed = snapshot | {"template": snapshot["template"] | {"name": "own_label"}}
    assert load_template(str(own)).format == 1
    assert dots(renamed, str(own)) == PROMISED[label]["dots"]


def _template_of_then(version: str) -> bytes:
    """By the hash of its bytes, wherever it is kept."""
    folder = files("edge_agent_templates")
    kept = [one for at in (folder, folder.joinpath("former")) for one in at.iterdir() if one.name.endswith(".toml")]
    (found,) = {data for one in kept if hashlib.sha256(data := one.read_bytes()).hexdigest().startswith(version)}
    return found
