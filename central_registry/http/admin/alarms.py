"""Answers people about alarms: those they see; taken, given back, answered, closed, opened again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.http.admin.endpoint import Endpoint, Handler, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.oversight import alarm_work
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act

_ONE = "/v1/admin/alarms/{agent}/{id}"


class AlarmAnswer(BaseModel):
    """What was found and done."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    said: str = Field(max_length=alarm_work.ANSWER_MOST)


async def _list(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await alarm_work.list_alarms(request.app[PEOPLE], actor, ask_of(request.query)))


async def _answer(request: web.Request, actor: Actor, body: AlarmAnswer) -> dict[str, Any]:
    which = request.match_info["agent"], request.match_info["id"]
    await alarm_work.answer(request.app[PEOPLE], actor, *which, body.said, request.app[CLOCK]())
    return {"answered": True}


def _step(work: Callable[..., Awaitable[None]]) -> Handler:
    async def handle(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
        which = request.match_info["agent"], request.match_info["id"]
        await work(request.app[PEOPLE], actor, *which, request.app[CLOCK]())
        return {"done": True}

    return handle


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/v1/admin/alarms", Act.LOOK, "警报", "alarms", _list),
    Endpoint("POST", f"{_ONE}/take", Act.ANSWER_ALARM, "接手警报", "take an alarm", _step(alarm_work.take)),
    Endpoint("POST", f"{_ONE}/give-back", Act.ANSWER_ALARM, "放回警报", "give it back", _step(alarm_work.give_back)),
    Endpoint("POST", f"{_ONE}/answer", Act.ANSWER_ALARM, "答复警报", "answer an alarm", _answer, AlarmAnswer),
    Endpoint("POST", f"{_ONE}/close", Act.ANSWER_ALARM, "关闭警报", "close an alarm", _step(alarm_work.close)),
    Endpoint("POST", f"{_ONE}/reopen", Act.ANSWER_ALARM, "重新打开警报", "open it again", _step(alarm_work.reopen)),
)
