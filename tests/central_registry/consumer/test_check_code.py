"""The check code at the registry: keys for agents, the form on the scan page, guesses, rotation."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import structlog
from aiohttp.test_utils import TestClient
from typer.testing import CliRunner

from central_registry import cli
from central_registry.agents import enrolment
from central_registry.app import build_app
from central_registry.consumer.check_code import WRONG_TRIES
from central_registry.consumer.garment_facts import WORDS
from central_registry.distribution import check_keys
from central_registry.http.context import CLOCK
from label_protocol.codes.check_code import check_code, grouped
from label_protocol.logs import configure_logs
from tests.kits import registry_kit
from tests.kits.http_kit import Served
from tests.kits.registry_kit import AT, Edge, Registry, running, sample_snapshot

GTIN = "06901234567892"


class Clock:
    """The registry's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def registry(clock: Clock) -> AsyncIterator[Registry]:
    async with running() as found:
        app = build_app(found.pool, clock=clock)
        async with TestClient(Served(app)) as http:
            assert app[CLOCK] is clock
            yield Registry(found.pool, http, found.dsn)


@pytest.fixture
async def edge(registry: Registry) -> Edge:
    found = (await registry.enrolled()).begin()
    await registry.allot(found.agent, 1000)
    return found


async def _printed(edge: Edge, monkeypatch: pytest.MonkeyPatch, key_id: Any) -> str:
    """A label that is printed and told, its snapshot naming `key_id` (None: no check code)."""
    snapshot = sample_snapshot("down_graded") | ({} if key_id is None else {"check_code": {"key_id": key_id}})
    monkeypatch.setattr(registry_kit, "sample_snapshot", lambda _: snapshot)
    serial, first = edge.serial(), len(edge.bodies) + 1
    edge.printed([serial])
    await edge.send(1 if first == 2 else first)
    return serial


