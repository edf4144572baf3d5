"""The page's script runs over the API's real answers (in node, over a stub of the document; not a browser)."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any, cast

import pytest
from aiohttp.test_utils import TestClient, TestServer

from edge_agent.web.api import build_web
from edge_agent.web.routes import API
from edge_agent.web.views import alarm_view
from tests.web_double import ServiceDouble
from tests.zpl_eyes import find_node

HERE = Path(__file__).parent
STATIC = HERE.parent / "edge_agent" / "web" / "static"
ASKED = ("/printers", "/jobs", "/doubts", "/holds", "/alarms", "/sync", "/catalogue")


def run_page(answers: dict[str, Any], presses: list[str]) -> Any:
    command = [find_node(), str(HERE / "page_smoke.mjs"), str(STATIC / "app.js"), str(STATIC / "index.html")]
    given = json.dumps({"answers": answers, "presses": presses})
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, timeout=30, check=False, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
async def answers(tmp_path: Path) -> dict[str, Any]:
    service = ServiceDouble(tmp_path)
    service.held = [{"kind": "cloned", "words": "另一台电脑在使用同一身份 · another computer"}]
    service.catalog.import_file(STATIC.parent.parent / "demo" / "samples" / "down_graded.json")
    async with TestClient(TestServer(build_web(cast(Any, service)))) as client:
        return {path: await (await client.get(API + path)).json() for path in ASKED}


def test_the_page_shows_printers_jobs_doubts_and_sync(answers: dict[str, Any]) -> None:
    page = run_page(answers, [])
    assert page["errors"] == []
    shown = page["text"]
    assert "一号线" in shown["printers"]
    assert "就绪" in shown["printers"]
    assert "4 / 10" in shown["jobs"]
    assert "PH17K3M9QX2W4T0AB" in shown["doubts"]
    assert "停发" in shown["holds"]
    assert "没有登记中心平台" in shown["sync"]
    assert "已连接" in shown["link"]
    assert "YR2026-0801 · 175/92A" in shown["style"]


def test_pressing_its_buttons_sends_the_orders(answers: dict[str, Any]) -> None:
    page = run_page(answers, ["测试签", "暂停", "报废补打", "找不到", "处理", "解除"])
    assert page["errors"] == []
    sent = [
        (path, json.loads(body) if body else None, key)
        for method, path, body, key in page["requests"]
        if method == "POST"
    ]
    why = {"operator": "A01", "reason": "碳带皱"}
    assert ("/printers/p1/test", None, "") in sent
    assert ("/jobs/j1/pause", {"operator": "A01"}, "") in sent
    assert ("/labels/PH17K3M9QX2W4T0AB/replace", why, "key") in sent
    assert ("/labels/PH17K3M9QX2W4T0AB/invalidate", why, "") in sent
    assert ("/holds/cloned/release", why, "") in sent


def test_a_strip_without_one_good_label_is_settled_in_one_press(answers: dict[str, Any]) -> None:
    sent = run_page(answers, ["没有一张好"])["requests"]
    bodies = [json.loads(body) for method, path, body, _ in sent if (method, path) == ("POST", "/windows/w1/settle")]
    assert [(body["text"], body["operator"]) for body in bodies] == [(None, "A01")]


def test_an_alarm_is_told_in_words(answers: dict[str, Any]) -> None:
    alarm = {"alarm": "a1", "kind": "possible_duplicate", "printer": "p1", "raised_at": "2026-11-20T09:00:00.000Z"}
    view = alarm_view(alarm | {"detail": {"before": 3, "after": 5}})
    shown = run_page(answers | {"/alarms": {"alarms": [view]}}, [])["text"]["holds"]
    assert "找出多余的一张" in shown
    assert "find the extra piece" in shown
    assert "before 3" in shown


def test_an_empty_catalogue_says_what_to_do(answers: dict[str, Any]) -> None:
    answers["/catalogue"]["styles"] = []
    assert "先导入资料" in run_page(answers, [])["text"]["style"]


def test_a_sync_that_is_behind_is_shown_in_words(answers: dict[str, Any]) -> None:
    view = {"state": "offline", "since": "2026-11-20T09:00:00.000Z", "pending": 7, "acked_seq": 41, "last_ack_at": None}
    words = {"words_zh": "连不上中心平台", "words_en": "registry away", "error": "", "configured": True}
    shown = run_page(answers | {"/sync": view | words}, [])["text"]["sync"]
    assert "连不上中心平台" in shown
    assert "待上报 7 条" in shown


def test_facts_stay_text(answers: dict[str, Any]) -> None:
    answers["/printers"]["printers"][0]["name"] = "<img src=x onerror=alert(1)>"
    assert "<img src=x onerror=alert(1)>" in run_page(answers, [])["text"]["printers"]
