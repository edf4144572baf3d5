"""What happens to a garment, in the words of CBV 2.0: a row each. Pure.

Each row was held against the lists of the standard. Three are not as one would guess. *Returning* is no business step:
goods that come back are received, and the disposition says that they were returned. A sampled garment is observed, and
whoever destroys it says so by an event of its own. A label that was spoiled before it was on its garment never was a
commissioned object, so nothing of it is told. `decommissioning` ends an identifier, not a garment: the garment may go
on under another one, never under the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """One row: the event's kind and action, its business step and what holds afterwards (`disposition`)."""

    zh: str
    kind: str
    action: str
    biz_step: str
    disposition: str

    def fields(self) -> dict[str, str]:
        """As they stand in an event."""
        return {
            "type": self.kind,
            "action": self.action,
            "bizStep": self.biz_step,
            "disposition": self.disposition,
        }


STEPS: Mapping[str, Step] = {
    "commissioned": Step("贴到衣服上", "ObjectEvent", "ADD", "commissioning", "active"),
    "scrapped": Step("标签作废", "ObjectEvent", "DELETE", "decommissioning", "inactive"),
    "packed": Step("装箱", "AggregationEvent", "ADD", "packing", "in_progress"),
    "unpacked": Step("出箱", "AggregationEvent", "DELETE", "unpacking", "in_progress"),
    "shipped": Step("发货", "ObjectEvent", "OBSERVE", "shipping", "in_transit"),
    "returned": Step("退回", "ObjectEvent", "OBSERVE", "receiving", "returned"),
    "destroyed": Step("销毁", "ObjectEvent", "DELETE", "destroying", "destroyed"),
    "sampled": Step("抽样", "ObjectEvent", "OBSERVE", "sampling", "unavailable"),
    "inspected_good": Step("检验合格", "ObjectEvent", "OBSERVE", "inspecting", "conformant"),
    "inspected_bad": Step("检验不合格", "ObjectEvent", "OBSERVE", "inspecting", "non_conformant"),
    "recalled": Step("召回", "ObjectEvent", "OBSERVE", "holding", "recalled"),
}
"""By our own word for what happened."""
