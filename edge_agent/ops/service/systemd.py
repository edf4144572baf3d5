"""Puts the agent in as a systemd service, says how it is, and takes it out again. Data and configuration always stay.

Everything a person can do by hand with `systemctl`; here it is one word, and each refusal one sentence.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_agent.config import AgentConfig
from edge_agent.errors import RefusedError
from edge_agent.ops.service.folders import outside_state, require_reachable
from edge_agent.ops.service.unit import NAME, STATE, SYSUSERS, USER, Service, unit_text
from label_protocol.errors import ConfigError

Run = Callable[[Sequence[str]], str]
"""Runs a command, gives its output; raises RefusedError with what it said if it ends with anything but 0."""

UNIT, USERS = Path(f"etc/systemd/system/{NAME}.service"), Path(f"etc/sysusers.d/{NAME}.conf")
PACKAGED = Path(f"usr/lib/systemd/system/{NAME}.service")
"""The unit of the .deb, which only its package writes and takes away."""

FIELDS = ("LoadState", "ActiveState", "UnitFileState", "Result", "NRestarts", "StatusText", "ActiveEnterTimestamp")
RUNNING, BOOTED = "active", Path("run/systemd/system")


@dataclass(frozen=True, slots=True)
class Host:
    """The machine: `root` is `/` but in tests, `run` runs its commands."""

    root: Path
    run: Run

    @property
    def packaged(self) -> bool:
        return (self.root / PACKAGED).exists()


def require_systemd(host: Host, *, as_root: bool) -> None:
    """Refuses where there is no systemd, or nobody who may change it. Raises ConfigError."""
    if not (host.root / BOOTED).is_dir():  # sd_booted(3)
        raise ConfigError(
            "这台电脑不是由 systemd 管理；Windows 请看 docs/install.md · service: expected a system that runs systemd, "
            "got another; on Windows see docs/install.md, elsewhere start: edge-agent run --config F"
        )
    if as_root and (not hasattr(os, "geteuid") or os.geteuid() != 0):
        raise ConfigError("请用 sudo 再运行一次 · service: expected root, got another user; run it with sudo")


def install(host: Host, config: AgentConfig, source: Path, program: Sequence[str] = (sys.executable,)) -> None:
    """Install, enable and start the service for the configuration in `source`; again after a change of either.

    Raises:
        ConfigError: the service could not see a file of it.
        RefusedError: systemd refuses, or the agent does not start; says what it said.
    """
    if not host.packaged:
        words = (*program, "-m", "edge_agent", "run", "--config", str(source.absolute()))
        unit = unit_text(Service(words, [str(one) for one in outside_state(config)]))
        prepare(host, config, source, program)
        put(host.root / UNIT, unit)
    host.run(["systemctl", "daemon-reload"])
    host.run(["systemctl", "enable", NAME])
    host.run(["systemctl", "restart", NAME])


def prepare(host: Host, config: AgentConfig, source: Path, program: Sequence[str] = (sys.executable,)) -> None:
    """Make the service's user and its folders, and stop the service if it runs: commands then work on its data as it.

    Raises:
        ConfigError: the service could not see a file of it, or a folder is somebody else's.
        RefusedError: systemd refuses.
    """
    if not host.packaged:
        require_reachable(config, source.absolute(), Path(program[0]))
        put(host.root / USERS, SYSUSERS)
        host.run(["systemd-sysusers", str(host.root / USERS)])
        _make_folders(host, [Path(STATE), *outside_state(config)])
        _let_read(host, source)
    if state(host).get("ActiveState") in ("active", "activating"):
        host.run(["systemctl", "stop", NAME])


def remove(host: Host) -> None:
    """Stop the service and take it out; a packaged one is only stopped and disabled, its package does the rest.

    Raises:
        RefusedError: there is none, or systemd refuses.
    """
    if not host.packaged and not (host.root / UNIT).exists():
        raise RefusedError("没有安装服务 · service: expected an installed one, got none; nothing to remove")
    host.run(["systemctl", "disable", "--now", NAME])
    if not host.packaged:
        (host.root / UNIT).unlink()
        (host.root / USERS).unlink(missing_ok=True)
        host.run(["systemctl", "daemon-reload"])


def state(host: Host, name: str = NAME) -> Mapping[str, str]:
    """What systemd knows of it, by `FIELDS`. Raises RefusedError: systemd does not answer."""
    said = host.run(["systemctl", "show", name, f"--property={','.join(FIELDS)}"])
    return dict(row.split("=", 1) for row in said.splitlines() if "=" in row)


def words_of(found: Mapping[str, str], name: str = NAME, to_install: str = "service install --config F") -> str:
    """The same in a sentence, with what to do."""
    if found.get("LoadState") == "not-found":
        return f"没有安装 · not installed; sudo edge-agent {to_install}"
    boots = "开机自启 starts at boot" if found.get("UnitFileState") == "enabled" else "开机不启动 not at boot"
    again = f"重启过 {found.get('NRestarts', '?')} 次 restarts"
    if found.get("ActiveState") == RUNNING:
        since = found.get("ActiveEnterTimestamp", "")
        return f"运行中 · running, {found.get('StatusText', '')}, 始于 since {since}, {boots}, {again}"
    return (
        f"没有运行 · {found.get('ActiveState', 'unknown')} ({found.get('Result', '')}), {boots}, {again}; "
        f"原因 why: journalctl -u {name} -n 30"
    )


def run_here(command: Sequence[str]) -> str:
    """The `Run` of this machine. Raises RefusedError: it ended with something else than 0, or is not there."""
    try:
        ended = subprocess.run(list(command), capture_output=True, text=True, check=False)  # noqa: S603 our own words
    except FileNotFoundError as cause:
        raise RefusedError(f"{command[0]}: expected this program, got none; install systemd") from cause
    if ended.returncode:
        said = (ended.stderr or ended.stdout).strip().splitlines()
        unit = command[-1] if command[0] == "systemctl" and len(command) > 2 else NAME
        raise RefusedError(
            f"{' '.join(command)}: expected it to be done, got: {' '.join(said)[:300] or ended.returncode}; "
            f"see: journalctl -u {unit} -n 30"
        )
    return ended.stdout


def put(path: Path, text: str) -> None:
    """Write a file that everybody may read, and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    path.chmod(0o644)


def _make_folders(host: Host, folders: Sequence[Path]) -> None:
    """Nothing that is there changes hands: others may have their files in it. But systemd takes what is in `STATE`."""
    for folder in folders:
        if not folder.is_dir():
            host.run(["install", "-d", "-m", "0700", "-o", USER, "-g", USER, str(folder)])
        elif sys.platform != "win32" and str(folder) != STATE and (owner := folder.owner()) != USER:
            raise ConfigError(
                f"文件夹 {folder} 属于 {owner}，服务写不进去 · service: expected it to belong to {USER}, got {owner}; "
                f"stop the agent and run: sudo chown -R {USER}: {folder}"
            )


def _let_read(host: Host, source: Path) -> None:
    """A configuration may hold secrets, so it is not everybody's; the service's group reads it."""
    for place, everybody, group in (
        (source.parent, stat.S_IXOTH, stat.S_IXGRP),
        (source, stat.S_IROTH, stat.S_IRGRP),
    ):
        mode = place.stat().st_mode
        if not mode & everybody:
            host.run(["chgrp", USER, str(place)])
            place.chmod(stat.S_IMODE(mode) | group)
