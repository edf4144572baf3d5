"""The page over TLS, by real clients: who is shown what, who is refused, and that its own commands find it."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer

from edge_agent.access import codes, local_token
from edge_agent.access.pins import hashed
from edge_agent.access.roles import Role
from edge_agent.access.store import PeopleStore
from edge_agent.access.tls import serving
from edge_agent.access.tls.authority import Pair, make_page
from edge_agent.access.tls.serving import Shown, context_of
from edge_agent.access.tls.site_folder import SiteFolder
from edge_agent.access.tls.terms import TlsTerms
from edge_agent.app import agent
from edge_agent.config import AgentConfig, load_config
from edge_agent.listening import in_its_place
from edge_agent.ops.update.held_page import HeldPage
from label_protocol.errors import ConfigError
from tests.kits import cli_kit
from tests.kits.tls_kit import a_locked_page, a_page, trusting

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Running:
    """An agent that runs, and a client that trusts its authority."""

    config: AgentConfig
    path: Path
    authority: Pair
    page: str
    client: aiohttp.ClientSession
    badge: str

    @property
    def port(self) -> int:
        return self.config.web.port


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory, unused_tcp_port_factory: Any) -> AsyncIterator[Running]:
    folder, (port, ca_port) = tmp_path_factory.mktemp("site"), (unused_tcp_port_factory(), unused_tcp_port_factory())
    config, authority = a_locked_page(folder, port=port, ca_port=ca_port, names=["factory-pc"])
    store, badge = PeopleStore(config.people_path), codes.new_badge(os.urandom)
    store.add("示例班长", Role.LEAD, hashed("271828"))
    store.new_badge("示例班长", codes.digest(badge))
    connector = aiohttp.TCPConnector(ssl=trusting(authority))
    jar = aiohttp.CookieJar(unsafe=True)
    async with agent(config) as (_, page), aiohttp.ClientSession(connector=connector, cookie_jar=jar) as client:
        yield Running(config, folder / "agent.toml", authority, page, client, badge)


async def test_a_client_that_trusts_the_site_reads_the_page(running: Running) -> None:
    assert running.page == f"https://127.0.0.1:{running.port}"
    async with running.client.get(f"{running.page}/healthz") as answer:
        assert answer.status == 200 and "Strict-Transport-Security" not in answer.headers
    async with running.client.get(f"https://localhost:{running.port}/console/now") as answer:
        assert answer.status == 200


async def test_a_client_that_does_not_is_shown_nothing(running: Running) -> None:
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await stranger.get(f"{running.page}/healthz")
        with pytest.raises(aiohttp.ClientError):
            await stranger.get(f"http://127.0.0.1:{running.port}/healthz")


async def test_nothing_older_than_tls_1_2_is_spoken(running: Running) -> None:
    old = trusting(running.authority)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", running.port, ssl=old)


async def test_the_cookie_goes_over_nothing_else(running: Running) -> None:
    body = {"badge": running.badge, "pin": "271828"}
    async with running.client.post(f"{running.page}/api/v1/session", json=body) as answer:
        assert answer.status == 200
        (cookie,) = answer.headers.getall("Set-Cookie")
    assert {"Secure", "HttpOnly", "SameSite=Strict"} <= {word.strip() for word in cookie.split(";")}


async def test_its_own_commands_find_it_and_trust_its_authority_alone(running: Running) -> None:
    said = await asyncio.to_thread(cli_kit.run, "job", "list", "--json", "--config", running.path)
    assert (said.code, said.out.strip()) == (0, "[]"), said
    told = await asyncio.to_thread(cli_kit.run, "doctor", "--json", "--config", running.path)
    rows = {row["what"]: row for row in json.loads(told.out)}
    assert rows["运行 service"]["state"] == "ok", rows["运行 service"]
    assert rows["上报 sync"]["state"] == "ok", rows["上报 sync"]


async def test_devices_are_given_the_certificate_and_nothing_else(running: Running) -> None:
    place = f"http://127.0.0.1:{running.config.web.ca_port}"
    async with aiohttp.ClientSession() as device:
        async with device.get(f"{place}/edge-agent-ca.crt") as answer:
            given = await answer.read()
            assert answer.content_type == "application/x-x509-ca-cert"
        async with device.get(f"{place}/") as answer:
            page = await answer.text()
        for path in ("/console/now", "/api/v1/jobs", "/healthz", "/page.pem", "/../tls/authority.pem", "/openapi.json"):
            async with device.get(f"{place}{path}") as answer:
                assert answer.status == 404, path
        async with device.post(f"{place}/") as answer:
            assert answer.status == 405
    assert b"PRIVATE" not in given and b"PRIVATE" not in page.encode()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=given.decode())
    async with aiohttp.ClientSession() as device, device.get(f"{running.page}/healthz", ssl=context) as answer:
        assert answer.status == 200
    said = await asyncio.to_thread(cli_kit.run, "tls", "show", "--json", "--config", running.path)
    assert json.loads(said.out)["fingerprint"] in page
    assert "factory-pc" in page and "site" in page
    for system in ("Windows", "Android", "iPad", "Firefox", "Chrome", "统信", "麒麟"):
        assert system in page, system


# --- hostile and slow clients --------------------------------------------------------------------------------------


async def test_who_says_nothing_on_the_doorstep_locks_nobody_out(running: Running) -> None:
    """A crowd as large as the house, silent before the handshake; the next one gets in, and the oldest has to go."""
    crowd = [await asyncio.open_connection("127.0.0.1", running.port) for _ in range(140)]
    try:
        async with asyncio.timeout(30):
            async with running.client.get(f"{running.page}/healthz") as answer:
                assert answer.status == 200
            assert await crowd[0][0].read() == b"", "sent off to make room: 128 of one address"
    finally:
        for _, writer in crowd:
            writer.close()


async def test_a_handshake_has_a_time(tmp_path: Path) -> None:
    config, _ = a_locked_page(tmp_path, header_timeout_s=0.3)
    async with agent(config) as (_, page):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(page.rpartition(":")[2]))
        async with asyncio.timeout(30):
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("words", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b"\0" * 4000])
async def test_what_is_no_handshake_ends_and_costs_nothing(running: Running, words: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(words)
    async with asyncio.timeout(30):
        await reader.read()
    writer.close()
    async with running.client.get(f"{running.page}/healthz") as answer:
        assert answer.status == 200


async def test_a_stop_waits_for_nobody_on_the_doorstep(tmp_path: Path) -> None:
    config, _ = a_locked_page(tmp_path)
    async with agent(config) as (_, page):
        _, writer = await asyncio.open_connection("127.0.0.1", int(page.rpartition(":")[2]))
        await asyncio.sleep(0)
    writer.close()
    assert [one for one in asyncio.all_tasks() if "_let_in" in repr(one)] == []


# --- renewed, and replaced, while it runs --------------------------------------------------------------------------


async def shown_at(page: str, authority: Pair) -> int:
    """The serial number of the certificate that a new connection is shown."""
    host, _, port = page.removeprefix("https://").partition(":")
    _, writer = await asyncio.open_connection(host, int(port), ssl=trusting(authority))
    try:
        return int(writer.get_extra_info("peercert")["serialNumber"], 16)
    finally:
        writer.close()


async def test_new_connections_get_the_new_certificate_and_old_ones_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "LOOK_S", 0.01)
    config, authority = a_locked_page(tmp_path)
    async with agent(config) as (_, page):
        first = await shown_at(page, authority)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting(authority), limit=1)) as old:
            async with old.get(f"{page}/healthz") as answer:
                assert answer.status == 200
            due = make_page(authority, datetime.now(UTC) - timedelta(days=130))
            SiteFolder(config.tls_folder).page_path.write_bytes(due.pem)
            async with asyncio.timeout(30):
                while await shown_at(page, authority) in (first, due.certificate.serial_number):
                    await asyncio.sleep(0.01)
            async with old.get(f"{page}/healthz") as answer:
                assert answer.status == 200
    renewed = Pair.read(SiteFolder(config.tls_folder).page_path.read_bytes()).certificate
    assert renewed.not_valid_after_utc - datetime.now(UTC) > timedelta(days=170)


def given(folder: Path, authority: Pair, *, chain: bool = False) -> TlsTerms:
    """A certificate and a key as an authority of somebody else's would give them, in two files."""
    page = make_page(authority, datetime.now(UTC))
    key, _, certificate = page.pem.partition(b"-----BEGIN CERTIFICATE-----")
    (folder / "given.key").write_bytes(key)
    more = authority.pem[authority.pem.index(b"-----BEGIN CERTIFICATE-----") :] if chain else b""
    (folder / "given.pem").write_bytes(b"-----BEGIN CERTIFICATE-----" + certificate + more)
    return TlsTerms("given", folder, folder / "given.pem", folder / "given.key")


