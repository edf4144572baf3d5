"""How a refusal and a failure leave the registry."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.kits.registry_kit import Registry, running


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


async def test_problems_explain_themselves(registry: Registry) -> None:
    answer = await registry.http.get("/problems/gap")
    assert "send again" in (await answer.json())["advice"]
    missing = await registry.http.get("/problems/none-such")
    assert (missing.status, missing.content_type) == (404, "application/problem+json")
    assert (await registry.http.get("/nowhere")).content_type == "application/problem+json"
    assert (await registry.http.post("/healthz")).status == 405
    health = await (await registry.http.get("/healthz")).json()
    assert health == {"ok": True}


@pytest.mark.parametrize("levels", [400, 700, 900, 1_900])
async def test_a_deep_body_of_a_stranger_is_no_failure(registry: Registry, levels: int) -> None:
    body = b'{"login": ' + b"[" * levels + b"]" * levels + b"}"
    answer = await registry.http.post("/v1/admin/login", data=body)
    assert answer.status in (400, 422), await answer.text()


async def test_a_failure_says_nothing_of_its_inside(registry: Registry, tmp_path: Path) -> None:
    await registry.pool.execute("DROP TABLE serial CASCADE")
    answer = await registry.http.get("/01/06901234567892/21/PH1V6W55FF904G7T8")
    text = await answer.text()
    assert answer.status == 500
    assert "serial" not in text
