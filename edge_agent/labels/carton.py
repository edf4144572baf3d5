"""The label of a carton: its data as a snapshot, held to the template as every label's are. It is the same again each
time it is printed, but for the words that say which printing it is: its number is the carton's, and no garment's."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from edge_agent.model.cartons import Carton, CartonLine
from edge_agent.render.plan import Layout, lay_out
from edge_agent.render.templates.template import load_template
from label_protocol.codes.sscc import validate
from label_protocol.details import CartonSnapshot

TEMPLATE = "carton_sscc_100x100"
"""The built-in one: what is on it is fixed by the carton, and nothing of it by a rule."""

SNAPSHOT_VERSION = 1


@dataclass(frozen=True, slots=True)
class CartonFacts:
    """What a carton's label says: who sends it, the day it was closed on (`YYYY-MM-DD`), what is in it."""

    carton: Carton
    sender: str
    packed_on: str
    lines: Sequence[CartonLine]


def carton_snapshot(facts: CartonFacts, nth: int) -> CartonSnapshot:
    """The data of its label, printed for the `nth` time. Raises CodeError: the carton has no SSCC that is one."""
    template, carton = load_template(TEMPLATE), facts.carton
    return {
        "snapshot": SNAPSHOT_VERSION,
        "carton": {
            "sscc": validate(carton.sscc or ""),
            "number": carton.carton,
            "sender": unicodedata.normalize("NFC", facts.sender),
            "packed_on": facts.packed_on,
            "total": carton.packed,
            "styles": len({line.style_no for line in facts.lines}),
            "lines": [_line(line) for line in facts.lines],
            **({"copy": f"第 {nth} 份"} if nth > 1 else {}),
        },
        "template": {
            "name": template.name,
            "version": template.version,
            "kind": template.kind,
            "engine": template.engine,
        },
    }


def carton_layout(snapshot: CartonSnapshot, dpi: int) -> Layout:
    """The label as it is printed at a resolution. Raises RenderError: it does not fit."""
    return lay_out(load_template(TEMPLATE), snapshot, dpi)


def _line(line: CartonLine) -> dict[str, str | int]:
    return {
        "style_no": line.style_no,
        "name": line.name,
        "colour": line.colour,
        "size": line.size,
        "count": line.count,
    }
