"""Readers of TSPL answers: bytes in; a value and the bytes it took, None for "need more", `ReplyError` for nonsense.

Three kinds of answers. `<ESC>!S` comes in a frame STX … ETX. What BASIC's OUT says has no frame of its own, so we have
it say one around it: `@LABEL{` 1042 `}`. And `<ESC>!?` is answered by one bare byte, of which 0x00 means "ready": the
commonest noise there is (a broken or reconnected serial line reads as NULs). It can have no frame, because OUT waits
its turn and is silent in just the states that the byte is asked for. So it is asked three times in one go, and read
only if three equal bytes came and nothing else: a lost, doubled, damaged or added byte is an answer that cannot be
read, and is asked again. Where `<ESC>!S` is answered too, both must agree that all is well (`proof.combine`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from edge_agent.errors import ReplyError
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES, Parsed
from edge_agent.printers.languages.tspl import answer_bits

TIMES_ASKED = 3
"""How often `<ESC>!?` is asked in one go. Two equal bytes are one glitch of two NULs; three cost 9 bytes."""

COUNTER_FRAME = (b"@LABEL{", b"}")
FILES_FRAME = (b"LOF{", b"}")

_STX, _ETX = b"\x02", b"\x03"
_FRAMED_STATUS = re.compile(rb"\x02([\x40-\x7e])([\x40-\x7f])([\x40-\x7f])([\x40-\x7f])\x03\r\n")
_LEFT_OVER = re.compile(rb"\A\r?\n")
_FILE = re.compile(rb"\s*([0-9A-F]{8})\.(BMP|OK)\s*=\s*(-?\d{1,10})\s*;\s*")
_MODEL = re.compile(rb"([A-Za-z0-9][A-Za-z0-9 .+/()_-]{1,39})\r\n?")


def framed_status(buffer: bytes, *, ribbon: bool | None = None) -> Parsed[PrinterStatus] | None:
    """`<ESC>!S`: STX s1 s2 s3 s4 ETX CR LF. Idle is `@` alone; a label waiting to be taken (`L`) may have others behind
    it, so it is not idle. The line end is awaited: left on the line it would spoil an answer of `<ESC>!?`.

    Raises:
        ReplyError: a frame of another form.
    """
    opened = buffer.find(_STX)
    closed = buffer.find(_ETX, opened) if opened >= 0 else -1
    if closed < 0 or buffer[closed + 1 :] in (b"", b"\r"):
        _guard(buffer)
        return None
    frame = buffer[buffer.rfind(_STX, 0, closed) : closed + 3]
    match = _FRAMED_STATUS.fullmatch(frame)
    if match is None:
        raise ReplyError(f"<ESC>!S: expected STX, four letters from @ on, ETX, CR, LF; got {frame[:40]!r}; ask again")
    bits = (match[n][0] & answer_bits.FIELD_BITS for n in (2, 3, 4))
    return _framed_status(match[1].decode(), *bits, ribbon=ribbon), closed + 3


def _framed_status(message: str, warning: int, device: int, media: int, *, ribbon: bool | None) -> PrinterStatus:
    """Without a ribbon its sensor's bit is none, unless s1 says that the printer has stopped for an error."""
    if ribbon is False and message != answer_bits.ERROR_MESSAGE:
        media &= ~answer_bits.RIBBON_EMPTY
    faults = _faults(device, answer_bits.DEVICE_ERRORS) | _faults(media, answer_bits.MEDIA_ERRORS)
    faults |= {fault for bit, (fault, _) in answer_bits.WARNINGS.items() if warning & bit and fault is not None}
    fault, _ = answer_bits.MESSAGES.get(message, (Fault.OTHER, "unknown"))
    if fault is not None and not (message == answer_bits.ERROR_MESSAGE and faults):
        faults.add(fault)
    return PrinterStatus(
        health=Health.FAULT if faults else Health.OK,
        faults=frozenset(faults),
        idle=message == answer_bits.IDLE,
        label_waiting=message == answer_bits.WAITING_TO_BE_TAKEN,
        warnings=_warnings(warning),
    )


def _faults(bits: int, rows: Mapping[int, tuple[Fault, str]]) -> set[Fault]:
    """Faults of the set bits; a bit without a row is `Fault.OTHER`."""
    found = {fault for bit, (fault, _) in rows.items() if bits & bit}
    return found | ({Fault.OTHER} if bits & ~sum(rows) else set())


