"""Text: coverage of the font, line ends, fitting, and ink that stays in its box."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from edge_agent.errors import RenderError
from edge_agent.render.raster import blank, dots, dots_at_least
from edge_agent.render.type import fonts
from edge_agent.render.type.fonts import check_glyphs, face
from edge_agent.render.type.lines import tokens, wrap
from edge_agent.render.type.text import Box, Style, fit, holds, overfull, paint_lines

COMMON = "示例羽绒服绵羊毛聚酯纤维浙江省桐乡市，。、；：（）《》“”％ABCgjpqyQ0123456789 .,/()%-ÉÅ"


@pytest.mark.parametrize("text", ["国", "绒子含量 90%", "℃ № ½ é", "あ", "々", "，。（）"])
def test_what_the_font_has_passes(text: str) -> None:
    check_glyphs(text, "name")


@pytest.mark.parametrize(
    ("text", "code"), [("𠮷野家", "U+20BB7"), ("한", "U+D55C"), ("🧥", "U+1F9E5"), ("ก", "U+0E01")]
)
def test_a_missing_glyph_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(RenderError) as caught:
        check_glyphs(text, "brand")
    assert "slot brand" in str(caught.value)
    assert code in str(caught.value)


@pytest.mark.parametrize("character", ["\x00", "\x02", "\n", "\x1b", "\x7f", "\u202e", "\u200b", "\u2028", "\ufeff"])
def test_control_characters_are_refused(character: str) -> None:
    with pytest.raises(RenderError, match=f"U\\+{ord(character):04X}"):
        check_glyphs(f"A{character}B", "brand")


def test_the_cmap_agrees_with_what_is_drawn() -> None:
    """A covered character differs from .notdef; an uncovered one is .notdef (FreeType's own lookup, not ours)."""
    font = face(40).font
    notdef = bytes(font.getmask("\U0010fffe", "1"))
    for code in (*range(0x21, 0x250), *range(0x4E00, 0x9FFF, 37), 0x20BB7, 0x1F9E5, 0xD55C):
        drawn = bytes(font.getmask(chr(code), "1"))
        blank_ink = not any(drawn)
        assert blank_ink or fonts._covers(code) == (drawn != notdef), hex(code)


@pytest.mark.parametrize("height", [13, 14, 15, 18, 22, 30, 37, 50])
def test_a_face_is_as_high_as_asked(height: int) -> None:
    box = face(height).font.getmask("国", "1").getbbox()
    assert height <= box[3] - box[1] <= height + 1


@pytest.mark.parametrize(("dpi", "least"), [(203, 15), (300, 22), (600, 43)])
def test_legal_height_is_never_rounded_down(dpi: int, least: int) -> None:
    """1.8 mm: 14.39, 21.26 and 42.5 dots."""
    assert dots_at_least(1.8, dpi) == least


@pytest.mark.parametrize(("mm", "dpi", "count"), [(60, 203, 480), (40, 203, 320), (60, 300, 709), (40, 300, 472)])
def test_label_sizes_in_dots(mm: float, dpi: int, count: int) -> None:
    assert dots(mm, dpi) == count


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("面料：棉（95%）。", ["料：", "（95%）。"]),
        ("充绒量 150 g 起", ["150 g"]),
        ("绒子含量 90 %，鹅绒", ["90 %，"]),
        ("执行 GB/T 14272-2021 标准", ["GB/T 14272-2021"]),
        ("GB 18401-2010 C类", ["GB 18401-2010", "C类"]),
        ("藏青/米白", ["青/"]),
        ("示例路8号A区", ["8号"]),
    ],
)
def test_what_stays_on_one_line(text: str, kept: list[str]) -> None:
    words = tokens(text)
    assert "".join(words) == text
    for word in kept:
        assert any(word in token for token in words), words


def test_text_shrinks_before_it_is_refused() -> None:
    box, style = Box(0, 0, 200, 34), Style(26, 15, max_lines=1)
    assert fit(tokens("示例羽"), box, style, "brand", 203)[0].height_dots == 26
    assert 15 <= fit(tokens("示例羽绒服装品牌示"), box, style, "brand", 203)[0].height_dots < 26
    with pytest.raises(RenderError, match=r"slot brand: expected text that fits 25\.0 × 4\.3 mm .* got '示例羽绒服装"):
        fit(tokens("示例羽绒服装品牌示例羽绒服装品牌"), box, style, "brand", 203)


