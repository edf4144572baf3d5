"""ZPL II, as Zebra's Link-OS printers and their imitators speak it.

The host renders; the stream carries dots and never a character of data, so nothing in a garment record can become a
command. Only graphics in ASCII forms are sent: binary ones would break on XON/XOFF lines (`docs/add-a-language.md`).
Of these only Z64, though other forms are shorter for a few dots: it alone carries a check, without which a flipped bit
prints a wrong dot and counts.
Numbers of commands and fields follow the ZPL II Programming Guide (45541L-004) and docs.zebra.com.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Handling, Media, ReportedSettings, Sensor, Setup
from edge_agent.model.printer import PrinterStatus
from edge_agent.printers.languages import graphics
from edge_agent.printers.languages.contract import PLAIN, PLAIN_MODEL, Query, Quirks, ResponseReader
from edge_agent.printers.languages.zpl import replies
from edge_agent.printers.languages.zpl.stacks import stacked

_OUR_NAME = re.compile(r"R:[0-9A-F]{8}\.GRF")

_HOST_STATUS = Query("~HS", b"~HS\r\n", replies.host_status)
_HOST_STATUS_WITHOUT_RIBBON = replace(_HOST_STATUS, parse=partial(replies.host_status, ribbon=False))
_ERROR_WORDS = Query("~HQES", b"~HQES\r\n", replies.error_words)
_IDENTITY = Query("~HI", b"~HI\r\n", replies.identity)
_ODOMETER = Query("odometer", b'! U1 getvar "odometer.total_label_count"\r\n', replies.odometer)
_OBJECTS = Query("^HW", b"^XA^HWR:*.GRF^XZ\r\n", replies.objects)
_SETTINGS = Query(
    "settings",
    b"".join(b'! U1 getvar "%b"\r\n' % name for name in replies.SETTINGS),
    replies.settings,
)

_HANDLING = {Handling.TEAR: b"T", Handling.PEEL: b"P", Handling.CUT: b"C"}
_SENSOR = {Sensor.GAP: b"Y", Sensor.MARK: b"M", Sensor.CONTINUOUS: b"N"}


class ZPL:
    """The `Language` of ZPL II."""

    name = "zpl"
    stores_background = True
    binary = False

    def __init__(self, quirks: Quirks = PLAIN_MODEL) -> None:
        self._quirks = quirks

    def with_quirks(self, quirks: Quirks) -> ZPL:
        """Object overhead and ribbon concern ZPL. Unconfirmed whether any printer needs the first: the one ^HW capture
        at hand (ZD230, 49 924 bytes) fits 0 and 4."""
        return ZPL(quirks)

    def cancel(self) -> bytes:
        """~JX drops a half-received format, ~JA everything else; the label under the head still comes out."""
        return b"~JX~JA\r\n"

    def preamble(self, media: Media, setup: Setup = PLAIN) -> bytes:
        """^JZN first: each power-up sets it back to Y. No field, so no label. ^LT and ^LS stay: the site calibrates."""
        return b"^XA^JZN^MM%b^MN%b%b^PON^PMN^LRN^LH0,0^PW%d^LL%d^XZ%b\r\n" % (
            _HANDLING[setup.handling],
            b"N" if media.gap_mm <= 0 else _SENSOR[setup.sensor],
            b"" if setup.ribbon is None else (b"^MTT" if setup.ribbon else b"^MTD"),
            media.width_dots,
            media.height_dots,
            _heat_and_speed(setup),
        )

    def calibrate(self, setup: Setup) -> bytes:
        """~JC measures label and gap; feeds a few labels."""
        return b"~JC\r\n"

    def object_name(self, background: Bitmap) -> str:
        """`R:` + 8 hex digits of SHA-256 over size and dots + `.GRF`."""
        return _object_name(background)

    def object_size(self, background: Bitmap) -> int:
        """Bytes of the bitmap, plus what this printer adds."""
        return len(background.rows) + self._quirks.object_overhead_bytes

    def store(self, background: Bitmap) -> bytes:
        """One ~DG into R: (DRAM). ~DG acts at receipt, so it must be sent before the label that recalls it."""
        size = b"%d,%d," % (len(background.rows), background.stride)
        return b"~DG%b,%b%b\r\n" % (_object_name(background).encode(), size, graphics.z64(background))

    def forget(self, names: Sequence[str]) -> bytes:
        """Delete by ^ID what is named R:<8 hex digits>.GRF; others' objects are not ours to delete."""
        ours = [name for name in names if _OUR_NAME.fullmatch(name)]
        return b"".join(b"^XA^ID%b^FS^XZ\r\n" % name.encode() for name in ours)

    def full_label(self, art: Bitmap) -> bytes:
        """One format with one ^GF."""
        return b"^XA%b^PQ1^XZ\r\n" % _field(Patch(0, 0, art))

    def run_label(self, background: Bitmap, patches: Sequence[Patch]) -> bytes:
        """One format: ^XG of the stored background, one ^GF for patches that stand below each other. ^XG magnifies by 1
        where nothing is said.

        A patch decides every dot of its area, and ^GF can only add ink. So ink of a patch that is stored already is
        not sent again (the parts of a QR code that are equal in a whole run may live in the background), and a stored
        dot that a patch wants white is refused.

        Raises:
            RefusedError: a patch leaves the label, or wants white what is stored black.
        """
        recall = b"^FO0,0^XG%b^FS" % _object_name(background).encode()
        missing = [_missing_ink(background, patch) for patch in patches]
        fields = b"".join(_field(stack.patch, stack.bands) for stack in stacked(missing))
        return b"^XA%b%b^PQ1^XZ\r\n" % (recall, fields)

    @property
    def status_queries(self) -> tuple[Query[PrinterStatus], ...]:
        """~HS knows idleness but may be silent in a fault; ~HQES is answered always and knows faults only."""
        return (_HOST_STATUS_WITHOUT_RIBBON if self._quirks.ribbon is False else _HOST_STATUS, _ERROR_WORDS)

    @property
    def counter_query(self) -> Query[int | None] | None:
        """The odometer of Link-OS printers."""
        return _ODOMETER

    def objects_query(self, names: Sequence[str] = ()) -> Query[Mapping[str, int | None]] | None:
        """^HW lists all; processed in order like every ^ command: its answer waits for the formats before it."""
        return _OBJECTS

    @property
    def settings_query(self) -> Query[ReportedSettings] | None:
        """Five SGD variables at once; `?` for what a model does not have."""
        return _SETTINGS

    @property
    def response_reader(self) -> ResponseReader | None:
        """ZPL printers count; they do not confirm label by label."""
        return None

    @property
    def identity_query(self) -> Query[str] | None:
        """~HI."""
        return _IDENTITY


