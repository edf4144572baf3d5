"""What the doctor and the alerts say of the page's own certificate."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from edge_agent.access.tls import this_computer
from edge_agent.access.tls.authority import make_page
from edge_agent.access.tls.site_folder import SiteFolder
from edge_agent.cli.common import Api
from edge_agent.config import AgentConfig, load_config
from edge_agent.errors import NotFoundError
from edge_agent.messages.alert import OWN_CERTIFICATE
from edge_agent.ops.alerts.certificates import ending, watched
from edge_agent.ops.doctor import Row, examine, todo, upkeep
from tests.kits.tls_kit import a_locked_page, a_page

NOW = datetime.now(UTC)


async def row_of(config: AgentConfig) -> Row | None:
    return next((row for row in await examine(config) if row.what == "页面证书 page certificate"), None)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AgentConfig:
    monkeypatch.setattr(this_computer, "network_addresses", list)
    return a_locked_page(tmp_path, port=1)[0]


def given_for(config: AgentConfig, days: float) -> None:
    """The page shows a certificate that was made so long ago that it holds for `days` more."""
    folder = SiteFolder(config.tls_folder)
    made = NOW + timedelta(days=days - 180)
    folder.page_path.write_bytes(make_page(folder.authority(), made).pem)


@pytest.mark.parametrize(
    ("days", "state", "words"), [(179.5, "ok", "还有 179 天"), (20.5, "warn", "还有 20 天"), (-1, "bad", "已到期")]
)
async def test_how_long_it_holds(config: AgentConfig, days: float, state: str, words: str) -> None:
    given_for(config, days)
    row = await row_of(config)
    assert row is not None and row.state == state and words in row.found, row
    assert ("tls" in row.todo.en) is (state != "ok")


async def test_an_address_that_it_does_not_name_is_told(config: AgentConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The router gave this PC another one: tablets that use it are warned of by their browsers."""
    monkeypatch.setattr(this_computer, "network_addresses", lambda: ["192.0.2.77"])
    row = await row_of(config)
    assert row is not None and row.state == "warn" and "192.0.2.77" in row.found and "fixed address" in row.todo.en


async def test_one_that_cannot_be_shown_is_red_and_one_is_looked_for_only_where_it_is_shown(
    config: AgentConfig, tmp_path: Path
) -> None:
    SiteFolder(config.tls_folder).page_path.write_bytes(b"?")
    row = await row_of(config)
    assert row is not None and row.state == "bad" and "page.pem" in row.found
    (tmp_path / "plain").mkdir()
    plain = load_config(a_page(tmp_path / "plain", port=1))
    assert await row_of(plain) is None and watched(plain) == []


@pytest.mark.parametrize(("days", "told"), [(100, False), (20, True), (-5, True)])
async def test_it_is_told_far_away_before_its_end(config: AgentConfig, days: float, told: bool) -> None:
    given_for(config, days)
    causes = await ending(watched(config), lambda: NOW)
    assert [OWN_CERTIFICATE.zh in one.words.zh for one in causes] == [True] * told


async def test_one_that_cannot_be_shown_is_told_far_away_without_a_path(config: AgentConfig) -> None:
    SiteFolder(config.tls_folder).page_path.write_bytes(b"?")
    (cause,) = await ending(watched(config), lambda: NOW)
    assert OWN_CERTIFICATE.en in cause.words.en and "/" not in cause.words.en


async def test_a_page_whose_certificate_has_ended_is_not_said_to_be_down(tmp_path: Path) -> None:
    """Whoever starts what runs gets nowhere: the certificate is the cause, for the doctor and for each command."""
    config, _ = a_locked_page(tmp_path, port=unused_port())
    given_for(config, -1)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(SiteFolder(config.tls_folder).page_path)
    server = TestServer(web.Application(), port=config.web.port, scheme="https")
    await server.start_server(ssl=context)
    told = await upkeep.service(config, has_ledger=True)
    assert "has expired" in told.words.en and told.todo == todo.PAGE_CERTIFICATE
    with pytest.raises(NotFoundError, match=r"证书不能信.*has expired"):
        await asyncio.to_thread(Api(config).call, "GET", "/sync")
    await server.close()
