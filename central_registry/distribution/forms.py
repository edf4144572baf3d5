"""Says what an agent understands of what is distributed (`X-Agent-Can`), and gives it items in that form. Pure.

An agent of before this is given what it was always given: allotments without a firm, lots and styles by number alone,
no leases and no certificates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from label_protocol.kinds import ItemKind

_MOST = 200
"""Characters of the header that are read."""

_BEFORE: Mapping[str, tuple[str, ...]] = {
    ItemKind.ALLOTMENT: ("kind", "quota_key", "quantity", "spoilage_permille"),
    ItemKind.LOT: ("kind", "lot_no", "record"),
    ItemKind.STYLE: ("kind", "style_no", "record"),
}
"""The fields of items as they were before firms."""


@dataclass(frozen=True, slots=True)
class Can:
    """What an agent understands; `text` is that as it is kept, the words known here in their order."""

    certificates: bool = False
    leases: bool = False
    firms: bool = False
    digests: bool = False

    @classmethod
    def of(cls, header: str) -> Can:
        """From the header; words that are not known here are for a newer registry."""
        words = {word.strip() for word in header[:_MOST].split(",")}
        return cls(**{name: name in words for name in cls.__slots__})

    @property
    def text(self) -> str:
        """As it is kept with the agent."""
        return ",".join(name for name in self.__slots__ if getattr(self, name))

    @property
    def hidden(self) -> list[str]:
        """Kinds of items that it is not sent."""
        kinds = {ItemKind.CERTIFICATE: self.certificates, ItemKind.LEASE: self.leases}
        return [kind.value for kind, understood in kinds.items() if not understood]

    def gains(self, before: Can) -> bool:
        """Whether it understands something now that it did not `before`; in which form it tells is no such thing."""
        return any(getattr(self, name) and not getattr(before, name) for name in self.__slots__ if name != "digests")

    def form(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """An item in the form that it understands."""
        fields = None if self.firms else _BEFORE.get(str(item["kind"]))
        return dict(item) if fields is None else {name: item[name] for name in fields if name in item}