def _heat_and_speed(setup: Setup) -> bytes:
    """~SD takes two digits, 00–30; ^PR whole inches per second (ZPL II Programming Guide, ~SD and ^PR)."""
    heat = b"" if setup.darkness is None else b"\r\n~SD%02d" % max(0, min(30, setup.darkness))
    speed = b"" if setup.speed_ips is None else b"\r\n^XA^PR%d^XZ" % max(1, min(14, round(setup.speed_ips)))
    return heat + speed


def _field(patch: Patch, bands: Sequence[int] = ()) -> bytes:
    rows = patch.bitmap.rows
    head = b"^FO%d,%d^GFA,%d,%d,%d," % (patch.x_dots, patch.y_dots, len(rows), len(rows), patch.bitmap.stride)
    return head + graphics.z64(patch.bitmap, bands) + b"^FS"


@lru_cache(maxsize=64)
def _object_name(background: Bitmap) -> str:
    content = b"%dx%d:" % (background.width_dots, background.height_dots) + background.rows
    return f"R:{hashlib.sha256(content).hexdigest()[:8].upper()}.GRF"


def _missing_ink(background: Bitmap, patch: Patch) -> Patch:
    bitmap = patch.bitmap
    stored = _stored_ink(background, patch.x_dots, patch.y_dots, bitmap.width_dots, bitmap.height_dots)
    if not stored:
        return patch
    wanted = int.from_bytes(bitmap.rows)
    if stored & ~wanted:
        raise RefusedError(f"{_where(patch)}: expected its white dots white in the background, got ink; move the slot")
    rows = (wanted ^ stored).to_bytes(len(bitmap.rows))
    return Patch(patch.x_dots, patch.y_dots, Bitmap(bitmap.width_dots, bitmap.height_dots, rows))


@lru_cache(maxsize=256)
def _stored_ink(background: Bitmap, x_dots: int, y_dots: int, width_dots: int, height_dots: int) -> int:
    """The background's dots in this area, packed as a patch of that size, as one number."""
    right, bottom = x_dots + width_dots, y_dots + height_dots
    if x_dots < 0 or y_dots < 0 or right > background.width_dots or bottom > background.height_dots:
        size, area = f"{background.width_dots}×{background.height_dots}", f"{width_dots}×{height_dots}"
        raise RefusedError(
            f"patch {area} at {x_dots},{y_dots}: expected inside the label of {size} dots, got outside; move the slot"
        )
    stride = (width_dots + 7) // 8
    shift, mask = background.stride * 8 - right, (1 << width_dots) - 1
    area_rows = bytearray()
    for y in range(y_dots, bottom):
        row = int.from_bytes(background.rows[y * background.stride : (y + 1) * background.stride]) >> shift & mask
        area_rows += (row << stride * 8 - width_dots).to_bytes(stride)
    return int.from_bytes(area_rows)


def _where(patch: Patch) -> str:
    return f"patch {patch.bitmap.width_dots}×{patch.bitmap.height_dots} at {patch.x_dots},{patch.y_dots}"