def _warnings(bits: int) -> tuple[str, ...]:
    """Names of the set bits that are no faults; what has no row is told as it came."""
    found = [word for bit, (fault, word) in answer_bits.WARNINGS.items() if bits & bit and fault is None]
    unknown = bits & ~sum(answer_bits.WARNINGS)
    return (*found, f"warning {unknown:02X}") if unknown else tuple(found)


def status_byte(buffer: bytes, *, ribbon: bool | None = None) -> Parsed[PrinterStatus] | None:
    """`<ESC>!?`, asked three times: three equal bytes and nothing beside them (head of this file), but for the line end
    that the answer to an earlier question left on the line.

    Raises:
        ReplyError: more bytes than were asked for, or not all the same.
    """
    answer = buffer if len(set(buffer)) <= 1 else _LEFT_OVER.sub(b"", buffer, count=1)
    if len(answer) > TIMES_ASKED or len(set(answer)) > 1:
        raise ReplyError(f"<ESC>!?: expected one byte, {TIMES_ASKED} times the same; got {buffer[:40]!r}; ask again")
    if len(answer) < TIMES_ASKED:
        return None
    byte = answer[0] & ~answer_bits.OUT_OF_RIBBON if ribbon is False else answer[0]
    faults = _faults(byte & ~answer_bits.PRINTING, answer_bits.STATUS_BITS)
    health = Health.FAULT if faults else Health.OK
    return PrinterStatus(health, frozenset(faults), idle=byte == answer_bits.READY), len(buffer)


def counter(buffer: bytes) -> Parsed[int | None] | None:
    """`@LABEL{` 1042 `}`; with nothing between, this model has no such variable, and the value is None.

    Raises:
        ReplyError: something else than digits in the frame.
    """
    if (found := _between(buffer, COUNTER_FRAME)) is None:
        _guard(buffer)
        return None
    text, end = found
    if not re.fullmatch(rb"\d{0,10}", text.strip()):
        raise ReplyError(f"@LABEL: expected digits, got {text[:40]!r}; ask again")
    return (int(text) if text.strip() else None), end


def files(buffer: bytes) -> Parsed[Mapping[str, int | None]] | None:
    """`LOF{` NAME.BMP=9662; NAME.OK=2; … `}`: of those asked for, the pictures that are whole, with their sizes.

    A picture counts if its seal is there too (see `TSPL.store`): its size alone does not tell that it is whole.
    """
    if (found := _between(buffer, FILES_FRAME)) is None:
        _guard(buffer)
        return None
    text, end = found
    sizes = dict(_sizes(text))
    pictures = {name: size for name, size in sizes.items() if name.endswith(".BMP")}
    return {name: size for name, size in pictures.items() if size > 0 and sizes.get(name[:8] + ".OK", 0) > 0}, end


def _sizes(text: bytes) -> Iterable[tuple[str, int]]:
    at = len(text) - len(text.lstrip())
    while at < len(text):
        if (row := _FILE.match(text, at)) is None:
            raise ReplyError(f"LOF: expected NAME.BMP=size; got {text[at : at + 40]!r}; ask again")
        yield f"{row[1].decode()}.{row[2].decode()}", int(row[3])
        at = row.end()


def model(buffer: bytes) -> Parsed[str] | None:
    """`~!T`: the model's name, ended by CR (format unconfirmed beyond that)."""
    if (match := _MODEL.search(buffer)) is None:
        _guard(buffer)
        return None
    return match[1].decode().strip(), match.end()


def _between(buffer: bytes, frame: tuple[bytes, bytes]) -> tuple[bytes, int] | None:
    """What stands in the first whole frame, and where it ends; the opening nearest to its end counts."""
    opened = buffer.find(frame[0])
    closed = buffer.find(frame[1], opened) if opened >= 0 else -1
    if closed < 0:
        return None
    opened = buffer.rfind(frame[0], 0, closed) + len(frame[0])
    return buffer[opened:closed], _after(buffer, closed + len(frame[1]))


def _guard(buffer: bytes) -> None:
    if len(buffer) > MAX_REPLY_BYTES:
        raise ReplyError(f"reply: expected at most {MAX_REPLY_BYTES} bytes, got {len(buffer)}; drop the connection")


def _after(buffer: bytes, end: int) -> int:
    return end + 2 if buffer[end : end + 2] == b"\r\n" else end
