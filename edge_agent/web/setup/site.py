"""The page as a program: on loopback, at a free port, until the first start is done or somebody ends it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from importlib.resources import files

from aiohttp import web

from edge_agent.messages.error import sentence, words_of
from edge_agent.messages.text import Words
from edge_agent.ops.setup.run import Outcome
from edge_agent.web.console.pieces.life import Step
from edge_agent.web.guard import Handler, guard
from edge_agent.web.setup.draft import Draft
from edge_agent.web.setup.gate import Gate
from edge_agent.web.setup.pages import DRAFT, PAGES, find, on_to, show, shown, take
from edge_agent.web.setup.work import Work
from edge_agent.wiring import page_url
from label_protocol.errors import AgentError
from label_protocol.http_limits import LimitedRunner

HOST = "127.0.0.1"
FILES = (
    ("console", "console.css", "text/css"),
    ("setup", "setup.css", "text/css"),
    ("setup", "setup.js", "text/javascript"),
)
"""Every file by name: no path from outside ever reaches the file system."""


class Site:
    """One first start. `ended` is set when it is over, `work` says how it went."""

    def __init__(self, draft: Draft, *, change: bool) -> None:
        self.gate, self.ended = Gate(), asyncio.Event()
        self.work: Work | None = None
        self._draft, self._change = draft, change
        self._task: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    def app(self) -> web.Application:
        """All its addresses; each but the way in asks for the session."""
        app = web.Application(middlewares=[guard(()), self.gate.middleware()])
        app[DRAFT] = self._draft
        app.router.add_get("/enter/{code}", self.gate.enter)
        for page, following in itertools.pairwise(PAGES[:-1]):
            app.router.add_get(page.path, show(page))
            app.router.add_post(page.path, take(page, following.path))
        app.router.add_post("/printers/find", find)
        app.router.add_get("/check", show(PAGES[-2]))
        app.router.add_post("/check", self._begin)
        app.router.add_get("/work", self._work)
        app.router.add_get("/badge.png", self._badge)
        app.router.add_post("/end", self._end)
        for package, name, kind in FILES:
            text = files(f"edge_agent.web.{package}").joinpath("static", name).read_text("utf-8")
            app.router.add_get(f"/{name}", _file(text, kind))
        return app

    async def _begin(self, request: web.Request) -> web.StreamResponse:
        """Once: whoever presses again, though the first still writes, sees the work that goes on."""
        async with self._writing:
            if self.work is None:
                try:
                    work = Work(self._draft.path, self._draft.wanted(), change=self._change)
                    await asyncio.to_thread(work.begin)
                except AgentError as cause:
                    return shown(request, "/check", refused=sentence(words_of(cause), str(cause)))
                self.work = work
                self._task = asyncio.create_task(asyncio.to_thread(work.do))
        return on_to("/work")

    async def _work(self, request: web.Request) -> web.StreamResponse:
        work = self.work
        if work is None:
            return on_to("/check")
        failed = [one for one in work.outcomes if not one.ok]
        return shown(
            request,
            "/work",
            working=not work.over,
            state=_state(work, failed),
            steps_told=_steps(work),
            failed=failed,
            badge=bool(work.badge),
            added=work.added,
            then=_then(work, service=self._draft.service),
        )

    async def _badge(self, _: web.Request) -> web.StreamResponse:
        if self.work is None or not self.work.badge:
            raise web.HTTPNotFound
        return web.Response(body=self.work.badge, content_type="image/png")

    async def _end(self, _: web.Request) -> web.StreamResponse:
        """Not while steps are done: the page is where they are seen."""
        if self.work is None or not self.work.over:
            return on_to("/work")
        self.ended.set()
        return web.Response(text="好了，可以关掉这一页 · done, this page can be closed\n")


def _state(work: Work, failed: list[Outcome]) -> Words:
    done, all_of = len(work.outcomes), len(work.todo)
    if not work.over and done == all_of:
        return Words("正在做工牌", "making the badge")
    if not work.over:
        return Words(f"正在做第 {done + 1} 步，共 {all_of} 步", f"doing step {done + 1} of {all_of}")
    if failed:
        return Words(
            f"配置已写好，{len(failed)} 步没有成功", f"the configuration is written; {len(failed)} steps failed"
        )
    return Words("都做好了", "all is done")


def _steps(work: Work) -> list[Step]:
    """The configuration was written before any of them."""
    rows = [Step(Words("写配置", "write the configuration"), True)]
    for number, one in enumerate(work.todo):
        done = work.outcomes[number].ok if number < len(work.outcomes) else False
        at = number == len(work.outcomes) and not work.over
        rows.append(Step(Words(one.zh, one.en), None if at else done, Words("", one.typed)))
    return rows


def _then(work: Work, *, service: bool) -> Words:
    if work.settings is None:
        return Words("", "")
    page = f"{page_url(work.settings)}/"
    if service:
        return Words(f"操作页面：{page}", "the operators' page")
    return Words(f"启动代理：edge-agent run；操作页面：{page}", "start the agent; the operators' page")


def _file(text: str, media_type: str) -> Handler:
    async def give(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=media_type, charset="utf-8")

    return give


async def serve(draft: Draft, *, change: bool, tell: Callable[[str], None]) -> Work | None:
    """Run it until it is over; `tell` is given the address to open. What was done, None: nothing was begun."""
    site = Site(draft, change=change)
    runner = LimitedRunner(site.app(), shutdown_timeout=2.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, 0).start()
        tell(f"http://{HOST}:{runner.addresses[0][1]}/enter/{site.gate.code}")
        await site.ended.wait()
    finally:
        await runner.cleanup()
    return site.work
