"""The way from the scan page to the form, on a narrow telephone, in both languages, without a script of ours."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from central_registry.cases.complaints import Filed, Seen
from central_registry.cases.page import ComplaintPage
from central_registry.cases.steps import About, CaseState
from central_registry.config import RegistryConfig
from central_registry.consumer.scan_page import ScanPage
from tests.central_registry.consumer.test_scan_in_a_browser import STATES
from tests.kits.console_kit import AXE, PICTURES
from tests.kits.page_kit import a_browser, in_a_browser
from tests.kits.registry_kit import AT

pytestmark = in_a_browser
SITE = RegistryConfig()
LANGS = ("zh", "en")
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


def _pages(lang: str) -> dict[str, str]:
    page, said = (
        ComplaintPage(SITE.site.name, SITE.complaint),
        [{"step": "answer", "said": "一句很长的答复" * 30, "at": AT}],
    )
    seen = Seen("12043387", CaseState.ANSWERED, About.QUALITY, AT, AT, said)
    drawn = {
        "form": page.form(lang, {"code": "PH17K3M9QX2W4T01B"}),
        "refused": page.form(lang, {"words": "长" * 400}, "请选择投诉什么", 422),
        "filed": page.filed(lang, Filed("12043387", "ABCDEFGHJKMN")),
        "word": page.ask_word(lang, "12043387", "编号或查询码不对", 404),
        "seen": page.seen(lang, seen, "ABCDEFGHJKMN"),
    }
    return {name: one.body.decode() for name, one in drawn.items()}  # type: ignore[union-attr]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phone() -> AsyncIterator[Any]:
    async with a_browser() as browser:
        yield await browser.new_page(viewport={"width": 360, "height": 740})


async def _looked_at(phone: Any, name: str, html: str) -> None:
    await phone.set_content(html)
    if PICTURES:
        await phone.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    assert await phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, name
    await phone.evaluate(AXE.read_text("utf-8"))
    found = await phone.evaluate("rules => axe.run(document, rules)", RULES)
    assert [(one["id"], one["nodes"][0]["html"][:160]) for one in found["violations"]] == [], name


@pytest.mark.parametrize("lang", LANGS)
async def test_the_form_is_read_and_filled_on_a_narrow_phone(phone: Any, lang: str) -> None:
    for name, html in _pages(lang).items():
        await _looked_at(phone, f"complaint-{name}-{lang}", html)
        assert len(gzip.compress(html.encode())) <= 8_000, name


async def test_the_scan_page_leads_to_the_form_in_either_language(phone: Any) -> None:
    page = ScanPage(SITE)
    for name, finding in STATES.items():
        html = page.html(finding)
        await _looked_at(phone, f"scan-{name}", html)
        assert len(gzip.compress(html.encode())) <= 8_000, name
        links = phone.locator("footer a[href^='/complaint']")
        to = [await links.nth(n).get_attribute("href") for n in range(await links.count())]
        assert to == [f"/complaint?code={finding.serial}", f"/complaint?code={finding.serial}&lang=en"], name
        assert min([(await links.nth(n).bounding_box())["height"] for n in range(2)]) >= 40, "a thumb's width"
