"""What came from a former platform: its codes as a list, what was brought when and by whom, and a form to bring more.

A file is shown first, then taken in as it was shown; it travels with the second form, so nothing is kept for a preview
that nobody carries out.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, Field

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pieces.form import Form, Upload
from central_registry.console.pieces.former_terms import STATES, kind_words
from central_registry.console.pieces.goods_terms import STEPS
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.former.codes import list_codes, list_imports
from central_registry.former.importing import import_former, preview_former
from central_registry.former.report import Report
from central_registry.former.source import Source
from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import Act
from central_registry.problems import ProblemError

_HERE, _CODES = "/console/former", "/console/former/codes"
_MOST_BYTES = 5_000_000
CODES = Listing(
    caption=Words("原平台的码", "Codes of the former platform"),
    columns=(
        Column("code", "标签上的码", "code on the label"),
        Column("firm_name", "企业", "firm"),
        Column("lot_no", "批号", "lot"),
        Column("style_no", "款号", "style"),
        Column("label", "标签内容", "label"),
        Column("state", "原平台状态", "state there", lambda row: Cell(None, state=STATES[row["state"]])),
        Column("platform", "原平台", "platform"),
        Column("imported_at", "导入", "brought"),
    ),
    chips=(Chips("state", "状态", "state", tuple((name, one.words) for name, one in STATES.items())),),
    search=Words("码、批号", "code, lot"),
    empty=Words("没有原平台的码", "none"),
    file="former-codes",
    href=lambda row: f"/console/codes?{urlencode({'code': row['code']})}",
)


class Bring(BaseModel):
    """Which file."""

    file: Upload = Field(title="文件 · file", description="≤ 5 MB；更大的用命令 · larger: import-old")
    replace: bool = Field(False, title="以文件为准，替换不同的 · replace what differs")


class CarryOut(BaseModel):
    """The file that was shown."""

    packed: str = Field(json_schema_extra={"kind": "hidden"}, max_length=2 * _MOST_BYTES)
    replace: bool = Field(False, json_schema_extra={"kind": "hidden"})


async def page(desk: Desk) -> web.Response:
    """What was brought, and the form."""
    return await _shown(desk, _form(desk), None)


async def codes(desk: Desk) -> web.Response:
    """All former codes of the firms that this party sees."""
    return await show_list(desk, CODES, lambda ask: list_codes(desk.pool, desk.actor, ask))


async def preview(desk: Desk, form: Bring) -> web.Response:
    """What the file would bring, and the form that carries it out. Raises ProblemError: too large a file."""
    if len(form.file.body) > _MOST_BYTES:
        raise ProblemError(
            "too-large", f"文件太大 · file: expected {_MOST_BYTES} bytes at most; use import-old", field="file"
        )
    report = await preview_former(
        desk.pool, desk.actor, Source(io.BytesIO(form.file.body)), desk.at, replace=form.replace
    )
    blocked = report.all("refused") or (report.all("differs") and not form.replace)
    return await _shown(desk, _form(desk) if blocked else _carry_out(desk, form, report), report)


async def carry_out(desk: Desk, form: CarryOut) -> Told:
    """Bring the file that was shown; what changed meanwhile is asked again by the service. Raises ProblemError."""
    try:
        data = base64.b64decode(form.packed, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise ProblemError(
            "unprocessable", "文件没有传完整，请重选 · file: expected it whole; choose it again"
        ) from cause
    report = await import_former(desk.pool, desk.actor, Source(io.BytesIO(data)), desk.at, replace=form.replace)
    changed = report.all("new") + report.all("differs")
    return good(f"已导入，新增或替换 {changed} 行", f"brought: {changed} lines new or replaced", _HERE)


async def _shown(desk: Desk, form: Form | None, report: Report | None) -> web.Response:
    imports = [_told(row) for row in await list_imports(desk.pool, desk.actor)]
    counts = [] if report is None else _counts(report.as_json()["counts"])
    more: dict[str, Any] = {"imports": imports, "counts": counts, "states": STEPS, "report": report}
    return await show(desk, "pages/former.html", form=form, **more)


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "words": "，".join(f"{kind.zh} {sum(n.values())}" for kind, n in _counts(row["counts"]))}


def _counts(counts: Mapping[str, Mapping[str, int]]) -> list[tuple[Words, Mapping[str, int]]]:
    return [(kind_words(kind), states) for kind, states in counts.items()]


def _form(desk: Desk) -> Form | None:
    if not desk.may(Act.IMPORT_FORMER):
        return None
    return desk.form(_HERE, Bring, Words("预览", "Preview"), title=Words("导入原平台的资料", "Bring a former platform"))


def _carry_out(desk: Desk, form: Bring, report: Report) -> Form:
    packed = base64.b64encode(form.file.body).decode()
    return desk.form(
        f"{_HERE}/carry-out",
        CarryOut,
        Words("导入", "Import"),
        values={"packed": packed, "replace": "true" if form.replace else "false"},
        title=Words("照此导入", "Carry it out"),
        consequence=Words(f"共 {report.lines} 行，全部导入或全不导入", f"{report.lines} lines, all or none"),
    )


_SEEN = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.INSPECTOR})
PAGES = (
    Page(
        _HERE, Act.LOOK, "原平台", "Former platform", page, Group.GOODS, "import",
        frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION}),
    ),
    Page(_CODES, Act.LOOK, "原平台的码", "Former codes", codes, Group.CODES, "code", _SEEN),
)  # fmt: skip
ACTIONS = (
    Action(_HERE, Act.IMPORT_FORMER, Bring, preview, page, body_most=_MOST_BYTES + 1_000_000),
    Action(f"{_HERE}/carry-out", Act.IMPORT_FORMER, CarryOut, carry_out, page, body_most=2 * _MOST_BYTES),
)
