"""Work orders, sources and rules as JSON, with the words that people see."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from edge_agent.model.work_order import Part, WorkOrder
from edge_agent.service.intake import SourceView
from edge_agent.service.work_orders import OrderView
from edge_agent.web.views import job_view

_COUNTS = ("ordered", "given", "printed", "in_doubt", "void", "left", "next_part")


def order_view(view: OrderView) -> dict[str, Any]:
    """An order: what was asked, how it stands in words and counts, its parts and their jobs."""
    order = view.order
    told = asdict(order.asked) | {"order_id": order.order_id, "state": view.state.value, "words": asdict(view.words)}
    told |= {name: getattr(view, name) for name in _COUNTS}
    told |= {name: getattr(order, name) for name in ("taken_at", "file", "note", "closed_by", "reason")}
    parts = [{name: value for name, value in asdict(one).items() if name != "body"} for one in order.order_parts]
    return told | {"parts": parts, "jobs": [job_view(job) for job in view.jobs]}


def origin_view(found: tuple[WorkOrder, Part] | None) -> dict[str, Any] | None:
    """What a job was opened for: the order, the part of it, and the rule with who signed it (both null: a person
    ordered it)."""
    if found is None:
        return None
    order, part = found
    signed = {"rule": part.rule or None, "signed_by": part.operator if part.rule else None}
    number = {name: getattr(order.asked, name) for name in ("source", "order_no", "line")}
    return {"order_id": order.order_id, **number, "part": part.part, **signed}


def source_view(view: SourceView) -> dict[str, Any]:
    """A source: who answers for it, how much it sent today, what waits, and what is wrong with its folder."""
    told = asdict(view.source) | {"kind": view.source.kind.value, "mapping": dict(view.source.mapping)}
    reading = {name: {"done": done, "of": total} for name, (done, total) in view.reading.items()}
    counts = {"taken_today": view.taken_today, "waiting": view.waiting, "reading": reading}
    return told | counts | {"last_file": view.last_file, "last_at": view.last_at, **asdict(view.folder)}
