"""Symbols and labels to damage."""

from __future__ import annotations

from functools import cache

from PIL import Image

from edge_agent.demo.play import samples
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare, require_unblocked
from edge_agent.model.bitmap import Bitmap
from edge_agent.quality.grade import Target, target_of
from edge_agent.render.plan import LabelPlan, plan_label
from edge_agent.render.raster import from_number
from label_protocol.codes.serial import check_character

LINK = LinkStyle("id.example.cn")
DAY = "2026-11-20"
SERIAL = "7K3M9QX2W4T8VBN5" + check_character("7K3M9QX2W4T8VBN5")


@cache
def tag(dpi: int = 203) -> LabelPlan:
    """The grade tag of the sample jacket."""
    prepared = prepare(samples()["down_graded"], "down_grade_60x40", LabelTerms(DAY, LINK))
    assert prepared.template is not None
    return require_unblocked(plan_label(prepared.template, prepared.require(), dpi), prepared.context)


@cache
def target(dpi: int = 203) -> Target:
    """The symbol on that tag."""
    return target_of(tag(dpi), tag(dpi).alone(SERIAL))


def picture_of(rows: str) -> Bitmap:
    """A bitmap written as text: `#` is ink, `.` paper."""
    lines = rows.split()
    width, stride = len(lines[0]), -(-len(lines[0]) // 8)
    number = 0
    for line in lines:
        number = number << stride * 8 | int(line.replace("#", "1").replace(".", "0"), 2) << stride * 8 - width
    return from_number(number, width, len(lines))


def rows_of(image: Image.Image) -> list[str]:
    """A 1-bit picture written as text; inverse of `picture_of`."""
    level = image.convert("L").tobytes()
    return [
        "".join("#" if one else "." for one in level[at : at + image.width]) for at in range(0, len(level), image.width)
    ]
