"""The central registry over HTTP (docs/architecture.md, 7.4): one session, Bearer secret, bounded answers.

Redirects are not followed: the secret goes to the address that was configured and to no other.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import quote

import aiohttp
from yarl import URL

from edge_agent import __version__
from edge_agent.clock import in_full
from edge_agent.errors import RegistryAwayError, RegistryBusyError, RegistryRefusedError
from edge_agent.sync.contract import Enrolment
from label_protocol import wire
from label_protocol.answers import (
    Distribution,
    HistoryPage,
    Receipt,
    read_check_keys,
    read_distribution,
    read_history,
    read_receipt,
)
from label_protocol.codes.check_code import CheckKeys
from label_protocol.kinds import CAN

_Answer = TypeVar("_Answer")
SAID = {"X-Agent-Can": ", ".join(CAN), "X-Agent-Version": __version__}
"""What every request says of this agent: what it understands of what is distributed, and which release it is."""
_PACKED = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
_LATER = frozenset({408, 425, 429})
_BUSY = frozenset({429, 503})
"""With a time to come back at; without one they are a failure like others."""

_UNKNOWN = 401
_SECRET = re.compile(r"[0-9A-Za-z_-]{20,200}", re.ASCII)

_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)
"""The other form of `Retry-After`, a date, would need both clocks to be right."""


class HttpRegistry:
    """`RegistryClient` for one enrolled agent; `url` is the registry's root, such as `https://registry.example.cn`.

    `others`: secrets that may be good if `secret` is not (`identity/next_secret.py`). Where one is, `secret` is it from
    then on. `secret_due`: the registry's last word of news asked for another one."""

    def __init__(
        self, url: str, agent: str, secret: str, *, others: Sequence[str] = (), timeout_s: float = 60.0
    ) -> None:
        self._base = URL(url.rstrip("/") + f"/v1/agents/{quote(agent, safe='')}/", encoded=True)
        self.secret, self._others = secret, tuple(others)
        self.secret_due = False
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(timeout_s, 15.0))
        self._session: aiohttp.ClientSession | None = None
        self.heard_at = ""

    async def send(self, batch: bytes) -> Receipt:
        """See `RegistryClient.send`."""
        return _read(read_receipt, await self._call("POST", "events", data=batch, headers=_PACKED))

    async def history(self, incarnation: str | None, after: int) -> HistoryPage:
        """See `RegistryClient.history`."""
        query = {"after": str(after)} | ({"incarnation": incarnation} if incarnation else {})
        return _read(read_history, await self._call("GET", "events", params=query))

    async def distribution(self, after: str | None, hold_s: int = 0) -> Distribution:
        """See `RegistryClient.distribution`."""
        query = ({"after": after} if after else {}) | ({"wait": str(hold_s)} if hold_s else {})
        hear = None if hold_s else self._hear  # what was held may bring more than was taken in so far
        return _read(read_distribution, await self._call("GET", "feed", hear=hear, params=query))

    async def bodies(self, packed: bytes) -> None:
        """See `RegistryClient.bodies`."""
        await self._call("POST", "bodies", data=packed, headers=_PACKED)

    async def check_keys(self) -> CheckKeys:
        """See `RegistryClient.check_keys`."""
        return _read(read_check_keys, await self._call("GET", "check-keys"))

    async def next_secret(self) -> str:
        """See `SecretClient.next_secret`. Raises RegistryAwayError for an answer that is none."""
        found = await self._call("POST", "secret")
        secret = found.get("secret") if isinstance(found, dict) else None
        if not isinstance(secret, str) or not _SECRET.fullmatch(secret):
            raise RegistryAwayError("registry: expected a secret, got something else; it will be asked again")
        return secret

    async def prove(self, secret: str) -> None:
        """See `SecretClient.prove`. One whose proof is not answered may be good from now on."""
        self._others = (secret, *(one for one in self._others if one != secret))
        await self._once(secret, "PUT", "secret")
        if secret != self.secret:
            self.secret, self._others = secret, (self.secret,)
        self.secret_due = False

    async def close(self) -> None:
        """See `RegistryClient.close`."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        shown = self.secret
        try:
            return await self._once(shown, method, path, **more)
        except RegistryRefusedError as cause:
            if cause.status != _UNKNOWN or not (shown != self.secret or await self._find_good()):
                raise
        return await self._once(self.secret, method, path, **more)

    async def _find_good(self) -> bool:
        """After a crash between the two halves of a change, or a registry's restore, another secret is the good one."""
        for secret in self._others:
            with contextlib.suppress(RegistryRefusedError):
                await self.prove(secret)
                return True
        self._others = ()
        return False

    async def _once(self, secret: str, method: str, path: str, **more: Any) -> Any:
        if self._session is None:
            self._session = aiohttp.ClientSession(headers=SAID, timeout=self._timeout, auto_decompress=True)
        headers = {"Authorization": f"Bearer {secret}", **more.pop("headers", {})}
        return await _exchange(self._session, method, self._base.joinpath(path, encoded=True), headers=headers, **more)

    def _hear(self, headers: Mapping[str, str]) -> None:
        """An HTTP date (RFC 9110, section 5.6.7), where another text says nothing; whether another secret is due."""
        self.secret_due = headers.get("X-Agent-Secret") == "due"
        with contextlib.suppress(ValueError, TypeError):
            self.heard_at = in_full(parsedate_to_datetime(headers.get("Date", "")).isoformat())


