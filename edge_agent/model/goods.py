"""For which garment a label is, in the few words that a person tells it by. A frozen value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goods:
    """All empty where this computer no longer has the data behind the label."""

    style_no: str = ""
    size: str = ""
    name: str = ""

    def __str__(self) -> str:
        return " · ".join(one for one in (self.style_no, self.size) if one)
