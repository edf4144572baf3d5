"""What only the running agent knows, asked of its API: it has the ledger and the printers."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from edge_agent.config import AgentConfig
from edge_agent.errors import HeldError, SyncError
from edge_agent.messages.sync import twin
from edge_agent.messages.text import Words, all_of
from edge_agent.ops.doctor import todo
from edge_agent.ops.doctor.row import Found
from edge_agent.wiring import page_of


async def asked(config: AgentConfig, what: str) -> dict[str, Any]:
    """What the running agent answers of `what`. Raises as aiohttp does, and ConfigError as `page_of`."""
    async with _get(config, f"/api/v1/{what}") as answer:
        told: dict[str, Any] = await answer.json()
    return told


async def alive(config: AgentConfig) -> None:
    """Returns if the agent's page answers at all. Raises as `asked`."""
    async with _get(config, "/healthz"):
        return


@contextlib.asynccontextmanager
async def _get(config: AgentConfig, path: str) -> AsyncIterator[aiohttp.ClientResponse]:
    page, limit = page_of(config), aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(timeout=limit) as session, session.get(page.url + path, **page.how) as answer:
        answer.raise_for_status()
        yield answer


async def holds(config: AgentConfig) -> str:
    """Whether issuing is held: a disk that took no write is known to nobody else.

    Raises:
        HeldError: it is.
    """
    if found := (await asked(config, "holds"))["holds"]:
        raise HeldError(f"停发 issuing is held: {'; '.join(one['words'] for one in found)}")
    return "没有 none"


async def leases(config: AgentConfig) -> Found:
    """Whether serials may soon not be drawn any more, or may not now."""
    found = (await asked(config, "leases"))["leases"]
    if not found:
        return Found(Words("没有快到期的", "none ends soon"))
    return Found(all_of(Words(**one["words"]) for one in found), todo.LEASES)


async def sync(config: AgentConfig) -> str:
    """What the agent last heard: a registry that answers may still say no, as to a lost agent.

    Raises:
        SyncError: it says no.
    """
    told = await asked(config, "sync")
    if not told["configured"]:
        return "没有中心平台 no registry"
    said = f"{told['words_zh']} · {told['words_en']}"
    if told["state"] in ("refused", "cloned", "failed"):
        raise SyncError(f"{said} ({told['error']})" if told.get("error") else said)
    if told.get("twin"):
        raise SyncError(str(twin(told["twin"])))
    return said
