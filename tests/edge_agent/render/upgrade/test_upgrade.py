"""A template of format 1, upgraded: the same slots in the same order, and every record that it drew is drawn whole."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_agent.errors import RenderError, TemplateError
from edge_agent.labels.prepare import LinkStyle
from edge_agent.render.facts import facts_of
from edge_agent.render.plan import Layout, lay_out, plan_label
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.template import Template, parse_template
from edge_agent.render.upgrade.keys import keys_that_go
from edge_agent.render.upgrade.upgrade import upgraded
from garment.record import parse_record, record_from
from tests.edge_agent.render.test_template import GOOD
from tests.kits.check_code_kit import KEY_ID, KEYS
from tests.kits.reading_kit import assert_read_back
from tests.kits.records_kit import Room, records
from tools.docs.gallery import ARTWORK, SAMPLES

FOLDER = Path(__file__).resolve().parents[4] / "label_templates"
CARD = FOLDER / "former" / "composition_card_60x40-55be25768ddf540e.toml"
HOST = LinkStyle("id.example.cn").host

SITES = (
    ('text = "号型"', 'text = "尺码"'),
    ("at_mm = [2.5, 23.0]\nsize_mm = [35, 15.2]", "at_mm = [2.5, 20.7]\nsize_mm = [35, 17.5]"),
    (
        '"{product.quality_class}" },\n',
        '"{product.quality_class}" },\n  { label = "检验报告", text = "{lot.report_no}" },\n',
    ),
    ("size_mm = [35, 8.1]", "size_mm = [35, 6.2]"),
    ("at_mm = [2.5, 22.2]", "at_mm = [2.5, 20.1]"),
)
"""What docs/templates.md told a site to change of its copy, as long as it taught format 1."""


def sites_own() -> bytes:
    text = CARD.read_text("utf-8")
    for old, new in SITES:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text.encode()


def of_format_1() -> dict[str, bytes]:
    """Every label of format 1 that there is or was, and a site's own."""
    files = {path.stem: path.read_bytes() for path in sorted(FOLDER.rglob("*.toml"))}
    found = {name: data for name, data in files.items() if tomllib.loads(data.decode()).get("format", 1) == 1}
    del found["order_sheet_a5"]
    return {**found, "my_card": sites_own()}


OLD = of_format_1()
each = pytest.mark.parametrize("name", OLD)


def name_of(stem: str) -> str:
    return stem.partition("-")[0]


def old_and_new(stem: str) -> tuple[Template, Template]:
    data, name = OLD[stem], name_of(stem)
    return parse_template(data, name), parse_template(upgraded(data, name).data, name)


def drawn(template: Template, facts: dict[str, Any], dpi: int) -> tuple[Layout, Template, Mapping[str, Any]] | None:
    """The label, and what it is read back by; None: refused."""
    snapshot = make_snapshot(facts, template, rules={}, host=HOST)
    if template.check_code is not None:
        snapshot["check_code"] = {"key_id": KEY_ID}
    try:
        if not template.coded:
            return lay_out(template, snapshot, dpi, artwork=ARTWORK.get), template, facts_of(snapshot)
        plan = plan_label(template, snapshot, dpi, codes=KEYS.codes(KEY_ID), artwork=ARTWORK.get)
        return plan, template, facts_of(snapshot)
    except RenderError:
        return None


def facts_in(sample: str) -> dict[str, Any]:
    return dict(parse_record(SAMPLES[sample].read_bytes()).facts())


def test_all_that_was_of_format_1_is_tried() -> None:
    assert {"my_card", CARD.stem} <= OLD.keys() and len({name_of(stem) for stem in OLD}) > 5


@each
def test_all_but_the_places_stays(name: str) -> None:
    old, new = old_and_new(name)
    assert new.format == 2 and new.way
    for key in ("kind", "title_zh", "title_en", "size_mm", "required", "continuous"):
        assert getattr(new, key) == getattr(old, key)
    for was, now in zip(old.placed, new.items, strict=True):
        gone, told, kept = keys_that_go(was), was.model_dump(exclude_unset=True), now.model_dump(exclude_unset=True)
        assert {key: value for key, value in told.items() if key not in gone}.items() <= kept.items()


