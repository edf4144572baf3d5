"""What a virtual printer tells of itself when it is asked who it is."""

from __future__ import annotations

from dataclasses import dataclass

from edge_agent.virtual_printer.options import VirtualPrinterOptions


@dataclass(slots=True)
class Nameplate:
    """`model` and `firmware` None: the language's own. `serial_number` empty: this printer does not tell it."""

    model: str | None
    firmware: str | None
    serial_number: str

    @classmethod
    def of(cls, options: VirtualPrinterOptions) -> Nameplate:
        """As it was set up."""
        return cls(options.model, options.firmware, options.serial_number)

    def become_another(self) -> None:
        """The next one off the same production line."""
        last = "1" if self.serial_number.endswith("0") else "0"
        self.serial_number = self.serial_number and self.serial_number[:-1] + last
