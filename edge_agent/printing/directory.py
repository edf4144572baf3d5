"""The directory of all printers of this agent: rows of the configuration, and what each is doing now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from edge_agent.errors import NotFoundError, RefusedError
from edge_agent.messages.text import Words
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.printer_identity import PrinterIdentity


@dataclass(frozen=True, slots=True)
class PrinterView:
    """A printer as the page shows it. `proof` is the level it can give; `counter` its label odometer, if it has one;
    `ready`: it could print now; `trouble`: why its link is down, by the transport's own sentence, else empty.
    `identity`: who it says it is, the confirmed one of its line while it is silent; `unread`: by question, what it said
    that nobody could read, escaped and cut."""

    printer_id: str
    name: str
    url: str
    language: str
    dpi: int
    proof: str
    words: Words
    job_id: str | None
    counter: int | None
    ready: bool = False
    trouble: str = ""
    identity: PrinterIdentity | None = None
    unread: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupView:
    """Printers that stand in for each other, the preferred first."""

    group_id: str
    name: str
    printers: tuple[str, ...]


MaintenanceTask = Callable[[str], Awaitable[Words]]
"""Something a printer does between jobs; takes its id, returns what was seen."""

Draw = Callable[[int], Bitmap]
"""A picture at a resolution in dots per inch."""


class PrinterDirectory:
    """Looks printers up by id. `ask` returns the views; `maintenance` do what a printer is asked to between jobs."""

    def __init__(
        self,
        ask: Callable[[], Sequence[PrinterView]],
        *,
        maintenance: Mapping[str, MaintenanceTask] | None = None,
        groups: Sequence[GroupView] = (),
        card: Callable[[str, Draw], Awaitable[Words]] | None = None,
    ) -> None:
        self._ask = ask
        self._maintenance = maintenance or {}
        self._card = card
        self.groups = groups

    def views(self) -> Sequence[PrinterView]:
        """All printers in the order of the configuration."""
        return self._ask()

    def require(self, printer_id: str) -> PrinterView:
        """One printer.

        Raises:
            NotFoundError: no such id; names those there are.
            RefusedError: the id of a group; names its printers.
        """
        group = next((one for one in self.groups if one.group_id == printer_id), None)
        if group is not None:
            raise RefusedError(
                f"printer {printer_id!r}: expected one printer, got a group; name one of {', '.join(group.printers)}"
            )
        return self._of(printer_id, {view.printer_id: (view,) for view in self.views()})[0]

    def targets(self, target_id: str) -> Sequence[PrinterView]:
        """The printers that may print a job ordered from this printer or group. Raises NotFoundError."""
        views = {view.printer_id: (view,) for view in self.views()}
        groups = {group.group_id: tuple(views[one][0] for one in group.printers) for group in self.groups}
        return self._of(target_id, {**views, **groups})

    def _of(self, wanted: str, known: Mapping[str, tuple[PrinterView, ...]]) -> tuple[PrinterView, ...]:
        if wanted not in known:
            raise NotFoundError(f"printer {wanted!r}: expected one of {', '.join(known) or 'none'}; see printers list")
        return known[wanted]

    async def test(self, printer_id: str) -> Words:
        """Print one label that carries no code; returns how far it could be proven.

        Raises:
            NotFoundError: no such id.
            RefusedError: a group, a printer that is not ready, or this agent prints no test labels.
            ConflictError: the printer is busy with a job.
        """
        return await self._do("test", printer_id)

    async def calibrate(self, printer_id: str) -> Words:
        """Have a printer measure its roll, which feeds a few labels.

        Raises:
            NotFoundError: no such id.
            RefusedError: a group, or its language cannot ask for it.
            ConflictError: the printer is busy with a job.
            LinkError: it cannot be reached.
        """
        return await self._do("calibrate", printer_id)

    async def card(self, printer_id: str, draw: Draw) -> Words:
        """Print a picture that is no label of a garment, as a badge; returns how far it could be proven.

        Raises:
            NotFoundError, RefusedError, ConflictError: as `test`.
        """
        self.require(printer_id)
        if self._card is None:
            raise RefusedError(
                f"printer {printer_id}: expected an agent that can print a card, got one that cannot; use a file"
            )
        return await self._card(printer_id, draw)

    async def _do(self, maintenance_task: str, printer_id: str) -> Words:
        self.require(printer_id)
        if maintenance_task not in self._maintenance:
            raise RefusedError(
                f"printer {printer_id}: expected an agent that can order a {maintenance_task}, got one that cannot"
            )
        return await self._maintenance[maintenance_task](printer_id)
