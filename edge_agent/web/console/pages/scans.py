"""What a scan comes to. It is never an order: it names a badge or a style, settles the strip that waits for nothing
else, or is entered as read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from aiohttp import web

from edge_agent.access.asking import Asking
from edge_agent.access.codes import read_badge
from edge_agent.messages.error import sentence, words_of
from edge_agent.messages.job import LABEL_STATES, SCAN_WINDOW
from edge_agent.messages.text import Words
from edge_agent.model.job import JobState, Label, Window
from edge_agent.service.agent_service import AgentService
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages import pack
from edge_agent.web.console.pages.login import by_badge
from edge_agent.web.console.pieces.state import Look
from edge_agent.web.console.pieces.told import Told, of_sentence
from edge_agent.web.console.who import acting
from edge_agent.web.context import service
from label_protocol.errors import AgentError
from label_protocol.states import SerialState

_SERIAL = re.compile(r"/21/([^/?#]+)", re.IGNORECASE)
_GTIN = re.compile(r"[0-9]{8}|[0-9]{12,14}")
"""GTIN-8, -12, -13 and -14: GS1 General Specifications, section 2.1."""


async def take(request: web.Request, form: Form) -> Told | web.Response:
    """Says what was scanned and what came of it; what is refused is told as large as what is taken."""
    text = form.get("text", "").strip()
    if not text:
        return Told(Look.ATTENTION, Words("没有扫到内容", "Nothing was read"), scan="")
    try:
        if (badge := read_badge(text)) is not None:
            return await by_badge(request, form, badge)
        return await _at(request, text, form)
    except AgentError as cause:
        why = of_sentence(sentence(words_of(cause), str(cause)))
        return Told(Look.STOP, Words("没有登记", "Not taken"), scan=shown(text), why=why)


async def _at(request: web.Request, text: str, form: Form) -> Told:
    """A scan on the page of a carton goes into it; a carton's own label opens its page from everywhere."""
    there, who = service(request), acting(request)
    if (carton := await there.cartons.by_scan(text)) is not None:
        return pack.found(carton)
    into = pack.carton_at(form.get("back", ""))
    if into and text not in dict((await there.catalogue.listing()).operators):
        return await pack.scanned(there, into, text, who)
    return await _taken(there, text, who, on_garment="on_garment" in form)


async def _taken(there: AgentService, text: str, who: Asking, *, on_garment: bool) -> Told:
    known = dict((await there.catalogue.listing()).operators)
    if text in known:
        return Told(Look.GOOD, Words(f"你好，{known[text]}", f"Operator: {known[text]}"), scan=text, who=text)
    if _GTIN.fullmatch(text):
        to = f"/console/print?{urlencode({'q': text})}"
        return Told(Look.GOOD, Words("找这个款", "Looking for this style"), to, scan=text)
    strip = None if on_garment else await _strip_of(there, serial_in(text))
    if strip is not None:
        return await _on_a_strip(there, strip, text, who)
    return await _label(there, text, who, on_garment=on_garment)


async def _label(there: AgentService, text: str, who: Asking, *, on_garment: bool) -> Told:
    label = await there.labels.scan(text, who, on_garment=on_garment)
    stopped = await there.labels.stop_of(label.serial)
    if stopped is None:
        return Told(Look.GOOD, LABEL_STATES[SerialState(label.state)], scan=label.serial)
    why = Words(f"不要挂到衣服上，放到一边：{stopped.zh}", f"keep it off any garment: {stopped.en}")
    return Told(Look.STOP, Words("停用的批次", "A stopped lot"), scan=label.serial, why=why)


def shown(text: str) -> str:
    """What is repeated of a scan: never a badge, which lets somebody in."""
    return "" if read_badge(text) else text


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
