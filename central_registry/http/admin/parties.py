"""Answers people about parties: who is here, how they stand, what waits for whom, what was done."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.lists import MOST_ROWS, Ask
from central_registry.oversight.deciding import decide
from central_registry.parties import admission, appeals, audit_trail, directory, particulars, statuses
from central_registry.parties.actor import Actor, PartyKind, PartyStatus
from central_registry.parties.acts import Act
from central_registry.parties.decisions import list_decisions
from central_registry.problems import ProblemError

_LINE, _TEXT = 200, 2_000


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Association(_Body):
    """An association with its first officer."""

    uscc: str = Field(max_length=_LINE)
    name: str = Field(max_length=_LINE)
    officer_login: str = Field(max_length=_LINE)
    officer_name: str = Field(max_length=_LINE)
    officer_contact: str = Field(default="", max_length=_LINE)
    short_name: str = Field(default="", max_length=_LINE)
    address: str = Field(default="", max_length=_LINE)
    contact: str = Field(default="", max_length=_LINE)


class PartyToAdmit(Association):
    """A firm, lab or other party; `uscc` is not asked for a sandbox, the officer only for one that has none."""

    kind: PartyKind
    uscc: str = Field(default="", max_length=_LINE)
    officer_login: str = Field(default="", max_length=_LINE)
    officer_name: str = Field(default="", max_length=_LINE)
    sandbox: bool = False
    candidate: bool = False
    reason: str = Field(default="", max_length=_TEXT)
    evidence: str = Field(default="", max_length=_TEXT)


class StatusToSet(_Body):
    """`effective_on`: ISO day, today if it is left out; `evidence`: file numbers, links, names of documents."""

    status: PartyStatus
    reason: str = Field(max_length=_TEXT)
    evidence: str = Field(default="", max_length=_TEXT)
    effective_on: date | None = None


class Appeal(_Body):
    """Against event `n` of one's own party's status."""

    n: int = Field(ge=1, le=1_000_000)
    said: str = Field(max_length=_TEXT)


class Answer(_Body):
    """To an appeal."""

    said: str = Field(max_length=_TEXT)


class Outcome(_Body):
    """`agreed`: confirm or grant it; else undo or refuse it."""

    agreed: bool
    reason: str = Field(max_length=_TEXT)


class Particulars(_Body):
    """Of one's own party; what is left out stays."""

    name: str | None = Field(default=None, max_length=_LINE)
    short_name: str | None = Field(default=None, max_length=_LINE)
    address: str | None = Field(default=None, max_length=_LINE)
    contact: str | None = Field(default=None, max_length=_LINE)


class FourEyes(_Body):
    """Whether maker and approver have to differ."""

    on: bool


