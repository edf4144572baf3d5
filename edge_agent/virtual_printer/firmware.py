"""What a firmware is to the rest of the virtual printer, and the literal table of those there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edge_agent.virtual_printer.epl2.firmware import Epl2Firmware
from edge_agent.virtual_printer.faults import FaultBoard
from edge_agent.virtual_printer.mechanism import Mechanism
from edge_agent.virtual_printer.options import VirtualPrinterOptions
from edge_agent.virtual_printer.tspl.firmware import TsplFirmware
from edge_agent.virtual_printer.zpl.firmware import ZplFirmware


class Firmware(Protocol):
    """Takes bytes, says bytes, and keeps the mechanism busy."""

    @property
    def full(self) -> bool:
        """Whether the receive buffer takes no more: the port then stops reading."""
        ...

    def receive(self, data: bytes) -> None:
        """Bytes from the host. Immediate commands act now, the rest waits its turn."""
        ...

    def work(self) -> None:
        """Paint what waits, as far as the print queue has room."""
        ...

    def forget_buffers(self) -> None:
        """Lose everything received and not yet printed."""
        ...

    def power_up(self) -> None:
        """Lose all that lives in RAM, settings included."""
        ...

    def lose_objects(self) -> None:
        """Stored graphics vanish, and nothing else does: no sign of it but their absence."""
        ...

    def state(self) -> dict[str, object]:
        """For `GET /state`."""
        ...


MakeFirmware = Callable[[VirtualPrinterOptions, Mechanism, FaultBoard, Callable[[bytes], None]], Firmware]

FIRMWARE: dict[str, MakeFirmware] = {
    "epl2": Epl2Firmware,
    "tspl": TsplFirmware,
    "zpl": ZplFirmware,
}
