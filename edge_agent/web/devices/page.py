"""An application of two addresses: the page, and the certificate. Whoever asks for anything else gets nothing.

Over http, since a device that does not trust the certificate yet cannot be given it over https. So somebody in between
could hand out another one, with a fingerprint to it: the page says where to read the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from aiohttp import web
from jinja2 import Environment, StrictUndefined

from edge_agent.web.guard import Handler

FILE = "edge-agent-ca.crt"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Handed:
    """What devices are given: `pem`, the certificate; its `fingerprint` as they show it; `until`, its last day; and the
    addresses of the page (`pages`) that they open then."""

    pem: bytes
    fingerprint: str
    until: str
    pages: Sequence[str]


def build_devices(site: str, handed: Callable[[], Handed]) -> web.Application:
    """The application; `handed` is asked each time, since the authority may be made anew."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(files("edge_agent.web.devices").joinpath("page.html").read_text("utf-8"))

    async def page(_: web.Request) -> web.StreamResponse:
        text = template.render(site=site, file=FILE, handed=handed())
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def certificate(_: web.Request) -> web.StreamResponse:
        named = {"Content-Disposition": f'attachment; filename="{FILE}"'}
        return web.Response(body=handed().pem, content_type="application/x-x509-ca-cert", headers={**HEADERS, **named})

    routes: Mapping[str, Handler] = {"/": page, f"/{FILE}": certificate}
    app = web.Application()
    for path, handler in routes.items():
        app.router.add_get(path, handler)
    return app
