"""Every page and every form of the console, asked by somebody of every kind of party about another side's rows:
nothing read, nothing written. Pages and forms are those of the console's own tables: a new one is tried by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient

from central_registry.app import build_app
from central_registry.console.page import Action, form_token
from central_registry.console.pages import ACTIONS, PAGES
from central_registry.console.pieces.form import Upload
from central_registry.fence.roles import Logins
from central_registry.parties.actor import PartyKind
from tests.central_registry.fence.test_every_endpoint import MARK, _columns, _theirs, _token, _value, a_body
from tests.kits.fence_kit import B, Fenced, fenced
from tests.kits.http_kit import Served
from tests.kits.registry_kit import AT

_PART = re.compile(r"{(\w+)}")
_DRAWN = re.compile(r"<svg.*?</svg>", re.DOTALL)
NO_COLUMN = {"alarm": "0", "code_order": "a-code_order", "file_hash": "a-sha256", "what": "lot", "number": "a-lot_no"}
"""Parts of an address that are named as no column is, and what the other side has there."""


@pytest.fixture(autouse=True)
def registry() -> Fenced:
    """Made before anything runs in a loop."""
    return fenced()


def address(path: str) -> str:
    """Of the other side's."""
    return _PART.sub(lambda part: NO_COLUMN.get(part[1]) or _value(part[1]), path)


def fields(action: Action) -> Iterator[tuple[str, str]]:
    """What its form takes, speaking of the other side wherever it names something."""
    schema = action.form.model_json_schema()
    for name in action.form.model_fields:
        if not _is_file(action, name):
            value = a_body(schema["properties"][name], schema.get("$defs", {}), name)
            for one in value if isinstance(value, list) else [value]:
                yield name, str(one)


def _is_file(action: Action, name: str) -> bool:
    return Upload.__name__ in str(action.form.model_fields[name].annotation)


def filled(action: Action, token: str) -> FormData:
    data = FormData([*fields(action), ("form_token", form_token(token)), ("back", "/console/"), ("answer", "yes")])
    for name in action.form.model_fields:
        if _is_file(action, name):
            data.add_field(name, b'{"product": {"style_no": "a-style_no"}}', filename="a.json")
    return data


def sent(action: Action) -> set[str]:
    return set(MARK.findall(" ".join([address(action.path), *(value for _, value in fields(action))])))


def test_every_part_of_an_address_is_known_to_the_walk() -> None:
    parts = {part for one in (*PAGES, *ACTIONS) for part in _PART.findall(one.path)}
    assert parts - _columns(fenced()) - NO_COLUMN.keys() == set(), "name it as its column, or say here what it is"


@pytest.mark.costly
@pytest.mark.parametrize("role", ["as the roles", "as the owner"])
async def test_nothing_of_another_side_is_read_or_written(registry: Fenced, role: str) -> None:
    """As the owner nothing in the database fences: what is refused then, the pages' services refuse by themselves."""
    logins = registry.logins if role == "as the roles" else Logins(registry.logins.owner)
    owner = await asyncpg.connect(registry.logins.owner)
    try:
        async with TestClient(Served(build_app(logins, clock=lambda: AT))) as http:
            before = await _theirs(owner, registry)
            for kind in PartyKind:
                await walk(http, owner, kind)
            after = await _theirs(owner, registry)
        assert before - after == set(), "changed, or taken out"
        assert [row for row in after - before if "b-" not in row] == [], "put among theirs"
    finally:
        await owner.close()


async def walk(http: TestClient[Any, Any], owner: Any, kind: PartyKind) -> None:
    token = await _token(owner, kind)
    said = set().union(*map(sent, ACTIONS))
    for one in (*PAGES, *ACTIONS):
        head = {"Cookie": f"registry_session={token}", "Sec-Fetch-Site": "same-origin"}
        if isinstance(one, Action):
            answer = await http.post(address(one.path), data=filled(one, token), headers=head, allow_redirects=False)
        else:
            answer = await http.get(address(one.path), headers=head, allow_redirects=False)
        told = _DRAWN.sub("", await answer.text())
        assert answer.status < 500, (kind, one.path, told)
        if kind is not PartyKind.OPERATOR:
            known = said | set(MARK.findall(address(one.path)))
            assert set(MARK.findall(told)) - known == set(), (kind, one.path, answer.status)
        if "login" in answer.headers.get("Location", ""):  # it logged itself out
            token = await _token(owner, kind)


async def test_ones_own_side_is_found_through_the_fence() -> None:
    """Else the walk would be one along a wall without a door."""
    owner = await asyncpg.connect(fenced().logins.owner)
    head = {"Cookie": f"registry_session={await _token(owner, PartyKind.ASSOCIATION)}"}
    await owner.close()
    async with TestClient(Served(build_app(fenced().logins, clock=lambda: AT))) as http:
        answer = await http.get("/console/parties", headers=head)
        assert B.party("firm") in await answer.text()
