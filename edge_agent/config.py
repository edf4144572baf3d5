"""`agent.toml` → frozen models. Units stand in the names, bounds in the fields; an unknown key is named with its table.

`config/agent.toml` is the reference: a test proves that it holds every key of these models, with its default.
Without a file the defaults hold: enough to check and render labels, not to print, since there is no printer in them.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import PlatformDirs
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    ValidationInfo,
    model_validator,
)

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


def _as_path(value: Any, info: ValidationInfo) -> Any:
    """`~` is the user's home; a relative path starts at the folder of the configuration file."""
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("expected a path in quotes")
    folder = (info.context or {}).get("folder", Path())
    return Path(folder) / Path(value).expanduser()


FilePath = Annotated[Path, BeforeValidator(_as_path)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^\S(.*\S)?$")]
HostName = Annotated[
    str, Field(max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?$")
]
HttpUrl = Annotated[str, Field(max_length=500, pattern=r"^https?://[^/\s]+\S*$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=False)


class SiteTable(_Table):
    """The factory. `commission_on`: which step tells the registry that a label is on its garment. `gs1_company_prefix`:
    whose SSCCs cartons are given, and `sscc_block` the digits with which those of this computer begin."""

    name: Name = "示例服饰"
    commission_on: Literal["print", "scan"] = "scan"
    operator_required: bool = True
    gs1_company_prefix: Annotated[str, Field(pattern=r"^[0-9]{4,12}$")] | None = None
    sscc_block: Annotated[str, Field(pattern=r"^[0-9]{0,10}$")] = ""


class DataTable(_Table):
    """Files. The witness tells a ledger that was rolled back, so it must not be rolled back with it. Without
    `backup_path` the copies ordered over the API go into a folder beside the ledger."""

    ledger_path: FilePath = Field(default_factory=lambda: default_paths().ledger)
    witness_path: FilePath = Field(default_factory=lambda: default_paths().witness)
    catalog_path: FilePath = Field(default_factory=lambda: default_paths().catalog)
    artwork_path: FilePath = Field(default_factory=lambda: default_paths().artwork)
    backup_path: FilePath | None = None

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


class WebTable(_Table):
    """Where the page and the API listen. There is no login: keep it on this machine or behind one."""

    host: Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9.:-]+$")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8631
    connections_max: Annotated[int, Field(ge=8, le=10_000)] = 256
    connections_per_address_max: Annotated[int, Field(ge=4, le=10_000)] = 128
    header_timeout_s: Annotated[float, Field(ge=0.1, le=300)] = 10.0


class RegistryTable(_Table):
    """The central registry. Without `url` the agent issues from its ledger alone and tells nobody."""

    url: HttpUrl | None = None
    interval_s: Annotated[float, Field(ge=1, le=86_400)] = 30.0
    credentials_path: FilePath = Field(default_factory=lambda: default_paths().credentials)
    allow_plain_http: bool = False


class LinkTable(_Table):
    """How the Digital Link is printed. `upper` keeps the QR of a lot without small letters smaller; the scheme
    is in lower case always, since some phones take `HTTPS://` for text."""

    host: HostName = "id.gs1.org"
    case: Literal["upper", "lower"] = "upper"


class LabelsTable(_Table):
    """`check_code`: whether a template with a place for one (防伪码) is printed with it or not at all, or empty.
    `template_path`: the folder of the site's own templates, which the page offers beside the built-in ones."""

    check_code: Literal["required", "off"] = "required"
    template_path: FilePath | None = None


class RulesTable(_Table):
    """What the site knows better about the rules (`standards/overrides.py`). Without a file the shipped rows hold."""

    override_path: FilePath | None = None


class PrintingTable(_Table):
    """Windows and waits. Labels whose proof stays below `accepted_proof` are in doubt; silence never counts."""

    window_labels: Annotated[int, Field(ge=1, le=64)] = WINDOW_LABELS
    accepted_proof: Literal["idle", "response", "counter", "scan"] = "idle"
    mode: Annotated[PrintMode, Strict(False)] = PrintMode.RUN
    poll_interval_s: Annotated[float, Field(ge=0.005, le=5)] = 0.02
    reply_timeout_s: Annotated[float, Field(ge=0.05, le=60)] = 2.0
    write_timeout_s: Annotated[float, Field(ge=0.1, le=600)] = 10.0
    stall_timeout_s: Annotated[float, Field(ge=0.1, le=600)] = 3.0
    silence_limit_s: Annotated[float, Field(ge=0.5, le=3600)] = 10.0


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")]


class PrinterRow(_Table):
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


class GroupRow(_Table):
    """Printers that stand in for each other, the preferred first. Only labels that were never sent move on."""

    id: Id
    name: Name
    printers: Annotated[tuple[Id, ...], Strict(False), Field(min_length=2, max_length=64)]
    fallback_after_s: Annotated[float, Field(ge=0, le=3600)] = 15.0


class AgentConfig(_Table):
    """The whole file."""

    site: SiteTable = SiteTable()
    data: DataTable = Field(default_factory=DataTable)
    web: WebTable = WebTable()
    registry: RegistryTable = Field(default_factory=RegistryTable)
    link: LinkTable = LinkTable()
    labels: LabelsTable = LabelsTable()
    rules: RulesTable = RulesTable()
    printing: PrintingTable = PrintingTable()
    printers: Annotated[tuple[PrinterRow, ...], Strict(False)] = ()
    groups: Annotated[tuple[GroupRow, ...], Strict(False)] = ()

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
    def _groups_of_known_printers(self) -> AgentConfig:
        ids = {row.id for row in self.printers}
        for group in self.groups:
            strangers = [one for one in group.printers if one not in ids]
            if strangers or len(set(group.printers)) < len(group.printers):
                raise ValueError(
                    f"expected groups.printers of {group.id} to name printers of this file, each once (got "
                    f"{', '.join(repr(one) for one in strangers) or list(group.printers)})"
                )
            if group.id in ids or [other.id for other in self.groups].count(group.id) > 1:
                raise ValueError(f"expected a groups.id of its own (got {group.id!r})")
        return self


def load_config(path: Path | None = None) -> AgentConfig:
    """The configuration in a TOML file; None: the user's own if there is one, else the defaults.

    Raises:
        ConfigError: names the file, table and key, expected and got, and what to do.
    """
    if path is None:
        path = default_paths().config
        if not path.exists():
            return AgentConfig()
    try:
        table = tomllib.loads(Path(path).read_bytes().decode("utf-8-sig"))
    except OSError as cause:
        raise ConfigError(
            f"读不了配置文件 {path}，请核对路径；还没有就先复制 config/agent.toml · "
            f"{path}: expected a readable file, got {cause.strerror}; check the path, "
            "or copy config/agent.toml there first"
        ) from cause
    except ValueError as cause:
        raise ConfigError(f"{path}: expected TOML in UTF-8, got a flaw ({cause}); correct it there") from cause
    return config_from(table, Path(path))


def config_from(table: Mapping[str, Any], source: Path) -> AgentConfig:
    """The configuration in a table; relative paths start at the folder of `source`. Raises ConfigError."""
    try:
        return AgentConfig.model_validate(dict(table), context={"folder": source.absolute().parent})
    except ValidationError as cause:
        raise ConfigError(f"{source}: {_sentence(cause)}") from cause


def _sentence(cause: ValidationError) -> str:
    first = cause.errors(include_url=False)[0]
    *table, key = map(str, first["loc"] or ("the whole",))
    where = f"table [{'.'.join(table)}], key {key}" if table else f"table or key [{key}]"
    if first["type"] == "extra_forbidden":
        known = _known_keys(table)
        near = difflib.get_close_matches(key, known, n=1)
        advice = f"did you mean {near[0]}?" if near else "remove it"
        return f"{where}: unknown; expected one of {', '.join(known)}; {advice}"
    if first["type"] == "missing":
        return f"{where}: expected a value, got nothing; add it"
    expected = first["msg"].removeprefix("Value error, expected ").removeprefix("Input should be ")
    got = "these tables" if isinstance(first["input"], (dict, BaseModel)) else repr(first["input"])[:60]
    return f"{where}: expected {expected}, got {got}; correct it"


def _known_keys(table: list[str]) -> list[str]:
    """The keys of a table by its name; `printers.0` is a row of printers, `groups.0` one of groups."""
    if not table:
        return sorted(AgentConfig.model_fields)
    rows: dict[str, Any] = {"printers": PrinterRow, "groups": GroupRow}
    model = rows.get(table[0]) or AgentConfig.model_fields[table[0]].annotation
    return sorted(getattr(model, "model_fields", {}))
