"""Settings: why nothing may be issued and who ends that, alarms, the registry, and what this agent is set to. That is
read only: it stands in one file, and whoever changes it there sees what else stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from edge_agent.errors import NotFoundError
from edge_agent.messages.alarm import of_alarm
from edge_agent.messages.text import Words
from edge_agent.service.agent_service import AgentService
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages.label import reason_of
from edge_agent.web.console.pages.orders import BACK, nothing_changed
from edge_agent.web.console.pieces.life import Fact, Question
from edge_agent.web.console.pieces.state import Look, State
from edge_agent.web.console.pieces.told import Told, good, of_sentence
from edge_agent.web.console.who import operator_of
from edge_agent.web.context import service

PATH = "/console/settings"
GIB = 1 << 30

LIFTERS: Mapping[str, Words] = {
    "page": Words("看过以后，可以在这里解除", "lifted here, by whoever has looked"),
    "lead": Words("班长看过以后，刷工牌加密码，在这里解除", "lifted here by a lead with badge and PIN, having looked"),
    "registry": Words("由登记平台解除，请联系平台", "lifted by the registry alone, call the platform"),
    "none": Words("原因消除后自动恢复", "goes by itself when its cause is gone"),
}
BY_COMMAND = Words("请技术人员在这台电脑上用命令解除", "lifted by IT with a command on this computer")
GOES_ON = Words("解除后马上又能发码；谁解除的、为什么，都记下来", "issuing goes on at once; who and why is recorded")
CLOSES = Words("1 个警报关闭；谁看过、看到什么，都记下来", "1 alarm closed; who looked and what was found is recorded")
LOOKED = (
    Words("看过打印机吐出的标签，都对得上", "the labels of the printer were looked at, all are known"),
    Words("换了打印机或主板", "the printer or its board was exchanged"),
)
SEEN = (
    Words("多出的标签已找到并销毁", "the extra label was found and destroyed"),
    Words("查过，没有多出的标签", "searched, there is no extra label"),
    Words("时间已校准", "the clock was set right"),
)


@dataclass(frozen=True, slots=True)
class Held:
    """A reason not to issue; `here`: it may be lifted on this page."""

    kind: str
    words: Words
    since: str
    lifted: Words
    here: bool


async def page(request: web.Request) -> web.Response:
    """How this agent stands and what it is set to."""
    there = service(request)
    return await show(
        request,
        "pages/settings.html",
        holds=[held(one) for one in await there.site.holds()],
        alarms=[(one, of_alarm(str(one["kind"]))) for one in await there.site.alarms()],
        registry=_registry(there),
        settings=there.site.settings(),
        disk=await _disk(there),
    )


def held(one: Mapping[str, Any]) -> Held:
    """A hold as it is drawn."""
    release = str(one.get("release", ""))
    return Held(
        kind=str(one["kind"]),
        words=of_sentence(str(one["words"])),
        since=str(one.get("placed_at", "")),
        lifted=LIFTERS.get(release, BY_COMMAND),
        here=release in ("page", "lead"),
    )


def _registry(there: AgentService) -> tuple[State, list[Fact]]:
    """Where the sync stands; a registry that was not heard is unknown."""
    view = there.site.sync_view()
    if view is None:
        return State(Look.REST, Words("没有登记平台，只记在本机", "no registry; records stay here")), []
    looks = {"online": Look.GOOD, "starting": Look.REST, "offline": Look.UNKNOWN}
    state = State(looks.get(view.state, Look.STOP), Words(view.words_zh, view.words_en))
    return state, [
        Fact("还没上报", "not told yet", f"{view.pending:,}"),
        Fact("平台已收到第几条", "told up to", f"{view.acked_seq:,}"),
        Fact("原因", "why", view.error or "—"),
    ]


async def _disk(there: AgentService) -> tuple[State, Fact]:
    disk = await there.site.disk()
    full = State(Look.STOP, Words("已满", "full")) if disk.full else State(Look.GOOD, Words("够用", "has room"))
    return full, Fact("账本所在磁盘还剩", "free on the ledger's disk", f"{disk.free_bytes / GIB:.1f} GiB")


async def sync(request: web.Request, _: Form) -> Told:
    """Calls the registry at once. Raises as `SiteService.sync_now`."""
    await service(request).site.sync_now(operator_of(request))
    return good("正在上报", "Calling the registry", PATH)


async def ask_release(request: web.Request) -> web.Response:
    """Asks before a hold is lifted. Raises NotFoundError: it is not in force, or is not lifted here."""
    kind = request.match_info["kind"]
    found = [one for one in map(held, await service(request).site.holds()) if one.kind == kind and one.here]
    if not found:
        raise NotFoundError(
            f"这个停发原因不在，或不在这里解除 · hold {kind[:40]!r}: expected one that is lifted here, got none"
        )
    question = Question(
        title=Words(f"解除停发？{found[0].words.zh}", f"Lift this hold? {found[0].words.en}"),
        consequence=Words(
            "解除后马上又能发码；谁解除的、为什么，都记下来",
            "issuing goes on at once; who lifted it and why is recorded",
        ),
        yes=Words("解除停发", "Lift it"),
        action=f"{PATH}/holds/{kind}",
        back=PATH,
        reasons=LOOKED,
    )
    return await show(request, "pages/question.html", question=question)


async def release(request: web.Request, form: Form) -> Told:
    """Lifts a hold. Raises as `SiteService.release_hold`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    await service(request).site.release_hold(request.match_info["kind"], operator_of(request), reason_of(form))
    return good("已解除", "Lifted", PATH)


async def ask_close(request: web.Request) -> web.Response:
    """Asks before an alarm is closed. Raises NotFoundError: it is closed, or never was."""
    key = request.match_info["alarm"]
    found = next((one for one in await service(request).site.alarms() if one["alarm"] == key), None)
    if found is None:
        raise NotFoundError(f"这个警报已经关了 · alarm {key[:40]!r}: expected an open one, got none; nothing to do")
    words = of_alarm(str(found["kind"]))
    question = Question(
        title=Words(f"关闭警报？{words.zh}", f"Close this alarm? {words.en}"),
        consequence=Words(
            "1 个警报关闭；谁看过、看到什么，都记下来", "1 alarm closed; who looked and what was found is recorded"
        ),
        yes=Words("关闭警报", "Close it"),
        action=f"{PATH}/alarms/{key}",
        back=PATH,
        reasons=SEEN,
        danger=False,
    )
    return await show(request, "pages/question.html", question=question)


async def close(request: web.Request, form: Form) -> Told:
    """Closes an alarm. Raises as `SiteService.close_alarm`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    await service(request).site.close_alarm(request.match_info["alarm"], operator_of(request), reason_of(form))
    return good("已关闭", "Closed", PATH)
