"""Draws the form of a complaint and what its complainant reads: one language at a time, no script, no cookie, nothing
from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import Environment, FunctionLoader, StrictUndefined

from central_registry.cases.complaints import Filed, Seen
from central_registry.cases.numbers import shown_number, shown_word
from central_registry.cases.steps import About, CaseState, Step

_BEIJING = timezone(timedelta(hours=8))
_HERE = files("central_registry.cases")
NOTHING_TYPED: Mapping[str, str] = dict.fromkeys(("code", "about", "words", "bought", "contact"), "")

ABOUTS: Mapping[About, tuple[str, str]] = {
    About.QUALITY: ("商品质量", "quality of the goods"),
    About.CONTENT: ("实物与标签不符", "goods differ from their label"),
    About.FAKE: ("疑似假冒", "it may be a fake"),
    About.CODE: ("扫码结果不对", "what the code shows is wrong"),
    About.OTHER: ("其他", "something else"),
}
STATES: Mapping[CaseState, tuple[str, str]] = {
    CaseState.RECEIVED: ("已收到", "received"),
    CaseState.AT_WORK: ("办理中", "being worked on"),
    CaseState.ASKED: ("已请企业说明", "the firm was asked"),
    CaseState.ANSWERED: ("已答复", "answered"),
    CaseState.APPEALED: ("申诉中", "appealed"),
    CaseState.CLOSED: ("已办结", "closed"),
}
STEPS: Mapping[Step, tuple[str, str]] = {
    Step.TAKE: ("接办", "taken"),
    Step.NOTE: ("内部记录", "note"),
    Step.ASK_FIRM: ("请企业说明", "the firm is asked"),
    Step.FIRM_SAYS: ("企业说明", "what the firm says"),
    Step.ANSWER: ("答复", "answer"),
    Step.APPEAL: ("申诉", "appeal"),
    Step.CLOSE: ("办结", "closed"),
}


class ComplaintPage:
    """Renders; holds what does not change. `site`: what the registry calls itself; `route`: whom else one can call
    (`zh`, `en`, `phone`, `url`)."""

    def __init__(self, site: str, route: Any) -> None:
        css = _HERE.joinpath("complaint.css").read_text("utf-8").strip()
        env = Environment(
            loader=FunctionLoader(lambda name: _HERE.joinpath(name).read_text("utf-8")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = env.get_template("complaint.html")
        self._always = {"css": css, "site": site, "complaint": route}
        digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        self._headers = {
            "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "frame-ancestors 'none'; form-action 'self'",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "X-Robots-Tag": "noindex",
            "Cache-Control": "no-store",
        }

    def form(self, lang: str, typed: Mapping[str, str], said: str = "", status: int = 200) -> web.Response:
        """The form with what was typed before, and why it was refused."""
        kept = {**NOTHING_TYPED, **typed}
        to = {"lang": "zh" if lang == "en" else "en", "code": kept["code"]}
        return self._drawn(lang, status, typed=kept, said=said, switch=f"/complaint?{urlencode(to)}")

    def filed(self, lang: str, filed: Filed) -> web.Response:
        """Number and word, this once."""
        shown = {"number": shown_number(filed.number), "word": shown_word(filed.word), "path": filed.number}
        return self._drawn(lang, 200, filed=shown)

    def ask_word(self, lang: str, number: str, said: str = "", status: int = 200) -> web.Response:
        """The question for the word of a number, whether or not there is such a case."""
        switch = f"/complaint/{number}?lang={'zh' if lang == 'en' else 'en'}"
        return self._drawn(lang, status, number=shown_number(number), said=said, switch=switch)

    def seen(self, lang: str, seen: Seen, word: str, said: str = "", status: int = 200) -> web.Response:
        """How the case stands."""
        state = STATES[seen.state][lang == "en"]
        facts = {"seen": seen, "state": state, "number": shown_number(seen.number), "word": word, "said": said}
        return self._drawn(lang, status, **facts)

    def _drawn(self, lang: str, status: int, **facts: Any) -> web.Response:
        english = lang == "en"
        before = dict.fromkeys(("filed", "seen", "number", "switch", "said", "word", "state"), "")
        text = self._template.render(
            **{**self._always, **before, "typed": NOTHING_TYPED, **facts},
            zh=not english,
            t=lambda zh, en: en if english else zh,
            abouts=[(one.value, words[english]) for one, words in ABOUTS.items()],
            step=lambda name: STEPS[Step(name)][english],
            day=_day,
        )
        body = text.encode("utf-8", "replace")
        return web.Response(body=body, status=status, content_type="text/html", charset="utf-8", headers=self._headers)


def _day(at: datetime) -> str:
    return f"{at.astimezone(_BEIJING):%Y-%m-%d}"