async def test_a_given_certificate_is_read_again_when_it_changes_and_a_bad_one_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, authority = a_locked_page(tmp_path)
    shown = Shown(given(tmp_path, authority))
    first, ends = shown.context, shown.ends
    shown.look()
    assert shown.context is first, "nothing changed"
    good = (tmp_path / "given.pem").read_bytes(), (tmp_path / "given.key").read_bytes()
    for name, damage in (("given.pem", b""), ("given.key", good[1][:40]), ("given.pem", good[0][:300])):
        (tmp_path / name).write_bytes(damage)
        shown.look()
        assert (shown.context, shown.ends) == (first, ends), "the old one goes on"
        shown.look()
    told = capsys.readouterr().out
    assert told.count("page_certificate_kept") == 1 and str(tmp_path) not in told, "once for each reason"
    given(tmp_path, authority)
    shown.look()
    assert shown.context is not first
    (tmp_path / "given.key").unlink()
    shown.look()
    assert shown.context is not first


async def test_a_look_that_stumbles_is_not_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody would renew the certificate, and nobody would know."""
    _, authority = a_locked_page(tmp_path)
    shown, looks = Shown(given(tmp_path, authority)), 0

    def stumbles() -> None:
        nonlocal looks
        looks += 1
        raise ZeroDivisionError

    async def thrice(_: float) -> None:
        if looks == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr(shown, "look", stumbles)
    with pytest.raises(asyncio.CancelledError):
        await shown.keep(thrice)
    assert looks == 3


async def test_commands_trust_what_was_given_whatever_it_names_and_nobody_who_has_its_authority(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    """A given certificate need not name this computer; its authority, which signs for many, is not trusted for that."""
    (tmp_path / "other").mkdir()
    _, authority = a_locked_page(tmp_path / "other", names=["labels.example.cn"])
    given(tmp_path, authority, chain=True)
    names = {"certificate_path": "given.pem", "key_path": "given.key", "port": unused_tcp_port}
    path = a_page(tmp_path, tls="given", **names)
    async with agent(load_config(path)):
        said = await asyncio.to_thread(cli_kit.run, "job", "list", "--json", "--config", path)
        assert said.code == 0, said
        given(tmp_path, authority, chain=True)  # as somebody else's certificate of the same authority
        said = await asyncio.to_thread(cli_kit.run, "job", "list", "--json", "--config", path)
        assert "certificate verify failed" in said.refusal


async def test_a_program_that_took_the_port_learns_no_token(tmp_path: Path) -> None:
    """It listens where the agent did, with a certificate of its own that says all that the agent's says."""
    heard: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(str(request.headers.get("Authorization")))
        return web.json_response([])

    for folder in ("impostor", "agent"):
        (tmp_path / folder).mkdir()
    other, _ = a_locked_page(tmp_path / "impostor")
    impostor = web.Application()
    impostor.router.add_get("/api/v1/jobs", listen)
    server = TestServer(impostor, scheme="https")
    await server.start_server(ssl=context_of(SiteFolder(other.tls_folder).page_path, None))
    config, _ = a_locked_page(tmp_path / "agent", port=server.port)
    local_token.write(config.local_token_path)
    said = await asyncio.to_thread(cli_kit.run, "job", "list", "--json", "--config", tmp_path / "agent" / "agent.toml")
    await server.close()
    assert "certificate verify failed" in said.refusal and heard == []


