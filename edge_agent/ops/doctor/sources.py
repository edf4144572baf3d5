"""Where work orders come from: whether each folder is there and can be written, what was taken last, what waits."""

from __future__ import annotations

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from edge_agent.config import AgentConfig
from edge_agent.config.intake import IntakeRow
from edge_agent.ops.doctor.row import Row, row_of
from edge_agent.ops.doctor.running import asked
from label_protocol.errors import ConfigError


async def rows_of(config: AgentConfig, *, running: bool) -> list[Row]:
    """A row for each source. `running`: the agent knows what it took, so it is asked."""
    known: dict[str, Any] = {}
    if running and config.intake:
        looked = await row_of("", partial(_fill, config, known))
        if not looked.ok:
            return [Row(False, f"来源 source {row.id}", looked.found) for row in config.intake]
    found = []
    for row in config.intake:
        one = await row_of(f"来源 source {row.id}", partial(_source, row, known.get(row.id), running=running))
        left = known.get(row.id, {}).get("left", ())
        found.append(one)
        found += [Row(True, f"来源 source {row.id}", told, warns=True) for told in left]
    return found


async def _fill(config: AgentConfig, known: dict[str, Any]) -> str:
    known |= {one["source_id"]: one for one in (await asked(config, "intake"))["sources"]}
    return ""


async def _source(row: IntakeRow, told: dict[str, Any] | None, *, running: bool) -> str:
    """Raises OSError: its folder cannot be used; ConfigError: the running agent does not know it."""
    if row.folder is not None:
        _require_usable(row.folder)
    if not running:
        return f"{row.owner}, {row.folder or row.kind.value}"
    if told is None:
        raise ConfigError(f"expected the running agent to know {row.id}, got an older configuration; restart the agent")
    if told["trouble"]:
        raise OSError(told["trouble"])
    last = f"最后 last {told['last_file']} {told['last_at']}" if told["last_file"] else "还没有收过 nothing taken yet"
    counts = f"今天 today {told['taken_today']}/{told['daily_limit']}, 未打完 not finished {told['waiting']}"
    return f"{row.owner}, {counts}, {last}"


def _require_usable(folder: Path) -> None:
    """Files can be made and renamed there, as taking one does. Raises OSError."""
    handle, name = tempfile.mkstemp(prefix=".doctor-", suffix=".tmp", dir=folder)
    os.close(handle)
    Path(name).unlink()
