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
from itertools import groupby

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media, ReportedSettings, Setup
from edge_agent.model.printer import PrinterStatus
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.languages import graphics
from edge_agent.printers.languages.contract import (
    PLAIN,
    PLAIN_MODEL,
    Mode,
    Query,
    Quirks,
    ResponseReader,
    said_of,
)
from edge_agent.printers.languages.zpl import identity, replies
from edge_agent.printers.languages.zpl.modes import MODES
from edge_agent.printers.languages.zpl.stacks import stacked

_OUR_NAME = re.compile(r"R:[0-9A-F]{8}\.GRF")

_HOST_STATUS = Query("~HS", b"~HS\r\n", replies.host_status)
_HOST_STATUS_WITHOUT_RIBBON = replace(_HOST_STATUS, parse=partial(replies.host_status, ribbon=False))
_ERROR_WORDS = Query("~HQES", b"~HQES\r\n", replies.error_words)
_IDENTITY = Query("~HI", b"~HI\r\n", replies.identity)
_ODOMETER = Query("odometer", b'! U1 getvar "odometer.total_label_count"\r\n', replies.odometer)
_OBJECTS = Query("^HW", b"~CC^\r\n~CD,\r\n^XA^HWR:*.GRF^XZ\r\n", replies.objects)
"""With caret and delimiter said first: this is asked, and a background stored, before a window's preamble, and a
printer with others would be asked for ever and store nothing."""
_SETTINGS = Query(
    "settings",
    b"".join(b'! U1 getvar "%b"\r\n' % name for name in replies.SETTINGS),
    replies.settings,
)


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
        """~JX drops a half-received format, ~JA everything else; the label under the head still comes out. ~JE ends the
        diagnostics in which bytes are printed as text. Said again behind the prefixes (`zpl/modes.py`), for a printer
        that had others: no format of ours may stand here, since it would end one that is half received."""
        drop = b"~JE~JX~JA\r\n"
        return drop + b"~CC^\r\n^CT~\r\n" + drop

    @property
    def modes(self) -> tuple[Mode, ...]:
        """See `zpl/modes.py`."""
        return MODES

    def preamble(self, media: Media, setup: Setup = PLAIN) -> bytes:
        """Each mode of the table, in its order. ^JZN leads the format: each power-up sets it back to Y.

        Raises:
            RefusedError: `setup` moves the origin further than ^LT can.
        """
        said = groupby(said_of(self.modes, media, setup, self._quirks), lambda one: one.startswith(b"^"))
        return b"".join((b"^XA%b^XZ\r\n" if formats else b"%b\r\n") % b"".join(group) for formats, group in said)

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
        """One format: ^XG of the stored background, one ^GF for patches that stand below each other.

        A patch decides every dot of its area, and ^GF can only add ink. So ink of a patch that is stored already is
        not sent again (the parts of a QR code that are equal in a whole run may live in the background), and a stored
        dot that a patch wants white is refused.

        Raises:
            RefusedError: a patch leaves the label, or wants white what is stored black.
        """
        recall = b"^FO0,0^XG%b,1,1^FS" % _object_name(background).encode()
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

    @property
    def identity_queries(self) -> tuple[Query[PrinterIdentity], ...]:
        """~HI, and `device.unique_id`."""
        return identity.QUERIES


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
