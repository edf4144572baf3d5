"""The check code on the label: a third patch, its caption in the background, 样张 where nobody may read one."""

from __future__ import annotations

import random

import pytest
import zxingcpp
from PIL import ImageChops

from edge_agent.errors import RenderError, TemplateError
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.media import Setup
from edge_agent.printers.languages import LANGUAGES
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.raster import to_image
from edge_agent.render.templates.template import parse_template
from edge_agent.render.type.text import Box
from label_protocol.codes.check_code import SPECIMEN, check_code
from label_protocol.codes.serial import ALPHABET, new_serial
from label_protocol.errors import CodeError
from tests.kits.check_code_kit import KEY, KEY_ID, KEYS, SLOT, TEMPLATE, snapshot_of, with_slot
from tests.kits.printer_bench import PrinterBench

SERIALS = [new_serial("7K3", random.Random(seed).randbytes) for seed in range(6)]
CODES = KEYS.codes(KEY_ID)


def plan(dpi: int = 203, check_key: str | None = KEY_ID, **more: object) -> LabelPlan:
    return plan_label(TEMPLATE, snapshot_of(check_key), dpi, **{"codes": CODES, **more})  # type: ignore[arg-type]


def crop(bitmap: Bitmap, box: Box) -> bytes:
    return to_image(bitmap).crop((box.left_dots, box.top_dots, box.right_dots, box.bottom_dots)).tobytes()


@pytest.mark.costly
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_background_and_three_patches_are_the_label(dpi: int) -> None:
    made = plan(dpi)
    background, slot = to_image(made.background), made.boxes["check"]
    for serial in SERIALS:
        by_hand = background.copy()
        patches = made.patches(serial)
        assert len(patches) == 3
        for patch in patches:
            image = to_image(patch.bitmap)
            at = (patch.x_dots, patch.y_dots, patch.x_dots + image.width, patch.y_dots + image.height)
            assert ImageChops.logical_or(background.crop(at), image).tobytes() == image.tobytes()
            by_hand.paste(image, at)
        assert by_hand.tobytes() == made.full(serial).rows == made.alone(serial).rows
        check = patches[2]
        assert slot.left_dots < check.x_dots
        assert check.x_dots + check.bitmap.width_dots <= slot.right_dots
        assert slot.top_dots <= check.y_dots
        assert check.y_dots + check.bitmap.height_dots <= slot.bottom_dots


def test_every_code_has_a_picture_of_its_own_and_the_same_one_always() -> None:
    patches, again = plan()._check_codes, plan()._check_codes
    assert patches is not None and again is not None
    codes = [check_code(KEY, serial) for serial in SERIALS] + [letter * 8 for letter in ALPHABET]
    pictures = [patches.bitmap(code) for code in codes]
    assert len({picture.rows for picture in pictures}) == len(codes)
    assert [again.bitmap(code) for code in reversed(codes)] == pictures[::-1]


def test_the_widest_code_stays_whole_in_its_room() -> None:
    for dpi in (203, 300):
        patches = plan(dpi)._check_codes
        assert patches is not None
        widest = to_image(patches.bitmap("W" * 8))
        blobs = ["#" if widest.crop((x, 0, x + 1, widest.height)).getbbox() else " " for x in range(widest.width)]
        assert len("".join(blobs).split()) == 9, "characters run into each other, or one is cut off"
        assert blobs[-1] == " "


def test_the_caption_is_read_back_from_the_layout_and_no_code_is() -> None:
    made = plan()
    (caption,) = [piece for piece in made.painted if piece.slot == "check"]
    assert (caption.text, caption.height_dots) == ("防伪码", made.sizes["check"])
    assert caption.box.right_dots < made.patches(SERIALS[0])[2].x_dots
    assert made.sizes["check"] >= 15


def test_only_the_code_differs_from_the_same_label_with_another_key() -> None:
    other = plan(codes=lambda serial: check_code(bytes(32), serial))
    ours, theirs = plan().patches(SERIALS[0]), other.patches(SERIALS[0])
    assert ours[:2] == theirs[:2]
    assert ours[2] != theirs[2]
    assert other.background == plan().background


def test_a_specimen_and_a_label_without_a_key_say_so_and_hold_no_code() -> None:
    made, keyless = plan(), plan(codes=None)
    looked_at = plan(check_key=SPECIMEN, codes=None)
    patches = made._check_codes
    assert patches is not None
    for found in (made.specimen(SERIALS[0]), made.specimen(), keyless.full(SERIALS[0]), looked_at.alone(SERIALS[0])):
        assert crop(found, patches.code_box) == patches.specimen.rows != patches.bitmap(CODES(SERIALS[0])).rows
    assert made.specimen(SERIALS[0]) == keyless.specimen(SERIALS[0])
    assert zxingcpp.read_barcodes(ImageChops.invert(to_image(made.specimen(SERIALS[0]))).convert("L")) == []


