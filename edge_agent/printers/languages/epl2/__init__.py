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

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Handling, Media, ReportedSettings, Sensor, Setup
from edge_agent.model.printer import PrinterStatus
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.languages import binary
from edge_agent.printers.languages.contract import PLAIN, PLAIN_MODEL, Query, Quirks, ResponseReader
from edge_agent.printers.languages.epl2 import answer_bits, identity, pcx, replies

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

    def preamble(self, media: Media, setup: Setup = PLAIN) -> bytes:
        """UA first: power-up and reset clear it (p. 147), and without it the printer ends the batch on the new roll.

        O resets what it does not mention (p. 130), so `Fr`, reprint by the feed key, is off without a word; F itself is
        left out, since the print-out of an LP 2844 (V4.45) does not know it. N clears errors of earlier commands on
        Intermec's ESim. US1 asks for an ACK per label, UN ends that (p. 157).

        Raises:
            RefusedError: `setup.ribbon` is open, the gap is not one that Q can say, or a speed or darkness is asked for
                that S and D cannot.
        """
        return self._lines(
            b"",
            b"UA",
            b"US1" if self._quirks.confirms else b"UN",
            _options(setup),
            b"q%d" % (-(-media.width_dots // 8) * 8),
            _form(media, setup),
            b"ZT",
            *_heat(setup),
            b"N",
        )

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


def _options(setup: Setup) -> bytes:
    """O (p. 130): cutter, direct thermal, label-taken sensor."""
    if setup.ribbon is None:
        raise RefusedError(
            "EPL2: expected to know whether the printer has a ribbon, since each O command says so; got nothing; write "
            "ribbon = true (thermal transfer) or ribbon = false (direct thermal) on the printer's row in agent.toml"
        )
    said = {
        b"C": setup.handling is Handling.CUT,
        b"D": not setup.ribbon,
        b"P": setup.handling is Handling.PEEL,
    }
    return b"O" + b",".join(letter for letter, on in said.items() if on)


def _form(media: Media, setup: Setup) -> bytes:
    """Q (p. 137). Black line mode requires an offset; the + before it is unconfirmed for 0."""
    if not 0 < media.height_dots <= answer_bits.FORM_DOTS:
        raise RefusedError(
            f"EPL2: expected a label of 1 to {answer_bits.FORM_DOTS} dots, got {media.height_dots}; change it"
        )
    if media.gap_mm <= 0 or setup.sensor is Sensor.CONTINUOUS:
        return b"Q%d,0" % media.height_dots
    mark = setup.sensor is Sensor.MARK
    return (b"Q%d,B%d+0" if mark else b"Q%d,%d") % (media.height_dots, _gap_dots(media))


def _gap_dots(media: Media) -> int:
    """An unknown resolution is held to the bounds of 203 dpi, which are wider."""
    least, most = answer_bits.GAP_DOTS.get(media.dpi, answer_bits.GAP_DOTS[203])
    gap = round(media.gap_mm * media.dpi / 25.4)
    if not least <= gap <= most:
        raise RefusedError(
            f"EPL2: expected a gap or mark of {least} to {most} dots, got {media.gap_mm:g} mm = {gap} dots; "
            "correct the gap, or use another roll"
        )
    return gap


def _heat(setup: Setup) -> tuple[bytes, ...]:
    """D (p. 86); nothing for what is left alone."""
    if setup.speed_ips is not None:
        raise RefusedError(
            f"EPL2: expected no speed, since S means another one on each model; got speed_ips = {setup.speed_ips:g}; "
            "leave it out and set the speed at the printer"
        )
    if setup.darkness is None:
        return ()
    if not 0 <= setup.darkness <= answer_bits.DARKNESS:
        raise RefusedError(f"EPL2: expected a darkness of 0 to {answer_bits.DARKNESS}, got {setup.darkness}; change it")
    return (b"D%d" % setup.darkness,)


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
