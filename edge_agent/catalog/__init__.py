"""The catalogue holds garment styles, lot descriptions, printers and operators: small documents in TinyDB over
`storage.AtomicStorage`.

Goods of a firm stand apart (`Catalog.of_firm`), so two firms with a style or a lot of one number never meet. The
catalogue describes. What may be issued, what was issued and what became of it is the ledger's affair; losing the
catalogue loses typing, not truth. TinyDB rewrites its file per change, so imports are one change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic

from tinydb.table import Table

from edge_agent.catalog.documents import (
    KINDS,
    LOT_GOODS,
    LOTS,
    OPERATORS,
    PRINTERS,
    STYLES,
    Kind,
    LotGoods,
    M,
    Operator,
    Printer,
    require_firm,
)
from edge_agent.catalog.goods import goods_of, is_of, require_goods, require_same_style
from edge_agent.catalog.identifiers import Named, Placed, require_one_each
from edge_agent.catalog.json_import import read_json
from edge_agent.catalog.sheets import COMMAND, Extent, Intake, Watch
from edge_agent.catalog.sheets import read as read_sheet
from edge_agent.catalog.storage import AtomicStorage
from edge_agent.errors import NotFoundError
from garment.record import GarmentRecord, Lot, Product
from label_protocol.errors import ConflictError, RecordError

__all__ = ["Catalog", "DocumentTable", "ImportReport", "LotGoods", "Operator", "Printer", "is_of"]

MAX_IMPORT_BYTES = 96 * 1024 * 1024
"""Largest file that is imported: 100 000 garments with every column are some 50 MB of CSV; beyond it somebody chose the
wrong file."""


_OF = "@"
"""Between a kind and a firm, in the name of a table."""
_EVERYBODYS = (PRINTERS.name, OPERATORS.name)
"""Kinds that no firm has apart: they are the site's."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many documents of each kind an import brought, `added` new and `replaced` under the same key; `told`: what
    was left out or taken for granted, in Chinese and English."""

    added: Mapping[str, int]
    replaced: Mapping[str, int]
    told: Sequence[str] = ()

    def __str__(self) -> str:
        counts = "; ".join(f"{kind}: +{new}, ~{self.replaced[kind]}" for kind, new in self.added.items())
        return "\n".join([counts, *self.told])


class DocumentTable(Generic[M]):
    """The documents of one kind, by their keys."""

    def __init__(self, storage: AtomicStorage, kind: Kind[M], firm: str = "") -> None:
        self._storage = storage
        self._kind = kind
        self.kind = kind.name
        self.name = f"{kind.name}{_OF}{firm}" if firm else kind.name

    def put(self, value: M | Mapping[str, Any]) -> M:
        """Add a document, or replace the one with its key. Raises RecordError, CatalogError."""
        document = self._kind.document(value)
        with self._storage.one_write():
            self._put_all([document])
        return document

    def get(self, *key: str) -> M:
        """One document by its key fields. Raises NotFoundError, CatalogError."""
        with self._storage.held():
            found = [row for row in self._table() if self._kind.key_of(row) == key]
        if not found:
            raise self._missing(key)
        return self._kind.stored(found[0])

    def list(self) -> tuple[M, ...]:
        """All documents, in order of their keys. Raises CatalogError."""
        with self._storage.held():
            rows = [dict(row) for row in self._table()]
        return tuple(sorted(map(self._kind.stored, rows), key=self._kind.key_of))

    def delete(self, *key: str) -> None:
        """Forget one document; labels already printed keep their snapshot. Raises NotFoundError, CatalogError."""
        with self._storage.one_write():
            found = [row.doc_id for row in self._table() if self._kind.key_of(row) == key]
            if not found:
                raise self._missing(key)
            self._table().remove(doc_ids=found)

    def _missing(self, key: tuple[str, ...]) -> NotFoundError:
        wanted = ", ".join(f"{field} {str(value)[:60]!r}" for field, value in zip(self._kind.key, key, strict=True))
        return NotFoundError(f"catalogue, {self._kind.name}: expected {wanted}, got no such document; import it first")

    def _put_all(self, documents: Iterable[M]) -> tuple[int, int]:
        """Inside `one_write`; (added, replaced). One pass, however many documents."""
        fresh = {self._kind.key_of(document): document for document in documents}
        table = self._table()
        old = [row.doc_id for row in table if self._kind.key_of(row) in fresh]
        table.remove(doc_ids=old)
        table.insert_multiple({name: value for name, value in one if value is not None} for one in fresh.values())
        return len(fresh) - len(old), len(old)

    def _table(self) -> Table:
        """A fresh view: TinyDB caches the next id, which another process may have taken meanwhile."""
        return Table(self._storage, self.name, cache_size=0)


class Catalog:
    """The tables of all kinds, in one file; styles and lots are those of `firm`, or of nobody in particular."""

    def __init__(self, storage: AtomicStorage, firm: str = "") -> None:
        self._storage = storage
        self.firm = firm
        self.styles: DocumentTable[Product] = DocumentTable(storage, STYLES, firm)
        self.lots: DocumentTable[Lot] = DocumentTable(storage, LOTS, firm)
        self.printers: DocumentTable[Printer] = DocumentTable(storage, PRINTERS)
        self.operators: DocumentTable[Operator] = DocumentTable(storage, OPERATORS)
        self.lot_goods: DocumentTable[LotGoods] = DocumentTable(storage, LOT_GOODS, firm)

    @classmethod
    def open(cls, path: Path) -> Catalog:
        """The catalogue at `path`, begun if it was never used.

        Raises:
            CatalogError: missing or empty after first use, or not a catalogue; the sentence says what to do.
        """
        return cls(AtomicStorage(Path(path)))

    def of_firm(self, firm: str) -> Catalog:
        """The same file with the goods of one firm. Raises RecordError: no registry names one so."""
        return Catalog(self._storage, require_firm(firm)) if firm else self

    def firms(self) -> tuple[str, ...]:
        """Whose goods stand here apart. Raises CatalogError."""
        with self._storage.held():
            tables = self._storage.read()
        return tuple(sorted({firm for name, rows in tables.items() if rows and (firm := name.partition(_OF)[2])}))

    def record(self, style_no: str, size: str, lot_no: str | None = None) -> GarmentRecord:
        """The garment record of a style in a size, with a lot if one is named; of a firm that has no such style here,
        that of nobody in particular.

        Raises:
            NotFoundError: no such style, size or lot.
            RecordError: the lot is known to be of other goods.
            CatalogError: the file cannot be read.
        """
        try:
            product = self.styles.get(style_no, size)
        except NotFoundError:
            if not self.firm:
                raise
            return Catalog(self._storage).record(style_no, size, lot_no)
        record = GarmentRecord(product=product, lot=None if lot_no is None else self.lots.get(lot_no))
        self.require_goods(record)
        return record

    def require_goods(self, record: GarmentRecord) -> None:
        """Raises RecordError: the record's lot is known here, and of other goods."""
        if record.lot is not None:
            require_goods(record.product, record.lot.lot_no, self.goods_of(record.lot.lot_no))

    def goods_of(self, lot_no: str) -> LotGoods | None:
        """What a lot is known to be of; None: nothing is known of it."""
        try:
            return self.lot_goods.get(lot_no)
        except NotFoundError:
            return None

    def stamp(self) -> tuple[int, ...]:
        """Changes with every change of the file: who keeps what it read asks this first. Raises OSError: no file."""
        seen = self._storage.path.stat()
        return seen.st_mtime_ns, seen.st_size, seen.st_ino

    def export(self) -> dict[str, Sequence[Mapping[str, Any]]]:
        """Everything, in the form that `import_json` takes."""
        goods: Sequence[DocumentTable[Any]] = (self.styles, self.lots, self.lot_goods)
        tables = (*goods, self.printers, self.operators)
        return {
            table.kind: [one.model_dump(mode="json", exclude_none=True) for one in table.list()] for table in tables
        }

    def import_file(self, path: Path, *, replace: bool = False, watch: Watch | None = None) -> ImportReport:
        """A `.json`, `.csv` or `.xlsx` file; nothing is imported if any of it is wrong. `watch` is told how many rows
        of a sheet are read. Raises RecordError, CatalogError."""
        try:
            with Path(path).open("rb") as file:
                data = file.read(MAX_IMPORT_BYTES + 1)
        except OSError as cause:
            raise RecordError(f"import {path}: cannot be read ({cause}); check the path") from cause
        if len(data) > MAX_IMPORT_BYTES:
            raise RecordError(f"import {path}: expected at most {MAX_IMPORT_BYTES >> 20} MiB; split the file")
        kind = Path(path).suffix.lower()
        if kind == ".json":
            return self.import_json(data, replace=replace)
        if kind not in {".csv", ".txt", ".xlsx"}:
            raise RecordError(
                f"请在 Excel 或 WPS 里另存为 .xlsx 或“CSV UTF-8” · import {path}: expected a name ending in .json, "
                ".csv or "
                ".xlsx; save it as one of these"
            )
        return self.import_sheet(data, replace=replace, watch=watch)

    def import_json(self, data: bytes, *, people_stay: bool = False, replace: bool = False) -> ImportReport:
        """One garment record, a list of them, or what `export` gives. `replace`: a GTIN or lot may change hands.
        Raises RecordError, CatalogError; ConflictError as `_require_people_stay`, if `people_stay`."""
        return self._store(read_json(data), people_stay=people_stay, replace=replace)

    def import_sheet(
        self,
        data: bytes,
        *,
        people_stay: bool = False,
        replace: bool = False,
        watch: Watch | None = None,
        within: Extent = COMMAND,
    ) -> ImportReport:
        """A spreadsheet as CSV or `.xlsx`; its columns are in `docs/catalogue.md`. Raises as `import_json`."""
        return self._store(read_sheet(data, watch, within), people_stay=people_stay, replace=replace)

    def _require_people_stay(self, documents: Mapping[str, Sequence[Any]]) -> None:
        """Inside `one_write`. Whoever may add a name may act under it, so who has not logged in adds none to those
        that are named. Raises ConflictError."""
        if documents.get(OPERATORS.name) and len(self.operators._table()):
            raise ConflictError(
                "操作员名单已有人，不能从页面或接口改，请技术人员在代理的电脑上用命令导入 · operators: expected "
                "none over the API, since some are named already, got some; run edge-agent catalog import FILE there"
            )

    def _store(self, taken: Intake, *, people_stay: bool, replace: bool) -> ImportReport:
        documents = {kind: [document for _, document in rows.values()] for kind, rows in taken.documents.items()}
        goods = [*goods_of(taken.pairs), *documents.pop(LOT_GOODS.name, [])]
        counts = {}
        with self._storage.one_write():
            if people_stay:
                self._require_people_stay(documents)
            taken.told += self._make_way(taken.documents.get(STYLES.name, {}), replace=replace)
            if goods:
                self.lot_goods._put_all(self._with_known(goods, replace=replace))
            for name, found in documents.items():
                firm = "" if name in _EVERYBODYS else self.firm
                table: DocumentTable[Any] = DocumentTable(self._storage, KINDS[name], firm)
                counts[name] = table._put_all(found)
        return ImportReport(
            {name: added for name, (added, _) in counts.items()},
            {name: replaced for name, (_, replaced) in counts.items()},
            tuple(taken.told),
        )

    def _make_way(self, new: Placed, *, replace: bool) -> list[str]:
        """Inside `one_write`: takes away what holds a GTIN that the file gives to another garment. Raises RecordError:
        there is such, and not `replace`."""
        rows = {STYLES.key_of(row): row for row in self.styles._table()} if new else {}
        gone = require_one_each(new, {key: Named.of(row) for key, row in rows.items()}, replace=replace)
        if gone:
            self.styles._table().remove(doc_ids=[rows[key].doc_id for key in gone])
        return [
            f"{one} 的商品条码 {one.gtin} 改给了别的款，已从资料库删去 · {one} lost its GTIN to the file, removed"
            for one in gone.values()
        ]

    def _with_known(self, goods: Sequence[LotGoods], *, replace: bool) -> list[LotGoods]:
        """Inside `one_write`: a lot keeps the sizes it had if its style is the same. Raises RecordError: it is another,
        and not `replace`."""
        known = {row["lot_no"]: LOT_GOODS.stored(row) for row in map(dict, self.lot_goods._table())}
        found = []
        for new in goods:
            old = known.get(new.lot_no)
            if not replace:
                require_same_style(new, old)
            found.append(old.with_more(new.gtins) if old is not None and old.style_no == new.style_no else new)
        return found