@each
def test_comments_stay(name: str) -> None:
    comments = [line for line in OLD[name].decode().splitlines() if line.startswith("#")]
    new = upgraded(OLD[name], name_of(name)).data.decode().splitlines()
    assert comments and [line for line in new if line in comments] == comments


@each
@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.costly
def test_what_was_drawn_is_drawn_whole_and_reads_in_the_same_order(name: str, dpi: int) -> None:
    old, new = old_and_new(name)
    tried = 0
    for sample in SAMPLES:
        if (was := drawn(old, facts_in(sample), dpi)) is None:
            continue
        now = drawn(new, facts_in(sample), dpi)
        assert now is not None, sample
        assert_read_back(*now, dpi, apart=False)
        assert_same_order(was[0], now[0])
        tried += 1
    assert bool(tried) == (name not in DRAWS_NONE)


@each
@pytest.mark.costly
@settings(max_examples=12, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_record_that_was_drawn_is_drawn_whole(name: str, data: st.DataObject) -> None:
    old, new = old_and_new(name)
    facts = record_from(data.draw(records(old.kind, WIDE))).facts()
    if old.kind == "code_sticker":
        del facts["lot"]  # its code has no room for one
    if (was := drawn(old, facts, 203)) is not None:
        now = drawn(new, facts, 203)
        assert now is not None
        assert_read_back(*now, 203, apart=False)
        assert_same_order(was[0], now[0])


WIDE = Room(brand=12, name=24, maker=20, address=40, fibres=3)
"""Some of it more than the old labels took."""

DRAWS_NONE = {"code_sticker_30x20-c36d87a8cbae68e6"}
"""At level M no link in small letters goes into its 29 modules: today's sticker is of level L."""


def assert_same_order(was: Layout, now: Layout) -> None:
    """What stood above another, or left of it, does not stand below it, or right of it."""
    for one, other in combinations([name for name in now.boxes if name in was.boxes], 2):
        for first, second in ((one, other), (other, one)):
            (a, b), (c, d) = (was.boxes[first], was.boxes[second]), (now.boxes[first], now.boxes[second])
            if a.bottom_dots <= b.top_dots and min(a.right_dots, b.right_dots) > max(a.left_dots, b.left_dots):
                assert c.bottom_dots <= d.top_dots or c.right_dots <= d.left_dots, (first, second)
            if a.right_dots <= b.left_dots and min(a.bottom_dots, b.bottom_dots) > max(a.top_dots, b.top_dots):
                assert c.right_dots <= d.left_dots or c.bottom_dots <= d.top_dots, (first, second)


# --- what cannot be, and what is told ---------------------------------------------------------------------------------

EMPTY = """
[[slot]]
name = "{name}"
kind = "text"
text = "{name}"
at_mm = {at}
size_mm = {size}
char_mm = 2
"""
"""A slot more."""


def more(*slots: tuple[str, list[float], list[float]]) -> bytes:
    return (GOOD + "".join(EMPTY.format(name=name, at=at, size=size) for name, at, size in slots)).encode()


def refusal(data: bytes) -> str:
    with pytest.raises(TemplateError) as refused:
        upgraded(data, "mine")
    zh, _, en = str(refused.value).partition(" · ")
    assert "请" in zh and "expected" in en
    return str(refused.value)


def test_slots_in_neither_rows_nor_columns_are_named() -> None:
    pinwheel = more(("a", [2, 20], [10, 5]), ("b", [12, 20], [5, 10]), ("c", [7, 30], [10, 5]), ("d", [2, 25], [5, 10]))
    assert "between slots a, b, d, c" in refusal(pinwheel)


def test_what_is_of_format_2_stays_as_it_is() -> None:
    assert "expected format 1, got 2" in refusal(upgraded(CARD.read_bytes(), "card").data)


def test_an_order_sheet_is_refused() -> None:
    assert "order sheet" in refusal((FOLDER / "order_sheet_a5.toml").read_bytes())


def test_a_template_with_flaws_is_refused_by_line() -> None:
    with pytest.raises(TemplateError, match=r"line 13, slot brand, char_mm"):
        upgraded(GOOD.replace("char_mm = 3", "char_mm = 300", 1).encode(), "mine")


def test_slots_in_one_list_are_refused() -> None:
    head, *slots = GOOD.split("[[slot]]")
    listed = ",\n".join("{" + slot.strip().replace("\n", ", ") + "}" for slot in slots)
    assert "[[slot]]" in refusal(f"{head}slot = [{listed}]".encode())


def test_a_frame_around_others_is_left_out_and_told() -> None:
    frame = '[[slot]]\nname = "frame"\nkind = "box"\nat_mm = [1, 1]\nsize_mm = [33, 26]\nstroke_mm = 0.25\n'
    plain = EMPTY.format(name="plain", at=[2, 20], size=[10, 5])
    made = upgraded((GOOD + plain + frame).encode(), "mine")
    (told,) = made.told
    assert "slot frame" in told and "部位 frame" in told
    new = parse_template(made.data, "mine")
    assert "frame" in {item.name for item in new.items} and "frame" not in new.way[0].names()


def test_margins_of_two_widths_are_told() -> None:
    (told,) = upgraded(GOOD.replace("at_mm = [2, 2]", "at_mm = [8, 2]").encode(), "mine").told
    assert "8.0 mm left" in told and "左边空 8.0 mm" in told


def test_a_rule_between_columns_stays_thin() -> None:
    rule = '[[slot]]\nname = "rule"\nkind = "box"\nat_mm = [34, 2]\nsize_mm = [0.5, 36]\n'
    new = parse_template(upgraded((GOOD + rule).encode(), "mine").data, "mine")
    drawn_ = drawn(new, facts_in("knit_cashmere"), 203)
    assert drawn_ is not None
    boxes = drawn_[0].boxes
    assert boxes["rule"].width_dots == 4 and boxes["rule"].height_dots > 200
    assert boxes["brand"].right_dots < boxes["rule"].left_dots < boxes["qr"].left_dots


def test_lines_end_as_they_ended() -> None:
    made = upgraded(GOOD.replace("\n", "\r\n").encode(), "mine").data
    assert made.count(b"\r\n") == made.count(b"\n") > 20
    assert made.replace(b"\r\n", b"\n") == upgraded(GOOD.encode(), "mine").data


def test_a_quiet_zone_is_no_margin() -> None:
    assert parse_template(upgraded(CARD.read_bytes(), "card").data, "card").margin_mm[0] == 2.5


def test_a_code_as_high_as_the_label_keeps_its_room() -> None:
    """Of more modules than our own links take."""
    low = GOOD.replace("[60, 40]", "[60, 23.6]").replace("[38, 10]", "[37, 0.5]").replace("[2, 2]", "[2, 4]")
    low = (
        low.replace("[21, 21]", "[22.6, 22.6]\nmin_x_mm = 0.5")
        .replace("at_mm = [40, 33]", "at_mm = [2, 10]")
        .replace("= 1.8", "= 1.8\nmin_char_mm = 1.6")
    )
    host = "trace.factory-with-a-long-name.example.cn"
    for template in (parse_template(low.encode(), "low"), parse_template(upgraded(low.encode(), "low").data, "low")):
        snapshot = make_snapshot(facts_in("knit_cashmere"), template, rules={}, host=host)
        assert plan_label(template, snapshot, 203).symbol.modules > 33


def test_a_caption_too_close_to_its_value_is_told() -> None:
    (told,) = upgraded(CARD.read_bytes(), "card").told
    assert "slots style, colour:" in told and "部位 style、colour " in told and "\\u2002" in told
    spaced = CARD.read_text("utf-8").replace("款号 {", "款号\\u2002{").replace("颜色 {", "颜色\\u2002{")
    assert upgraded(spaced.encode(), "card").told == ()
