"""Makes the recordings of this folder. It ran once, at commit 6922804, and is not run again (README.md).

.venv/bin/python -m tests.made_before.make
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import json
import sqlite3
import tarfile
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

import asyncpg  # type: ignore[import-untyped]

from central_registry import db
from tests.kits.registry_kit import fresh_dsn
from tests.made_before import said, told
from tests.made_before.kit import HERE, NAME, PLACES
from tests.made_before.story import play


def keep(name: str, value: Any) -> None:
    """Writes a recording; packed if its name says so."""
    text = json.dumps(value, ensure_ascii=False, indent=None if name.endswith(".gz") else 1) + "\n"
    data = gzip.compress(text.encode(), mtime=0) if name.endswith(".gz") else text.encode()
    (HERE / name).write_bytes(data)


async def main() -> None:
    """The story, then what is recorded of it."""
    with tempfile.TemporaryDirectory() as folder, mock.patch("platform.node", lambda: "made-before"):
        home = Path(folder) / "home"
        home.mkdir()
        dsn = await fresh_dsn()
        exchanges, counters, token = await play(home, dsn)
        keep("wire.json.gz", exchanges)
        keep("registry.json.gz", await dump(dsn))
        pack(home)
        keep("story.json", {"odometers": counters, "unspent token": token, **await facts(dsn)})
    await said.keep_all(keep)
    told.keep_all(keep)


async def dump(dsn: str) -> dict[str, Any]:
    """The schema as it was applied, and every row of every table as COPY writes it."""
    connection = await asyncpg.connect(dsn)
    names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    tables = {}
    for (name,) in names:
        out = io.BytesIO()
        await connection.copy_from_query(f'SELECT * FROM "{name}" ORDER BY 1, 2', output=out, format="text")
        tables[name] = out.getvalue().decode()
    await connection.close()
    scripts = {name: text for _, name, text in db.migrations()}
    return {"migration_table": db.sql.create_migration_table.sql, "migrations": scripts, "tables": tables}


def pack(home: Path) -> None:
    """The agent's folder as one archive, with the addresses that README.md names."""
    text = (home / "agent.toml").read_text("utf-8").splitlines()
    urls = iter(PLACES.values())
    lines = [f'url = "tcp://{next(urls)}"' if line.startswith('url = "tcp') else line for line in text]
    (home / "agent.toml").write_text("\n".join(lines) + "\n", "utf-8")
    with contextlib.closing(sqlite3.connect(home / "ledger" / "ledger.db")) as ledger:
        assert ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    with tarfile.open(HERE / "home.tar.gz", "w:gz", compresslevel=9) as archive:
        for path in sorted(path for path in home.rglob("*") if path.is_file()):
            archive.add(path, path.relative_to(home).as_posix(), filter=_anonymous)


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


async def facts(dsn: str) -> dict[str, Any]:
    """What the tests have to know beside the recordings themselves."""
    connection = await asyncpg.connect(dsn)
    count = await connection.fetchval("SELECT count(*) FROM edge_event WHERE agent = $1", NAME)
    await connection.close()
    return {"told": count}


if __name__ == "__main__":
    asyncio.run(main())
