"""One label: its picture as it was, its life, and what may still be done with it; each of that asks first."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from aiohttp import web

from edge_agent.messages.job import LABEL_STATES
from edge_agent.messages.life import LifeRow, LifeStep
from edge_agent.messages.printer import PROOFS
from edge_agent.messages.text import Words
from edge_agent.model.job import Label
from edge_agent.model.printer import ProofLevel
from edge_agent.model.search import FoundLabel
from edge_agent.service.agent_service import AgentService
from edge_agent.web.console.floor import Names, names_of
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages.acts import ACTS, Act
from edge_agent.web.console.pages.orders import BACK, nothing_changed, reason_of
from edge_agent.web.console.pieces.life import Fact, Moment, Question
from edge_agent.web.console.pieces.state import Look, State
from edge_agent.web.console.pieces.told import Told, good
from edge_agent.web.console.who import acting
from edge_agent.web.context import service
from label_protocol.errors import InputError, StateError
from label_protocol.states import MOVES, SerialState, Step

PATH = "/console/labels"
LOOKS: Mapping[SerialState, Look] = MappingProxyType(
    {
        SerialState.SENDING: Look.UNKNOWN,
        SerialState.PRINTED: Look.GOOD,
        SerialState.IN_DOUBT: Look.STOP,
        SerialState.COMMISSIONED: Look.GOOD,
        SerialState.SCRAPPED: Look.REST,
        SerialState.INVALID: Look.REST,
    }
)
_STEPS: Mapping[LifeStep, Look] = MappingProxyType(
    {
        LifeStep.PROVEN: Look.GOOD,
        LifeStep.SCANNED: Look.GOOD,
        LifeStep.ON_GARMENT: Look.GOOD,
        LifeStep.SETTLED_GOOD: Look.GOOD,
        LifeStep.DOUBTED: Look.STOP,
        LifeStep.ALARMED: Look.STOP,
    }
)
VOID = (SerialState.SCRAPPED, SerialState.INVALID)


async def page(request: web.Request) -> web.Response:
    """All that is known of one label. Raises CodeError, NotFoundError."""
    there, serial = service(request), request.match_info["serial"]
    found = await there.find.label(serial)
    names = await names_of(there, await there.printers.all(), acting(request))
    return await show(
        request,
        "pages/label.html",
        found=found,
        state=state_of(found.label),
        stopped=await there.labels.stop_of(found.label.serial),
        facts=_facts(found, names),
        moments=[moment(row, names) for row in await there.find.life(found.label.serial)],
        acts=offered(found.label),
        missing=await _missing(there, found.label),
    )


def state_of(label: Label) -> State:
    """How a label stands."""
    state = SerialState(label.state)
    return State(LOOKS[state], LABEL_STATES[state])


def offered(label: Label) -> Sequence[Act]:
    """What its state lets be done."""
    state = SerialState(label.state)
    if state in VOID:
        return () if label.replaced_by else (ACTS["again"],)
    return tuple(act for act in ACTS.values() if act.step in MOVES[state])


def moment(row: LifeRow, names: Names) -> Moment:
    """A row of its life as it is drawn."""
    look = _STEPS.get(row.what, Look.REST)
    level = PROOFS[ProofLevel[row.level.upper()]] if row.level else Words("", "")
    printer = names.printers.get(row.printer, row.printer)
    where = " · ".join(one for one in (printer, row.other, level.zh, row.reason) if one)
    return Moment(row.at, State(look, row.words), Words("", ""), names.person(row.operator), where)


def _facts(found: FoundLabel, names: Names) -> list[Fact]:
    label = found.label
    level = PROOFS[ProofLevel[label.level.upper()]].zh if label.level else None
    return [
        Fact("款号 · 号型", "style · size", str(found.goods) or None),
        Fact("名称", "name", found.goods.name or None),
        Fact("批次", "lot", label.lot_no or "—"),
        Fact("条码", "GTIN", label.gtin),
        Fact("打印机", "printer", names.printers.get(label.printer, label.printer)),
        Fact("凭什么说已打印", "proof", level),
        Fact("谁下的单", "ordered by", names.person(found.ordered_by) or "—"),
    ]


async def _missing(there: AgentService, label: Label) -> int:
    return sum(len(one.serials) for one in await there.find.missing(job_id=label.job_id))


async def ask(request: web.Request) -> web.Response:
    """Asks before something is done with a label. Raises StateError: it may not be done now."""
    found = await service(request).find.label(request.match_info["serial"])
    act = ACTS.get(request.match_info["act"])
    serial = found.label.serial
    if act is None or act not in offered(found.label):
        raise StateError(
            f"label {serial}: 这张标签现在不能这样做 · expected what its page offers, got another; look again"
        )
    question = Question(
        title=Words(f"{act.words.zh}？{serial}", f"{act.words.en}? {serial}"),
        consequence=act.consequence,
        yes=act.words,
        action=f"{PATH}/{serial}/{act.name}",
        back=f"{PATH}/{serial}",
        fields=(("key", secrets.token_urlsafe(16)),),
        reasons=act.reasons,
        danger=act.danger,
    )
    return await show(request, "pages/question.html", question=question)


async def do(request: web.Request, form: Form) -> Told:
    """Does it, once for its key. Raises InputError: no reason; and as the methods of `LabelService`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    labels, serial, operator = service(request).labels, request.match_info["serial"], acting(request)
    name, why = request.match_info["act"], reason_of(form)
    if not why and name in ACTS and ACTS[name].reasons:
        raise InputError(
            "没有改动：请先按一个原因，再按一次 · reason: expected one, got none; choose one and press again"
        )
    if name in ("replace", "again"):
        await labels.replace(serial, operator, why or str(ACTS["again"].words), form.get("key", ""))
        return good("已下单补打 1 张", "1 replacement ordered", f"{PATH}/{serial}")
    if name == "scrap":
        await labels.scrap(serial, operator, why)
    elif name == "invalidate":
        await labels.invalidate(serial, operator, why)
    else:
        await labels.decide(serial, Step.SETTLE_PRINTED, operator, why)
    return good("已记录", "Recorded", f"{PATH}/{serial}")
