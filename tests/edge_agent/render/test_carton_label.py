"""The label of a carton: its bars module for module as zint makes them, read by a decoder, and its contents never less
than whole."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops

from edge_agent.errors import RenderError
from edge_agent.labels.carton import TEMPLATE
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare, render_prepared
from edge_agent.labels.smallest import apt_labels
from edge_agent.model.cartons import CartonLine
from edge_agent.render.page import Piece
from edge_agent.render.plan import Layout, lay_out
from edge_agent.render.raster import dots_at_least, millimetres, to_image
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.render.templates.template import Template, examine, load_template, read_template
from garment.record import parse_record
from label_protocol.chain import canonical
from label_protocol.errors import CodeError
from tests.kits.carton_kit import LONG_NAME, ONE_STYLE, SSCC, assorted, data_of, label_of

BY_ZINT = {
    "069012340000000122": "D39EBB664C8DED6722C6CCD99B33366749A18EB",
    "369012340000000079": "D39EBB66588DED6722C6CCD99B336647AED18EB",
    "969012345999999993": "D39EBB665E2DED6722C71ABBD77AEF51EC298EB",
    "069012345674000997": "D39EBB664C8DED6722C716865B33247A89318EB",
    "106141412345678908": "D39EBB66644C8588B1176EBB10B36F4648ED8EB",
    "340123450000000000": "D39EBB66458CD9DBAEC6CCD99B33666CCA798EB",
    "376104250021234569": "D39EBB66468C85233966CCDC9DBAEC590C5D8EB",
}
"""Modules of `zint -b GS1_128 -d "[00]…" --dump`, zint 2.11.1 of Debian 12, as hexadecimal digits, ink first."""

SAMPLE = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "knit_blend.json"
RESOLUTIONS = (203, 300, 600)
both = pytest.mark.parametrize("dpi", RESOLUTIONS)


def picture(layout: Layout) -> Image.Image:
    """Black on white."""
    return ImageChops.invert(to_image(layout.bare))


def row_of_bars(layout: Layout) -> list[tuple[bool, int]]:
    """Runs of ink and paper through the middle of the bars, over the whole width of the label."""
    (bars,) = [piece.box for piece in layout.painted if piece.piece is Piece.BARCODE]
    image, y = to_image(layout.bare), (bars.top_dots + bars.bottom_dots) // 2
    return [(bool(ink), len(list(run))) for ink, run in groupby(image.getpixel((x, y)) for x in range(image.width))]


def words(layout: Layout, slot: str) -> list[str]:
    return [piece.text for piece in layout.painted if piece.slot == slot and piece.piece is Piece.TEXT]


# --- bars -------------------------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize("sscc", BY_ZINT)
def test_the_bars_are_those_of_zint_and_each_module_is_so_many_whole_dots(sscc: str, dpi: int) -> None:
    (_, before), *bars, (_, behind) = row_of_bars(label_of(ONE_STYLE, dpi, sscc=sscc))
    module = bars[0][1] // 2  # a code begins with a bar of two modules
    assert all(width % module == 0 for _, width in bars)
    assert "".join(str(int(ink)) * (width // module) for ink, width in bars) == f"{int(BY_ZINT[sscc], 16):0156b}"
    assert 0.495 <= millimetres(module, dpi) <= 0.94
    assert min(before, behind) >= 10 * module, "quiet zones"


@both
def test_the_bars_are_as_high_as_logistic_units_need_and_all_alike(dpi: int) -> None:
    layout = label_of(ONE_STYLE, dpi)
    (bars,) = [piece for piece in layout.painted if piece.piece is Piece.BARCODE]
    assert millimetres(bars.height_dots, dpi) >= 31.75 and bars.text == SSCC
    image, box = to_image(layout.bare), bars.box
    rows = {image.crop((0, y, image.width, y + 1)).tobytes() for y in range(box.top_dots, box.bottom_dots)}
    assert len(rows) == 1
    assert bars.height_dots == dots_at_least(31.75, dpi)


@both
@pytest.mark.parametrize("sscc", list(BY_ZINT)[:3])
def test_a_decoder_reads_a_gs1_code_and_the_number_stands_below_it(sscc: str, dpi: int) -> None:
    layout = label_of(ONE_STYLE, dpi, sscc=sscc)
    (found,) = zxingcpp.read_barcodes(picture(layout).convert("L"))
    assert (found.text, found.symbology_identifier) == (f"(00){sscc}", "]C1")
    assert found.bytes == b"00" + sscc.encode(), "FNC1 makes it GS1's, and is no character of it"
    assert words(layout, "sscc") == [f"(00){sscc}"]


def test_a_number_that_is_no_sscc_has_no_bars() -> None:
    with pytest.raises(CodeError, match="expected check digit"):
        label_of(ONE_STYLE, sscc=SSCC[:-1] + "3")


# --- contents ---------------------------------------------------------------------------------------------------------


def test_each_style_colour_and_size_is_listed_with_its_count_and_all_of_them_are_summed() -> None:
    layout = label_of(ONE_STYLE)
    listed = words(layout, "contents")
    assert listed[:5] == ["款号", "品名", "颜色", "号型", "件数"]
    assert listed[5:10] == ["YR2026-0801", "男式连帽羽绒服", "黑色", "170/88A", "8"]
    assert words(layout, "total") == ["共 24 件"] and words(layout, "styles") == ["1 款"]


LEVELS = {
    "with names": (assorted(1), ["款号", "品名", "颜色", "号型", "件数"]),
    "names too long": (assorted(1, name=LONG_NAME * 2), ["款号", "颜色", "号型", "件数"]),
    "sizes on a line": (assorted(5), ["款号", "颜色", "号型×件数", "件数"]),
    "styles alone": (assorted(9), ["款号", "件数"]),
    "mixed": (assorted(40), ["混装", "件数"]),
}


@pytest.mark.parametrize("dpi", (203, 300))
@pytest.mark.parametrize("level", LEVELS)
def test_a_carton_of_more_than_its_label_can_list_is_told_more_briefly_and_counted_whole(level: str, dpi: int) -> None:
    lines, heads = LEVELS[level]
    layout = label_of(lines, dpi)
    listed = words(layout, "contents")
    assert listed[: len(heads)] == heads
    counts = listed[len(heads) :][len(heads) - 1 :: len(heads)]
    assert sum(map(int, counts)) == len(lines), "no row is lost"
    assert words(layout, "total") == [f"共 {len(lines)} 件"]
    box = layout.boxes["contents"]
    for piece in layout.painted:
        if piece.slot == "contents":
            assert box.left_dots <= piece.box.left_dots and piece.box.right_dots <= box.right_dots
            assert box.top_dots <= piece.box.top_dots and piece.box.bottom_dots <= box.bottom_dots
            assert piece.height_dots >= dots_at_least(1.8, dpi)


def test_what_a_record_does_not_say_has_no_column() -> None:
    assert words(label_of([CartonLine("S1", "", "", "", 3)]), "contents") == ["款号", "件数", "S1", "3"]


def test_a_label_that_is_printed_again_says_so_and_differs_in_nothing_else() -> None:
    first, second = label_of(ONE_STYLE), label_of(ONE_STYLE, nth=2)
    assert words(first, "copy") == [] and words(second, "copy") == ["第 2 份"]
    assert [one for one in second.painted if one.slot != "copy"] == list(first.painted)


def test_long_senders_wrap_beside_the_words_of_a_further_printing() -> None:
    sender = "浙江省桐乡市濮院镇示例针织产业创新园区示例羽绒服饰进出口有限公司"
    for dpi in (203, 300):
        assert "".join(words(label_of(ONE_STYLE, dpi, nth=12, sender=sender), "sender")) == sender


def test_a_character_that_the_font_lacks_is_told() -> None:
    with pytest.raises(RenderError, match="contents"):
        label_of([CartonLine("S1", "外套🧥", "", "", 1)])


# --- templates --------------------------------------------------------------------------------------------------------


def flaws(*changes: tuple[str, str]) -> list[str]:
    text = read_template(TEMPLATE)[0].decode()
    for old, new in changes:
        assert text.count(old) >= 1
        text = text.replace(old, new)
    found = examine(text.encode(), "own")
    return [] if isinstance(found, Template) else [flaw.en for flaw in found]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{carton.sender}", "{product.brand}", "expected facts of a carton on its label, got product.brand"),
        ('required = ["carton.sscc",', 'required = ["lot.lot_no",', "expected facts of a carton on its label"),
        ('kind = "contents"', 'kind = "care"\nsymbol_mm = 5', "expected text, fields, box, sscc, contents"),
        ('kind = "carton_sscc"', 'kind = "wash_care"', 'in templates of kind = "carton_sscc" only'),
        ("{carton.copy}", "{carton.copys}", "did you mean carton.copy?"),
        ("char_mm = 4.0\nmin_char_mm = 3.0\n\n[[way]]", "char_mm = 4.0\nx_mm = 0.3\n\n[[way]]", "0.495"),
    ],
)
def test_what_is_of_a_garment_is_refused_on_a_carton_and_the_other_way_round(old: str, new: str, said: str) -> None:
    found = flaws((old, new))
    assert any(said in one for one in found), found


def test_a_label_too_narrow_for_whole_modules_is_refused() -> None:
    narrow = read_template(TEMPLATE)[0].decode().replace("size_mm = [100, 100]", "size_mm = [90, 100]")
    template = examine(narrow.encode(), TEMPLATE)
    assert isinstance(template, Template)
    snapshot = data_of(ONE_STYLE)
    snapshot["template"]["version"] = template.version
    with pytest.raises(RenderError, match=r"部位 sscc 放不下：90 × 100 mm .*宽度还差 6\.1 mm"):
        lay_out(template, snapshot, 203)


def test_the_template_is_no_garments() -> None:
    template = load_template(TEMPLATE)
    assert template.of_carton and not template.of_record and not template.coded and not template.of_order
    record = parse_record(SAMPLE.read_bytes())
    for offered in (TemplateLibrary().labels(), [one.name for one in apt_labels(record)]):
        assert TEMPLATE not in offered
    with pytest.raises(RenderError, match=r"是箱标，关箱以后打：edge-agent carton label"):
        render_prepared(prepare(record, TEMPLATE, LabelTerms("2026-11-20", LinkStyle("id.example.cn"))), 203)


def test_the_data_of_a_label_is_canonical() -> None:
    """It goes into the ledger by the hash of these bytes."""
    assert canonical(dict(data_of(ONE_STYLE, nth=2))).startswith('{"carton":{"copy":"第 2 份",'.encode())
