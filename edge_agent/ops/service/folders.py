"""Which folders a configuration writes into, and whether a service of its own user can have them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from edge_agent.config import AgentConfig
from edge_agent.ops.service.unit import STATE
from label_protocol.errors import ConfigError

READ_ONLY = frozenset({"labels", "registry_here", "rules", "web"})
"""Tables whose paths the agent reads and never writes."""

HOMES = ("/home", "/root", "/run/user")
"""What `ProtectHome=yes` hides from a service: systemd.exec(5)."""


def written(config: AgentConfig) -> list[Path]:
    """The folders of all files that the agent writes, each once, none inside another."""
    tables = [value for name, value in config if name not in READ_ONLY]
    folders = {_folder(path.absolute()) for path in _paths(tables)} | {config.data.backups.absolute()}
    return sorted(one for one in folders if not any(one.is_relative_to(other) for other in folders - {one}))


def outside_state(config: AgentConfig) -> list[Path]:
    """Those that systemd does not make by itself."""
    return [one for one in written(config) if not one.is_relative_to(STATE)]


def require_reachable(config: AgentConfig, *others: Path) -> None:
    """Refuses what lies in somebody's home. `others` are read: program and configuration.

    Raises:
        ConfigError: names the place, and where it should be instead.
    """
    require_outside_homes(*written(config), *others)


def require_outside_homes(*places: Path) -> None:
    """The same of any places.

    Raises:
        ConfigError
    """
    for place in places:
        home = next((home for home in HOMES if place.is_relative_to(home)), None)
        if home is not None:
            raise ConfigError(
                f"服务看不到 {home} 里的 {place}，请移到别处：数据放 {STATE}，程序放 /opt/edge-agent · service: "
                f"expected everything outside {home}, which services do not see, got {place}; put data into {STATE} "
                "under [data] and [registry], and the program into /opt/edge-agent"
            )


def _folder(path: Path) -> Path:
    """A key names a file, or the folder itself if that is there already."""
    return path if path.is_dir() else path.parent


def _paths(value: Any) -> Iterator[Path]:
    if isinstance(value, Path):
        yield value
    elif isinstance(value, BaseModel):
        yield from (path for _, one in value for path in _paths(one))
    elif isinstance(value, (tuple, list)):
        yield from (path for one in value for path in _paths(one))
