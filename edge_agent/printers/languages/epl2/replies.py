"""Readers of what an EPL2 printer says: lines of text that end in CR LF, and single control bytes of its own accord.

An answer to a question is found by its form, wherever it stands: EPL2 frames nothing, and a printer may say XON or XOFF
(eR, mode 0) or a line about its own faults in between. What has the form but unknown numbers is a fault, never health.

[EPL] is the guide that `facts.py` names; [ESIM] Intermec's ESim references, EasyCoder C4 p. 57 and PC4/PF8 p. 118, 130.

What can be told apart: answers are printable text, so an ACK that stands between lines is a label's; one within an
unfinished line is damage and is left there, which spoils that answer and confirms nothing. What cannot: an ACK from a
byte of line noise that happens to be 0x06. Whoever counts takes more confirmations than labels for doubt, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from edge_agent.errors import ReplyError
from edge_agent.model.media import ReportedSettings, Sensor
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES, LabelResponse, Parsed
from edge_agent.printers.languages.epl2 import answer_bits

_NOISE = rb"(?<![ ->@-}\x15])"
"""What an answer may not follow directly: text (but for `?` and `~`, which line noise often looks like), such as the
sign that eR puts before a report of the printer's own; or the NACK that US puts there."""

_STATUS = re.compile(_NOISE + rb"(\d\d(?:,\d\d){0,9})\r\n")
_COUNT = re.compile(_NOISE + rb"(\d{3})\r?\n")
_NAME = re.compile(rb"([!-~]{1,8}) *\r?\n")
_MAX_NAME_LINE_BYTES = 40

_FIRST = re.compile(
    _NOISE
    + rb"([A-Z]{2,4}\d{3,5}[A-Z]{1,5}(?: +[A-Z]+){0,2} +V\d+\.\d\w*(?:\.\w+)?"
    + rb"|[A-Z]{3} ZP \d{3} \(ZPL\) +[A-Z]{3}-\d{6}[A-Z]) *\r?\n"
)
"""`UKQ1935HLU V4.29`; `UKQ1935H U  UPS V4.51`, a carrier's; `FDX ZP 500 (ZPL) ZSP-002281B`, in its EPL mode."""
_LAST = re.compile(rb"\n\d\d \d\d \d\d *\r?\n")
_HEAT = re.compile(rb"\nS\w D(\d\d) R")
_FORM = re.compile(rb"\nq(\d{1,5}) Q(\d{1,5}),(B?)(\d{1,5})[ +\r\n]")

_RESPONSE = re.compile(rb"\x15-?(\d\d)(?:([PR])\d{3}(?:L\d{5})?)?(?:\x13|\r?\n)?")
_BEGUN = re.compile(rb"\x15(?:-?(?:\d(?:\d(?:[PR]\d{3}L\d{0,5}|[PR]\d{0,3})?\r?)?)?)?")


def status(buffer: bytes, *, ribbon: bool | None = None) -> Parsed[PrinterStatus] | None:
    """^ee: `XX`, or `XX,YY` as Intermec's ESim says it. [EPL p. 173]

    00 counts as idle; unconfirmed whether it means that nothing waits in the buffer. So who proves by idleness must
    have seen 50 before. 12 is a pause key as well as a label to be taken, so it is told as both. 07 is paper or ribbon;
    without a ribbon it is paper.
    """
    found = _STATUS.search(buffer)
    if found is None:
        _guard(buffer)
        return None
    return _status([int(code) for code in found[1].split(b",")], ribbon), found.end()


def _status(codes: list[int], ribbon: bool | None) -> PrinterStatus:
    faults = frozenset[Fault]().union(*map(answer_bits.faults_of, codes))
    if ribbon is False:
        faults -= {Fault.RIBBON_OUT}
    if answer_bits.OK in codes and len(codes) > 1:
        faults |= {Fault.OTHER}  # "no error" beside another code contradicts itself
    return PrinterStatus(
        health=Health.FAULT if faults else Health.OK,
        faults=faults,
        idle=_idle(codes),
        label_waiting=answer_bits.PAUSED in codes,
    )


def _idle(codes: list[int]) -> bool | None:
    if answer_bits.BUSY in codes:
        return False
    return True if codes == [answer_bits.OK] else None


def objects(buffer: bytes) -> Parsed[Mapping[str, int | None]] | None:
    """UG: `###` graphics, then one name a line; no sizes. [EPL p. 151]

    A background counts as stored only if its seal is listed too (see the language), and seals are not shown.
    """
    head = _COUNT.search(buffer)
    if head is None:
        _guard(buffer)
        return None
    names: list[str] = []
    end = head.end()
    for _ in range(int(head[1])):
        line = _NAME.match(buffer, end)
        if line is None:
            _check_that_a_name_may_come(buffer[end:])
            return None
        names.append(line[1].decode("ascii"))
        end = line.end()
    return {name: None for name in names if _whole(name, names)}, end


