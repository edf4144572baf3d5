"""In doubt: strips of which nobody knows how far they came out. A person looks at the strip, its last good label is
scanned or named, and what becomes of the others is said in numbers before it is done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aiohttp import web

from edge_agent.errors import NotFoundError
from edge_agent.messages.doubt import of_reason
from edge_agent.messages.job import SCAN_WINDOW, behind_a_strip
from edge_agent.messages.text import Words
from edge_agent.model.goods import Goods
from edge_agent.model.job import Job, JobState, Label, Window
from edge_agent.service.agent_service import AgentService
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages.orders import BACK, nothing_changed
from edge_agent.web.console.pages.scans import serial_in
from edge_agent.web.console.pieces.life import Question
from edge_agent.web.console.pieces.table import Asked, cut
from edge_agent.web.console.pieces.told import Told, good
from edge_agent.web.console.who import acting
from edge_agent.web.context import service

PATH = "/console/doubts"
A_PAGE = 10
"""Strips on one page: more than hang in one hall."""

REST: Mapping[str, Words] = {
    "invalid": Words("没有找到，作废", "not found, void"),
    "scrapped": Words("已销毁，报废", "destroyed, scrapped"),
    "keep": Words("先留着，仍存疑", "kept, still in doubt"),
}
"""What becomes of the labels behind the last good one."""
SCAN = Words("扫描最后一张好标签，扫描后自动接着打", "Scan the last good label; printing then goes on by itself")
LOOK = Words(
    "看一下吐出的标签：扫描最后一张好的，再按“处理”", "Look at the strip: scan its last good label, then press Settle"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A window in doubt as it is drawn. `good` and `after`: labels in doubt up to the one that was scanned and behind
    it; `last` is that scan (empty: none yet). `behind`: orders that wait for this strip."""

    window: Window
    labels: Sequence[Label]
    goods: Goods
    printer: str
    why: Words
    awaits_scan: bool
    behind: int
    last: str = ""
    good: int = 0
    after: int = 0

    @property
    def todo(self) -> Words:
        """What a person does next."""
        if not self.last:
            return SCAN if self.awaits_scan else LOOK
        if not self.after:
            return Words(f"{self.good} 张都好：按“处理”", f"all {self.good} are good: press Settle")
        return Words(
            f"前 {self.good} 张好；后 {self.after} 张呢？", f"{self.good} good; what of the {self.after} after?"
        )

    @property
    def scanned(self) -> str:
        """The serial of the scan that stands on the page; empty: none."""
        return serial_in(self.last)

    def asks(self, rest: str, last: str = "") -> str:
        """The address that asks before it is settled so; without `last` all of it is, with what was just scanned."""
        said = {"rest": rest, "last": last} | ({"scanned": self.scanned} if self.scanned and not last else {})
        return f"{PATH}/{self.window.window_id}/settle?{urlencode(said)}"


async def page(request: web.Request) -> web.Response:
    """Every strip in doubt, the one that was scanned first."""
    asked = Asked.of(PATH, request.query)
    strips = await _strips(service(request), request.query)
    part = cut(strips, asked.page, A_PAGE)
    return await show(request, "pages/doubts.html", strips=part, asked=asked, rest=REST)


async def _strips(there: AgentService, query: Mapping[str, str]) -> list[Strip]:
    found = await there.labels.doubts()
    printers = {one.printer_id: one.name for one in (await there.printers.all()).printers}
    waiting = [job.reason for job in await there.jobs.open()]
    strips = [await _strip(there, window, labels, printers, waiting) for window, labels in found]
    named = [
        _named(one, query.get("last", "")) if one.window.window_id == query.get("window") else one for one in strips
    ]
    return sorted(named, key=lambda one: not one.last)


