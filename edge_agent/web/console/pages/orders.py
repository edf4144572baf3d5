"""Orders on their way: paused and resumed at once, since either undoes the other; stopped only after a question that
says what it means in numbers."""

from __future__ import annotations

from aiohttp import web

from edge_agent.messages.text import Words
from edge_agent.web.console.frame import show
from edge_agent.web.console.page import Form
from edge_agent.web.console.pieces.life import Question
from edge_agent.web.console.pieces.told import HOME, Told, good, place
from edge_agent.web.console.who import acting
from edge_agent.web.context import service

BACK = "back"
"""What the first button of a question answers, which is the one that Enter presses."""


async def pause(request: web.Request, _: Form) -> Told:
    """Stops after the window in hand."""
    await service(request).jobs.pause(request.match_info["key"], acting(request))
    return good("已暂停，按“继续”接着打", "Paused; press Resume to go on")


async def resume(request: web.Request, _: Form) -> Told:
    """Goes on with labels never drawn."""
    job = await service(request).jobs.resume(request.match_info["key"], acting(request))
    if job.in_doubt:
        return good("已按继续；还等着处理的那一条处理完才打", "Resumed; a strip that waits is settled first")
    return good("接着打", "Printing goes on")


async def ask_job(request: web.Request) -> web.Response:
    """Asks before a job is stopped. Raises NotFoundError."""
    job = await service(request).jobs.find(request.match_info["key"])
    doubt = Words(f"，存疑 {job.in_doubt} 张", f", {job.in_doubt} in doubt") if job.in_doubt else Words("", "")
    consequence = Words(
        f"已打 {job.printed} 张{doubt.zh}；还有 {job.left} 张不再打印",
        f"{job.printed} printed{doubt.en}; {job.left} will not be printed",
    )
    return await _ask(request, f"/console/jobs/{job.job_id}/cancel", consequence)


async def ask_copies(request: web.Request) -> web.Response:
    """Asks before labels without a code are stopped. Raises NotFoundError."""
    one = await service(request).copies.find(request.match_info["key"])
    going = Words(f"，正在打 {one.sending} 张", f", {one.sending} on their way") if one.sending else Words("", "")
    consequence = Words(
        f"已打 {one.printed} 张{going.zh}；还有 {one.left} 张不再打印",
        f"{one.printed} printed{going.en}; {one.left} will not be printed",
    )
    return await _ask(request, f"/console/copies/{one.copies_id}/cancel", consequence)


async def _ask(request: web.Request, action: str, consequence: Words) -> web.Response:
    question = Question(
        title=Words("停止这一单？", "Stop this order?"),
        consequence=consequence,
        yes=Words("停止这一单", "Stop the order"),
        action=action,
        back=place(request.query.get("back", HOME)),
    )
    return await show(request, "pages/question.html", question=question)


async def cancel_job(request: web.Request, form: Form) -> Told:
    """Draws no more serials."""
    if form.get("answer") == BACK:
        return nothing_changed()
    await service(request).jobs.cancel(request.match_info["key"], acting(request))
    return good("已停止，不再打印", "Stopped; nothing more is printed")


async def cancel_copies(request: web.Request, form: Form) -> Told:
    """Sends no more copies."""
    if form.get("answer") == BACK:
        return nothing_changed()
    await service(request).copies.cancel(request.match_info["key"], acting(request))
    return good("已停止，不再打印", "Stopped; nothing more is printed")


def nothing_changed() -> Told:
    """What is told to somebody who went back from a question."""
    return good("已返回，没有改动", "Nothing was changed")


def reason_of(form: Form) -> str:
    """Why, as a person chose or wrote it; other words count for more than a choice."""
    return form.get("other", "").strip() or form.get("reason", "")
