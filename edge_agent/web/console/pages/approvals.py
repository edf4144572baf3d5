"""Approvals: the site's own templates and rows of the rules, the draft beside what is in use, and a lead's word on it.
A word is said of the version that stood on the page, so each form carries its hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath
from urllib.parse import quote, urlencode

from aiohttp import web

from edge_agent.errors import NotFoundError
from edge_agent.messages.approval import KINDS, MODES, STATES
from edge_agent.messages.text import Words
from edge_agent.model.review import FormState, Review
from edge_agent.service.agent_service import AgentService
from edge_agent.service.approvals import Form, RowChange
from edge_agent.service.lots import Style
from edge_agent.web.console.floor import Names, names_of
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form as Fields
from edge_agent.web.console.pages.orders import BACK, nothing_changed
from edge_agent.web.console.pieces.life import Question
from edge_agent.web.console.pieces.state import Look, State
from edge_agent.web.console.pieces.table import Asked, Cell, Column, Row, Table, cut
from edge_agent.web.console.pieces.told import Told, good
from edge_agent.web.console.who import acting
from edge_agent.web.context import service
from label_protocol.kinds import ReviewKind

PATH = "/console/approvals"
GARMENTS = 8
"""Styles that a draft is shown with at a press: what differs between labels is seen in a few."""

LOOKS = {
    FormState.DRAFT: Look.ATTENTION,
    FormState.HALF: Look.ATTENTION,
    FormState.APPROVED: Look.GOOD,
    FormState.OLDER: Look.ATTENTION,
    FormState.REJECTED: Look.STOP,
    FormState.FLAWED: Look.STOP,
}
COLUMNS = (
    Column("name", "名字", "name"),
    Column("state", "状态", "state"),
    Column("by", "谁批准的", "approved by"),
    Column("at", "时间", "time"),
)
EMPTY = Words("没有本厂自己的模板和规则补充", "no templates and no rule overrides of the site's own")
DECIDED = {
    "approve": Words("已批准，新任务用这一版", "Approved: new jobs use this version"),
    "reject": Words("已退回，新任务不用这一版", "Rejected: no new job uses this version"),
}


async def page(request: web.Request) -> web.Response:
    """What there is, what waits for somebody first."""
    there, asked = service(request), Asked.of(PATH, request.query)
    names = await names_of(there, await there.printers.all(), acting(request))
    part = cut(await there.approvals.all(), asked.page)
    table = Table(
        caption=Words("本厂的模板和规则补充", "The site's own"),
        asked=asked,
        columns=COLUMNS,
        rows=tuple(_row(one, names, request) for one in part.rows),
        total=part.total,
        pages=part.pages,
        empty=EMPTY,
    )
    return await show(request, "pages/approvals.html", forms=table, mode=MODES[there.approvals.mode])


def _row(form: Form, names: Names, request: web.Request) -> Row:
    kind = KINDS[form.of.kind]
    cells = (
        Cell(form.of.name, small=f"{kind.zh} {kind.en} · {form.title.zh}"),
        Cell("", state=_state(form)),
        Cell("、".join(_who(one, names) for one in form.words) or "—"),
        Cell(form.words[-1].at if form.words else "—"),
    )
    return Row(f"{form.of.kind} {form.of.name}", cells, _path(form))


def _state(form: Form) -> State:
    return State(LOOKS[form.state], STATES[form.state])


def _who(one: Review, names: Names) -> str:
    return names.person(one.by) or "班长 a lead"


def _path(form: Form) -> str:
    return f"{PATH}/{form.of.kind}/{quote(form.of.name, safe='')}"


async def form_page(request: web.Request) -> web.Response:
    """A file as it lies now, beside what is in use. Raises NotFoundError."""
    there = service(request)
    form = await _of(request)
    names = await names_of(there, await there.printers.all(), acting(request))
    is_template, sound = form.of.kind == ReviewKind.TEMPLATE, not form.flaw
    garments = await _garments(there, form) if sound and is_template else ()
    shown = next((one for one in garments if _is_asked_for(one, request)), garments[0] if garments else None)
    return await show(
        request,
        "pages/approval.html",
        form=form,
        state=_state(form),
        kind=KINDS[form.of.kind],
        mode=MODES[there.approvals.mode],
        path=_path(form),
        who=lambda one: _who(one, names),
        rows=await _rows(there, form) if sound and not is_template else (),
        garments=garments,
        shown=shown,
        picture=lambda sha256: _picture(form, sha256, shown),
    )


async def _of(request: web.Request) -> Form:
    return await service(request).approvals.find(request.match_info["kind"], request.match_info["name"])


async def _rows(there: AgentService, form: Form) -> Sequence[RowChange]:
    return await there.approvals.rows(form)


@dataclass(frozen=True, slots=True)
class Garment:
    """One that a draft is looked at with; `href` shows it."""

    style: Style
    goods: str
    href: str


async def _garments(there: AgentService, form: Form) -> Sequence[Garment]:
    styles = (await there.catalogue.listing()).styles[:GARMENTS]
    lots = (await there.catalogue.lots()).offered(styles)
    goods = [_goods(one, lots[one.key]) for one in styles]
    return [Garment(one, these, f"{_path(form)}?{these}") for one, these in zip(styles, goods, strict=True)]


def _goods(style: Style, lots: Sequence[str]) -> str:
    lot = {"lot_no": lots[0]} if lots else {}
    return urlencode({"style_no": style.style_no, "size": style.size} | lot)


def _is_asked_for(one: Garment, request: web.Request) -> bool:
    asked = (request.query.get("style_no"), request.query.get("size"))
    return asked == (one.style.style_no, one.style.size)


def _picture(form: Form, sha256: str, shown: Garment | None) -> str:
    """Where a version is drawn with a garment."""
    api = f"/api/v1/approvals/{form.of.kind}/{quote(form.of.name, safe='')}/picture"
    return f"{api}?sha256={sha256}&{shown.goods if shown else ''}"


# --- a lead's word ----------------------------------------------------------------------------------------------------


async def ask(request: web.Request) -> web.Response:
    """Asks before a word is said, with how much it changes. Raises NotFoundError."""
    form, verdict = await _of(request), _verdict(request)
    seen = request.query.get("sha256", form.of.sha256)
    open_ = await _open_jobs(service(request), form)
    is_no = verdict == "reject"
    question = Question(
        title=Words(f"退回 {form.of.name}？", f"Reject {form.of.name}?")
        if is_no
        else Words(f"批准 {form.of.name}？", f"Approve {form.of.name}?"),
        consequence=_consequence(await _changes(request, form), open_, is_no=is_no),
        yes=Words("退回", "Reject") if is_no else Words("批准这一版", "Approve this version"),
        action=f"{_path(form)}/{verdict}",
        back=_path(form),
        fields=(("sha256", seen),),
        reason=is_no,
        danger=is_no,
    )
    return await show(request, "pages/question.html", question=question)


def _verdict(request: web.Request) -> str:
    verdict = request.match_info["verdict"]
    if verdict not in DECIDED:
        raise NotFoundError(f"没有这一页 · approvals: expected approve or reject, got {verdict[:20]!r}; go back")
    return verdict


async def _open_jobs(there: AgentService, form: Form) -> int:
    """Jobs that are not over, of a template of this name: they print by their own version."""
    if form.of.kind != ReviewKind.TEMPLATE:
        return 0
    return sum(PurePath(one.template).suffix != "" and _is_of(one.template, form) for one in await there.jobs.open())


def _is_of(template: str, form: Form) -> bool:
    return PurePath(template).stem == form.of.name


async def _changes(request: web.Request, form: Form) -> int:
    if form.of.kind == ReviewKind.TEMPLATE or form.flaw:
        return 0
    return sum(one.changed for one in await _rows(service(request), form))


def _consequence(changes: int, open_: int, *, is_no: bool) -> Words:
    going = Words(f"；没打完的 {open_} 单照开单时的那一版打完", f"; {open_} open jobs go on by their own version")
    more = going if open_ else Words("", "")
    if is_no:
        return Words(f"新任务不用这一版{more.zh}", f"no new job uses this version{more.en}")
    if changes:
        return Words(f"改动 {changes} 行规则，批准后马上起作用", f"{changes} rows change, at once")
    return Words(f"新任务从现在起用这一版{more.zh}", f"new jobs use this version from now on{more.en}")


async def decide(request: web.Request, fields: Fields) -> Told:
    """A lead's word on the version that was seen. Raises as `ApprovalService.approve`."""
    if fields.get("answer") == BACK:
        return nothing_changed()
    verdict, there = _verdict(request), service(request).approvals
    of = (request.match_info["kind"], request.match_info["name"], fields.get("sha256", ""))
    if verdict == "approve":
        form = await there.approve(*of, acting(request))
    else:
        form = await there.reject(*of, acting(request), fields.get("reason", ""))
    told = STATES[form.state] if form.state is FormState.HALF else DECIDED[verdict]
    return good(told.zh, told.en, _path(form))
