"""Books, commands, configuration, migrations and the embedded PostgreSQL."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import psutil
import pytest
from typer.testing import CliRunner

from central_registry import cli, db, embedded
from central_registry.config import RegistryConfig, load_config
from central_registry.ingest.states import FREED, MOVES, NEXT, STEPS, State, after
from central_registry.oversight import reconcile
from central_registry.problems import KINDS, RefusedError
from label_protocol.errors import ConfigError
from label_protocol.states import MOVES as EDGE_MOVES
from tests.kits.registry_kit import SAMPLES, Registry, fresh_dsn, running

ROOT = Path(__file__).resolve().parents[3]
NUMBERS = [number for number, _, _ in db.migrations()]
"""All migrations there are, in order."""


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


# --- states and books -------------------------------------------------------------------------------------------------


def test_every_move_of_the_edge_is_one_the_registry_takes() -> None:
    for state, steps in EDGE_MOVES.items():
        for reached in steps.values():
            assert after(State[state.name], State[reached.name]) is State[reached.name]
    extra = {(a.word, b.word) for a in State for b in MOVES[a]} - {
        (str(a), str(b)) for a, steps in EDGE_MOVES.items() for b in steps.values()
    }
    assert extra == {("sending", "commissioned"), ("commissioned", "scrapped")}, (
        "a site that counts print as commissioned"
    )


def test_a_step_that_is_told_leads_where_the_edge_goes() -> None:
    """One place for each step, whatever state it was taken in: the events do not name that state."""
    for steps in EDGE_MOVES.values():
        for step in STEPS.keys() & steps.keys():
            assert STEPS[step].word == steps[step]
    assert set(STEPS) == {"scan", "settle_printed", "commission", "scrap", "invalidate"}


def test_nothing_leaves_a_final_state_and_numbers_never_change() -> None:
    assert all(MOVES[state] == frozenset() for state in FREED)
    assert [state.word for state in State] == ["sending", "printed", "in_doubt", "commissioned", "scrapped", "invalid"]
    assert len(NEXT) == len(State)


async def test_the_books_add_up(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    await registry.allot(edge.agent, 6)
    one, two, three, four = edge.serials(4)
    edge.printed([one, two])
    edge.sending([three, four, one])
    edge.tell("label_decided", serial=two, operator="o", reason="r", step="scrap")
    edge.printed(edge.serials(2), lot_no="L2")
    await edge.send()
    found = await reconcile.reconcile(registry.pool)
    rows = {row["quota_key"]: row for row in found["rows"]}
    base = {"agent": edge.agent, "in_doubt": 0, "commissioned": 0, "invalid": 0, "balanced": True}
    assert rows["lot:L1"] == {
        **base, "quota_key": "lot:L1", "allotted": 6, "drawn": 5, "sending": 2, "printed": 1, "scrapped": 1,
        "conflicts": 1, "overdraft": 0,
    }  # fmt: skip
    assert rows["lot:L2"] == {
        **base, "quota_key": "lot:L2", "allotted": 0, "drawn": 2, "sending": 0, "printed": 2, "scrapped": 0,
        "conflicts": 0, "overdraft": 2,
    }  # fmt: skip
    assert {row["kind"] for row in found["alarms"]} == {"serial_conflict", "overdraft"}
    assert found["missing"] == []
    assert [row["quota_key"] for row in (await reconcile.reconcile(registry.pool, "lot:L2"))["rows"]] == ["lot:L2"]


async def test_a_label_that_vanished_from_the_books_is_seen(registry: Registry) -> None:
    edge = (await registry.enrolled()).begin()
    edge.printed(edge.serials(2))
    await edge.send()
    await registry.pool.execute("DELETE FROM serial WHERE ctid IN (SELECT ctid FROM serial LIMIT 1)")
    counted = (await reconcile.reconcile(registry.pool, recount=True))["rows"]
    assert [(row["balanced"], row["printed"]) for row in counted] == [(False, 1)]
    assert [row["printed"] for row in (await reconcile.reconcile(registry.pool))["rows"]] == [2], "what was told"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("http://x")'])
def test_a_spreadsheet_runs_nothing(text: str) -> None:
    row = dict.fromkeys(reconcile.COLUMNS, 0) | {"agent": text, "quota_key": 'lot:a",b\n'}
    found = list(csv.reader(io.StringIO(reconcile.as_csv([row]), newline="")))
    assert found[0] == list(reconcile.COLUMNS)
    assert found[1][:2] == ["'" + text, 'lot:a",b\n']


# --- migrations -------------------------------------------------------------------------------------------------------


async def test_migrations_run_once_and_side_by_side() -> None:
    dsn = await fresh_dsn()
    pools = await asyncio.gather(*(db.connect(dsn, connections_max=2) for _ in range(3)))
    assert [row["number"] for row in await pools[0].fetch("SELECT number FROM migration ORDER BY number")] == NUMBERS
    for pool in pools:
        await pool.close()


async def test_two_programs_may_make_the_schema_at_once() -> None:
    dsn = await fresh_dsn()
    connection = await asyncpg.connect(dsn)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    pools = await asyncio.gather(*(db.connect(dsn, connections_max=2) for _ in range(8)))
    assert await pools[0].fetchval("SELECT count(*) FROM migration") == len(NUMBERS)
    for pool in pools:
        await pool.close()


_ADVISORY_WAIT = """
    SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON oid = database
                   WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted)
