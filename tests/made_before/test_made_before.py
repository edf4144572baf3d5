"""The ledger and the database that the version of before made: opened, proven, brought up to date, and gone on with."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import pytest

from central_registry import db
from central_registry.oversight.reconcile import reconcile
from edge_agent.ledger.project import Projector
from edge_agent.ledger.sql import migrations
from edge_agent.ledger.store import connect
from label_protocol.chain import address, canonical, parse
from tests.kits.cli_kit import run
from tests.kits.registry_kit import Registry, running
from tests.kits.told_kit import told
from tests.made_before.kit import LATER, NAME, Asking, gone_on, load_registry, recorded, running_agent, unpack_home
from tests.made_before.said import agent_says
from tests.made_before.story import OPERATOR
from tests.made_before.told import same_columns, tables
from tests.made_before.wire_kit import pages

STATES = ("sending", "printed", "in_doubt", "commissioned", "scrapped", "invalid")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The agent's folder as it was left."""
    return unpack_home(tmp_path)


@pytest.fixture
def ledger(config: Path) -> Path:
    return config.parent / "ledger" / "ledger.db"


# --- the ledger ----------------------------------------------------------------------------------------------------


def test_the_recording_holds_what_it_is_for(ledger: Path) -> None:
    """Every state of a serial and of a job's end, a lifted hold, an alarm open and one closed, events told and not."""
    held = tables(ledger)
    assert _column(held, "label", "state") == set(STATES)
    assert _column(held, "job", "state") == {"running", "paused", "done", "cancelled"}
    assert None in _column(held, "alarm", "closed_at") and len(_column(held, "alarm", "closed_at")) == 2
    types = {parse(bytes.fromhex(body))["type"] for body in _column(held, "event", "body")}
    assert types >= {"hold_placed", "hold_released", "copies_judged", "window_settled", "enrolled", "feed_received"}
    assert _column(held, "acked", "seq") == {recorded("story.json")["told"]}
    assert max(_column(held, "event", "seq")) > recorded("story.json")["told"]


def test_it_verifies_as_it_stands(config: Path) -> None:
    said = run("ledger", "verify", "--config", config, "--json")
    assert said.code == 0, said
    assert json.loads(said.out)["ok"] is True


def test_opening_it_brings_its_schema_up_to_date_and_keeps_every_row(ledger: Path) -> None:
    with closing(connect(ledger)) as database:
        assert database.execute("PRAGMA user_version").fetchone()[0] == len(migrations())
    before = recorded("home_tables.json.gz")
    assert same_columns(before, tables(ledger)) == before


def test_its_tables_follow_from_its_events_as_they_did(ledger: Path) -> None:
    with closing(connect(ledger)) as database:
        database.execute("BEGIN")
        projector = Projector(database)
        projector.clear()
        for (body,) in database.execute("SELECT body FROM event ORDER BY seq").fetchall():
            projector.apply(parse(body))
        database.execute("COMMIT")
    before = recorded("home_tables.json.gz")
    assert same_columns(before, tables(ledger)) == before


def test_its_events_and_snapshots_have_the_bytes_we_would_write(ledger: Path) -> None:
    held = tables(ledger)
    bodies = [bytes.fromhex(body) for body in _column(held, "event", "body")]
    assert [canonical(parse(body)) for body in bodies] == bodies
    snapshots = dict(held["snapshot"]["rows"])
    assert {name: address(json.loads(bytes.fromhex(body))) for name, body in snapshots.items()} == {
        name: name for name in snapshots
    }


LABELS_SINCE = ("child_tag_50x90", "composition_card_50x90")
"""Built-in labels that were not there yet; those that were still are."""


