"""The parts of a bundle: what is asked of the agent, of its files and of its log. Nothing is scrubbed yet."""

from __future__ import annotations

import contextlib
import platform
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import aiohttp

from edge_agent.config import AgentConfig
from edge_agent.errors import LedgerBusyError
from edge_agent.ledger.witness import Witness
from edge_agent.ops.doctor import examine
from edge_agent.ops.doctor.running import asked
from edge_agent.wiring import open_ledger
from label_protocol.errors import AgentError

LOG_BYTES = 500_000
"""The end of the log: some three thousand lines, days of a quiet site and an hour of a loud one."""

Look = Callable[[AgentConfig], Awaitable[Any]]


async def collect(config: AgentConfig, version: str) -> dict[str, Any]:
    """Each part by its name; one that cannot be had says why in its place."""
    found: dict[str, Any] = {"version.json": versions(version)}
    for name, look in PARTS.items():
        try:
            found[name] = await look(config)
        except (AgentError, OSError, aiohttp.ClientError, TimeoutError, ValueError) as cause:
            found[name] = {"not_had": f"{type(cause).__name__}: {cause}"}
    return found


def versions(version: str) -> dict[str, Any]:
    """The program, what it runs on, and the libraries beside it."""
    libraries = {one.metadata["Name"]: one.version for one in distributions() if one.metadata["Name"]}
    return {
        "edge_agent": version,
        "python": sys.version,
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "libraries": dict(sorted(libraries.items())),
    }


async def doctor(config: AgentConfig) -> Any:
    return [row.told() for row in await examine(config)]


async def settings(config: AgentConfig) -> Any:
    """What the agent would run with. Of paths the last name."""
    return _without_folders(config.model_dump(mode="python"))


def _without_folders(value: Any) -> Any:
    if isinstance(value, Path):
        return f"…/{value.name}"
    if isinstance(value, Mapping):
        return {key: _without_folders(one) for key, one in value.items()}
    return [_without_folders(one) for one in value] if isinstance(value, (list, tuple)) else value


async def printers(config: AgentConfig) -> Any:
    return await asked(config, "printers")


async def sync(config: AgentConfig) -> Any:
    return await asked(config, "sync")


async def ledger(config: AgentConfig) -> Any:
    """How far it is, by its witness, which nobody locks; and the books, of the file or of the agent that has it."""
    mark = Witness(config.data.witness_path).mark
    head = (
        {"seq": mark.seq, "hash_begins": mark.hash.hex()[:16], "incarnation_begins": mark.incarnation[:8]}
        if mark
        else None
    )
    found: dict[str, Any] = {"head": head}
    try:
        with contextlib.closing(open_ledger(config)) as own:
            return found | {"balance": [asdict(row) for row in own.balance()], "holds": own.holds()}
    except LedgerBusyError:
        balance, holds = await asked(config, "ledger/balance"), await asked(config, "holds")
        return found | {"balance": balance["rows"], "holds": holds["holds"]}


PARTS: Mapping[str, Look] = {
    "doctor.json": doctor,
    "settings.json": settings,
    "printers.json": printers,
    "sync.json": sync,
    "ledger.json": ledger,
}


def end_of_log(config: AgentConfig) -> str:
    """The newest lines of the log's own file, whole ones; empty if the log goes to stderr. Raises OSError."""
    path = config.log.path
    if path is None or not path.is_file():
        return ""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - LOG_BYTES))
        text = file.read(LOG_BYTES).decode("utf-8", "replace")
    return text if size <= LOG_BYTES else text.partition("\n")[2]
