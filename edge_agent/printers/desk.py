"""The desk where all printers of this agent are known: rows of the configuration, and what each is doing now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from edge_agent.errors import NotFoundError, RefusedError
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
    """Looks printers up by id. `ask` returns the views, `test` prints a label without a code; the workers do both."""

    def __init__(
        self, ask: Callable[[], Sequence[PrinterView]], test: Callable[[str], Awaitable[object]] | None = None
    ) -> None:
        self._ask = ask
        self._test = test

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

    async def test(self, printer_id: str) -> None:
        """Print one label that carries no code.

        Raises:
            NotFoundError: no such id.
            RefusedError: this agent prints no test labels, or the printer is in the middle of a window.
        """
        self.require(printer_id)
        if self._test is None:
            raise RefusedError(
                f"printer {printer_id}: expected an agent that prints test labels, got one that does not"
            )
        await self._test(printer_id)
