"""The catalogue holds five kinds of documents, each by its key. Garment styles and lots are those of the record."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, Strict, ValidationError

from edge_agent.errors import CatalogError
from edge_agent.model import names
from garment.record import Lot, Product, StrictModel, Text
from garment.strict_json import first_flaw
from label_protocol.errors import RecordError

M = TypeVar("M", bound=StrictModel)

Ident = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")]


class Printer(StrictModel):
    """A printer: where it is (`url` of a transport) and what it speaks (`profile`, a row of printers.toml)."""

    id: Ident
    name: Text
    url: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+]*:\S+$", max_length=500)]
    profile: Ident
    dpi: Annotated[int, Strict(), Field(ge=100, le=1200)] | None = None
    group: Text | None = None


class Operator(StrictModel):
    """Who works at the line: the code on the badge, and a name. Once there is one, nobody else may act."""

    code: Ident
    name: Text

    @classmethod
    def require(cls, one: Operator) -> Operator:
        """The operator, if the name is one (`names.person`). Raises InputError. Asked when one is brought in, and not
        of what the file holds: a catalogue of an earlier release is still read."""
        names.person(one.name, f"catalogue, operator {one.code}")
        return one


class LotGoods(StrictModel):
    """Which goods a lot is of: one style, and the GTINs of the sizes that were inspected with it. It stands beside the
    lot and not in it, because the lot's fields are those of the record, and all of them go onto the label."""

    lot_no: Text
    style_no: Text
    gtins: tuple[Text, ...]

    def with_more(self, gtins: Iterable[str]) -> LotGoods:
        """The same style's further sizes."""
        return self.model_copy(update={"gtins": tuple(sorted({*self.gtins, *gtins}))})


def _as_it_is(value: M) -> M:
    return value


@dataclass(frozen=True, slots=True)
class Kind(Generic[M]):
    """One kind of document: its table, its model, and the fields that are its key."""

    name: str
    model: type[M]
    key: tuple[str, ...]
    require: Callable[[M], M] = _as_it_is

    def document(self, value: M | Mapping[str, Any]) -> M:
        """The value as a document that may come in.

        Raises:
            RecordError: names the kind and the first wrong field.
            InputError: an operator's name that is none.
        """
        return self.require(value if isinstance(value, self.model) else self._read(value))

    def _read(self, value: M | Mapping[str, Any]) -> M:
        try:
            return self.model.model_validate(value)
        except ValidationError as cause:
            raise RecordError(f"catalogue, {self.name}, {first_flaw(cause)}") from cause

    def stored(self, value: Mapping[str, Any]) -> M:
        """As `document`, for what our own file holds.

        Raises:
            CatalogError: somebody edited the file.
        """
        try:
            return self._read(value)
        except RecordError as cause:
            raise CatalogError(f"{cause}; the catalogue was edited by hand, import the document again") from cause

    def key_of(self, document: Mapping[str, Any] | M) -> tuple[Any, ...]:
        """The values of the key fields."""
        if isinstance(document, StrictModel):
            return tuple(getattr(document, field) for field in self.key)
        return tuple(document.get(field) for field in self.key)


STYLES = Kind("styles", Product, ("style_no", "size"))
LOTS = Kind("lots", Lot, ("lot_no",))
PRINTERS = Kind("printers", Printer, ("id",))
OPERATORS = Kind("operators", Operator, ("code",), Operator.require)
LOT_GOODS = Kind("lot_goods", LotGoods, ("lot_no",))
KINDS: Mapping[str, Kind[Any]] = {kind.name: kind for kind in (STYLES, LOTS, PRINTERS, OPERATORS, LOT_GOODS)}
"""By table name; a style is one size, because GTIN and fill weight belong to the size."""

_FIRM = re.compile(r"[0-9A-Za-z_-]{1,40}")
"""As a registry names a party: a 统一社会信用代码 (GB 32100), or a word of its own such as `unassigned`."""


def require_firm(firm: str) -> str:
    """The firm. Raises RecordError: no registry names one so."""
    if not _FIRM.fullmatch(firm):
        raise RecordError(
            "为哪家要写统一社会信用代码 · firm: expected a credit code of up to 40 letters and digits, as the registry "
            f"writes it, got {firm[:40]!r}"
        )
    return firm
