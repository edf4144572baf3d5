"""What a scan comes to, by what it is (`service/scanned.py`). It is never an order: it names a person, a style or a
work order, settles the strip that waits for nothing else, or is entered as read."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from urllib.parse import urlencode

from aiohttp import web

from edge_agent.access.asking import Asking
from edge_agent.access.codes import read_badge
from edge_agent.errors import NotFoundError
from edge_agent.messages.error import sentence, words_of
from edge_agent.messages.job import LABEL_STATES, SCAN_WINDOW
from edge_agent.messages.text import Words
from edge_agent.model.job import JobState, Label, Window
from edge_agent.model.printer import ProofLevel
from edge_agent.model.scan import ScanKind
from edge_agent.service.agent_service import AgentService
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages import find, pack
from edge_agent.web.console.pages import label as page_of_label
from edge_agent.web.console.pages.login import by_badge
from edge_agent.web.console.pages.waiting import of_style
from edge_agent.web.console.pieces.state import Look
from edge_agent.web.console.pieces.told import Told, of_sentence
from edge_agent.web.console.who import acting
from edge_agent.web.context import service
from label_protocol.errors import AgentError
from label_protocol.states import SerialState

LOOKED_FOR = (find.PATH, page_of_label.PATH)
"""Pages at which a scan is a question: which label is this?"""
_SERIAL = re.compile(r"/21/([^/?#]+)", re.IGNORECASE)


async def take(request: web.Request, form: Form) -> Told | web.Response:
    """Says what was scanned and what came of it; what is refused is told as large as what is taken."""
    text = form.get("text", "").strip()
    if not text:
        return Told(Look.ATTENTION, Words("没有扫到内容", "Nothing was read"), scan="")
    try:
        if (carton := await service(request).cartons.by_scan(text)) is not None:
            return pack.found(carton)
        if "://" in text:  # a label's link, which is read where it is entered
            return await _of_label(request, form, text)
        read = await service(request).scans.what_is(text)
        return await _TAKERS[read.kind](request, form, read.text)
    except AgentError as cause:
        why = of_sentence(sentence(words_of(cause), str(cause)))
        return Told(Look.STOP, Words("没有登记", "Not taken"), scan=shown(text), why=why)


async def _badge(request: web.Request, form: Form, text: str) -> Told | web.Response:
    """Of a person of this site it logs in; of an operator of the catalogue it names who is here."""
    if read_badge(text) is not None:
        return await by_badge(request, form, text)
    name = dict((await service(request).catalogue.listing()).operators).get(text, text)
    return Told(Look.GOOD, Words(f"你好，{name}", f"Operator: {name}"), scan=text, who=text)


async def _style(request: web.Request, form: Form, text: str) -> Told:
    """The work order that waits for it, where it is the only one; else its page, which shows those that wait. But from
    the page of a carton: there the other code of the garment was meant, and that is said."""
    there = service(request)
    if into := pack.carton_at(form.get("back", "")):
        return await pack.scanned(there, into, text, acting(request), on_garment="on_garment" in form)
    style = next(
        (one for one in (await there.catalogue.listing()).styles if one.gtin.lstrip("0") == text.lstrip("0")), None
    )
    waits = await of_style(there, style) if style else ()
    if len(waits) == 1:
        return _to_order(waits[0].order.asked.order_no, {"order": waits[0].order.order_id}, text)
    to = f"/console/print?{urlencode({'q': text})}"
    return Told(Look.GOOD, Words("找这个款", "Looking for this style"), to, scan=text)


async def _work_order(request: web.Request, _form: Form, text: str) -> Told:
    """Its page where it is the only one of this number; several lines of one order are shown to choose from."""
    found = (await service(request).work_orders.waiting(text)).orders
    exact = [one.order.order_id for one in found if one.order.asked.order_no == text]
    query = {"order": exact[0]} if len(exact) == 1 else {"q": text}
    return _to_order(text, query, text)


def _to_order(order_no: str, query: Mapping[str, str], scan: str) -> Told:
    said, which = Words("找到生产单", "Work order"), Words(order_no, "")
    return Told(
        Look.GOOD, said, f"/console/print?{urlencode(query)}", scan=scan, why=which if scan != order_no else None
    )


async def _carton(_request: web.Request, _form: Form, text: str) -> Told:
    raise NotFoundError(f"本机没有这个箱 · carton {text}: expected one that was packed here, got another")


async def _of_label(request: web.Request, form: Form, text: str) -> Told:
    """On the page of a carton its garment goes into it; where labels are looked for it is found, and nothing is
    entered; elsewhere it is entered, or names where a strip ends."""
    there, who, on_garment, at = service(request), acting(request), "on_garment" in form, form.get("back", "")
    if into := pack.carton_at(at):
        return await pack.scanned(there, into, text, who, on_garment=on_garment)
    if at.startswith(LOOKED_FOR) and not on_garment:
        return _to_label((await there.find.label(text)).label)
    strip = None if on_garment else await _strip_of(there, serial_in(text))
    if strip is not None:
        return await _on_a_strip(there, strip, text, who)
    return await _label(there, text, who, on_garment=on_garment)


def _to_label(label: Label) -> Told:
    """What no garment may carry does not sound as what it may."""
    state = SerialState(label.state)
    said = Words(f"找到了，{LABEL_STATES[state].zh}", "Found; nothing was entered")
    look = Look.ATTENTION if state in (*page_of_label.VOID, SerialState.IN_DOUBT) else Look.GOOD
    return Told(look, said, f"{page_of_label.PATH}/{label.serial}", scan=label.serial)


Taker = Callable[[web.Request, Form, str], Awaitable[Told | web.Response]]
_TAKERS: Mapping[ScanKind, Taker] = {
    ScanKind.LABEL: _of_label,
    ScanKind.BADGE: _badge,
    ScanKind.WORK_ORDER: _work_order,
    ScanKind.CARTON: _carton,
    ScanKind.STYLE: _style,
}


async def _label(there: AgentService, text: str, who: Asking, *, on_garment: bool) -> Told:
    label = await there.labels.scan(text, who, on_garment=on_garment)
    stopped = await there.labels.stop_of(label.serial)
    if stopped is None:
        return Told(Look.GOOD, LABEL_STATES[SerialState(label.state)], scan=label.serial, why=await _on(there, label))
    why = Words(f"不要挂到衣服上，放到一边：{stopped.zh}", f"keep it off any garment: {stopped.en}")
    return Told(Look.STOP, Words("停用的批次", "A stopped lot"), scan=label.serial, why=why)


async def _on(there: AgentService, label: Label) -> Words | None:
    """What is said beside a good label: that it was the sample which its job waited for, if it was."""
    job = await there.jobs.find(label.job_id)
    sampled = job.scan_every and not job.unscanned and label.level == ProofLevel.SCAN.word
    return Words("抽检通过", "the sample is good") if sampled else None


def shown(text: str) -> str:
    """What is repeated of a scan: of a label's link its serial; never a badge, which lets somebody in."""
    return "" if read_badge(text) else serial_in(text) or text


