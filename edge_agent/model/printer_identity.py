"""Which printer it is: what tells one from another, and what two readings of that say about each other. Pure.

Unknown is never the same: two printers that tell no serial number cannot be told apart, and then their counters have to
help (`printing/odometer.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from label_protocol.details import PrinterFacts


class Likeness(Enum):
    """What the identity of a printer that answers says, beside the one that was confirmed for its line."""

    SAME = "same"
    UNSURE = "unsure"
    ANOTHER = "another"


@dataclass(frozen=True, slots=True)
class PrinterIdentity:
    """What a printer told of itself; None: it did not. `port` is what the operating system knows of the USB port that
    it hangs on: an adapter's serial number, say. It is no word of the printer's own."""

    model: str | None = None
    firmware: str | None = None
    serial_number: str | None = None
    port: str | None = None

    @classmethod
    def of(cls, facts: PrinterFacts | None) -> PrinterIdentity | None:
        """As events write it."""
        return None if facts is None else cls(**facts)

    @property
    def facts(self) -> PrinterFacts:
        """For events."""
        return PrinterFacts(model=self.model, firmware=self.firmware, serial_number=self.serial_number, port=self.port)

    def over(self, other: PrinterIdentity) -> PrinterIdentity:
        """What is told here, and from `other` what is not."""
        return PrinterIdentity(
            self.model or other.model,
            self.firmware or other.firmware,
            self.serial_number or other.serial_number,
            self.port or other.port,
        )

    def __str__(self) -> str:
        """On one line, for people: `ZT230-200dpi V72.20.01Z S/N 42J0123`; `?` where nothing was told."""
        number = f"S/N {self.serial_number}" if self.serial_number else None
        port = f"USB {self.port}" if self.port else None
        return " ".join(word for word in (self.model, self.firmware, number, port) if word) or "?"


def compare(known: PrinterIdentity, found: PrinterIdentity) -> Likeness:
    """Whether `found` is the printer that is `known`.

    A serial number that both tell decides, with the model, since makers number alike: other firmware is then an update,
    another port a cable that was moved. Without it anything that differs is another printer, and nothing that differs
    proves nothing.
    """
    if known.serial_number and found.serial_number:
        same = known.serial_number == found.serial_number and not _differ(known.model, found.model)
        return Likeness.SAME if same else Likeness.ANOTHER
    told = ((known.model, found.model), (known.firmware, found.firmware), (known.port, found.port))
    return Likeness.ANOTHER if any(_differ(*pair) for pair in told) else Likeness.UNSURE


def _differ(known: str | None, found: str | None) -> bool:
    return None not in (known, found) and known != found


@dataclass(frozen=True, slots=True)
class PrinterQuestion:
    """Why a line stands still: `question` is a `LineQuestion`, `known` the confirmed printer and `found` the one that
    answered; `before` and `after` are what its counter should say and says. `put_back`: somebody has said that it is
    the wrong one, so the line waits for the confirmed one."""

    printer: str
    question: str
    known: PrinterIdentity | None
    found: PrinterIdentity | None
    before: int | None
    after: int | None
    put_back: bool
    asked_at: str
