"""The books, and copies of the ledger: into the folder of backups by name, or straight to a command on this computer.

A request chooses no folder, whoever sent it: it names a file below the one folder of the
configuration. A command that wants a copy elsewhere is handed the bytes and writes them itself, in its caller's rights.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web

from edge_agent.access.exposure import is_this_computer
from edge_agent.web.bodies import BackupBody, read_body
from edge_agent.web.context import asking, service
from edge_agent.web.guard import SECURITY_HEADERS
from edge_agent.web.problems import HttpRefusal

_PIECE_BYTES = 1 << 18


async def ledger_balance(request: web.Request) -> dict[str, Any]:
    """The books."""
    return {"rows": [asdict(row) for row in await service(request).site.balance()]}


async def ledger_verify(request: web.Request) -> dict[str, Any]:
    """The whole chain, and rebuild == live; orders go on meanwhile."""
    report = await service(request).site.verify(asking(request))
    return asdict(report) | {"ok": report.ok, "first_bad": next(iter(report.findings), "")}


async def ledger_backup(request: web.Request) -> dict[str, Any]:
    """A copy in the folder of backups while the agent runs; never over a file that is there."""
    name = (await read_body(request, BackupBody)).name
    return {"path": str(await service(request).backups.keep(name, asking(request)))}


async def ledger_copy(request: web.Request) -> web.StreamResponse:
    """The ledger as it stands now, to a program on this computer; nothing is left behind."""
    _require_this_computer(request)
    async with service(request).backups.passing(asking(request)) as copy:
        return await _send(request, copy)


def _require_this_computer(request: web.Request) -> None:
    ends = [end[0] for name in ("peername", "sockname") if (end := request.get_extra_info(name))]
    if not ends or not (is_this_computer(ends[0]) or ends[0] == ends[-1]):
        raise HttpRefusal(
            HTTPStatus.FORBIDDEN, "expected a command on the agent's own computer, got one of another; run it there"
        )


async def _send(request: web.Request, copy: Path) -> web.StreamResponse:
    response = web.StreamResponse(headers=SECURITY_HEADERS | {"Content-Type": "application/vnd.sqlite3"})
    with copy.open("rb") as file:
        response.content_length = os.fstat(file.fileno()).st_size
        await response.prepare(request)
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            await response.write(piece)
    await response.write_eof()
    return response