async def test_an_agent_that_opens_it_says_what_was_said(config: Path) -> None:
    """After a kill in the middle of a window: that one is in doubt, its job is paused, all else stands."""
    async with running_agent(config, LATER) as asking:
        said = await agent_says(asking)
    assert said["/jobs?limit=1000"].pop("next") is None, "jobs are paged since: this is the last page"
    for path, one in said.items():
        assert not path.startswith("/labels/") or one.pop("carton") is None, "told of a label since there are cartons"
    for name in LABELS_SINCE:
        said["/catalogue"]["templates"].remove(name)
        del said["/catalogue"]["titles"][name]
    for style in said["/catalogue"]["styles"]:
        assert (style.pop("firm"), style.pop("firm_name", "")) == ("", ""), "told of goods since firms have theirs"
    for path in said:
        if path.startswith("/jobs/"):
            assert said[path].pop("work_order") is None  # since then a job says which work order it prints
    for job in (*said["/jobs?limit=1000"]["jobs"], *(one for path, one in said.items() if path.startswith("/jobs/"))):
        assert (job.pop("scan_every"), job.pop("unscanned")) == (0, 0), "told of a job since there are sampled scans"
    assert said == recorded("agent_says.json.gz")


def test_a_backup_of_it_can_be_restored(config: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    assert run("ledger", "backup", "--out", copy, "--config", config).code == 0
    shutil.rmtree(config.parent / "ledger")
    restored = run("ledger", "restore", "--from", copy, "--config", config)
    assert restored.code == 0, restored
    assert run("ledger", "verify", "--config", config).code == 0


# --- the registry --------------------------------------------------------------------------------------------------


async def test_the_old_database_is_brought_up_to_date_and_keeps_every_row() -> None:
    dump = recorded("registry.json.gz")
    dsn = await load_registry(dump)
    await (await db.connect(dsn, connections_max=1)).close()
    connection = await asyncpg.connect(dsn)
    newest = await connection.fetchval("SELECT max(number) FROM migration")
    before = dict(dump["tables"])
    events = before.pop("edge_event").count("\n")
    counts = {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in before}
    kept = len(await told(connection))
    await connection.close()
    assert newest == db.migrations()[-1][0]
    assert counts == {name: rows.count("\n") for name, rows in before.items()} | {"migration": len(db.migrations())}
    assert kept == events, "what an agent told lies packed since"
    assert [text for _, _, text in db.migrations()][: len(dump["migrations"])] == list(dump["migrations"].values())


TOLD_SINCE = {
    "平湖羽绒服产品质量分级",
    "Pinghu grading of down garments",
    "等级由生产企业登记，当时平台尚未比对证书。",
    "As the maker registered it, before the platform compared certificates.",
}
DECLARED = {
    "等级由生产企业自行声明，平台没有可比对的证书。",
    "As its maker states it; the platform has no certificate to compare it with.",
}
"""What a page says besides since there is more than one grading scheme, and of a grade since there are certificates: of
one told before, and of one that its maker declares; nothing else differs."""

WHOM = re.compile(r'<dl class="whom">\n<div><dt>生产企业 .*?</dl>\n', re.DOTALL)
"""Whom to ask about a recall, which its page says besides."""
COMPLAIN = re.compile(r'<p class="complain">.*?</p>')
"""The links to the form for complaints."""
PAINT = re.compile(r"<style>.*?</style>|<[^>]*>", re.DOTALL)


def said_in(html: str) -> Counter[str]:
    """What is read on a page, each text as often as it stands there: order and look may change, words may not."""
    return Counter(text for text in (" ".join(part.split()) for part in PAINT.split(html)) if text)


async def pages_of_before(registry: Registry) -> dict[str, dict[str, Any]]:
    """The pages without what they say since."""
    found = await pages(registry)
    since = TOLD_SINCE | DECLARED
    assert set().union(*(said_in(one["html"]) for one in found.values())) >= TOLD_SINCE
    for one in found.values():
        verdict = one["json"].pop("verdict")
        assert verdict is None or verdict["facts"] in ("before_certificates", "declared")
        assert one["json"].pop("certificate") is None
        if one["json"]["status"] == "recalled":
            notice = one["json"].pop("notice")
            assert (notice["kind"], notice["state"], notice["since"]) == ("recall", "confirmed", None)
            one["html"], times = WHOM.subn("", one["html"])
            assert times == (one["json"]["product"] is not None)
        one["html"], times = COMPLAIN.subn("", one["html"])
        assert times == 1
        one["html"] = Counter({text: n for text, n in said_in(one["html"]).items() if text not in since})
    return found


def recorded_pages(name: str) -> dict[str, dict[str, Any]]:
    """As they were told then."""
    return {path: {**one, "html": said_in(one["html"])} for path, one in recorded(name).items()}


async def test_consumers_are_told_what_they_were_told() -> None:
    async with running(dsn=await load_registry(recorded("registry.json.gz"))) as registry:
        assert await pages_of_before(registry) == recorded_pages("pages.json.gz")


# --- both go on ----------------------------------------------------------------------------------------------------


async def test_both_go_on_together(tmp_path: Path) -> None:
    """What was not told is told and acknowledged, a further job is printed, and the books agree to the last byte."""
    async with gone_on(tmp_path) as (asking, registry):
        assert await pages_of_before(registry) == recorded_pages("pages_after.json.gz")
        await _settle_the_strip(asking, "line-1")
        record = recorded("records.json")["down_graded"]
        order = {"template": "down_grade_60x40", "printer": "line-1", "record": record}
        job = await asking.print("after-1", quantity=3, **order)
        assert (job["printed"], job["in_doubt"]) == (3, 0)
        await asking.until("/sync", state="online", pending=0)
        await _books_agree(asking, registry)
        await _new_labels_are_registered(registry, job["job_id"], asking)
        assert (await asking.get("/api/v1/holds"))["holds"] == []
        assert (await asking.post("/ledger/verify"))["ok"] is True
    assert await _events_of(registry.dsn) == _events_in(tmp_path / "ledger" / "ledger.db")
    assert run("ledger", "verify", "--config", tmp_path / "agent.toml").code == 0


async def _settle_the_strip(asking: Asking, printer: str) -> None:
    """The kill left a strip at that printer. Before, new labels came out behind it; since, they wait for this."""
    strips = [one for one in (await asking.get("/api/v1/doubts"))["doubts"] if one["printer"] == printer]
    await asking.post(f"/windows/{strips[-1]['window_id']}/settle", text=None, operator=OPERATOR, rest="invalid")


async def _books_agree(asking: Asking, registry: Registry) -> None:
    rows = {row["quota_key"]: row for row in (await asking.get("/api/v1/ledger/balance"))["rows"]}
    found = await reconcile(registry.pool)
    theirs = {row["quota_key"]: row for row in found["rows"] if row["agent"] == NAME}
    assert theirs.keys() == rows.keys() - {"total"}
    for key, row in theirs.items():
        assert row["balanced"] and row["overdraft"] == 0, row
        assert {name: row[name] for name in ("allotted", "drawn", *STATES)} == {
            name: rows[key][name] for name in ("allotted", "drawn", *STATES)
        }
    assert found["missing"] == []


async def _new_labels_are_registered(registry: Registry, job: str, asking: Asking) -> None:
    labels = (await asking.get("/api/v1/labels?limit=1000"))["labels"]
    serials = {label["serial"] for label in labels if label["job_id"] == job}
    found = {path: page for path, page in (await pages(registry)).items() if path[-17:] in serials}
    assert len(found) == 3
    assert {page["json"]["status"] for page in found.values()} == {"registered"}


async def _events_of(dsn: str) -> list[bytes]:
    connection = await asyncpg.connect(dsn)
    rows = await told(connection, NAME)
    await connection.close()
    return [row["body"] for row in rows]


def _events_in(ledger: Path) -> list[bytes]:
    with closing(connect(ledger)) as database:
        return [body for (body,) in database.execute("SELECT body FROM event ORDER BY seq")]


def _column(held: dict[str, Any], table: str, column: str) -> set[Any]:
    place = held[table]["columns"].index(column)
    return {row[place] for row in held[table]["rows"]}
