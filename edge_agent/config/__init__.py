"""`agent.toml` → frozen models; an unknown key is named with its table.

`config/agent.toml` is the reference: a test proves that it holds every key of these models, with its default.
Without a file the defaults hold: enough to check and render labels, not to print, since there is no printer in them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import PlatformDirs
from pydantic import Field, Strict, ValidationError, model_validator

from edge_agent.config import places
from edge_agent.config.alerts import AlertRow
from edge_agent.config.flaws import all_flaws, sentences
from edge_agent.config.groups import GroupRow as GroupRow
from edge_agent.config.groups import require_known
from edge_agent.config.intake import IntakeRow, require_apart
from edge_agent.config.labels import LabelsTable, RulesTable
from edge_agent.config.people import PeopleTable
from edge_agent.config.proof import ProofTable
from edge_agent.config.scanner import ScannerTable
from edge_agent.config.site import SiteTable
from edge_agent.config.upkeep import BackupTable, LogTable, RegistryHereTable, UpdateTable
from edge_agent.config.values import FilePath, HostName, HttpUrl, Id, Name, Table
from edge_agent.config.web import WebTable
from edge_agent.model.job import WINDOW_LABELS
from edge_agent.model.media import Handling, Sensor
from edge_agent.model.printer import PrintMode
from label_protocol.errors import ConfigError


@dataclass(frozen=True, slots=True)
class DefaultPaths:
    """Where things are when the configuration does not say."""

    config: Path
    ledger: Path
    witness: Path
    catalog: Path
    artwork: Path
    credentials: Path


def default_paths() -> DefaultPaths:
    """The user's own folders, by the custom of the system (`platformdirs`). Nothing is created."""
    dirs = PlatformDirs("edge-agent", appauthor=False)
    return DefaultPaths(
        config=dirs.user_config_path / "agent.toml",
        ledger=dirs.user_data_path / "ledger" / "ledger.db",
        # On Windows data and state share one folder, so the last step must differ.
        witness=dirs.user_state_path / "witness" / "witness.json",
        catalog=dirs.user_data_path / "catalogue" / "catalogue.json",
        artwork=dirs.user_data_path / "artwork",
        credentials=dirs.user_config_path / "credentials.json",
    )


class DataTable(Table):
    """Files. The witness tells a ledger that was rolled back, so it must not be rolled back with it. Without
    `backup_path` the copies ordered over the API go into a folder beside the ledger."""

    ledger_path: FilePath = Field(default_factory=lambda: default_paths().ledger)
    witness_path: FilePath = Field(default_factory=lambda: default_paths().witness)
    catalog_path: FilePath = Field(default_factory=lambda: default_paths().catalog)
    artwork_path: FilePath = Field(default_factory=lambda: default_paths().artwork)
    backup_path: FilePath | None = None
    work_order_path: FilePath | None = None

    @property
    def work_orders(self) -> Path:
        """The book of work orders."""
        return self.work_order_path or self.ledger_path.parent / "work-orders.db"

    @property
    def approved(self) -> Path:
        """The site's own files as leads approved them."""
        return self.ledger_path.parent / "approved"

    @property
    def backups(self) -> Path:
        """The only folder that the API puts copies of the ledger into."""
        return self.backup_path or self.ledger_path.parent / "backups"

    @model_validator(mode="after")
    def _apart(self) -> DataTable:
        if self.witness_path.resolve().parent == self.ledger_path.resolve().parent:
            raise ValueError(f"expected witness_path in another folder than ledger_path ({self.ledger_path.parent})")
        if self.catalog_path.resolve() in (self.ledger_path.resolve(), self.witness_path.resolve()):
            raise ValueError("expected a file of its own for catalog_path")
        if self.backups.resolve() in (self.ledger_path.resolve().parent, self.witness_path.resolve().parent):
            raise ValueError("expected a folder of its own for backup_path")
        return self


class RegistryTable(Table):
    """The central registry. Without `url` the agent issues from its ledger alone and tells nobody."""

    url: HttpUrl | None = None
    interval_s: Annotated[float, Field(ge=1, le=86_400)] = 30.0
    credentials_path: FilePath = Field(default_factory=lambda: default_paths().credentials)
    allow_plain_http: bool = False


class LinkTable(Table):
    """How the Digital Link is printed. `upper` keeps the QR of a lot without small letters smaller; the scheme
    is in lower case always, since some phones take `HTTPS://` for text."""

    host: HostName = "id.gs1.org"
    case: Literal["upper", "lower"] = "upper"


class PrintingTable(Table):
    """Windows and waits. Labels whose proof stays below `accepted_proof` are in doubt; silence never counts."""

    window_labels: Annotated[int, Field(ge=1, le=64)] = WINDOW_LABELS
    accepted_proof: Literal["idle", "response", "counter", "scan"] = "idle"
    mode: Annotated[PrintMode, Strict(False)] = PrintMode.RUN
    poll_interval_s: Annotated[float, Field(ge=0.005, le=5)] = 0.02
    reply_timeout_s: Annotated[float, Field(ge=0.05, le=60)] = 2.0
    write_timeout_s: Annotated[float, Field(ge=0.1, le=600)] = 10.0
    stall_timeout_s: Annotated[float, Field(ge=0.1, le=600)] = 3.0
    silence_limit_s: Annotated[float, Field(ge=0.5, le=3600)] = 10.0


