"""The secrets beside the one in the credentials file: the next one, and the one before. In a file of their own, since a
release that knows nothing of them reads the credentials and must go on after an update is taken back.

The next one is on the disk before the registry hears that it was taken; the credentials follow when the registry has
it. Whichever of the files a crash leaves behind, one of the secrets is good.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from edge_agent.files import begin_file
from edge_agent.identity.credentials import Credentials


@dataclass(frozen=True, slots=True)
class _Beside:
    next: str = ""
    former: str = ""


class SecretFile:
    """The secrets of one agent on this computer, written by one process: the one that has the ledger."""

    def __init__(self, credentials: Path) -> None:
        self._credentials = credentials
        self._path = path_beside(credentials)

    def others(self) -> tuple[str, ...]:
        """What may be good if the secret of the credentials is not: the next one, then the one before, which a registry
        that was restored still has. None of another registry's, or another agent's."""
        beside = self._load()
        return tuple(secret for secret in (beside.next, beside.former) if secret)

    def keep_next(self, secret: str) -> None:
        """Raises OSError: the disk does not take it, and the old one is still good."""
        self._save(replace(self._load(), next=secret))

    def settle(self, good: str) -> None:
        """The registry took `good`: it stands in the credentials from now on, the one that stood there beside them.

        Raises:
            OSError: the disk does not take it; both files still hold it.
        """
        credentials = Credentials.load(self._credentials)
        if credentials is None or credentials.secret == good:
            return
        self._save(_Beside(next=good, former=credentials.secret))
        replace(credentials, secret=good).save(self._credentials)
        self._save(_Beside(former=credentials.secret))

    def _load(self) -> _Beside:
        """Nothing, where the file is not whole or is of another enrolment."""
        with contextlib.suppress(OSError, ValueError, TypeError, AttributeError):
            found = json.loads(self._path.read_text("utf-8"))
            if found.pop("of") == self._of():
                return _Beside(**{name: str(secret) for name, secret in found.items()})
        return _Beside()

    def _of(self) -> list[str]:
        credentials = Credentials.load(self._credentials)
        return [credentials.registry, credentials.agent] if credentials is not None else []

    def _save(self, beside: _Beside) -> None:
        new = self._path.with_name(self._path.name + ".new")
        new.unlink(missing_ok=True)
        with os.fdopen(begin_file(new), "w", encoding="utf-8") as file:
            json.dump({"of": self._of(), "next": beside.next, "former": beside.former}, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)


def path_beside(credentials: Path) -> Path:
    """Where they are: in the folder of the credentials, which only the agent's user may read."""
    return credentials.with_name(credentials.stem + ".next.json")
