"""Whatever the configuration has a place for is in a set, or left out for a reason: a new file is decided about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from edge_agent.config import config_from
from edge_agent.ops.backups.make import LEDGER
from edge_agent.ops.backups.sources import LEFT_OUT, sources
from tests.edge_agent.config.test_config import uncommented

IN_A_SET = {
    "data.ledger_path": LEDGER,
    "data.catalog_path": "catalogue.json",
    "data.artwork_path": "artwork",
    "data.work_order_path": "work-orders.db",
    "people.path": "people.db",
    "labels.template_path": "templates",
    "labels.carton_template": "carton-template.toml",
    "rules.override_path": "rules-override.toml",
    "registry_here.dump_path": "registry.dump",
}
"""Key → name in a set."""

IN_NONE = {
    "data.witness_path": "tells a ledger that was rolled back, so it must not be rolled back with it",
    "data.backup_path": "where copies go",
    "backup.path": "where the sets go",
    "log.path": "a log is no record",
    "registry.credentials_path": "a secret in clear; the manifest says what to do without it",
    "web.certificate_path": "belongs to whoever gave it, who gives it again",
    "web.key_path": "a secret in clear",
    "intake.0.folder": "others' files on their way; what was taken of them is in work-orders.db",
}
"""Key → why."""


def paths(value: Any, name: str = "") -> Iterator[tuple[str, Path]]:
    if isinstance(value, Path):
        yield name, value
    elif isinstance(value, BaseModel):
        for key, one in value:
            yield from paths(one, f"{name}.{key}".strip("."))
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from paths(one, f"{name}.{number}")


def test_every_place_of_the_configuration_is_in_a_set_or_left_out_for_a_reason(tmp_path: Path) -> None:
    config = config_from(uncommented(), tmp_path / "agent.toml")
    found = dict(paths(config))
    assert found.keys() == IN_A_SET.keys() | IN_NONE.keys(), (
        "decide whether a backup holds it, in ops/backups/sources.py"
    )
    names = {one.name: one.path for one in sources(config)}
    for key, name in IN_A_SET.items():
        assert name == LEDGER or names[name] == found[key], key
    assert any("credentials.json" in one for one in LEFT_OUT) and any("tls/" in one for one in LEFT_OUT)
