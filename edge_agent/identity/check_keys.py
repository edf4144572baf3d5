"""The keys of check codes on this computer: in the credentials file, and in memory while the agent runs.

They come from the registry with the agent's own secret, last for weeks without it, and are never in the ledger, a
snapshot, a log, a metric or a page: a label's snapshot only names its key.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from edge_agent.identity.credentials import Credentials
from edge_agent.ledger.values import Identity
from label_protocol.answers import read_check_keys
from label_protocol.codes.check_code import CheckKeys
from label_protocol.errors import ConfigError
from label_protocol.wire import WireError


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
        # read again: the secret may have changed since
        self._credentials = replace(Credentials.load(self._path) or self._credentials, check_keys=told)
        self._credentials.save(self._path)
        self.keys = found


def _keys_of(credentials: Credentials | None, path: Path) -> CheckKeys | None:
    if credentials is None or credentials.check_keys is None:
        return None
    try:
        return read_check_keys(credentials.check_keys)
    except WireError as cause:
        raise ConfigError(f"{path}: expected the agent's credentials, got {cause}; enrol again") from cause
