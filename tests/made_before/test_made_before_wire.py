"""What went between agent and registry: both sides still say it in the same bytes, and read it as the same values."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from edge_agent.ledger.store import connect
from label_protocol import wire
from tests.kits.registry_kit import running
from tests.made_before import told
from tests.made_before.kit import load_registry, recorded, unpack_home
from tests.made_before.wire_kit import ask_everything, client_of, stand_in

EXCHANGES: list[dict[str, Any]] = recorded("wire.json.gz")
BATCHES = [one for one in EXCHANGES if one["method"] == "POST" and one["path"].endswith("/events")]
FINAL = list({(one["method"], one["path"]): one for one in EXCHANGES if not one["path"].endswith("/enrol")}.values())
"""The last exchange at each address: after it the registry heard and said nothing new there."""


def test_the_recording_holds_every_kind_of_exchange() -> None:
    kinds = {(one["method"], one["path"].partition("?")[0].rpartition("/")[2]) for one in EXCHANGES}
    assert kinds == {("POST", "enrol"), ("POST", "events"), ("GET", "events"), ("GET", "feed"), ("GET", "check-keys")}
    assert any(json.loads(one["body"])["snapshots"] for one in BATCHES)
    assert any("receipt" in json.loads(one["body"]) for one in BATCHES)


@pytest.mark.parametrize("batch", BATCHES, ids=lambda one: f"from {json.loads(one['body'])['first_seq']}")
def test_the_old_ledger_is_packed_into_the_same_batches(batch: dict[str, Any], tmp_path: Path) -> None:
    """Byte for byte, but for what gzip makes of them."""
    head = json.loads(batch["body"])
    last = head["first_seq"] + len(head["events"]) - 1
    with closing(connect(unpack_home(tmp_path).parent / "ledger" / "ledger.db")) as ledger:
        rows = ledger.execute(
            "SELECT body FROM event WHERE seq BETWEEN ? AND ? ORDER BY seq", (head["first_seq"], last)
        )
        bodies = [body for (body,) in rows]
        before = ledger.execute("SELECT hash FROM event WHERE seq = ?", (head["first_seq"] - 1,)).fetchone()
        kept = dict(ledger.execute("SELECT hash, body FROM snapshot ORDER BY hash").fetchall())
    needed = {name: body for name, body in kept.items() if name in head["snapshots"]}
    previous = before[0] if before else bytes(32)
    shown = wire.read_sealed(head.get("receipt"), "receipt")
    packed = wire.pack_batch(head["incarnation"], head["first_seq"], previous, bodies, needed, shown)
    assert wire.unpack(packed).decode() == batch["body"]
    assert wire.read_batch(packed).events == head["events"]


ADDED: dict[str, Any] = {"digests": False, "bodies": {}}
"""What answers are read for since then, and as what where an old one says nothing of it."""


def _as_before(answer: Any) -> Any:
    return {key: value for key, value in answer.items() if key not in ADDED or value != ADDED[key]}


async def test_the_agent_asks_in_the_same_bytes_and_reads_the_same_answers() -> None:
    async with stand_in(EXCHANGES) as (url, heard):
        found = await ask_everything(url, EXCHANGES)
    assert [_as_before(one) for one in found] == recorded("wire_read.json.gz")
    assert len(heard) == len(recorded("wire_read.json.gz"))
    known = [{key: one[key] for key in heard[0]} for one in EXCHANGES]
    for asked in heard:
        assert asked in known, asked


async def test_the_agent_sends_a_batch_in_the_same_bytes_and_reads_its_receipt() -> None:
    last = BATCHES[-1]
    async with stand_in(EXCHANGES) as (url, heard):
        client = client_of(url, EXCHANGES)
        try:
            receipt = await client.send(gzip.compress(last["body"].encode(), mtime=0))
        finally:
            await client.close()
    assert heard == [{key: last[key] for key in heard[0]}]
    answer = json.loads(last["answer"])
    assert (receipt.acked_seq, receipt.head_hash) == (answer["acked_seq"], answer["head_hash"])
    assert receipt.head.as_json() == answer["head"]
    assert receipt.sealed is not None and receipt.sealed.as_json() == answer["receipt"]


@pytest.mark.parametrize("exchange", FINAL, ids=lambda one: f"{one['method']} {one['path'][:60]}")
async def test_the_registry_answers_in_the_same_bytes(exchange: dict[str, Any]) -> None:
    """The old database, asked again what it was asked last: a batch it has already is acknowledged as it was."""
    async with running(dsn=await load_registry(recorded("registry.json.gz"))) as registry:
        more = {"data": exchange["body"].encode()} if exchange["body"] else {}
        headers = {name: value for name, value in exchange["headers"].items() if name != "Content-Encoding"}
        answer = await registry.http.request(exchange["method"], exchange["path"], headers=headers, **more)
        assert (answer.status, await answer.text()) == (exchange["status"], exchange["answer"])


async def test_a_token_of_before_is_still_good_and_answered_in_the_same_form() -> None:
    order = {"token": recorded("story.json")["unspent token"], "name": "line-3", "fingerprint": "machine-3"}
    async with running(dsn=await load_registry(recorded("registry.json.gz"))) as registry:
        answer = await (await registry.http.post("/v1/enrol", json=order)).json()
        issuer = await registry.pool.fetchval("SELECT issuer FROM agent WHERE agent = 'line-3'")
    before = json.loads(_enrolment()["answer"])
    assert list(answer) == list(before)
    assert (answer["agent"], answer["issuer"], answer["epoch"]) == ("line-3", issuer, before["epoch"])
    assert len(answer["secret"]) == len(before["secret"])


def test_the_history_to_be_told_anew_holds_every_type_of_event() -> None:
    """All that docs/ledger-format.md listed, some of them only as told again after a fork."""
    types = {name for line in recorded("told.json.gz")["events"] for name in _types(json.loads(line)["event"])}
    assert len(types - {"unheard_of"}) == 22


def _types(event: dict[str, Any]) -> Iterator[str]:
    yield event["type"]
    if event["type"] == "adopted":
        yield from _types(event["event"])


def test_a_history_told_anew_has_the_same_bytes(tmp_path: Path) -> None:
    """Event JSON, chain, tables and witness, from a stopped clock and known chance."""
    before, now = recorded("told.json.gz"), told.told(tmp_path)
    assert now["events"] == before["events"]
    assert now["witness"] == before["witness"]
    assert told.same_columns(before["tables"], now["tables"]) == before["tables"]


def _enrolment() -> dict[str, Any]:
    return next(one for one in reversed(EXCHANGES) if one["path"] == "/v1/enrol")
