"""Who may see the page: whoever opens the address with the code that the terminal printed, and that once.

The page reads and writes as whoever called the command, root often; so nobody else on this computer may reach it,
though it listens on loopback alone. The code is spent by its first use, in exchange for a cookie of that browser.
"""

from __future__ import annotations

import hmac
import secrets
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from edge_agent.messages.text import Words
from edge_agent.web.console.draw import draw
from edge_agent.web.console.page import html

COOKIE = "edge_setup"
USED = Words(
    "这个地址已经用过，或不是终端里打出的那个；要再来一次，请在终端里重新运行 edge-agent setup --page",
    "this address was used already, or is not the one in the terminal; for a new one run edge-agent setup --page again",
)


class Gate:
    """One code and one session. A code that was used, or that nobody gave, opens nothing."""

    def __init__(self) -> None:
        self.code = secrets.token_urlsafe(24)
        self._session = ""

    async def enter(self, request: web.Request) -> web.StreamResponse:
        """Exchange the code for a session; the address with the code in it does not stay in the browser's bar."""
        if self._session or not hmac.compare_digest(request.match_info["code"].encode(), self.code.encode()):
            return html(draw("setup/closed.html", words=USED), HTTPStatus.FORBIDDEN)
        self._session = secrets.token_urlsafe(24)
        answer = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/factory"})
        answer.set_cookie(COOKIE, self._session, path="/", httponly=True, samesite="Strict")
        return answer

    def middleware(self) -> Middleware:
        """Lets nobody past without the session; the way in is the code's address."""

        @web.middleware
        async def stand(request: web.Request, handler: Handler) -> web.StreamResponse:
            shown = request.cookies.get(COOKIE, "")
            inside = bool(self._session) and hmac.compare_digest(shown.encode(), self._session.encode())
            if inside or request.path.startswith("/enter/"):
                return await handler(request)
            return html(draw("setup/closed.html", words=USED), HTTPStatus.FORBIDDEN)

        return stand