@pytest.fixture
async def label(edge: Edge, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A printed label with a check code: serial and code."""
    keys = await edge.get("check-keys")
    serial = await _printed(edge, monkeypatch, keys["current"])
    return serial, check_code(bytes.fromhex(keys["keys"][keys["current"]]), serial)


def path(serial: str) -> str:
    return f"/01/{GTIN}/10/L1/21/{serial}"


async def typed(registry: Registry, serial: str, code: str) -> dict[str, Any]:
    """The answer to a program: `check_code`, with the HTTP status beside it."""
    headers = {"Accept": "application/json"}
    answer = await registry.http.post(path(serial), json={"code": code}, headers=headers)
    found = await answer.json()
    return {**found["check_code"], "status": answer.status, "retry": answer.headers.get("Retry-After")}


async def form(registry: Registry, serial: str, code: str) -> tuple[int, str]:
    """The page a consumer gets who sent the form."""
    answer = await registry.http.post(path(serial), data={"code": code}, headers={"Accept": "text/html"})
    return answer.status, await answer.text()


def wrong(code: str) -> str:
    return ("0" if code[0] != "0" else "1") + code[1:]


# --- keys ---------------------------------------------------------------------------------------------------------


async def test_an_agent_gets_the_keys_of_its_own_issuer_and_no_other(registry: Registry, edge: Edge) -> None:
    other = await registry.enrolled("line-2")
    ours, theirs = await edge.get("check-keys"), await other.get("check-keys")
    assert (ours["issuer"], theirs["issuer"]) == (edge.issuer, other.issuer)
    assert ours["current"] == theirs["current"]
    assert list(ours["keys"]) == [ours["current"]]
    assert ours["keys"] != theirs["keys"]
    assert re.fullmatch(r"[0-9a-f]{64}", ours["keys"][ours["current"]])
    assert await edge.get("check-keys") == ours
    (row,) = await registry.rows("SELECT secret FROM check_key")
    assert row["secret"].hex() not in json.dumps([ours, theirs]), "the master stays"


async def test_agents_that_ask_first_at_once_get_one_key(registry: Registry) -> None:
    edges = [await registry.enrolled(f"line-{number}") for number in range(4)]
    found = await asyncio.gather(*(edge.get("check-keys") for edge in edges))
    assert len({one["current"] for one in found}) == 1
    assert len(await registry.rows("SELECT key_id FROM check_key")) == 1


async def test_keys_are_for_who_shows_the_agents_secret(registry: Registry, edge: Edge) -> None:
    other = await registry.enrolled("line-2")
    where = f"/v1/agents/{edge.agent}/check-keys"
    for headers in ({}, other.auth(), {"Authorization": "Bearer x"}):
        answer = await registry.http.get(where, headers=headers)
        assert (answer.status, "keys" in await answer.text()) == (401, False)
    answer = await registry.http.get(where, headers=edge.auth())
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    await enrolment.lose_agent(registry.pool, edge.agent, AT)
    answer = await registry.http.get(where, headers=edge.auth())
    assert (answer.status, (await answer.json())["type"]) == (409, "/problems/refused")


async def test_the_keys_are_in_no_feed_and_no_list(registry: Registry, edge: Edge, label: tuple[str, str]) -> None:
    keys = await edge.get("check-keys")
    told = [json.dumps(await edge.get("feed")), json.dumps(await edge.get("events"))]
    told += [json.dumps(await check_keys.list_keys(registry.pool)), (await registry.page(path(label[0])))[1]]
    told.append(json.dumps(await registry.facts(path(label[0]))))
    told.append((await registry.page("/healthz"))[1])
    (row,) = await registry.rows("SELECT secret FROM check_key")
    for secret in (row["secret"].hex(), *keys["keys"].values()):
        assert not any(secret in text for text in told)
    assert all(label[1] not in text and grouped(label[1]) not in text for text in told), "the code is on paper alone"


async def test_old_labels_stay_checkable_after_a_rotation(
    registry: Registry, edge: Edge, label: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await edge.get("check-keys")
    assert await asyncio.to_thread(command, "check-key", "rotate", "--dsn", registry.dsn) != ""
    after = await edge.get("check-keys")
    assert after["current"] != before["current"]
    assert before["keys"].items() < after["keys"].items()
    fresh = await _printed(edge, monkeypatch, after["current"])
    new_code = check_code(bytes.fromhex(after["keys"][after["current"]]), fresh)
    assert (await typed(registry, *label))["result"] == "match"
    assert (await typed(registry, fresh, new_code))["result"] == "match"
    under_old = check_code(bytes.fromhex(after["keys"][before["current"]]), fresh)
    assert (await typed(registry, fresh, under_old))["result"] == "mismatch"


def command(*words: str) -> str:
    result = CliRunner().invoke(cli.app, words)
    assert result.exit_code == 0, result.exception
    return result.stdout


async def test_the_operator_sees_names_and_ages_and_never_secrets(registry: Registry, edge: Edge) -> None:
    assert "还没有密钥" in await asyncio.to_thread(command, "check-key", "list", "--dsn", registry.dsn)
    await edge.get("check-keys")
    said = await asyncio.to_thread(command, "check-key", "rotate", "--dsn", registry.dsn, "--json")
    rows = json.loads(await asyncio.to_thread(command, "check-key", "list", "--dsn", registry.dsn, "--json"))
    assert [row["current"] for row in rows] == [False, True]
    assert rows[1]["key_id"] == json.loads(said)["key_id"]
    assert all(set(row) == {"key_id", "made_at", "current"} for row in rows)
    text = await asyncio.to_thread(command, "check-key", "list", "--dsn", registry.dsn)
    assert text.count("现用") == 1


# --- answers ------------------------------------------------------------------------------------------------------


async def test_the_right_code_matches_however_it_is_typed(registry: Registry, label: tuple[str, str]) -> None:
    serial, code = label
    for count, text in enumerate((code, grouped(code), f" {grouped(code).lower()} "), start=1):
        found = await typed(registry, serial, text)
        assert (found["status"], found["result"], found["count"]) == (200, "match", count)
        assert found["first_at"] == "2026-11-20T09:15:03+00:00"
    assert found["words"]["zh"] == "防伪码相符"


async def test_a_match_tells_first_time_and_count_and_proves_nothing(
    registry: Registry, label: tuple[str, str], clock: Clock
) -> None:
    await form(registry, *label)
    clock.now += timedelta(days=2)
    status, html = await form(registry, *label)
    assert status == 200
    assert "防伪码相符" in html
    assert "2026-11-20 17:15 北京时间" in html and "<dd>2</dd>" in html
    assert "相符不等于一定是原标签" in html


@pytest.mark.parametrize("table", ["check", "check_text"])
def test_no_answer_promises_a_genuine_article(table: str) -> None:
    assert set(WORDS[table]) == {"match", "mismatch", "none", "unavailable", "malformed", "later"}
    for zh, en in WORDS[table].values():
        assert not re.search(r"正品|真品|假冒|假货|保真", zh)
        assert not re.search(r"genuine|authentic|fake|counterfeit", en, re.IGNORECASE)


async def test_a_wrong_code_is_told_neutrally(registry: Registry, label: tuple[str, str]) -> None:
    serial, code = label
    status, html = await form(registry, serial, wrong(code))
    assert status == 200
    assert "防伪码不相符" in html and "请核对是否输错" in html
    assert wrong(code) not in html, "what was typed is not repeated"
    assert (await typed(registry, serial, wrong(code)))["count"] == 0


async def test_another_labels_code_does_not_match(
    registry: Registry, edge: Edge, label: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = await _printed(edge, monkeypatch, (await edge.get("check-keys"))["current"])
    assert (await typed(registry, other, label[1]))["result"] == "mismatch"


async def test_a_label_without_a_check_code_has_no_form_and_says_so(
    registry: Registry, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial = await _printed(edge, monkeypatch, None)
    html = (await registry.page(path(serial)))[1]
    assert "<form" not in html and "防伪码" not in html
    assert (await registry.facts(path(serial)))["check_code"] == {"on_label": False}
    found = await typed(registry, serial, "7K3M9QX2")
    assert (found["status"], found["result"]) == (200, "none")
    answered = (await form(registry, serial, "7K3M9QX2"))[1]
    assert "此标签没有防伪码" in answered and "<form" not in answered
    assert await registry.rows("SELECT * FROM check_try") == []


@pytest.mark.parametrize("key_id", ["ffff0000", "specimen", "", "\0", 7, ["x"], {"a": 1}])
async def test_a_code_whose_key_is_not_here_accuses_nobody(
    registry: Registry, edge: Edge, monkeypatch: pytest.MonkeyPatch, key_id: Any
) -> None:
    """A registry restored from an old dump may have lost a key; a snapshot may say anything."""
    await edge.get("check-keys")
    serial = await _printed(edge, monkeypatch, key_id)
    found = await typed(registry, serial, "7K3M9QX2")
    assert found["status"] == 200
    assert found["result"] == ("unavailable" if key_id in ("ffff0000", "specimen") else "none")
    assert await registry.rows("SELECT * FROM check_try") == []


async def test_a_label_whose_facts_never_came_is_not_said_to_have_none(registry: Registry, edge: Edge) -> None:
    serial = edge.serial()
    edge.printed([serial])
    edge.snapshots = {}
    await edge.send()
    assert (await typed(registry, serial, "7K3M9QX2"))["result"] == "unavailable"


async def test_a_serial_nobody_knows_has_no_answer(registry: Registry, edge: Edge) -> None:
    await edge.send()
    for serial, status in ((edge.serial(), 200), ("SHORT", 404)):
        answer = await registry.http.post(
            path(serial), json={"code": "7K3M9QX2"}, headers={"Accept": "application/json"}
        )
        assert answer.status == status
        assert (await answer.json())["check_code"] == {"on_label": False}
    assert await registry.rows("SELECT * FROM check_try") == []


async def test_a_void_label_stays_void_whatever_its_code(
    registry: Registry, edge: Edge, label: tuple[str, str]
) -> None:
    edge.tell("label_decided", serial=label[0], operator="o", reason="r", step="scrap")
    await edge.send(len(edge.bodies))
    status, html = await form(registry, *label)
    assert status == 200
    assert "该标签登记作废" in html.replace("已", "") and "防伪码相符" in html


@pytest.mark.parametrize("text", ["", "7K3M", "7K3M-9QX22", "防伪码", "U" * 8, "'; DROP TABLE check_try;--", "\0" * 8])
async def test_what_is_no_code_is_no_try(registry: Registry, label: tuple[str, str], text: str) -> None:
    found = await typed(registry, label[0], text)
    assert (found["status"], found["result"]) == (422, "malformed")
    assert (await form(registry, label[0], text))[0] == 422
    assert await registry.rows("SELECT * FROM check_try") == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"code": 7}', b"[" * 900, b"\xff\xfe", b"code=" + b"a=b&" * 100])
async def test_any_body_is_answered(registry: Registry, label: tuple[str, str], body: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        answer = await registry.http.post(path(label[0]), data=body, headers={"Content-Type": kind})
        assert answer.status == 422, kind


async def test_a_large_body_is_cut_off(registry: Registry, label: tuple[str, str]) -> None:
    answer = await registry.http.post(path(label[0]), data={"code": "A" * 2000})
    assert (answer.status, (await answer.json())["type"]) == (413, "/problems/too-large")


async def test_a_body_that_says_it_is_packed_is_not_unpacked_for_a_stranger(
    registry: Registry, label: tuple[str, str]
) -> None:
    answer = await registry.http.post(path(label[0]), data=b"code=AAAAAAAA", headers={"Content-Encoding": "gzip"})
    assert (answer.status, (await answer.json())["type"]) == (415, "/problems/packed")


# --- guesses ------------------------------------------------------------------------------------------------------


async def guess(registry: Registry, label: tuple[str, str], times: int) -> list[str]:
    return [(await typed(registry, label[0], wrong(label[1])))["result"] for _ in range(times)]


async def test_after_ten_wrong_ones_even_the_right_one_waits(
    registry: Registry, label: tuple[str, str], clock: Clock
) -> None:
    assert await guess(registry, label, WRONG_TRIES) == ["mismatch"] * 10
    clock.now += timedelta(minutes=20)
    found = await typed(registry, *label)
    assert (found["status"], found["result"], found["retry"]) == (429, "later", "2401")
    status, html = await form(registry, *label)
    assert status == 429
    assert "请稍后再试" in html and "防伪码相符" not in html
    clock.now += timedelta(minutes=40, seconds=1)
    assert (await typed(registry, *label))["result"] == "match"


async def test_wrong_ones_of_an_hour_ago_count_no_more(
    registry: Registry, label: tuple[str, str], clock: Clock
) -> None:
    for _ in range(3):
        assert await guess(registry, label, WRONG_TRIES - 1) == ["mismatch"] * 9
        clock.now += timedelta(hours=1, seconds=1)
    assert (await typed(registry, *label))["result"] == "match"
    assert await registry.alarms() == []


async def test_guesses_made_at_once_are_all_counted(registry: Registry, label: tuple[str, str]) -> None:
    found = await asyncio.gather(*(typed(registry, label[0], wrong(label[1])) for _ in range(WRONG_TRIES + 15)))
    assert sorted(one["result"] for one in found) == ["later"] * 15 + ["mismatch"] * WRONG_TRIES


async def test_guesses_on_one_label_do_not_stop_another(
    registry: Registry, edge: Edge, label: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await guess(registry, label, WRONG_TRIES)
    keys = await edge.get("check-keys")
    other = await _printed(edge, monkeypatch, keys["current"])
    code = check_code(bytes.fromhex(keys["keys"][keys["current"]]), other)
    assert (await typed(registry, other, code))["result"] == "match"


async def test_guessing_raises_one_alarm_that_names_the_serial(
    registry: Registry, label: tuple[str, str], clock: Clock
) -> None:
    await guess(registry, label, WRONG_TRIES - 1)
    assert await registry.alarms() == []
    await guess(registry, label, 5)
    clock.now += timedelta(hours=2)
    await guess(registry, label, WRONG_TRIES)
    (row,) = await registry.rows("SELECT kind, about, times, detail FROM alarm")
    assert (row["kind"], row["about"], row["times"]) == ("check_code_guessed", label[0], 2)
    assert wrong(label[1]) not in row["detail"] and label[1] not in row["detail"]


async def test_nothing_about_who_asks_or_what_was_typed_is_kept(registry: Registry, label: tuple[str, str]) -> None:
    await guess(registry, label, 2)
    await typed(registry, *label)
    (row,) = await registry.rows("SELECT * FROM check_try")
    assert row == {"serial": label[0], "right_first_at": AT, "right_times": 1, "wrong_since": AT, "wrong_times": 2}
    assert await registry.rows("SELECT * FROM scan") == [], "a check is no scan"


@pytest.fixture
def production_logs() -> Iterator[None]:
    configure_logs()
    yield
    structlog.reset_defaults()


@pytest.mark.usefixtures("production_logs")
async def test_the_code_stands_in_no_log(
    registry: Registry, label: tuple[str, str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither of an answer, nor of a failure in the middle of one."""
    await typed(registry, *label)
    await registry.pool.execute("ALTER TABLE check_try RENAME TO gone")
    answer = await registry.http.post(path(label[0]), json={"code": label[1]})
    assert answer.status == 500
    said = capfd.readouterr()
    assert "request_failed" in said.out + said.err
    assert label[1] not in said.out + said.err + await answer.text()


# --- the form -----------------------------------------------------------------------------------------------------


class _Form(HTMLParser):
    """The forms of a page and their fields; no script anywhere."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "iframe", "img", "link", "object")
        assert not any(name.startswith("on") or name in ("style", "src") for name, _ in attrs)
        if tag in ("form", "input", "button", "label"):
            self.found.append((tag, dict(attrs)))


async def test_the_page_has_one_form_that_sends_the_code_in_a_body_to_itself(
    registry: Registry, label: tuple[str, str]
) -> None:
    answer = await registry.http.get(path(label[0]))
    parser = _Form()
    parser.feed(await answer.text())
    assert [tag for tag, _ in parser.found] == ["form", "label", "input", "button"]
    attributes = dict(parser.found)
    assert attributes["form"] == {"method": "post"}, "no other address, and never in the address"
    assert (attributes["input"]["name"], attributes["label"]["for"]) == ("code", attributes["input"]["id"])
    assert answer.headers["Content-Security-Policy"].endswith("form-action 'self'")
    assert (await registry.facts(path(label[0])))["check_code"] == {"on_label": True}


async def test_a_page_without_a_form_may_send_none(
    registry: Registry, edge: Edge, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = await _printed(edge, monkeypatch, None)
    for serial in (plain, "X"):
        answer = await registry.http.get(path(serial))
        assert answer.headers["Content-Security-Policy"].endswith("form-action 'none'")
