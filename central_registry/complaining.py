"""Answers who complains: the form beside the scan page, and how a case stands. Scan workers answer none of it, since
photos are drawn anew here."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from central_registry.cases import complaints
from central_registry.cases.complaints import Complaint
from central_registry.cases.numbers import read_number
from central_registry.cases.page import ComplaintPage
from central_registry.cases.photos import BYTES_MOST, PHOTOS_MOST, Photo, clean
from central_registry.cases.quotas import Quotas
from central_registry.cases.steps import About
from central_registry.console.bodies import Body, read_form
from central_registry.http.addresses import address_of
from central_registry.http.context import CLOCK, PEOPLE, SCANS
from central_registry.problems import ProblemError
from label_protocol.codes import serial
from label_protocol.errors import AgentError

_FIELDS = 64 * 1024
_FORM_MOST = PHOTOS_MOST * BYTES_MOST + _FIELDS
_MOST: Mapping[str, int] = {"code": 60, "words": 2_000, "bought": 200, "contact": 200}
"""Characters."""


@dataclass(frozen=True)
class Counter:
    """Where complaints are taken: the page, what one may send in a day, and one photo drawn at a time: a processor and
    150 MB at most, whoever sends what."""

    page: ComplaintPage
    quotas: Quotas = field(default_factory=Quotas)
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)


COUNTER: web.AppKey[Counter] = web.AppKey("complaints", Counter)


async def get_form(request: web.Request) -> web.Response:
    """The form, with the code that the scan page names."""
    code = request.query.get("code", "")[: _MOST["code"]]
    return request.app[COUNTER].page.form(request.query.get("lang", ""), {"code": code})


async def post_form(request: web.Request) -> web.Response:
    """Take a complaint, or draw the form again with what will not do."""
    counter, at, typed, lang = request.app[COUNTER], request.app[CLOCK](), dict[str, str](), ""
    try:
        address = address_of(request)
        counter.quotas.take_form(address, at)
        with counter.quotas.reading(address):
            body = await read_form(request, _FORM_MOST)
            lang = body.one("lang")
            typed = {name: body.one(name).strip() for name in (*_MOST, "about")}
            code, complaint = _code(typed["code"]), await _complaint(counter, body, typed)
        counter.quotas.take_complaint(code, at)
        goods = await complaints.goods_of(request.app[SCANS], code)
        filed = await complaints.file(request.app[PEOPLE], goods, complaint, at)
    except ProblemError as refused:
        return _again(counter.page.form(lang, typed, _sentence(refused, lang), refused.status), refused)
    return counter.page.filed(lang, filed)


async def get_case(request: web.Request) -> web.Response:
    """Ask for the word; the database is not asked anything."""
    number = read_number(request.match_info["number"])
    page, lang = request.app[COUNTER].page, request.query.get("lang", "")
    if not number:
        return page.form(lang, {}, _said("编号不对 · number: expected eight digits, got another", lang), 404)
    return page.ask_word(lang, number)


async def post_case(request: web.Request) -> web.Response:
    """Show a case to who has its word, and take their appeal."""
    counter, at, lang, number = request.app[COUNTER], request.app[CLOCK](), "", request.match_info["number"]
    try:
        counter.quotas.take_word(address_of(request), at)
        body = await read_form(request, _FIELDS)
        lang, word, said = body.one("lang"), body.one("word"), body.one("said")
        if "said" not in body.typed:
            return counter.page.seen(lang, await complaints.read(request.app[PEOPLE], number, word), word)
        seen = await complaints.appeal(request.app[PEOPLE], number, word, said[: _MOST["words"]], at)
        return counter.page.seen(lang, seen, word)
    except ProblemError as refused:
        sentence, found = _sentence(refused, lang), read_number(number)
        page = counter.page
        drawn = page.ask_word(lang, found, sentence, refused.status) if found else page.form(lang, {}, sentence, 404)
        return _again(drawn, refused)


async def _complaint(counter: Counter, body: Body, typed: Mapping[str, str]) -> Complaint:
    for name, most in _MOST.items():
        if len(typed[name]) > most or (name in ("code", "words") and not typed[name]):
            raise ProblemError(
                "unprocessable",
                f"请填写，不要太长 · {name}: expected at most {most} characters, got {len(typed[name])}",
            )
    if typed["about"] not in set(About):
        raise ProblemError("unprocessable", "请选择投诉什么 · about: expected one of the list, got another")
    photos = await _photos(counter, body)
    return Complaint(About(typed["about"]), typed["words"], typed["bought"], typed["contact"], photos)


async def _photos(counter: Counter, body: Body) -> tuple[Photo, ...]:
    sent = [one.body for name, one in sorted(body.files.items()) if name.startswith("photo") and one.body]
    if len(sent) > PHOTOS_MOST:
        raise ProblemError("unprocessable", f"照片太多 · photos: expected at most {PHOTOS_MOST}, got {len(sent)}")
    drawn = []
    for one in sent:
        async with counter.drawing:
            drawn.append(await asyncio.to_thread(clean, one))
    return tuple(drawn)


def _code(text: str) -> str:
    """A serial as it is kept; whatever else stands on a label as it was typed: a fake may have any."""
    with contextlib.suppress(AgentError):
        return serial.validate(serial.fold(text))
    return text


def _again(drawn: web.Response, refused: ProblemError) -> web.Response:
    if "retry_after_s" in refused.document:
        drawn.headers["Retry-After"] = str(refused.document["retry_after_s"])
    return drawn


def _sentence(refused: ProblemError, lang: str) -> str:
    return _said(str(refused), lang)


def _said(text: str, lang: str) -> str:
    """The half of a sentence that this reader reads."""
    zh, _, en = text.partition(" · ")
    return (en or zh) if lang == "en" else zh
