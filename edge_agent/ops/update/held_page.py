"""What answers at the page's address while a new version is held: one page, and for programs one problem document."""

from __future__ import annotations

import html
import json

from aiohttp import web

_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><meta http-equiv="refresh" content="10">
<title>停发 held</title><body style="font:20px sans-serif;margin:2em"><h1>{title}</h1><ul>{flaws}</ul><p>{todo}</p>
"""
CLOSED = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


class HeldPage:
    """What is shown; `flaws` may change meanwhile."""

    def __init__(self, version: str, before: str) -> None:
        self.flaws = tuple[str, ...]()
        self.title = f"新版本 {version} 自检没有通过，停发中 · {version} is held: its self-check is not well"
        self.todo = (
            f"改好后自动继续；要退回 {before}：sudo edge-agent update back · it goes on by itself once this is mended; "
            f"back to {before}: sudo edge-agent update back"
        )

    def app(self) -> web.Application:
        """The page as a server of its own."""
        app = web.Application()
        app.router.add_route("*", "/healthz", self._alive)
        app.router.add_route("*", "/{path:.*}", self._answer)
        return app

    async def _alive(self, _: web.Request) -> web.Response:
        return web.json_response({"alive": True, "held": True}, headers=CLOSED)

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
