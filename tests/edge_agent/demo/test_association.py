"""`central-registry demo`: it keeps what it promises, and says so where it cannot be played. With UPDATE_DOCS=1 the
picture of the README is taken anew."""

from __future__ import annotations

import asyncio
import io
import os
import re
import tomllib
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest
from PIL import Image

from central_registry.cli.demo import GROUP, NAME, find
from central_registry.parties.actor import PartyKind, Role
from central_registry.problems import RefusedError
from edge_agent.demo.association import promises
from edge_agent.demo.association.cast import PARTIES
from edge_agent.demo.association.play import play
from tests.kits.page_kit import a_browser

ROOT = Path(__file__).parents[3]
PICTURE = ROOT / "docs" / "images" / "registry-demo.png"
UPDATE = bool(os.environ.get("UPDATE_DOCS"))
_ADDRESS, _PASSWORD = re.compile(r"console  (http\S+)"), re.compile(r"password  (\S+?)（")


async def never() -> None:
    raise AssertionError("with --once it ends by itself")


async def test_every_promise_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert await play(once=True, until=never), capsys.readouterr().out
    out = capsys.readouterr().out
    assert "✓ 全部兑现" in out
    assert "证书上是“AAAA”" in out, "the print centre's own words"
    assert out.count("/10/L20261118A/21/") == 2, "two firms with one lot number"
    assert {"differ", "declared", "told_after_revocation"} <= set(re.findall(r"\w+", out))


def test_people_of_every_kind_and_role_play() -> None:
    roles = promises.roles()
    assert {kind for kind, _ in roles.values()} == set(PartyKind)
    assert {role for _, role in roles.values()} == set(Role)
    assert len({party.uscc for party in PARTIES}) == len(PARTIES)


def test_the_registry_finds_the_play_by_its_entry_point() -> None:
    """As pyproject.toml names it: what is installed here may be older."""
    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    points = [EntryPoint(name, value, group) for group, rows in told.items() for name, value in rows.items()]
    assert find(EntryPoints(points)) is play


@pytest.mark.parametrize(
    "points", [[], [EntryPoint(NAME, "no_such_package.play:play", GROUP)]], ids=["none", "registry host"]
)
def test_a_registry_host_says_what_to_install(points: list[EntryPoint]) -> None:
    with pytest.raises(RefusedError, match=r"pip install 'edge-agent\[embedded\]'"):
        find(EntryPoints(points))


async def test_the_picture_of_the_readme_is_there_and_small(capsys: pytest.CaptureFixture[str]) -> None:
    """Taken anew only on demand: how letters are drawn differs from machine to machine."""
    if UPDATE:
        assert await play(once=False, until=lambda: _photograph(capsys.readouterr().out))
    assert f"]({PICTURE.relative_to(ROOT).as_posix()})" in (ROOT / "README.md").read_text("utf-8")
    assert 5_000 < PICTURE.stat().st_size < 60_000


async def _photograph(told: str) -> None:
    """The first page, by what the demonstration told."""
    address, password = (pattern.findall(told)[0] for pattern in (_ADDRESS, _PASSWORD))
    async with a_browser() as browser:
        page = await browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        await page.goto(address)
        await page.fill("[name=login]", "approver")
        await page.fill("[name=password]", password)
        await page.keyboard.press("Enter")
        await page.locator(".count").first.wait_for()
        taken = Image.open(io.BytesIO(await page.screenshot()))
        await asyncio.to_thread(taken.convert("RGB").quantize(64).save, PICTURE, optimize=True)
