"""What the log tells of one printer, each thing once: lost, found, stopped by a fault, ready again.

Who reads it sees when the ribbon ran out and for how long nobody changed it. Which printer it is stands in the context
of the log, which the printer's worker sets.
"""

from __future__ import annotations

import structlog

from edge_agent.model.printer import Fault

_log = structlog.get_logger("edge_agent.printing.printer")


class PrinterLog:
    """Tells the log what changed. A printer is lost when its link fails, or when it has not answered for
    `silence_limit_s`; a single answer that stays out is no news, since a busy printer may keep it back."""

    def __init__(self, silence_limit_s: float) -> None:
        self._silence_limit_s = silence_limit_s
        self._lost: bool | None = None
        self._silent_since_s: float | None = None
        self._faults: frozenset[Fault] = frozenset()

    def lost(self, why: str) -> None:
        """The link failed; told at the first of many attempts."""
        if self._lost is not True:
            _log.warning("printer_lost", why=why)
        self._lost, self._silent_since_s = True, None

    def silent(self, now_s: float) -> None:
        """A question stayed without an answer."""
        self._silent_since_s = now_s if self._silent_since_s is None else self._silent_since_s
        if now_s - self._silent_since_s >= self._silence_limit_s and not self._lost:
            self.lost(f"has not answered for {self._silence_limit_s:g} s")

    def heard(self, faults: frozenset[Fault]) -> None:
        """It answered, or, of one that cannot, it takes bytes."""
        self._silent_since_s = None
        if self._lost is not False:
            self._lost = False
            _log.info("printer_found")
        if faults != self._faults:
            self._faults = faults
            if faults:
                _log.warning("printer_fault", faults=sorted(faults))
            else:
                _log.info("printer_ready")
