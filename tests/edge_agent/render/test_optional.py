"""What a label says only sometimes leaves no hole: captions go with their facts; and a serial for narrow places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import TemplateError
from edge_agent.render.patches.serial import SerialPatches
from edge_agent.render.plan import Layout, lay_out
from edge_agent.render.raster import to_image
from edge_agent.render.snapshot import make_snapshot
from edge_agent.render.templates.slots import SerialSlot
from edge_agent.render.templates.template import parse_template
from edge_agent.render.type.text import Box, Style
from garment.record import parse_record

SAMPLES = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples"
TAG = """\
kind = "tag"
title_zh = "吊牌"
title_en = "Tag"
size_mm = [60, 40]

[[slot]]
name = "caption"
kind = "text"
at_mm = [2, 2]
size_mm = [30, 4]
text = "质量等级"
when = "lot.grade.overall"
char_mm = 3
inverse = true
"""


def laid(sample: str, text: str = TAG) -> Layout:
    template = parse_template(text.encode(), "tag")
    facts = parse_record((SAMPLES / f"{sample}.json").read_bytes()).facts()
    return lay_out(template, make_snapshot(facts, template, rules={}, host="id.example.cn"), 203)


def test_a_caption_goes_with_its_fact() -> None:
    assert [piece.text for piece in laid("down_graded").painted] == ["质量等级"]
    without = laid("knit_blend")
    assert without.painted == ()
    assert not any(without.bare.rows), "the filled box went with the caption"


def test_a_caption_without_a_condition_always_stands() -> None:
    assert [piece.text for piece in laid("knit_blend", TAG.replace('when = "lot.grade.overall"\n', "")).painted]


def test_a_condition_is_a_path() -> None:
    with pytest.raises(TemplateError, match=r"slot caption, when: .*starts with product, lot or filling"):
        laid("knit_blend", TAG.replace('"lot.grade.overall"', '"os.environ"'))


def patches_of(**keys: object) -> SerialPatches:
    values: dict[str, Any] = {"name": "s", "kind": "serial", "at_mm": [0, 0], "size_mm": [30, 12], "char_mm": 1.8}
    return SerialPatches(SerialSlot.model_validate(values | keys), Box(0, 0, 320, 96), Style(15, 13), 203)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (1, ("7K3 M9QX2 W4T8V BN59",)),
        (2, ("7K3 M9QX2", "W4T8V BN59")),
        (4, ("7K3", "M9QX2", "W4T8V", "BN59")),
    ],
)
def test_a_serial_is_parted_between_its_groups(lines: int, said: tuple[str, ...]) -> None:
    patches = patches_of(lines=lines)
    assert patches._split("7K3M9QX2W4T8VBN59") == said
    image = to_image(patches.bitmap("7K3M9QX2W4T8VBN59"))
    rows = ["#" if image.crop((0, y, image.width, y + 1)).getbbox() else " " for y in range(image.height)]
    assert len("".join(rows).split()) == lines


@pytest.mark.parametrize("lines", [1, 2, 4])
def test_a_serial_stands_on_the_axis_its_slot_names(lines: int) -> None:
    """The first line's ink, by the paper at its left and right."""
    margins = {}
    for align in ("left", "center", "right"):
        patches = patches_of(lines=lines, align=align)
        image = to_image(patches.bitmap("7K3M9QX2W4T8VBN59"))
        left, _, right, _ = image.crop((0, 0, image.width, image.height // lines)).getbbox() or (0, 0, 0, 0)
        margins[align] = left, image.width - right
    side_bearing_dots = 2
    assert margins["left"][0] <= side_bearing_dots
    assert margins["right"][1] <= side_bearing_dots
    assert abs(margins["center"][0] - margins["center"][1]) <= 2 * side_bearing_dots


def test_a_frame_wipes_nothing_out_wherever_it_stands_in_the_file() -> None:
    """A frame clears what it encloses, so frames are painted first."""
    frame = '[[slot]]\nname = "frame"\nkind = "box"\nat_mm = [1, 1]\nsize_mm = [28, 8]\nstroke_mm = 0.3\n'
    words = '[[slot]]\nname = "words"\nkind = "text"\nat_mm = [2, 2]\nsize_mm = [26, 6]\ntext = "国"\nchar_mm = 2\n'
    head = 'kind = "x"\ntitle_zh = "试"\ntitle_en = "Test"\nsize_mm = [30, 10]\n'
    pictures = []
    for slots in (frame + words, words + frame):
        template = parse_template((head + slots).encode(), "t")
        snapshot = make_snapshot({"product": {"gtin": "06901234567892"}}, template, rules={}, host="id.example.cn")
        pictures.append(lay_out(template, snapshot, 203).bare)
    assert pictures[0] == pictures[1]
