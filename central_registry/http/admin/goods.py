"""Answers people about goods: styles, lots, samples, reports, certificates, limits, and what belongs to no firm yet.

A file comes as the body itself, read within its bound; what is said about it stands in the address.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import date
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.goods import assign, certificate_moves, goods_lists, importing, limits
from central_registry.goods.certificate_file import CertificateToFile
from central_registry.goods.certify import file_certificate
from central_registry.goods.kept_files import MOST_BYTES as MOST_FILE
from central_registry.goods.kept_files import KeptFile, read
from central_registry.goods.lot_import import Placed
from central_registry.goods.reports import Report, Sample, draw_sample, file_report
from central_registry.goods.sheets import MOST_BYTES as MOST_SHEET
from central_registry.goods.sheets import read_goods
from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of, read_model
from central_registry.http.bodies import read_body
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.problems import ProblemError

_LINE, _TEXT, _MOST = 200, 2_000, 1_000_000_000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ToImport(_Body):
    """For which firm a file is imported; `replace`: the file where it differs."""

    firm: str = Field(max_length=_LINE)
    replace: bool = False


class SampleToDraw(_Body):
    """Pieces of a firm's lot, drawn for inspection."""

    firm: str = Field(max_length=_LINE)
    lot_no: str = Field(max_length=_LINE)
    sample_no: str = Field(max_length=_LINE)
    pieces: int = Field(ge=1, le=_MOST)
    drawn_on: date
    drawn_by: str = Field(max_length=_LINE)
    place: str = Field(default="", max_length=_LINE)
    lab: str = Field(default="", max_length=_LINE)


class ReportToFile(_Body):
    """A lab's report behind one lot; `lab`: a code, or the name as printed. Its file is the body, if there is one."""

    firm: str = Field(max_length=_LINE)
    lot_no: str = Field(max_length=_LINE)
    lab: str = Field(default="", max_length=_LINE)
    report_no: str = Field(max_length=_LINE)
    issued_on: date
    covers: int | None = Field(default=None, ge=1, le=_MOST)
    sample_no: str = Field(default="", max_length=_LINE)
    file_name: str = Field(default="", max_length=_LINE)


class Decision(_Body):
    """`agreed`: approve it; else reject it."""

    agreed: bool
    reason: str = Field(default="", max_length=_TEXT)


class Stop(_Body):
    """`withdraw`: for good, once somebody confirmed it; else it is suspended."""

    withdraw: bool = False
    reason: str = Field(max_length=_TEXT)


class Word(_Body):
    """Why."""

    reason: str = Field(default="", max_length=_TEXT)


class Limit(_Body):
    """Of goods without certificate; `what`: lot or style."""

    firm: str = Field(max_length=_LINE)
    what: str = Field(max_length=20)
    number: str = Field(max_length=_LINE)
    quantity: int = Field(ge=0, le=_MOST)
    reason: str = Field(max_length=_TEXT)


class ToAssign(_Body):
    """What is given to a firm: a style with its lots, or one lot."""

    what: str = Field(max_length=20)
    number: str = Field(max_length=_LINE)
    firm: str = Field(max_length=_LINE)


def _asked(request: web.Request, model: type[BaseModel]) -> Any:
    """What the address says, read as a model. Raises ProblemError (422)."""
    return read_model(model, dict(request.query))


async def _goods_of(request: web.Request) -> list[Placed]:
    data = await read_body(request, MOST_SHEET)
    with importing.as_problem():
        return list(await asyncio.to_thread(read_goods, data))


