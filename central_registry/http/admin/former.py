"""Answers people about a former platform: what a file of it would bring, bringing it, what was brought.

A file comes as the body itself, line by line; it is written to disk as it comes and read from there.
"""

from __future__ import annotations

import tempfile
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.former import codes, importing
from central_registry.former.report import Report
from central_registry.former.source import Source
from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of, read_model
from central_registry.http.bodies import read_into
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act

MOST_BYTES = 64 * 1024 * 1024
"""Of a file over HTTP: some 400 000 codes. A larger one is brought by the command, which has no bound."""

_WITHIN_S = 300.0
_MEMORY_BYTES = 1_000_000


class How(BaseModel):
    """`replace`: the file where it differs from what was brought before."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    replace: bool = False


class Wanted(BaseModel):
    """A code, as a scanner reads it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: str = Field(max_length=2_000)


async def _post_preview(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await _with_file(request, actor, keep=False)


async def _post_import(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await _with_file(request, actor, keep=True)


async def _with_file(request: web.Request, actor: Actor, *, keep: bool) -> dict[str, Any]:
    asked: Any = read_model(How, dict(request.query))
    work = importing.import_former if keep else importing.preview_former
    with tempfile.SpooledTemporaryFile(_MEMORY_BYTES) as file:
        await read_into(request, file, MOST_BYTES, _WITHIN_S)
        at = request.app[CLOCK]()
        report: Report = await work(request.app[PEOPLE], actor, Source(file), at, replace=asked.replace)
    return report.as_json()


async def _get_imports(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    rows = await codes.list_imports(request.app[PEOPLE], actor)
    return {"rows": rows, "total": len(rows)}


async def _get_codes(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await codes.list_codes(request.app[PEOPLE], actor, ask_of(request.query)))


async def _post_code(request: web.Request, actor: Actor, body: Wanted) -> dict[str, Any]:
    return await codes.find_former(request.app[PEOPLE], actor, body.code)


_HERE = "/v1/admin/former"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "POST", f"{_HERE}/preview", Act.IMPORT_FORMER, "预览导入原平台的资料", "what a file would bring", _post_preview,
    ),
    Endpoint(
        "POST", f"{_HERE}/import", Act.IMPORT_FORMER, "导入原平台的资料", "bring a former platform's file", _post_import
    ),
    Endpoint("GET", f"{_HERE}/imports", Act.LOOK, "导入过的原平台资料", "what was brought", _get_imports),
    Endpoint("GET", f"{_HERE}/codes", Act.LOOK, "原平台的码", "codes of a former platform", _get_codes),
    Endpoint(
        "POST", f"{_HERE}/code", Act.LOOK, "查一枚原平台的码", "find a code of a former platform", _post_code, Wanted
    ),
)  # fmt: skip
"""Of a former platform."""
