"""Hands out the releases that agents update from: the files of one folder, as they lie. It vouches for none of them;
agents believe signatures alone (docs/updates.md)."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from aiohttp import web

from central_registry.http.context import CONFIG
from central_registry.problems import ProblemError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~-]{0,199}")
"""Of a file: no path, nothing hidden, nothing that a system would take for more than a name."""


async def get_update(request: web.Request) -> web.StreamResponse:
    """A file below `metadata` or `targets` of the mirror's folder.

    Raises:
        ProblemError: this registry has no mirror, or no such file.
    """
    folder, name = request.app[CONFIG].updates.folder, request.match_info["name"]
    path = Path(folder, request.match_info["part"], name)
    if not folder or not NAME.fullmatch(name) or not await asyncio.to_thread(_is_plain_file, path):
        raise ProblemError("not-found", f"update {name[:60]!r}: expected a file of the mirror, got none")
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return web.FileResponse(path, headers=headers)


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