def _check_that_a_name_may_come(tail: bytes) -> None:
    if b"\n" in tail or len(tail) > _MAX_NAME_LINE_BYTES:
        raise ReplyError(f"UG: expected a name of up to 8 letters on a line, got {tail[:40]!r}; ask again")


OUR_NAME = re.compile(r"B[0-9A-F]{7}")
_OUR_SEAL = re.compile(r"S[0-9A-F]{7}")


def seal_of(name: str) -> str:
    """The name that is stored behind `name`, to show that it was stored to its end."""
    return "S" + name[1:]


def _whole(name: str, names: list[str]) -> bool:
    if OUR_NAME.fullmatch(name):
        return seal_of(name) in names
    return not _OUR_SEAL.fullmatch(name)


def identity(buffer: bytes) -> Parsed[str] | None:
    """UQ, first line: `UKQ1935HLU V4.29`. Read with the lines behind it, so that none is left on the line."""
    found = _configuration(buffer)
    return (found[0].partition("\n")[0], found[1]) if found else None


def settings(buffer: bytes) -> Parsed[ReportedSettings] | None:
    """UQ, lines `S4 D08 R112,000 ZB UN` and `q600 Q208,25`. [UQ]

    S is a number of a table that differs from model to model, so the speed is not told. Unconfirmed: how a printer
    shows black marks; read as the Q command has them (`B24`).
    """
    found = _configuration(buffer)
    if found is None:
        return None
    text = found[0].encode("latin-1")
    heat, form = _HEAT.search(text), _FORM.search(text)
    reported = ReportedSettings(
        width_dots=int(form[1]) if form else None,
        length_dots=int(form[2]) if form else None,
        darkness=float(heat[1]) if heat else None,
        sensor=_sensor(form) if form else None,
    )
    return reported, found[1]


def _sensor(form: re.Match[bytes]) -> Sensor:
    if form[3]:
        return Sensor.MARK
    return Sensor.GAP if int(form[4]) else Sensor.CONTINUOUS


def _configuration(buffer: bytes) -> tuple[str, int] | None:
    """Identity, then the lines up to the one of three sensor values, the last that all print-outs have [UQ].

    Newer firmware has a line on its cover behind that. It is left on the line, where it is noise to every reader.
    """
    first = _FIRST.search(buffer)
    last = _LAST.search(buffer, first.end() - 1) if first else None
    if first is None or last is None:
        _guard(buffer)
        return None
    name = b" ".join(first[1].split())
    return (name + b"\n" + buffer[first.end() : last.end()]).decode("latin-1"), last.end()


def responses(buffer: bytes, *, ribbon: bool | None = None) -> tuple[tuple[LabelResponse, ...], bytes]:
    """What US and UT make the printer say: ACK for a label, NACK and a number for an error. [EPL p. 157, 159]

    Forms: `07`, `07P123` (labels not printed), `07P123L54321` (and raster lines); ESim has R for P where it is the
    ribbon. A report ends in XOFF [ESIM p. 57], in CR LF (WebZLP's tests), or, unconfirmed, in nothing: then it waits
    for the byte behind it. A NACK without a number is a fault nobody knows. DLE: a label hangs at the peel bar; only
    ACK says that it is taken. An ACK that answers the US command itself [ESIM p. 130] looks like a label's.
    """
    found: list[LabelResponse] = []
    rest = bytearray()
    at = 0
    while at < len(buffer):
        byte = buffer[at]
        if byte == answer_bits.NACK:
            if (begun := _BEGUN.match(buffer, at)) and begun.end() == len(buffer):
                break
            response, at = _error(buffer, at, ribbon)
            found.append(response)
            continue
        if byte == answer_bits.ACK and not _within_line(rest):
            found.append(LabelResponse())
        elif byte != answer_bits.DLE or _within_line(rest):
            rest.append(byte)
        at += 1
    return tuple(found), bytes(rest) + buffer[at:]


def _error(buffer: bytes, at: int, ribbon: bool | None) -> tuple[LabelResponse, int]:
    report = _RESPONSE.match(buffer, at)
    if report is None:
        return LabelResponse(Fault.OTHER), at + 1
    faults = answer_bits.faults_of(int(report[1]))
    if report[2] == b"R" and Fault.RIBBON_OUT in faults and ribbon is not False:
        return LabelResponse(Fault.RIBBON_OUT), report.end()
    return LabelResponse(min(faults, default=Fault.OTHER, key=list(Fault).index)), report.end()


def _within_line(text: bytearray) -> bool:
    """Whether an answer has begun and not ended."""
    begun = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
    return any(0x20 <= byte != 0x7F for byte in text[begun:])


def _guard(buffer: bytes) -> None:
    if len(buffer) > MAX_REPLY_BYTES:
        raise ReplyError(f"reply: expected at most {MAX_REPLY_BYTES} bytes, got {len(buffer)}; drop the connection")
