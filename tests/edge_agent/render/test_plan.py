"""Plans: background and patches make the label, data is only ever drawn, what is absent is left out or refused."""

from __future__ import annotations

import copy
import json
import random
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from edge_agent.errors import NotFoundError, RenderError
from edge_agent.labels.from_snapshot import plan_of_job
from edge_agent.render.facts import fill
from edge_agent.render.painters.indicators import level_number
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.raster import to_image
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.template import former_template, load_template, parse_template
from edge_agent.render.type.fonts import Face
from garment.record import record_from
from label_protocol.chain import canonical
from label_protocol.codes import serial
from label_protocol.codes.scanned import read_scan
from label_protocol.errors import AgentError, CodeError

SAMPLES = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples"
DOWN = json.loads((SAMPLES / "down_graded.json").read_text("utf-8"))
BLEND = json.loads((SAMPLES / "knit_blend.json").read_text("utf-8"))
TAG, CARD = load_template("down_grade_60x40"), load_template("composition_card_60x40")
PLACED_FILE = Path(__file__).parents[3] / "label_templates" / "former" / "down_grade_60x40-95e0de99970cf1f1.toml"
"""The tag of format 1: its slots have places, so one of them can be too small."""
PLACED = parse_template(PLACED_FILE.read_bytes(), "down_grade_60x40")
SERIALS = [serial.new_serial("7K3", random.Random(seed).randbytes) for seed in range(8)]


def snapshot_of(record: dict[str, Any], template: Any = TAG, **link: Any) -> dict[str, Any]:
    return make_snapshot(record_from(record).facts(), template, rules={"x": "1"}, **{"host": "id.example.cn", **link})


def plan_of(record: dict[str, Any], template: Any = TAG, dpi: int = 203, **link: Any) -> LabelPlan:
    return plan_label(template, snapshot_of(record, template, **link), dpi)


