"""The first start as a page: for whoever has the code, once; what is wrong stands beside its field; nothing is written
before the last step, and then once."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.config import AgentConfig, load_config
from edge_agent.ops.service import systemd
from edge_agent.ops.setup import run
from edge_agent.ops.setup.steps import Secret, Step
from edge_agent.printers import discovery
from edge_agent.printers.discovery import Found
from edge_agent.web.setup.draft import Draft
from edge_agent.web.setup.site import Site

PIN, TOKEN = "271828", "a-token-of-43-characters"
FOUND = [
    Found("serial", "serial:///dev/ttyUSB0", "USB-Serial"),
    Found("network", "tcp://192.168.1.50:9100", "192.168.1.50:9100", "zpl", "ZD421", "zpl-203"),
]


class Commands:
    """The steps that would have been run, and what they read; those with a word of `failing` fail."""

    def __init__(self) -> None:
        self.done: list[Step] = []
        self.failing = "(none)"
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def do(self, step: Step) -> run.Outcome:
        self.may_go_on.wait(10)
        self.done.append(step)
        if step.words[:2] == ("people", "badge"):
            Path(step.words[4]).write_bytes(b"PNG of a badge")
        return run.Outcome(step, self.failing not in step.typed, "got a refusal")

    @property
    def typed(self) -> list[str]:
        return [one.typed for one in self.done]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    made = Commands()
    monkeypatch.setattr(run, "unseen", made.do)
    monkeypatch.setattr(run, "_agent", lambda _: contextlib.nullcontext())
    monkeypatch.setattr(systemd, "prepare", lambda *_: None)
    monkeypatch.setattr(discovery, "here", lambda: list(FOUND))
    return made


def draft(folder: Path, *, can_serve: bool = False) -> Draft:
    path = folder / "agent.toml"
    fresh = not path.exists()
    return Draft(path, AgentConfig() if fresh else load_config(path), fresh, can_serve, str(folder / "data"))


@asynccontextmanager
async def opened(of: Draft, *, change: bool = False) -> AsyncIterator[tuple[TestClient[Any, Any], Site]]:
    """A browser that came in by the code."""
    site = Site(of, change=change)
    async with TestClient(TestServer(site.app())) as browser:
        assert (await browser.get(f"/enter/{site.gate.code}")).url.path == "/factory"
        yield browser, site


async def sent(browser: TestClient[Any, Any], *forms: tuple[str, dict[str, str]]) -> ClientResponse:
    """The forms in their order, each taken; the last one's answer."""
    for path, form in forms:
        answer = await browser.post(path, data=form)
        assert answer.status == 200, await answer.text()
    return answer


def answers(**registry: str) -> Sequence[tuple[str, dict[str, str]]]:
    """What somebody answers who has a printer and a lead."""
    return [
        ("/factory", {"site": "示例一厂"}),
        ("/printers/find", {"network": ""}),
        ("/printers", {"use-1": "1", "profile-1": "zpl-203", "name-1": "一号机", "hand-profile": "zpl-unknown"}),
        ("/registry", {"which": "later", **registry}),
        ("/people", {"lead": "示例甲", "pin": PIN, "test": "1"}),
    ]


async def over(site: Site) -> None:
    async with asyncio.timeout(10):
        while site.work is None or not site.work.over:
            await asyncio.sleep(0.01)


async def test_what_was_answered_is_written_and_done_in_the_order_of_the_command(
    tmp_path: Path, commands: Commands
) -> None:
    path = tmp_path / "agent.toml"
    registry = {"which": "association", "url": "https://registry.example.cn", "token": TOKEN}
    async with opened(draft(tmp_path)) as (browser, site):
        told = await (await sent(browser, *answers(**registry))).text()
        assert "示例一厂" in told and "一号机 (zpl-203)" in told and "https://registry.example.cn" in told
        assert not path.exists(), "nothing is written before the last step"
        await sent(browser, ("/check", {}))
        await over(site)
        page = await (await browser.get("/work")).text()
        assert "都做好了" in page and (await (await browser.get("/badge.png")).read()) == b"PNG of a badge"
        await browser.post("/end")
        assert site.ended.is_set()
    config = load_config(path)
    assert (config.site.name, config.registry.url) == ("示例一厂", "https://registry.example.cn")
    assert [(one.name, one.url) for one in config.printers] == [("一号机", FOUND[1].url)]
    named = f"--config {path}"
    assert commands.typed[:3] == [
        f"edge-agent enrol --token - {named}",
        f"edge-agent printers test printer-1 --operator setup {named}",
        f"edge-agent people add 示例甲 --role lead --pin-file - {named}",
    ]
    assert [one.given for one in commands.done[:3]] == [f"{TOKEN}\n", None, f"{PIN}\n"]
    assert commands.typed[3].startswith("edge-agent people badge 示例甲 --out ")
    assert not Path(commands.done[3].words[4]).exists(), "the badge is in no file afterwards"


