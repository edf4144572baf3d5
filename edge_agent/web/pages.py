"""The operator's page at `/`: a few files of our own, no build step, nothing from elsewhere.

The page is a client of the API and nothing more; it fills itself by `textContent`, so no fact can become markup.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.resources import files
from inspect import getdoc

from aiohttp import web

from edge_agent.errors import NotFoundError
from edge_agent.web.context import service
from edge_agent.web.guard import Handler
from edge_agent.web.problems import KINDS, status_of

SCRIPTS = (
    "app.js",
    "cards.js",
    "choice.js",
    "dialog.js",
    "dom.js",
    "doubts.js",
    "form.js",
    "keys.js",
    "lists.js",
    "operator.js",
    "patch.js",
    "presses.js",
    "quantity.js",
    "scanner.js",
    "scans.js",
    "sound.js",
    "session.js",
    "state.js",
    "strips.js",
    "talk.js",
)
FILES = {
    "/": ("index.html", "text/html"),
    "/static/app.css": ("app.css", "text/css"),
    "/static/icon.svg": ("icon.svg", "image/svg+xml"),
    **{f"/static/{name}": (name, "text/javascript") for name in SCRIPTS},
}
"""Every path by name: no path from outside ever reaches the file system."""


def add_pages(app: web.Application) -> None:
    """Adds the page, its files, and a short text per kind of problem."""
    folder = files("edge_agent.web").joinpath("static")
    for path, (name, media_type) in FILES.items():
        app.router.add_get(path, _file(folder.joinpath(name).read_text("utf-8"), media_type))
    app.router.add_get("/static/scanner_settings.js", _scanner_settings)
    app.router.add_get("/problems/{kind}", _explain)


def _file(text: str, media_type: str) -> Handler:
    async def give(_: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type=media_type, charset="utf-8")

    return give


async def _scanner_settings(request: web.Request) -> web.Response:
    """The site's scanners, known to the page's scripts before the first key."""
    terms = json.dumps(asdict(service(request).scans.terms))
    text = f"// How this site's scanners play their keys: [scanner] of agent.toml.\nexport const SCANNER = {terms};\n"
    return web.Response(text=text, content_type="text/javascript", charset="utf-8")


async def _explain(request: web.Request) -> web.Response:
    """What a problem's `type` leads to."""
    kind = KINDS.get(request.match_info["kind"])
    if kind is None:
        raise NotFoundError(f"problem: expected one of {', '.join(KINDS)}; see the type of the answer")
    return web.Response(text=f"{kind.__name__} ({status_of(kind).value})\n\n{getdoc(kind)}\n")
