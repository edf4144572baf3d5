"""A firmware on the workbench: no port, no motor. What would be printed waits in `papers`, what it says in `said`."""

from __future__ import annotations

from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.virtual_printer.faults import FaultBoard
from edge_agent.virtual_printer.firmware import FIRMWARE
from edge_agent.virtual_printer.mechanism import Mechanism, Paper
from edge_agent.virtual_printer.options import VirtualPrinterOptions


class PrinterBench:
    """Feed it bytes, look at what comes of them."""

    def __init__(self, language: str = "zpl", **options: object) -> None:
        self.options = VirtualPrinterOptions(language=language, **{"queue_labels": 1000, **options})  # type: ignore[arg-type]
        self.board = FaultBoard()
        self.mechanism = Mechanism(self.options, self.board, None, lambda _: None, lambda: None)
        self.said = b""
        self.firmware = FIRMWARE[language](self.options, self.mechanism, self.board, self._hear)

    def _hear(self, data: bytes) -> None:
        self.said += data

    def feed(self, data: bytes, bite: int = 0) -> list[Paper]:
        """The labels that `data` makes; given in pieces of `bite` bytes, or at once."""
        self.mechanism.queue.clear()
        for at in range(0, len(data), bite or len(data) or 1):
            self.firmware.receive(data[at : at + (bite or len(data))])
        return list(self.mechanism.queue)

    def ask(self, request: bytes) -> bytes:
        """What it says to `request`."""
        self.said = b""
        self.firmware.receive(request)
        return self.said


def rows_of(paper: Paper) -> bytes:
    """The packed rows that are on the paper."""
    assert paper.ink is not None
    return paper.ink.tobytes()


def overlaid(background: Bitmap, *patches: Patch) -> bytes:
    """What the paper must show: each patch decides every dot of its area. Plain and slow on purpose."""
    dots = [[_dot(background, x, y) for x in range(background.width_dots)] for y in range(background.height_dots)]
    for patch in patches:
        for y in range(patch.bitmap.height_dots):
            for x in range(patch.bitmap.width_dots):
                dots[patch.y_dots + y][patch.x_dots + x] = _dot(patch.bitmap, x, y)
    return b"".join(map(_packed, dots))


def cut(bitmap: Bitmap, x_dots: int, y_dots: int, width_dots: int, height_dots: int) -> Bitmap:
    """A piece of it."""
    columns, lines = range(x_dots, x_dots + width_dots), range(y_dots, y_dots + height_dots)
    rows = b"".join(_packed([_dot(bitmap, x, y) for x in columns]) for y in lines)
    return Bitmap(width_dots, height_dots, rows)


def _dot(bitmap: Bitmap, x: int, y: int) -> int:
    return bitmap.rows[y * bitmap.stride + x // 8] >> 7 - x % 8 & 1


def _packed(dots: list[int]) -> bytes:
    bits = "".join(map(str, dots)).ljust(-(-len(dots) // 8) * 8, "0")
    return int(bits, 2).to_bytes(len(bits) // 8)
