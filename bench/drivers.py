"""What the drivers of others send for the same dots: CUPS, run here if it is found, and the recorded bytes of lprint.

CUPS needs no daemon: its filter takes a raster on standard input (tests/vectors/README.md says which). lprint prints
only as a server with a printer of its own, so its bytes are those of tests/vectors, and the picture is theirs too.
"""

from __future__ import annotations

import functools
import os
import shutil
import statistics
import struct
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageChops

from bench.kit import ROOT, Row
from edge_agent.model.bitmap import Bitmap
from edge_agent.printers.languages import LANGUAGES
from edge_agent.render.raster import to_bitmap

CUPS = "CUPS rastertolabel"
FILTERS = (Path("/usr/lib/cups/filter/rastertolabel"), Path("/usr/libexec/cups/filter/rastertolabel"))
DRIVERS = Path("/usr/share/cups/drv/sample.drv")
PPDS = {"epl2": "zebraep2.ppd", "zpl": "zebra.ppd"}
_HEADER_BYTES, _NUMBERS_AT = 1796, 256
_VECTORS = ROOT / "tests" / "vectors"
_RECORDED = {"epl2": "lprint 1.1.0", "tspl": "lprint 1.3.1"}


def sizes(language: str, pictures: Sequence[Bitmap], dpi: int) -> dict[str, float]:
    """Mean bytes of a label, by driver; empty where there is none for the language, or it is not installed."""
    folder = ppds()
    if folder is None or language not in PPDS:
        return {}
    return {CUPS: statistics.mean(len(cups(folder / PPDS[language], one, dpi)) for one in pictures)}


def notes() -> list[str]:
    """What was not measured."""
    return [] if ppds() else ["CUPS rastertolabel and ppdc were not found here, so its bytes are left out."]


def recorded() -> list[Row]:
    """Full mode beside what lprint sent for its own picture."""
    return [
        Row(f"{language.upper()}, full mode, the picture of tests/vectors, 203 dpi", ours, "B", peer, theirs, "less")
        for language, peer in _RECORDED.items()
        for ours, theirs in [(len(LANGUAGES[language].full_label(their_picture())), _recorded_bytes(language))]
    ]


def _recorded_bytes(language: str) -> int:
    return (_VECTORS / f"lprint_{language}_203.bin").stat().st_size


def their_picture() -> Bitmap:
    """The picture of tests/vectors."""
    with Image.open(_VECTORS / "label203.png") as picture:
        return to_bitmap(ImageChops.invert(picture.convert("L").point([0] * 128 + [255] * 128)).convert("1"))


@functools.cache
def ppds() -> Path | None:
    """A folder with CUPS' own printer descriptions, made by its compiler; it lasts as long as this process."""
    if not (_filter() and DRIVERS.exists() and shutil.which("ppdc")):
        return None
    folder = tempfile.TemporaryDirectory(prefix="bench-ppd-")
    _KEPT.append(folder)
    subprocess.run(["ppdc", "-d", folder.name, str(DRIVERS)], check=True, capture_output=True)
    return Path(folder.name)


_KEPT: list[tempfile.TemporaryDirectory[str]] = []


def _filter() -> Path | None:
    return next((path for path in FILTERS if path.exists()), None)


def cups(ppd: Path, picture: Bitmap, dpi: int) -> bytes:
    """What the filter makes of a ready bitmap."""
    command = [str(_filter()), "1", "user", "title", "1", ""]
    environment = {**os.environ, "PPD": str(ppd)}
    raster = _page(picture, dpi) + picture.rows
    return subprocess.run(command, input=raster, env=environment, check=True, capture_output=True).stdout


def _page(picture: Bitmap, dpi: int) -> bytes:
    """Sync word and page header of a CUPS raster, version 2, one bit of black a dot. A number's place is its row in
    `cups_page_header2_t` (CUPS, cups/raster.h), counted behind the four strings."""
    points = [round(side * 72 / dpi) for side in (picture.width_dots, picture.height_dots)]
    numbers = {5: dpi, 6: dpi, 24: points[0] + 1, 25: points[1] + 1, 29: picture.width_dots, 30: picture.height_dots}
    numbers |= {32: 1, 33: 1, 34: picture.stride, 36: 3, 37: 0xFFFFFFFF, 41: 1}
    header = bytearray(_HEADER_BYTES)
    for place, number in numbers.items():
        struct.pack_into("<I", header, _NUMBERS_AT + 4 * place, number)
    return b"3SaR" + bytes(header)
