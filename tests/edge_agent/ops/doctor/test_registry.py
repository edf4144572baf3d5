"""The registry as the doctor hears it: its time against this computer's, and the end of its certificate."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from edge_agent.identity.credentials import Credentials
from edge_agent.ops.doctor import Row, examine, registry
from tests.edge_agent.ops.doctor.test_printers import config_of

NOW = datetime(2026, 11, 30, 8, 0, 0, 700_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("Mon, 30 Nov 2026 08:00:00 GMT", 0.0),
        ("Mon, 30 Nov 2026 07:59:00 GMT", 60.2),
        ("Mon, 30 Nov 2026 09:00:00 GMT", -3599.8),
        ("", None),
        ("yesterday", None),
        ("Mon, 30 Nov 2026 08:00:00", None),
    ],
)
def test_the_time_of_an_answer_is_compared_to_the_second(told: str, seconds: float | None) -> None:
    assert registry.ahead_s(told, NOW) == (None if seconds is None else pytest.approx(seconds))


@asynccontextmanager
async def a_registry(date: datetime | None = None, tls: ssl.SSLContext | None = None) -> AsyncIterator[TestServer]:
    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({}, headers={"Date": format_datetime(date, usegmt=True)} if date else {})

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    server = TestServer(app, scheme="https" if tls else "http")
    await server.start_server(ssl=tls)
    try:
        yield server
    finally:
        await server.close()


async def rows(folder: Path, server: TestServer) -> dict[str, Row]:
    config = config_of(folder, web={"port": 1}, registry={"credentials_path": "credentials.json"})
    Credentials(f"{server.scheme}://127.0.0.1:{server.port}", "line-1", "s3cret").save(folder / "credentials.json")
    return {row.what: row for row in await examine(config)}


@pytest.mark.parametrize(
    ("minutes", "state", "words"),
    [(0, "ok", "和平台一致"), (3, "warn", "本机比平台慢 1"), (-3, "warn", "本机比平台快 1"), (-90, "bad", "快 5")],
)
async def test_a_clock_that_is_not_the_registrys_is_told(tmp_path: Path, minutes: int, state: str, words: str) -> None:
    async with a_registry(datetime.now(UTC) + timedelta(minutes=minutes)) as server:
        row = (await rows(tmp_path, server))["时钟 clock"]
    assert row.state == state and words in row.found, row
    assert ("NTP" in row.todo.zh) is (state != "ok")


async def test_a_registry_that_answers_is_named_and_has_no_secret_in_its_row(tmp_path: Path) -> None:
    async with a_registry() as server:
        found = await rows(tmp_path, server)
    assert found["中心 registry"].ok and "本机是 line-1" in found["中心 registry"].found
    assert "s3cret" not in str(found)


async def test_a_registry_that_is_away_is_named_as_it_is_called(tmp_path: Path) -> None:
    url = "http://127.0.0.1:1"
    config = config_of(tmp_path, web={"port": 1}, registry={"credentials_path": "credentials.json"})
    Credentials(url, "line-1", "s3cret").save(tmp_path / "credentials.json")
    row = {row.what: row for row in await examine(config)}["中心 registry"]
    assert row.state == "bad" and f"联系不上平台 {url} · registry {url}: expected an answer, got" in row.found
    assert "object at" not in row.found, "an address in memory helps nobody"


def a_certificate(folder: Path, days: int) -> ssl.SSLContext:
    """Of 127.0.0.1, signed by itself, for so many days from now; trusted by whoever reads `folder/ca.pem`."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "x")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=400)).not_valid_after(now + timedelta(days=days, hours=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = builder.add_extension(names, critical=False).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    (folder / "ca.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "ca.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(("days", "state", "words"), [(300, "ok", "还有 300 天"), (20, "warn", "还有 20 天")])
async def test_a_certificate_near_its_end_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, state: str, words: str
) -> None:
    tls = a_certificate(tmp_path, days)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with a_registry(tls=tls) as server:
        row = (await rows(tmp_path, server))["中心证书 registry certificate"]
    assert row.state == state and words in row.found, row


async def test_a_registry_whose_certificate_has_ended_is_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = a_certificate(tmp_path, -2)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    async with a_registry(tls=tls) as server:
        found = await rows(tmp_path, server)
    assert not found["中心 registry"].ok and "expired" in found["中心 registry"].found
    with pytest.raises(OSError, match="已到期"):
        registry.ends(NOW, NOW)
