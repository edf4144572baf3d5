"""What people do over HTTP, as the console's users and programs do: log in, ask, send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import aiohttp

from edge_agent.errors import RegistryRefusedError

ADMIN = "/v1/admin"


class Desk:
    """Somebody who is logged in at the registry."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str, who: Mapping[str, Any]) -> None:
        self._session = session
        self._url = url
        self._head = {"Authorization": f"Bearer {token}"}
        self.who = who

    async def get(self, path: str, **query: str) -> Any:
        """The answer of `/v1/admin/…`. Raises RegistryRefusedError: it says no."""
        return await self._asked("GET", path, params=query)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The same, of something that changes. Raises RegistryRefusedError."""
        return await self._asked("POST", path, json=body)

    async def send(self, path: str, data: bytes, **query: str) -> Any:
        """The same, of a file. Raises RegistryRefusedError."""
        return await self._asked("POST", path, data=data, params=query)

    async def _asked(self, method: str, path: str, **more: Any) -> Any:
        return await asked(self._session, method, self._url + ADMIN + path, headers=self._head, **more)


async def log_in(
    session: aiohttp.ClientSession, url: str, login: str, password: str, new_password: str | None = None
) -> Desk:
    """Log in with a password, or with a one-time word in whose place `new_password` comes. Raises
    RegistryRefusedError."""
    shown = {"login": login, "password": password} | ({"new_password": new_password} if new_password else {})
    found = await asked(session, "POST", f"{url}{ADMIN}/login", json=shown)
    return Desk(session, url, found["token"], found)


async def asked(session: aiohttp.ClientSession, method: str, url: str, **more: Any) -> Any:
    """One request, and the JSON of its answer. Raises RegistryRefusedError: it says no."""
    async with session.request(method, url, **more) as answer:
        found = await answer.json()
        if answer.status != 200:
            raise RegistryRefusedError(f"{method} {url}: {found.get('detail', found)}", found, answer.status)
        return found


async def console_page(url: str, login: str, password: str, path: str) -> str:
    """A page of the console, by its own form of log-in. Raises RegistryRefusedError: the form does not let them in, or
    the page is none."""
    jar = aiohttp.CookieJar(unsafe=True)  # the registry has no name here, and cookies of an address are kept only so
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        shown = {"login": login, "password": password, "to": path}
        async with session.post(f"{url}/console/login", data=shown) as answer:
            text = (await answer.read()).decode("utf-8-sig")
            if answer.status != 200 or not str(answer.url).endswith(path):
                raise RegistryRefusedError(f"{path}: expected a page for {login}, got {answer.status}", {}, 0)
            return text


def place(*parts: str) -> str:
    """A path of parts that anybody may have named."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)
