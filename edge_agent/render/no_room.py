"""These sentences refuse what no way of a template holds: they name the slot, and what is missing in millimetres or
lines."""

from __future__ import annotations

from edge_agent.errors import RenderError
from edge_agent.render.facts import Facts
from edge_agent.render.layout.share import NoRoomError
from edge_agent.render.painters.leaves import lines_at_least
from edge_agent.render.patches.qr_room import host_and_lot, module_sizes, modules_of, sides_dots, usual
from edge_agent.render.raster import millimetres
from edge_agent.render.templates.stacked import QrItem, TextItem
from edge_agent.render.templates.template import Template


def no_room(template: Template, facts: Facts, cause: NoRoomError, dpi: int) -> RenderError:
    """The refusal of texts that are too long: what is missing of height or width, or how many lines are too many."""
    zh, en = _lacking(template, facts, cause, dpi)
    size = _size(template)
    return RenderError(
        f"部位 {cause.name} 放不下：{size} 的标签缩到最小字高，{zh}，请缩短文字或换大一点的模板 · "
        f"slot {cause.name}: expected all of the label's texts to fit {size} at their least sizes, got {en}; "
        "shorten what stands there or use a larger template"
    )


def _lacking(template: Template, facts: Facts, cause: NoRoomError, dpi: int) -> tuple[str, str]:
    short_mm, room_mm = millimetres(cause.short_dots, dpi), millimetres(cause.room_dots, dpi)
    if not cause.wide:
        return f"高度还差 {short_mm:.1f} mm", f"{short_mm:.1f} mm too little height"
    if cause.short_dots:
        return f"宽度还差 {short_mm:.1f} mm", f"{short_mm:.1f} mm too little width"
    item = next(one for one in template.items if one.name == cause.name)
    if not isinstance(item, TextItem):
        return f"{room_mm:.1f} mm 宽里排不下", f"{room_mm:.1f} mm of width, too little for its parts side by side"
    lines = lines_at_least(item, facts, cause.room_dots, dpi)
    zh = f"{room_mm:.1f} mm 宽里要排 {lines} 行，最多 {item.max_lines} 行"
    return zh, f"{lines} lines in {room_mm:.1f} mm of width where {item.max_lines} may stand"


def code_too_large(template: Template, slot: QrItem, prefix: str, dpi: int) -> RenderError:
    """The refusal of a link whose code leaves the texts no room, where that of a usual one would."""
    host, lot = host_and_lot(prefix)
    modules, fewer = (modules_of(one, slot) for one in (prefix, usual(prefix)))
    side_mm, room_mm = (_side_mm(count, slot, dpi) for count in (modules, fewer))
    lot_zh, lot_en = (f"，批号 {len(lot)} 个", f" and a lot of {len(lot)}") if lot else ("", "")
    advice_zh, advice_en = ("，或去掉批号", ", or leave out the lot") if lot else ("", "")
    return RenderError(
        f"部位 {slot.name} 的二维码太大：网址 {host[:40]} 有 {len(host)} 个字符{lot_zh}，边长要 {side_mm:.1f} mm，"
        f"{_size(template)} 的标签上，这些文字旁边放得下 {room_mm:.1f} mm，请缩短网址{advice_zh}，或换大一点的模板 · "
        f"slot {slot.name}: expected a link whose code fits beside the texts of {_size(template)}, {room_mm:.1f} mm, "
        f"got {side_mm:.1f} mm: {modules} modules for a host of {len(host)} characters{lot_en}; shorten the link's "
        f"host{advice_en}, or use a larger template"
    )


def _side_mm(modules: int, slot: QrItem, dpi: int) -> float:
    """With its quiet zone, at the least module."""
    side, quiet = sides_dots(modules, module_sizes(slot, dpi)[-1])
    return millimetres(side + 2 * quiet, dpi)


def _size(template: Template) -> str:
    return f"{template.size_mm[0]:g} × {template.size_mm[1]:g} mm"
