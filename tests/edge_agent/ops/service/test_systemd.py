"""Putting the service in, asking after it, taking it out: on a machine of files, with a systemctl that remembers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from edge_agent.config import AgentConfig, config_from
from edge_agent.errors import RefusedError
from edge_agent.ops.service import systemd
from edge_agent.ops.service.folders import outside_state, require_reachable, written
from edge_agent.ops.service.systemd import PACKAGED, UNIT, USERS, Host
from edge_agent.ops.service.unit import STATE
from label_protocol.errors import ConfigError
from tests.kits import cli_kit

PROGRAM = ("/opt/edge-agent/bin/python",)
SHOWN = "LoadState=loaded\nActiveState=active\nUnitFileState=enabled\nNRestarts=2\nStatusText=http://127.0.0.1:8631\n"


class Machine:
    """A root folder, and the commands that were run on it."""

    def __init__(self, root: Path, *, says: str = SHOWN, refuses: str = "") -> None:
        self.asked: list[str] = []
        self._says, self._refuses = says, refuses
        (root / systemd.BOOTED).mkdir(parents=True)
        self.host = Host(root, self._run)

    def _run(self, command: Sequence[str]) -> str:
        self.asked.append(" ".join(command))
        if self._refuses and self._refuses in self.asked[-1]:
            raise RefusedError("expected it to be done, got: Job failed")
        return self._says


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "root")


def site(**paths: str) -> AgentConfig:
    """Data where the service has them, but for `paths`."""
    data = {name: f"{STATE}/{name}/file" for name in ("ledger_path", "witness_path", "catalog_path", "artwork_path")}
    registry = {"credentials_path": f"{STATE}/credentials.json"}
    return config_from({"data": {**data, **paths}, "registry": registry}, Path("/etc/edge-agent/agent.toml"))


def config_file(folder: Path) -> Path:
    file = folder / "agent.toml"
    file.write_text("", encoding="utf-8")
    file.chmod(0o644)
    folder.chmod(0o755)
    return file


def test_it_is_put_in_enabled_and_started(machine: Machine, tmp_path: Path) -> None:
    source = config_file(tmp_path)
    systemd.install(machine.host, site(), source, PROGRAM)
    unit = (machine.host.root / UNIT).read_text("utf-8")
    assert f"ExecStart={PROGRAM[0]} -m edge_agent run --config {source}\n" in unit
    assert "ReadWritePaths" not in unit, "systemd makes the folder below /var/lib by itself"
    users = machine.host.root / USERS
    assert users.read_text("utf-8").splitlines()[1].startswith("u edge-agent ")
    reload, enable, start = "systemctl daemon-reload", "systemctl enable edge-agent", "systemctl restart edge-agent"
    made = f"install -d -m 0700 -o edge-agent -g edge-agent {STATE}"
    show, stop = machine.asked[-5:-3]
    assert machine.asked == [f"systemd-sysusers {users}", made, show, stop, reload, enable, start]
    assert show.startswith("systemctl show edge-agent") and stop == "systemctl stop edge-agent"


def test_again_is_the_same(machine: Machine, tmp_path: Path) -> None:
    systemd.install(machine.host, site(), config_file(tmp_path), PROGRAM)
    files = sorted(machine.host.root.rglob("*"))
    once, machine.asked = machine.asked, []
    systemd.install(machine.host, site(), config_file(tmp_path), PROGRAM)
    assert (sorted(machine.host.root.rglob("*")), machine.asked) == (files, once)


def test_one_that_does_not_start_is_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "root", refuses="restart")
    with pytest.raises(RefusedError, match="Job failed"):
        systemd.install(machine.host, site(), config_file(tmp_path), PROGRAM)


@pytest.mark.parametrize("home", ["/home/he", "/root", "/run/user/1000"])
def test_what_a_service_does_not_see_is_refused(home: str, machine: Machine, tmp_path: Path) -> None:
    source = config_file(tmp_path)
    with pytest.raises(ConfigError, match=f"expected everything outside .*got {home}/data"):
        systemd.install(machine.host, site(ledger_path=f"{home}/data/ledger.db"), source, PROGRAM)
    with pytest.raises(ConfigError, match=f"got {home}/venv/bin/python"):
        systemd.install(machine.host, site(), source, (f"{home}/venv/bin/python",))
    with pytest.raises(ConfigError, match=f"got {home}/agent.toml"):
        require_reachable(site(), Path(home) / "agent.toml")
    assert machine.asked == [] and not (machine.host.root / UNIT).exists(), "nothing half done"


def test_only_what_is_written_is_opened(tmp_path: Path) -> None:
    """Rules, templates and a given certificate are read; a folder inside another is opened with it."""
    (tmp_path / "rules").mkdir()
    table = {
        "data": {
            "ledger_path": "ledger/ledger.db",
            "witness_path": "disk2/witness",
            "catalog_path": "c/catalogue.json",
        },
        "registry": {"credentials_path": "ledger/credentials.json"},
        "rules": {"override_path": "rules/r.toml"},
        "labels": {"template_path": "rules"},
        "web": {"certificate_path": "ssl/page.pem"},
    }
    config = config_from({**table, "data": {**table["data"], "artwork_path": "c/art"}}, tmp_path / "agent.toml")
    assert written(config) == [tmp_path / "c", tmp_path / "disk2", tmp_path / "ledger"]


def test_what_lies_below_var_lib_is_not_named() -> None:
    assert written(site()) and outside_state(site()) == []


def test_a_folder_of_somebody_else_does_not_change_hands(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    with pytest.raises(ConfigError, match=f"sudo chown -R edge-agent: {tmp_path / 'backups'}"):
        systemd.install(machine.host, site(backup_path=str(tmp_path / "backups")), config_file(tmp_path), PROGRAM)
    assert not (machine.host.root / UNIT).exists()
    assert "restart" not in str(machine.asked)


def test_a_closed_configuration_is_the_groups_to_read(machine: Machine, tmp_path: Path) -> None:
    source = config_file(tmp_path)
    source.chmod(0o600)
    systemd.install(machine.host, site(), source, PROGRAM)
    assert f"chgrp edge-agent {source}" in machine.asked
    assert source.stat().st_mode & 0o777 == 0o640


def test_removing_leaves_all_but_the_unit(machine: Machine, tmp_path: Path) -> None:
    source, data = config_file(tmp_path), machine.host.root / STATE[1:] / "ledger.db"
    systemd.install(machine.host, site(), source, PROGRAM)
    data.parent.mkdir(parents=True)
    data.write_bytes(b"the books")
    machine.asked.clear()
    systemd.remove(machine.host)
    assert machine.asked == ["systemctl disable --now edge-agent", "systemctl daemon-reload"]
    assert source.exists() and data.read_bytes() == b"the books"
    assert not (machine.host.root / UNIT).exists() and not (machine.host.root / USERS).exists()


def test_nothing_is_removed_where_nothing_is(machine: Machine) -> None:
    with pytest.raises(RefusedError, match="expected an installed one, got none"):
        systemd.remove(machine.host)
    assert machine.asked == []


def test_the_unit_of_a_package_is_its_packages(machine: Machine, tmp_path: Path) -> None:
    unit = machine.host.root / PACKAGED
    unit.parent.mkdir(parents=True)
    unit.write_text("packaged", encoding="utf-8")
    systemd.install(machine.host, site(), config_file(tmp_path), PROGRAM)
    systemd.remove(machine.host)
    assert unit.read_text("utf-8") == "packaged" and not (machine.host.root / UNIT).exists()
    orders = [asked for asked in machine.asked if "show" not in asked and "reload" not in asked]
    assert orders == [f"systemctl {word} edge-agent" for word in ("enable", "restart", "disable --now")]


@pytest.mark.parametrize(
    "says, zh, en",
    [
        (SHOWN, "运行中", "running, http://127.0.0.1:8631"),
        (SHOWN.replace("=active", "=failed"), "没有运行", "journalctl -u edge-agent"),
        (SHOWN.replace("=enabled", "=disabled"), "开机不启动", "not at boot"),
        ("LoadState=not-found\nActiveState=inactive\n", "没有安装", "edge-agent service install"),
    ],
)
def test_how_it_is_is_a_sentence(tmp_path: Path, says: str, zh: str, en: str) -> None:
    told = systemd.words_of(systemd.state(Machine(tmp_path / "root", says=says).host))
    assert zh in told and en in told


def test_elsewhere_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"on Windows see docs/install\.md"):
        systemd.require_systemd(Host(tmp_path, systemd.run_here), as_root=False)


def test_a_command_that_fails_says_what_it_said() -> None:
    with pytest.raises(RefusedError, match=r"expected it to be done, got: .*no-such-file"):
        systemd.run_here(["ls", "/no-such-file"])
    with pytest.raises(RefusedError, match="expected this program, got none"):
        systemd.run_here(["no-such-program-anywhere"])


def test_the_command_refuses_in_one_line_where_there_is_no_systemd(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge_agent.cli.service._HOST", Host(tmp_path, systemd.run_here))
    for word in ("install", "status", "remove"):
        assert "expected a system that runs systemd" in cli_kit.run("service", word).refusal
