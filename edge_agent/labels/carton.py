"""The label of a carton: its data as a snapshot, held to the template as every label's are. It is the same again each
time it is printed, but for the words that say which printing it is: its number is the carton's, and no garment's."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from edge_agent.errors import RenderError
from edge_agent.labels.approval import InForce, of_draft
from edge_agent.model.cartons import Carton, CartonLine, CartonState
from edge_agent.render.plan import Layout, lay_out
from edge_agent.render.templates.template import Template, is_own, load_template
from garment.record import GarmentRecord
from label_protocol.codes.sscc import validate
from label_protocol.details import CartonSnapshot
from label_protocol.errors import ConflictError

TEMPLATE = "carton_sscc_100x100"
"""The built-in one. What is on a carton's label is fixed by the carton, and nothing of it by a rule."""

SNAPSHOT_VERSION = 1
NOBODYS_SSCC = "0" * 18
"""Its check digit holds, and no company has its prefix."""
SAMPLE_COUNT = 24


@dataclass(frozen=True, slots=True)
class CartonFacts:
    """What a carton's label says: who sends it, the day it was closed on (`YYYY-MM-DD`), what is in it."""

    carton: Carton
    sender: str
    packed_on: str
    lines: Sequence[CartonLine]


def carton_snapshot(
    facts: CartonFacts, nth: int, name: str = TEMPLATE, in_force: InForce | None = None
) -> CartonSnapshot:
    """The data of its label, printed for the `nth` time; `name` is that of a built-in template, or the path of one of
    the site's own, which has to be in force where leads approve.

    Raises:
        CodeError: the carton has no SSCC that is one.
        TemplateError: no such template. RenderError: it is no carton's. ConflictError: it is a draft.
    """
    template = load_template(name)
    if not template.of_carton:
        raise RenderError(_no_cartons(template.name))
    if not is_own(name) or in_force is None:
        return carton_data(facts, nth, template)
    approved = in_force.of_template(template.name, template.sha256)
    if approved is None:
        raise ConflictError(of_draft(template.name))
    return carton_data(facts, nth, template) | {"approvals": {"template": approved.recorded()}}


def _no_cartons(name: str) -> str:
    return (
        f"模板 {name} 不是箱标，请改 agent.toml 的 [labels] carton_template · template {name}: expected one of kind "
        "carton_sscc, got another kind; correct [labels] carton_template in agent.toml"
    )


def carton_data(facts: CartonFacts, nth: int, template: Template) -> CartonSnapshot:
    """As `carton_snapshot`, by this very template, whoever approved it: for looking. Raises CodeError."""
    carton = facts.carton
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


def carton_layout(snapshot: CartonSnapshot, dpi: int, name: str = TEMPLATE) -> Layout:
    """The label as it is printed at a resolution. Raises RenderError: it does not fit, or the template was changed
    since the snapshot was made."""
    return lay_out(load_template(name), snapshot, dpi)


def sample_layout(record: GarmentRecord, template: Template, dpi: int) -> Layout:
    """A carton of this garment, under the number of nobody's: to look at a template. Raises RenderError."""
    product, day = record.product, "2026-01-01"
    line = CartonLine(product.style_no, product.name, product.colour or "", product.size, SAMPLE_COUNT)
    carton = Carton("C00000000", CartonState.CLOSED, NOBODYS_SSCC, SAMPLE_COUNT, 0, "", day, day)
    return lay_out(template, carton_data(CartonFacts(carton, product.brand, day, [line]), 1, template), dpi)


def _line(line: CartonLine) -> dict[str, str | int]:
    return {
        "style_no": line.style_no,
        "name": line.name,
        "colour": line.colour,
        "size": line.size,
        "count": line.count,
    }
