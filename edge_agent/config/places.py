"""Which file is meant where none is named: a user's own goes before the one that all users of a machine share."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import PlatformDirs


def machine_path() -> Path:
    """Where the configuration of this machine is, if there is one: its service runs by it."""
    shared = PlatformDirs("edge-agent", appauthor=False).site_config_path
    return (shared if os.name == "nt" else Path("/etc/edge-agent")) / "agent.toml"


def found(own: Path) -> Path:
    """The user's own file if it is there, else the machine's if that is; else `own`, where the user's would be."""
    machine = machine_path()
    return machine if machine.exists() and not own.exists() else own