async def _get_parties(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    found = await directory.list_parties(request.app[PEOPLE], actor, ask_of(request.query), _on(request))
    return found_of(found)


async def _get_party(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    party = request.match_info["party"]
    shown = await directory.show_party(request.app[PEOPLE], actor, party, _on(request))
    return {**shown, "history": await statuses.history(request.app[PEOPLE], actor, party)}


async def _post_association(request: web.Request, actor: Actor, body: Association) -> dict[str, Any]:
    new = admission.NewParty(PartyKind.ASSOCIATION, **body.model_dump())
    return asdict(await admission.make_association(request.app[PEOPLE], actor, new, request.app[CLOCK]()))


async def _post_party(request: web.Request, actor: Actor, body: PartyToAdmit) -> dict[str, Any]:
    new = admission.NewParty(**body.model_dump())
    return asdict(await admission.admit(request.app[PEOPLE], actor, new, request.app[CLOCK]()))


async def _post_status(request: web.Request, actor: Actor, body: StatusToSet) -> dict[str, Any]:
    move = statuses.Move(body.status, body.reason, body.evidence, body.effective_on)
    party = request.match_info["party"]
    return asdict(await statuses.set_status(request.app[PEOPLE], actor, party, move, request.app[CLOCK]()))


async def _post_appeal(request: web.Request, actor: Actor, body: Appeal) -> dict[str, Any]:
    return {"decision": await appeals.appeal(request.app[PEOPLE], actor, body.n, body.said, request.app[CLOCK]())}


async def _post_answer(request: web.Request, actor: Actor, body: Answer) -> dict[str, Any]:
    name = request.match_info["decision"]
    await appeals.answer(request.app[PEOPLE], actor, name, body.said, request.app[CLOCK]())
    return {"answered": True}


async def _post_outcome(request: web.Request, actor: Actor, body: Outcome) -> dict[str, Any]:
    name, at = request.match_info["decision"], request.app[CLOCK]()
    await decide(request.app[PEOPLE], actor, name, agreed=body.agreed, reason=body.reason, at=at)
    return {"agreed": body.agreed}


async def _patch_own(request: web.Request, actor: Actor, body: Particulars) -> dict[str, Any]:
    new = particulars.Particulars(**body.model_dump())
    done = await particulars.set_particulars(request.app[PEOPLE], actor, new, request.app[CLOCK]())
    return {"changed": list(done.now), "decision": done.waits}


async def _put_four_eyes(request: web.Request, actor: Actor, body: FourEyes) -> dict[str, Any]:
    await directory.set_four_eyes(request.app[PEOPLE], actor, on=body.on, at=request.app[CLOCK]())
    return {"on": body.on}


async def _get_decisions(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await list_decisions(request.app[PEOPLE], actor, ask_of(request.query), request.app[CLOCK]()))


async def _get_audit(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await audit_trail.list_audit(request.app[PEOPLE], actor, ask_of(request.query)))


async def _get_audit_csv(request: web.Request, actor: Actor, _: None) -> web.Response:
    asked = ask_of(request.query)
    every = Ask(asked.search, asked.filters, rows=MOST_ROWS)
    found = await audit_trail.list_audit(request.app[PEOPLE], actor, every)
    body = audit_trail.as_csv(found.rows).encode("utf-8-sig")
    headers = {"Content-Disposition": 'attachment; filename="audit.csv"'}
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


async def _get_audit_walk(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return asdict(await audit_trail.verify(request.app[PEOPLE], actor))


def _on(request: web.Request) -> date:
    """The day of `?on=`, today without. Raises ProblemError (422)."""
    text = request.query.get("on", "")
    try:
        return date.fromisoformat(text) if text else request.app[CLOCK]().date()
    except ValueError as cause:
        raise ProblemError("unprocessable", f"on: expected a day such as 2026-12-31, got {text[:30]!r}") from cause


_PARTY, _DECISION = "/v1/admin/parties/{party}", "/v1/admin/decisions/{decision}"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/v1/admin/parties", Act.LOOK, "主体列表", "list parties", _get_parties),
    Endpoint("GET", _PARTY, Act.LOOK, "一个主体，含状态历史", "one party with its history", _get_party),
    Endpoint(
        "POST",
        "/v1/admin/associations",
        Act.MAKE_ASSOCIATION,
        "建立协会",
        "make an association",
        _post_association,
        Association,
    ),
    Endpoint("POST", "/v1/admin/parties", Act.ADMIT, "准入", "admit a party", _post_party, PartyToAdmit),
    Endpoint("POST", f"{_PARTY}/status", Act.SET_STATUS, "调整状态", "set a status", _post_status, StatusToSet),
    Endpoint("POST", "/v1/admin/appeals", Act.APPEAL, "申诉", "appeal", _post_appeal, Appeal),
    Endpoint(
        "PATCH", "/v1/admin/party", Act.SET_PARTY, "修改本单位资料", "change particulars", _patch_own, Particulars
    ),
    Endpoint("PUT", "/v1/admin/party/four-eyes", Act.SET_PARTY, "双人复核", "four eyes", _put_four_eyes, FourEyes),
    Endpoint("GET", "/v1/admin/decisions", Act.LOOK, "待办", "what waits", _get_decisions),
    Endpoint("POST", f"{_DECISION}/outcome", Act.CONFIRM, "办理待办", "decide what waits", _post_outcome, Outcome),
    Endpoint("POST", f"{_DECISION}/answer", Act.ANSWER_APPEAL, "答复申诉", "answer an appeal", _post_answer, Answer),
    Endpoint("GET", "/v1/admin/audit", Act.LOOK, "操作记录", "what was done", _get_audit),
    Endpoint("GET", "/v1/admin/audit.csv", Act.EXPORT, "导出操作记录", "what was done, as CSV", _get_audit_csv),
    Endpoint(
        "GET", "/v1/admin/audit/verification", Act.EXPORT, "校验记录链", "walk the audit's chain", _get_audit_walk
    ),
)
