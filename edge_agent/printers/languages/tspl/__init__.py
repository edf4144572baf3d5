"""TSPL/TSPL2, as TSC's printers, Gprinter's and their imitators speak it.

The host renders; the stream carries commands, numbers and raw dots, and never a character of data. Forms and ranges
follow the TSC Bar Code Printer Series Programming Manual (TSPL/TSPL2); what is only known second hand says so.

Raw dots are counted, and what is counted is not read: after a cut-off BITMAP or DOWNLOAD the printer takes whatever
comes next for its missing dots, queries and cancels included. Whether a real TSC looks for `<ESC>!` inside a picture,
or starts anew on a new connection, is unconfirmed; both would only help. What we do about it:

- a picture in a label goes as strips of at most `STRIP_BYTES`, and `cancel` begins by sending as many bytes of empty
  lines, so that what was cut off is filled up and never printed, because CLS follows and its PRINT never came;
- a download cannot go in strips, so it may take several cancels to fill up; and then it has its right size with wrong
  dots in it. So each has a *seal*, a second file that is sent behind it and deleted before it: a picture without its
  seal counts as absent.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from math import ceil

from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media, ReportedSettings, Sensor, Setup
from edge_agent.model.printer import PrinterStatus
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.languages.binary import adding_ink, bmp, bmp_size
from edge_agent.printers.languages.contract import (
    PLAIN,
    PLAIN_MODEL,
    Mode,
    Query,
    Quirks,
    ResponseReader,
    said_of,
)
from edge_agent.printers.languages.tspl import identity, replies
from edge_agent.printers.languages.tspl.modes import MODES

STRIP_BYTES = 4_096
"""Most bytes of one BITMAP. The price of a strip is 25 bytes, of a cancel this many: 4.3 s at 9600 baud."""

CANCEL = b"\x1b!."
_OUR_NAME = re.compile(r"[0-9A-F]{8}\.BMP")
_WHITE_IS_1 = bytes(255 - byte for byte in range(256))

_STATUS = Query("ESC!S", b"\x1b!S", replies.framed_status)
_STATUS_BYTE = Query("ESC!?", b"\x1b!?" * replies.TIMES_ASKED, replies.status_byte)
_WITHOUT_RIBBON = (
    replace(_STATUS, parse=partial(replies.framed_status, ribbon=False)),
    replace(_STATUS_BYTE, parse=partial(replies.status_byte, ribbon=False)),
)


class TSPL:
    """The `Language` of TSPL and TSPL2.

    `SET RESPONSE ON` (Gprinter: a status after each label) is not used: the form of its answers has no source.
    """

    name = "tspl"
    stores_background = True
    binary = True

    def __init__(self, quirks: Quirks = PLAIN_MODEL) -> None:
        self._quirks = quirks

    def with_quirks(self, quirks: Quirks) -> TSPL:
        """`inverted` turns BITMAP's dots only: a BMP carries its own palette (whether such clones invert that too is
        unconfirmed, so their profiles print in full mode)."""
        return TSPL(quirks)

    def cancel(self) -> bytes:
        """`<ESC>!.` drops what waits, and a line cut off in the middle. Then empty lines fill up a picture that was cut
        off, it is dropped with a second `<ESC>!.`, and CLS wipes what of it was drawn."""
        end = self._quirks.line_end
        return CANCEL + end * ceil(STRIP_BYTES / len(end)) + CANCEL + self._lines(b"", b"CLS")

    @property
    def modes(self) -> tuple[Mode, ...]:
        """See `tspl/modes.py`."""
        return MODES

    def preamble(self, media: Media, setup: Setup = PLAIN) -> bytes:
        """Each mode of the table, in its order, REPRINT first.

        Raises:
            RefusedError: `setup` moves the origin where REFERENCE and SHIFT cannot.
        """
        return self._lines(*said_of(self.modes, media, setup, self._quirks))

    def calibrate(self, setup: Setup) -> bytes:
        """GAPDETECT or BLINEDETECT, by the sensor; nothing to find on continuous stock."""
        search = {Sensor.GAP: b"GAPDETECT", Sensor.MARK: b"BLINEDETECT"}.get(setup.sensor)
        return self._lines(search) if search else b""

    def object_name(self, background: Bitmap) -> str:
        """8 hex digits of SHA-256 over size and dots + `.BMP`: the 8.3 names of the file system, no drive = DRAM."""
        return _stem(background) + ".BMP"

    def object_size(self, background: Bitmap) -> int:
        """Bytes of the BMP, plus what this printer adds."""
        return bmp_size(background) + self._quirks.object_overhead_bytes

    def store(self, background: Bitmap) -> bytes:
        """The old seal off, the picture as a BMP into DRAM, the new seal on."""
        stem, picture = _stem(background).encode(), bmp(background)
        return self._lines(
            b'KILL "%b.OK"' % stem,
            b'DOWNLOAD "%b.BMP",%d,%b' % (stem, len(picture), picture),
            b'DOWNLOAD "%b.OK",2,OK' % stem,
        )

    def forget(self, names: Sequence[str]) -> bytes:
        """KILL, by name and never by pattern, what is named as ours; the seal first."""
        stems = [name[:8].encode() for name in names if _OUR_NAME.fullmatch(name)]
        return b"".join(self._lines(b'KILL "%b.OK"' % stem, b'KILL "%b.BMP"' % stem) for stem in stems)

    def full_label(self, art: Bitmap) -> bytes:
        """CLS, the picture, PRINT 1,1."""
        return self._lines(b"CLS", *self._bitmaps(Patch(0, 0, art)), b"PRINT 1,1")

    def run_label(self, background: Bitmap, patches: Sequence[Patch]) -> bytes:
        """CLS, the stored picture, one BITMAP per patch that adds ink to it, PRINT 1,1.

        A patch is as wide as whole bytes, with the background's dots beside it, so mode 0 (overwrite) and a clone that
        adds ink all the same print one thing.

        Raises:
            RefusedError: a patch leaves the label, or wants white what is stored black.
        """
        drawn = [line for patch in adding_ink(background, patches) for line in self._bitmaps(patch)]
        recall = b'PUTBMP 0,0,"%b.BMP"' % _stem(background).encode()
        return self._lines(b"CLS", recall, *drawn, b"PRINT 1,1")

    @property
    def status_queries(self) -> tuple[Query[PrinterStatus], ...]:
        """`<ESC>!S` says more; many clones answer only `<ESC>!?`. Both act at once, in faults too."""
        return _WITHOUT_RIBBON if self._quirks.ribbon is False else (_STATUS, _STATUS_BYTE)

    @property
    def counter_query(self) -> Query[int | None] | None:
        """`OUT @LABEL`, between two words of ours. Second hand; it waits its turn, and is silent in faults."""
        opening, closing = replies.COUNTER_FRAME
        request = self._lines(b'OUT "%b"' % opening, b"OUT @LABEL", b'OUT "%b"' % closing)
        return Query("@LABEL", request, replies.counter)

    def objects_query(self, names: Sequence[str] = ()) -> Query[Mapping[str, int | None]] | None:
        """LOF of each name and of its seal; names that cannot be ours are not asked for, and so are not there."""
        opening, closing = replies.FILES_FRAME
        stems = [name[:8].encode() for name in names if _OUR_NAME.fullmatch(name)]
        asked = [line for stem in stems for line in (*_length_of(stem + b".BMP"), *_length_of(stem + b".OK"))]
        return Query("LOF", self._lines(b'OUT "%b"' % opening, *asked, b'OUT "%b"' % closing), replies.files)

    @property
    def settings_query(self) -> Query[ReportedSettings] | None:
        """GETSETTING$ exists on new models; no answer of one has a source."""
        return None

    @property
    def response_reader(self) -> ResponseReader | None:
        """See the class."""
        return None

    @property
    def identity_query(self) -> Query[str] | None:
        """The model's name; answered only by a printer that is ready."""
        return Query("~!T", self._lines(b"~!T"), replies.model)

    @property
    def identity_queries(self) -> tuple[Query[PrinterIdentity], ...]:
        """`~!T`, and BASIC's own words for serial number and version."""
        named = Query("who", self._lines(b"~!T"), identity.model)
        return named, Query("_SERIAL$", self._lines(*identity.SERIAL_LINES), identity.serial_number)

    def _lines(self, *lines: bytes) -> bytes:
        return b"".join(line + self._quirks.line_end for line in lines)

    def _bitmaps(self, patch: Patch) -> Iterator[bytes]:
        """BITMAP x,y,bytes a row,rows,mode 0,dots: a strip each. 0 is black, but on some clones."""
        stride = patch.bitmap.stride
        dots = patch.bitmap.rows if self._quirks.inverted else patch.bitmap.rows.translate(_WHITE_IS_1)
        strip_rows = max(1, STRIP_BYTES // stride)
        for top in range(0, patch.bitmap.height_dots, strip_rows):
            strip = dots[top * stride : (top + strip_rows) * stride]
            place = (patch.x_dots, patch.y_dots + top, stride, len(strip) // stride)
            yield b"BITMAP %d,%d,%d,%d,0," % place + strip


def _length_of(file: bytes) -> tuple[bytes, ...]:
    return b'A=LOF("%b")' % file, b'OUT "%b="' % file, b"OUT A", b'OUT ";"'


@lru_cache(maxsize=64)
def _stem(background: Bitmap) -> str:
    content = b"%dx%d:" % (background.width_dots, background.height_dots) + background.rows
    return hashlib.sha256(content).hexdigest()[:8].upper()
