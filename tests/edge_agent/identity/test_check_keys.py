"""The keys of check codes on the agent's computer: kept with its secret, asked for in time, never shown."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
import structlog

from central_registry.oversight import notices
from edge_agent.errors import RegistryAwayError, RegistryRefusedError
from edge_agent.identity.check_keys import KeyRing
from edge_agent.identity.credentials import Credentials
from edge_agent.ledger.values import Identity
from edge_agent.sync.check_key_errand import ASK_EVERY_S, KeyErrand
from edge_agent.sync.http_client import HttpRegistry
from label_protocol import wire
from label_protocol.answers import read_check_keys
from label_protocol.codes.check_code import CheckKeys
from label_protocol.errors import ConfigError
from tests.kits.check_code_kit import KEY, KEY_ID, KEYS
from tests.kits.registry_kit import running
from tests.kits.sync_kit import MemoryRegistry, station

OWN = Identity("line-1", "7K3", "e1", "http://127.0.0.1:1")
NEWER = CheckKeys("7K3", "ffff0000", {KEY_ID: KEY, "ffff0000": bytes(32)})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The credentials of an agent that enrolled before there were check codes."""
    path = tmp_path / "config" / "credentials.json"
    Credentials("http://127.0.0.1:1", "line-1", "s3cret").save(path)
    return path


class Giver(MemoryRegistry):
    """A registry that gives `answer`, or raises it; `asked` counts."""

    def __init__(self, answer: CheckKeys | Exception = KEYS) -> None:
        super().__init__()
        self.answer, self.asked = answer, 0

    async def check_keys(self) -> CheckKeys:
        self.asked += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


# --- the file -----------------------------------------------------------------------------------------------------


def test_keys_are_kept_beside_the_secret_and_for_the_owner_only(file: Path) -> None:
    assert KeyRing(file).keys is None
    ring = KeyRing(file)
    ring.take(KEYS)
    assert KeyRing(file).keys == ring.keys == KEYS
    found = Credentials.load(file)
    assert found is not None
    assert (found.registry, found.agent, found.secret) == ("http://127.0.0.1:1", "line-1", "s3cret")
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["credentials.json"]


def test_a_file_from_before_is_read(file: Path) -> None:
    file.write_text('{"registry": "r", "agent": "a", "secret": "s"}', "utf-8")
    assert Credentials.load(file) == Credentials("r", "a", "s")
    assert KeyRing(file).keys is None