def changed(record: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy with one fact replaced, or with None removed."""
    record = copy.deepcopy(record)
    *steps, last = path.split(".")
    place = record
    for step in steps:
        place = place[step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return record


@pytest.mark.costly
@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize(("record", "template"), [(DOWN, TAG), (DOWN, CARD), (BLEND, CARD)])
def test_patches_hold_all_ink_they_meet_and_keep_their_quiet_zone(
    record: dict[str, Any], template: Any, dpi: int
) -> None:
    plan = plan_of(record, template, dpi)
    background = to_image(plan.background)
    box, quiet = plan.symbol_box, plan.quiet_dots
    zone = background.crop(
        (box.left_dots - quiet, box.top_dots - quiet, box.right_dots + quiet, box.bottom_dots + quiet)
    )
    assert zone.getbbox() == (quiet, quiet, quiet + plan.symbol.side_dots, quiet + plan.symbol.side_dots)
    for text in SERIALS:
        by_hand = background.copy()
        for patch in plan.patches(text):
            image = to_image(patch.bitmap)
            at = (patch.x_dots, patch.y_dots, patch.x_dots + image.width, patch.y_dots + image.height)
            assert ImageChops.logical_or(background.crop(at), image).tobytes() == image.tobytes()
            assert image.getbbox() is not None
            by_hand.paste(image, at)
        assert by_hand.tobytes() == plan.full(text).rows == plan.alone(text).rows


def test_slots_do_not_overlap_in_dots() -> None:
    for template, dpi in ((TAG, 203), (TAG, 300), (CARD, 203), (CARD, 300), (CARD, 600)):
        plan = plan_of(DOWN, template, dpi)
        for patch_slot in (template.qr.name, template.serial.name):
            for name, box in plan.boxes.items():
                assert name == patch_slot or not box.overlaps(plan.boxes[patch_slot]), (name, dpi)


def test_legal_text_is_never_below_its_height() -> None:
    for dpi, least in ((203, 15), (300, 22)):
        for name, height in plan_of(BLEND, CARD, dpi).sizes.items():
            assert height >= (least if name != "serial" else 13), (name, height)


@pytest.mark.parametrize("upper", [True, False])
def test_every_label_of_a_run_is_read_back(upper: bool) -> None:
    plan = plan_of(DOWN, upper=upper)
    for text in SERIALS:
        image = ImageChops.invert(to_image(plan.full(text))).convert("L")
        assert [code.text for code in zxingcpp.read_barcodes(image)] == [plan.link(text)]


def test_a_snapshot_of_before_is_printed_as_it_was_promised() -> None:
    """Jobs opened before schemes were printed in lower case: their snapshots say `upper`, and stay what they are."""
    snapshot = snapshot_of(DOWN)
    old = snapshot | {"link": {"host": "id.example.cn", "case": "upper"}}
    plan = plan_of_job(TAG.name, old, 203)
    link = plan.link(SERIALS[0])
    assert link.startswith("HTTPS://ID.EXAMPLE.CN/01/")
    for bitmap in (plan.full(SERIALS[0]), plan.alone(SERIALS[0])):
        image = ImageChops.invert(to_image(bitmap)).convert("L")
        assert [code.text for code in zxingcpp.read_barcodes(image)] == [link]
    assert read_scan(link, "id.example.cn").link == read_scan(plan_of(DOWN).link(SERIALS[0]), "id.example.cn").link


def test_a_sticker_ordered_before_has_the_template_and_the_symbol_of_then() -> None:
    """Its template lost a level of error correction to the scheme in small letters; open jobs keep both."""
    now = load_template("code_sticker_30x20")
    snapshot = snapshot_of(changed(BLEND, "lot", None), now)
    then = {"name": now.name, "version": "c36d87a8cbae68e6", "kind": now.kind}
    old = snapshot | {"template": then, "link": {"host": "id.example.cn", "case": "upper"}}
    for promised, ecc, scheme in ((snapshot, "L", "https"), (old, "M", "HTTPS")):
        plan = plan_of_job(now.name, promised, 203)
        assert (plan.symbol.modules, plan.symbol.ecc) == (29, ecc)
        assert plan.link(SERIALS[0]).startswith(f"{scheme}://ID.EXAMPLE.CN/01/")
    for version in ("0" * 16, "../former/x", ""):
        with pytest.raises(NotFoundError, match="cancel the job"):
            plan_of_job(now.name, snapshot | {"template": then | {"version": version}}, 203)


def test_a_former_template_is_the_one_its_name_says() -> None:
    kept = [entry.name[:-5].rpartition("-") for entry in files("edge_agent_templates").joinpath("former").iterdir()]
    assert kept, "one at least is kept"
    for name, _, version in kept:
        template = former_template(name, version)
        assert template is not None
        assert (template.name, template.version) == (name, version) != (name, load_template(name).version)


def test_a_serial_looks_the_same_whatever_was_printed_before() -> None:
    one, other = plan_of(DOWN), plan_of(DOWN)
    one.full(SERIALS[0])
    assert one.full(SERIALS[1]) == other.full(SERIALS[1])


def test_a_serial_that_is_none_is_refused() -> None:
    plan = plan_of(DOWN)
    for draw in (plan.patches, plan.full, plan.specimen, plan.link):
        with pytest.raises(CodeError):
            draw("7K3M9QX2W4T8VBN5!")


def test_a_specimen_says_so_and_cannot_be_scanned() -> None:
    plan = plan_of(DOWN)
    for text in (None, SERIALS[0]):
        image = to_image(plan.specimen(text))
        assert zxingcpp.read_barcodes(ImageChops.invert(image).convert("L")) == []
        box = plan.symbol_box
        assert image.crop((box.left_dots, box.top_dots, box.right_dots, box.bottom_dots)).getbbox() is not None
    box = plan.boxes["serial"]
    at = (box.left_dots, box.top_dots, box.right_dots, box.bottom_dots)
    assert to_image(plan.specimen()).crop(at).getbbox() is None
    assert to_image(plan.specimen(SERIALS[0])).crop(at).tobytes() == to_image(plan.full(SERIALS[0])).crop(at).tobytes()


def test_a_long_host_makes_modules_too_fine_and_is_refused() -> None:
    with pytest.raises(RenderError, match="slot qr: expected modules of at least"):
        plan_of(DOWN, PLACED, host="a" * 60 + "." + "b" * 60 + ".cn", dpi=300)


def test_a_code_too_large_for_the_label_is_refused_where_slots_give_way() -> None:
    host = ".".join("a" * 60 for _ in range(4)) + ".cn"
    with pytest.raises(RenderError, match=r"部位 qr 的二维码太大：网址 A+ 有 246 个.* slot qr: .* host of 246 char"):
        plan_of(DOWN, host=host, dpi=300)


def test_a_text_with_too_many_lines_is_told_its_lines() -> None:
    record = copy.deepcopy(DOWN)
    record["product"]["name"] = "男式连帽羽绒服" * 12
    with pytest.raises(RenderError, match=r"宽里要排 \d 行，最多 3 行.* slot name: .* lines in .* where 3 may"):
        plan_of(record)


@pytest.mark.parametrize("slot", ["name", "facts"])
def test_a_text_larger_than_the_label_is_refused_before_it_is_set(slot: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set at each width and in each of the template's ways it was measured two million characters long, a quarter of a
    second for one request that a stranger may send."""
    record, measured, width_dots = copy.deepcopy(BLEND), [0], Face.width_dots
    place, fact = (record["product"], "name") if slot == "name" else (record["product"]["maker"], "address")
    place[fact] = "示例" * 5000

    def counted(face_: Face, text: str) -> int:
        measured[0] += len(text)
        return width_dots(face_, text)

    monkeypatch.setattr(Face, "width_dots", counted)
    with pytest.raises(RenderError, match=rf"部位 {slot} 放不下.*高度还差 \d+\.\d mm"):
        plan_of(record, CARD)
    assert measured[0] < 4 * 10_000


def test_a_word_too_wide_and_texts_too_high_are_told_by_what_is_missing() -> None:
    wide, high = copy.deepcopy(DOWN), copy.deepcopy(BLEND)
    wide["product"]["style_no"] = "W" * 40
    with pytest.raises(RenderError, match=r"部位 style .*宽度还差 [1-9]\d*\.\d mm.* slot style: .* too little width"):
        plan_of(wide)
    high["product"]["maker"]["address"] = "浙江省嘉兴市平湖市示例路" * 12
    with pytest.raises(RenderError, match=r"部位 facts .*高度还差 \d\.\d mm.* slot facts: .* too little height"):
        plan_of(high, CARD)


HOSTILE = [
    "^XZ",
    "~JA",
    "^FS^FD",
    "<script>alert(1)</script>",
    "\"'`;--",
    "{product.gtin}",
    "{0}",
    "%s",
    "\\",
    "${x}",
    "&amp;",
]


@pytest.mark.costly
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("path", ["product.brand", "product.name", "product.style_no", "lot.grade.overall"])
def test_hostile_text_is_drawn_as_text_or_refused(path: str, text: str) -> None:
    plain = plan_of(DOWN)
    try:
        plan = plan_of(changed(DOWN, path, text))
    except RenderError as error:
        assert "slot" in str(error)
        return
    assert plan.background.rows != plain.background.rows
    assert text.encode() not in plan.background.rows


def test_facts_are_not_searched_for_paths() -> None:
    facts = {"product": {"brand": "{product.name}", "name": "x"}}
    assert fill("{product.brand}", facts, "brand") == "{product.name}"


@pytest.mark.parametrize("text", ["A\x00B", "A\x1bB", "羽\u202e绒", "A\nB", "𠮷", "A\x03"])
@pytest.mark.parametrize("path", ["brand", "maker"])
def test_control_bytes_and_missing_glyphs_name_their_slot(path: str, text: str) -> None:
    snapshot = snapshot_of(BLEND, CARD)
    if path == "brand":
        snapshot["product"]["brand"] = text
    else:
        snapshot["product"]["maker"]["name"] = text
    with pytest.raises(RenderError, match=r"slot (brand|facts): expected .* U\+|slot (brand|facts): .*\(U\+"):
        plan_label(CARD, snapshot, 203)


@pytest.mark.parametrize("path", ["brand", "name", "style_no", "safety", "standard", "colour", "quality_class"])
def test_ten_thousand_characters_are_refused_by_slot(path: str) -> None:
    snapshot = snapshot_of(BLEND, CARD)
    snapshot["product"][path] = "^XZ羽" * 2500
    with pytest.raises(RenderError, match="slot"):
        plan_label(CARD, snapshot, 203)


@pytest.mark.costly
@settings(max_examples=80, deadline=None)
@example("brand", " ")
@given(
    st.sampled_from(["brand", "name", "style_no", "colour", "size", "standard", "safety"]),
    st.text(min_size=1, max_size=30),
)
def test_any_text_is_drawn_or_refused(field: str, text: str) -> None:
    snapshot = snapshot_of(BLEND, CARD)
    snapshot["product"][field] = text
    try:
        plan_label(CARD, snapshot, 203)
    except AgentError as error:
        assert "expected" in str(error)


@pytest.mark.costly
@pytest.mark.parametrize("path", ["product.colour", "product.quality_class", "lot"])
def test_what_is_optional_is_left_out(path: str) -> None:
    plan = plan_of(changed(BLEND, path, None), CARD)
    assert plan.full(SERIALS[0]).rows != plan_of(BLEND, CARD).full(SERIALS[0]).rows
    assert "colour" in plan.sizes or path == "product.colour"


def test_a_label_without_a_lot_has_a_link_without_one() -> None:
    link = plan_of(changed(BLEND, "lot", None), CARD).link(SERIALS[0])
    assert link == f"https://ID.EXAMPLE.CN/01/06901234567915/21/{SERIALS[0]}"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("lot", r"lot\.lot_no"),
        ("lot.grade", r"lot\.grade\.overall"),
        ("lot.grade.overall", r"lot\.grade\.overall"),
        ("product.fill_weight_g", r"product\.fill_weight_g for this product\.size"),
    ],
)
def test_what_is_required_is_refused_by_path(path: str, said: str) -> None:
    with pytest.raises(RenderError, match=f"template down_grade_60x40: expected {said}, got nothing"):
        plan_of(changed(DOWN, path, None))


