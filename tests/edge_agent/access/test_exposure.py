"""A page that is open to a network, a registry called in clear, a token that lies about: each is told or refused."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent import __version__
from edge_agent.access.exposure import UNSAID_ENDS, is_plain, is_this_computer, open_to_network
from edge_agent.app import agent
from edge_agent.cli import serve
from edge_agent.config import config_from, load_config
from edge_agent.identity.credentials import Credentials
from edge_agent.ops.doctor import examine
from edge_agent.web.api import build_web
from label_protocol.errors import ConfigError
from tests.kits import cli_kit
from tests.kits.cli_kit import a_site
from tests.kits.web_double import ServiceDouble

HERE = ["127.0.0.1", "127.8.9.10", "localhost", "LOCALHOST", "::1", "[::1]", "localhost.", "::ffff:127.0.0.1"]
ELSEWHERE = [
    "0.0.0.0",
    "::",
    "192.168.1.5",
    "fd00::1",
    "factory-pc",
    "localhost.example.cn",
    "127.0.0.1.example.cn",
    "",
]
PLAIN = [
    "http://registry.example.cn",
    "http://192.168.1.5:8700",
    "http://factory-pc",
    "HTTP://registry.example.cn/",
    "http://127.0.0.1@registry.example.cn",
    "http://127.0.0.1.example.cn",
]
LOCKED = ["https://registry.example.cn", "http://127.0.0.1:8700", "http://localhost:8700", "http://[::1]:8700"]


def site(folder: Path, **registry: Any) -> Path:
    path = a_site(folder)
    lines = [f"{key} = {json.dumps(value)}" for key, value in registry.items()]
    text = path.read_text("utf-8").replace("[registry]", "\n".join(["[registry]", *lines])) + "[web]\nport = 0\n"
    path.write_text(text, encoding="utf-8")
    return path


# --- the page ------------------------------------------------------------------------------------------------------


def test_only_loopback_is_this_computer() -> None:
    assert [host for host in HERE if not is_this_computer(host)] == []
    assert [host for host in ELSEWHERE if is_this_computer(host)] == []


async def warnings_of(folder: Path, host: str) -> Any:
    app = build_web(cast(Any, ServiceDouble(folder)), host=host)
    async with TestClient(TestServer(app)) as client, client.get("/api/v1/warnings") as answer:
        assert answer.status == 200
        return (await answer.json())["warnings"]


async def test_the_page_is_told_that_it_is_open_to_the_network(tmp_path: Path) -> None:
    assert await warnings_of(tmp_path, "127.0.0.1") == []
    (told,) = await warnings_of(tmp_path, "0.0.0.0")
    assert told["kind"] == "open_to_network"
    assert "没有登录" in told["words"]["zh"] and "no login" in told["words"]["en"]


def test_where_people_are_asked_what_is_open_is_the_looking_and_the_way() -> None:
    words = open_to_network("0.0.0.0", asked=True)
    assert words is not None and "没有加密" in words.zh and "没有登录" not in words.zh
    assert open_to_network("127.0.0.1", asked=True) is None


@pytest.mark.parametrize(("host", "red"), [("127.0.0.1", False), ("0.0.0.0", True)])
async def test_a_start_for_the_network_says_so_in_red(
    tmp_path: Path, host: str, red: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    async def at_once() -> None:
        return

    path = site(tmp_path)
    path.write_text(path.read_text("utf-8") + f'host = "{host}"\n', encoding="utf-8")
    monkeypatch.setattr(serve, "_until_told", at_once)
    monkeypatch.setattr(sys, "stderr", said := Terminal())
    await serve._run(load_config(path))
    assert ("\x1b[1;31m" in said.getvalue()) is red
    assert ("没有登录" in said.getvalue() and "no login" in said.getvalue()) is red


async def test_the_doctor_is_red_about_an_open_page(tmp_path: Path) -> None:
    open_one = config_from({"web": {"host": "0.0.0.0"}, "data": _files(tmp_path)}, tmp_path / "agent.toml")
    (row,) = [row for row in await examine(open_one) if row.what == "页面 page"]
    assert not row.ok and row.found == str(open_to_network("0.0.0.0"))
    closed = config_from({"data": _files(tmp_path)}, tmp_path / "agent.toml")
    assert "页面 page" not in [row.what for row in await examine(closed)]


def _files(folder: Path) -> dict[str, str]:
    return {
        "ledger_path": str(folder / "l" / "ledger.db"),
        "witness_path": str(folder / "w" / "witness"),
        "catalog_path": str(folder / "c" / "c.json"),
    }


def a_host(folder: Path, **web: Any) -> Any:
    return config_from({"web": {"host": "0.0.0.0", "port": 1} | web, "data": _files(folder)}, folder / "agent.toml")


async def page_row(config: Any) -> Any:
    return next((row for row in await examine(config) if row.what == "页面 page"), None)


@pytest.mark.parametrize(("tls", "allow", "asked", "state"), [
    (None, False, False, "bad"),
    (None, False, True, "bad"),
    (None, True, True, "warn"),
    ("off", True, True, "warn"),
    ("off", True, False, "bad"),
    ("proxy", False, False, "bad"),
    ("proxy", False, True, "none"),
])  # fmt: skip
async def test_what_the_doctor_says_of_an_open_page(
    tmp_path: Path, tls: str | None, allow: bool, asked: bool, state: str
) -> None:
    """Red where anybody may act, or where nobody said that it may be in clear; a warning where the site wants it."""
    web = {"allow_plain_http": allow} | ({"tls": tls} if tls else {})
    config = a_host(tmp_path, **web)
    if asked:
        config = config.model_copy(update={"people": config.people.model_copy(update={"required": "on"})})
    row = await page_row(config)
    assert ("none" if row is None else row.state) == state


async def test_an_old_configuration_starts_as_it_did_and_is_told_until_when(tmp_path: Path) -> None:
    row = await page_row(a_host(tmp_path))
    assert "0.2" in row.words.zh and "0.2" in row.words.en and "tls init" in row.todo.en
    told = await warnings_of(tmp_path, "0.0.0.0")
    assert "0.2" in told[0]["words"]["zh"], "the page says so, too"
    app = build_web(cast(Any, ServiceDouble(tmp_path)), host="0.0.0.0")
    async with TestClient(TestServer(app)) as client, client.get("/console/now") as answer:
        assert told[0]["words"]["zh"] in await answer.text(), "and so does the console"
    path = site(tmp_path)
    path.write_text(path.read_text("utf-8") + 'host = "0.0.0.0"\n', encoding="utf-8")
    async with agent(load_config(path)):
        pass


def test_the_release_in_which_it_ends_is_not_out_without_its_end() -> None:
    """Whoever gives out that version makes `require_page_locked` refuse a configuration that says nothing."""
    assert tuple(map(int, __version__.split(".")[:2])) < tuple(map(int, UNSAID_ENDS.split(".")))


@pytest.mark.parametrize("allow", [False, True])
async def test_off_for_a_network_has_to_be_meant(tmp_path: Path, allow: bool) -> None:
    path = site(tmp_path)
    words = f'tls = "off"\nhost = "0.0.0.0"\nallow_plain_http = {str(allow).lower()}\n'
    path.write_text(path.read_text("utf-8") + words, encoding="utf-8")
    if allow:
        async with agent(load_config(path)):
            return
    with pytest.raises(ConfigError, match="allow_plain_http"):
        async with agent(load_config(path)):
            raise AssertionError("it started")
    assert not (tmp_path / "ledger").exists(), "refused before anything was made"
    assert "[web] tls" in (await asyncio.to_thread(cli_kit.run, "config", "check", path)).out


# --- the registry --------------------------------------------------------------------------------------------------


def test_what_is_plain() -> None:
    assert [url for url in PLAIN if not is_plain(url)] == []
    assert [url for url in LOCKED if is_plain(url)] == []


@pytest.mark.parametrize("url", PLAIN)
def test_enrolment_in_clear_is_refused_before_the_token_is_shown(tmp_path: Path, url: str) -> None:
    said = cli_kit.run("enrol", "--registry", url, "--token", "t", "--config", site(tmp_path))
    assert "allow_plain_http = true" in said.refusal and "没有加密" in said.refusal
    assert not (tmp_path / "ledger").exists() and not (tmp_path / "credentials.json").exists()


@pytest.mark.parametrize("enrolled", [False, True], ids=["configured", "enrolled"])
async def test_a_start_with_a_registry_in_clear_is_refused(tmp_path: Path, enrolled: bool) -> None:
    url = "http://registry.example.cn"
    path = site(tmp_path, **({} if enrolled else {"url": url}))
    if enrolled:
        Credentials(url, "a", "s").save(tmp_path / "credentials.json")
    with pytest.raises(ConfigError, match="allow_plain_http"):
        async with agent(load_config(path)):
            raise AssertionError("it started")
    assert not (tmp_path / "ledger").exists(), "refused before anything was made"
    row = await _encryption(path)
    assert row is not None and not row.ok


async def test_a_site_that_wants_it_in_clear_starts_and_is_warned(tmp_path: Path) -> None:
    path = site(tmp_path, url="http://registry.example.cn", allow_plain_http=True)
    async with agent(load_config(path)):
        pass
    row = await _encryption(path)
    assert row is not None and row.ok and row.warns and "not encrypted" in row.found


async def test_a_locked_registry_needs_no_word(tmp_path: Path) -> None:
    assert await _encryption(site(tmp_path, url="https://registry.example.cn")) is None


async def _encryption(path: Path) -> Any:
    return next((row for row in await examine(load_config(path)) if row.what == "加密 encryption"), None)


async def test_a_warning_of_the_doctor_is_no_fault_and_has_its_own_mark(tmp_path: Path) -> None:
    path = site(tmp_path, url="http://registry.example.cn", allow_plain_http=True)
    said = await asyncio.to_thread(cli_kit.run, "doctor", "--config", path)
    assert "! 加密 encryption" in said.out
    told = json.loads((await asyncio.to_thread(cli_kit.run, "doctor", "--json", "--config", path)).out)
    assert [row["warns"] for row in told if "encryption" in row["what"]] == [True]


# --- the token -----------------------------------------------------------------------------------------------------


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Tokens that reached the registry; it refuses each."""
    found: list[str] = []

    async def enrol_at(_url: str, token: str, *_: object) -> Any:
        found.append(token)
        raise ConfigError("enrolment: expected a test, got one")

    monkeypatch.setattr("edge_agent.cli.admin.enrol_at", enrol_at)
    return found