def test_a_disk_that_does_not_take_the_keys_still_has_the_secret(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring, before = KeyRing(file), file.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        ring.take(KEYS)
    assert file.read_bytes() == before, "half a file would cost the agent its identity"
    assert ring.keys is None, "what is not kept is not used"


@pytest.mark.parametrize(
    "keys",
    [{}, {"issuer": "7K3"}, [], {"issuer": "7K3", "current": "x", "keys": {"x": "00"}},
     {"issuer": "7K3", "current": "x", "keys": {}}, {"issuer": "7K3", "current": "x", "keys": {"x": "zz" * 32}}],
)  # fmt: skip
def test_a_file_whose_keys_are_none_is_named(file: Path, keys: Any) -> None:
    file.write_text(json.dumps({"registry": "r", "agent": "a", "secret": "s", "check_keys": keys}), "utf-8")
    with pytest.raises(ConfigError, match="expected the agent's credentials"):
        KeyRing(file)


def test_without_an_enrolment_nothing_is_kept(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "none.json")
    ring.take(KEYS)
    assert ring.keys is None and not (tmp_path / "none.json").exists()


def test_keys_of_another_identity_are_not_used(file: Path) -> None:
    """Between the two steps of a new enrolment, file and ledger may name two issuers."""
    ring = KeyRing(file)
    ring.take(KEYS)
    assert ring.of(OWN) == KEYS
    assert ring.of(Identity("line-1", "7K4", "e1", "r")) is None
    assert ring.of(None) is None


def test_neither_secret_nor_keys_are_shown(file: Path) -> None:
    ring = KeyRing(file)
    ring.take(KEYS)
    shown = f"{Credentials.load(file)!r} {ring.keys!r} {ring!r}"
    assert "line-1" in shown and "s3cret" not in shown and KEY.hex() not in shown and repr(KEY) not in shown


@pytest.mark.parametrize("value", [KEY.hex() + "00", [KEY.hex()], 7, None, KEY.hex()[:-1]])
def test_an_answer_that_is_none_is_refused_and_not_repeated(value: Any) -> None:
    with pytest.raises(wire.WireError) as caught:
        read_check_keys({"issuer": "7K3", "current": KEY_ID, "keys": {KEY_ID: value}})
    assert KEY.hex()[:16] not in str(caught.value)


# --- asking -------------------------------------------------------------------------------------------------------


async def test_it_asks_until_there_are_keys_and_then_now_and_then(file: Path) -> None:
    now_s = [0.0]
    away = RegistryAwayError("registry: no answer")
    ring, giver = KeyRing(file), Giver(away)
    errand = KeyErrand(ring, giver, lambda: now_s[0])
    await errand(False)
    giver.answer = KEYS
    await errand(False)
    assert (giver.asked, ring.keys) == (2, KEYS)
    giver.answer = NEWER
    now_s[0] = ASK_EVERY_S - 1
    await errand(False)
    assert (giver.asked, ring.keys) == (2, KEYS)
    now_s[0] = ASK_EVERY_S
    await errand(False)
    assert (giver.asked, ring.keys) == (3, NEWER)
    await errand(True)
    assert giver.asked == 4, "a person who orders a sync has keys fetched too"


async def test_a_registry_without_keys_is_logged_once_and_asked_again(file: Path) -> None:
    ring, giver = KeyRing(file), Giver(RegistryRefusedError("registry says no: nothing here", {}, 404))
    errand = KeyErrand(ring, giver)
    with structlog.testing.capture_logs() as logged:
        for _ in range(3):
            await errand(False)
    assert (giver.asked, len(logged), logged[0]["event"]) == (3, 1, "no_check_keys")
    giver.answer = KEYS
    await errand(False)
    assert ring.keys == KEYS


async def test_a_file_that_cannot_be_written_stops_no_sync(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Credentials, _path: Path) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Credentials, "save", refuse)
    with structlog.testing.capture_logs() as logged:
        await KeyErrand(KeyRing(file), Giver())(False)
    assert "Read-only" in logged[0]["why"] and KEY.hex() not in str(logged)


async def test_a_registry_whose_keys_fail_still_feeds(tmp_path: Path) -> None:
    """A recall must come down whatever is wrong with the keys."""
    async with running() as registry, station(tmp_path / "a", registry) as here:
        path = tmp_path / "credentials.json"
        Credentials(registry.url, here.edge.agent, here.edge.secret).save(path)
        here.pump._errand = KeyErrand(KeyRing(path), here.client)
        await registry.pool.execute("ALTER TABLE check_key RENAME TO gone")
        await registry.allot(here.edge.agent, 5)
        await notices.recall(registry.pool, "lot:L1", "绳带")
        assert await here.sync() == "online"
        fed = [event for _, _, event in await here.events() if b'"recall"' in event]
        assert len(fed) == 1 and KeyRing(path).keys is None
        await registry.pool.execute("ALTER TABLE gone RENAME TO check_key")
        assert await here.sync() == "online"
        assert KeyRing(path).keys is not None


async def test_the_pump_runs_the_errand_and_tells_it_of_orders(tmp_path: Path) -> None:
    ordered: list[bool] = []

    async def errand(order: bool) -> None:
        ordered.append(order)

    async with running() as registry, station(tmp_path / "a", registry) as here:
        here.pump._errand = errand
        await here.pump.turn()
        here.pump.notify(now=True)
        await here.pump.turn()
        assert ordered == [False, True]
        assert here.pump.view().online


async def test_the_client_reads_what_the_registry_gives() -> None:
    async with running() as registry:
        edge = await registry.enrolled()
        client = HttpRegistry(registry.url, edge.agent, edge.secret)
        found, again = await client.check_keys(), await client.check_keys()
        await client.close()
        assert (found.issuer, found) == (edge.issuer, again)
        assert len(found.keys[found.current]) == 32
