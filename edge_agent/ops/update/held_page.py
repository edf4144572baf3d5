"""What answers at the page's address while a new version is held: one page, and for programs one problem document."""

from __future__ import annotations

import html
import json
from types import TracebackType
from typing import Self

from aiohttp import web

from edge_agent.config.web import WebTable
from label_protocol.errors import cannot_listen
from label_protocol.http_limits import LimitedRunner, Limits

_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><meta http-equiv="refresh" content="10">
<title>停发 held</title><body style="font:20px sans-serif;margin:2em"><h1>{title}</h1><ul>{flaws}</ul><p>{todo}</p>
"""
CLOSED = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


class HeldPage:
    """Listens while the block lasts; `flaws` may change meanwhile."""

    def __init__(self, settings: WebTable, version: str, before: str) -> None:
        self._settings, self.flaws = settings, tuple[str, ...]()
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
        self._runner = LimitedRunner(app, Limits.of(self._settings), shutdown_timeout=2.0)
        await self._runner.setup()
        host, port = self._settings.host, self._settings.port
        try:
            await web.TCPSite(self._runner, host, port).start()
        except OSError as cause:
            await self._runner.cleanup()
            raise cannot_listen("web", host, port, cause) from cause
        self.address = f"http://{host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

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
