"""The recipe in `tests/vectors/README.md`, carried out: what the CUPS of this computer makes of the picture.

The decoders of the virtual printers are held against files that were made once; here against bytes made now, whatever
the version of CUPS. Its filter needs no daemon.
"""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.kits.printer_bench import PrinterBench, rows_of

VECTORS = Path(__file__).parents[2] / "vectors"
FILTERS = [Path("/usr/lib/cups/filter"), Path("/usr/libexec/cups/filter")]
DRIVERS = Path("/usr/share/cups/drv/sample.drv")
PAGE_HEADER_BYTES = 1796
FIELDS = {  # offset in the page header of cups/raster.h, version 2: unsigned
    276: (203, 203),  # HWResolution
    352: (171, 114),  # PageSize, points
    372: (480, 320),  # cupsWidth, cupsHeight
    384: (1, 1, 60),  # cupsBitsPerColor, cupsBitsPerPixel, cupsBytesPerLine
    400: (3, 0xFFFF_FFFF),  # cupsColorSpace: black; cupsCompression: the printer's own darkness
    420: (1,),  # cupsNumColors
}


def picture() -> Image.Image:
    with Image.open(VECTORS / "label203.png") as image:
        return image.convert("L").point(lambda grey: 255 if grey < 128 else 0, mode="1")


def raster() -> bytes:
    header = bytearray(PAGE_HEADER_BYTES)
    for at, values in FIELDS.items():
        struct.pack_into(f"<{len(values)}I", header, at, *values)
    return b"3SaR" + bytes(header) + picture().tobytes()


def made_by_cups(ppd: str, folder: Path) -> bytes:
    subprocess.run(["ppdc", "-d", folder / "ppd", DRIVERS], check=True, capture_output=True, timeout=60)
    (folder / "label.ras").write_bytes(raster())
    program = next(place for place in FILTERS if place.exists()) / "rastertolabel"
    words = [program, "1", "user", "title", "1", "", folder / "label.ras"]
    environment = {**os.environ, "PPD": str(folder / "ppd" / ppd)}
    return subprocess.run(words, env=environment, check=True, capture_output=True, timeout=60).stdout


@pytest.mark.skipif(sys.platform == "win32", reason="CUPS is not the spooler of Windows")
@pytest.mark.skipif(shutil.which("ppdc") is None, reason="CUPS without its PPD compiler")
@pytest.mark.parametrize(("language", "ppd", "turned"), [("epl2", "zebraep2.ppd", False), ("zpl", "zebra.ppd", True)])
def test_what_cups_makes_now_is_the_picture_dot_for_dot(tmp_path: Path, language: str, ppd: str, turned: bool) -> None:
    """To a ZPL printer CUPS says ^POI: upside down."""
    stream = made_by_cups(ppd, tmp_path)
    (sheet,) = PrinterBench(language).feed(stream)
    wanted = picture().transpose(Image.Transpose.ROTATE_180) if turned else picture()
    assert (sheet.width_dots, sheet.height_dots) == wanted.size
    assert rows_of(sheet) == wanted.tobytes()


@pytest.mark.parametrize("bite", [1, 509])
def test_what_cups_made_for_a_zpl_printer_may_come_in_pieces(bite: int) -> None:
    """The other languages' files are tried so beside their firmware."""
    (sheet,) = PrinterBench("zpl").feed((VECTORS / "cups_zpl_203.bin").read_bytes(), bite)
    assert rows_of(sheet) == picture().transpose(Image.Transpose.ROTATE_180).tobytes()


def test_every_file_is_in_the_list_with_its_maker() -> None:
    text = (VECTORS / "README.md").read_text(encoding="utf-8")
    files = {path.name for path in VECTORS.iterdir()} - {"README.md"}
    assert all(f"`{name}`" in text for name in files)
