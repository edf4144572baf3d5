"""`/openapi.json` (OpenAPI 3.1) from the table of routes; schemas come from the very models that read and answer."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, TypeAdapter

from edge_agent import __version__
from edge_agent.web.problems import MEDIA_TYPE
from edge_agent.web.routes import Route

_REF = "#/components/schemas/{model}"

_PROBLEM = {
    "type": "object",
    "description": "RFC 9457; `detail` says what, expected, got, and what to do",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "retry_safe": {"type": "boolean"},
        "findings": {"type": "array", "items": {"type": "object"}},
    },
}


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """The whole document."""
    schemas: dict[str, Any] = {"Problem": _PROBLEM}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "标签代理 · edge agent", "version": __version__},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": f"{route.zh} · {route.en}",
        "parameters": _parameters(route),
        "responses": {
            str(route.status): {"description": route.zh, "content": _content(route.gives, schemas)},
            "default": {"description": "problem", "content": {MEDIA_TYPE: {"schema": _ref("Problem")}}},
        },
    }
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.body, schemas)}
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    text = {"type": "string"}
    names = re.findall(r"\{(\w+)\}", route.path)
    found: list[dict[str, Any]] = [{"name": name, "in": "path", "required": True, "schema": text} for name in names]
    found += [{"name": name, "in": "query", "description": said, "schema": text} for name, said in route.query.items()]
    if route.keyed:
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": text})
    return found


def _content(kind: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, str | tuple):
        return {one: {"schema": {"type": "string"}} for one in ((kind,) if isinstance(kind, str) else kind)}
    if kind is None:
        return {"application/json": {"schema": {"type": "object"}}}
    return {"application/json": {"schema": _schema(kind, schemas)}}


def _schema(kind: type[Any], schemas: dict[str, Any]) -> dict[str, Any]:
    mode: Literal["validation", "serialization"] = "validation" if issubclass(kind, BaseModel) else "serialization"
    schema = TypeAdapter(kind).json_schema(ref_template=_REF, mode=mode)
    schemas.update(schema.pop("$defs", {}))
    schemas[kind.__name__] = schema
    return _ref(kind.__name__)


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REF.format(model=name)}
