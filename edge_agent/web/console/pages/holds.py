"""What is held and what was raised: lifted and closed by a person who says why, after a question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from edge_agent.errors import NotFoundError
from edge_agent.messages.alarm import of_alarm
from edge_agent.messages.text import Words
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pages.orders import BACK, nothing_changed, reason_of
from edge_agent.web.console.pieces.life import Question
from edge_agent.web.console.pieces.told import HOME, Told, good, of_sentence, place
from edge_agent.web.console.who import acting
from edge_agent.web.context import service
from label_protocol.kinds import HoldKind

LOOKED = (
    Words("看过打印机吐出的标签，都对得上", "the labels of the printer were looked at, all are known"),
    Words("换了打印机或主板", "the printer or its board was exchanged"),
)
TIMED = (Words("对过手机和平台的时间，这台电脑的时钟是对的", "compared with a phone: this computer's clock is right"),)
SEEN = (
    Words("多出的标签已找到并销毁", "the extra label was found and destroyed"),
    Words("查过，没有多出的标签", "searched, there is no extra label"),
    Words("标签已留下并报告", "the label was kept and reported"),
)


async def ask_release(request: web.Request) -> web.Response:
    """Asks before a hold is lifted. Raises NotFoundError: it is not in force."""
    held = _one(await service(request).site.holds(), "kind", request.match_info["key"])
    return await _ask(
        request,
        f"/console/holds/{held['kind']}/release",
        of_sentence(str(held["words"])),
        Words("解除后马上又能发码", "Issuing goes on at once"),
        Words("解除停发", "Release"),
        TIMED if held["kind"] == HoldKind.CLOCK_BEHIND else LOOKED,
    )


async def release(request: web.Request, form: Form) -> Told:
    """Lifts a hold. Raises as `SiteService.release_hold`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    await service(request).site.release_hold(request.match_info["key"], acting(request), reason_of(form))
    return good("已解除，可以发码", "Released; issuing goes on")


async def ask_close(request: web.Request) -> web.Response:
    """Asks before an alarm is closed. Raises NotFoundError: it is not open."""
    raised = _one(await service(request).site.alarms(), "alarm", request.match_info["key"])
    return await _ask(
        request,
        f"/console/alarms/{raised['alarm']}/close",
        of_alarm(str(raised["kind"])),
        Words("看过了，写明怎么处理的", "You have seen to it: say how"),
        Words("关闭警报", "Close the alarm"),
        SEEN,
        danger=False,
    )


async def close(request: web.Request, form: Form) -> Told:
    """Closes an alarm. Raises as `SiteService.close_alarm`."""
    if form.get("answer") == BACK:
        return nothing_changed()
    await service(request).site.close_alarm(request.match_info["key"], acting(request), reason_of(form))
    return good("警报已关闭", "The alarm is closed")


def _one(rows: Any, name: str, key: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] | None = next((one for one in rows if one[name] == key), None)
    if found is None:
        raise NotFoundError(f"{name} {key}: expected one in force, got none; it may be over by now")
    return found


async def _ask(
    request: web.Request,
    action: str,
    title: Words,
    consequence: Words,
    yes: Words,
    reasons: tuple[Words, ...],
    *,
    danger: bool = True,
) -> web.Response:
    question = Question(
        title=title,
        consequence=consequence,
        yes=yes,
        action=action,
        back=place(request.query.get("back", HOME)),
        reasons=reasons,
        danger=danger,
    )
    return await show(request, "pages/question.html", question=question)
