"""What goes between agent and registry: a proxy that writes it down, a stand-in that says again what was written."""

from __future__ import annotations

import contextlib
import gzip
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from central_registry.agents.enrolment import add_agent
from edge_agent.sync.http_client import HttpRegistry, enrol
from label_protocol.codes.digital_link import DigitalLink
from tests.kits.registry_kit import AT, Registry

HEADERS = ("Authorization", "Content-Type", "Content-Encoding")
"""Of a request, what the registry acts on."""


def proxy(target: str, exchanges: list[dict[str, Any]]) -> web.Application:
    """An application that hands every request on and writes both sides down, each different exchange once."""

    async def hand_on(request: web.Request) -> web.Response:
        body = await request.read()
        headers = {name: request.headers[name] for name in HEADERS if name in request.headers}
        async with (
            aiohttp.ClientSession() as session,
            session.request(request.method, target.rstrip("/") + request.path_qs, data=body, headers=headers) as answer,
        ):
            said = await answer.read()
        exchange = _asked(request, body) | {"status": answer.status, "answer": said.decode()}
        if exchange not in exchanges:
            exchanges.append(exchange)
        return web.Response(body=said, status=answer.status, content_type=answer.content_type)

    app = web.Application(client_max_size=2**25)
    app.router.add_route("*", "/{rest:.*}", hand_on)
    return app


def _asked(request: web.Request, body: bytes) -> dict[str, Any]:
    """A request as it is recorded. What gzip makes of a text is zlib's affair; the text is ours. Some servers unpack it
    before it is read."""
    packed = body.startswith(b"\x1f\x8b")
    return {
        "method": request.method,
        "path": request.path_qs,
        "headers": {name: request.headers[name] for name in HEADERS if name in request.headers},
        "body": (gzip.decompress(body) if packed else body).decode(),
    }


@contextlib.asynccontextmanager
async def stand_in(exchanges: Sequence[dict[str, Any]]) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """Answers what was recorded for an address and a body; gives its own address and the list of what it is asked."""
    heard: list[dict[str, Any]] = []

    async def answer(request: web.Request) -> web.Response:
        asked = _asked(request, await request.read())
        heard.append(asked)
        for known in reversed(exchanges):
            if (known["method"], known["path"]) == (asked["method"], asked["path"]):
                return web.Response(text=known["answer"], status=known["status"], content_type="application/json")
        return web.Response(status=501)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/"), heard


async def ask_everything(url: str, exchanges: Sequence[dict[str, Any]]) -> list[Any]:
    """Every question an agent has beside its batches, to the registry at `url`; the answers as the agent reads them."""
    spent, client = json.loads(of("/v1/enrol", exchanges)["body"]), client_of(url, exchanges)
    cursors = sorted({one["path"].partition("after=")[2] for one in exchanges if "/feed?" in one["path"]})
    pages = [one["path"].partition("?")[2] for one in exchanges if "/events?" in one["path"]]
    try:
        found: list[Any] = [await enrol(url, spent["token"], spent["name"], spent["fingerprint"])]
        found += [await client.check_keys(), await client.distribution(None)]
        found += [await client.distribution(cursor.replace("%3A", ":")) for cursor in cursors]
        for page in dict.fromkeys(pages):
            fields = dict(part.split("=") for part in page.split("&"))
            found.append(await client.history(fields.get("incarnation"), int(fields["after"])))
    finally:
        await client.close()
    return [json.loads(json.dumps(asdict(one), default=_plain, sort_keys=True)) for one in found]


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else dict(value)


def client_of(url: str, exchanges: Sequence[dict[str, Any]]) -> HttpRegistry:
    """The client with the identity that the recording was made with."""
    asked = of("/check-keys", exchanges)
    agent = asked["path"].split("/")[3]
    return HttpRegistry(url, agent, asked["headers"]["Authorization"].removeprefix("Bearer "))


def of(end: str, exchanges: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The last exchange at an address that ends so."""
    return next(one for one in reversed(exchanges) if one["path"].endswith(end))


async def spend_a_token(central: Registry, url: str) -> str:
    """An agent enrols as the program does; another's token stays unspent, and is given."""
    token = await add_agent(central.pool, "line-2", AT)
    await enrol(url, token, "line-2", "machine-2")
    return await add_agent(central.pool, "line-3", AT)


async def paths(pool: Any) -> list[str]:
    """The address of every label the registry knows, in order of serial."""
    rows = await pool.fetch("SELECT unnest(serials) AS serial, gtin, lot_no FROM drawing ORDER BY 1, 3")
    return list(dict.fromkeys(DigitalLink(row["gtin"], row["serial"], row["lot_no"]).path() for row in rows))


async def pages(registry: Registry) -> dict[str, dict[str, Any]]:
    """What a consumer is told of every label, as JSON and as a page; looked at without being counted."""
    found = {}
    for path in await paths(registry.pool):
        status, html = await registry.page(path, Purpose="prefetch")
        answer = await registry.http.get(path, headers={"Accept": "application/json", "Purpose": "prefetch"})
        found[path] = {"status": status, "json": await answer.json(), "html": html}
    return found