"""


async def test_a_program_waits_while_another_makes_the_schema() -> None:
    dsn = await fresh_dsn()
    other = await asyncpg.connect(dsn)
    await other.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    async with other.transaction():
        await db.sql.lock_schema(other)
        waiting = asyncio.create_task(db.connect(dsn, connections_max=2))
        while not await other.fetchval(_ADVISORY_WAIT):
            await asyncio.sleep(0.01)
            assert not waiting.done()
    pool = await waiting
    assert await pool.fetchval("SELECT count(*) FROM migration") == len(NUMBERS)
    await pool.close()
    await other.close()


async def test_a_migration_that_fails_leaves_nothing(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    both = [*db.migrations(), (99, "0099_bad.sql", "CREATE TABLE half (a int); SELECT 1/0;")]
    monkeypatch.setattr(db, "migrations", lambda: both)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await db.migrate(registry.pool)
    assert await registry.rows("SELECT to_regclass('half') AS found") == [{"found": None}]
    assert await registry.rows("SELECT max(number) AS n FROM migration") == [{"n": NUMBERS[-1]}]


async def test_a_changed_or_newer_schema_is_refused(registry: Registry) -> None:
    await registry.pool.execute("UPDATE migration SET digest = 'x'")
    with pytest.raises(db.DatabaseError, match="restore the file"):
        await db.migrate(registry.pool)
    await registry.pool.execute("DELETE FROM migration; INSERT INTO migration VALUES (99, 'f', 'd', now())")
    with pytest.raises((db.DatabaseError, asyncpg.DuplicateTableError)):
        await db.migrate(registry.pool)


async def test_a_database_that_is_not_there_is_named() -> None:
    with pytest.raises(db.DatabaseError, match="--dsn"):
        await db.connect("postgresql://nobody@127.0.0.1:1/nowhere")
    with pytest.raises(db.DatabaseError):
        await db.connect("no dsn at all")


def test_every_statement_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "central_registry").glob("**/*.py"))
    unused = [name for name in db.sql.available_queries if not name.endswith("_cursor") and f"sql.{name}" not in code]
    assert unused == []


def test_the_schema_keeps_the_rules_of_sharded_databases() -> None:
    """But for partitions, which the size of the books wants: by hash of the first column of the primary key, so that a
    sharded site distributes by the same column."""
    text = "\n".join(line.partition("--")[0] for _, _, sql in db.migrations() for line in sql.splitlines()).upper()
    for word in (
        "SERIAL PRIMARY",
        "BIGSERIAL",
        "SEQUENCE",
        "TRIGGER",
        "REFERENCES",
        "PARTITION BY RANGE",
        "PARTITION BY LIST",
        "UNIQUE",
        "ADVISORY",
    ):
        assert word not in text
    assert text.count("PARTITION BY HASH") == text.count("PARTITION BY") == 3


async def test_what_is_partitioned_is_so_by_the_first_column_of_its_key(registry: Registry) -> None:
    rows = await registry.rows("""
        SELECT t.partrelid::regclass::text AS name, t.partattrs[0] AS by_column, i.indkey[0] AS first_of_key
        FROM pg_partitioned_table t JOIN pg_index i ON i.indrelid = t.partrelid AND i.indisprimary
    """)
    assert {row["name"] for row in rows} == {"serial", "edge_words"}
    assert all(row["by_column"] == row["first_of_key"] for row in rows)


def test_no_statement_looks_for_a_serial_in_every_partition() -> None:
    """Without its issuer, or an event without its agent, it would walk through all labels there are."""
    for name in db.sql.available_queries:
        text = getattr(db.sql, name).sql
        for table, column in (("serial", "issuer"), ("edge_words", "agent")):
            if re.search(rf"\b(FROM|JOIN|UPDATE|INTO) {table}\b", text):
                assert re.search(rf"\b{column}\b", text), name


# --- configuration ----------------------------------------------------------------------------------------------------


def test_the_reference_file_holds_every_key_at_its_default() -> None:
    path = ROOT / "config" / "registry.toml"
    assert load_config(path) == RegistryConfig() == load_config(None)
    assert tomllib.loads(path.read_text("utf-8")) == RegistryConfig().model_dump()


@pytest.mark.parametrize(
    ("text", "words"),
    [("[http]\nprot = 1", "http.prot"), ("[extra]\na = 1", "extra"), ("[http]\nport = 70000", "http.port"),
     ("[", "TOML"), ('[complaint]\nurl = "javascript:x"', "complaint.url")],
)  # fmt: skip
def test_a_wrong_key_or_value_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "registry.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match=words):
        load_config(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere"):
        load_config(tmp_path / "nowhere.toml")


def test_every_problem_kind_has_advice() -> None:
    assert all(400 <= status < 600 and title and advice for status, title, advice in KINDS.values())


# --- commands ---------------------------------------------------------------------------------------------------------


def command(*words: str) -> tuple[int, str, BaseException | None]:
    result = CliRunner().invoke(cli.app, words)
    return result.exit_code, result.stdout, result.exception


async def order(*words: str) -> Any:
    code, text, cause = await asyncio.to_thread(command, *words)
    assert code == 0, (text, cause)
    return json.loads(text) if "--json" in words else text


async def test_an_operators_day(registry: Registry, tmp_path: Path) -> None:
    dsn = ("--dsn", registry.dsn, "--json")
    added = await order("agents", "add", "line-1", *dsn)
    assert set(added) == {"agent", "token", "until"}
    assert await order("lots", "import", str(SAMPLES / "down_graded.json"), *dsn) == {
        "styles": 1, "lots": 1, "changed": 2, "other_sizes": 0,
    }  # fmt: skip
    await order("allot", "--lot", "L20261118A", "--agent", "line-1", "--quantity", "5", *dsn)
    await order("allot", "--style", "S1", "--agent", "line-1", "--quantity", "6", *dsn)
    await order("suspend", "--lot", "L20261118A", "--reason", "复核", *dsn)
    await order("suspend", "--lot", "L20261118A", "--reason", "完成", "--lift", *dsn)
    await order("recall", "--lot", "L20261118A", "--reason", "染料", *dsn)
    listed = await order("agents", "list", *dsn)
    assert (listed[0]["state"], listed[0]["agent"]) == ("new", "line-1")
    target = tmp_path / "books.csv"
    books = await order("reconcile", "--lot", "L20261118A", "--csv", str(target), *dsn)
    assert [row["allotted"] for row in books["rows"]] == [5]
    assert target.read_text("utf-8-sig").splitlines()[1].startswith("line-1,lot:L20261118A,5,0")
    await order("agents", "lost", "line-1", *dsn)
    for words in (["agents", "list"], ["reconcile"]):
        assert "line-1" in await order(*words, *dsn[:2])


def test_every_command_helps_with_an_example() -> None:
    words = [["serve"], ["allot"], ["suspend"], ["recall"], ["reconcile"], ["lots", "import"], ["lots", "show"]]
    words += [["agents", name] for name in ("add", "lost", "list")]
    words += [["check-key", name] for name in ("rotate", "list")]
    for one in words:
        code, text, _ = command(*one, "--help")
        assert code == 0
        assert "Example" in text, one


def test_wrong_usage_is_2_and_a_refusal_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command("allot")[0] == 2
    assert command("serve", "--listen", "nonsense")[0] == 2
    assert command("no-such")[0] == 2
    for words in (["agents", "list"], ["lots", "import", str(tmp_path / "none.json"), "--dsn", "x"]):
        monkey = pytest.MonkeyPatch()
        monkey.setattr(sys, "argv", ["central-registry", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        monkey.undo()
        said = capsys.readouterr().err
        assert ended.value.code == 1
        assert len(said.strip().splitlines()) == 1
        assert "expected" in said
    with pytest.raises(RefusedError):
        raise command("agents", "list")[2] or AssertionError


async def test_serve_runs_until_told_to_stop() -> None:
    dsn = await fresh_dsn()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "central_registry", "serve", "--listen", "127.0.0.1:0", "--dsn", dsn,
        stdout=subprocess.PIPE, cwd=tempfile.gettempdir(),
    )  # fmt: skip
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
    url = line.split()[-1]
    async with aiohttp.ClientSession() as session, session.get(f"{url}/healthz") as answer:
        assert (await answer.json())["ok"] is True
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 20) == 0


# --- the embedded PostgreSQL ------------------------------------------------------------------------------------------


def test_a_server_whose_owner_was_killed_is_reaped(tmp_path: Path) -> None:
    """The owner is killed outright; the next start stops its PostgreSQL and removes its folder."""
    program = (
        "import sys, time; from central_registry.embedded import EmbeddedPostgres; e = EmbeddedPostgres(); "
        "print(e.start(), flush=True); print(e._folder, flush=True); time.sleep(60)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    with owner:
        assert owner.stdout is not None
        owner.stdout.readline()
        folder = Path(owner.stdout.readline().strip())
        server = psutil.Process(int((folder / "data" / "postmaster.pid").read_text().splitlines()[0]))
        os.kill(owner.pid, signal.SIGKILL)
        owner.wait(10)
    assert server.is_running(), "PostgreSQL outlives its owner"
    assert embedded.reap() >= 1
    assert not folder.exists()
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE


def test_what_is_not_ours_or_alive_is_left_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    alive = tmp_path / "label-registry-pg-alive"
    alive.mkdir()
    (alive / "owner.json").write_text(json.dumps(embedded._identity(psutil.Process())))
    (tmp_path / "label-registry-pg-unnamed").mkdir()
    broken = tmp_path / "label-registry-pg-broken"
    broken.mkdir()
    (broken / "owner.json").write_text("{")
    (tmp_path / "label-registry-pg-file").write_text("x")
    assert embedded.reap() == 0
    assert len(list(tmp_path.iterdir())) == 4
    (alive / "owner.json").write_text(json.dumps({"pid": 2**22 + 1, "started": 1}))
    assert embedded.reap() == 1
    assert not alive.exists()