def enrol(folder: Path, *words: object) -> cli_kit.Said:
    return cli_kit.run("enrol", "--registry", "https://registry.example.cn", *words, "--config", site(folder))


@pytest.mark.parametrize("text", ["5f-Tok_en", "5f-Tok_en\r\n", "\ufeff5f-Tok_en\n"])
def test_a_token_comes_from_a_file(tmp_path: Path, spent: list[str], text: str) -> None:
    (tmp_path / "token.txt").write_text(text, encoding="utf-8", newline="")
    said = enrol(tmp_path, "--token-file", tmp_path / "token.txt")
    assert spent == ["5f-Tok_en"] and "history" not in said.err


def test_a_token_comes_from_standard_input(tmp_path: Path, spent: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("5f-Tok_en\n"))
    said = enrol(tmp_path, "--token", "-")
    assert spent == ["5f-Tok_en"] and "history" not in said.err


def test_a_token_on_the_command_line_works_and_is_warned_of(tmp_path: Path, spent: list[str]) -> None:
    said = enrol(tmp_path, "--token", "5f-Tok_en")
    assert spent == ["5f-Tok_en"]
    assert "history" in said.err and "进程列表" in said.err and "5f-Tok_en" not in said.err


@pytest.mark.parametrize("words", [(), ("--token", "a", "--token-file", "b"), ("--token-file", "/nowhere")])
def test_no_token_or_two_are_refused(tmp_path: Path, spent: list[str], words: tuple[str, ...]) -> None:
    assert "token" in enrol(tmp_path, *words).refusal
    assert spent == []


@pytest.mark.parametrize("text", ["", "two words", "x" * 2000])
def test_a_file_without_one_token_is_refused(tmp_path: Path, spent: list[str], text: str) -> None:
    (tmp_path / "token.txt").write_text(text, encoding="utf-8")
    assert "token" in enrol(tmp_path, "--token-file", tmp_path / "token.txt").refusal
    assert spent == []
