"""The keys of check codes on this computer: in the credentials file, and in memory while the agent runs.

They come from the registry with the agent's own secret, last for weeks without it, and are never in the ledger, a
snapshot, a log, a metric or a page: a label's snapshot only names its key.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog

from edge_agent.codes.check_code import CheckKeys
from edge_agent.credentials import Credentials
from edge_agent.errors import ConfigError, SyncError
from edge_agent.ledger.values import Identity
from edge_agent.sync.answers import read_check_keys
from edge_agent.sync.contract import RegistryClient
from edge_agent.sync.wire import WireError

ASK_EVERY_S = 600.0
"""How soon a rotation at the registry is heard of. An agent without keys asks at every turn of its pump."""

_log = structlog.get_logger("edge_agent.keyring")


class KeyRing:
    """What the credentials file holds of keys. Its file is written by one process: the one that has the ledger.

    Raises:
        ConfigError: the file is not whole.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._credentials = Credentials.load(path)
        self.keys = _keys_of(self._credentials, path)

    def of(self, identity: Identity | None) -> CheckKeys | None:
        """The keys for serials of this identity; None if there are none, or another identity's: a code under the wrong
        issuer's key would be told false by the registry."""
        if identity is None or self.keys is None or self.keys.issuer != identity.issuer:
            return None
        return self.keys

    def take(self, found: CheckKeys) -> None:
        """Keep keys from the registry in place of those held; on disk first, so that none is used that could be lost.

        Raises:
            OSError: the file cannot be written.
        """
        if self._credentials is None or found == self.keys:
            return
        keys = {key_id: key.hex() for key_id, key in found.keys.items()}
        told = {"issuer": found.issuer, "current": found.current, "keys": keys}
        self._credentials = replace(self._credentials, check_keys=told)
        self._credentials.save(self._path)
        self.keys = found


def _keys_of(credentials: Credentials | None, path: Path) -> CheckKeys | None:
    if credentials is None or credentials.check_keys is None:
        return None
    try:
        return read_check_keys(credentials.check_keys)
    except WireError as cause:
        raise ConfigError(f"{path}: expected the agent's credentials, got {cause}; enrol again") from cause


class KeyErrand:
    """Asks the registry for keys: at each turn while there are none or when a person orders it, else now and then."""

    def __init__(self, ring: KeyRing, client: RegistryClient, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._ring = ring
        self._client = client
        self._clock_s = clock_s
        self._asked_s = float("-inf")
        self._trouble = ""

    async def __call__(self, ordered: bool) -> None:
        """One turn. Whatever goes wrong is logged once and stops nothing: a recall must come down all the same."""
        waits = self._clock_s() - self._asked_s < ASK_EVERY_S
        if waits and self._ring.keys is not None and not ordered:
            return
        try:
            found = await self._client.check_keys()
            await asyncio.to_thread(self._ring.take, found)
        except (SyncError, OSError) as cause:
            self._note(str(cause))
        else:
            self._asked_s, self._trouble = self._clock_s(), ""

    def _note(self, trouble: str) -> None:
        if trouble != self._trouble:
            _log.warning("no_check_keys", why=trouble)
        self._trouble = trouble
