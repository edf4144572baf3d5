"""The tables of `agent.toml` by which the agent looks after itself: its log, its backups, its updates, whom it
alerts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from edge_agent.config.values import FilePath, HttpUrl, Table


class LogTable(Table):
    """Where the lines of the log go. Without `path` to stderr, which a service manager keeps; with it into that file,
    and a full one (`max_mb`, MB) is set aside, `keep` of them."""

    path: FilePath | None = None
    keep: Annotated[int, Field(ge=1, le=1000)] = 10
    max_mb: Annotated[int, Field(ge=1, le=1000)] = 10


class RegistryHereTable(Table):
    """A registry on this PC: the dump that it makes of its database, taken into each backup set."""

    dump_path: FilePath | None = None


class BackupTable(Table):
    """Backup sets on schedule: every so many hours, 0 for none; the newest `keep` stay. Without `path` they go into
    `scheduled` in the folder of `[data] backup_path`; best is another disk or a share."""

    every_h: Annotated[int, Field(ge=0, le=720)] = 0
    keep: Annotated[int, Field(ge=1, le=1000)] = 14
    path: FilePath | None = None


class UpdateTable(Table):
    """Where updates of the program are looked for: `mirror`, an address, asked every so many hours, 0 for never.
    Looking installs nothing. Without `mirror` a folder is named to the command."""

    mirror: HttpUrl | None = None
    check_every_h: Annotated[int, Field(ge=0, le=720)] = 0

    def beside(self, ledger_path: Path) -> Path:
        """The folder of what is kept of updates: lists that are believed, fetched files, which version is confirmed."""
        return ledger_path.with_name("updates")

    @model_validator(mode="after")
    def _somewhere(self) -> UpdateTable:
        if self.check_every_h and self.mirror is None:
            raise ValueError("expected mirror beside check_every_h, the address to look at (got none)")
        return self
