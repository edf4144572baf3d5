"""Every endpoint for people, asked by somebody of every kind of party about another side's rows: nothing read, nothing
written. What is tried is made from the table of endpoints, so that a new one is tried by itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from aiohttp.test_utils import TestClient

from central_registry.app import build_app
from central_registry.fence.roles import Logins
from central_registry.http.admin.endpoint import Endpoint
from central_registry.http.admin.table import ENDPOINTS
from central_registry.parties.actor import PartyKind, Role
from tests.kits.fence_kit import ALONE, A, B, Fenced, fenced
from tests.kits.http_kit import Served
from tests.kits.platform_kit import add_person, token_of
from tests.kits.registry_kit import AT

MARK = re.compile(r"\ba-[a-z0-9_]+")
"""How every text of the other side begins."""

NO_COLUMN: Mapping[str, str] = {}
"""Parts of an address that are no column's name, and what the other side has there."""


@pytest.fixture
def registry() -> Fenced:
    return fenced()


@pytest.fixture(params=["as the roles", "as the owner"])
async def http(request: pytest.FixtureRequest, registry: Fenced) -> AsyncIterator[TestClient[Any, Any]]:
    """As the owner nothing in the database fences: what is refused then, the handlers refuse by themselves."""
    logins = registry.logins if request.param == "as the roles" else Logins(registry.logins.owner)
    async with TestClient(Served(build_app(logins, clock=lambda: AT))) as client:
        yield client


def _columns(registry: Fenced) -> set[str]:
    return {name for columns in registry.columns.values() for name in columns}


def test_every_part_of_an_address_is_known_to_the_walk(registry: Fenced) -> None:
    """A part that is named as no column is would be asked for nobody's row."""
    parts = {part for endpoint in ENDPOINTS for part in re.findall(r"{(\w+)", endpoint.path)}
    assert parts - _columns(registry) - NO_COLUMN.keys() == set(), "name it as its column, or say here what it is"


async def test_nobody_asks_anything(http: TestClient[Any, Any]) -> None:
    for endpoint in ENDPOINTS:
        assert (await _asked(http, endpoint, {})).status == 401, endpoint


@pytest.mark.parametrize("kind", list(PartyKind))
async def test_nothing_of_another_side_is_read_or_written(http: TestClient[Any, Any], kind: PartyKind) -> None:
    registry = fenced()
    owner = await asyncpg.connect(registry.logins.owner)
    try:
        token = await _token(owner, kind)
        before, said = await _theirs(owner, registry), set().union(*map(_sent, ENDPOINTS))
        for endpoint in ENDPOINTS:
            answer = await _asked(http, endpoint, {"Authorization": f"Bearer {token}"})
            told = await answer.text()
            assert answer.status < 500, (endpoint.method, endpoint.path, told)
            if answer.status < 300 and kind is not PartyKind.OPERATOR:
                assert set(MARK.findall(told)) - said == set(), (endpoint.method, endpoint.path)
            if answer.status == 401:  # it logged itself out, or changed its own password
                token = await _token(owner, kind)
        after = await _theirs(owner, registry)
        assert before - after == set(), "changed, or taken out"
        assert [row for row in after - before if "b-" not in row] == [], "put among theirs"
    finally:
        await owner.close()


async def test_ones_own_side_is_found_through_the_fence(http: TestClient[Any, Any]) -> None:
    """Else the walk would be one along a wall without a door."""
    owner = await asyncpg.connect(fenced().logins.owner)
    shown = {"Authorization": f"Bearer {await _token(owner, PartyKind.ASSOCIATION)}"}
    await owner.close()
    answer = await http.get(f"/v1/admin/parties/{B.party('firm')}", headers=shown)
    assert (answer.status, (await answer.json())["party"]) == (200, B.party("firm"))


async def _token(owner: Any, kind: PartyKind) -> str:
    async with asyncpg.create_pool(fenced().logins.owner, min_size=1, max_size=2) as pool:
        return await token_of(pool, await add_person(pool, B.party(kind), *Role))


async def _theirs(owner: Any, registry: Fenced) -> set[str]:
    """Every row that says anything of the other side, as text; a row that speaks of both is the asker's own."""
    found = set()
    for table in registry.columns.keys() - ALONE - {"audit"}:
        rows = await owner.fetch(f"SELECT t::text AS row FROM {table} t WHERE t::text ~ '\\ma-'")
        found |= {f"{table} {row['row']}" for row in rows}
    return found


async def _asked(http: TestClient[Any, Any], endpoint: Endpoint, headers: Mapping[str, str]) -> Any:
    body = None if endpoint.body is None else a_body(endpoint.body.model_json_schema())
    return await http.request(endpoint.method, _address(endpoint), json=body, headers=headers)


def _address(endpoint: Endpoint) -> str:
    return re.sub(r"{(\w+)[^}]*}", lambda part: _value(part[1]), endpoint.path)


def _value(name: str) -> str:
    """The other side's, where the word names a row; else just a word."""
    if name in NO_COLUMN:
        return NO_COLUMN[name]
    names = {key for keys in fenced().keys.values() for key in keys} | {"owner", "concerns", "filed_by"}
    return str(A.value(name, "text")) if name in names else f"some {name}"


def _sent(endpoint: Endpoint) -> set[str]:
    body = "" if endpoint.body is None else str(a_body(endpoint.body.model_json_schema()))
    return set(MARK.findall(_address(endpoint) + " " + body))


def a_body(schema: Mapping[str, Any], defs: Mapping[str, Any] | None = None, name: str = "") -> Any:
    """Something the model takes, which speaks of the other side wherever it names something."""
    defs = defs or schema.get("$defs", {})
    if "$ref" in schema:
        return a_body(defs[schema["$ref"].rpartition("/")[2]], defs, name)
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return a_body(schema[choice][0], defs, name)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [""])[0])
    kind = schema.get("type")
    if kind == "object":
        return {key: a_body(one, defs, key) for key, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [a_body(schema.get("items", {}), defs, name.removesuffix("s"))]
    if kind == "string":
        return {"date": "2026-11-20", "date-time": "2026-11-20T09:00:00Z"}.get(schema.get("format", ""), _value(name))
    return {"boolean": True, "integer": max(1, schema.get("minimum", 1)), "number": 1}.get(str(kind))
