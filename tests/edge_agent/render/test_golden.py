"""The gallery's pictures are golden labels, dot for dot, and decoded; its page says what was drawn and what refused.

After a wanted change run `make gallery`, look at every picture, then commit. A mismatch leaves a picture in the test's
temporary folder: red = only in the golden, green = only in the new label.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from edge_agent.errors import RenderError
from edge_agent.labels.prepare import LabelTerms, prepare
from edge_agent.render.facts import facts_of, plain_number, value
from edge_agent.render.page import Piece
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.preview import write_preview
from edge_agent.render.raster import dots, dots_at_least
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.template import load_template
from edge_agent.render.type.text import Box
from garment.record import GarmentRecord, Part, parse_record
from tools.docs import gallery
from tools.docs.gallery import PAGE, PICTURES, SAMPLES, SERIAL, Case, Label

UPDATE = bool(os.environ.get("UPDATE_GOLDENS"))
ALL = list(gallery.cases())
CASES = [c for c in ALL if (isinstance(gallery.rendered(c), Label) if UPDATE else (PICTURES / c.file).exists())]
"""Labels and no refusals, as their pictures tell: rendered by the tests, not whenever this file is imported."""
LEAST_TEXT_MM, LEAST_SERIAL_MM = 1.8, 1.6
HOLE_MM = {"child_tag_50x90": 8.5, "down_grade_40x90": 9.0, "down_hangtag_50x90": 8.5}
"""Hang tags are punched: so much at the top stays paper."""

ORDERS, CARTONS = list(gallery.order_cases()), list(gallery.carton_cases())

every_picture = pytest.mark.parametrize("case", CASES + ORDERS + CARTONS, ids=str)
every_square_code = pytest.mark.parametrize("case", CASES + ORDERS, ids=str)
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def test_what_is_a_label_has_its_golden_and_nothing_else_has() -> None:
    labels = [case for case in ALL if isinstance(gallery.rendered(case), Label)]
    assert labels == [case for case in ALL if (PICTURES / case.file).exists()]


def label_of(case: Case) -> Label:
    label = gallery.rendered(case)
    assert isinstance(label, Label), label
    return label


@every_picture
def test_the_label_equals_its_golden(case: Case, tmp_path: Path) -> None:
    label = label_of(case)
    golden = PICTURES / case.file
    if UPDATE:
        write_preview(label.bitmap, case.dpi, golden)
    with Image.open(golden) as image:
        expected = image.convert("1")
    if label.image.size != expected.size or label.image.tobytes() != expected.tobytes():
        gallery.difference(expected, label.image).save(tmp_path / "difference.png")
        pytest.fail(f"{golden.name}: the label changed; see {tmp_path / 'difference.png'}")


@pytest.mark.costly
@every_square_code
def test_two_other_decoders_read_the_golden(case: Case, texts_by_two: Callable[[Image.Image], list[str]]) -> None:
    layout = label_of(case).layout
    with Image.open(PICTURES / case.file) as image:
        assert texts_by_two(image) == ([layout.link(SERIAL)] if isinstance(layout, LabelPlan) else [])


@every_picture
def test_all_ink_lies_in_slots_and_no_piece_leaves_its_own(case: Case) -> None:
    label = label_of(case)
    for piece in label.layout.painted:
        assert inside(piece.box, label.layout.boxes[piece.slot]), piece
    outside = label.image
    for box in label.layout.boxes.values():
        right, bottom = max(box.right_dots, box.left_dots + 1), max(box.bottom_dots, box.top_dots + 1)
        outside.paste(1, (box.left_dots, box.top_dots, right, bottom))
    assert 0 not in outside.getextrema(), "ink outside all slots"


@every_picture
def test_no_text_is_smaller_than_it_may_be(case: Case) -> None:
    label = label_of(case)
    for piece in label.layout.painted:
        if piece.piece is Piece.TEXT:
            assert piece.height_dots >= dots_at_least(LEAST_TEXT_MM, case.dpi), piece
    if isinstance(label.layout, LabelPlan):
        serial_dots = label.layout.sizes[label.template.serial.name]
        assert serial_dots >= dots_at_least(LEAST_SERIAL_MM, case.dpi)


@every_case
def test_what_the_kind_must_show_is_read_back_from_the_label(case: Case) -> None:
    label = label_of(case)
    assert label.record
    facts, words = facts_of(label.record.facts()), words_of(label)
    for path in label.template.required:
        for said in shown(path, value(path, facts), label.record):
            assert said in words, f"{path}: {said}"
    if isinstance(label.layout, LabelPlan):
        link = label.layout.link(SERIAL)
        assert label.record.product.gtin in link
        assert label.record.lot is None or label.record.lot.lot_no in link
    if label.record.product.carbon_mark and any(slot.kind == "mark" for slot in label.template.slot):
        assert str(label.record.product.carbon_mark.artwork_sha256) in words


def words_of(label: Label) -> str:
    """All that is drawn, slot by slot: lines of a slot joined, without spaces; care symbols by their codes."""
    slots: dict[str, list[str]] = {}
    for piece in label.layout.painted:
        slots.setdefault(piece.slot, []).append(piece.text)
    return "\n".join("".join(lines).replace(" ", "") for lines in slots.values())


def shown(path: str, fact: object, record: GarmentRecord) -> Iterator[str]:
    """How a fact is to be found in `words_of`; GTIN and lot are in the link."""
    if path in ("product.gtin", "lot.lot_no"):
        return
    if path == "product.care":
        yield from record.product.care
    elif path == "product.composition":
        yield from (word.replace(" ", "") for part in record.product.composition for word in _parts(part))
    else:
        yield str(fact).replace(" ", "")


def _parts(part: Part) -> Iterator[str]:
    yield part.part
    if down := part.down:
        yield down.species
        yield f"绒子含量{plain_number(str(down.cluster_percent))}%"
    for fibre in part.fibres or ():
        yield f"{fibre.name}{plain_number(str(fibre.percent))}%"


def inside(piece: Box, slot: Box) -> bool:
    return (
        piece.left_dots >= slot.left_dots
        and piece.top_dots >= slot.top_dots
        and piece.right_dots <= slot.right_dots
        and piece.bottom_dots <= slot.bottom_dots
    )


@pytest.mark.parametrize("case", [case for case in CASES if case.template in HOLE_MM], ids=str)
def test_the_place_of_the_punch_hole_stays_paper(case: Case) -> None:
    image = label_of(case).image
    assert 0 not in image.crop((0, 0, image.width, dots(HOLE_MM[case.template], case.dpi))).getextrema()


def test_no_picture_is_left_over() -> None:
    wanted = {case.file for case in CASES + ORDERS + CARTONS}
    found = {path.name for path in PICTURES.iterdir()}
    if UPDATE:
        for name in found - wanted:
            (PICTURES / name).unlink()
        found &= wanted
    assert found == wanted


def test_the_page_is_the_gallery() -> None:
    old = PAGE.read_text(encoding="utf-8")
    if UPDATE:
        PAGE.write_text(gallery.page(old), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == gallery.page(old), "run make gallery and look at page and pictures"


def test_every_template_has_a_picture_and_every_sample_is_in_one() -> None:
    assert {case.template for case in CASES} == set(gallery.templates())
    assert {case.sample for case in CASES} == set(SAMPLES)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_smallest_label_of_a_sample_has_a_picture_and_is_no_larger_than_any_other(sample: str) -> None:
    for dpi, case in zip(gallery.RESOLUTIONS, gallery.smallest_cases(sample), strict=True):
        taken = [load_template(one.template) for one in CASES if (one.sample, one.dpi) == (sample, dpi)]
        coded = [one.size_mm[0] * one.size_mm[1] for one in taken if one.kind in leaves_with(sample)]
        assert (case is not None) == bool(coded)
        if case is not None:
            width_mm, height_mm = load_template(case.template).size_mm
            assert case in CASES and width_mm * height_mm == min(coded)


def leaves_with(sample: str) -> set[str]:
    """The kinds of label with which the garment leaves the factory."""
    record = parse_record(SAMPLES[sample].read_bytes())
    if record.lot and record.lot.grade:
        return {"down_grade", "down_hangtag"}
    return {"composition_card", "down_hangtag"} if record.product.wearer == "adult" else {"child_tag"}


@pytest.mark.parametrize("dpi", gallery.RESOLUTIONS)
def test_a_sticker_takes_a_record_without_a_lot_and_refuses_one_with_it(dpi: int) -> None:
    template = load_template("code_sticker_30x20")
    facts = parse_record(SAMPLES["knit_blend"].read_bytes()).facts()
    with pytest.raises(RenderError, match=r"slot qr: .* leave out the lot \(29 modules"):
        plan_label(template, make_snapshot(facts, template, rules={}, host="id.example.cn"), dpi)
    del facts["lot"]
    plan = plan_label(template, make_snapshot(facts, template, rules={}, host="id.example.cn"), dpi)
    assert plan.symbol.x_mm >= 0.5


def test_the_samples_break_no_rule() -> None:
    for sample in gallery.SAMPLES.values():
        record = parse_record(sample.read_bytes())
        assert (
            prepare(record, None, LabelTerms(gallery.ON_DATE, gallery.LINK, artwork=gallery.ARTWORK.get)).findings == ()
        )


def test_the_difference_is_red_and_green() -> None:
    old, new = Image.new("1", (3, 1), 1), Image.new("1", (3, 1), 1)
    for image, places in ((old, (0, 1)), (new, (1, 2))):
        for place in places:
            image.putpixel((place, 0), 0)
    shown = gallery.difference(old, new)
    assert [shown.getpixel((place, 0)) for place in range(3)] == [(255, 0, 0), (0, 0, 0), (0, 255, 0)]
