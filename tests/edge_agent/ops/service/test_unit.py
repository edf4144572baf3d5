"""The unit: understood by systemd, closed as far as a program with printers can be, and whole whatever paths hold."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge_agent.app import STOP_TIMEOUT_S
from edge_agent.ops.service.unit import GROUPS, STATE, SYSUSERS, USER, Service, unit_text
from label_protocol.errors import ConfigError

PLAIN = Service(["/opt/edge-agent/bin/python", "-m", "edge_agent", "run"])
EXPOSURE_MOST = 2.0
"""Of 10, by `systemd-analyze security`: below 2 it calls a service OK. Printers, network and queues stay open."""


def _value(text: str, key: str) -> str:
    (found,) = re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)
    return found


@pytest.mark.parametrize(
    "key, value",
    [
        ("Type", "notify"),
        ("User", USER),
        ("SupplementaryGroups", "dialout lp"),
        ("Restart", "on-failure"),
        ("StateDirectory", "edge-agent"),
        ("StateDirectoryMode", "0700"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("WantedBy", "multi-user.target"),
    ],
)
def test_what_is_asked_of_the_service_stands_in_it(key: str, value: str) -> None:
    assert _value(unit_text(PLAIN), key) == value


@pytest.mark.parametrize(
    "shuts_out", ["PrivateDevices", "DeviceAllow", "DevicePolicy", "ProtectClock", "PrivateNetwork"]
)
def test_a_printer_that_is_plugged_in_later_is_not_shut_out(shuts_out: str) -> None:
    """systemd.exec(5): ProtectClock implies DeviceAllow, and DeviceAllow names what is there at the start."""
    assert not re.search(rf"^{shuts_out}=", unit_text(PLAIN), re.MULTILINE)


def test_it_is_given_the_time_that_it_takes_to_stop() -> None:
    assert int(_value(unit_text(PLAIN), "TimeoutStopSec")) > STOP_TIMEOUT_S + 10
    assert int(_value(unit_text(PLAIN), "WatchdogSec")) > 2 * 40, "a copy of a large ledger"


def test_the_user_has_the_groups_of_the_unit() -> None:
    rows = [line.split() for line in SYSUSERS.splitlines() if not line.startswith("#")]
    assert rows[0][:2] == ["u", USER] and rows[0][-1] == STATE
    assert [row[1:] for row in rows[1:]] == [[USER, group] for group in GROUPS]


STRANGE = Service(["/opt/edge agent/python", "--config", '/srv/100% $HOME "x" \\n/agent.toml'], ["/srv/a b", "/srv/%h"])


def test_a_path_is_itself_whatever_it_holds() -> None:
    """systemd.service(5), COMMAND LINES: `%` is a specifier, `$` a variable, a backslash escapes, quotes group."""
    text = unit_text(STRANGE)
    assert _value(text, "ExecStart") == (r'"/opt/edge agent/python" --config "/srv/100%% $$HOME \"x\" \\n/agent.toml"')
    assert _value(text, "ReadWritePaths") == '"/srv/a b" /srv/%%h'


@pytest.mark.parametrize("word", ["", "/srv/a\nExecStartPre=/bin/sh", "/srv/a\0b", "/srv/\u2028b"])
def test_a_path_that_no_unit_can_hold_is_refused(word: str) -> None:
    with pytest.raises(ConfigError, match="expected a path of printable characters"):
        unit_text(Service(["/usr/bin/edge-agent"], [word]))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
@pytest.mark.parametrize("service", [PLAIN, STRANGE], ids=["plain", "strange paths"])
def test_systemd_understands_it(service: Service, tmp_path: Path) -> None:
    """`verify` ends with 0 on keys it does not know, so whatever it says is a failure."""
    here = Service(["/bin/true", *service.program[1:]], service.writes)
    (tmp_path / "edge-agent.service").write_text(unit_text(here), encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "edge-agent.service")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout + ended.stderr) == (0, "")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not here")
def test_little_lies_open(tmp_path: Path) -> None:
    (tmp_path / "edge-agent.service").write_text(unit_text(PLAIN), encoding="utf-8")
    command = ["systemd-analyze", "security", "--offline=true", str(tmp_path / "edge-agent.service")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    (level,) = re.findall(r"Overall exposure level for edge-agent\.service: ([0-9.]+)", said)
    assert float(level) < EXPOSURE_MOST, said