def test_the_fill_weight_of_this_size_is_printed() -> None:
    other = changed(DOWN, "product.fill_weight_g", {**DOWN["product"]["fill_weight_g"], "180/96A": 999})
    assert plan_of(other).background == plan_of(DOWN).background
    own = changed(DOWN, "product.fill_weight_g", {**DOWN["product"]["fill_weight_g"], "175/92A": 999})
    assert plan_of(own).background != plan_of(DOWN).background


@pytest.mark.parametrize(
    ("level", "marks"), [("A", 1), ("AAA", 3), ("AAAAA", 5), ("4A", 4), ("6A", None), ("B", None), ("٣A", None)]
)
def test_levels_in_both_notations(level: str, marks: int | None) -> None:
    assert level_number(level) == marks


@pytest.mark.costly
@pytest.mark.parametrize("overall", ["AAAAA", "5A", "A", "合格"])
def test_every_grade_fits_its_mark(overall: str) -> None:
    record = changed(DOWN, "lot.grade.overall", overall)
    for dpi in (203, 300):
        assert plan_of(record, dpi=dpi).background != plan_of(DOWN, dpi=dpi).background


def test_the_snapshot_says_what_was_printed() -> None:
    snapshot = snapshot_of(DOWN)
    assert list(snapshot) == ["snapshot", "product", "lot", "template", "rules", "link"]
    assert snapshot["template"] == {"name": TAG.name, "version": TAG.version, "kind": "down_grade", "engine": 2}
    of_format_1 = {"name": PLACED.name, "version": PLACED.version, "kind": "down_grade"}
    assert snapshot_of(DOWN, PLACED)["template"] == of_format_1, "no engine: its hash is the one it always had"
    assert snapshot["link"] == {"host": "id.example.cn", "case": "mixed"}
    assert "lot" not in snapshot_of(changed(BLEND, "lot", None), CARD)
    canonical(snapshot)


