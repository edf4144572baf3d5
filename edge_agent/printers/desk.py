"""The desk where all printers of this agent are known: rows of the configuration, and what each is doing now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_agent.errors import NotFoundError
from edge_agent.words import Words


@dataclass(frozen=True, slots=True)
class PrinterView:
    """A printer as the page shows it. `proof` is the level it can give; `counter` its label odometer, if it has one."""

    printer_id: str
    name: str
    url: str
    language: str
    dpi: int
    proof: str
    words: Words
    job_id: str | None
    counter: int | None


class PrinterDesk:
    """Looks printers up by id. `ask` returns the views; it is the workers that know."""

    def __init__(self, ask: Callable[[], Sequence[PrinterView]]) -> None:
        self._ask = ask

    def views(self) -> Sequence[PrinterView]:
        """All printers in the order of the configuration."""
        return self._ask()

    def require(self, printer_id: str) -> PrinterView:
        """One printer.

        Raises:
            NotFoundError: no such id; names those there are.
        """
        views = {view.printer_id: view for view in self.views()}
        if printer_id not in views:
            raise NotFoundError(
                f"printer {printer_id!r}: expected one of {', '.join(views) or 'none'}; see printers list"
            )
        return views[printer_id]
