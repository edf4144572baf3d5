"""Describes all that can be asked of the registry, from the tables that serve it (OpenAPI 3.1)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import cache
from typing import Any

from aiohttp import web

from central_registry import __version__
from central_registry.http.admin.endpoint import Endpoint
from central_registry.http.bodies import json_bytes
from central_registry.parties.acts import TABLE

Handler = Callable[[web.Request], Awaitable[web.Response]]

_PART = re.compile(r"{(\w+)(?::[^}]*)?}")
_PROBLEM = {"description": "a problem document (RFC 9457)", "content": {"application/problem+json": {}}}
_SESSION = {"session": {"type": "http", "scheme": "bearer", "description": "of POST /v1/admin/login"}}


def described_by(routes: Sequence[web.RouteDef], endpoints: Sequence[Endpoint]) -> Handler:
    """A handler that answers with the document, which is made when it is first asked for: few registries ever are, and
    every start would wait for it."""
    body = cache(lambda: json_bytes(describe(routes, endpoints)))

    async def get_openapi(_: web.Request) -> web.Response:
        """All that can be asked, as OpenAPI 3.1."""
        return web.Response(body=body(), content_type="application/json")

    return get_openapi


def describe(routes: Iterable[web.RouteDef], endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """The document. Of an endpoint for people it says which act it is, and who may do that."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {}
    for one in routes:
        _add(paths, one.method, one.path, {"summary": _first_sentence(one.handler)})
    for endpoint in endpoints:
        _add(paths, endpoint.method, endpoint.path, _of_people(endpoint, schemas))
    return {
        "openapi": "3.1.0",
        "info": {"title": "商品标签登记平台 · central registry", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SESSION},
    }


def _add(paths: dict[str, dict[str, Any]], method: str, path: str, said: dict[str, Any]) -> None:
    parts = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _PART.findall(path)
    ]
    answers = {"200": {"description": "done"}, "default": _PROBLEM}
    paths.setdefault(_PART.sub(r"{\1}", path), {})[method.lower()] = {"parameters": parts, "responses": answers, **said}


def _of_people(endpoint: Endpoint, schemas: dict[str, Any]) -> dict[str, Any]:
    rule = TABLE[endpoint.act]
    eyes = " · 提出和批准须两人 maker and approver differ" if rule.four_eyes else ""
    who = f"{'/'.join(sorted(rule.roles))} of {'/'.join(sorted(rule.kinds))}"
    said: dict[str, Any] = {
        "summary": f"{endpoint.zh} · {endpoint.en}",
        "description": f"{rule.zh} · {rule.en} (`{endpoint.act}`): {who}{eyes}",
        "security": [{"session": []}],
        "x-act": endpoint.act.value,
        "x-roles": sorted(rule.roles),
        "x-kinds": sorted(rule.kinds),
    }
    if endpoint.body is not None:
        model = endpoint.body.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas |= model.pop("$defs", {})
        schemas[endpoint.body.__name__] = model
        body = {"$ref": f"#/components/schemas/{endpoint.body.__name__}"}
        said["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return said


def _first_sentence(handler: Any) -> str:
    return " ".join((inspect.getdoc(handler) or "").split("\n\n")[0].split())
