"""Answers programs of marketplaces: what the registry knows of a code, and of a thousand at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from central_registry.exchange.keys import Key, known
from central_registry.exchange.limits import Limits
from central_registry.exchange.verify import MOST_CLAIMS, MOST_CODES, Question, code_in, verified
from central_registry.http.admin.endpoint import read_model, token_of
from central_registry.http.bodies import answer, json_bytes, read_json
from central_registry.http.context import CHECKS, CLOCK, CONFIG, LABELS

LIMITS: web.AppKey[Limits] = web.AppKey("limits", Limits)
PATH = "/v1/verify/"
_BODY_BYTES = 2_000_000


class Asked(BaseModel):
    """One code and what is claimed of its garment."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(min_length=1, max_length=2_000)
    claims: dict[str, str] = Field(default_factory=dict, max_length=MOST_CLAIMS)


class Codes(BaseModel):
    """Codes that are asked at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    codes: list[Asked] = Field(min_length=1, max_length=MOST_CODES)


async def get_verify(request: web.Request) -> web.Response:
    """Answer what is known of one code, a link's path or a whole link percent-encoded; each name of the query is a
    claim to be compared. Needs a key; `ETag` and `If-None-Match` save the body."""
    key = await _key(request)
    raw = request.rel_url.raw_path.removeprefix(PATH)
    (found,) = await _answers(request, key, [Question(code_in(raw), dict(request.query))])
    name = hashlib.sha256(json_bytes(found)).hexdigest()[:32]
    headers = {"ETag": f'"{name}"', "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if any(held.value in (name, "*") for held in request.if_none_match or ()):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    made = answer(found)
    made.headers.update(headers)
    return made


async def post_verify(request: web.Request) -> web.Response:
    """Answer what is known of at most 1000 codes, in their order, each with its claims compared. Needs a key."""
    key = await _key(request)
    body = read_model(Codes, await read_json(request, _BODY_BYTES))
    asked = [Question(one.code, one.claims) for one in body.codes]  # type: ignore[attr-defined]
    made = answer({"answers": await _answers(request, key, asked)})
    made.headers["Cache-Control"] = "no-store"
    return made


async def _key(request: web.Request) -> Key:
    return await known(request.app[CHECKS], token_of(request), request.app[CLOCK]())


async def _answers(request: web.Request, key: Key, asked: Sequence[Question]) -> list[dict[str, Any]]:
    at = request.app[CLOCK]()
    request.app[LIMITS].charge(key, len(asked), at)
    return await verified(request.app[LABELS], asked, often_from=request.app[CONFIG].site.often_scanned_from, at=at)