async def test_secrets_stand_in_no_page_and_in_no_command(tmp_path: Path, commands: Commands) -> None:
    registry = {"which": "association", "url": "https://registry.example.cn", "token": TOKEN}
    commands.failing = "enrol"
    async with opened(draft(tmp_path)) as (browser, site):
        await sent(browser, *answers(**registry), ("/check", {}))
        await over(site)
        for page in ("/factory", "/printers", "/registry", "/people", "/check", "/work"):
            text = await (await browser.get(page)).text()
            assert PIN not in text and TOKEN not in text, page
    assert PIN not in str(commands.typed) and TOKEN not in str(commands.typed)
    assert PIN not in repr(Secret(PIN)) and PIN not in repr(commands.done)


async def test_the_code_opens_once_and_for_one_browser(tmp_path: Path) -> None:
    site = Site(draft(tmp_path), change=False)
    async with TestClient(TestServer(site.app())) as first, TestClient(TestServer(site.app())) as second:
        assert (await first.get("/enter/" + "x" * 32)).status == 403, "a code that nobody gave"
        assert (await first.get(f"/enter/{site.gate.code}")).status == 200
        again = await second.get(f"/enter/{site.gate.code}")
        assert again.status == 403 and "已经用过" in await again.text()
        assert (await second.get("/factory")).status == 403


async def test_nothing_else_reaches_any_of_its_addresses(tmp_path: Path, commands: Commands) -> None:
    site = Site(draft(tmp_path), change=False)
    async with TestClient(TestServer(site.app())) as stranger:
        for route in site.app().router.routes():
            path = route.resource.canonical if route.resource else ""
            if path != "/enter/{code}":
                answer = await stranger.request(route.method, path, data={} if route.method == "POST" else None)
                assert answer.status == 403, (route.method, path)
    async with opened(draft(tmp_path)) as (browser, _):
        elsewhere = {"Host": "evil.example.cn"}
        assert (await browser.get("/factory", headers=elsewhere)).status == 421, "a name that was made to lead here"
        other = {"Origin": "https://evil.example.cn", "Sec-Fetch-Site": "cross-site"}
        assert (await browser.post("/factory", data={"site": "x"}, headers=other)).status == 403
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "form", "words"),
    [
        ("/factory", {"site": " "}, "请写 1 到 100 个字"),
        ("/factory", {"site": "示例", "data": "data"}, "请写完整的路径"),
        ("/printers/find", {"network": "10.0.0.0/8"}, "1024"),
        ("/printers", {"hand-url": "192.168.1.50", "hand-profile": "zpl-203"}, "地址写成 tcp://"),
        ("/printers", {"hand-url": "tcp://h:9100", "hand-profile": "zpl-999"}, "型号不在表里"),
        ("/registry", {"which": "association", "url": "registry", "token": "t"}, "地址写成 https://"),
        ("/registry", {"which": "association", "url": "https://r.example.cn"}, "请把平台给的一次性口令贴进来"),
        ("/people", {"lead": "示例甲", "pin": "12"}, "新 PIN 要"),
        ("/people", {"lead": "示例甲", "pin": "123456"}, "太容易猜"),
    ],
)
async def test_what_is_wrong_is_told_beside_its_field(
    path: str, form: dict[str, str], words: str, tmp_path: Path, commands: Commands
) -> None:
    async with opened(draft(tmp_path)) as (browser, _):
        answer = await browser.post(path, data=form)
        text = await answer.text()
        assert answer.status == 422 and text.count(words) == 2, "at its field, and once at the top"


