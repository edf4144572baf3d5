"""The console without a browser: every page drawn, every order by a plain form, nobody's words as markup."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.errors import NotFoundError
from edge_agent.messages.job import SCAN_WINDOW
from edge_agent.messages.text import Words
from edge_agent.model.copies import CopiesState
from edge_agent.model.job import JobState
from edge_agent.model.scan import ScannerTerms
from edge_agent.web.api import build_web
from edge_agent.web.console.mount import STATIC
from edge_agent.web.console.pages import ACTIONS, PAGES
from edge_agent.web.console.pieces.table import PAGE_ROWS
from tests.kits.web_double import COPIES, JOB, LABEL, ServiceDouble

ROOM = Path(__file__).parents[4] / "edge_agent" / "web" / "console"
PLAIN = [page.path for page in PAGES if "{" not in page.path]
_ASKED = re.compile(r'"(?:/console)?/static/([^"]+)"')


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    return ServiceDouble(tmp_path)


@pytest.fixture
async def client(service: ServiceDouble) -> Any:
    async with TestClient(TestServer(build_web(cast(Any, service)))) as found:
        yield found


async def post(client: Any, path: str, **fields: str) -> tuple[str, str]:
    """A form as a browser without scripts sends it: the address that it is redirected to, and that page."""
    async with client.post(path, data=fields, allow_redirects=False) as answer:
        assert answer.status == 303, await answer.text()
        to = answer.headers["Location"]
    async with client.get(to) as answer:
        return to, await answer.text()


@pytest.mark.parametrize("path", PLAIN)
async def test_every_page_is_drawn_in_its_frame(client: Any, path: str) -> None:
    async with client.get(path) as answer:
        text = await answer.text()
        assert (answer.status, answer.content_type) == (200, "text/html")
        policy = answer.headers["Content-Security-Policy"]
        assert "form-action 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for part in ("top", "scan-form", "bar", "main", "who"):
        assert f'id="{part}"' in text


async def test_the_other_pages_still_take_no_form(client: Any) -> None:
    async with client.get("/problems/notfound") as answer:
        assert "form-action 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_paths_and_names_stand_once() -> None:
    assert len({page.path for page in PAGES}) == len(PAGES)
    assert len({action.path for action in ACTIONS}) == len(ACTIONS)
    assert all(page.zh and page.en and page.path.startswith("/console/") for page in PAGES)


def test_every_static_file_is_served_and_nothing_else() -> None:
    assert {path.name for path in (ROOM / "static").iterdir()} == set(STATIC)


@pytest.mark.parametrize("name", STATIC)
async def test_files_are_served_with_a_policy(client: Any, name: str) -> None:
    async with client.get(f"/console/static/{name}") as answer:
        assert (answer.status, answer.content_type) == (200, STATIC[name])
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", [*(ROOM / "static").iterdir(), *(ROOM / "templates").rglob("*.html")], ids=lambda one: one.name
)
def test_nothing_comes_from_elsewhere_and_no_fact_becomes_markup(path: Path) -> None:
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"(?:https?:)?//[\w-]+\.\w+", text)
    for risky in (
        "inner" + "HTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "style=",
        "@import",
        "|safe",
    ):
        assert risky not in text
    assert not re.search(r"<\w+[^>]*\son\w+=", text)


SCANNED_AT = sorted(one for one in (ROOM / "templates").rglob("*.html") if one.parent.name != "setup")
"""At the guided set-up there is no scanner yet."""


@pytest.mark.parametrize("path", SCANNED_AT, ids=lambda one: one.name)
def test_no_choice_is_a_list_that_a_browser_opens(path: Path) -> None:
    """Such a list has the keys for itself (Firefox, Chromium before 135): a scan would choose in it, and be lost. All
    choices stand in sight (`pieces/options.html`)."""
    assert not re.findall(r"<select|<datalist|\slist=", path.read_text("utf-8"))


def test_every_script_imports_what_is_served() -> None:
    """One name that is not there, and a page has no scripts at all."""
    texts = {path.name: path.read_text("utf-8") for path in (ROOM / "static").glob("*.js")}
    named = {one for text in texts.values() for one in re.findall(r'\bfrom "([^"]+)"', text)}
    assert named <= {f"./{name}" for name in [*STATIC, "scanner_settings.js"]}
    asked = {one for path in (ROOM / "templates").rglob("*.html") for one in _ASKED.findall(path.read_text("utf-8"))}
    assert asked and asked <= set(STATIC)


async def test_scripts_know_the_scanners_of_the_site(client: Any, service: ServiceDouble) -> None:
    service.parts.scanner = ScannerTerms("F8", key_interval_ms=60)
    async with client.get("/console/static/scanner_settings.js") as answer:
        assert answer.content_type == "text/javascript"
        told = json.loads((await answer.text()).partition("SCANNER = ")[2].rstrip(";\n"))
    assert (told["prefix"], told["key_interval_ms"]) == ("F8", 60)


@pytest.mark.parametrize(
    "name", ["../mount.py", "%2e%2e/mount.py", "", "console.js.map", "/etc/passwd", "..%2f..%2fapi.py"]
)
async def test_no_path_reaches_the_file_system(client: Any, name: str) -> None:
    async with client.get(f"/console/static/{name}") as answer:
        assert answer.status == 404


async def test_what_is_dangerous_about_this_agent_stands_red_on_every_page(service: ServiceDouble) -> None:
    app = build_web(cast(Any, service), host="0.0.0.0")
    async with TestClient(TestServer(app)) as client, client.get("/console/print") as answer:
        banner = (await answer.text()).partition('<div class="banner stop" data-key="warning-1">')[2][:1500]
    assert "操作页面对网络开放" in banner and "没有登录" in banner


async def test_words_from_outside_are_no_markup(client: Any, service: ServiceDouble) -> None:
    service.move(reason="<script>alert(1)</script> · <b>")
    for path in ("/console/now", "/console/now?q=<script>alert(2)"):
        async with client.get(path) as answer:
            assert "<script>a" not in await answer.text()


async def test_the_bar_says_what_is_printing(client: Any) -> None:
    async with client.get("/console/now") as answer:
        bar = (await answer.text()).partition('id="bar"')[2]
    assert "一号线" in bar
    assert "YR2026-0801 · 175/92A" in bar
    assert "<b>4</b> / 10" in bar
    assert "/console/jobs/j1/pause" in bar
    assert "/console/jobs/j1/cancel" in bar


async def test_a_job_is_paused_and_resumed_by_a_plain_form(client: Any, service: ServiceDouble) -> None:
    await post(client, "/console/who", operator="A01", back="/console/now")
    to, page = await post(client, "/console/jobs/j1/pause", back="/console/now?page=2")
    assert to.startswith("/console/now?page=2&said=")
    assert "已暂停" in page
    await post(client, "/console/jobs/j1/resume")
    assert service.orders == [("pause", "j1", "A01"), ("resume", "j1", "A01")]


async def test_stopping_asks_in_numbers_and_enter_goes_back(client: Any, service: ServiceDouble) -> None:
    async with client.get("/console/jobs/j1/cancel?back=/console/now") as answer:
        text = await answer.text()
    assert "已打 4 张，存疑 4 张；还有 2 张不再打印" in text
    buttons = re.findall(r'<button name="answer" value="(\w+)"', text)
    assert buttons == ["back", "yes"]  # the first of a form is what Enter presses
    assert "autofocus" not in text
    await post(client, "/console/jobs/j1/cancel", answer="back")
    assert service.orders == []
    await post(client, "/console/jobs/j1/cancel", answer="yes")
    assert service.orders == [("cancel", "j1", "")]


async def test_labels_without_a_code_are_stopped_the_same_way(client: Any, service: ServiceDouble) -> None:
    async with client.get("/console/copies/c1/cancel") as answer:
        assert "已打 8 张，正在打 4 张；还有 8 张不再打印" in await answer.text()
    await post(client, "/console/copies/c1/cancel", answer="yes")
    assert service.orders == [("cancel copies", "c1", "")]


async def test_a_refusal_is_told_on_the_page_that_it_came_from(client: Any, service: ServiceDouble) -> None:
    service.notes.fails = NotFoundError("job j1: expected a job of this ledger, got an unknown number; list the jobs")
    _, page = await post(client, "/console/jobs/j1/pause", back="/console/now")
    assert 'id="toast" class="stop"' in page
    assert "本机没有这条记录" in page


async def test_a_page_that_cannot_be_drawn_says_why(client: Any) -> None:
    async with client.get("/console/jobs/nobody/cancel") as answer:
        assert answer.status == 404
        assert "本机没有这条记录" in await answer.text()


async def test_what_was_said_is_asked_by_a_number_and_not_by_words(client: Any) -> None:
    for said in ("", "anything", "%3Cb%3E"):
        async with client.get(f"/console/now?said={said}") as answer:
            assert re.search(r'id="toast"[^>]* hidden>', await answer.text())


@pytest.mark.parametrize("action", ACTIONS, ids=lambda one: one.path)
async def test_an_order_of_another_site_is_refused(client: Any, service: ServiceDouble, action: Any) -> None:
    path = action.path.replace("{key}", "j1")
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        async with client.post(path, data={}, headers=headers, allow_redirects=False) as answer:
            assert answer.status == 403
    assert service.orders == []


async def test_who_is_here_is_remembered_for_this_site_alone(client: Any) -> None:
    async with client.post("/console/who", data={"operator": "王 01"}, allow_redirects=False) as answer:
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    async with client.get("/console/now") as answer:
        assert "王 01" in await answer.text()


# --- scans -------------------------------------------------------------------------------------------------------

LINK = f"https://ID.EXAMPLE.CN/01/{JOB.gtin}/10/L1/21/{LABEL.serial}"


async def test_a_scan_is_entered_as_read_and_told_large(client: Any, service: ServiceDouble) -> None:
    service.labels.doubts = nothing  # type: ignore[method-assign]
    await post(client, "/console/who", operator="A01")
    to, page = await post(client, "/console/scan", text=LINK + "\r", back="/console/now")
    assert service.orders == [("scan", LINK, "A01", None, False)]
    assert 'class="scan-told good"' in page
    assert to.startswith("/console/now?said=")


async def nothing() -> list[Any]:
    return []


async def test_a_scan_on_its_garment_says_so(client: Any, service: ServiceDouble) -> None:
    await post(client, "/console/scan", text=LINK, on_garment="1")
    assert service.orders == [("scan", LINK, "", None, True)]


async def test_a_label_of_a_stopped_lot_is_told_in_red(client: Any, service: ServiceDouble) -> None:
    service.labels.stopped = Words("批次已召回", "lot recalled")
    _, page = await post(client, "/console/scan", text=LINK)
    assert 'class="scan-told stop"' in page
    assert "不要挂到衣服上" in page


async def test_a_badge_names_who_is_here_and_orders_nothing(client: Any, service: ServiceDouble) -> None:
    service.parts.catalog.import_json('{"operators": [{"code": "0012", "name": "示例"}]}'.encode())
    _, page = await post(client, "/console/scan", text="0012")
    assert "你好，示例" in page
    assert 'data-who="0012"' in page
    assert "示例 0012" in page, "the name beside its code"
    assert service.orders == []


async def test_who_is_named_by_the_catalogue_is_here_by_one_press_and_nobody_else(
    client: Any, service: ServiceDouble
) -> None:
    async with client.get("/console/now") as answer:
        assert "未设人员" in (await answer.text()).partition("<summary>")[2].partition("</summary>")[0]
    people = [{"code": f"A{n:02d}", "name": f"示例{n}"} for n in range(20)]
    service.parts.catalog.import_json(json.dumps({"operators": people}).encode())
    async with client.get("/console/now") as answer:
        text = await answer.text()
    assert re.findall(r'name="operator" value="(A\d\d)"', text) == [f"A{n:02d}" for n in range(12)]
    assert "未设人员" not in text and "请刷工牌" in text
    fields = {"operator": "Z99", "back": "/console/print"}
    _, page = await post(client, "/console/who", **fields)
    assert "Z99 不在资料里" in page and 'data-who=""' in page
    _, page = await post(client, "/console/who", **fields | {"operator": "A03"})
    assert 'data-who="A03"' in page and "示例3 A03" in page


async def test_a_link_is_never_the_operator(client: Any, service: ServiceDouble) -> None:
    _, page = await post(client, "/console/scan", text=LINK)
    assert 'data-who=""' in page
    _, page = await post(client, "/console/who", operator=LINK)
    assert 'data-who=""' in page


async def test_a_barcode_of_a_style_leads_to_printing_and_orders_nothing(client: Any, service: ServiceDouble) -> None:
    async with client.post("/console/scan", data={"text": "6901234567892"}, allow_redirects=False) as answer:
        assert answer.headers["Location"].startswith("/console/print?q=06901234567892&said=")
    assert service.orders == []


async def test_a_scan_of_a_strip_that_went_wrong_names_its_last_good_label(client: Any, service: ServiceDouble) -> None:
    window, _ = (await service.labels.doubts())[0]
    serials = ("PH17K3M9QX2W4T01B", LABEL.serial, "PH17K3M9QX2W4T03B")
    strip = replace(window, serials=serials), [replace(LABEL, serial=one) for one in serials]

    async def doubts() -> list[Any]:
        return [strip]

    service.labels.doubts = doubts  # type: ignore[method-assign]
    async with client.post("/console/scan", data={"text": LINK}, allow_redirects=False) as answer:
        assert answer.headers["Location"].startswith("/console/doubts?window=w1&last=")
    assert service.orders == []


async def test_a_scan_settles_the_strip_that_waits_for_it_and_voids_nothing(
    client: Any, service: ServiceDouble
) -> None:
    service.move(state=JobState.PAUSED, reason=str(SCAN_WINDOW))
    _, page = await post(client, "/console/scan", text=LINK)
    assert service.orders == [("settle", "w1", LINK, "", "keep")]
    assert "已登记，接着打" in page


@pytest.mark.parametrize("text", ["hello", "6901234567893", "BADGE-1", "PH17K3M9QX2W4T0AB", LINK[8:]])
async def test_what_is_no_code_is_refused_large_and_orders_nothing(
    client: Any, service: ServiceDouble, text: str
) -> None:
    _, page = await post(client, "/console/scan", text=text)
    assert 'class="scan-told stop"' in page
    assert service.orders == []


@pytest.mark.parametrize("body", [b"a=%FF", b"\xff", b"&".join(b"a%d=1" % n for n in range(300))])
async def test_what_is_no_form_is_refused(client: Any, service: ServiceDouble, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with client.post("/console/scan", data=body, headers=headers, allow_redirects=False) as answer:
        assert answer.status == 400
    async with client.post("/console/scan", json={}, allow_redirects=False) as answer:
        assert answer.status == 415
    assert service.orders == []


async def test_every_job_is_on_some_page_while_others_come_in(client: Any, service: ServiceDouble) -> None:
    jobs = {f"j{n:02d}": replace(JOB, job_id=f"j{n:02d}", state=JobState.DONE) for n in range(45, 0, -1)}
    service.jobs.found = dict(jobs)
    path, seen = "/console/now", []
    while path:
        async with client.get(path) as answer:
            page = (await answer.text()).partition('data-key="table-Labels without a code"')[0]
        seen += re.findall(r'<tr data-key="(\w+)"', page)
        service.jobs.found = {f"new{len(seen)}": replace(JOB, job_id=f"new{len(seen)}")} | service.jobs.found
        older = re.search(r'<a class="button" href="([^"]+)" data-key="older"', page)
        path = older[1].replace("&amp;", "&") if older else ""
    assert seen == list(jobs)


async def test_labels_without_a_code_stay_in_sight_when_they_are_over(client: Any, service: ServiceDouble) -> None:
    """How many are proven and how many were sent and are not is what whoever packs them has to know."""
    over = replace(COPIES, state=CopiesState.ENDED, sending=0, printed=8, unproven=4, reason="缺纸 · out of labels")
    rows = [replace(over, copies_id=f"c{n:02d}") for n in range(45, 0, -1)]

    read = []

    async def recent(limit: int = 100, skip: int = 0) -> Any:
        read.append(limit)
        return rows[skip : skip + limit]

    async def find(copies_id: str) -> Any:
        return next(one for one in rows if one.copies_id == copies_id)

    cast(Any, service.copies).recent, cast(Any, service.copies).find = recent, find
    async with client.get("/console/now") as answer:
        now = (await answer.text()).partition('data-key="table-Labels without a code"')[2]
    assert re.findall(r'<tr data-key="(c\d+)"', now) == ["c45", "c44", "c43", "c42", "c41"]
    assert "8 / 20" in now and "未证实 4" in now and 'href="/console/copies"' in now
    seen = []
    for page in (1, 2, 3):
        async with client.get(f"/console/copies?page={page}") as answer:
            text = await answer.text()
        seen += re.findall(r'<tr data-key="(c\d+)"', text)
        assert ('data-key="older"' in text) is (page < 3)
    assert seen == [one.copies_id for one in rows]
    async with client.get("/console/copies?page=999999") as answer:
        assert answer.status == 200 and "<tr data-key" not in (await answer.text()).partition("<tbody")[2]
    assert max(read) == PAGE_ROWS + 1, "whoever asks for the last page makes nobody read all of years"
    async with client.get("/console/copies/c07") as answer:
        text = await answer.text()
    assert "证实打印 8 张" in text and "YR2026-0801 · 175/92A" in text
    assert "/console/print?style_no=YR2026-0801&amp;size=175%2F92A&amp;template=wash_care_30&amp;printer=p1" in text


async def test_labels_without_a_code_that_are_not_over_are_in_the_bar_however_old(
    client: Any, service: ServiceDouble
) -> None:
    async def waiting() -> Any:
        return [replace(COPIES, copies_id="old"), replace(COPIES, copies_id="stopped", state=CopiesState.CANCELLED)]

    cast(Any, service.copies).open = waiting
    async with client.get("/console/now") as answer:
        bar = (await answer.text()).partition('id="bar"')[2]
    assert "/console/copies/old/cancel" in bar and "/console/copies/stopped" not in bar


async def test_what_waits_for_a_person_is_counted_at_its_page(client: Any, service: ServiceDouble) -> None:
    async with client.get("/console/now") as answer:
        assert re.search(r'href="/console/doubts"[^>]*>.*?<b class="waits">1</b>', await answer.text())
    service.labels.doubts = nothing  # type: ignore[method-assign]
    async with client.get("/console/now") as answer:
        assert 'class="waits"' not in await answer.text()
