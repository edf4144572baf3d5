"""People and programs by commands: what is asked of whoever is added, what a badge is, and what the file holds."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from edge_agent.access import codes, local_token, pins
from edge_agent.access.roles import Role
from edge_agent.access.store import PeopleStore
from edge_agent.app import agent
from edge_agent.config import load_config
from edge_agent.errors import CatalogError
from edge_agent.ledger import Ledger
from edge_agent.render.badge_card import badge_card
from edge_agent.render.raster import to_image
from edge_agent.wiring import open_ledger
from label_protocol.errors import InputError
from tests.kits.cli_kit import Said, a_site, run
from tests.kits.decoders import texts_by_two
from tests.kits.ledger_kit import Place, enrolled
from tests.kits.people_kit import PIN


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return a_site(tmp_path)


@pytest.fixture
def store(site: Path) -> PeopleStore:
    return PeopleStore(load_config(site).people_path)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Standard input, which is no terminal."""
    text = io.StringIO()
    monkeypatch.setattr(sys, "stdin", text)
    yield text


def _type(typed: io.StringIO, *lines: str) -> None:
    typed.seek(0)
    typed.truncate()
    typed.write("".join(f"{one}\n" for one in lines))
    typed.seek(0)


def _lead(site: Path, typed: io.StringIO, name: str = "示例班长") -> Said:
    _type(typed, PIN)
    return run("people", "add", name, "--role", "lead", "--config", site)


def test_the_first_is_a_lead_with_a_pin_and_then_people_are_asked(
    site: Path, store: PeopleStore, typed: io.StringIO
) -> None:
    assert "第一个人必须是班长" in run("people", "add", "示例操作员", "--config", site).refusal
    assert not store.named()
    assert "people badge 示例班长" in _lead(site, typed).out
    assert store.named()
    assert run("people", "add", "示例操作员", "--config", site).code == 0
    assert "已有叫 示例操作员 的人" in run("people", "add", "示例操作员", "--config", site).refusal
    rows = json.loads(run("people", "list", "--json", "--config", site).out)
    assert [(one["name"], one["role"], one["has_pin"]) for one in rows] == [
        ("示例班长", "lead", True),
        ("示例操作员", "operator", False),
    ]
    assert "argon2" not in str(rows)


@pytest.mark.parametrize("pin", ["12345", "1234567890123", "12345a", "１２３４５６", "111111", "123456", "987654", ""])
def test_a_pin_that_everybody_tries_first_is_none(site: Path, store: PeopleStore, typed: io.StringIO, pin: str) -> None:
    _type(typed, pin)
    assert "PIN" in run("people", "add", "示例班长", "--role", "lead", "--config", site).refusal
    assert not store.named(), "and nobody is half added"


def test_pins_are_argon2id_with_a_salt_of_their_own() -> None:
    """OWASP's Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane at least."""
    first, second = pins.hashed(PIN), pins.hashed(PIN)
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$") and first != second
    assert pins.matches(first, PIN) and not pins.matches(first, PIN + "0") and not pins.matches("nonsense", PIN)
    with pytest.raises(InputError, match="8 到 12 位"):
        pins.require_good(PIN, 8)


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_badge_is_read_by_two_decoders(dpi: int) -> None:
    code = codes.new_badge(lambda count: bytes(range(count)))
    card = to_image(badge_card(code, "欧阳示例娜娜·阿依古丽", "操作员 operator", dpi))
    picture = ImageChops.invert(card).convert("L")
    assert texts_by_two(picture) == [code] and codes.read_badge(code) == code


def test_a_new_badge_ends_the_old_one_and_only_its_hash_is_kept(
    site: Path, store: PeopleStore, typed: io.StringIO, tmp_path: Path
) -> None:
    _lead(site, typed)
    read = []
    for name in ("one.png", "two.png"):
        assert run("people", "badge", "示例班长", "--out", tmp_path / name, "--config", site).code == 0
        (code,) = texts_by_two(Image.open(tmp_path / name).convert("L"))
        read.append(code)
        assert sys.platform == "win32" or (tmp_path / name).stat().st_mode & 0o077 == 0, "who reads it is that person"
    assert store.by_badge(codes.digest(read[0])) is None
    assert (found := store.by_badge(codes.digest(read[1]))) is not None and found.name == "示例班长"
    assert not [one for one in (*read, PIN) if one.encode() in store.path.read_bytes()]
    assert run("people", "revoke", "示例班长", "--config", site).code == 0
    assert store.by_badge(codes.digest(read[1])) is None
    assert run("people", "badge", "示例班长", "--out", tmp_path / "x.gif", "--config", site).code == 1
    assert not store.person("示例班长").has_badge, "a badge that could not be drawn is nobody's"


def test_who_leaves_is_gone_at_once_and_the_last_lead_stays(site: Path, store: PeopleStore, typed: io.StringIO) -> None:
    _lead(site, typed)
    assert "最后一个班长" in run("people", "leave", "示例班长", "--config", site).refusal
    _lead(site, typed, "另一示例")
    person = store.person("示例班长")
    assert "还在职" in run("people", "forget", "示例班长", "--config", site).refusal
    assert run("people", "leave", person.id, "--config", site).code == 0
    assert "没有叫" in run("people", "pin", "示例班长", "--config", site).refusal
    assert run("people", "forget", "示例班长", "--config", site).code == 0
    gone = next(one for one in store.people() if one.id == person.id)
    assert (gone.name, gone.pin, gone.works_here) == ("", None, False)
    assert "示例班长".encode() not in store.path.read_bytes(), "nor in what the file no longer uses"


