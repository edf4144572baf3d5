"""Commands as a named person: init, people, parties, audit; and that nothing changes without a name once there are
people."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from central_registry import cli, db
from central_registry.parties.sessions import open_session
from label_protocol.codes.uscc import is_uscc
from tests.kits.login_kit import PASSWORD
from tests.kits.platform_kit import a_uscc
from tests.kits.registry_kit import Registry, fresh_dsn, garment, running

OTHER = "quite another password"


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    async with running() as found:
        yield found


def test_every_company_of_an_example_can_be_typed_as_it_stands() -> None:
    """The code of a company that does not exist, with its right last character."""
    pages = [*Path(cli.__file__).parent.glob("*.py"), Path(__file__).parents[3] / "docs" / "operating-the-registry.md"]
    shown = {code for page in pages for code in re.findall(r"\b9133\w{14}\b", page.read_text("utf-8"))}
    assert len(shown) > 1
    assert {code for code in shown if not is_uscc(code)} == set()


def _run(dsn: str, *words: str, said: str = "") -> tuple[int, str, BaseException | None]:
    result = CliRunner().invoke(cli.app, [*words, "--dsn", dsn], input=said)
    return result.exit_code, result.stdout, result.exception


async def _told(registry: Registry, *words: str, said: str = PASSWORD) -> Any:
    code, text, cause = await asyncio.to_thread(_run, registry.dsn, *words, "--json", said=f"{said}\n")
    assert code == 0, (words, cause)
    return json.loads(text)


async def _refused(registry: Registry, *words: str, said: str = PASSWORD) -> str:
    code, _, cause = await asyncio.to_thread(_run, registry.dsn, *words, said=f"{said}\n")
    assert code == 1, words
    return str(cause)


async def _begin(registry: Registry) -> Any:
    words = ("--operator-uscc", a_uscc(), "--operator-name", "示例中心", "--operator-login", "runs", "--login", "zhang")
    words += ("--association-uscc", a_uscc(), "--association-name", "示例协会", "--officer-name", "示例甲")
    both = f"{PASSWORD}\n{PASSWORD}"
    return await _told(registry, "init", "--issuers", "100-1ZZ", *words, "--password-stdin", said=both)


async def test_an_officers_first_day(registry: Registry, tmp_path: Path) -> None:
    begun = await _begin(registry)
    assert (begun["words"], begun["issuers"]) == ([], "100-1ZZ")
    named = ("--as", "zhang")
    firm = a_uscc()
    officer = ("--officer-login", "wang", "--officer-name", "示例乙")
    made = await _told(registry, "parties", "admit", "--uscc", firm, "--name", "示例服饰", *officer, *named)
    assert (made["party"], made["officer"]["login"]) == (firm, "wang")
    await _told(registry, "people", "add", "li-4", "--name", "示例丙", "--role", "approver", *named)
    word = (await _told(registry, "people", "reset", "li-4", *named))["word"]
    assert "新密码" in await _refused(registry, "parties", "waiting", "--as", "li-4", said=word)
    answer = {"login": "li-4", "password": word, "new_password": OTHER}
    assert (await registry.http.post("/v1/admin/login", json=answer)).status == 200
    stop = ("parties", "status", firm, "--to", "suspended", "--reason", "抽检不合格")
    moved = await _told(registry, *stop, *named)
    assert moved["provisional"] is True
    decide = ("parties", "decide", moved["decision"], "--agree", "--reason", "核对属实")
    assert "同一人" in await _refused(registry, *decide, *named)
    await _told(registry, *decide, "--as", "li-4", said=OTHER)
    shown = await _told(registry, "parties", "show", firm, *named)
    assert [row["status"] for row in shown["history"]] == ["suspended", "suspended", "active"]
    await _told(registry, "people", "roles", "li-4", "--role", "viewer", *named)
    assert "不能" in await _refused(registry, *stop, "--as", "li-4", said=OTHER)
    await _told(registry, "people", "leave", "li-4", *named)
    await _told(registry, "people", "erase", "li-4", *named)
    assert {row["login"]: row["name"] for row in await _told(registry, "people", "list", *named)} == {
        "zhang": "示例甲", "li-4": ""
    }  # fmt: skip
    assert [row["party"] for row in await _told(registry, "parties", "list", *named)] == [begun["association"], firm]
    out = tmp_path / "audit.csv"
    rows = await _told(registry, "audit", "list", "--concerns", firm, "--csv", str(out), *named)
    assert [row["act"] for row in rows] == ["set_status_confirmed", "set_status", "admit"]
    assert out.read_text("utf-8-sig").count("\n") == 4
    assert (await _told(registry, "audit", "verify"))["flaw"] is None
    await registry.pool.execute("UPDATE audit SET detail = '' WHERE n = 2")
    assert "row 2" in await _refused(registry, "audit", "verify")


async def test_once_there_are_people_nothing_is_changed_without_a_name(registry: Registry, tmp_path: Path) -> None:
    lots = tmp_path / "lots.json"
    lots.write_text(json.dumps([garment("L1"), garment("L2")]), "utf-8")
    await _told(registry, "agents", "add", "line-1")
    await _told(registry, "lots", "import", str(lots))
    changing = (
        ("agents", "add", "line-2"), ("agents", "lost", "line-1"), ("lots", "import", str(lots)),
        ("allot", "--lot", "L1", "--agent", "line-1", "--quantity", "5"),
        ("suspend", "--lot", "L2", "--reason", "证书复核"), ("suspend", "--lot", "L2", "--reason", "好了", "--lift"),
        ("recall", "--lot", "L2", "--reason", "不合格"), ("check-key", "rotate"),
    )  # fmt: skip
    await _begin(registry)
    before = await registry.rows("SELECT * FROM feed_item ORDER BY n")
    for words in changing:
        assert "--as" in await _refused(registry, *words), words
        assert "登录名或密码不对" in await _refused(registry, *words, "--as", "zhang", said="not the password")
        await registry.pool.execute("UPDATE person SET failures = 0, locked_until = NULL")
        assert "密码" in await _refused(registry, *words, "--as", "zhang", said="")
    assert await registry.rows("SELECT * FROM feed_item ORDER BY n") == before
    assert await registry.pool.fetchval("SELECT count(*) FROM agent") == 1
    await _told(registry, "agents", "list")
    await _told(registry, "lots", "show", "L1")
    for words in (changing[0], changing[2], changing[4], changing[5]):
        found = await _told(registry, *words, "--as", "zhang")
    assert (found["suspended"], found["decision"] is None) == (True, False), "asked for; another one decides"
    assert "两个人" in await _refused(registry, *changing[3], "--as", "zhang"), "a command asks and decides at once"
    assert "不能" in await _refused(registry, *changing[7], "--as", "zhang")
    await _told(registry, *changing[7], "--as", "runs")
    await _told(registry, "parties", "four-eyes", "--off", "--as", "zhang")
    await _told(registry, "parties", "decide", found["decision"], "--agree", "--reason", "复检合格", "--as", "zhang")
    for words in (changing[3], changing[6]):
        await _told(registry, *words, "--as", "zhang")
    assert "已有人提出" in await _refused(registry, *changing[4], "--as", "zhang"), "the first stop still waits"
    asked = "SELECT act, four_eyes FROM audit WHERE act ~ 'suspen|recall|check_key|codes|goods' ORDER BY n"
    assert [tuple(row.values()) for row in await registry.rows(asked)] == [
        ("import_goods", ""), ("suspend", ""), ("ask_lift_suspension", ""), ("rotate_check_key", ""),
        ("lift_suspension_confirmed", "off"), ("approve_codes", "off"), ("recall", "off"),
    ]  # fmt: skip


async def test_a_registry_without_people_asks_for_no_name() -> None:
    async with running(dsn=await fresh_dsn()) as registry:
        await _told(registry, "agents", "add", "line-1", said="")
        assert await registry.pool.fetchval("SELECT count(*) FROM audit") == 0
        assert "登录名或密码不对" in await _refused(registry, "agents", "add", "line-2", "--as", "zhang")
        assert "init" in await _refused(registry, "people", "list")


async def test_a_session_of_a_broken_glass_stands_for_the_password(registry: Registry) -> None:
    await _begin(registry)
    token = (await _told(registry, "break-glass", "--login", "zhang", "--reason", "管理员失联"))["session"]
    assert "不对" in await _refused(registry, "people", "list", "--as", "runs", said=token), "of zhang's alone"
    word = (await _told(registry, "people", "reset", "zhang", "--as", "zhang", said=token))["word"]
    answer = {"login": "zhang", "password": word, "new_password": OTHER}
    assert (await registry.http.post("/v1/admin/login", json=answer)).status == 200
    hows = await registry.rows("SELECT how FROM audit WHERE act = 'reset_person'")
    assert hows == [{"how": "break-glass"}]


async def test_what_the_console_does_is_done_by_command_too(registry: Registry) -> None:
    await _begin(registry)
    zhang = await registry.pool.fetchval("SELECT person FROM login WHERE login = 'zhang'")
    async with registry.pool.acquire() as connection:
        said = await open_session(connection, zhang, "password", db.now())
    named, firm = ("--as", "zhang"), a_uscc()
    officer = ("--officer-login", "wang", "--officer-name", "示例乙")
    await _told(registry, "parties", "admit", "--uscc", firm, "--name", "示例服饰", *officer, *named, said=said)
    await _told(registry, "parties", "four-eyes", "--off", *named, said=said)
    (alarm,) = await _told(registry, "alarms", "list", *named, said=said)
    which = (alarm["agent"], alarm["id"], *named)
    assert "处理情况" in await _refused(registry, "alarms", "close", *which, said=said)
    await _told(registry, "alarms", "take", *which, said=said)
    await _told(registry, "alarms", "answer", *which, "--said", "协会只有一人", said=said)
    await _told(registry, "alarms", "close", *which, said=said)
    ended = await _told(registry, "parties", "end", firm, "--reason", "迁出本省", *named, said=said)
    assert (ended["party"], ended["ended"]) == (firm, True)
    assert "2026-12-31" in await _refused(registry, "audit", "list", "--since", "2026-13-45", *named, said=said)
    walked = await _told(registry, "audit", "verify", *named, said=said)
    assert (walked["flaw"], walked["own"] < walked["rows"]) == (None, True), "the operator's row is not theirs to read"
    for room in ("rolls", "told"):
        assert await _told(registry, room, "list", *named, said=said) == []
    lower = ("orders", "lower", "line-1", "lot:F1:L1", "--quantity", "1", "--reason", "改款")
    assert "企业" in await _refused(registry, *lower, *named, said=said)
