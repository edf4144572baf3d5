"""Sends what addresses are told, for as long as the service runs, and only to where it may (exchange/addresses.py).

A name is looked up once, each of its addresses is checked, and the connection goes to one of those: between a check and
a second look-up its owner could let it lead into this network. No redirect is followed, no proxy asked, no body read.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

import aiohttp
import structlog
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from central_registry.db import DatabaseError, told
from central_registry.exchange.addresses import checked_url, is_public
from central_registry.exchange.deliveries import Answer, Post, find, send_due
from central_registry.http.context import CLOCK, POOL
from central_registry.problems import ProblemError

LOOK_S = 2.0
_TRY_S = 15.0
LookUp = Callable[[str], Awaitable[Sequence[str]]]
"""The addresses of a name."""

POSTING: web.AppKey[Callable[[], contextlib.AbstractAsyncContextManager[Post]]] = web.AppKey(
    "posting",
    Callable[[], contextlib.AbstractAsyncContextManager[Post]],  # type: ignore[arg-type]
)
_log = structlog.get_logger("central_registry")


class Public(AbstractResolver):
    """Gives aiohttp the addresses that it then connects to: those of a name, if all of them are public."""

    def __init__(self, look_up: LookUp) -> None:
        self._look_up = look_up

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises OSError: one of them is not, or there is none."""
        found = await self._look_up(host)
        if not found or not all(map(is_public, found)):
            raise OSError(f"{host}: expected addresses of the public internet alone, got another; nothing was sent")
        return [
            ResolveResult(
                hostname=host,
                host=one,
                port=port,
                family=socket.AF_INET6 if ":" in one else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for one in found
        ]

    async def close(self) -> None:
        """Nothing is held."""


async def by_system(host: str) -> Sequence[str]:
    """As this computer looks names up."""
    rows = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


@contextlib.asynccontextmanager
async def posting(look_up: LookUp = by_system) -> AsyncIterator[Post]:
    """A `Post` over HTTPS."""
    connector = aiohttp.TCPConnector(resolver=Public(look_up), use_dns_cache=False, limit=40, force_close=True)
    limits = aiohttp.ClientTimeout(total=_TRY_S)
    async with aiohttp.ClientSession(
        connector=connector, timeout=limits, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:

        async def post(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
            try:
                checked_url(url)
                async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                    return Answer(200 <= answer.status < 300, f"HTTP {answer.status}")
            except ProblemError as cause:
                return Answer(False, str(cause))
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as cause:
                return Answer(False, str(cause.__cause__ or cause) or "no answer in time")

        yield post


async def keep_telling(app: web.Application) -> AsyncIterator[None]:
    """Look every two seconds, for as long as the application runs; a database that is away is asked again."""
    async with app.get(POSTING, posting)() as post:
        telling = asyncio.create_task(_keep_telling(app, post))
        yield
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling


async def _keep_telling(app: web.Application, post: Post) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            with contextlib.suppress(DatabaseError), told():
                await find(app[POOL], app[CLOCK]())
                await send_due(app[POOL], post, app[CLOCK])
        except Exception:
            _log.exception("webhooks_failed")
