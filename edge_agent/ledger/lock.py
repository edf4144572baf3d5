"""One process per ledger: an OS lock on a file beside it.

SQLite's own exclusive lock is not enough: it is taken only when the file is first read, and on some network folders
it is not kept. The OS drops this lock when its process dies, so there is nothing to clean up; the lock file itself is
never deleted, because deleting it would let two processes lock two different files of one name.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from edge_agent.errors import LedgerBusyError
from edge_agent.files import make_folder
from label_protocol.errors import LedgerError

if sys.platform == "win32":
    import msvcrt

    def _grab(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _grab(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Held from construction until `release` or the end of the process.

    Raises:
        LedgerBusyError: somebody else holds it.
        LedgerError: its folder cannot be written.
    """

    def __init__(self, ledger: Path) -> None:
        path = ledger.with_name(ledger.name + ".lock")
        try:
            make_folder(path.parent)
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as cause:
            raise LedgerError(
                f"ledger {ledger}: expected to write in its folder, got '{cause}'; check the folder and its rights"
            ) from cause
        try:
            _grab(self._descriptor)
        except OSError as cause:
            os.close(self._descriptor)
            raise LedgerBusyError(
                f"ledger {ledger}: expected to be its only user, got a lock held by another process; "
                f"use the running agent's page or commands, or stop it first"
            ) from cause

    def release(self) -> None:
        """Closing the descriptor drops the lock on every system; safe to call twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
