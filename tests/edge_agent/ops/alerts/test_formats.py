"""What each kind is sent: its shape, its bounds, its signature, and how its answer is read."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from edge_agent.config.alerts import AlertRow
from edge_agent.messages.text import Words
from edge_agent.ops.alerts import formats
from edge_agent.ops.alerts.cause import Cause, Notice

NOW = datetime(2026, 11, 30, 6, 5, tzinfo=UTC)
CAUSE = Cause("printer_fault", "line-1", Words("打印机 一号线：缺纸", "printer 一号线: out of labels"))
STATES = [Notice(state, CAUSE, NOW) for state in ("stands", "over", "passed")]


def a_row(kind: Any, **more: Any) -> AlertRow:
    return AlertRow(url="https://robot.example/send?access_token=T0KEN", kind=kind, **more)


@pytest.mark.parametrize("kind", ["wecom", "dingtalk"])
def test_robots_get_text_in_both_languages_with_the_word_they_may_ask_for(kind: str) -> None:
    told = json.loads(formats.body(a_row(kind), "示例服饰", STATES, NOW, UTC))
    assert told.keys() == {"msgtype", "text"} and told["msgtype"] == "text"
    assert told["text"]["content"].splitlines() == [
        "【标签代理】示例服饰",
        "● 打印机 一号线：缺纸 · printer 一号线: out of labels（11-30 06:05 起 since）",
        "✓ 已恢复 over: 打印机 一号线：缺纸 · printer 一号线: out of labels（11-30 06:05 起 since）",
        "○ 曾有，已好 came and went: 打印机 一号线：缺纸 · printer 一号线: out of labels（11-30 06:05 起 since）",
    ]


def test_a_program_gets_the_facts() -> None:
    told = json.loads(formats.body(a_row("generic"), "示例服饰", STATES, NOW))
    assert told["source"] == "edge-agent" and told["site"] == "示例服饰" and told["at"] == "2026-11-30T06:05:00+00:00"
    assert told["alerts"][0] == {
        "event": "printer_fault",
        "key": "line-1",
        "state": "stands",
        "since": "2026-11-30T06:05:00+00:00",
        "zh": "打印机 一号线：缺纸",
        "en": "printer 一号线: out of labels",
    }


@pytest.mark.parametrize("number", [1, 12, 13, 50, 1000])
def test_a_text_never_passes_2048_bytes_and_says_how_many_are_missing(number: int) -> None:
    """WeCom's bound, in bytes and not in characters: one of Chinese has three."""
    lines = formats.text("示例服饰", [STATES[0]] * number, UTC).splitlines()
    assert len("\n".join(lines).encode()) <= 2048
    shown = [line for line in lines if line.startswith("●")]
    assert len(shown) == number or lines[-1] == f"…另有 {number - len(shown)} 条 {number - len(shown)} more"


def test_words_of_any_length_fit() -> None:
    endless = Notice("stands", Cause("doubt", "x", Words("长" * 9000, "long " * 9000)), NOW)
    assert "长" in formats.text("x" * 100, [endless] * 3, UTC)
    assert len(formats.text("字" * 100, [endless] * 3, UTC).encode()) <= 2048


def test_dingtalk_signs_time_and_secret_in_the_address() -> None:
    """open.dingtalk.com: HMAC-SHA256 with the secret over time, line feed and secret; base64; URL-encoded."""
    url = formats.address(a_row("dingtalk", secret="SECabc"), 1_764_000_000_123)
    asked = parse_qs(urlsplit(url).query)
    wanted = hmac.digest(b"SECabc", b"1764000000123\nSECabc", hashlib.sha256)
    assert asked == {
        "access_token": ["T0KEN"],
        "timestamp": ["1764000000123"],
        "sign": [base64.b64encode(wanted).decode()],
    }
    assert formats.address(a_row("dingtalk"), 1) == "https://robot.example/send?access_token=T0KEN"


@pytest.mark.parametrize(
    ("kind", "status", "answer", "why"),
    [
        ("generic", 204, b"", ""),
        ("generic", 302, b"", "status 302"),
        ("wecom", 200, b'{"errcode":0,"errmsg":"ok"}', ""),
        ("wecom", 200, b'{"errcode":45009,"errmsg":"api freq out of limit"}', "errcode 45009"),
        ("dingtalk", 200, b'{"errcode":310000,"errmsg":"sign not match"}', "errcode 310000"),
        ("dingtalk", 200, b"<html>", "no errcode in the answer"),
        ("dingtalk", 200, b'{"errcode":"<script>"}', "errcode ?"),
        ("wecom", 500, b"", "status 500"),
    ],
)
def test_an_answer_is_read_and_never_quoted(kind: str, status: int, answer: bytes, why: str) -> None:
    assert formats.refusal(a_row(kind), status, answer) == why
