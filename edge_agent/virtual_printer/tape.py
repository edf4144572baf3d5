"""The paper that came out: `NNNNNN.png` per label, and `tape.jsonl` with one line each, in the order of leaving.

A line tells `n`, `cause` and `at`; `"foreign": true` is on a label that another program printed in between.
The picture is complete before its line is written, and each line goes to the system at once, so that what a reader
sees is on paper whatever becomes of the other processes. A tape that exists is continued.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from PIL import Image, ImageChops

LINES = "tape.jsonl"


class Tape:
    """Appends to a folder; closes with `close`."""

    def __init__(self, folder: Path, clock: Callable[[], str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._clock = folder, clock
        self._count = _lines_in(folder / LINES)
        self._lines: TextIO = (folder / LINES).open("a", encoding="utf-8")

    def write(self, cause: str, labels: Sequence[Image.Image | None], *, foreign: bool = False) -> None:
        """One row of paper, left to right. Each: mode "1", set = black; None writes the line alone."""
        for ink in labels:
            self._count += 1
            if ink is not None:
                ImageChops.invert(ink).save(self._folder / f"{self._count:06d}.png", compress_level=1)
            line: dict[str, object] = {"n": self._count, "cause": cause, "at": self._clock()}
            self._lines.write(json.dumps(line | {"foreign": True} if foreign else line) + "\n")
            self._lines.flush()

    def close(self) -> None:
        """Closing twice does nothing."""
        self._lines.close()


def _lines_in(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open(encoding="utf-8") as lines:
        return sum(1 for _ in lines)
