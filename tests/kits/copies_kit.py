"""Labels that carry no code, for tests: a template on a continuous roll and one on labels of a fixed size."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from edge_agent.demo.play import samples
from edge_agent.labels.prepare import LabelTerms, LinkStyle, prepare, render_prepared
from edge_agent.render.plan import Layout
from garment.record import record_from

TODAY = "2026-11-20"
RECORD: dict[str, Any] = json.loads(samples()["down_graded"].model_dump_json(exclude_none=True))
WASH = """
kind = "loop_label"
title_zh = "水洗唛"
title_en = "Wash label"
size_mm = [30, 60]
continuous = true
required = ["product.name"]
[[slot]]
name = "head"
kind = "text"
at_mm = [2, 2]
size_mm = [26, 4]
text = "{product.name}"
char_mm = 2
[[slot]]
name = "body"
kind = "text"
at_mm = [2, 8]
size_mm = [26, 30]
text = "{product.colour}"
char_mm = 2
max_lines = 9
[[slot]]
name = "foot"
kind = "text"
at_mm = [2, 42]
size_mm = [26, 16]
text = "{product.brand}"
char_mm = 2
"""
CARD = WASH.replace("continuous = true\n", "").replace("[30, 60]", "[60, 60]")
"""The same on labels with gaps between them."""


def a_template(folder: Path, text: str = WASH, name: str = "wash") -> str:
    """Its whole path."""
    path = (folder / f"{name}.toml").resolve()
    path.write_text(text, encoding="utf-8")
    return str(path)


def drawn(template: str, dpi: int = 203) -> Layout:
    """What every copy of the record's label shows."""
    return render_prepared(prepare(record_from(RECORD), template, LabelTerms(TODAY, LinkStyle("id.example.cn"))), dpi)
