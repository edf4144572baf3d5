"""The intake of work orders: which sources there are and how each stands, and a file of orders taken once, whatever way
it came.

A file has a number from the moment somebody has it in hand. Under that number it is taken once: whoever is killed
before the answer was given asks again and gets the same answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

import structlog
from pydantic import BaseModel, ConfigDict, Field, Strict, WrapValidator

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.clock import today_local
from edge_agent.errors import NotFoundError
from edge_agent.model.work_order import ReadRow, Source, SourceKind
from edge_agent.service.catalogue import CatalogueService
from edge_agent.service.parts import AgentParts
from edge_agent.work_orders.answer import answer_of
from edge_agent.work_orders.reading import read
from edge_agent.work_orders.reading.json_rows import rows_of
from edge_agent.work_orders.reading.row import OrderRow
from label_protocol.errors import ConflictError, InputError

_log = structlog.get_logger("edge_agent.service")

AUTO = "auto"
MAX_FILE_BYTES = 32 * 1024 * 1024
"""As a sheet of the catalogue over the API; 35 000 rows of orders are some 5 MB."""

_AS_IT_CAME = WrapValidator(lambda value, _read: value)
"""Described here and read row by row, so that one bad row is one refusal."""


class OrdersBody(BaseModel):
    """Orders of a program; the same again are the same orders, so a repeat after a lost answer is harmless."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Annotated[str, Strict(), Field(min_length=1, max_length=32)]
    orders: Annotated[tuple[OrderRow, ...], _AS_IT_CAME]


Read = Callable[[Source], Sequence[ReadRow]]


@dataclass(frozen=True, slots=True)
class FolderState:
    """What whoever watches a folder says of it: `trouble` why nothing can be taken now, empty: it can; `left`: files
    that are left there, each with its reason."""

    folder: str = ""
    trouble: str = ""
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceView:
    """A source and how it stands. `reading`: rows done and about how many there are of a file in hand, by its name."""

    source: Source
    taken_today: int
    waiting: int
    last_file: str
    last_at: str
    folder: FolderState
    reading: Mapping[str, tuple[int, int]]