def test_a_token_is_shown_once_and_kept_as_a_hash(site: Path, store: PeopleStore) -> None:
    told = json.loads(run("tokens", "add", "MES", "--scope", "orders", "--json", "--config", site).out)
    assert store.by_token(codes.digest(told["token"])) == (told["id"], frozenset({"orders"}))
    assert told["token"].encode() not in store.path.read_bytes()
    assert told["token"] not in run("tokens", "list", "--config", site).out
    assert run("tokens", "revoke", "MES", "--config", site).code == 0
    assert store.by_token(codes.digest(told["token"])) is None
    assert "expected a program" in run("tokens", "revoke", "MES", "--config", site).refusal
    assert not store.named(), "a program is nobody: people are not asked because of it"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes: the folder's rights hold there")
def test_only_the_services_user_reads_tokens_and_people(tmp_path: Path, site: Path, typed: io.StringIO) -> None:
    path = tmp_path / "new" / "local.token"
    first = local_token.write(path)
    assert codes.digest(local_token.read(path)) == first
    assert local_token.write(path) != first, "anew with every start"
    _lead(site, typed)
    people = load_config(site).people_path
    assert [one.stat().st_mode & 0o777 for one in (path, people)] == [0o600, 0o600]
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_of_people_that_is_none_is_told_and_lets_nobody_act(site: Path, store: PeopleStore) -> None:
    store.path.parent.mkdir(parents=True, exist_ok=True)
    store.path.write_bytes(b"no database" * 1000)
    assert "人员文件不能用" in run("people", "list", "--config", site).refusal
    with pytest.raises(CatalogError):
        store.named()


def test_a_newer_file_is_left_alone(store: PeopleStore) -> None:
    store.add("示例班长", Role.LEAD, None)
    with contextlib.closing(sqlite3.connect(store.path)) as db:
        db.execute("PRAGMA user_version = 2")
    with pytest.raises(CatalogError, match="expected version 1, got 2"):
        store.people()


def test_a_lead_lifts_a_hold_of_the_stopped_agent_by_badge_and_pin(
    tmp_path: Path, site: Path, store: PeopleStore, typed: io.StringIO
) -> None:
    ledger = enrolled(Place(tmp_path).open(witness=tmp_path / "witness" / "witness"))
    ledger.place_hold("forked", {})
    ledger.close()
    (tmp_path / "ledger").mkdir(exist_ok=True)
    (tmp_path / "data" / "ledger.db").rename(tmp_path / "ledger" / "ledger.db")
    _lead(site, typed)
    badge = codes.new_badge(os.urandom)
    lead = store.new_badge("示例班长", codes.digest(badge))
    release = ("hold", "release", "forked", "--reason", "核对过账本和纸", "--config", site)
    assert "请先扫工牌登录" in run(*release, "--operator", "示例班长").refusal, "a name alone is nobody"
    _type(typed, badge, "314159")
    assert "PIN 不对" in run(*release, "--log-in").refusal
    _type(typed, badge, PIN)
    assert run(*release, "--log-in").code == 0
    opened = open_ledger(load_config(site))
    out = io.StringIO()
    Ledger.export(opened, out)
    opened.close()
    last = json.loads(out.getvalue().splitlines()[-1])["event"]
    assert (last["type"], last["by"], last["operator"], last["known_by"]) == (
        "hold_released",
        "lead",
        lead.id,
        "badge_pin",
    )


async def test_commands_go_on_by_the_token_file_and_by_nothing_else(
    site: Path, store: PeopleStore, typed: io.StringIO, unused_tcp_port: int
) -> None:
    """A running agent, and its own commands beside it: somebody is named while it runs, and counts at once."""
    site.write_text(site.read_text("utf-8") + f"[web]\nport = {unused_tcp_port}\n", "utf-8")
    config = load_config(site)

    async def said(*words: object) -> str:
        return (await asyncio.to_thread(run, *words, "--config", site)).err

    async with agent(config):
        assert "expected an enrolled agent" in await said("sync", "now"), "nobody is named: as ever"
        store.add("示例班长", Role.LEAD, pins.hashed(PIN))
        assert "expected an enrolled agent" in await said("sync", "now"), "by the file"
        pause = ("job", "pause", "0f3a92c1d45e6b78", "--operator")
        assert "没有叫 谁也不是 的在职人员" in await said(*pause, "谁也不是")
        assert "expected a job" in await said(*pause, "示例班长")
        release = ("hold", "release", "counter_ahead", "--reason", "换卷走纸")
        assert "程序不能" in await said(*release), "what needs a lead is done by one"
        badge = codes.new_badge(os.urandom)
        store.new_badge("示例班长", codes.digest(badge))
        _type(typed, badge, PIN)
        assert "expected one in force" in await said(*release, "--log-in")
        config.local_token_path.unlink()
        assert "请先扫工牌登录" in await said("sync", "now")
