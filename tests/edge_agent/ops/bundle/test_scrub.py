"""What looks like a secret, a serial or a folder is taken out; what IT needs to see stays."""

from __future__ import annotations

from random import Random

import pytest

from edge_agent.ops.bundle.scrub import GONE, Scrubber
from label_protocol.codes.serial import new_serial

SERIAL = new_serial("PH1", Random(20261120).randbytes)


@pytest.mark.parametrize(
    "text",
    [
        SERIAL,
        f"label {SERIAL}: expected it",
        f"serials {SERIAL},{SERIAL}",
        f"https://id.example.cn/01/06901234567892/10/L1/21/{SERIAL}",
        f"HTTPS://ID.EXAMPLE.CN/01/06901234567892/21/{SERIAL}?x=1",
    ],
)
def test_no_serial_stays(text: str) -> None:
    assert SERIAL not in Scrubber(()).text(text)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def-ghi", "abc.def-ghi"),
        ("ipp://zhang:p4ss@10.0.0.9/ipp", "p4ss"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx", "693a91f6"),
        ("password = hunter2, ok", "hunter2"),
        ("pin: 4711", "4711"),
        ("the hash is " + "0f" * 32, "0f0f0f"),
        ("token yHS3q-4fk_3kd93mdk2Zk2l5n2dk39d", "yHS3q"),
    ],
)
def test_no_token_stays(text: str, secret: str) -> None:
    assert secret not in Scrubber(()).text(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("ledger /home/zhangsan/data/ledger.db: expected", "ledger …/ledger.db: expected"),
        ("~/zhangsan/x is", "…/x is"),
        ("D:\\厂\\张三\\ledger.db is", "D:"),
    ],
)
def test_no_folder_stays(text: str, left: str) -> None:
    told = Scrubber(()).text(text)
    assert "zhangsan" not in told and "张三" not in told
    assert told.startswith(left) or left == "D:"


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-30T10:15:03.120Z",
        "printer p1: 缺纸，请装入标签纸 · out of labels, load media",
        "tcp://192.168.1.50:9100",
        "serial:///dev/ttyUSB0",
        "lot:L20261118A",
        "expected at most 12 labels, got 130",
        "https://registry.example.cn",
        "docs/troubleshooting.md",
        "edge-agent hold release witness_ahead",
        "ZT230-200dpi V72.20.01Z S/N 42J0123",
    ],
)
def test_what_helps_stays(text: str) -> None:
    assert Scrubber(("12", "工")).text(text) == text


def test_names_go_whole_words_in_latin_and_anywhere_in_chinese() -> None:
    scrubber = Scrubber(("Li", "王小二", "A01"))
    assert scrubber.text("Li said: link A01x, A01 王小二师傅") == f"{GONE} said: link A01x, {GONE} {GONE}师傅"


def test_fields_of_people_and_labels_are_dropped_and_numbers_stay() -> None:
    told = {"event": "scan_refused", "serial": "short", "operator": "", "n": 12, "rows": [{"who": "x", "on": True}]}
    assert Scrubber(()).value(told) == {
        "event": "scan_refused",
        "serial": GONE,
        "operator": "",
        "n": 12,
        "rows": [{"who": GONE, "on": True}],
    }