def serial_in(text: str) -> str:
    """The serial of a Digital Link, in upper case; empty if there is none."""
    found = _SERIAL.search(text)
    return found[1].upper() if found else ""


Strip = tuple[Window, Sequence[Label]]


async def _strip_of(there: AgentService, serial: str) -> Strip | None:
    """The strip in doubt that this label is on."""
    return next((one for one in await there.labels.doubts() if serial in one[0].serials), None)


async def _on_a_strip(there: AgentService, strip: Strip, text: str, who: Asking) -> Told:
    """Where a scan is all that is missing it settles the strip, and what comes after the label stays in doubt; where
    something went wrong, a person says what becomes of the others."""
    window, labels = strip
    job = await there.jobs.find(window.job_id)
    if job.state is JobState.PAUSED and job.reason == str(SCAN_WINDOW):
        settled = await there.labels.settle_window(window.window_id, text, who, "keep")
        why = Words(f"这一条 {len(settled)} 张", f"{len(settled)} labels of this strip")
        return Told(Look.GOOD, Words("已登记，接着打", "Settled, printing goes on"), scan=serial_in(text), why=why)
    if len(labels) == 1:
        return await _label(there, text, who, on_garment=False)
    good, after = _last_good(window, labels, serial_in(text))
    return Told(
        Look.ATTENTION,
        Words(f"前 {good} 张好，后 {after} 张？" if after else f"{good} 张都好？", f"{good} good, {after} after it?"),
        f"/console/doubts?{urlencode({'window': window.window_id, 'last': text})}",
        scan=serial_in(text),
        why=Words("还没有登记：请在“存疑”里按“处理”", "Not settled yet: press Settle under In doubt"),
    )


def _last_good(window: Window, labels: Sequence[Label], serial: str) -> tuple[int, int]:
    """How many labels in doubt stand up to that one, and how many after it, in print order."""
    place: Mapping[str, int] = {one: n for n, one in enumerate(window.serials)}
    good = sum(place[label.serial] <= place[serial] for label in labels)
    return good, len(labels) - good