def test_a_float_never_enters_a_snapshot() -> None:
    with pytest.raises(RenderError, match=r"snapshot\.product\.x\[1\]: expected a decimal string or an integer"):
        make_snapshot({"product": {"gtin": "6901234567892", "x": ["1", 0.5]}}, TAG, rules={}, host="a.cn")


@pytest.mark.parametrize(
    ("path", "value"), [("product.gtin", "06901234567893"), ("lot.lot_no", "批 1"), ("lot.lot_no", "A" * 21)]
)
def test_what_no_link_can_carry_never_becomes_a_snapshot(path: str, value: str) -> None:
    with pytest.raises(CodeError):
        snapshot_of(changed(DOWN, path, value))


def test_a_snapshot_of_another_template_is_refused() -> None:
    with pytest.raises(RenderError, match="open a new job"):
        plan_label(CARD, snapshot_of(DOWN, TAG), 203)


@pytest.mark.parametrize(("template", "engine"), [(TAG, 3), (TAG, 1), (TAG, None), (PLACED, 2)])
def test_a_snapshot_of_another_engine_is_not_drawn_at_all(template: Any, engine: int | None) -> None:
    snapshot = snapshot_of(DOWN, template)
    snapshot["template"].pop("engine", None)
    if engine is not None:
        snapshot["template"]["engine"] = engine
    told = f"expected layout engine {template.engine}, got a snapshot of engine {engine or 1}; cancel the job"
    with pytest.raises(RenderError, match=told):
        plan_label(template, snapshot, 203)


