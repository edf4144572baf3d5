"""Templates: the built-in ones load, and everything wrong is refused with file, line, slot and key."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.errors import TemplateError
from edge_agent.render.templates.template import built_in_templates, load_template, parse_template

GOOD = """\
kind = "tag"
title_zh = "吊牌"
title_en = "Tag"
size_mm = [60, 40]
required = ["product.brand"]

[[slot]]
name = "brand"
kind = "text"
at_mm = [2, 2]
size_mm = [30, 4]
text = "{product.brand}"
char_mm = 3

[[slot]]
name = "qr"
kind = "qr"
at_mm = [38, 10]
size_mm = [21, 21]

[[slot]]
name = "serial"
kind = "serial"
at_mm = [40, 33]
size_mm = [18, 5]
char_mm = 1.8
lines = 2
"""


def parsed(text: str) -> object:
    return parse_template(text.encode(), "tag")


def test_the_built_in_templates_load() -> None:
    assert {"composition_card_60x40", "down_grade_60x40", "wash_care_30"} <= set(built_in_templates())
    for name in built_in_templates():
        template = load_template(name)
        assert template.name == name
        assert name.startswith(template.kind)
        assert (
            template.version
            == hashlib.sha256(files("label_templates").joinpath(f"{name}.toml").read_bytes()).hexdigest()[:16]
        )


def test_a_path_loads_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD, "utf-8")
    template = load_template(str(path))
    assert (template.name, template.version) == ("mine", parse_template(GOOD.encode(), "x").version)
    assert parse_template(GOOD.replace("吊牌", "吊卡").encode(), "x").version != template.version


@pytest.mark.parametrize("name", ["nowhere", "", "../down_grade_60x40", "/nowhere.toml", "a\x00.toml", "标签"])
def test_what_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(TemplateError, match="template"):
        load_template(name)


WRONG = {
    "an unknown key": ("char_mm = 3", 'char_mm = 3\ncolor = "red"', "line 14, slot brand, color: unknown key"),
    "an unknown key on top": ('kind = "tag"', 'kind = "tag"\nfoo = 1', "line 2, foo: unknown key"),
    "an unknown kind": ('kind = "text"', 'kind = "picture"', "slot brand"),
    "a missing key": ('text = "{product.brand}"\n', "", "line 7, slot brand, text: expected a value"),
    "text for a number": ("char_mm = 3", 'char_mm = "3"', "line 13, slot brand, char_mm"),
    "a number out of bounds": ("char_mm = 3", "char_mm = 300", "line 13, slot brand, char_mm"),
    "not a number": ("char_mm = 3", "char_mm = nan", "line 13, slot brand, char_mm"),
    "an endless number": ("size_mm = [60, 40]", "size_mm = [inf, 40]", "line 4, size_mm"),
    "least above nominal": ("char_mm = 3", "char_mm = 3\nmin_char_mm = 4", "min_char_mm ≤ char_mm"),
    "off the label": ("at_mm = [2, 2]", "at_mm = [31, 2]", "slot brand: expected to end within 60 × 40 mm, got 61, 6"),
    "a negative place": ("at_mm = [2, 2]", "at_mm = [-1, 2]", "line 10, slot brand, at_mm"),
    "on the QR code": (
        "at_mm = [2, 2]",
        "at_mm = [20, 9]",
        "slot qr: expected room of its own, got an overlap with slot brand",
    ),
    "a name twice": ('name = "qr"', 'name = "brand"', "slot brand: expected each name once"),
    "a name that is none": ('name = "qr"', 'name = "QR code"', "line 16, slot QR code, name"),
    "no code": (
        GOOD[GOOD.index('[[slot]]\nname = "qr"') : GOOD.index('[[slot]]\nname = "serial"')],
        "",
        "exactly one qr",
    ),
    "a brace that is open": ('"{product.brand}"', '"{product.brand"', "line 12, slot brand, text: expected braces"),
    "an attribute": ('"{product.brand}"', '"{product.__class__}"', "expected braces around paths"),
    "an index": ('"{product.brand}"', '"{product[brand]}"', "expected braces around paths"),
    "a format": ('"{product.brand}"', '"{product.brand!r:>99}"', "expected braces around paths"),
    "a foreign root": ('"{product.brand}"', '"{os.environ}"', "starts with product, lot or filling"),
    "a required path from nowhere": ('["product.brand"]', '["brand"]', "line 5, required"),
    "broken TOML": ("[[slot]]", "[[slot", "expected TOML in UTF-8"),
    "a key twice": ('kind = "tag"', 'kind = "tag"\nkind = "tag"', "expected TOML in UTF-8"),
    "lines of three": ("lines = 2", "lines = 3", "slot serial, lines"),
    "a correction that is none": ("size_mm = [21, 21]", 'size_mm = [21, 21]\necc = "Z"', "slot qr, ecc"),
}


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named(old: str, new: str, said: str) -> None:
    assert old in GOOD
    parsed(GOOD)
    with pytest.raises(TemplateError) as caught:
        parsed(GOOD.replace(old, new, 1))
    assert str(caught.value).startswith("template tag")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"\x00", b"a = " + b"[" * 50_000, b"#" * 300_000, b"slot = 3", b"slot = [3]"]
)
def test_what_is_no_template_is_refused(data: bytes) -> None:
    with pytest.raises(TemplateError, match="template tag"):
        parse_template(data, "tag")


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, len(GOOD) - 1), st.integers(1, 12), st.sampled_from(["", "0", "{", '"', "[", "-", "\n", "羽", "="])
)
def test_a_damaged_template_loads_or_is_refused(place: int, length: int, new: str) -> None:
    try:
        parsed(GOOD[:place] + new + GOOD[place + length :])
    except TemplateError as error:
        assert "\n" not in str(error).split(";")[0] or "TOML" in str(error)


def test_a_box_may_lie_under_text_but_not_under_a_patch() -> None:
    box = '[[slot]]\nname = "frame"\nkind = "box"\nat_mm = [{}]\nsize_mm = [20, 5]\n'
    parsed(GOOD + box.format("1, 1"))
    with pytest.raises(TemplateError, match="slot frame: expected room of its own"):
        parsed(GOOD + box.format("39, 32"))
