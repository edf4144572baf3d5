"""Lots and certificates: lists of both, and one lot with its story and what may be done about its certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from aiohttp import web
from pydantic import BaseModel

from central_registry.console.frame import show, show_list
from central_registry.console.page import Action, Desk, Group, Page
from central_registry.console.pages import stops
from central_registry.console.pages.goods_forms import Because, Decide, ReportForm, SampleForm
from central_registry.console.pieces.form import Form
from central_registry.console.pieces.former_facts import facts_of_former
from central_registry.console.pieces.goods_facts import facts_of_certificate, facts_of_lot
from central_registry.console.pieces.goods_terms import CERTIFICATES, certificate_state, moment_of, told_of
from central_registry.console.pieces.life import Moment
from central_registry.console.pieces.table import Cell, Chips, Column, Listing
from central_registry.console.pieces.told import Told, good
from central_registry.console.pieces.words import Words
from central_registry.former.codes import former_lot
from central_registry.goods import certificate_moves
from central_registry.goods.goods_lists import list_certificates, list_lots, show_lot
from central_registry.goods.kept_files import MOST_BYTES, KeptFile
from central_registry.goods.reports import Report, Sample, draw_sample, file_report
from central_registry.parties.actor import UNASSIGNED, PartyKind
from central_registry.parties.acts import Act
from garment.schemes import SCHEMES, short_name

_LOTS, _CERTIFICATES, _ONE = "/console/lots", "/console/certificates", "/console/lots/{firm}/{lot_no}"
_SEEN = frozenset({PartyKind.OPERATOR, PartyKind.ASSOCIATION, PartyKind.FIRM, PartyKind.INSPECTOR, PartyKind.LAB})


def _href(row: Mapping[str, Any]) -> str:
    return f"{_LOTS}/{quote(row['firm'], safe='')}/{quote(row['lot_no'], safe='')}"


_STATE = Column("state", "证书", "certificate", lambda row: Cell(None, state=certificate_state(row["state"])), True)
_CHIPS = (Chips("state", "证书", "certificate", tuple((name, one.words) for name, one in CERTIFICATES.items())),)
LOTS = Listing(
    caption=Words("批次", "Lots"),
    columns=(
        Column("lot_no", "批号", "lot", sortable=True),
        Column("firm_name", "企业", "firm", sortable=True),
        Column("style_no", "款号", "style", sortable=True),
        Column("quantity", "件数", "pieces", sortable=True, number=True),
        _STATE,
        Column("valid_to", "有效期至", "valid to", sortable=True),
        Column("changed_at", "更新", "changed", sortable=True),
    ),
    chips=_CHIPS,
    search=Words("批号、款号、企业、报告编号", "lot, style, firm, report"),
    empty=Words("还没有批次，请先导入", "none yet: import some"),
    file="lots",
    href=_href,
)
CERTIFICATES_LISTED = Listing(
    caption=Words("证书", "Certificates"),
    columns=(
        Column("lot_no", "批号", "lot", sortable=True),
        Column("version", "版", "version", number=True),
        Column("firm_name", "企业", "firm", sortable=True),
        Column("scheme", "方案", "scheme", lambda row: Cell(short_name(row["scheme"]))),
        Column("quantity", "件数", "pieces", sortable=True, number=True),
        _STATE,
        Column("report_no", "报告编号", "report", sortable=True),
        Column("lab_name", "检验机构", "lab"),
        Column("valid_to", "有效期至", "valid to", sortable=True),
        Column("filed_at", "提交", "filed", sortable=True),
    ),
    chips=tuple(replace(one, values=one.values[:-1]) for one in _CHIPS),  # a list of certificates has no lot without
    search=Words("批号、企业、报告编号、检验机构", "lot, firm, report, lab"),
    empty=Words("还没有证书", "no certificates yet"),
    file="certificates",
    href=_href,
)


async def lots(desk: Desk) -> web.Response:
    """All lots that this party sees."""
    return await show_list(desk, LOTS, lambda ask: list_lots(desk.pool, desk.actor, ask))


async def certificates(desk: Desk) -> web.Response:
    """All certificates that this party sees."""
    listed = CERTIFICATES_LISTED, lambda ask: list_certificates(desk.pool, desk.actor, ask)
    return await show_list(desk, *listed, "pages/certificates.html")


async def lot(desk: Desk) -> web.Response:
    """One lot: what is certified, what happened, what may be done."""
    row = await show_lot(desk.pool, desk.actor, desk.part("firm"), desk.part("lot_no"))
    versions = row["certificates"]
    newest = versions[0] if versions else None
    former = await former_lot(desk.pool, desk.actor, row["firm"], row["lot_no"])
    return await show(
        desk,
        "pages/goods_lot.html",
        row=row,
        state=certificate_state(newest["state"] if newest else None),
        facts=[*facts_of_lot(row), *facts_of_former(row, former)],
        certified=facts_of_certificate(newest) if newest else [],
        moments=[_moment(one) for one in row["story"]],
        forms=_forms(desk, row, newest),
        file_at=_file_at(desk, row, newest),
        stop=stops.place_of(row["firm"], row["lot_no"]) if desk.may(Act.SUSPEND) and row["keys"] else "",
    )


def _file_at(desk: Desk, row: Mapping[str, Any], newest: Mapping[str, Any] | None) -> str:
    """Where a certificate of this lot is filed, by the form of its scheme; empty where nobody may."""
    if row["firm"] == UNASSIGNED or not desk.may(Act.FILE_CERTIFICATE):
        return ""
    told = newest["scheme"] if newest else ((row["record"].get("lot") or {}).get("grade") or {}).get("scheme")
    return f"{_href(row)}/certificate/{told if told in SCHEMES else next(iter(SCHEMES))}"


def _moment(one: Mapping[str, Any]) -> Moment:
    return Moment(one["at"], moment_of(one["what"]), Words("", ""), one["name"], told_of(one["what"], one["detail"]))


def _forms(desk: Desk, row: Mapping[str, Any], newest: Mapping[str, Any] | None) -> list[Form]:
    path, found = _href(row), []
    version = {"version": newest["version"]} if newest else {}
    state = newest["state"] if newest else ""

    def form(verb: str, model: type[BaseModel], zh: str, en: str, **more: Any) -> None:
        found.append(desk.form(f"{path}/{verb}", model, Words(zh, en), values=version, title=Words(zh, en), **more))

    if state == "filed" and desk.may(Act.APPROVE_CERTIFICATE):
        form("approve", Decide, "批准证书", "Approve")
        form("reject", Because, "退回证书", "Reject", folded=True)
    if state == "approved" and desk.may(Act.STOP_CERTIFICATE):
        form("suspend", Because, "暂停证书", "Suspend", folded=True)
        form("withdraw", Because, "撤回证书", "Withdraw", folded=True)
    if state in {"suspended", "withdrawn"} and newest and newest["provisional"] and desk.may(Act.CONFIRM):
        form("confirm", Decide, "确认暂停或撤回", "Confirm")
    if state in {"suspended", "withdrawn"} and desk.may(Act.LIFT_CERTIFICATE):
        form("lift", Because, "恢复证书", "Lift")
    for act, verb, model, words in (
        (Act.DRAW_SAMPLE, "sample", SampleForm, Words("登记抽样", "Record a sample")),
        (Act.FILE_REPORT, "report", ReportForm, Words("登记报告", "File a report")),
    ):
        if desk.may(act):
            found.append(desk.form(f"{path}/{verb}", model, words, title=words, folded=True))
    return found


def _place(desk: Desk, version: int) -> tuple[str, str, int]:
    return desk.part("firm"), desk.part("lot_no"), version


def _back(desk: Desk) -> str:
    return _href({"firm": desk.part("firm"), "lot_no": desk.part("lot_no")})


async def approve(desk: Desk, form: Decide) -> Told:
    """Approve the version that waits."""
    place = _place(desk, form.version)
    await certificate_moves.approve(desk.pool, desk.actor, place, agreed=True, reason=form.reason, at=desk.at)
    return good("已批准证书", "approved", _back(desk))


async def reject(desk: Desk, form: Because) -> Told:
    """Reject it."""
    place = _place(desk, form.version)
    await certificate_moves.approve(desk.pool, desk.actor, place, agreed=False, reason=form.reason, at=desk.at)
    return good("已退回证书", "rejected", _back(desk))


async def suspend(desk: Desk, form: Because) -> Told:
    """Suspend it, at once."""
    place = _place(desk, form.version)
    await certificate_moves.stop(desk.pool, desk.actor, place, withdraw=False, reason=form.reason, at=desk.at)
    return good("已暂停，等另一人确认", "suspended, until another person confirms or lifts it", _back(desk))


async def withdraw(desk: Desk, form: Because) -> Told:
    """Withdraw it, at once."""
    place = _place(desk, form.version)
    await certificate_moves.stop(desk.pool, desk.actor, place, withdraw=True, reason=form.reason, at=desk.at)
    return good("已撤回，等另一人确认", "withdrawn, until another person confirms or lifts it", _back(desk))


async def confirm(desk: Desk, form: Decide) -> Told:
    """Confirm what another person stopped."""
    await certificate_moves.confirm(desk.pool, desk.actor, _place(desk, form.version), reason=form.reason, at=desk.at)
    return good("已确认", "confirmed", _back(desk))


async def lift(desk: Desk, form: Because) -> Told:
    """Let it stand again."""
    await certificate_moves.lift(desk.pool, desk.actor, _place(desk, form.version), reason=form.reason, at=desk.at)
    return good("证书已恢复", "it stands again", _back(desk))


async def report(desk: Desk, form: ReportForm) -> Told:
    """File a report behind this lot."""
    filed = Report(desk.part("firm"), desk.part("lot_no"), form.lab, form.report_no, form.issued_on, form.covers)
    file = KeptFile(form.file.name, form.file.body) if form.file and form.file.body else None
    await file_report(desk.pool, desk.actor, filed, file, desk.at)
    return good("已登记报告", "the report is filed", _back(desk))


async def sample(desk: Desk, form: SampleForm) -> Told:
    """Record a sample of this lot."""
    drawn = Sample(firm=desk.part("firm"), lot_no=desk.part("lot_no"), **form.model_dump())
    await draw_sample(desk.pool, desk.actor, drawn, desk.at)
    return good("已登记抽样", "the sample is recorded", _back(desk))


PAGES = (
    Page(_LOTS, Act.LOOK, "批次", "Lots", lots, Group.GOODS, "lot", _SEEN),
    Page(_CERTIFICATES, Act.LOOK, "证书", "Certificates", certificates, Group.GOODS, "certificate", _SEEN),
    Page(_ONE, Act.LOOK, "批次", "Lot", lot),
)
ACTIONS = (
    Action(f"{_ONE}/approve", Act.APPROVE_CERTIFICATE, Decide, approve, lot),
    Action(f"{_ONE}/reject", Act.APPROVE_CERTIFICATE, Because, reject, lot),
    Action(f"{_ONE}/suspend", Act.STOP_CERTIFICATE, Because, suspend, lot),
    Action(f"{_ONE}/withdraw", Act.STOP_CERTIFICATE, Because, withdraw, lot),
    Action(f"{_ONE}/confirm", Act.CONFIRM, Decide, confirm, lot),
    Action(f"{_ONE}/lift", Act.LIFT_CERTIFICATE, Because, lift, lot),
    Action(f"{_ONE}/sample", Act.DRAW_SAMPLE, SampleForm, sample, lot),
    Action(f"{_ONE}/report", Act.FILE_REPORT, ReportForm, report, lot, body_most=MOST_BYTES + 1_000_000),
)
