"""The agent is killed again and again while files of orders come into its hot folder: each is taken once, and each
answer is right.

The agent is a process of its own and SIGKILL is real: at each point between the steps of a file, and once from outside
at a moment by chance. A file that were taken twice would answer `same` the second time, and a row that were lost would
be in no book. `EDGE_AGENT_INTAKE_FILES` says how many files; `make test-long` takes a thousand.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kits.intake_kit import order_row, sheet

FILES = int(os.environ.get("EDGE_AGENT_INTAKE_FILES", "24"))
ROOT = Path(__file__).resolve().parents[2]
POINTS = ["intake:in_hand", "intake:taken", "intake:answered", "intake:put_away", ""]
"""Where the agent dies; the last kill comes from outside. With few files two of them do: a start takes seconds."""
KILLS = POINTS if FILES > 100 else [POINTS[1], POINTS[4]]
CONFIG = """
[data]
ledger_path = "ledger/ledger.db"
witness_path = "witness/witness"
catalog_path = "catalogue/catalogue.json"
[web]
port = 0
[registry]
credentials_path = "credentials.json"
[[intake]]
id = "erp"
name = "示例ERP"
kind = "folder"
owner = "计划科"
daily_limit = 10000000
folder = "hot"
quiet_s = 0.2
look_every_s = 0.3
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL; the steps are the same")


def content(at: int) -> tuple[str, list[str]]:
    """A file and what becomes of its rows: every ninth has a row that is wrong and takes its order with it."""
    rows = [order_row(f"MO-{at}", line, printer="") for line in ("1", "2")] + [order_row(f"MX-{at}", printer="")]
    if at % 9 == 0:
        return sheet(*rows[:1], order_row(f"MO-{at}", "2", quantity="x", printer=""), rows[2]), ["refused"] * 2 + [
            "taken"
        ]
    return sheet(*rows), ["taken"] * 3


async def put_down(folder: Path, chance: random.Random) -> None:
    """Half of them as careful programs do, by a rename; half in two writes with the file open between."""
    for at in range(FILES):
        text, path = content(at)[0].encode(), folder / f"单 {at}.csv"
        if at % 2:
            path.with_suffix(".part").write_bytes(text)
            path.with_suffix(".part").rename(path)
        else:
            with path.open("wb") as file:
                cut = chance.randrange(len(text))
                file.write(text[:cut])
                file.flush()
                await asyncio.sleep(chance.choice([0, 0.02]))
                file.write(text[cut:])
        await asyncio.sleep(0.002)


async def start(home: Path, point: str, nth: int) -> asyncio.subprocess.Process:
    words = [
        sys.executable,
        "-m",
        "tests.promises.crash.agent",
        str(home / "agent.toml"),
        *([point, str(nth)] * bool(point)),
    ]
    log = (home / "agent.log").open("ab")
    with contextlib.closing(log):
        return await asyncio.create_subprocess_exec(*words, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=log)


def answers(home: Path) -> dict[str, dict[str, object]]:
    found = (home / "hot" / "结果").glob("*.answer.json")
    return {path.name.removesuffix(".answer.json"): json.loads(path.read_text("utf-8")) for path in found}


async def killed_at_every_point(home: Path, chance: random.Random) -> int:
    """Runs until every file is answered; returns how often the agent was killed."""
    kills = 0
    for point in KILLS:
        agent = await start(home, point, chance.randrange(1, max(2, FILES // 12)))
        assert agent.stdout is not None
        await asyncio.wait_for(agent.stdout.readline(), 60)
        if not point:
            await asyncio.sleep(chance.random())
            agent.kill()
        assert await asyncio.wait_for(agent.wait(), 60) == -signal.SIGKILL
        kills += 1
    return kills


@contextlib.contextmanager
def book(home: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(home / "ledger" / "work-orders.db")) as db:
        yield db


@pytest.mark.costly
async def test_each_file_is_taken_once_and_answered_right_though_the_agent_is_killed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    chance, hot = random.Random(12), tmp_path / "hot"
    hot.mkdir()
    (tmp_path / "agent.toml").write_text(CONFIG, "utf-8")
    writing = asyncio.create_task(put_down(hot, chance))
    kills = await killed_at_every_point(tmp_path, chance)
    agent = await start(tmp_path, "", 0)
    async with asyncio.timeout(60 + FILES / 4):
        await writing
        while len(list((hot / "已取").glob("*"))) < FILES:
            await asyncio.sleep(0.2)
    agent.terminate()
    assert await asyncio.wait_for(agent.wait(), 30) == 0
    found = answers(tmp_path)
    for at in range(FILES):
        rows = found[f"单 {at}.csv"]["rows"]
        assert [row["outcome"] for row in rows] == content(at)[1], at  # type: ignore[attr-defined]
    left = [path.name for path in hot.iterdir() if path.is_file()] + list((hot / "处理中").iterdir())
    with book(tmp_path) as db:
        files, orders = (db.execute(f"SELECT count(*) FROM {one}").fetchone()[0] for one in ("file", "work_order"))
        numbers = {row[0] for row in db.execute("SELECT file_id FROM file")}
    taken = sum(content(at)[1].count("taken") for at in range(FILES))
    assert (len(found), left, files, orders, kills) == (FILES, [], FILES, taken, len(KILLS))
    assert {one["file_id"] for one in found.values()} == numbers
    with capsys.disabled():
        print(f"\n{FILES} files, {kills} kills, {orders} orders taken, {FILES * 3 - orders} rows refused")