async def enrol(registry_url: str, token: str, name: str, fingerprint: str, *, timeout_s: float = 30.0) -> Enrolment:
    """Spend a one-time token. The answer is given once: keep it before anything else is done.

    Raises:
        RegistryAwayError: no answer; the token may be spent, ask the registry for a new one if it is refused later.
        RegistryRefusedError: an unknown or spent token.
    """
    order = {"token": token, "name": name, "fingerprint": fingerprint}
    limit = aiohttp.ClientTimeout(total=timeout_s)
    async with aiohttp.ClientSession(headers=SAID, timeout=limit) as session:
        found = await _exchange(session, "POST", URL(registry_url.rstrip("/") + "/v1/enrol"), json=order)
    try:
        return Enrolment(**{key: str(found[key]) for key in ("agent", "issuer", "secret", "epoch")})
    except (TypeError, KeyError) as cause:
        raise RegistryAwayError(f"registry: expected an enrolment, got {str(found)[:80]}; check the address") from cause


async def _exchange(
    session: aiohttp.ClientSession,
    method: str,
    url: URL,
    hear: Callable[[Mapping[str, str]], None] | None = None,
    **more: Any,
) -> Any:
    """One request and the JSON of its answer; foreign errors become ours here and nowhere else. `hear` is given the
    headers of a good answer: what time the registry says it is."""
    try:
        async with session.request(method, url, allow_redirects=False, **more) as answer:
            body = await _bounded(answer)
            if hear is not None and answer.status == 200:
                hear(answer.headers)
            return _judge(answer.status, body, url, answer.headers.get("Retry-After", ""))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as cause:
        told = cause.os_error.strerror if isinstance(cause, aiohttp.ClientConnectorError) else None
        reason = told or str(cause) or type(cause).__name__
        raise RegistryAwayError(f"registry {url.host}: expected an answer, got {reason}; check the network") from cause


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(1 << 16):
        body += chunk
        if len(body) > 2 * wire.MAX_UNPACKED:
            raise RegistryAwayError(f"registry: expected an answer below {2 * wire.MAX_UNPACKED} bytes, got more")
    return bytes(body)


def _judge(status: int, body: bytes, url: URL, retry_after: str = "") -> Any:
    if status in _BUSY and _SECONDS.fullmatch(retry_after) and int(retry_after):
        raise RegistryBusyError(
            f"registry {url.host}: expected 200, got {status}; it asks to come back in {retry_after} s",
            int(retry_after),
        )
    if status >= 500 or status in _LATER:
        raise RegistryAwayError(f"registry {url.host}: expected 200, got {status}; it will be asked again")
    if status != 200:
        document = _problem(body)
        detail = document.get("detail") or document.get("title") or f"status {status}"
        raise RegistryRefusedError(f"registry {url.host} says no: {detail}", document, status)
    try:
        return wire.load_json(body)
    except wire.WireError as cause:
        raise RegistryAwayError(f"registry {url.host}: {cause}") from cause


def _problem(body: bytes) -> dict[str, Any]:
    try:
        found = wire.load_json(body)
    except wire.WireError:
        return {}
    return found if isinstance(found, dict) else {}


def _read(reader: Callable[[Any], _Answer], value: Any) -> _Answer:
    try:
        return reader(value)
    except wire.WireError as cause:
        raise RegistryAwayError(f"registry: {cause}") from cause