def test_ten_thousand_characters_are_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is broken to find out: not on a tag, and not on a sheet whose size alone would not say no."""
    monkeypatch.setattr("edge_agent.render.type.text.wrap_evenly", lambda *_, **__: pytest.fail("lines were broken"))
    for words in (("羽" * 10_000,), tokens("GB/T 14272-2021，" * 700)):
        for box in (Box(0, 0, 280, 160), Box(0, 0, 1100, 1600)):
            with pytest.raises(RenderError, match=f"needing {len(''.join(words))} characters"):
                fit(words, box, Style(26, 15), "name", 203)


@given(st.text(COMMON, max_size=60), st.integers(30, 300), st.integers(20, 120), st.sampled_from(["regular", "bold"]))
def test_nothing_that_would_fit_is_taken_for_overfull(text: str, width: int, height: int, weight: fonts.Weight) -> None:
    face_, box = face(15, weight), Box(0, 0, width, height)
    lines = wrap(tokens(text), face_, width)
    assert not (holds(lines, face_, box) and overfull(text, face_, box, len(lines) or 1))


def test_a_character_wider_than_its_slot_is_refused() -> None:
    with pytest.raises(RenderError, match="slot brand"):
        fit(("国",), Box(0, 0, 12, 60), Style(15, 15), "brand", 203)


def test_words_that_do_not_fit_are_told_in_lines_and_millimetres() -> None:
    with pytest.raises(RenderError, match=r"needing 3 line\(s\), 10\.0 × 7\.1 mm; shorten it"):
        fit(tokens("示例羽绒服装品牌示例羽绒服"), Box(0, 0, 90, 40), Style(15, 15), "brand", 203)


@pytest.mark.parametrize("height", range(13, 61))
def test_digits_and_capitals_are_one_height_on_one_baseline(height: int) -> None:
    """Round ones may reach a dot further where the letters are large, as type designers want it."""
    face_, most = face(height), 0 if height < 36 else 1
    for characters in ("0123456789", "ABDGHSTX"):
        tops = [face_.ink_top_dots(one) for one in characters]
        assert max(tops) - min(tops) <= most
        assert max(map(face_.descent_dots, characters)) <= most
    assert 0.7 < face_.ink_top_dots("8") / height < 0.95


@pytest.mark.parametrize("height", [15, 18, 24, 37])
@pytest.mark.parametrize("weight", ["regular", "bold"])
def test_texts_side_by_side_share_a_baseline(height: int, weight: fonts.Weight) -> None:
    """鹅绒, 90% and 150 g in three slots of one height: their letters stand on one line."""
    box, style = Box(0, 0, 400, 100), Style(height, height, weight)
    feet = []
    for text in ("国", "羊毛", "90%", "150", "A", "款号"):
        (room,) = paint_lines(blank(400, 100), face(height, weight), [text], box, style)
        feet.append(room.bottom_dots - face(height, weight).descent_dots(text))
    assert len(set(feet)) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.text(COMMON, min_size=1, max_size=30),
    st.sampled_from(["regular", "bold"]),
    st.sampled_from(["left", "center", "right"]),
    st.sampled_from(["top", "middle", "bottom"]),
)
def test_ink_stays_in_its_box(text: str, weight: fonts.Weight, align: str, valign: str) -> None:
    box = Box(20, 30, 260, 110)
    style = Style(22, 13, weight, align, valign)  # type: ignore[arg-type]
    try:
        face_, lines = fit(tokens(text), box, style, "name", 203)
    except RenderError:
        return
    image = blank(300, 140)
    paint_lines(image, face_, lines, box, style)
    ink = image.getbbox()
    assert ink is None or (ink[0] >= 20 and ink[1] >= 30 and ink[2] <= 260 and ink[3] <= 110)


def test_bold_never_closes_a_gap() -> None:
    """Each white run inside a row of a plain character survives in the bold one."""
    plain, bold = blank(80, 80), blank(80, 80)
    for image, weight in ((plain, "regular"), (bold, "bold")):
        face_ = face(22, weight)
        paint_lines(image, face_, ["鹅"], Box(2, 2, 78, 78), Style(22, 22))
    assert gaps(bold) == gaps(plain)
    assert ink_count(bold) > 1.2 * ink_count(plain)


def ink_count(image: Image.Image) -> int:
    return image.histogram()[255]


def gaps(image: Image.Image) -> int:
    """White runs between black ones, over all rows."""
    count = 0
    for y in range(image.height):
        row = "".join("#" if image.getpixel((x, y)) else " " for x in range(image.width))
        count += max(0, len(row.split()) - 1)
    return count
