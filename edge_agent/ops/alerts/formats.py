"""What robots and programs are sent, and how one tells that they took it. Pure.

- generic: JSON of our own, docs/alerts.md.
- wecom (企业微信群机器人): text of at most 2048 bytes in UTF-8, 20 messages a minute; `errcode` 0 means taken
  (developer.work.weixin.qq.com, document 91770).
- dingtalk (钉钉自定义机器人): text, 20 messages a minute, then none for ten minutes; the address is signed with time
  and secret, good for an hour; `errcode` 0 means taken (open.dingtalk.com, custom robots, security settings). How long
  a text may be is not published: WeCom's bound is kept, unconfirmed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime, tzinfo
from urllib.parse import quote_plus

from edge_agent.config.alerts import AlertRow
from edge_agent.ops.alerts.cause import Notice

KEYWORD = "标签代理"
"""Stands in every text: robots may ask for a word of the site's choice in each message."""
TEXT_BYTES = 2048
GENERIC_MOST = 100

_MARKS = {
    "stands": ("●", ""),
    "over": ("✓", "已恢复 over: "),
    "passed": ("○", "曾有，已好 came and went: "),
    "test": ("·", ""),
}


def address(row: AlertRow, at_ms: int) -> str:
    """Where to send, with the signature of a robot that wants one; `at_ms`: milliseconds since 1970."""
    if row.secret is None:
        return row.url
    digest = hmac.new(row.secret.encode(), f"{at_ms}\n{row.secret}".encode(), hashlib.sha256).digest()
    between = "&" if "?" in row.url else "?"
    return f"{row.url}{between}timestamp={at_ms}&sign={quote_plus(base64.b64encode(digest))}"


def body(row: AlertRow, site: str, notices: Sequence[Notice], now: datetime, zone: tzinfo | None = None) -> bytes:
    """The message as bytes of JSON; `zone` is the one that people read times in."""
    if row.kind == "generic":
        told = [_plain(one) for one in notices[:GENERIC_MOST]]
        return _json({"source": "edge-agent", "site": site, "at": now.isoformat(timespec="seconds"), "alerts": told})
    return _json({"msgtype": "text", "text": {"content": text(site, notices, zone)}})


def text(site: str, notices: Sequence[Notice], zone: tzinfo | None = None) -> str:
    """Lines for people, whole ones, as many as fit; the last says how many did not."""
    lines = [_line(one, zone) for one in notices]
    shown = [f"【{KEYWORD}】{site}"]
    for number, line in enumerate(lines):
        rest = f"…另有 {len(lines) - number} 条 {len(lines) - number} more"
        after = rest if number + 1 < len(lines) else ""
        if _bytes([*shown, line, after]) > TEXT_BYTES:
            shown.append(rest)
            break
        shown.append(line)
    return "\n".join(shown)


def refusal(row: AlertRow, status: int, answer: bytes) -> str:
    """Why a message was not taken; empty if it was. Of the answer a number is quoted and nothing else."""
    if status >= 300:
        return f"status {status}"
    if row.kind == "generic":
        return ""
    try:
        code = json.loads(answer)["errcode"]
    except (ValueError, TypeError, KeyError):
        return "no errcode in the answer"
    return "" if code == 0 else f"errcode {code if isinstance(code, int) else '?'}"


def _line(notice: Notice, zone: tzinfo | None) -> str:
    mark, before = _MARKS[notice.state]
    since = notice.since.astimezone(zone).strftime("%m-%d %H:%M")
    words = f"{notice.cause.words.zh[:200]} · {notice.cause.words.en[:200]}"
    return f"{mark} {before}{words}（{since} 起 since）"


def _plain(notice: Notice) -> dict[str, str]:
    cause = notice.cause
    facts = {"event": cause.event, "key": cause.key, "state": notice.state, "since": notice.since.isoformat()}
    return facts | {"zh": cause.words.zh, "en": cause.words.en}


def _bytes(lines: Sequence[str]) -> int:
    return len("\n".join(lines).encode())


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