def test_a_site_that_leaves_it_out_has_neither_code_nor_caption() -> None:
    empty = plan(check_key=None, codes=None)
    assert "check_code" not in snapshot_of(None)
    assert len(empty.patches(SERIALS[0])) == 2
    assert set(crop(empty.full(SERIALS[0]), empty.boxes["check"])) == {0}
    assert set(crop(empty.specimen(), empty.boxes["check"])) == {0}
    assert "check" not in {piece.slot for piece in empty.painted}


def test_a_snapshot_names_a_key_only_for_a_template_with_the_slot() -> None:
    assert snapshot_of()["check_code"] == {"key_id": KEY_ID}
    assert snapshot_of(SPECIMEN)["check_code"] == {"key_id": "specimen"}
    plain = parse_template(with_slot(""), "plain")
    assert "check_code" not in snapshot_of(KEY_ID, plain)
    assert len(plan_label(plain, snapshot_of(KEY_ID, plain), 203, codes=CODES).patches(SERIALS[0])) == 2


def test_a_serial_that_is_none_has_no_code() -> None:
    for make in (plan().patches, plan().full, plan().alone, plan().specimen):
        with pytest.raises(CodeError):
            make("7K3M9QX2W4T8VBN5!")


@pytest.mark.parametrize("size", ["20, 3.2", "35, 1.8"])
def test_a_slot_that_is_too_small_is_refused_before_any_serial_is_drawn(size: str) -> None:
    small = parse_template(with_slot(SLOT.replace("35, 3.2", size)), "small")
    with pytest.raises(RenderError, match=r"slot check: expected room for '防伪码' and 8 characters of 1\.8\d mm"):
        plan_label(small, snapshot_of(KEY_ID, small), 203)


def test_a_caption_the_font_lacks_is_refused_by_slot() -> None:
    odd = parse_template(with_slot(SLOT + 'label = "𠮷"\n'), "odd")
    with pytest.raises(RenderError, match="slot check"):
        plan_label(odd, snapshot_of(KEY_ID, odd), 203)


UNCODED = b'kind = "tag"\ntitle_zh = "x"\ntitle_en = "x"\nsize_mm = [60, 45]\n'
LINT = {
    "two of them": (
        with_slot(
            SLOT + SLOT.replace('"check"', '"again"').replace("2.5, 40.2", "2.5, 37.9").replace("35, 3.2", "35, 2.2")
        ),
        "slot again: expected at most one check_code slot, got 2",
    ),
    "none of its serial": (UNCODED + SLOT.encode(), "line 6, slot check: expected a qr and a serial slot beside it"),
    "under another": (
        with_slot(SLOT.replace("2.5, 40.2", "2.5, 30")),
        "slot check: expected room of its own, got an overlap",
    ),
    "an unknown key": (with_slot(SLOT + "digits = 9\n"), "slot check, digits: unknown key"),
}


@pytest.mark.parametrize(("data", "said"), LINT.values(), ids=LINT)
def test_lint_names_file_line_and_slot(data: bytes, said: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse_template(data, "mine")
    assert str(caught.value).startswith("template mine")
    assert said in str(caught.value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_prints_the_three_patches(language: str) -> None:
    """Run mode on the virtual printer: the stored background and three patches give the dots of the whole label."""
    made, speaks = plan(), LANGUAGES[language]
    stream = speaks.preamble(made.media, Setup(ribbon=False)) + speaks.store(made.background)
    stream += b"".join(speaks.run_label(made.background, made.patches(serial)) for serial in SERIALS)
    sheets = PrinterBench(language, dpi=203, blind=False).feed(stream, bite=1_459)
    printed = [sheet.ink.crop((0, 0, 480, 360)).tobytes() for sheet in sheets if sheet.ink is not None]
    assert printed == [made.full(serial).rows for serial in SERIALS]


def test_the_third_patch_costs_little_on_the_wire() -> None:
    """Measured with 30 serials at 203 dpi: ZPL 258 bytes more (693 → 951), TSPL 207 (2325 → 2532), EPL2 199."""
    made, bare, zpl = plan(), plan(check_key=None), LANGUAGES["zpl"]
    sizes = [len(zpl.run_label(made.background, made.patches(serial))) for serial in SERIALS]
    before = [len(zpl.run_label(bare.background, bare.patches(serial))) for serial in SERIALS]
    assert max(sizes) <= 1100
    assert max(after - old for after, old in zip(sizes, before, strict=True)) <= 320