async def _post_preview(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    asked, goods = _asked(request, ToImport), await _goods_of(request)
    return await importing.preview_goods(request.app[PEOPLE], actor, goods, asked.firm, replace=asked.replace)


async def _post_import(request: web.Request, actor: Actor, _: None) -> dict[str, int]:
    asked, goods = _asked(request, ToImport), await _goods_of(request)
    at = request.app[CLOCK]()
    return await importing.import_goods(request.app[PEOPLE], actor, goods, asked.firm, at, replace=asked.replace)


async def _get_lots(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await goods_lists.list_lots(request.app[PEOPLE], actor, ask_of(request.query)))


async def _get_lot(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    place = request.match_info
    return await goods_lists.show_lot(request.app[PEOPLE], actor, place["firm"], place["lot_no"])


async def _get_styles(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await goods_lists.list_styles(request.app[PEOPLE], actor, ask_of(request.query)))


async def _get_unassigned(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await goods_lists.list_unassigned(request.app[PEOPLE], actor, ask_of(request.query)))


async def _post_assign(request: web.Request, actor: Actor, body: ToAssign) -> dict[str, Any]:
    at = request.app[CLOCK]()
    with importing.as_problem():
        return await assign.assign(request.app[PEOPLE], actor, body.what, body.number, body.firm, at)


async def _post_sample(request: web.Request, actor: Actor, body: SampleToDraw) -> dict[str, Any]:
    return await draw_sample(request.app[PEOPLE], actor, Sample(**body.model_dump()), request.app[CLOCK]())


async def _post_report(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    asked = _asked(request, ReportToFile).model_dump()
    name, data = asked.pop("file_name"), await read_body(request, MOST_FILE)
    file = KeptFile(name, data) if data else None
    return await file_report(request.app[PEOPLE], actor, Report(**asked), file, request.app[CLOCK]())


async def _get_file(request: web.Request, actor: Actor, _: None) -> web.Response:
    found = await read(request.app[PEOPLE], actor, request.match_info["file_hash"])
    kept = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return web.Response(body=found.body, content_type=found.media_type, headers=kept)


async def _get_certificates(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await goods_lists.list_certificates(request.app[PEOPLE], actor, ask_of(request.query)))


async def _post_certificate(request: web.Request, actor: Actor, body: CertificateToFile) -> dict[str, Any]:
    return asdict(await file_certificate(request.app[PEOPLE], actor, body.filing(), request.app[CLOCK]()))


def _place(request: web.Request) -> tuple[str, str, int]:
    place = request.match_info
    number = place["version"]
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise ProblemError("not-found", f"version: expected a number, got {number[:20]!r}; see the list")
    return place["firm"], place["lot_no"], int(number)


async def _post_approval(request: web.Request, actor: Actor, body: Decision) -> dict[str, Any]:
    said: dict[str, Any] = {"agreed": body.agreed, "reason": body.reason, "at": request.app[CLOCK]()}
    return {"state": await certificate_moves.approve(request.app[PEOPLE], actor, _place(request), **said)}


async def _post_stop(request: web.Request, actor: Actor, body: Stop) -> dict[str, Any]:
    said: dict[str, Any] = {"withdraw": body.withdraw, "reason": body.reason, "at": request.app[CLOCK]()}
    return {"decision": await certificate_moves.stop(request.app[PEOPLE], actor, _place(request), **said)}


async def _post_confirmation(request: web.Request, actor: Actor, body: Word) -> dict[str, Any]:
    said: dict[str, Any] = {"reason": body.reason, "at": request.app[CLOCK]()}
    return {"state": await certificate_moves.confirm(request.app[PEOPLE], actor, _place(request), **said)}


async def _post_lift(request: web.Request, actor: Actor, body: Word) -> dict[str, Any]:
    said: dict[str, Any] = {"reason": body.reason, "at": request.app[CLOCK]()}
    return {"state": await certificate_moves.lift(request.app[PEOPLE], actor, _place(request), **said)}


async def _post_limit(request: web.Request, actor: Actor, body: Limit) -> dict[str, Any]:
    goods = body.firm, body.what, body.number
    at = request.app[CLOCK]()
    await limits.set_limit(request.app[PEOPLE], actor, goods, body.quantity, reason=body.reason, at=at)
    return {"quantity": body.quantity}


async def _get_limits(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await limits.list_limits(request.app[PEOPLE], actor, ask_of(request.query)))


_ONE = "/v1/admin/certificates/{firm}/{lot_no}/{version}"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/v1/admin/lots", Act.LOOK, "批次", "lots", _get_lots),
    Endpoint("GET", "/v1/admin/lots/{firm}/{lot_no}", Act.LOOK, "一个批次", "one lot with its story", _get_lot),
    Endpoint("GET", "/v1/admin/styles", Act.LOOK, "款式", "styles", _get_styles),
    Endpoint("POST", "/v1/admin/goods/preview", Act.IMPORT_GOODS, "预览导入", "what an import would do", _post_preview),
    Endpoint("POST", "/v1/admin/goods/import", Act.IMPORT_GOODS, "导入款式、批次", "import styles, lots", _post_import),
    Endpoint("GET", "/v1/admin/goods/unassigned", Act.LOOK, "未归属的旧资料", "goods of no firm yet", _get_unassigned),
    Endpoint(
        "POST", "/v1/admin/goods/assign", Act.ASSIGN_FIRM, "归属到企业", "give to a firm", _post_assign, ToAssign
    ),
    Endpoint("GET", "/v1/admin/goods/limits", Act.LOOK, "限量", "limits", _get_limits),
    Endpoint("POST", "/v1/admin/goods/limits", Act.SET_LIMIT, "设定限量", "set a limit", _post_limit, Limit),
    Endpoint("POST", "/v1/admin/samples", Act.DRAW_SAMPLE, "抽样登记", "record a sample", _post_sample, SampleToDraw),
    Endpoint("POST", "/v1/admin/reports", Act.FILE_REPORT, "上传检验报告", "file a report", _post_report),
    Endpoint("GET", "/v1/admin/files/{file_hash}", Act.LOOK, "报告文件", "a report's file", _get_file),
    Endpoint("GET", "/v1/admin/certificates", Act.LOOK, "证书", "certificates", _get_certificates),
    Endpoint(
        "POST", "/v1/admin/certificates", Act.FILE_CERTIFICATE, "提交证书", "file a certificate", _post_certificate,
        CertificateToFile,
    ),
    Endpoint(
        "POST", f"{_ONE}/approve", Act.APPROVE_CERTIFICATE, "批准、退回", "approve or reject", _post_approval, Decision
    ),
    Endpoint("POST", f"{_ONE}/stop", Act.STOP_CERTIFICATE, "暂停、撤回", "suspend or withdraw", _post_stop, Stop),
    Endpoint("POST", f"{_ONE}/confirm", Act.CONFIRM, "确认暂停、撤回", "confirm a stop", _post_confirmation, Word),
    Endpoint("POST", f"{_ONE}/lift", Act.LIFT_CERTIFICATE, "恢复证书", "lift a stop", _post_lift, Word),
)  # fmt: skip
"""Of goods."""