async def test_a_press_too_many_begins_nothing_twice(tmp_path: Path, commands: Commands) -> None:
    commands.may_go_on.clear()
    async with opened(draft(tmp_path)) as (browser, site):
        await sent(browser, *answers(), ("/check", {}), ("/check", {}))
        assert "正在做第 1 步，共 2 步" in await (await browser.get("/work")).text()
        await browser.post("/end")
        assert not site.ended.is_set(), "not while steps are done"
        commands.may_go_on.set()
        await over(site)
    assert len([one for one in commands.typed if "people add" in one]) == 1


async def test_two_presses_at_once_write_once_where_a_configuration_is_changed(
    tmp_path: Path, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two tabs, or a double tap: the second comes while the first still writes, and there is no refusal of a
    configuration that is there, since it is to be changed."""
    (tmp_path / "agent.toml").write_text('[site]\nname = "示例"\n', encoding="utf-8")
    write, begun, goes_on = run.write, list[int](), threading.Event()

    def slow(*args: Any, **more: Any) -> AgentConfig:
        begun.append(1)
        goes_on.wait(0.2)
        return write(*args, **more)

    monkeypatch.setattr(run, "write", slow)
    async with opened(draft(tmp_path), change=True) as (browser, site):
        await sent(browser, *answers())
        await asyncio.gather(browser.post("/check", data={}), browser.post("/check", data={}))
        await over(site)
    assert len(begun) == 1
    assert len([one for one in commands.typed if "people add" in one]) == 1


async def test_what_fails_is_shown_with_its_command_and_the_others_are_done(tmp_path: Path, commands: Commands) -> None:
    commands.failing = "printers test"
    async with opened(draft(tmp_path)) as (browser, site):
        await sent(browser, *answers(), ("/check", {}))
        await over(site)
        page = await (await browser.get("/work")).text()
    assert "1 步没有成功" in page and "got a refusal" in page and "edge-agent printers test printer-1" in page
    assert site.work is not None and [one.ok for one in site.work.outcomes] == [False, True]


async def test_one_that_cannot_be_written_is_refused_on_the_page_and_nothing_is_done(
    tmp_path: Path, commands: Commands
) -> None:
    async with opened(draft(tmp_path)) as (browser, site):
        await sent(browser, *answers())
        (tmp_path / "agent.toml").write_text("# somebody else's, meanwhile\n", encoding="utf-8")
        answer = await browser.post("/check", data={})
        assert answer.status == 422 and "已经有了" in await answer.text()
        assert site.work is None and commands.typed == []


async def test_a_registry_here_is_offered_where_a_service_can_be(tmp_path: Path, commands: Commands) -> None:
    async with opened(draft(tmp_path)) as (browser, _):
        assert "本机开一个自己的" not in await (await browser.get("/registry")).text()
    async with opened(draft(tmp_path, can_serve=True)) as (browser, site):
        people = ("/people", {"lead": "", "service": "1"})
        await sent(browser, *answers(which="here")[:-1], people, ("/check", {}))
        await over(site)
    named = f"--config {tmp_path / 'agent.toml'}"
    assert commands.typed == [
        "edge-agent registry-here install",
        f"edge-agent registry-here enrol {named}",
        f"edge-agent service install {named}",
    ]


async def test_one_that_is_there_is_changed_and_its_people_are_not_asked_for(
    tmp_path: Path, commands: Commands
) -> None:
    path = tmp_path / "agent.toml"
    path.write_text('# ours\n[site]\nname = "旧名"\n[data]\nledger_path = "l/ledger.db"\n', encoding="utf-8")
    (tmp_path / "l").mkdir()
    (tmp_path / "l" / "people.db").write_bytes(b"")
    async with opened(draft(tmp_path), change=True) as (browser, site):
        assert "数据文件夹" not in await (await browser.get("/factory")).text()
        assert "已经有人员了" in await (await browser.get("/people")).text()
        await sent(browser, *answers(), ("/check", {}))
        await over(site)
    assert path.read_text("utf-8").startswith("# ours\n") and load_config(path).site.name == "示例一厂"
    assert [one for one in commands.typed if "people" in one] == []