async def test_a_start_without_a_certificate_says_what_to_do_and_makes_nothing(tmp_path: Path) -> None:
    for table, todo in (
        ({"tls": "site"}, "edge-agent tls init"),
        ({"tls": "given", "certificate_path": "none.pem"}, "docs"),
    ):
        with pytest.raises(ConfigError, match=todo):
            async with agent(load_config(a_page(tmp_path, **table))):
                raise AssertionError("it started")
        assert not (tmp_path / "ledger").exists()


async def test_a_key_with_a_password_is_refused_and_nobody_is_asked_for_it(tmp_path: Path) -> None:
    _, authority = a_locked_page(tmp_path)
    terms = given(tmp_path, authority)
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat

    locked = authority.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    (tmp_path / "given.key").write_bytes(locked)
    with pytest.raises(ConfigError, match="without a password"):
        Shown(terms)


async def test_what_stands_in_the_pages_place_is_locked_too(tmp_path: Path) -> None:
    """As while a new version is held."""
    config, authority = a_locked_page(tmp_path)
    held = HeldPage("0.2.0", "0.1.0")
    async with (
        in_its_place(config, held.app()) as address,
        aiohttp.ClientSession() as client,
        client.get(f"{address}/api/v1/jobs", ssl=trusting(authority)) as answer,
    ):
        assert answer.status == 503


# --- the command -----------------------------------------------------------------------------------------------------


async def test_init_makes_it_once_and_tells_what_to_write(tmp_path: Path) -> None:
    path = a_page(tmp_path, names=["labels.example.cn", "192.0.2.7"])
    said = cli_kit.run("tls", "init", "--config", path)
    assert said.code == 0 and "labels.example.cn" in said.out and 'tls = "site"' in said.out
    told = json.loads(cli_kit.run("tls", "show", "--json", "--config", path).out)
    assert {"labels.example.cn", "192.0.2.7", "localhost", "127.0.0.1"} <= set(told["names"])
    assert told["fingerprint"] in said.out and not told["in_use"]
    assert "--again" in cli_kit.run("tls", "init", "--config", path).refusal
    assert cli_kit.run("tls", "init", "--again", "--config", path).code == 0
    assert json.loads(cli_kit.run("tls", "show", "--json", "--config", path).out)["fingerprint"] != told["fingerprint"]
    assert SiteFolder(load_config(path).tls_folder).page_path.exists()


async def test_without_one_show_says_what_to_do(tmp_path: Path) -> None:
    assert "edge-agent tls init" in cli_kit.run("tls", "show", "--config", a_page(tmp_path)).refusal