async def _strip(
    there: AgentService, window: Window, labels: Sequence[Label], printers: Mapping[str, str], waiting: Sequence[str]
) -> Strip:
    job = await there.jobs.find(window.job_id)
    return Strip(
        window=window,
        labels=labels,
        goods=await there.goods.of(window.snapshot_hash),
        printer=printers.get(window.printer, window.printer),
        why=of_reason(labels[0].reason),
        awaits_scan=_awaits_scan(job),
        behind=waiting.count(str(behind_a_strip(window.printer))),
    )


def _awaits_scan(job: Job) -> bool:
    return job.state is JobState.PAUSED and job.reason == str(SCAN_WINDOW)


def _named(strip: Strip, text: str) -> Strip:
    """The strip with the scan of its last good label; a text that is none of its labels names nothing."""
    serial = serial_in(text)
    if serial not in strip.window.serials:
        return strip
    good_ones, after = sides(strip.window, strip.labels, serial)
    return replace(strip, last=text, good=good_ones, after=after)


def sides(window: Window, labels: Sequence[Label], serial: str) -> tuple[int, int]:
    """How many labels in doubt stand up to that one, and how many behind it, in print order."""
    place = {one: n for n, one in enumerate(window.serials)}
    up_to = sum(place[label.serial] <= place[serial] for label in labels)
    return up_to, len(labels) - up_to


async def ask(request: web.Request) -> web.Response:
    """Asks before a strip is settled. Raises NotFoundError: no such strip in doubt."""
    strip, rest = await _of_key(request, request.query), request.query.get("rest", "invalid")
    question = Question(
        title=Words(f"处理这一条？{strip.printer}", f"Settle the strip at {strip.printer}?"),
        consequence=_with_the_scanned(consequence(strip, rest), strip, request.query.get("scanned", "")),
        yes=Words("处理", "Settle"),
        action=f"{PATH}/{strip.window.window_id}/settle",
        back=PATH,
        fields=(("rest", rest), ("last", strip.last)),
        danger=rest != "keep" and not (strip.last and not strip.after),
    )
    return await show(request, "pages/question.html", question=question)


def _with_the_scanned(said: Words, strip: Strip, serial: str) -> Words:
    """A label that somebody holds in the hand is named before it is void with the others."""
    if strip.last or serial not in {one.serial for one in strip.labels}:
        return said
    return Words(f"{said.zh}，含刚扫的这张 {serial}", f"{said.en}, the one just scanned among them")


async def _of_key(request: web.Request, said: Mapping[str, str]) -> Strip:
    key = request.match_info["key"]
    strips = await _strips(service(request), {"window": key, "last": said.get("last", "")})
    found = next((one for one in strips if one.window.window_id == key), None)
    if found is None:
        raise NotFoundError(
            f"这一条已经处理过了 · window {key}: expected one with labels in doubt, got none; somebody settled it"
        )
    return found


def consequence(strip: Strip, rest: str) -> Words:
    """What becomes of the labels of a strip, in numbers."""
    what = REST.get(rest, REST["keep"])
    if not strip.last:
        return Words(f"{len(strip.labels)} 张都{what.zh}", f"all {len(strip.labels)}: {what.en}")
    up_to = Words(f"前 {strip.good} 张是好的", f"{strip.good} good")
    if not strip.after:
        return up_to
    return Words(f"{up_to.zh}；后 {strip.after} 张{what.zh}", f"{up_to.en}; {strip.after}: {what.en}")


async def settle(request: web.Request, form: Form) -> Told:
    """Settles the strip as it was asked. Raises as `LabelService.settle_window`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    there, strip, rest = service(request), await _of_key(request, form), form.get("rest", "")
    last = form.get("last") or None
    await there.labels.settle_window(strip.window.window_id, last, acting(request), rest)
    done = consequence(strip, rest)
    stands = (await there.jobs.find(strip.window.job_id)).state is JobState.PAUSED
    on = Words("；任务还停着，按“继续”接着打", "; its order is paused, press Resume") if stands else Words("", "")
    return good(f"已处理：{done.zh}{on.zh}", f"Settled: {done.en}{on.en}", PATH)
