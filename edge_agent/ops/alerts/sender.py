"""One message to one robot. What goes wrong is told without the address, whose query is the robot's secret."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

from edge_agent.config.alerts import AlertRow
from edge_agent.errors import SyncError
from edge_agent.ops.alerts.formats import refusal

TIMEOUT_S = 15.0
_ANSWER_BYTES = 64 * 1024


class PublicResolver(AbstractResolver):
    """Names only addresses of the open internet: a name that leads into this site's own network is refused when it is
    connected to, not when it is configured, for a name may lead elsewhere tomorrow."""

    def __init__(self) -> None:
        self._inner = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`. Raises OSError: none, or one that is not public."""
        found = await self._inner.resolve(host, port, family)
        for one in found:
            require_public(one["host"])
        return found

    async def close(self) -> None:
        """Closes what it asks with."""
        await self._inner.close()


def require_public(address: str) -> None:
    """Raises OSError: an address of this computer, of a private network, or of no host at all."""
    found = ipaddress.ip_address(address.partition("%")[0].strip("[]"))
    if not found.is_global or found.is_multicast:
        told = "an address inside this site's own network; set private_addresses = true if that is meant"
        raise OSError(errno.EACCES, told)


async def send(row: AlertRow, url: str, body: bytes) -> None:
    """Sends `body` to `url`, which is `row.url` and perhaps a signature.

    Raises:
        SyncError: not taken; the sentence holds nothing of the address but its host.
    """
    host = urlsplit(row.url).hostname or ""
    try:
        if not row.private_addresses and _is_address(host):  # aiohttp asks its resolver for names alone
            require_public(host)
        why = await _post(row, url, body)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as cause:
        raise SyncError(f"alert to {host}: expected it to be taken, got {_plainly(cause)}") from None
    if why:
        raise SyncError(f"alert to {host}: expected it to be taken, got {why}")


async def _post(row: AlertRow, url: str, body: bytes) -> str:
    resolver = None if row.private_addresses else PublicResolver()
    connector = aiohttp.TCPConnector(resolver=resolver, force_close=True)
    timeout, headers = aiohttp.ClientTimeout(total=TIMEOUT_S), {"Content-Type": "application/json; charset=utf-8"}
    async with (
        aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session,
        session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
    ):
        told = bytearray()
        async for piece in answer.content.iter_chunked(1 << 12):
            told += piece
            if len(told) > _ANSWER_BYTES:
                break
        return refusal(row, answer.status, bytes(told))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _plainly(cause: Exception) -> str:
    """The system's own words, or the class: a library's sentence may quote the address."""
    inner: Any = getattr(cause, "os_error", None) or cause
    return inner.strerror if isinstance(inner, OSError) and inner.strerror else type(cause).__name__
