"""Answers people who stop labels one by one: what a choice touches, the stop itself, its labels, its end."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.oversight import label_stop_lists, label_stops
from central_registry.oversight.chosen import MOST, Chosen
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act

_ONE = "/v1/admin/label-stops/{stop}"
_BODY_BYTES = 4_000_000


class Choice(BaseModel):
    """Which labels: a list of serials, or those of an agent in windows, of a printer, in a stretch of time (UTC)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    firm: str = Field(max_length=30)
    serials: list[str] = Field(default_factory=list, max_length=MOST)
    agent: str = Field(default="", max_length=100)
    windows: list[str] = Field(default_factory=list, max_length=MOST)
    printer: str = Field(default="", max_length=100)
    since: str = Field(default="", max_length=40)
    until: str = Field(default="", max_length=40)
    lot_no: str = Field(default="", max_length=100)

    def chosen(self) -> Chosen:
        """As the service takes it."""
        lists = {"serials": tuple(self.serials), "windows": tuple(self.windows)}
        return Chosen(**{name: lists.get(name, getattr(self, name)) for name in Choice.model_fields})


class Stop(BaseModel):
    """A choice, and how many labels its preview showed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    choice: Choice
    recall: bool = False
    labels: int = Field(ge=1, le=MOST)
    reason: str = Field(max_length=2_000)


class Said(BaseModel):
    """Why it may go on, or what came of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: str = Field(max_length=10_000)


async def _post_preview(request: web.Request, actor: Actor, body: Choice) -> dict[str, Any]:
    return await label_stops.preview(request.app[PEOPLE], actor, body.chosen())


async def _post_stop(request: web.Request, actor: Actor, body: Stop) -> dict[str, Any]:
    act, at = Act.RECALL if body.recall else Act.SUSPEND, request.app[CLOCK]()
    people = request.app[PEOPLE]
    return await label_stops.stop_labels(people, actor, act, body.choice.chosen(), body.reason, body.labels, at)


async def _get_stops(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await label_stop_lists.list_label_stops(request.app[PEOPLE], actor, ask_of(request.query)))


async def _get_stop(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await label_stop_lists.show_label_stop(request.app[PEOPLE], actor, request.match_info["stop"])


async def _get_labels(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return {"rows": await label_stop_lists.labels_of_stop(request.app[PEOPLE], actor, request.match_info["stop"])}


async def _post_lifting(request: web.Request, actor: Actor, body: Said) -> dict[str, Any]:
    stop, at = request.match_info["stop"], request.app[CLOCK]()
    return {"decision": await label_stops.lift(request.app[PEOPLE], actor, stop, body.reason, at)}


async def _post_closing(request: web.Request, actor: Actor, body: Said) -> dict[str, Any]:
    stop, at = request.match_info["stop"], request.app[CLOCK]()
    await label_stop_lists.close_label_stop(request.app[PEOPLE], actor, stop, body.reason, at)
    return {"stop": stop, "closed_at": at}


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(
        "POST", "/v1/admin/label-stops/preview", Act.SUSPEND, "停用标签：看影响", "what a stop of labels touches",
        _post_preview, Choice, body_most=_BODY_BYTES,
    ),
    Endpoint(
        "POST", "/v1/admin/label-stops", Act.SUSPEND, "停用标签", "stop labels one by one", _post_stop, Stop,
        body_most=_BODY_BYTES,
    ),
    Endpoint("GET", "/v1/admin/label-stops", Act.LOOK, "停用的标签", "stops of labels", _get_stops),
    Endpoint("GET", _ONE, Act.LOOK, "一次停用", "one stop of labels", _get_stop),
    Endpoint("GET", f"{_ONE}/labels", Act.LOOK, "停用了哪些", "the labels of a stop", _get_labels),
    Endpoint("POST", f"{_ONE}/lifting", Act.SUSPEND, "申请恢复", "ask to let labels go on", _post_lifting, Said),
    Endpoint("POST", f"{_ONE}/closing", Act.SUSPEND, "结案", "close with a report", _post_closing, Said),
)  # fmt: skip
