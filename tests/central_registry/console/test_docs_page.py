"""`docs/registry-console.md` names every page and shows four. After a change run with `UPDATE_DOCS=1`, and look."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from PIL import Image

from central_registry.console.page import Group, Page
from central_registry.console.pages import PAGES
from central_registry.console.pieces.terms import KINDS, ROLES
from central_registry.parties.acts import TABLE
from tests.kits.desk_kit import Office, Window, a_window, an_office
from tests.kits.page_kit import a_browser, in_a_browser

pytestmark = in_a_browser

PAGE = Path(__file__).parents[3] / "docs" / "registry-console.md"
PICTURES = PAGE.parent / "images" / "registry-console"
UPDATE = bool(os.environ.get("UPDATE_DOCS"))
_ROWS = re.compile(r"(?<=test_docs_page\.py -->\n).*?(?=<!-- /pages -->)", re.DOTALL)


def _row(page: Page) -> str:
    rule = TABLE[page.act]
    kinds = [kind for kind in KINDS if kind in rule.kinds and (page.kinds is None or kind in page.kinds)]
    who = "所有单位" if len(kinds) == len(KINDS) else "、".join(KINDS[kind].zh for kind in kinds)
    roles = (
        ""
        if len(rule.roles) == len(ROLES)
        else "：" + "、".join(ROLES[role].zh for role in ROLES if role in rule.roles)
    )
    return f"| `{page.path}` | {page.zh} {page.en} | {page.group.value.zh or '—'} | {who}{roles} |"


def rows() -> str:
    """The table of the page."""
    head = "| 地址 | 页 | 在导航 | 给谁 |\n|---|---|---|---|\n"
    return head + "".join(f"{_row(page)}\n" for page in sorted(PAGES, key=lambda one: one.group is Group.NONE))


async def test_the_page_names_every_page() -> None:
    told = PAGE.read_text("utf-8")
    if UPDATE:
        told = _ROWS.sub(lambda _: rows(), told)
        PAGE.write_text(told, "utf-8")
    assert rows() in told, "pages changed: run this test with UPDATE_DOCS=1"


async def test_the_pictures_of_the_page_are_there_and_small() -> None:
    """Taken anew only on demand: how letters are drawn differs from machine to machine."""
    if UPDATE:
        await _take_pictures()
    named = re.findall(r"\(images/registry-console/([a-z]+\.png)\)", PAGE.read_text("utf-8"))
    assert sorted(named) == sorted(path.name for path in PICTURES.glob("*.png"))
    assert all(path.stat().st_size < 60_000 for path in PICTURES.glob("*.png"))


async def _take_pictures() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with a_browser() as browser, an_office() as office:
        await office.busy()
        async with a_window(browser, office, "approver") as window:
            for name, path in _shown(office).items():
                await _take(window, name, path)
        async with a_window(browser, office, "approver", "phone") as window:
            await _take(window, "alarms", "/console/alarms")


def _shown(office: Office) -> dict[str, str]:
    return {
        "first": "/console/",
        "parties": "/console/parties",
        "party": f"/console/parties/{office.parties[0]}",
    }


async def _take(window: Window, name: str, path: str) -> None:
    await window.open(path)
    taken = Image.open(io.BytesIO(await window.page.screenshot()))
    taken.convert("RGB").quantize(64).save(PICTURES / f"{name}.png", optimize=True)
