"""A snapshot is drawn by the template it was made for and by no other: what a label shows is what was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge_agent.errors import RenderError
from edge_agent.render.facts import CARTON_ROOT, check_required, facts_of
from edge_agent.render.raster import checked_dpi
from edge_agent.render.templates.template import Template


def refuse_order(template: Template) -> None:
    """An order sheet is drawn from many records, and is no label. Raises RenderError."""
    if template.of_order:
        raise RenderError(
            f"模板 {template.name} 是订货单，按订单出纸：edge-agent order-sheet · template {template.name}: expected a "
            "label's, drawn from one record, got an order sheet's; draw it with: edge-agent order-sheet"
        )


def require_made_for(template: Template, snapshot: Mapping[str, Any], dpi: int, *, draft: bool) -> None:
    """What was drawn by another template, or by another engine, is not drawn by this one; unless it is a `draft`, no
    required fact is absent. Raises RenderError."""
    refuse_order(template)
    if template.of_carton and CARTON_ROOT not in snapshot:
        raise RenderError(
            f"模板 {template.name} 是箱标，关箱以后打：edge-agent carton label · template {template.name}: expected "
            "the data of a carton, got those of a garment; order it when the carton is closed: edge-agent carton label"
        )
    checked_dpi(dpi)
    made_for = snapshot["template"]
    if (made_for["name"], made_for["version"]) != (template.name, template.version):
        raise RenderError(
            f"template {template.name} {template.version}: expected the template of the snapshot, "
            f"{made_for['name']} {made_for['version']}; open a new job with the present template"
        )
    if made_for.get("engine", 1) != template.engine:
        raise RenderError(
            f"模板 {template.name} 的版面是第 {made_for.get('engine', 1)} 代排的，本程序是第 {template.engine} 代，"
            "不能照原样再画，请取消任务重新下单，或装回原来的版本 · "
            f"template {template.name}: expected layout engine {template.engine}, got a snapshot of engine "
            f"{made_for.get('engine', 1)}; cancel the job and open it again, or install the release that opened it"
        )
    if not draft:
        check_required(template.required, facts_of(snapshot), template.name)
