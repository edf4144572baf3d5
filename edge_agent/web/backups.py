"""Copies of the ledger over HTTP: into the folder of backups by name, or straight to a command on this computer.

Whoever may ask here has not logged in, so a request chooses no folder: it names a file below the one folder of the
configuration. A command that wants a copy elsewhere is handed the bytes and writes them itself, in its caller's rights.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aiohttp import web

from edge_agent.access.exposure import is_this_computer
from edge_agent.files import make_folder
from edge_agent.ledger import Ledger
from edge_agent.web.bodies import BackupBody, read_body
from edge_agent.web.context import service
from edge_agent.web.guard import SECURITY_HEADERS
from edge_agent.web.problems import HttpRefusal

FOLDER: web.AppKey[Path] = web.AppKey("backups", Path)
ONE_AT_A_TIME: web.AppKey[asyncio.Lock] = web.AppKey("one copy", asyncio.Lock)

_SENDING = ".sending"
"""Begins names that no backup can have; what a killed agent left there goes with the next copy."""

_PIECE_BYTES = 1 << 18


async def ledger_backup(request: web.Request) -> dict[str, Any]:
    """A copy in the folder of backups while the agent runs; never over a file that is there."""
    name = (await read_body(request, BackupBody)).name
    return {"path": str(await service(request).ledger.do(Ledger.backup, request.app[FOLDER] / name))}


async def ledger_copy(request: web.Request) -> web.StreamResponse:
    """The ledger as it stands now, to a program on this computer; nothing is left behind."""
    _require_this_computer(request)
    # a thread of a request that was given up may still be at its own folder, so each has another
    folder = request.app[FOLDER] / f"{_SENDING}-{secrets.token_hex(8)}"
    async with request.app[ONE_AT_A_TIME]:
        try:
            await asyncio.to_thread(_made, folder)
            return await _send(request, await service(request).ledger.do(Ledger.backup, folder / "ledger.db"))
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _require_this_computer(request: web.Request) -> None:
    ends = [end[0] for name in ("peername", "sockname") if (end := request.get_extra_info(name))]
    if not ends or not (is_this_computer(ends[0]) or ends[0] == ends[-1]):
        raise HttpRefusal(
            HTTPStatus.FORBIDDEN, "expected a command on the agent's own computer, got one of another; run it there"
        )


def _made(folder: Path) -> None:
    for left in folder.parent.glob(f"{_SENDING}*"):
        shutil.rmtree(left, ignore_errors=True)
    make_folder(folder)


async def _send(request: web.Request, copy: Path) -> web.StreamResponse:
    response = web.StreamResponse(headers=SECURITY_HEADERS | {"Content-Type": "application/vnd.sqlite3"})
    with copy.open("rb") as file:
        response.content_length = os.fstat(file.fileno()).st_size
        await response.prepare(request)
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            await response.write(piece)
    await response.write_eof()
    return response
