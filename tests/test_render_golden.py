"""Golden labels: every sample on every template that fits it, at 203 and 300 dpi, dot for dot, and decoded.

After a wanted change run with `UPDATE_GOLDENS=1`, look at every picture, then commit. A mismatch leaves a picture
in the test's temporary folder: red = only in the golden, green = only in the new label.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageChops

from edge_agent.codes import serial
from edge_agent.errors import RenderError
from edge_agent.model import Bitmap
from edge_agent.record import parse_record
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.preview import write_preview
from edge_agent.render.raster import to_image
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.template import built_in_templates, load_template

HERE = Path(__file__).parent
SAMPLES = sorted((HERE.parent / "edge_agent" / "demo" / "samples").glob("*.json"))
HOST = "id.example.cn"
SERIAL = "7K3M9QX2W4T8VBN5" + serial.check_character("7K3M9QX2W4T8VBN5")
FITS = {"down_grade_60x40": {"down_graded"}, "composition_card_60x40": {path.stem for path in SAMPLES}}
CASES = [(name, sample, dpi) for name in FITS for sample in SAMPLES if sample.stem in FITS[name] for dpi in (203, 300)]


def plan_of(template_name: str, sample: Path, dpi: int) -> LabelPlan:
    template = load_template(template_name)
    facts = parse_record(sample.read_bytes()).facts()
    return plan_label(template, make_snapshot(facts, template, rules={}, host=HOST), dpi)


def black_on_white(bitmap: Bitmap) -> Image.Image:
    return ImageChops.invert(to_image(bitmap))


def difference(golden: Image.Image, new: Image.Image) -> Image.Image:
    """Common ink black, lost ink red, new ink green."""
    size = (max(golden.width, new.width), max(golden.height, new.height))
    old_l, new_l = Image.new("L", size, 255), Image.new("L", size, 255)
    old_l.paste(golden)
    new_l.paste(new)
    return Image.merge("RGB", (new_l, old_l, ImageChops.darker(new_l, old_l)))


@pytest.mark.parametrize(("template", "sample", "dpi"), CASES, ids=lambda v: v.stem if isinstance(v, Path) else str(v))
def test_the_label_equals_its_golden(template: str, sample: Path, dpi: int, tmp_path: Path) -> None:
    golden = HERE / "goldens" / f"{template}-{sample.stem}-{dpi}.png"
    label = plan_of(template, sample, dpi).full(SERIAL)
    if os.environ.get("UPDATE_GOLDENS"):
        write_preview(label, dpi, golden)
    with Image.open(golden) as image:
        expected = image.convert("1")
    new = black_on_white(label)
    if new.size != expected.size or new.tobytes() != expected.tobytes():
        difference(expected, new).save(tmp_path / "difference.png")
        pytest.fail(f"{golden.name}: the label changed; see {tmp_path / 'difference.png'}")


@pytest.mark.parametrize(("template", "sample", "dpi"), CASES, ids=lambda v: v.stem if isinstance(v, Path) else str(v))
def test_another_decoder_reads_the_golden(template: str, sample: Path, dpi: int) -> None:
    with Image.open(HERE / "goldens" / f"{template}-{sample.stem}-{dpi}.png") as image:
        read = zxingcpp.read_barcodes(image.convert("L"))
    assert [code.text for code in read] == [plan_of(template, sample, dpi).link(SERIAL)]


def test_each_template_says_what_a_sample_lacks() -> None:
    for template in built_in_templates():
        for sample in SAMPLES:
            if sample.stem not in FITS[template]:
                with pytest.raises(RenderError, match=r"expected (product|lot)\."):
                    plan_of(template, sample, 203)


def test_no_golden_is_left_over() -> None:
    wanted = {f"{template}-{sample.stem}-{dpi}.png" for template, sample, dpi in CASES}
    assert {path.name for path in (HERE / "goldens").iterdir()} == wanted


def test_the_difference_is_red_and_green() -> None:
    old, new = Image.new("1", (3, 1), 1), Image.new("1", (3, 1), 1)
    for image, places in ((old, (0, 1)), (new, (1, 2))):
        for place in places:
            image.putpixel((place, 0), 0)
    shown = difference(old, new)
    assert [shown.getpixel((place, 0)) for place in range(3)] == [(255, 0, 0), (0, 0, 0), (0, 255, 0)]
