"""The configuration: the reference file and the models say the same, and what is wrong is named by table and key."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from edge_agent.config import AgentConfig, GroupRow, IntakeRow, PrinterRow, config_from, default_paths, load_config
from edge_agent.config.alerts import AlertRow
from edge_agent.model.printer import PrintMode
from label_protocol.errors import ConfigError

REFERENCE = files("edge_agent_config").joinpath("agent.toml").read_text("utf-8")
PRINTER: dict[str, Any] = {"id": "p1", "name": "一号机", "url": "tcp://127.0.0.1:9100", "profile": "zebra"}
PAIR = [PRINTER, PRINTER | {"id": "p2", "url": "tcp://127.0.0.1:9101"}]
GROUP: dict[str, Any] = {"id": "g", "name": "甲线", "printers": ["p1", "p2"]}


def uncommented() -> dict[str, Any]:
    """The reference with every optional line switched on: `#key = …` and `#[[printers]]`, no blank after the sign."""
    return tomllib.loads(re.sub(r"(?m)^#(?=\w+ = |\[)", "", REFERENCE))


def models() -> dict[str, type[BaseModel]]:
    tables: dict[str, Any] = {name: field.annotation for name, field in AgentConfig.model_fields.items()}
    return tables | {"printers": PrinterRow, "groups": GroupRow, "intake": IntakeRow, "alerts": AlertRow}


def refusal(table: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as caught:
        config_from(table, Path("agent.toml"))
    return str(caught.value)


def test_the_reference_holds_every_key_and_no_other() -> None:
    found = uncommented()
    assert set(found) == set(AgentConfig.model_fields)
    for name, model in models().items():
        keys = found[name][0] if isinstance(found[name], list) else found[name]
        assert set(keys) == set(model.model_fields), name


def test_the_reference_states_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(REFERENCE, "utf-8")
    assert load_config(path) == AgentConfig()


def test_the_reference_with_everything_switched_on_is_a_configuration(tmp_path: Path) -> None:
    config = config_from(uncommented(), tmp_path / "agent.toml")
    assert config.printers[0].dpi == 203
    assert config.registry.url == "https://registry.example.cn"


def test_every_key_is_explained_in_both_languages() -> None:
    lines = REFERENCE.splitlines()
    for number, line in enumerate(lines):
        if re.match(r"#?\w+ = ", line):
            above = ""
            for before in reversed(lines[:number]):
                if not before.startswith("# "):
                    break
                above += before
            assert re.search(r"[\u4e00-\u9fff]", above), line
            assert re.search(r"[A-Za-z]{4}", above), line


def test_no_file_means_the_defaults_and_the_users_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.config.PlatformDirs", lambda *_, **__: Dirs(tmp_path))
    assert load_config() == AgentConfig()
    assert load_config().data.ledger_path == tmp_path / "ledger" / "ledger.db"
    (tmp_path / "agent.toml").write_text("[web]\nport = 9\n", "utf-8")
    assert load_config().web.port == 9


class Dirs:
    """As on Windows: one folder for everything."""

    def __init__(self, root: Path) -> None:
        self.user_config_path = self.user_data_path = self.user_state_path = root


def test_default_witness_and_ledger_are_apart_even_where_the_system_has_one_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.config.PlatformDirs", lambda *_, **__: Dirs(tmp_path))
    assert default_paths().witness.parent != default_paths().ledger.parent


def test_relative_paths_start_at_the_file_and_home_is_home(tmp_path: Path) -> None:
    data = {"ledger_path": "a/ledger.db", "witness_path": "~/w/witness", "catalog_path": str(tmp_path / "c.json")}
    config = config_from({"data": data}, tmp_path / "agent.toml")
    assert config.data.ledger_path == tmp_path / "a" / "ledger.db"
    assert config.data.witness_path == Path.home() / "w" / "witness"
    assert config.data.catalog_path == tmp_path / "c.json"


def test_witness_in_the_ledgers_folder_is_refused_also_by_another_name(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").symlink_to(tmp_path / "a")
    for folder in ("a", "a/../a", "b"):
        data = {"ledger_path": str(tmp_path / "a" / "l.db"), "witness_path": str(tmp_path / folder / "w")}
        assert "expected witness_path in another folder than ledger_path" in refusal({"data": data})


@pytest.mark.parametrize(
    ("table", "part"),
    [
        ({"prining": {}}, "table or key [prining]: unknown; expected one of "),
        ({"prining": {}}, "did you mean printing?"),
        ({"web": {"prt": 1}}, "table [web], key prt: unknown; expected one of allow_plain_http, "),
        ({"web": {"prt": 1}}, "header_timeout_s, host, key_path, names, port, proxies, tls; did you mean port?"),
        ({"web": {"zzz": 1}}, "remove it"),
        ({"printers": [PRINTER | {"nam": "x"}]}, "table [printers.0], key nam: unknown; expected one of across, "),
        ({"printers": [{"id": "p1"}]}, "table [printers.0], key name: expected a value, got nothing"),
        ({"printers": [PRINTER, PRINTER | {"url": "tcp://b:1"}]}, "every printers.id once (got 'p1' twice)"),
        ({"printers": [PRINTER, PRINTER | {"id": "p2"}]}, "every printers.url once"),
        ({"printers": [PRINTER | {"url": "10.0.0.1"}]}, "table [printers.0], key url"),
        ({"printers": [PRINTER | {"dpi": "203"}]}, "key dpi: expected a valid integer, got '203'"),
        ({"web": {"port": 65536}}, "table [web], key port: expected less than or equal to 65535, got 65536"),
        ({"web": {"port": True}}, "key port"),
        ({"web": {"port": "8631"}}, "key port: expected a valid integer, got '8631'"),
        ({"web": {"host": ""}}, "key host"),
        ({"web": {"tls": "on"}}, "expected 'site', 'given', 'proxy' or 'off', got 'on'"),
        ({"web": {"tls": "given"}}, 'web.certificate_path beside tls = "given" (got none)'),
        ({"web": {"tls": "site", "port": 9, "ca_port": 9}}, "web.ca_port to be another port than web.port"),
        ({"web": {"proxies": ["proxy.example.cn"]}}, "an address or a network such as 192.168.1.7"),
        ({"web": {"proxies": ["0.0.0.0/0"]}}, "that of a proxy, and not everybody's"),
        ({"web": {"proxies": ["::/0"]}}, "that of a proxy, and not everybody's"),
        ({"web": {"names": ["a b"]}}, "table [web.names], key 0"),
        ({"printing": {"window_labels": 0}}, "greater than or equal to 1, got 0"),
        ({"printing": {"window_labels": 65}}, "less than or equal to 64, got 65"),
        ({"printing": {"accepted_proof": "sent"}}, "expected 'idle', 'response', 'counter' or 'scan', got 'sent'"),
        ({"printing": {"mode": "fast"}}, "expected 'run' or 'full', got 'fast'"),
        ({"printing": {"poll_interval_s": float("inf")}}, "key poll_interval_s"),
        ({"printing": {"poll_interval_s": float("nan")}}, "key poll_interval_s"),
        ({"site": {"commission_on": "ship"}}, "expected 'print' or 'scan', got 'ship'"),
        ({"site": {"name": " x"}}, "table [site], key name"),
        ({"link": {"host": "https://x"}}, "table [link], key host"),
        ({"link": {"case": "Upper"}}, "expected 'upper' or 'lower', got 'Upper'"),
        ({"registry": {"url": "registry.example.cn"}}, "table [registry], key url"),
        ({"registry": {"interval_s": 0}}, "greater than or equal to 1"),
        ({"data": {"ledger_path": 5}}, "table [data], key ledger_path: expected a path in quotes, got 5"),
        ({"data": {"ledger_path": ""}}, "expected a path in quotes, got ''"),
        ({"data": []}, "[data]"),
        ({"printers": 5}, "[printers]"),
        ({"printers": [PRINTER], "groups": [GROUP]}, "groups.printers of g to name printers of this file, each once"),
        ({"printers": PAIR, "groups": [GROUP | {"printers": ["p1", "p1"]}]}, "each once"),
        ({"printers": PAIR, "groups": [GROUP | {"id": "p1"}]}, "a groups.id of its own (got 'p1')"),
        ({"printers": PAIR, "groups": [GROUP, GROUP]}, "a groups.id of its own (got 'g')"),
        ({"printers": [PRINTER | {"handling": "fold"}]}, "expected 'tear', 'peel' or 'cut', got 'fold'"),
        ({"printers": [PRINTER | {"across": 0}]}, "key across: expected greater than or equal to 1, got 0"),
    ],
)
def test_what_is_wrong_is_named_by_table_and_key(table: dict[str, Any], part: str) -> None:
    assert part in refusal(table)
    assert refusal(table).startswith("agent.toml: ")


@pytest.mark.parametrize(
    ("content", "part"),
    [(b"[web\n", "expected TOML in UTF-8"), (b"\xff", "expected TOML in UTF-8"), (None, "expected a readable file")],
)
def test_a_file_that_is_none_is_named(tmp_path: Path, content: bytes | None, part: str) -> None:
    path = tmp_path / "agent.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert part in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_byte_order_mark_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "agent.toml"
    path.write_bytes(b"\xef\xbb\xbf[web]\nport = 1\n")
    assert load_config(path).web.port == 1


def test_a_configuration_is_frozen_and_its_mode_is_the_models() -> None:
    config = config_from({"printing": {"mode": "full"}}, Path("agent.toml"))
    assert config.printing.mode is PrintMode.FULL
    with pytest.raises(ValidationError):
        config.web.port = 1


def test_no_default_proof_is_sent() -> None:
    field = models()["printing"].model_fields["accepted_proof"]
    assert "sent" not in get_args(field.annotation)
    assert field.default in get_args(field.annotation)


def test_backups_lie_beside_the_ledger_and_never_among_its_files(tmp_path: Path) -> None:
    files = {"ledger_path": "l/ledger.db", "witness_path": "w/witness", "catalog_path": "c/c.json"}
    assert config_from({"data": files}, tmp_path / "agent.toml").data.backups == tmp_path / "l" / "backups"
    elsewhere = config_from({"data": files | {"backup_path": "usb"}}, tmp_path / "agent.toml")
    assert elsewhere.data.backups == tmp_path / "usb"
    for place in ("l", "w"):
        assert "expected a folder of its own for backup_path" in refusal({"data": files | {"backup_path": place}})
