"""What a line of a former platform's file says, and that no line, however damaged, stops the reading of the next."""

from __future__ import annotations

import json
import re
import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central_registry.former.code_text import Place, own_serial, place_in, place_of
from central_registry.former.lines import LINE_MOST, Flaw, Label, Line, Staged, read_lines
from label_protocol.codes.serial import new_serial
from label_protocol.errors import CodeError
from tests.kits.platform_kit import a_uscc

HEADER = {"kind": "import", "form": 1, "platform": "示例旧平台", "exported_on": "2026-11-01"}
FIRM = a_uscc()
GOOD: tuple[dict[str, Any], ...] = (
    HEADER,
    {"kind": "firm", "uscc": FIRM, "name": "示例服饰", "brands": ["示例"], "status": "active"},
    {"kind": "label", "firm": FIRM, "label": "A", "facts": {"品名": "羽绒服", "等级": "AAAA"}},
    {"kind": "serial", "firm": FIRM, "code": "https://code.example.cn/q?c=1", "label": "A", "state": "in_use"},
)


def written(*rows: Any) -> list[bytes]:
    return [json.dumps(row, ensure_ascii=False).encode() for row in rows]


def test_each_good_line_is_a_row() -> None:
    header, firm, label, serial = read_lines([b"\xef\xbb\xbf" + written(HEADER)[0], b" \r\n", *written(*GOOD[1:])])
    assert isinstance(header, Line) and isinstance(firm, Line) and (header.number, firm.number) == (1, 3)
    assert isinstance(label, Line) and isinstance(label.row, Label)
    assert list(label.row.facts) == ["品名", "等级"], "in the order in which they stood on paper"
    assert serial == Staged(
        5, "/q?c=1", "code.example.cn", "https://code.example.cn/q?c=1", "", FIRM, "", "", "A", "in_use"
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"[" * 700 + b"]" * 700, "at most 20 levels|expected JSON"),
        (b"[" * 30_000, "expected JSON"),
        (b'{"kind": "serial", "kind": "firm"}', "a key twice"),
        (b'{"kind": "serial", "firm": "F", "code": "a\\u0000b"}', "a NUL"),
        (b'{"kind": "serial", "firm": "F", "code": "a\\ud800"}', "half a character"),
        (b'{"kind": "serial", "firm": "F", "code": "https://a.example/%00"}', "标签上的码不对"),
        (b'{"kind": "serial", "firm": "F", "code": "a\\nb"}', "标签上的码不对"),
        (b'{"kind": "serial", "firm": "F", "code": ""}', "code: expected"),
        (b'{"kind": "serial", "firm": "F", "code": "A1", "state": "sold"}', "state: expected"),
        (b'{"kind": "serial", "firm": "F", "code": "A1", "quantity": 3}', "unknown field"),
        (b'{"kind": ["serial"]}', "不认识的种类"),
        (b'{"kind": "firm", "uscc": "913304820000000031", "name": "x"}', "统一社会信用代码不对"),
        (b'{"kind": "goods", "firm": "F", "record": {"product": {"style_no": "S", "gtin": "1"}}}', "record: "),
        (b'"serial"', "expected an object, got str"),
        (b"NaN", "the number NaN"),
        (b"\xff\xfe{}", "expected JSON in UTF-8"),
        (b'{"x": "' + b"a" * LINE_MOST + b'"}', "at most 65536 bytes"),
        (written(HEADER)[0], "只有第一行写明平台"),
    ],
)
def test_a_wrong_line_is_named_and_the_next_is_read(line: bytes, reason: str) -> None:
    _, flaw, serial = read_lines([*written(HEADER), line, *written(GOOD[3])])
    assert isinstance(flaw, Flaw) and flaw.line == 2
    assert re.search(reason, flaw.reason), flaw.reason
    assert isinstance(serial, Staged)


def test_a_file_begins_with_its_platform() -> None:
    assert [type(one) for one in read_lines(written(GOOD[3], HEADER))] == [Flaw, Flaw]
    other = {**HEADER, "form": 2}
    assert "form: expected" in str(next(read_lines(written(other))))


@given(st.data())
def test_a_damaged_line_is_a_row_or_a_flaw(data: st.DataObject) -> None:
    """Good lines with bytes put in, taken out and changed."""
    line = bytearray(data.draw(st.sampled_from(written(*GOOD))))
    for _ in range(data.draw(st.integers(1, 4))):
        at, sign = data.draw(st.integers(0, len(line) - 1)), data.draw(st.binary(max_size=3))
        line[at : at + data.draw(st.integers(0, 3))] = sign
    found = list(read_lines([*written(HEADER), bytes(line), *written(GOOD[3])]))
    assert isinstance(found[-1], Staged), "what comes after it is read"
    for one in found[1:-1]:
        assert isinstance(one, Line | Staged | Flaw)
        if isinstance(one, Staged):
            assert all("\0" not in text and text.isprintable() for text in (one.rest, one.code))


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("https://Code.Example.cn/q?c=1", Place("/q?c=1", "code.example.cn")),
        ("HTTP://CODE.EXAMPLE.CN:80/q?c=1", Place("/q?c=1", "code.example.cn")),
        ("https://code.example.cn", Place("/", "code.example.cn")),
        ("https://code.example.cn?c=1#top", Place("/?c=1", "code.example.cn")),
        ("https://code.example.cn/%E7%A0%81/%7ea", Place("/码/~a", "code.example.cn")),
        (" 6901234567892-0001 ", Place("6901234567892-0001", "")),
        ("=1+1", Place("=1+1", "")),
    ],
)
def test_a_code_is_found_however_its_link_is_written(code: str, place: Place) -> None:
    assert place_of(code) == place
    if place.host:
        assert place_in(place.host.upper(), place.rest) == place


@given(st.text(max_size=40))
def test_any_text_is_a_place_or_refused(text: str) -> None:
    try:
        assert place_of(text).rest.isprintable()
    except CodeError as refusal:
        assert "标签上的码不对" in str(refusal)


def test_a_code_built_like_ours_is_known_as_such() -> None:
    serial = new_serial("7QK", secrets.token_bytes)
    link = f"https://id.example.cn/01/06901234567892/10/L1/21/{serial}"
    path = link.removeprefix("https://id.example.cn")
    for code in (serial, serial.lower(), link, link.replace("https", "http")):
        assert own_serial(code) == serial
    for disguised in (
        link + "#x", link + "/", link + "?c=1", path, f"https://id.example.cn.{path}", link.replace("/01/", "/%30%31/"),
        link.replace("L1", "21"), link.replace("L1", "A%2F21%2FB"), link.replace("L1", "A%3FB"),
    ):  # fmt: skip
        assert own_serial(disguised) == serial, "it would be found in the place of a label that is not told yet"
    for code in ("https://code.example.cn/q?c=1", "ABC", f"https://code.example.cn/{serial}", "https://a.cn/01/0/21/x"):
        assert own_serial(code) == ""