class PrinterRow(Table):
    """One printer: `url` opens a transport, `profile` is a row of `config/printers.toml`; `dpi` and `ribbon` override
    that row. What is None is left as the printer has it."""

    id: Id
    name: Name
    url: Annotated[str, Field(max_length=500, pattern=r"^[a-z][a-z0-9+]*:\S+$")]
    profile: Annotated[str, Field(min_length=1, max_length=64)]
    dpi: Annotated[int, Field(ge=100, le=1200)] | None = None
    handling: Annotated[Handling, Strict(False)] = Handling.TEAR
    sensor: Annotated[Sensor, Strict(False)] = Sensor.GAP
    gap_mm: Annotated[float, Field(ge=0, le=30)] = 3.0
    ribbon: bool | None = None
    darkness: Annotated[int, Field(ge=0, le=30)] | None = None
    speed_ips: Annotated[float, Field(ge=0.5, le=20)] | None = None
    across: Annotated[int, Field(ge=1, le=8)] = 1
    across_gap_mm: Annotated[float, Field(ge=0, le=30)] = 2.0
    shift_right_mm: Annotated[float, Field(ge=-20, le=20)] = 0.0
    shift_down_mm: Annotated[float, Field(ge=-20, le=20)] = 0.0
    origin_right_mm: Annotated[float, Field(ge=-50, le=50)] = 0.0
    origin_down_mm: Annotated[float, Field(ge=-25, le=25)] = 0.0


class AgentConfig(Table):
    """The whole file."""

    site: SiteTable = SiteTable()
    data: DataTable = Field(default_factory=DataTable)
    web: WebTable = WebTable()
    people: PeopleTable = PeopleTable()
    scanner: ScannerTable = ScannerTable()
    registry: RegistryTable = Field(default_factory=RegistryTable)
    link: LinkTable = LinkTable()
    labels: LabelsTable = LabelsTable()
    rules: RulesTable = RulesTable()
    printing: PrintingTable = PrintingTable()
    proof: ProofTable = ProofTable()
    log: LogTable = LogTable()
    backup: BackupTable = BackupTable()
    update: UpdateTable = UpdateTable()
    registry_here: RegistryHereTable = RegistryHereTable()
    alerts: Annotated[tuple[AlertRow, ...], Strict(False), Field(max_length=20)] = ()
    printers: Annotated[tuple[PrinterRow, ...], Strict(False)] = ()
    groups: Annotated[tuple[GroupRow, ...], Strict(False)] = ()
    intake: Annotated[tuple[IntakeRow, ...], Strict(False)] = ()

    @property
    def backup_sets(self) -> Path:
        """The folder of the sets that are made on schedule."""
        return self.backup.path or self.data.backups / "scheduled"

    @property
    def people_path(self) -> Path:
        """The people of this site, their badges, and the tokens of programs."""
        return self.people.beside(self.data.ledger_path)

    @property
    def tls_folder(self) -> Path:
        """The site's own authority and the page's certificate."""
        return self.data.ledger_path.parent / "tls"

    @property
    def local_token_path(self) -> Path:
        """What this computer's own commands show the running agent."""
        return self.people_path.with_name("local.token")

    @model_validator(mode="after")
    def _people_apart(self) -> AgentConfig:
        others = (self.data.ledger_path, self.data.witness_path, self.data.catalog_path)
        if self.people_path.resolve() in [one.resolve() for one in others]:
            raise ValueError(f"expected a file of its own for people.path (got {str(self.people_path)!r})")
        return self

    @model_validator(mode="after")
    def _one_worker_per_printer(self) -> AgentConfig:
        """A printer takes one connection; two rows for one would block each other."""
        for column in ("id", "url"):
            values = [getattr(row, column) for row in self.printers]
            twice = next((value for value in values if values.count(value) > 1), None)
            if twice is not None:
                raise ValueError(f"expected every printers.{column} once (got {twice!r} twice)")
        return self

    @model_validator(mode="after")
    def _sources_apart(self) -> AgentConfig:
        data = self.data
        others = (data.ledger_path, data.witness_path, data.catalog_path, self.people_path)
        require_apart(self.intake, data.work_orders, others)
        return self

    @model_validator(mode="after")
    def _groups_of_known_printers(self) -> AgentConfig:
        require_known(self.groups, {row.id for row in self.printers})
        return self


def load_config(path: Path | None = None) -> AgentConfig:
    """The configuration in a TOML file; None: the user's own, else this machine's, else the defaults.

    Raises:
        ConfigError: names the file, table and key, expected and got, and what to do.
    """
    if path is None:
        path = places.found(default_paths().config)
        if not path.exists():
            return AgentConfig()
    return config_from(_table_in(path), path)


def config_from(table: Mapping[str, Any], source: Path) -> AgentConfig:
    """The configuration in a table; relative paths start at the folder of `source`. Raises ConfigError."""
    try:
        return AgentConfig.model_validate(dict(table), context={"folder": source.absolute().parent})
    except ValidationError as cause:
        raise ConfigError(f"{source}: {sentences(cause, AgentConfig)[0]}") from cause


def flaws_in(path: Path) -> list[str]:
    """Every flaw of a configuration file, one sentence each. Raises ConfigError: it is no TOML file."""
    return all_flaws(_table_in(path), AgentConfig, path.absolute().parent)


def _table_in(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except OSError as cause:
        raise ConfigError(
            f"读不了配置文件 {path}，请核对路径；还没有就运行 edge-agent setup · "
            f"{path}: expected a readable file, got {cause.strerror}; check the path, "
            "or have it written: edge-agent setup"
        ) from cause
    except ValueError as cause:
        raise ConfigError(f"{path}: expected TOML in UTF-8, got a flaw ({cause}); correct it there") from cause
