"""Where lines end: nothing is lost, no line is too wide, signs and numbers stay where they belong."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge_agent.render.type.fonts import Face, face
from edge_agent.render.type.lines import tokens, wrap, wrap_evenly

CLOSING = "，。、；：！？）】》”％℃…·～,.;:!?)]%"
OPENING = "（【《“([¥"
COMMON = "示例羽绒服绵羊毛聚酯纤维浙江桐乡号类级ABCgjpqy0123456789/-@\u3000 " + CLOSING + OPENING
TEXT = st.text(COMMON, max_size=60)
FACES = st.sampled_from([face(13), face(15), face(22), face(15, "bold")])

KEPT = [
    "175/96A",
    "250 g",
    "250g",
    "90%",
    "90 %",
    "≥90%",
    "30℃",
    "30 ℃",
    "18 μm",
    "5号",
    "3层",
    "第3层",
    "8#楼",
    "A区",
    "GB/T 14272-2021",
    "FZ/T 73009-2021",
    "DB33/T 566-2020",
    "GB 18401-2010 C类",
    "GB 31701-2015 A 类",
    "0573-88886666",
    "聚酯纤维 35%",
    "山羊绒100%",
    "（95%）",
    "棉（95%）",
    "70%羊毛",
    "—— ",
    "……",
    "no\u00a0break",
    "service@example.cn",
]


def joined(lines: list[str]) -> str:
    return re.sub(r"[ \u3000]", "", "".join(lines))


def breaks_lose_spaces_only(text: str, lines: list[str]) -> bool:
    rest = text
    for line in lines:
        rest = rest.lstrip(" \u3000")
        if not rest.startswith(line):
            return False
        rest = rest[len(line) :]
    return not rest.strip(" \u3000")


def longest_sign_run(text: str) -> int:
    runs = re.findall(f"[{re.escape(CLOSING + OPENING)}\u3000 ]+", text)
    return max(map(len, runs), default=0)


@given(TEXT)
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


@pytest.mark.costly
@settings(max_examples=1000, deadline=None)
@given(TEXT, st.integers(30, 400), FACES)
def test_only_spaces_at_breaks_are_lost_and_no_line_is_too_wide(text: str, width: int, face_: Face) -> None:
    for lines in (wrap(tokens(text), face_, width), wrap_evenly(tokens(text), face_, width)):
        assert breaks_lose_spaces_only(text, lines)
        assert all(face_.width_dots(line) <= width for line in lines)
        assert all(line == line.strip() and line for line in lines)


@pytest.mark.costly
@settings(max_examples=1000, deadline=None)
@given(TEXT, st.integers(0, 200), FACES)
def test_signs_stand_where_they_may(text: str, spare: int, face_: Face) -> None:
    """In any width that holds a character with the signs around it, however long the words are."""
    assume(longest_sign_run(text) <= 3)
    width = 8 * face_.width_dots("国") + spare
    for lines in (wrap(tokens(text), face_, width), wrap_evenly(tokens(text), face_, width)):
        assert not any(line[0] in CLOSING for line in lines[1:]), lines
        assert not any(line[-1] in OPENING for line in lines[:-1]), lines


@pytest.mark.parametrize("kept", KEPT)
def test_what_belongs_together_stays_on_one_line(kept: str) -> None:
    """Wherever on the line it falls."""
    face_ = face(15)
    width = face_.width_dots("国" * 9 + kept + "国")
    for count in range(30):
        comma = "，" if kept[0] in "聚山棉7" else ""  # else the name may begin earlier, or come first
        lines = wrap(tokens(f"{'国' * count}{comma}{kept}，国国国"), face_, width)
        assert any(kept.strip() in line for line in lines), lines


@pytest.mark.parametrize(
    ("text", "width_of", "lines"),
    [
        ("执行标准 GB/T 14272-2021", "GB/T 14272-2021", ["执行标准", "GB/T 14272-2021"]),
        ("GB/T 14272-2021", "14272-2021", ["GB/T", "14272-2021"]),
        ("GB 18401-2010 C类", "GB 18401-2010", ["GB 18401-2010", "C类"]),
        ("GB 18401-2010 C类", "GB 18401-2010 C", ["GB 18401-2010", "C类"]),
        ("再生纤维素纤维 100%", "再生纤维素纤维", ["再生纤维素纤维", "100%"]),
        ("0573-88886666", "88886666", ["0573-", "88886666"]),
        ("示例 service@example.com.cn", "service@exam", ["示例 service@", "example.com.", "cn"]),
        ("ABCDEFGHIJ，", "ABCDEFG", ["ABCDEFG", "HIJ，"]),
        ("ABCDEFGH，", "ABCDEFGH", ["ABCDEFG", "H，"]),
        ("面料：棉　里料：棉", "面料：棉", ["面料：棉", "里料：棉"]),
    ],
)
def test_a_word_that_no_line_holds_is_cut_where_it_hurts_least(text: str, width_of: str, lines: list[str]) -> None:
    assert wrap(tokens(text), face(15), face(15).width_dots(width_of)) == lines


def test_signs_give_way_only_where_a_line_cannot_hold_them() -> None:
    """A line as wide as one character: the signs cannot stay, but nothing is lost and nothing is wider."""
    face_ = face(15)
    assert wrap(tokens("国，棉。"), face_, face_.width_dots("国")) == ["国", "，", "棉", "。"]


def test_percent_first_and_percent_last_keep_their_fibre() -> None:
    assert tokens("羊毛70%聚酯纤维30%") == ("羊毛70%", "聚酯纤维30%")
    assert tokens("70%羊毛30%聚酯纤维") == ("70%羊毛", "30%聚酯纤维")
    assert tokens("面料：棉 60% 涤 40%") == ("面", "料：", "棉 60% ", "涤 40%")


def test_a_sign_after_a_space_stays_with_the_word_before() -> None:
    assert tokens("棉 ，丝 ） 麻") == ("棉 ，", "丝 ） ", "麻")
    assert tokens("（ 棉") == ("（ 棉",)


def test_a_lonely_last_character_gets_company() -> None:
    words, face_ = tokens("浙江省嘉兴市平湖市示例路南"), face(15)
    width = face_.width_dots("浙江省嘉兴市平湖市示例路")
    assert wrap(words, face_, width)[-1] == "南"
    assert len(wrap_evenly(words, face_, width)[-1]) > 3
    assert len(wrap_evenly(words, face_, width, lonely_dots=30)[-1]) > 1


@pytest.mark.parametrize("term", ["婴幼儿用品", "羽绒服", "鹅绒", "山羊绒", "绵羊毛"])
def test_a_term_is_on_one_line_wherever_it_stands(term: str) -> None:
    """GB 31701 婴幼 / 儿用品 on a wash label was one that an inspector would have sent back."""
    face_ = face(15)
    for before in range(9):
        lines = wrap(tokens(f"{'国' * before}{term}"), face_, face_.width_dots("国" * 9))
        assert any(term in line for line in lines), lines
    assert "".join(wrap(tokens(term), face_, face_.width_dots("国"))) == term
