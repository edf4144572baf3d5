"""The page's script runs over the API's real answers (in node, over a stub of the document; not a browser)."""

from __future__ import annotations

import json
import re
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
ASKED = ("/printers", "/jobs", "/copies", "/doubts", "/holds", "/alarms", "/sync", "/catalogue")


def run_page(answers: dict[str, Any], presses: list[str], refused: dict[str, Any] | None = None) -> Any:
    page = STATIC / "index.html"
    scripts = re.findall(r'src="/static/([^"]+)"', page.read_text("utf-8"))
    command = [find_node(), str(HERE / "page_smoke.mjs"), str(page), *(str(STATIC / name) for name in scripts)]
    given = json.dumps({"answers": answers, "presses": presses, "refused": refused or {}})
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


def test_a_printer_tells_its_proof_in_words(answers: dict[str, Any]) -> None:
    shown = run_page(answers, [])["text"]["printers"]
    assert "证明 proof: 计数器相符 · the counter agrees" in shown
    assert "请看一下 look" in shown


def test_a_printer_that_cannot_be_reached_says_why_in_its_links_own_words(answers: dict[str, Any]) -> None:
    assert "got retry-job; run: lpadmin" in run_page(answers, [])["text"]["printers"]


def test_groups_stand_first_in_the_choice_of_printers(answers: dict[str, Any]) -> None:
    shown = run_page(answers, [])["text"]["printer"]
    assert shown == "甲线（组 group: p1, p2）一号线二号线"
    answers["/printers"]["groups"] = []
    assert run_page(answers, [])["text"]["printer"] == "一号线二号线"


def test_a_job_of_a_group_shows_who_has_it(answers: dict[str, Any]) -> None:
    answers["/jobs"]["jobs"][0]["printer"] = "line-a"
    assert "L1 → 甲线" in run_page(answers, [])["text"]["jobs"]
    answers["/printers"]["printers"][1]["job_id"] = "j1"
    assert "L1 → 甲线：二号线" in run_page(answers, [])["text"]["jobs"]


def test_what_a_printer_did_is_told_in_its_own_words(answers: dict[str, Any]) -> None:
    said = {"printer": "p1", "words": {"zh": "测试签已打印", "en": "test label printed"}}
    page = run_page(answers | {"/printers/p1/test": said}, ["测试签"])
    assert page["text"]["toast"] == "一号线：测试签已打印 · test label printed"


def test_calibrating_is_asked_about_first_because_it_feeds(answers: dict[str, Any]) -> None:
    page = run_page(answers, ["校准"])
    assert "会走几张空白签" in page["text"]["ask-title"]
    assert ["POST", "/printers/p1/calibrate", None, ""] in page["requests"]


def test_a_strip_that_awaits_its_scan_says_only_that_and_takes_the_scanner(answers: dict[str, Any]) -> None:
    quiet = run_page(answers, [])
    assert "扫描后自动继续" not in quiet["text"]["doubts"] and quiet["focused"] == ""
    answers["/doubts"]["doubts"][0]["awaits_scan"] = True
    page = run_page(answers, [])
    assert "请扫描最后一张好标签，扫描后自动继续" in page["text"]["doubts"] and page["focused"] == "w1"


def test_a_scan_of_the_wrong_label_voids_none_of_a_strip_without_a_fault(answers: dict[str, Any]) -> None:
    for awaits, rest in ((True, "keep"), (False, "invalid")):
        answers["/doubts"]["doubts"][0]["awaits_scan"] = awaits
        sent = run_page(answers, ["w1=HTTPS://X"])["requests"]
        (body,) = [json.loads(body) for _, path, body, _ in sent if path == "/windows/w1/settle"]
        assert body == {"text": "HTTPS://X", "operator": "A01", "rest": rest}


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


def test_a_label_without_a_code_is_ordered_as_copies(answers: dict[str, Any]) -> None:
    """The form is the same; where the order goes follows from the template that is chosen."""
    answers["/catalogue"]["without_code"] = [answers["/catalogue"]["templates"][0]]
    page = run_page(answers, ["submit:job-form"])
    (sent,) = [request for request in page["requests"] if request[0] == "POST"]
    assert sent[1] == "/copies" and sent[3] == "key"
    assert "count" in json.loads(sent[2]) and "quantity" not in json.loads(sent[2])
    answers["/catalogue"]["without_code"] = []
    page = run_page(answers, ["submit:job-form"])
    assert [request[1] for request in page["requests"] if request[0] == "POST"] == ["/jobs"]


def test_copies_say_what_is_known_of_them_and_can_be_cancelled(answers: dict[str, Any]) -> None:
    answers["/jobs"]["jobs"] = []
    page = run_page(answers, ["取消"])
    assert page["errors"] == []
    shown = page["text"]["copies"]
    assert "8 / 20" in shown and "共 20 张：证实打印 8 张" in shown and "wash_care_30 → 一号线" in shown
    assert ["POST", "/copies/c1/cancel", '{"operator":"A01"}', ""] in page["requests"]


def test_copies_are_told_apart_by_their_garment(answers: dict[str, Any]) -> None:
    answers["/copies"]["copies"][0]["goods"] = {"style_no": "ZL26-1102", "size": "120/60", "name": "女童外套"}
    assert "ZL26-1102 · 120/60 · 女童外套" in run_page(answers, [])["text"]["copies"]
    answers["/copies"]["copies"][0]["goods"] = None
    assert run_page(answers, [])["errors"] == []


def test_labels_are_chosen_by_their_titles(answers: dict[str, Any]) -> None:
    assert "羽绒服质量分级吊牌 · down_grade_60x40" in run_page(answers, [])["text"]["template"]


def test_a_preview_that_is_refused_says_why(answers: dict[str, Any]) -> None:
    """A picture that does not come is no answer to somebody who chose the wrong label."""
    why = {"words_zh": "资料不符合标签规则，不能打印", "detail": "资料里没有分级结果。 · The record has no grade."}
    page = run_page(answers, ["error:preview"], {"/preview": why})
    assert page["errors"] == [] and page["text"]["refused"] == why["detail"]
