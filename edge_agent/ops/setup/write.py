"""Puts the configuration in place: never over one that is there without leave, and the old one stays beside it."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from edge_agent.config import AgentConfig, config_from
from edge_agent.files import new_file, sync_folder
from edge_agent.ops.setup.answers import Answers, config_text, reference_text
from label_protocol.errors import ConfigError, ConflictError


def write_config(path: Path, answers: Answers, *, change: bool, now: str) -> AgentConfig:
    """Write the configuration with `answers` in it and give it back, read as the agent will read it. `change`: somebody
    said that one that is there may be changed; as it was it stays beside, under a name with `now` in it. A printer
    whose address it has already stays as it is, so that the same words may be said again after a step that failed.

    Raises:
        ConflictError: one is there, and nobody said so.
        ConfigError: with these answers it would be none, or the one that is there cannot be read; nothing is changed.
    """
    require_leave(path, change=change)
    there = path.exists()
    before = _text(path) if there else reference_text()
    rows = _table(before, path).get("printers", ())
    known = {one.get("url") for one in rows}
    new = replace(answers, printers=[one for one in answers.printers if one.url not in known])
    text = config_text(before, new, [one["id"] for one in rows])
    config = config_from(_table(text, path), path)
    if there:
        kept = path.with_name(f"{path.name}.{now[:19].replace(':', '')}")
        with new_file(kept) as side:
            side.write_text(before, encoding="utf-8", newline="\n")
    _replace(path, text)
    return config


def require_leave(path: Path, *, change: bool) -> None:
    """Refuses to go over a configuration that is there.

    Raises:
        ConflictError: one is there, and nobody said that it may be changed.
    """
    if path.exists() and not change:
        raise ConflictError(
            f"{path} 已经有了，没有改动；要改请加 --change · {path}: expected no configuration yet, got one, which is "
            "as it was; to change it give --change, or name another file with --config"
        )


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except (OSError, ValueError) as cause:
        raise ConfigError(
            f"{path}: expected a configuration in UTF-8 that can be read, got {cause}; see to it"
        ) from cause


def _table(text: str, path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as cause:
        raise ConfigError(
            f"{path}: expected TOML, got a flaw ({cause}); correct it there, then run this again"
        ) from cause


def _replace(path: Path, text: str) -> None:
    """Whole or not at all; with the rights of the one it replaces, else for its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)  # a service of another user passes through; the file is closed
    side = path.with_name(f".{path.name}.unfinished")
    side.unlink(missing_ok=True)
    with os.fdopen(
        os.open(side, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", newline="\n"
    ) as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        _as(path, side)
    side.replace(path)
    sync_folder(path.parent)


def _as(path: Path, side: Path) -> None:
    was = path.stat()
    side.chmod(was.st_mode & 0o777)
    if hasattr(os, "chown"):
        os.chown(side, was.st_uid, was.st_gid)
