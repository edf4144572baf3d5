"""Readers of ZPL answers: bytes in; a value and the bytes it took, None for "need more", `ReplyError` for nonsense.

An answer is a frame STX … ETX (the odometer's is quoted text instead). What stands before the STX is noise and is
skipped; a frame that lost its end is given up when the next STX comes. The first whole frame must be the answer: to
skip a frame that cannot be read would let an older answer stand for a newer one. None of these ever makes health out
of something it does not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from edge_agent.errors import ReplyError
from edge_agent.model.media import ReportedSettings, Sensor
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES, Parsed
from edge_agent.printers.languages.zpl import answer_bits

_STX, _ETX = b"\x02", b"\x03"

_HOST_STATUS = (  # d has five digits on 600 dpi heads and long labels; u has ten on an Xprinter XP-423B
    re.compile(
        r"(?P<a>\d{3}),(?P<b>[01]),(?P<c>[01]),(?P<d>\d{4}|[1-9]\d{4}),(?P<e>\d{3}),(?P<f>[01]),(?P<g>[01]),(?P<h>[01]),"
        r"(?P<i>\d{3}),(?P<j>[01]),(?P<k>[01]),(?P<l>[01])",
        re.ASCII,
    ),
    re.compile(
        r"(?P<m>\d{3}),(?P<n>\d),(?P<o>[01]),(?P<p>[01]),(?P<q>[01]),(?P<r>[0-9A-Z]),(?P<s>\d),(?P<t>[01]),"
        r"(?P<u>\d{8}(?:\d\d)?),(?P<v>\d),(?P<w>\d{3})",
        re.ASCII,
    ),
    re.compile(r"(?P<x>\w{4}),(?P<y>[01])", re.ASCII),
)
_WORDS = re.compile(
    r"\s*PRINTER STATUS\s+ERRORS:\s*(?P<error>[01])\s+(?P<errors>[0-9A-F]{8}\s+[0-9A-F]{8})"
    r"\s+WARNINGS:\s*(?P<warning>[01])\s+(?P<warnings>[0-9A-F]{8}\s+[0-9A-F]{8})\s*",
    re.ASCII | re.IGNORECASE,
)
_IDENTITY = re.compile(r"([^,\x00-\x1f]+),([^,\x00-\x1f]+),(\d{1,2})(,[^,\x00-\x1f]+(,[^\x00-\x1f]*)?)?", re.ASCII)
_ODOMETER = re.compile(rb'"([^"]*)"(\r?\n)?|\?\r\n')
_OBJECT_LINE = re.compile(
    r"\*\s*(?:(?P<drive>[A-Z]):)?(?P<stem>[\w-]{1,16})\s*\.(?P<ext>\w{1,3})\s+(?P<size>\d{1,10})\s*[A-Z\s]*", re.ASCII
)
_DIR_LINE = re.compile(r"-?\s*DIR (?P<drive>[A-Z]):\S*\s*")
_FREE_LINE = re.compile(r"-\s*\d{1,12} bytes free.*")


def host_status(buffer: bytes, *, ribbon: bool | None = None) -> Parsed[PrinterStatus] | None:
    """~HS: three frames. Idle = no format waiting, none half received, no label left, not paused.

    A real head may still be moving the last label when this says idle; who needs proof asks the odometer. `ribbon` is
    what the site says of the printer.

    Raises:
        ReplyError: three frames that do not follow each other.
    """
    fields: dict[str, str] = {}
    end = 0
    for pattern in _HOST_STATUS:
        if (found := _frame(buffer, end)) is None:
            return None
        text, opened, closed = found
        if end and buffer[end:opened].strip(b"\r\n"):
            raise ReplyError("~HS: expected three frames in a row, got something between them; ask again")
        fields |= _matched(pattern, text, "~HS").groupdict()
        end = closed
    return _host_status(fields, ribbon), _after_line_end(buffer, end)


def _host_status(fields: Mapping[str, str], ribbon: bool | None) -> PrinterStatus:
    faults = {fault for key, rest, fault in answer_bits.HOST_STATUS_FLAGS if fields[key] != rest}
    if ribbon is False or not _transfers(fields):
        faults.discard(Fault.RIBBON_OUT)
    if int(fields["m"]) & ~answer_bits.SETTINGS_BITS or int(fields["a"]) > 0x1FF:
        faults.add(Fault.OTHER)
    busy = any(int(fields[key]) for key in ("c", "e", "h", "u"))
    return PrinterStatus(
        health=Health.FAULT if faults else Health.OK,
        faults=frozenset(faults),
        idle=not busy,
        label_waiting=fields["t"] == "1",
        label_length_dots=int(fields["d"]),
    )


def _transfers(fields: Mapping[str, str]) -> bool:
    """Two fields say it; a printer that contradicts itself may need its ribbon."""
    return fields["q"] == "1" or bool(int(fields["m"]) & answer_bits.TRANSFER_BIT)


def error_words(buffer: bytes) -> Parsed[PrinterStatus] | None:
    """~HQES: two 64-bit words. It does not tell idleness. An error is one whatever the printer is set to: by its own
    word it has stopped."""
    if (found := _frame(buffer, 0)) is None:
        return None
    text, _, end = found
    fields = _matched(_WORDS, text, "~HQES")
    faults = _errors(fields["error"] == "1", _word(fields["errors"]))
    status = PrinterStatus(
        health=Health.FAULT if faults else Health.OK,
        faults=faults,
        warnings=_warnings(fields["warning"] == "1", _word(fields["warnings"])),
    )
    return status, _after_line_end(buffer, end)


def _word(text: str) -> int:
    return int("".join(text.split()), 16)


def _errors(flag: bool, word: int) -> frozenset[Fault]:
    """Faults of the set bits; a bit without a row, or a flag that its word does not explain, is `Fault.OTHER`."""
    found = {fault for bit, (fault, _) in answer_bits.ERRORS.items() if word & bit}
    unknown = word & ~sum(answer_bits.ERRORS) or flag != bool(word)
    return frozenset(found | ({Fault.OTHER} if unknown else set()))


def _warnings(flag: bool, word: int) -> tuple[str, ...]:
    """Names of the set bits; what has no row is told as it came."""
    found = [name for bit, name in answer_bits.WARNINGS.items() if word & bit]
    if (unknown := word & ~sum(answer_bits.WARNINGS)) or flag != bool(word):
        found.append(f"warning {unknown >> 32:08X} {unknown & 0xFFFF_FFFF:08X}")
    return tuple(found)


def identity(buffer: bytes) -> Parsed[str] | None:
    """~HI: `MODEL FIRMWARE`; some stop behind the resolution. Raises ReplyError: a resolution that no head has."""
    if (found := _frame(buffer, 0)) is None:
        return None
    text, _, end = found
    fields = _matched(_IDENTITY, text, "~HI")
    if fields[3] not in answer_bits.DOTS_PER_MM:
        raise ReplyError(f"~HI: expected 6, 8, 12 or 24 dots per mm, got {fields[3]}; ask again")
    return f"{fields[1].strip()} {fields[2].strip()}", _after_line_end(buffer, end)


def odometer(buffer: bytes) -> Parsed[int | None] | None:
    """`"31084"`; `?` from a model without this counter gives the value None.

    Raises:
        ReplyError: something else than digits in the quotes.
    """
    match = _ODOMETER.search(buffer)
    if match is None:
        _guard(buffer)
        return None
    text = match[1]
    if text is None or text == b"?":
        return None, match.end()
    if not re.fullmatch(rb"\d{1,10}", text):
        raise ReplyError(f'odometer: expected "<digits>", got {text[:40]!r}; ask again')
    return int(text), match.end()


SETTINGS = (b"ezpl.print_width", b"zpl.label_length", b"print.tone", b"media.speed", b"ezpl.media_type")
"""SGD variables of the print set-up, in the order asked. Names: Zebra SGD manual; the answers' forms are unconfirmed,
so what is not a plain number of that kind counts as not told."""

_QUOTED = re.compile(rb'"([^"]*)"(?:\r?\n)?')
_SENSORS = {b"continuous": Sensor.CONTINUOUS, b"gap/notch": Sensor.GAP, b"mark": Sensor.MARK}


def settings(buffer: bytes) -> Parsed[ReportedSettings] | None:
    """Five quoted answers in a row."""
    found = list(islice(_QUOTED.finditer(buffer), len(SETTINGS)))
    if len(found) < len(SETTINGS):
        _guard(buffer)
        return None
    width, length, tone, speed, media = (match[1] for match in found)
    reported = ReportedSettings(
        width_dots=_whole(width),
        length_dots=_whole(length),
        darkness=_decimal(tone),
        speed_ips=_decimal(speed),
        sensor=_SENSORS.get(media),
    )
    return reported, found[-1].end()


def _whole(text: bytes) -> int | None:
    return int(text) if re.fullmatch(rb"\d{1,5}", text) else None


def _decimal(text: bytes) -> float | None:
    return float(text) if re.fullmatch(rb"\d{1,3}(\.\d{1,2})?", text) else None


def objects(buffer: bytes) -> Parsed[Mapping[str, int | None]] | None:
    """^HW: stored objects as `R:NAME.GRF` → bytes.

    The manual's lines are `*NAME.GRF  size  flags`; a ZD230 (V89.21.46Z) writes `* R:NAME.GRF     size`. Both are read.
    The last line tells the bytes free; of a drive that it has not, a ZD230 says its head alone.

    Raises:
        ReplyError: a list without its head, objects without that last line, or a line of another form.
    """
    if (found := _frame(buffer, 0)) is None:
        return None
    text, _, end = found
    head, *lines = [line for line in text.splitlines() if line.strip()] or [""]
    drive = _matched(_DIR_LINE, head, "^HW")["drive"]
    if lines:
        _matched(_FREE_LINE, lines.pop(), "^HW")
    rows = [_matched(_OBJECT_LINE, line, "^HW") for line in lines]
    sizes: dict[str, int | None] = {
        f"{row['drive'] or drive}:{row['stem']}.{row['ext']}": int(row["size"]) for row in rows
    }
    return sizes, _after_line_end(buffer, end)


def _frame(buffer: bytes, start: int) -> tuple[str, int, int] | None:
    """The next frame's text, where it begins, and where it ends; None if there is none yet."""
    opened = buffer.find(_STX, start)
    closed = buffer.find(_ETX, opened) if opened >= 0 else -1
    if closed < 0:
        _guard(buffer)
        return None
    opened = buffer.rfind(_STX, start, closed)
    return buffer[opened + 1 : closed].decode("latin-1"), opened, closed + 1


def _guard(buffer: bytes) -> None:
    if len(buffer) > MAX_REPLY_BYTES:
        raise ReplyError(f"reply: expected at most {MAX_REPLY_BYTES} bytes, got {len(buffer)}; drop the connection")


def _matched(pattern: re.Pattern[str], text: str, query: str) -> re.Match[str]:
    match = pattern.fullmatch(text)
    if match is None:
        raise ReplyError(f"{query}: expected an answer as the manual shows it, got {text[:80]!r}; ask again")
    return match


def _after_line_end(buffer: bytes, end: int) -> int:
    return end + 2 if buffer[end : end + 2] == b"\r\n" else end
