"""These painters set tables of templates of format 2, where no column has a width of its own: each is as wide as its
widest text, at the size that the layout found."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.errors import RenderError
from edge_agent.render.box import Box
from edge_agent.render.facts import Facts
from edge_agent.render.page import Page
from edge_agent.render.painters.captioned import Captioned, Setting, set_rows
from edge_agent.render.painters.tables import field_rows, part_rows
from edge_agent.render.raster import millimetres
from edge_agent.render.templates.slots import AnyComposition, AnyFields
from edge_agent.render.type.fonts import face

Table = AnyFields | AnyComposition


def table_rows(slot: Table, facts: Facts) -> list[Captioned]:
    """What the table shows."""
    return field_rows(slot, facts) if isinstance(slot, AnyFields) else part_rows(facts)


def paint_captioned(slot: Table, page: Page, box: Box) -> None:
    """Captions and values, spread over the box. Raises RenderError: they do not fit it at the least size."""
    rows = table_rows(slot, page.facts)
    if not rows:
        return
    setting = _largest(rows, slot, page, box)
    page.sizes[slot.name] = setting.face.height_dots
    pitch = setting.widest_pitch(box.height_dots)
    spare = box.height_dots - setting.height_dots(pitch)
    first = box.top_dots + setting.rise_dots + {"top": 0, "middle": spare // 2, "bottom": spare}[slot.valign]
    for run in setting.runs:
        left, baseline = box.left_dots + run.left, first + run.line * pitch
        if run.spread_dots is None:
            page.run(slot.name, setting.face, run.text, left, baseline)
        else:
            page.spread_run(slot.name, setting.face, run.text, left, baseline, run.spread_dots)


def _largest(rows: Sequence[Captioned], slot: Table, page: Page, box: Box) -> Setting:
    style = page.style_of(slot)
    for height in range(style.height_dots, style.least_dots - 1, -1):
        found = set_rows(rows, face(height, style.weight), box.width_dots, run_in=page.run_in)
        if found is not None and found.height_dots() <= box.height_dots:
            return found
    have = f"{millimetres(box.width_dots, page.dpi):.1f} × {millimetres(box.height_dots, page.dpi):.1f} mm"
    raise RenderError(
        f"部位 {slot.name} 只有 {have}，放不下这 {len(rows)} 行，请缩短或换大一点的模板 · slot {slot.name}: expected "
        f"{len(rows)} row(s) that fit {have}, got more; shorten them or use a larger template"
    )
