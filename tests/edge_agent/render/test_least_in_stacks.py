"""In stacks that give way a text becomes as small as the least size of its slot, never smaller, and is then refused."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import RenderError
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare, render_prepared
from edge_agent.render.page import Piece
from edge_agent.render.plan import Layout
from edge_agent.render.raster import dots_at_least
from edge_agent.render.templates.template import load_template
from garment.record import record_from

SAMPLES = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples"
TERMS = LabelTerms("2026-11-20", LinkStyle("id.example.cn"))
GROWING = [
    ("composition_card_60x40", "knit_blend", ("maker", "address"), "浙江省嘉兴市桐乡市濮院镇示例路"),
    ("down_grade_60x40", "down_graded", ("name",), "男式连帽羽绒服"),
]


def drawn(template: str, sample: str, path: tuple[str, ...], text: str, dpi: int) -> Layout:
    record: dict[str, Any] = copy.deepcopy(json.loads(SAMPLES.joinpath(f"{sample}.json").read_text("utf-8")))
    place = record["product"]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = text
    return render_prepared(prepare(record_from(record), template, TERMS), dpi)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize(("template", "sample", "path", "word"), GROWING)
def test_a_text_that_grows_becomes_as_small_as_it_may_and_is_then_refused(
    template: str, sample: str, path: tuple[str, ...], word: str, dpi: int
) -> None:
    least = {slot.name: dots_at_least(getattr(slot, "min_char_mm", 0), dpi) for slot in load_template(template).slot}
    seen: list[int] = []
    for count in range(1, 40):
        try:
            layout = drawn(template, sample, path, (word * 40)[: 4 * count], dpi)
        except RenderError as refused:
            assert "缩到最小字高" in str(refused)
            break
        above = [one.height_dots - least[one.slot] for one in layout.painted if one.piece is Piece.TEXT]
        assert min(above) >= 0, "below its least size"
        seen.append(sum(above))
    else:
        pytest.fail("nothing was too long")
    assert seen[0] > seen[-1], "texts gave way before the label was refused"
