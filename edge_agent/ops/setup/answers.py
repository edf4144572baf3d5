"""What a first start has to know, and what follows from it: the text of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import PurePath

from edge_agent.ops.setup.config_text import Tables, with_rows, with_values
from edge_agent.printers.profiles import profile
from label_protocol.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Printer:
    """One printer as it was chosen."""

    url: str
    profile: str
    name: str


@dataclass(frozen=True, slots=True)
class Answers:
    """None leaves a key as it is. `dump`: of a registry on this PC. `others`: the page is opened on other computers,
    and so by TLS; False leaves it as it is."""

    site: str | None
    data: PurePath | None
    registry: str | None
    printers: Sequence[Printer] = ()
    dump: PurePath | None = None
    others: bool = False


def printer_of(text: str) -> Printer:
    """`zpl-203@tcp://192.168.1.50:9100` as a printer; its name is its address.

    Raises:
        ConfigError: no such form.
        NotFoundError: no such profile.
    """
    name, _, url = text.partition("@")
    if not name or ":" not in url:
        raise ConfigError(
            f"打印机写成 型号@地址，见 docs/printers.md · printer: expected PROFILE@URL such as "
            f"zpl-203@tcp://192.168.1.50:9100, got {text!r}; edge-agent printers discover finds them"
        )
    profile(name)
    return Printer(url, name, url.partition("://")[2] or url)


def reference_text() -> str:
    """The reference of all settings, with its comments."""
    return files("edge_agent_config").joinpath("agent.toml").read_text("utf-8")


BACKUP_EVERY_H = 24
"""What the reference advises; a site that was set up by hand has none until somebody writes it."""


EVERYWHERE = "0.0.0.0"  # noqa: S104 asked for, and locked


def places(data: PurePath) -> Tables:
    """All files of the agent below one folder, each kind in its own: the witness may not lie with the ledger. A copy of
    them is made every day; the folder for it is best one of another disk, which nobody can guess."""
    return {
        "data": {
            "ledger_path": str(data / "ledger" / "ledger.db"),
            "witness_path": str(data / "witness" / "witness.json"),
            "catalog_path": str(data / "catalogue" / "catalogue.json"),
            "artwork_path": str(data / "artwork"),
        },
        "registry": {"credentials_path": str(data / "credentials" / "credentials.json")},
        "backup": {"every_h": BACKUP_EVERY_H},
    }


def config_text(before: str, answers: Answers, taken: Sequence[str] = ()) -> str:
    """The configuration's text with the answers in it; all else stays. Printers that are there stay, new ones go to the
    end under ids that are not `taken`.

    Raises:
        ConfigError: as `with_values`.
    """
    tables = {name: dict(keys) for name, keys in (places(answers.data) if answers.data else {}).items()}
    if answers.site is not None:
        tables["site"] = {"name": answers.site}
    if answers.registry is not None:
        tables.setdefault("registry", {})["url"] = answers.registry
    if answers.others:
        tables["web"] = {"host": EVERYWHERE, "tls": "site"}
    if answers.dump is not None:
        tables["registry_here"] = {"dump_path": str(answers.dump)}
    free = (name for number in range(1, 1000) if (name := f"printer-{number}") not in taken)
    rows = [{"id": next(free), "name": one.name, "url": one.url, "profile": one.profile} for one in answers.printers]
    text = with_values(before, tables)
    return with_rows(text, "printers", rows) if rows else text
