"""Settings: the registry, the disk, and what this agent is set to. That is read only: it stands in one file, and
whoever changes it there sees what else stands beside it."""

from __future__ import annotations

from datetime import datetime

from aiohttp import web

from edge_agent.messages.text import Words
from edge_agent.service.agent_service import AgentService
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pieces.life import Fact
from edge_agent.web.console.pieces.state import Look, State
from edge_agent.web.console.pieces.times import in_full, spoken
from edge_agent.web.console.pieces.told import Told, good
from edge_agent.web.console.who import acting
from edge_agent.web.context import service

PATH = "/console/settings"
GIB = 1 << 30


async def page(request: web.Request) -> web.Response:
    """How this agent stands and what it is set to."""
    there = service(request)
    return await show(
        request,
        "pages/settings.html",
        registry=_registry(there, datetime.now().astimezone()),
        settings=there.site.settings(),
        disk=await _disk(there),
    )


def _registry(there: AgentService, now: datetime) -> tuple[State, list[Fact]]:
    """Where the sync stands; a registry that was not heard is unknown."""
    view = there.site.sync_view()
    if view is None:
        return State(Look.REST, Words("没有登记平台，只记在本机", "no registry; records stay here")), []
    looks = {"online": Look.GOOD, "starting": Look.REST, "offline": Look.UNKNOWN}
    state = State(looks.get(view.state, Look.STOP), Words(view.words_zh, view.words_en))
    return state, [
        Fact("还没上报", "not told yet", f"{view.pending:,}"),
        Fact("平台已收到第几条", "told up to", f"{view.acked_seq:,}"),
        _last_heard(view.last_ack_at, now),
        Fact("原因", "why", view.error or "—"),
    ]


def _last_heard(at: str | None, now: datetime) -> Fact:
    """None: not since this agent was started."""
    said, full = (spoken(at, now), in_full(at, now)) if at else (None, "")
    return Fact("平台上次确认", "last acknowledged", said, full)


async def _disk(there: AgentService) -> tuple[State, Fact]:
    disk = await there.site.disk()
    full = State(Look.STOP, Words("已满", "full")) if disk.full else State(Look.GOOD, Words("够用", "has room"))
    return full, Fact("账本所在磁盘还剩", "free on the ledger's disk", f"{disk.free_bytes / GIB:.1f} GiB")


async def sync(request: web.Request, _: Form) -> Told:
    """Calls the registry at once. Raises as `SiteService.sync_now`."""
    await service(request).site.sync_now(acting(request))
    return good("正在上报", "Calling the registry", PATH)
