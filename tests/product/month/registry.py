"""`central-registry serve` with a clock that the play moves: `python -m tests.product.month.registry CONFIG CLOCK`.

Nothing else differs from the program. The clock is a file of eight bytes, microseconds since 1970, that both processes
have mapped.
"""

from __future__ import annotations

import mmap
import struct
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import central_registry.cli.serve  # noqa: F401 loaded here, so that it is found below
from central_registry.cli import main
from tests.kits.login_kit import Clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ClockFile:
    """Read as `clock()`; `write` moves it for everybody."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 8)

    def __call__(self) -> datetime:
        return _EPOCH + timedelta(microseconds=struct.unpack("<q", self._map[:8])[0])

    def write(self, at: datetime) -> None:
        self._map[:8] = struct.pack("<q", (at - _EPOCH) // timedelta(microseconds=1))


class SharedClock(Clock):
    """The play's clock, which the registry's process reads."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = ClockFile(path)
        self._file.write(self.at)

    def later(self, **how_much: float) -> datetime:
        at = super().later(**how_much)
        self._file.write(at)
        return at


if __name__ == "__main__":
    program = sys.modules["central_registry.cli.serve"]
    program.build_app = partial(program.build_app, clock=ClockFile(Path(sys.argv[2])))  # type: ignore[attr-defined]
    sys.argv = ["central-registry", "serve", "--config", sys.argv[1]]
    main()
