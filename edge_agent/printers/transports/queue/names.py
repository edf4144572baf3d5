"""The `zebra` package, made safe: it finds the queues, and what it prints has a title, a job id and a checked answer.

zebra 0.2.1 asks for queues without `CUPS_SERVER` and raises where no spooler is installed; its `output` ignores the
exit status of `lpr`, names every job alike, and has a queue name that prints nowhere.
"""

from __future__ import annotations

import os
import subprocess
from typing import Any, NoReturn

import zebra

from edge_agent.errors import RefusedError
from edge_agent.printers.transports.queue.contract import TITLE_PREFIX, Spooler

_ASK_S = 5.0
"""What a spooler on this computer may take to list its queues; a CUPS server named elsewhere may never answer."""


class QueueFinder(zebra.Zebra):
    """Finds queues and prints nothing."""

    def __init__(self, queue: str | None = None) -> None:
        super().__init__(queue)  # type: ignore[no-untyped-call]

    def _getqueues_unix(self) -> list[str]:
        """As the original, with `CUPS_SERVER`, a fixed language, a limit of time, and none for "no spooler"."""
        env = {**os.environ, "LANG": "C", "LC_ALL": "C"}
        try:
            said = subprocess.run(
                ["lpstat", "-p"],  # noqa: S607 - it lies elsewhere on every system
                env=env,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_ASK_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            return []
        return [line.split(" ")[1] for line in said.stdout.splitlines() if line.startswith("printer ")]

    def output(self, commands: object, encoding: str = "cp437") -> NoReturn:
        """Refused: a job without a title cannot be found again.

        Raises:
            RefusedError: always.
        """
        raise RefusedError(f"queue {self.queue}: expected a job with a title, got one without; use deliver")


class TitledZebra(QueueFinder):
    """Prints on one queue."""

    def __init__(self, spooler: Spooler) -> None:
        super().__init__(spooler.queue)
        self._spooler = spooler

    async def deliver(self, commands: bytes, title: str) -> int:
        """Hand over one raw job; its id. Raises as `Spooler.submit`."""
        return await self._spooler.submit(title if title.startswith(TITLE_PREFIX) else TITLE_PREFIX + title, commands)


def queues() -> list[str]:
    """Names of the print queues of this computer, in the spooler's order; none where there is no spooler. May take 5 s.

    On Windows these are the local queues; one that another computer shares is not among them.
    """
    finder: Any = QueueFinder()
    try:
        names: list[str] = finder.getqueues()
    except Exception:  # on Windows pywin32's own error, from a print service that is switched off
        return []
    return names
