"""Runs tests of the registry on PostgreSQL 15: `python -m tests.postgres15 [pytest's arguments]`, all of them without.

A server of its own from the package that set-up brings; another one, which is then the caller's to throw away, if
`REGISTRY_TEST_DSN` names the DSN of its superuser.
"""

from __future__ import annotations

import asyncio
import os
import sys

from tests.kits.postgres15_kit import postgres15

GIVEN = ("tests/central_registry", "-n", "2", "--dist", "loadfile")
_CONNECTIONS = 300
"""Each worker has the databases of all its tests open at once."""


async def run(dsn: str, words: list[str]) -> int:
    """Pytest against that server; its exit code."""
    command = [sys.executable, "-m", "pytest", *(words or GIVEN)]
    process = await asyncio.create_subprocess_exec(*command, env={**os.environ, "REGISTRY_TEST_DSN": dsn})
    return await process.wait()


async def main() -> int:
    """The exit code of pytest."""
    words = sys.argv[1:]
    if given := os.environ.get("REGISTRY_TEST_DSN"):
        return await run(given, words)
    async with postgres15(_CONNECTIONS) as dsn:
        return await run(dsn, words)


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))
