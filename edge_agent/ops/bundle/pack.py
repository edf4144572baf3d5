"""The bundle as a file: every part goes through the scrubber on its way in, and no other way leads in."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from edge_agent.config import AgentConfig
from edge_agent.files import new_file
from edge_agent.ops.bundle.collect import collect, end_of_log
from edge_agent.ops.bundle.known import known
from edge_agent.ops.bundle.scrub import Scrubber
from label_protocol.errors import ConflictError

LINE_CHARACTERS = 8_000
"""A line of the log has some hundred, one with a traceback a few thousand."""

README = """支持包 · Support bundle

里面是什么：版本、体检结果、配置、打印机状态、上报状态、账本到哪一号和平账、日志的最后一段。
In it: versions, what the doctor says, settings, printers, sync, how far the ledger is, its books, the end of the log.

已经去掉的：密钥、口令、机器人地址、序列号、人名和厂名、文件夹的名字。发出去之前请自己再看一遍。
Taken out: secrets, tokens, addresses of robots, serials, names of people and of the site, names of folders. Look
through it yourself before you send it.

日志写到标准错误的（没写 [log] path），请另附：journalctl -u edge-agent --since -1d
A log that goes to stderr (no [log] path) is not in it; add: journalctl -u edge-agent --since -1d
"""


async def pack(config: AgentConfig, version: str, target: Path) -> tuple[str, ...]:
    """Writes the bundle to `target`; the names of its parts. It appears whole or not at all.

    Raises:
        ConflictError: there is a file of that name.
        OSError: the disk does not take it.
    """
    _require_free(target)
    scrubber = Scrubber(known(config))
    parts = {name: _json(scrubber.value(value)) for name, value in (await collect(config, version)).items()}
    parts |= {"README.txt": README, "log.jsonl": "".join(_log(scrubber, end_of_log(config)))}
    try:
        with new_file(target) as side, zipfile.ZipFile(side, "w", zipfile.ZIP_DEFLATED) as archive:
            _fill(archive, parts)
    except FileExistsError as cause:
        raise _taken(target) from cause
    return tuple(sorted(parts))


def _fill(archive: zipfile.ZipFile, parts: Mapping[str, str]) -> None:
    for name in sorted(parts):
        archive.writestr(name, parts[name])


def _log(scrubber: Scrubber, text: str) -> Iterator[str]:
    """Lines of JSON field by field; a line that is none (a traceback) as text. An endless line is cut: looking for
    what looks like a secret takes time with its length squared."""
    for line in map(_bounded, text.splitlines()):
        try:
            told = json.loads(line)
        except ValueError:
            yield scrubber.text(line) + "\n"
        else:
            yield json.dumps(scrubber.value(told), ensure_ascii=False) + "\n"


def _bounded(line: str) -> str:
    """Cut at a blank: half a secret is one that nobody knows."""
    return line if len(line) <= LINE_CHARACTERS else line[:LINE_CHARACTERS].rpartition(" ")[0] + " …"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"


def _require_free(target: Path) -> None:
    """Before anything is asked; `new_file` asks again."""
    if target.exists():
        raise _taken(target)


def _taken(target: Path) -> ConflictError:
    return ConflictError(
        f"已有这个文件，请换个名字 · support-bundle {target}: expected a new name, got a file that exists; give another"
    )
