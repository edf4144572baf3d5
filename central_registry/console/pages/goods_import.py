"""Imports styles and lots from a file: what would change is shown first, then it is taken in as it was shown.

The file travels with the second form, so that nothing is kept for a preview that nobody carries out.
"""

from __future__ import annotations

import asyncio
import base64
import binascii

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages.goods_firms import firms_of
from central_registry.console.pieces.form import Form, Upload
from central_registry.console.pieces.goods_terms import KINDS, STEPS
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.goods.importing import as_problem, import_goods, preview_goods
from central_registry.goods.lot_import import Placed
from central_registry.goods.sheets import read_goods
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act
from central_registry.problems import ProblemError

_HERE = "/console/import"
_MOST_BYTES = 5_000_000
_SHOWN = 500
"""Rows of a preview that are shown; the counts are of all."""


class Import(BaseModel):
    """Which file, for which firm."""

    firm: str = Field(title="企业 · firm", json_schema_extra={"kind": "select"})
    file: Upload = Field(title="文件 · file", description="JSON、CSV、XLSX，≤ 5 MB；列名同打印端 · as on agents")
    replace: bool = Field(False, title="以文件为准，替换不同的 · replace what differs")


class CarryOut(BaseModel):
    """The file that was shown."""

    firm: str = Field(json_schema_extra={"kind": "hidden"}, max_length=200)
    packed: str = Field(json_schema_extra={"kind": "hidden"}, max_length=2 * _MOST_BYTES)
    replace: bool = Field(False, json_schema_extra={"kind": "hidden"})


async def page(desk: Desk) -> web.Response:
    """The form."""
    return await show(
        desk, "pages/goods_import.html", form=await _form(desk), rows=None, counts=[], states=STEPS, kinds=KINDS
    )


async def preview(desk: Desk, form: Import) -> web.Response:
    """What the file would change, and the form that carries it out. Raises ProblemError: too large a file."""
    if len(form.file.body) > _MOST_BYTES:
        raise ProblemError(
            "too-large", f"文件太大 · file: expected {_MOST_BYTES} bytes at most; split it", field="file"
        )
    goods = await _goods(form.file.body)
    found = await preview_goods(desk.pool, desk.actor, goods, form.firm, replace=form.replace)
    blocked = found["counts"].get("refused") or (found["counts"].get("differs") and not form.replace)
    counts = [(STEPS[name], count) for name, count in found["counts"].items()]
    return await show(
        desk,
        "pages/goods_import.html",
        form=await _form(desk) if blocked else _carry_out(desk, form, sum(found["counts"].values())),
        rows=found["rows"][:_SHOWN],
        counts=counts,
        states=STEPS,
        kinds=KINDS,
    )


async def carry_out(desk: Desk, form: CarryOut) -> Told:
    """Take in the file that was shown; what changed meanwhile is asked again by the service. Raises ProblemError."""
    try:
        data = base64.b64decode(form.packed, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise ProblemError(
            "unprocessable", "文件没有传完整，请重选 · file: expected it whole; choose it again"
        ) from cause
    goods = await _goods(data)
    said = await import_goods(desk.pool, desk.actor, goods, form.firm, desk.at, replace=form.replace, source="console")
    words = f"已导入：款式 {said['styles']}，批次 {said['lots']}，新增或替换 {said['changed']}"
    return good(words, f"imported: {said['changed']} new or replaced", "/console/lots")


async def _goods(data: bytes) -> list[Placed]:
    with as_problem():
        return list(await asyncio.to_thread(read_goods, data))


async def _form(desk: Desk) -> Form:
    firms = await firms_of(desk)
    begun = {"firm": firms[0][0]} if len(firms) == 1 else {}
    words = Words("预览", "Preview")
    return desk.form(_HERE, Import, words, options={"firm": firms}, values=begun, title=Words("导入", "Import"))


def _carry_out(desk: Desk, form: Import, things: int) -> Form:
    packed = base64.b64encode(form.file.body).decode()
    return desk.form(
        f"{_HERE}/carry-out",
        CarryOut,
        Words("导入", "Import"),
        values={"firm": form.firm, "packed": packed, "replace": "true" if form.replace else "false"},
        title=Words("照此导入", "Carry it out"),
        consequence=Words(f"共 {things} 项，全部导入或全不导入", f"{things} things, all or none"),
    )


PAGES = (
    Page(
        _HERE, Act.IMPORT_GOODS, "导入款式、批次", "Import goods", page, Group.GOODS, "import",
        frozenset({PartyKind.ASSOCIATION, PartyKind.FIRM}),
    ),
)  # fmt: skip
ACTIONS = (
    Action(_HERE, Act.IMPORT_GOODS, Import, preview, page, body_most=_MOST_BYTES + 1_000_000),
    Action(f"{_HERE}/carry-out", Act.IMPORT_GOODS, CarryOut, carry_out, page, body_most=2 * _MOST_BYTES),
)
