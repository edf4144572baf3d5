"""Our streams under eyes that are not ours: zpl-renderer-js, our rasteriser and the source agree dot for dot."""

from __future__ import annotations

import random

import pytest
from PIL import Image, ImageChops

from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media
from edge_agent.printers.languages import graphics
from edge_agent.printers.languages.zpl import ZPL
from tests.edge_agent.printers.test_zpl_stream import qr_patch
from tests.kits.printer_bench import PrinterBench, overlaid, rows_of
from tests.kits.zpl_eyes import ZplEyes

ZPL_II = ZPL()
SIZES = {203: (480, 320), 300: (709, 472)}


def rows(picture: Image.Image) -> bytes:
    """1 = black, as a Bitmap has it."""
    return ImageChops.invert(picture).tobytes()


def _label_art(seed: int, width_dots: int, height_dots: int) -> Bitmap:
    """Boxes, lines and specks on the left half; pad bits 0."""
    dice = random.Random(seed)
    ink = Image.new("1", (width_dots, height_dots))
    for _ in range(60):
        x, y = dice.randrange(width_dots // 2), dice.randrange(height_dots)
        ink.paste(
            dice.random() < 0.6, (x, y, min(width_dots // 2, x + dice.randrange(1, 90)), y + dice.randrange(1, 30))
        )
    ink.paste(1, (width_dots // 2, height_dots - 1, width_dots, height_dots))
    return Bitmap(width_dots, height_dots, ink.tobytes())


@pytest.mark.parametrize("dpi", SIZES)
def test_full_and_run_labels_agree_dot_for_dot(zpl_eyes: ZplEyes, dpi: int) -> None:
    width, height = SIZES[dpi]
    preamble = ZPL_II.preamble(Media(dpi, width, height))
    bench = PrinterBench(dpi=dpi)
    for seed in range(3):
        background = _label_art(seed, width, height)
        patches = [qr_patch("0123456789ABCDEF" + "XYZ"[seed], width - 200 + seed, 11)]
        window = preamble + ZPL_II.store(background)
        window += ZPL_II.run_label(background, patches) + ZPL_II.full_label(background)
        expected = [overlaid(background, *patches), background.rows]
        assert [rows_of(sheet) for sheet in bench.feed(window)] == expected
        assert [rows(picture) for picture in zpl_eyes.draw(window, width, height, dpi)] == expected


@pytest.mark.parametrize("form", [graphics.hexadecimal, graphics.acs, graphics.z64])
def test_every_form_we_may_choose_is_read_alike(zpl_eyes: ZplEyes, form: object) -> None:
    art = _label_art(9, 64, 40)
    stream = b"^XA^PW64^LL40^FO0,0^GFA,320,320,8,%b^FS^XZ" % form(art)  # type: ignore[operator]
    assert [rows(picture) for picture in zpl_eyes.draw(stream, 64, 40, 203)] == [art.rows]
    assert [rows_of(sheet) for sheet in PrinterBench().feed(stream)] == [art.rows]


def test_a_magnified_object_is_drawn_alike(zpl_eyes: ZplEyes) -> None:
    art = _label_art(5, 48, 30)
    window = ZPL_II.store(art) + b"^XA^PW200^LL100^FO8,3^XG%b,4,3^FS^XZ" % ZPL_II.object_name(art).encode()
    (sheet,) = PrinterBench().feed(window)
    (picture,) = zpl_eyes.draw(window, 200, 100, 203)
    assert rows(picture) == rows_of(sheet)
    assert any(rows(picture))


def test_ink_left_to_the_background_is_seen_in_the_label(zpl_eyes: ZplEyes) -> None:
    whole = qr_patch("0123456789ABCDEFX")
    half = Bitmap(148, 148, whole.bitmap.rows[: 19 * 74] + bytes(19 * 74))
    blank = Bitmap(480, 320, bytes(19_200))
    background = Bitmap(480, 320, overlaid(blank, Patch(whole.x_dots, whole.y_dots, half)))
    window = ZPL_II.preamble(Media(203, 480, 320)) + ZPL_II.store(background) + ZPL_II.run_label(background, [whole])
    assert [rows(picture) for picture in zpl_eyes.draw(window, 480, 320, 203)] == [overlaid(blank, whole)]


def test_what_prints_nothing_shows_nothing(zpl_eyes: ZplEyes) -> None:
    stream = ZPL_II.preamble(Media(203, 480, 320)) + ZPL_II.cancel()
    for query in (*ZPL_II.status_queries, ZPL_II.counter_query, ZPL_II.objects_query(), ZPL_II.identity_query):
        assert query is not None
        stream += query.request
    assert zpl_eyes.draw(stream, 480, 320, 203) == []
    assert PrinterBench().feed(stream) == []


def test_patches_at_any_dot_are_placed_alike(zpl_eyes: ZplEyes) -> None:
    background = Bitmap(480, 320, bytes(19_200))
    dice = random.Random(3)
    window = ZPL_II.preamble(Media(203, 480, 320)) + ZPL_II.store(background)
    expected = []
    for _ in range(6):
        size = dice.randrange(1, 90), dice.randrange(1, 60)
        patch = Patch(
            dice.randrange(480 - size[0]), dice.randrange(320 - size[1]), _label_art(dice.randrange(99), *size)
        )
        window += ZPL_II.run_label(background, [patch])
        expected.append(overlaid(background, patch))
    assert [rows(picture) for picture in zpl_eyes.draw(window, 480, 320, 203)] == expected
    assert [rows_of(sheet) for sheet in PrinterBench().feed(window)] == expected
