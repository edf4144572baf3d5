"""EPL2, as the LP and TLP 2844 and other Eltron and Zebra desktop printers speak it.

Pages are of the EPL Programming Guide 14245L-001 Rev. A. Dots travel as raw bytes (GW, GM), so XON/XOFF lines are
refused. Three things follow from that:

- A printer that waits for the rest of a graphic takes anything for it, `^@` too. So a label is sent in bands of at most
  `BAND_BYTES`, and `cancel` leads with as many line feeds: dots if a band is open, empty lines if not.
- A download (GM) cannot be cut into bands. One that broke off takes strangers' bytes until its count is full, and is
  then listed by UG like a good one. So a second, tiny graphic, the seal, is stored behind each background, and both are
  deleted before either is sent: a background without its seal is not shown as stored. Bytes lost on the way eat into
  the command that stores the seal, and show in the same way; a single lost byte, which eats a line feed, does not.
- UG tells names and no sizes. The seal proves that the count was complete, the name is made of the content.

The number behind S means another speed on each model (p. 142), so no speed is set.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache, partial

from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media, ReportedSettings, Sensor, Setup
from edge_agent.model.printer import PrinterStatus
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.languages import binary
from edge_agent.printers.languages.contract import (
    PLAIN,
    PLAIN_MODEL,
    Mode,
    Query,
    Quirks,
    ResponseReader,
    said_of,
)
from edge_agent.printers.languages.epl2 import identity, pcx, replies
from edge_agent.printers.languages.epl2.modes import MODES

BAND_BYTES = 2_048
"""The most one GW carries: 1 % of overhead, and a cancel that takes 2 s at 9600 baud."""

_HEAD_BYTES = 16
"""About what the header of a GW takes."""

_SEAL = Bitmap(8, 1, b"\x00")
_TURNED = bytes(byte ^ 0xFF for byte in range(256))


class EPL2:
    """The `Language` of EPL2."""

    name = "epl2"
    stores_background = True
    binary = True

    def __init__(self, quirks: Quirks = PLAIN_MODEL) -> None:
        self._quirks = quirks

    def with_quirks(self, quirks: Quirks) -> EPL2:
        """Polarity, line end, ribbon, and whether the printer answers label by label (US)."""
        return EPL2(quirks)

    def _lines(self, *commands: bytes) -> bytes:
        return b"".join(command + self._quirks.line_end for command in commands)

    def cancel(self) -> bytes:
        """^@ resets (p. 171): the buffers are dropped, RAM and settings may go too, and the printer is deaf for 2 s.

        The line feeds end a band and a line half received. A download half received may take all of it: the printer
        then answers nothing, and the next cancel fills it further.
        """
        return b"\n" * (BAND_BYTES + 1) + self._lines(b"^@")

    @property
    def modes(self) -> tuple[Mode, ...]:
        """See `epl2/modes.py`."""
        return MODES

    def preamble(self, media: Media, setup: Setup = PLAIN) -> bytes:
        """Each mode of the table, in its order, behind an empty line that ends what is half received. UA first:
        power-up and reset clear it, and without it the printer ends the batch on the new roll.

        Raises:
            RefusedError: `setup.ribbon` is open, the gap is not one that Q can say, or a speed, a darkness or an origin
                is asked for that S, D and R cannot.
        """
        return self._lines(b"", *said_of(self.modes, media, setup, self._quirks))

    def calibrate(self, setup: Setup) -> bytes:
        """xa, AutoSense (p. 165): measures label and gap, feeds labels. It finds no black line and no continuous roll
        (p. 137), so for these nothing is sent."""
        return self._lines(b"", b"xa") if setup.sensor is Sensor.GAP else b""

    def object_name(self, background: Bitmap) -> str:
        """`B` + 7 hex digits of SHA-256 over size and dots."""
        return _object_name(background)

    def object_size(self, background: Bitmap) -> None:
        """UG lists names only; see the module about the seal."""

    def store(self, background: Bitmap) -> bytes:
        """GM twice, background and seal, after deleting both: GM refuses a name that exists (code 08).

        Whether a printer keeps graphics in RAM or in flash is its own affair: EPL2 has no word for it.
        """
        name = _object_name(background)
        commands = self.forget([name]), self._download(name, background), self._download(replies.seal_of(name), _SEAL)
        return b"".join((self._lines(b""), *commands, self._lines(b"N")))

    def _download(self, name: str, picture: Bitmap) -> bytes:
        """The header ends in LF alone, whatever ends a line: a printer that ended it at CR would count LF as dots."""
        file = pcx.encode(picture, inverted=self._quirks.inverted)
        return b'GM"%b"%d\n%b\n' % (name.encode(), len(file), file)

    def forget(self, names: Sequence[str]) -> bytes:
        """GK twice each, as it must be (p. 105), of what is named B<7 hex digits>, and of its seal."""
        ours = [name for name in names if replies.OUR_NAME.fullmatch(name)]
        delete = [b'GK"%b"' % each.encode() for name in ours for each in (replies.seal_of(name), name)]
        return self._lines(*(line for each in delete for line in (each, each)))

    def full_label(self, art: Bitmap) -> bytes:
        """N, the bands that have ink, P1."""
        return self._lines(b"", b"N") + self._bands(Patch(0, 0, art)) + self._lines(b"P1")

    def run_label(self, background: Bitmap, patches: Sequence[Patch]) -> bytes:
        """N, GG of the stored background, the patches, P1.

        Whether GW overwrites or adds ink does not matter: a patch carries the background's own dots, and rows without
        ink are not sent, since the background has none there either. Unconfirmed: that GW may stand beside GG on one
        label; an older guide (980009-001, 1-21) says that graphics are processed last, and does not say which.

        Raises:
            RefusedError: a patch leaves the label, or wants white what is stored black.
        """
        recall = self._lines(b"", b"N", b'GG0,0,"%b"' % _object_name(background).encode())
        bands = b"".join(map(self._bands, binary.adding_ink(background, patches)))
        return recall + bands + self._lines(b"P1")

    def _bands(self, patch: Patch) -> bytes:
        return b"".join(self._band(band) for band in _inked(patch))

    def _band(self, patch: Patch) -> bytes:
        """GW (p. 108): 0 = black. Pad bits are 0 in a bitmap, so they come out white."""
        bitmap = patch.bitmap
        head = b"GW%d,%d,%d,%d," % (patch.x_dots, patch.y_dots, bitmap.stride, bitmap.height_dots)
        return head + (bitmap.rows if self._quirks.inverted else bitmap.rows.translate(_TURNED)) + b"\n"

    @property
    def status_queries(self) -> tuple[Query[PrinterStatus], ...]:
        """^ee is answered at once, but not during a download or with a full buffer (p. 173)."""
        return (Query("^ee", self._lines(b"^ee"), partial(replies.status, ribbon=self._quirks.ribbon)),)

    @property
    def counter_query(self) -> None:
        """No EPL2 printer counts labels; UQ of some tells inches."""

    def objects_query(self, names: Sequence[str] = ()) -> Query[Mapping[str, int | None]] | None:
        """UG (p. 151) lists all; processed in order, so its answer waits for the commands before it."""
        return Query("UG", self._lines(b"UG"), replies.objects)

    @property
    def settings_query(self) -> Query[ReportedSettings] | None:
        """UQ (p. 156)."""
        return Query("settings", self._lines(b"UQ"), replies.settings)

    @property
    def response_reader(self) -> ResponseReader | None:
        """ACK and NACK, if this model is asked for them."""
        return partial(replies.responses, ribbon=self._quirks.ribbon) if self._quirks.confirms else None

    @property
    def identity_query(self) -> Query[str] | None:
        """UQ (p. 156), its first line."""
        return Query("UQ", self._lines(b"UQ"), replies.identity)

    @property
    def identity_queries(self) -> tuple[Query[PrinterIdentity], ...]:
        """UQ, its first line and that of the serial number."""
        return (Query("who", self._lines(b"UQ"), identity.configuration),)


@lru_cache(maxsize=64)
def _object_name(background: Bitmap) -> str:
    content = b"%dx%d:" % (background.width_dots, background.height_dots) + background.rows
    return f"B{hashlib.sha256(content).hexdigest()[:7].upper()}"


def _inked(patch: Patch) -> Iterator[Patch]:
    """The rows that have ink, in bands. Blank rows that cost less than another header go along."""
    stride, rows = patch.bitmap.stride, patch.bitmap.rows
    runs: list[list[int]] = []
    for y in range(patch.bitmap.height_dots):
        if rows[y * stride : (y + 1) * stride].strip(b"\x00"):
            if runs and (y - runs[-1][1]) * stride <= _HEAD_BYTES:
                runs[-1][1] = y + 1
            else:
                runs.append([y, y + 1])
    for top, bottom in runs:
        yield from _banded(patch, top, bottom)


def _banded(patch: Patch, top: int, bottom: int) -> Iterator[Patch]:
    stride = patch.bitmap.stride
    for y in range(top, bottom, max(1, BAND_BYTES // stride)):
        end = min(bottom, y + max(1, BAND_BYTES // stride))
        rows = patch.bitmap.rows[y * stride : end * stride]
        yield Patch(patch.x_dots, patch.y_dots + y, Bitmap(stride * 8, end - y, rows))
