"""The page and its guard: nothing from elsewhere, no markup from facts, no orders from other sites."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.web.api import build_web
from edge_agent.web.pages import FILES
from edge_agent.web.routes import API
from tests.kits.web_double import ServiceDouble

STATIC = Path(__file__).parents[3] / "edge_agent" / "web" / "static"


def scripts() -> str:
    """All of the page's code."""
    return "\n".join(path.read_text("utf-8") for path in sorted(STATIC.glob("*.js")))


@pytest.fixture
def service(tmp_path: Path) -> ServiceDouble:
    return ServiceDouble(tmp_path)


@pytest.fixture
async def client(service: ServiceDouble) -> Any:
    async with TestClient(TestServer(build_web(cast(Any, service), hosts=["printer.example.cn"]))) as found:
        yield found


@pytest.mark.parametrize("path", FILES)
async def test_the_page_and_its_files_are_served_with_a_policy(client: Any, path: str) -> None:
    async with client.get(path) as answer:
        assert (answer.status, answer.content_type) == (200, FILES[path][1])
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert await answer.text() == (STATIC / FILES[path][0]).read_text("utf-8")


def test_every_static_file_is_served_and_nothing_else() -> None:
    assert {path.name for path in STATIC.iterdir()} == {name for name, _ in FILES.values()}


@pytest.mark.parametrize("path", sorted(STATIC.iterdir()), ids=lambda path: path.name)
def test_nothing_comes_from_elsewhere_and_no_fact_becomes_markup(path: Path) -> None:
    text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"(?:https?:)?//[\w-]+\.\w+", text)
    for risky in (
        "inner" + "HTML =",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "style=",
        "@import",
    ):
        assert risky not in text
    assert not re.search(r"<\w+[^>]*\son\w+=", text)


def test_what_the_script_looks_for_is_on_the_page() -> None:
    page, script = (STATIC / "index.html").read_text("utf-8"), scripts()
    wanted = set(re.findall(r'\$\("([\w-]+)"\)', script))
    assert wanted <= set(re.findall(r'id="([\w-]+)"', page))


def test_what_the_script_asks_for_is_a_route() -> None:
    from edge_agent.web.routes import ROUTES

    script = scripts()
    shapes = {re.sub(r"\{\w+\}", "X", route.path.removeprefix(API)) for route in ROUTES}
    asked = set(re.findall(r'"(/(?!static)[a-z]+(?:/[a-z]+)?)(?:\?[^"]*)?"', script))
    assert asked - {"/warnings"} <= shapes  # the page does without where an agent does not know it
    assert {"/printers", "/jobs", "/doubts", "/scan", "/catalogue"} <= asked


@pytest.mark.parametrize(
    "path", ["/static/../api.py", "/static/%2e%2e/api.py", "/static/", "/static/app.js.map", "/static//etc/passwd"]
)
async def test_no_path_reaches_the_file_system(client: Any, path: str) -> None:
    async with client.get(path) as answer:
        assert answer.status == 404


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Origin": "{own}"}, 200),
        ({"Origin": "{own}", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": ""}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "{own}", "Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
async def test_only_our_own_page_or_a_program_gives_orders(
    client: Any, service: ServiceDouble, headers: dict[str, str], status: int
) -> None:
    own = str(client.make_url("")).rstrip("/")
    given = {name: value.format(own=own) for name, value in headers.items()}
    async with client.post(f"{API}/jobs/j1/pause", json={}, headers=given) as answer:
        assert answer.status == status
    assert bool(service.orders) is (status == 200)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:8631", 200),
        ("127.0.0.1", 200),
        ("[::1]:8631", 200),
        ("line1-pc:8631", 200),
        ("printer.example.cn", 200),
        ("PRINTER.example.cn:8631", 200),
        ("evil.example:8631", 421),
        ("127.0.0.1.evil.example", 421),
        ("evil.example:8631.localhost", 421),
    ],
)
async def test_a_name_of_somebody_else_is_not_ours(client: Any, host: str, status: int) -> None:
    for path in ("/", f"{API}/jobs"):
        async with client.get(path, headers={"Host": host}) as answer:
            assert answer.status == status
