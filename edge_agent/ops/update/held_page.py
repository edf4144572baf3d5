"""What answers at the page's address while a new version is held: one page, and for programs one problem document."""

from __future__ import annotations

import contextlib
import html
import json
from types import TracebackType
from typing import Self

from aiohttp import web

from edge_agent.config import AgentConfig
from edge_agent.listening import answering

_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><meta http-equiv="refresh" content="10">
<title>停发 held</title><body style="font:20px sans-serif;margin:2em"><h1>{title}</h1><ul>{flaws}</ul><p>{todo}</p>
"""
CLOSED = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


class HeldPage:
    """Listens while the block lasts, locked as the page is; `flaws` may change meanwhile."""

    def __init__(self, config: AgentConfig, version: str, before: str) -> None:
        self._config, self.flaws = config, tuple[str, ...]()
        self.title = f"新版本 {version} 自检没有通过，停发中 · {version} is held: its self-check is not well"
        self.todo = (
            f"改好后自动继续；要退回 {before}：sudo edge-agent update back · it goes on by itself once this is mended; "
            f"back to {before}: sudo edge-agent update back"
        )
        self.address = ""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/healthz", self._alive)
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._open = contextlib.AsyncExitStack()
        self.address = await self._open.enter_async_context(answering(self._config, app))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "held"}, headers=CLOSED)

    async def _answer(self, request: web.Request) -> web.Response:
        """Everything else is refused, and says why."""
        detail = "; ".join((self.title, *self.flaws))
        if request.method == "GET" and "text/html" in request.headers.get("Accept", ""):
            rows = "".join(f"<li>{html.escape(one)}</li>" for one in self.flaws)
            page = _PAGE.format(title=html.escape(self.title), flaws=rows, todo=html.escape(self.todo))
            return web.Response(text=page, content_type="text/html", status=503, headers=CLOSED)
        problem = {"type": "/problems/held", "title": "Service Unavailable", "status": 503, "detail": detail}
        body = json.dumps(problem | {"words_zh": self.title.partition(" · ")[0]}, ensure_ascii=False)
        return web.Response(text=body, content_type="application/problem+json", status=503, headers=CLOSED)
