"""Reads `config/registry.toml` as a frozen model; that file is the reference and holds every key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, IPvAnyAddress, ValidationError, model_validator

from label_protocol.errors import ConfigError

Line = Annotated[str, Field(min_length=1, max_length=200)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


CHECKS_AT_ONCE = 2
"""Connections of a process that answers scans for check codes that consumers typed."""

COMMANDS = 10
"""Connections for commands, dumps and whoever looks into the database."""


class Database(_Table):
    """Where the data are: `dsn` of a PostgreSQL, or `data`, the folder of one of the registry's own that lasts.
    Neither: the embedded one, whose data are gone when it stops. `…_dsn`: the logins of the three roles, where `dsn` is
    the owner's; `pgbouncer` names those that lead through one."""

    dsn: str = ""
    data: str = ""
    dump_every_h: int = Field(default=1, ge=0, le=24 * 7)
    connections_max: int = Field(default=10, ge=1, le=100)
    scan_connections_max: int = Field(default=5, ge=1, le=100)
    people_connections_max: int = Field(default=10, ge=1, le=100)
    ingest_dsn: str = ""
    reader_dsn: str = ""
    people_dsn: str = ""
    pgbouncer: list[Literal["ingest", "reader", "people"]] = []

    def connections(self, workers: int) -> int:
        """How many the service opens with so many scan processes beside it, and some for commands and dumps."""
        scans = (1 + workers) * (self.scan_connections_max + CHECKS_AT_ONCE)
        return self.connections_max + self.people_connections_max + scans + COMMANDS

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.dsn and self.data:
            raise ValueError("expected either dsn or data, got both")
        if not self.dsn and (self.ingest_dsn or self.reader_dsn or self.people_dsn):
            raise ValueError("expected dsn, the owner's, beside those of the roles, got none")
        return self


class Ingest(_Table):
    """How many batches are at work at once, how much of others may be here meanwhile, how long one waits its turn."""

    at_work: int = Field(default=2, ge=1, le=100)
    bytes_mib: int = Field(default=64, ge=32, le=65_536)
    wait_s: int = Field(default=15, ge=1, le=30)


class Http(_Table):
    """Where to listen; port 0 takes any free one. `proxies`: whose word on addresses is taken (`X-Forwarded-For`)."""

    host: str = "127.0.0.1"
    port: int = Field(default=8700, ge=0, le=65535)
    scans_port: int = Field(default=8701, ge=0, le=65535)
    connections_max: int = Field(default=400, ge=8, le=20_000)
    connections_per_address_max: int = Field(default=200, ge=4, le=20_000)
    header_timeout_s: float = Field(default=10.0, ge=0.1, le=300)
    metrics_token: str = Field(default="", max_length=200)
    proxies: list[IPvAnyAddress] = []


class Site(_Table):
    """What the scan page calls itself, and from which count on it speaks of many look-ups. `link_host`: the host in the
    links on labels; "": that of whoever asks."""

    name: Line = "商品标签登记平台"
    often_scanned_from: int = Field(default=30, ge=2, le=1_000_000)
    link_host: str = Field(default="", pattern=r"^([a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?(:[0-9]{1,5})?)?$")


class Complaint(_Table):
    """The complaint route on the scan page."""

    zh: Line = "如对商品质量或标签有疑问，可拨打全国12315热线，或登录全国12315平台。"
    en: Line = "For questions about quality or labels call the national hotline 12315 or use the 12315 platform."
    phone: str = Field(default="12315", pattern=r"^[0-9+-]{3,20}$")
    url: str = Field(default="https://www.12315.cn/", pattern=r"^https://[^\s\"'<>]{1,180}$")


class Updates(_Table):
    """The mirror of releases: `folder` holds `metadata` and `targets`; empty: this registry hands out none."""

    folder: str = ""


class RegistryConfig(_Table):
    """All tables of the file."""

    database: Database = Database()
    ingest: Ingest = Ingest()
    http: Http = Http()
    site: Site = Site()
    complaint: Complaint = Complaint()
    updates: Updates = Updates()


def load_config(path: Path | None) -> RegistryConfig:
    """The file's settings, or the defaults without a file.

    Raises:
        ConfigError: unreadable, not TOML, or a key or value that does not belong; names table and key.
    """
    if path is None:
        return RegistryConfig()
    try:
        return RegistryConfig.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, ValueError) as cause:
        raise ConfigError(_sentence(path, cause)) from cause


def _sentence(path: Path, cause: Exception) -> str:
    if not isinstance(cause, ValidationError):
        return f"{path}: expected readable TOML, got {cause}; see config/registry.toml"
    first = cause.errors(include_url=False)[0]
    key = ".".join(str(step) for step in first["loc"])
    if first["type"] == "extra_forbidden":
        return f"{path}: unknown key {key}; see config/registry.toml for those that exist"
    return f"{path}: {key}: {first['msg']}, got {str(first['input'])[:60]!r}; see config/registry.toml"
