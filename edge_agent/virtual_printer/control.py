"""The control port: `GET /state` tells, `POST /faults` breaks and mends. For tests and demonstrations, on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web

from label_protocol.errors import ConfigError

_USAGE = 'faults: expected {"fault": "NAME[@K][:ARG]"} or {"fix": "NAME" or "all"}, got something else'


class Control:
    """Serves the control port over HTTP, beside the printer."""

    def __init__(
        self,
        host: str,
        port: int,
        state: Callable[[], dict[str, object]],
        order: Callable[[str], None],
        fix: Callable[[str], None],
    ) -> None:
        self._host, self._port = host, port
        self._state, self._order, self._fix = state, order, fix
        self._runner: web.AppRunner | None = None

    @property
    def number(self) -> int:
        """The port it listens on."""
        return self._port

    async def open(self) -> None:
        """Listen."""
        app = web.Application(client_max_size=4096)
        app.add_routes([web.get("/state", self._get_state), web.post("/faults", self._post_faults)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Stop listening. Closing a closed one does nothing."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _get_state(self, _: web.Request) -> web.Response:
        return web.json_response(self._state())

    async def _post_faults(self, request: web.Request) -> web.Response:
        try:
            self._obey(await _json_of(request))
        except ConfigError as error:
            return web.json_response({"title": str(error), "status": 400}, status=400)
        return web.json_response(self._state())

    def _obey(self, body: object) -> None:
        if isinstance(body, dict) and len(body) == 1:
            verb, name = next(iter(body.items()))
            if isinstance(name, str) and verb in ("fault", "fix"):
                return self._order(name) if verb == "fault" else self._fix(name)
        raise ConfigError(_USAGE)


async def _json_of(request: web.Request) -> object:
    try:
        return json.loads(await request.read())
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are both
        raise ConfigError(f"{_USAGE}: {error}") from error
