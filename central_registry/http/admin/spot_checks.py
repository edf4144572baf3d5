"""Answers people about spot checks, and what these and complaints add up to."""

from __future__ import annotations

from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.cases import spot_checks, sums
from central_registry.http.admin.endpoint import Endpoint, ask_of, found_of
from central_registry.http.context import CLOCK, PEOPLE
from central_registry.parties.actor import Actor
from central_registry.parties.acts import Act
from central_registry.problems import ProblemError

_HERE = "/v1/admin/spot-checks"


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Plan(_Body):
    """Lots of a firm, or of one of its styles, drawn by chance."""

    firm: str = Field(max_length=30)
    style_no: str = Field(default="", max_length=100)
    lots: int = Field(ge=1, le=spot_checks.LOTS_MOST)
    pieces: int = Field(ge=1, le=spot_checks.PIECES_MOST)


class Piece(_Body):
    """A serial, or a label's link as a telephone reads it."""

    code: str = Field(max_length=500)


class Result(_Body):
    """What came of it, and what that rests on; `failed` suspends the lot."""

    result: Literal["passed", "failed"]
    said: str = Field(max_length=2_000)


async def _list(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return found_of(await spot_checks.list_spot_checks(request.app[PEOPLE], actor, ask_of(request.query)))


async def _show(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return await spot_checks.show_spot_check(request.app[PEOPLE], actor, request.match_info["spot"])


async def _plan(request: web.Request, actor: Actor, body: Plan) -> dict[str, Any]:
    at = request.app[CLOCK]()
    made = await spot_checks.plan(
        request.app[PEOPLE], actor, body.firm, body.style_no, lots=body.lots, pieces=body.pieces, at=at
    )
    return {"spot_checks": made}


async def _sample(request: web.Request, actor: Actor, body: Piece) -> dict[str, Any]:
    spot, at = request.match_info["spot"], request.app[CLOCK]()
    return await spot_checks.sample(request.app[PEOPLE], actor, spot, body.code, at)


async def _close(request: web.Request, actor: Actor, body: Result) -> dict[str, Any]:
    spot, at = request.match_info["spot"], request.app[CLOCK]()
    passed = body.result == "passed"
    return await spot_checks.close(request.app[PEOPLE], actor, spot, body.said, passed=passed, at=at)


async def _sums(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    by: Any = request.query.get("by", "firm")
    if by not in ("firm", "style", "lot"):
        raise ProblemError(
            "unprocessable", f"不能这样汇总 · by: expected firm, style or lot, got {by[:20]!r}", field="by"
        )
    return {"rows": await sums.case_sums(request.app[PEOPLE], actor, by)}


async def _rates(request: web.Request, actor: Actor, _: None) -> dict[str, Any]:
    return {"rows": await sums.qualified_rates(request.app[PEOPLE], actor)}


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", _HERE, Act.LOOK, "抽查列表", "spot checks", _list),
    Endpoint("POST", _HERE, Act.SPOT_CHECK, "抽定批次", "draw lots to look at", _plan, Plan),
    Endpoint("GET", _HERE + "/{spot}", Act.LOOK, "一次抽查", "one spot check", _show),
    Endpoint("POST", _HERE + "/{spot}/samples", Act.SPOT_CHECK, "扫码取样", "draw a piece", _sample, Piece),
    Endpoint("POST", _HERE + "/{spot}/result", Act.SPOT_CHECK, "登记抽查结果", "say what came of it", _close, Result),
    Endpoint("GET", "/v1/admin/case-sums", Act.LOOK, "投诉和抽查汇总", "what cases add up to", _sums),
    Endpoint("GET", "/v1/admin/qualified-rates", Act.LOOK, "各月抽查合格率", "rate of passed checks", _rates),
)