class IntakeService:
    """Takes files of orders. Used by one event loop."""

    def __init__(self, parts: AgentParts, catalogue: CatalogueService, today: Callable[[], str] = today_local) -> None:
        self._parts, self._catalogue, self._today = parts, catalogue, today
        self._book = parts.work_orders
        self._sources = {one.source_id: one for one in parts.sources}
        self._folders: dict[str, FolderState] = {}
        self._reading: dict[str, dict[str, tuple[int, int]]] = {}

    def source(self, source_id: str, *kinds: SourceKind) -> Source:
        """A source by its number, of one of these kinds. Raises NotFoundError; ConflictError: it sends otherwise."""
        source = self._sources.get(source_id)
        if source is None:
            raise NotFoundError(
                f"没有这个来源 {source_id[:40]!r}，请技术人员在配置里加一段 [[intake]] · source: expected one of "
                f"{', '.join(self._sources) or 'none (no source is set up)'}, got {source_id[:40]!r}; add [[intake]]"
            )
        if kinds and source.kind not in kinds:
            raise ConflictError(
                f"来源“{source.name}”设为 {source.kind.value}，不能这样送单 · source {source_id}: expected one of kind "
                f"{' or '.join(kinds)}, got {source.kind.value}; send it as it is set up, or change [[intake]]"
            )
        return source

    async def take_file(self, file_id: str, name: str, source: Source, data: bytes) -> Mapping[str, Any]:
        """Take the orders of a file, each whole or not at all; the same file again gets the same answer.

        A file of which nothing can be read is answered too. Raises OrderBookError: nothing is known of it then.
        """
        return await self._take(file_id, name, source, lambda one: _read(data, one, self._watch(one, name)))

    async def allow(self, who: Who) -> None:
        """Whether somebody may send orders at all; asked before what is sent is read. Raises LogInError, RoleError."""
        await self._parts.people.allow(who, Action.SEND_ORDERS, "work orders")

    async def take_rows(self, file_id: str, source: Source, orders: Any) -> Mapping[str, Any]:
        """Take orders that a program sent as JSON. Raises as `take_file`."""
        return await self._take(file_id, "POST /work-orders", source, lambda one: rows_of(orders, one))

    async def upload(self, file_id: str, name: str, source: Source, data: bytes, who: Who) -> Mapping[str, Any]:
        """Take a sheet that a person sent. Raises RecordError: nobody is named; as `take_file`, `allow`."""
        await self._parts.people.actor(who, Action.SEND_ORDERS, f"source {source.source_id}")
        return await self.take_file(file_id, name, source, data)

    def folder_is(self, source_id: str, state: FolderState) -> None:
        """Whoever watches the folder says how it is; a trouble is told in the log when it begins and when it ends. What
        stands before the dot names no path, which may hold somebody's name."""
        before = self._folders.get(source_id, FolderState())
        self._folders[source_id] = state
        if state.trouble and state.trouble != before.trouble:
            _log.warning("intake_trouble", source=source_id, why=state.trouble.partition(" · ")[0])
        elif before.trouble and not state.trouble:
            _log.info("intake_well", source=source_id)
        if state != before:
            self._parts.changes.tell()

    async def sources(self) -> Sequence[SourceView]:
        """Every source and how it stands. Raises OrderBookError."""
        return await asyncio.to_thread(lambda: [self._view(one) for one in self._sources.values()])

    def _view(self, source: Source) -> SourceView:
        name, at = self._book.last_file(source.source_id) or ("", "")
        return SourceView(
            source,
            self._book.taken_on(source.source_id, self._today()),
            self._book.count_open(source.source_id),
            name,
            at,
            self._folders.get(source.source_id, FolderState()),
            dict(self._reading.get(source.source_id, {})),
        )

    async def _take(self, file_id: str, name: str, source: Source, reading: Read) -> Mapping[str, Any]:
        before = await asyncio.to_thread(self._book.answer, file_id)
        if before is not None:
            return before
        rows, refused = list[ReadRow](), ""
        try:
            rows = await self._require_known(await asyncio.to_thread(reading, source))
        except InputError as cause:
            refused = str(cause)
        finally:
            self._reading.get(source.source_id, {}).pop(name, None)
        answer = await asyncio.to_thread(
            lambda: self._book.take(
                file_id, name, source.source_id, rows, limit=source.daily_limit, day=self._today(),
                answer=lambda found: answer_of(file_id, name, source.source_id, found, refused),
            )
        )  # fmt: skip
        counts = {key: answer[key] for key in ("taken", "same", "refused")}
        _log.info("orders_taken", file=file_id, source=source.source_id, **counts, whole=not refused)
        self._parts.changes.tell()
        return answer

    async def _require_known(self, rows: Sequence[ReadRow]) -> list[ReadRow]:
        """What names a printer or a label that is not here has a flaw, and is told now and not before the printer."""
        directory = self._parts.printers
        printers = {view.printer_id for view in directory.views()} | {one.group_id for one in directory.groups}
        wanted = {row.asked.template for row in rows if row.asked} - {AUTO}
        templates = {AUTO, *await self._catalogue.templates()} if wanted else {AUTO}
        return [_known(row, printers, templates) for row in rows]

    def _watch(self, source: Source, name: str) -> Callable[[int, int], None]:
        reading = self._reading.setdefault(source.source_id, {})
        reading[name] = (0, 0)

        def watch(done: int, total: int) -> None:
            reading[name] = (done, total)

        return watch


def _read(data: bytes, source: Source, watch: Callable[[int, int], None]) -> Sequence[ReadRow]:
    if len(data) > MAX_FILE_BYTES:
        raise InputError(
            f"文件超过 {MAX_FILE_BYTES >> 20} MiB，请分成几个 · file: expected at most {MAX_FILE_BYTES >> 20} MiB, got "
            "more; split it"
        )
    return read(data, source, watch)


def _known(row: ReadRow, printers: set[str], templates: set[str]) -> ReadRow:
    asked, flaws = row.asked, []
    if asked is None:
        return row
    if asked.printer is not None and asked.printer not in printers:
        flaws.append(_stranger("打印机", "printer", asked.printer, printers))
    if asked.template not in templates:
        flaws.append(_stranger("模板", "template", asked.template, templates))
    return replace(row, asked=None, flaws=tuple(flaws)) if flaws else row


def _stranger(zh: str, en: str, got: str, known: set[str]) -> str:
    listed = ", ".join(sorted(known)[:8]) or "none"
    return (
        f"没有{zh}“{got[:40]}” · expected a {en} of this site ({listed}), got {got[:40]!r}; correct it or leave it out"
    )
