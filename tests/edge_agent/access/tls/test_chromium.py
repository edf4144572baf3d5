"""A site's authority in Chromium's own store of certificates: its pages are opened, another name under it is refused.

`chromium_home.tar.gz` is a home in which that was put once, by NSS's certutil 3.87 as docs/tls.md writes it (`-N
--empty-password`, then `-A -t C,,`), and the authority with its key, which is good for localhost alone. NSS signs what
it trusts, so no other program writes such a store; that today's authorities are as the recorded one is a test, too.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from playwright.async_api import Error, async_playwright

from edge_agent.access.tls.authority import Pair, make_authority, make_page
from edge_agent.access.tls.serving import context_of
from edge_agent.access.tls.terms import Names
from tests.kits.page_kit import ARGUMENTS, CHROMIUM, in_a_browser

RECORDED = Path(__file__).with_name("chromium_home.tar.gz")
OWN = Names(("localhost",), (ip_address("127.0.0.1"),))
OTHER = Names(("labels.example.com",), (ip_address("127.0.0.1"),))


def a_home(folder: Path) -> Pair:
    """The recorded home in `folder`; gives its authority."""
    with tarfile.open(RECORDED) as archive:
        archive.extractall(folder, filter="data")
    return Pair.read((folder / "authority.pem").read_bytes())


@asynccontextmanager
async def a_server(folder: Path, pair: Pair) -> AsyncIterator[int]:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="here")

    (folder / "page.pem").write_bytes(pair.pem)
    app = web.Application()
    app.router.add_get("/", page)
    server = TestServer(app, scheme="https")
    await server.start_server(ssl=context_of(folder / "page.pem", None))
    yield int(server.port or 0)
    await server.close()


def shape(certificate: x509.Certificate) -> set[tuple[str, bool, str]]:
    """Every extension that does not name a key."""
    keyed = (x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier)
    found = [one for one in certificate.extensions if not isinstance(one.value, keyed)]
    return {(one.oid.dotted_string, one.critical, str(one.value)) for one in found}


def test_the_recorded_authority_is_as_those_of_today(tmp_path: Path) -> None:
    """If this fails the recording has to be made anew, or Chromium is asked about what is no longer made."""
    today = make_authority(OWN, "示例服饰", datetime.now(UTC)).certificate
    assert shape(a_home(tmp_path).certificate) == shape(today)


@pytest.mark.costly
@in_a_browser[1]
async def test_its_own_pages_are_opened_and_another_name_under_it_is_refused(tmp_path: Path) -> None:
    authority, now = a_home(tmp_path), datetime.now(UTC)
    mapped = "--host-resolver-rules=MAP labels.example.com 127.0.0.1"
    async with (
        a_server(tmp_path, make_page(authority, now)) as own,
        a_server(tmp_path, make_page(authority, now, OTHER)) as other,
        async_playwright() as playwright,
    ):
        environment = {**os.environ, "HOME": str(tmp_path)}
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, mapped], env=environment)
        page = await browser.new_page()
        for url in (f"https://localhost:{own}/", f"https://127.0.0.1:{own}/"):
            answer = await page.goto(url)
            assert answer is not None and answer.status == 200, url
        for url in (f"https://labels.example.com:{other}/", f"https://127.0.0.1:{other}/"):
            with pytest.raises(Error, match="ERR_CERT_INVALID"):  # trusted, and out of its constraints
                await page.goto(url)
        await browser.close()
