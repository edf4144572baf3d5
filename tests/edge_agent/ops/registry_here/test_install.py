"""The registry's service: put in beside the agent's, closed like it, and taken out without its data."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge_agent.errors import RefusedError
from edge_agent.ops.registry_here import install as service
from edge_agent.ops.registry_here.unit import CONFIG, CONFIG_TEXT, DUMP, NAME, STATE, SYSUSERS, unit_text
from edge_agent.ops.service import unit as agent
from label_protocol.errors import ConfigError
from tests.edge_agent.ops.service.test_systemd import Machine

WORDS = ("/opt/central-registry/bin/python", "-m", "central_registry")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "root")


def test_it_is_put_in_enabled_and_started_and_its_configuration_is_whose_pc_it_is(machine: Machine) -> None:
    service.install(machine.host, WORDS)
    config = machine.host.root / CONFIG[1:]
    assert config.read_text("utf-8") == CONFIG_TEXT
    assert machine.asked == [
        f"systemd-sysusers {machine.host.root / service.USERS}",
        *(f"systemctl {order}" for order in ("daemon-reload", f"enable {NAME}", f"restart {NAME}")),
    ]
    unit = (machine.host.root / service.UNIT).read_text("utf-8")
    assert f"ExecStart={' '.join(WORDS)} serve --config {CONFIG}\n" in unit
    config.write_text("# ours\n", encoding="utf-8")
    service.install(machine.host, WORDS)
    assert config.read_text("utf-8") == "# ours\n"
    service.remove(machine.host)
    assert not (machine.host.root / service.UNIT).exists() and config.exists()
    with pytest.raises(RefusedError, match="got none"):
        service.remove(machine.host)


def test_a_program_in_somebodys_home_is_refused(machine: Machine) -> None:
    with pytest.raises(ConfigError, match="got /home/he/venv/bin/python"):
        service.install(machine.host, ["/home/he/venv/bin/python", "-m", "central_registry"])
    assert machine.asked == [] and not (machine.host.root / CONFIG[1:]).exists()


def test_what_has_no_database_is_told_before_anything_is_done(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(service, "find_spec", lambda _: None)
    monkeypatch.setattr(service, "BESIDE", tmp_path / "bin" / "python")
    with pytest.raises(ConfigError, match=r"pip install 'edge-agent\[embedded\]'"):
        service.program()
    service.BESIDE.parent.mkdir()
    service.BESIDE.write_text("")
    assert service.program()[0] == str(service.BESIDE)


def test_it_starts_at_boot_before_the_agent_and_is_closed_like_it() -> None:
    text = unit_text(WORDS)
    for line in (f"Before={agent.NAME}.service", "WantedBy=multi-user.target", "Type=notify", "UMask=0027"):
        assert f"\n{line}\n" in text
    assert set(agent.CLOSED.splitlines()) <= set(text.splitlines())
    assert not re.search("^SupplementaryGroups|^ReadWritePaths", text, re.MULTILINE)


def test_the_agent_may_read_the_dump_and_nobody_else_anything() -> None:
    assert f"\nm {agent.USER} {NAME}\n" in SYSUSERS
    assert "\nStateDirectoryMode=0750\n" in unit_text(WORDS)
    assert DUMP.startswith(f"{STATE}/dump/")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
def test_systemd_understands_it(tmp_path: Path) -> None:
    file = tmp_path / f"{NAME}.service"
    file.write_text(unit_text(["/bin/true"]), encoding="utf-8")
    ended = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True, check=False)
    assert ended.stderr.strip() == ""