def test_a_snapshot_of_format_1_that_names_no_engine_is_drawn() -> None:
    assert "engine" not in snapshot_of(DOWN, PLACED)["template"]
    plan_of(DOWN, PLACED)


@pytest.mark.parametrize("dpi", [0, -203, 50, 5000])
def test_a_resolution_that_is_none_is_refused(dpi: int) -> None:
    with pytest.raises(RenderError, match="dpi"):
        plan_of(DOWN, dpi=dpi)


def test_a_serial_slot_that_is_too_small_is_refused_before_any_serial_is_drawn() -> None:
    template = parse_template(PLACED_FILE.read_bytes().replace(b"size_mm = [18, 4.8]", b"size_mm = [12, 4.8]"), "small")
    with pytest.raises(RenderError, match="slot serial: expected room for 17 characters"):
        plan_label(template, snapshot_of(DOWN, template), 203)


def test_the_widest_serial_stays_in_its_slot() -> None:
    patches = plan_of(DOWN)._serial_patches
    for character in "W0IM":
        image = to_image(patches.bitmap(character * 17))
        ink = image.getbbox()
        assert ink is not None
        assert count_runs(image) >= 9, "characters do not run into each other"


def count_runs(image: Image.Image) -> int:
    """Separate blobs in the second line, by empty columns between them."""
    half = image.crop((0, image.height // 2 + 1, image.width, image.height))
    ink = ["#" if half.crop((x, 0, x + 1, half.height)).getbbox() else " " for x in range(half.width)]
    return len("".join(ink).split())
