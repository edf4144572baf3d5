"""A TSC-like firmware: lines wait in a bounded buffer and run in order, `<ESC>!x` acts at receipt.

Where the manual leaves it open, this is the harder printer: REPRINT is ON at power-up, OUT does not wait for the paper
(it answers when its line is reached), and while the head is stopped no line runs, so that only `<ESC>!` is answered. In
dump mode it prints what it receives as hex, which is not shown, and answers nothing until power is cut.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from edge_agent.virtual_printer.faults import FaultBoard
from edge_agent.virtual_printer.mechanism import Mechanism, Paper
from edge_agent.virtual_printer.options import VirtualPrinterOptions
from edge_agent.virtual_printer.tspl import answers
from edge_agent.virtual_printer.tspl.canvas import Canvas, Settings, Store
from edge_agent.virtual_printer.tspl.lexer import Command, Immediate, Scanner

CALIBRATION_LABELS = 2
"""What this printer feeds to find its gaps; real ones feed a few."""

_WORD = re.compile(rb"\s*(~!.|[A-Za-z]+)\s*(.*)", re.DOTALL)
_DOWNLOAD = re.compile(rb'DOWNLOAD\s+"([^"]{1,40})"\s*,\s*\d+\s*,', re.IGNORECASE)
_ASSIGNMENT = re.compile(rb'\s*([A-Za-z]\w{0,15})\s*=\s*(?:LOF\s*\(\s*"([^"]{1,40})"\s*\)|(-?\d{1,9}))\s*', re.I)
_KILL = re.compile(rb'"([^"]{1,40})"')
_COUNTS = re.compile(rb"(\d{1,9})(?:\s*,\s*(\d{1,9}))?")
_HANDLING = {(b"PEEL", b"ON"): "peel", (b"TEAR", b"ON"): "tear"}
_NOTED = (b"DENSITY", b"SPEED", b"CODEPAGE", b"OFFSET")


class TsplFirmware:
    """Behaves as a printer of its language does; see `firmware.Firmware`."""

    def __init__(
        self, options: VirtualPrinterOptions, mechanism: Mechanism, board: FaultBoard, say: Callable[[bytes], None]
    ) -> None:
        self._options, self._mechanism, self._board, self._say = options, mechanism, board, say
        self._scanner = Scanner()
        self._waiting: deque[Command] = deque()
        self._copies: tuple[Paper, int] | None = None
        self._said = b""
        self._settings = Settings(options.width_dots, options.height_dots, options.handling)
        self.power_up()

    @property
    def full(self) -> bool:
        """A picture larger than the buffer is read all the same: the parser eats it while it comes."""
        return bool(self._waiting) and self._buffered_bytes() >= self._options.receive_buffer_bytes

    def receive(self, data: bytes) -> None:
        """See `Firmware`. What is said meanwhile leaves in one piece, as from a send buffer."""
        for found in () if self._dumping else self._scanner.take(data):
            if isinstance(found, Immediate):
                self._obey(found.letter)
            else:
                self._waiting.append(found)
        self.work()

    def work(self) -> None:
        """See `Firmware`."""
        while self._mechanism.has_room and not self._board.stopped:
            if self._copies is not None:
                self._print_copy()
            elif self._waiting:
                self._execute(self._waiting.popleft())
            else:
                break
        said, self._said = self._said, b""
        if said:
            self._say(said)

    def forget_buffers(self) -> None:
        """See `Firmware`."""
        self._scanner.clear()
        self._cancel()

    def power_up(self) -> None:
        """See `Firmware`. DRAM files are gone too (TSC M23 manual p.115)."""
        self.forget_buffers()
        self._said = b""
        self._dumping = False
        self._settings = self._settings.at_power_up()
        self._store = Store(self._options.ram_bytes)
        self._canvas = Canvas(self._settings, self._store, blind=self._options.blind)
        self._variables: dict[bytes, int] = {}
        self._acts = self._commands()
        self._mechanism.reprint_after_error = True
        self._mechanism.handling = self._settings.handling

    def _commands(self) -> dict[bytes, Callable[[bytes], None]]:
        """What each word does; BITMAP, PUTBMP and DOWNLOAD are apart, because they need their whole line."""
        return {
            b"CLS": lambda _: self._canvas.clear(),
            b"PRINT": self._print,
            b"SIZE": lambda params: self._settings.resize(params, self._options.dpi),
            b"REFERENCE": self._settings.move,
            b"DIRECTION": self._settings.turn,
            b"GAP": lambda params: self._settings.track("gap" if _height(params) else "continuous"),
            b"BLINE": lambda _: self._settings.track("mark"),
            b"SET": self._set,
            b"KILL": self._kill,
            b"OUT": self._out,
            b"SHIFT": self._settings.shift_down,
            b"~!D": self._dump,
            **{word: partial(self._settings.note, word.decode()) for word in _NOTED},
            b"~!T": lambda _: self._answer("~!T", answers.model(self._options.dpi, self._mechanism.nameplate)),
            b"GAPDETECT": self._calibrate,
            b"BLINEDETECT": self._calibrate,
        }

    def lose_objects(self) -> None:
        """See `Firmware`."""
        self._store.files.clear()

    def state(self) -> dict[str, object]:
        """See `Firmware`."""
        return {
            "commands_waiting": len(self._waiting),
            "buffered_bytes": self._buffered_bytes(),
            "buffer_full": self.full,
            "objects": {name: len(data) for name, data in self._store.files.items()},
            "reprint_after_error": self._settings.reprint,
            "print_key": self._settings.print_key,
            "tracking": self._settings.tracking,
            "width_dots": self._settings.width_dots,
            "length_dots": self._settings.height_dots,
            "modes": asdict(self._settings),
        }

    def _buffered_bytes(self) -> int:
        return sum(command.size for command in self._waiting)

    def _obey(self, letter: bytes) -> None:
        if letter == b"?":
            self._answer("ESC!?", answers.status_byte(self._moment()))
        elif letter == b"S":
            self._answer("ESC!S", answers.framed_status(self._moment()))
        elif letter == b".":
            self._cancel()
        elif letter == b"R":
            self.power_up()

    def _moment(self) -> answers.Moment:
        moving = self._mechanism.labels_inside + bool(self._copies)
        return answers.Moment(
            faults=self._board.active.keys(),
            busy=bool(moving or self._waiting),
            label_waiting=self._mechanism.label_waiting,
            buffer_full=self.full,
            ribbon=self._options.ribbon,
        )

    def _answer(self, query: str, data: bytes) -> None:
        if query not in self._options.unanswered:
            self._said += data

    def _cancel(self) -> None:
        """`<ESC>!.`: what waits, and the line that is half here."""
        self._scanner.clear_line()
        self._waiting.clear()
        self._copies = None
        self._mechanism.clear()

    def _execute(self, command: Command) -> None:
        match = _WORD.match(command.line)
        name = match[1].upper() if match else b""
        if name == b"BITMAP":
            self._canvas.bitmap(command.line, command.data)
        elif name == b"PUTBMP":
            self._canvas.recall(command.line)
        elif name == b"DOWNLOAD":
            self._download(command)
        elif match and (act := self._acts.get(name)):
            act(match[2])
        elif assignment := _ASSIGNMENT.fullmatch(command.line):
            self._assign(assignment)

    def _print(self, params: bytes) -> None:
        """PRINT m[,n]: m sets of n. None is printed once: lprint 1.3.1 ends its one label with PRINT 0,1."""
        match = _COUNTS.match(params)
        sets, copies = (int(match[1]), int(match[2] or 1)) if match else (1, 1)
        self._copies = (self._canvas.paper(), max(1, sets) * max(1, copies))

    def _print_copy(self) -> None:
        assert self._copies is not None  # noqa: S101 - work() looked
        paper, copies = self._copies
        self._copies = (paper, copies - 1) if copies > 1 else None
        self._mechanism.enqueue(paper)

    def _set(self, params: bytes) -> None:
        what, value, *_ = [*params.upper().split(), b"", b""]
        if what == b"REPRINT":
            self._settings.reprint = self._mechanism.reprint_after_error = value != b"OFF"
        elif what == b"PRINTKEY":
            self._settings.print_key = value != b"OFF"
        elif what == b"CUTTER" and value not in (b"OFF", b""):
            self._settings.handling = "cut"
        elif what in (b"PEEL", b"TEAR", b"CUTTER"):
            self._settings.handling = _HANDLING.get((what, value), self._settings.handling)
        else:
            self._settings.note(what.decode("latin-1"), value)
        self._mechanism.handling = self._settings.handling

    def _download(self, command: Command) -> None:
        """Into DRAM; files for flash (F, E) and programs are passed over."""
        match = _DOWNLOAD.match(command.line)
        if match and not {"drop-download", "storage-full"} & set(self._board.active):
            self._store.put(match[1].decode("latin-1"), command.data)

    def _kill(self, params: bytes) -> None:
        if match := _KILL.match(params):
            self._store.kill(match[1].decode("latin-1"))

    def _assign(self, match: re.Match[bytes]) -> None:
        file = (match[2] or b"").decode("latin-1")
        known = {} if "LOF" in self._options.unanswered else self._store.files
        value = int(match[3]) if match[3] else len(known.get(file, b""))
        self._variables[match[1].upper()] = value

    def _out(self, params: bytes) -> None:
        """A text, a variable, or the label counter: without it an empty line, and without BASIC nothing at all."""
        if {"@LABEL", "LOF"} <= self._options.unanswered:
            return
        name = params.strip().upper()
        if params.startswith(b'"'):
            self._said += answers.text(params.strip().strip(b'"').decode("latin-1"))
        elif name == b"@LABEL":
            self._said += answers.text("" if "@LABEL" in self._options.unanswered else self._mechanism.odometer)
        else:
            known = {} if "_SERIAL$" in self._options.unanswered else answers.basic_globals(self._mechanism.nameplate)
            self._said += answers.text(self._variables.get(name, known.get(name, "")))

    def _dump(self, _: bytes) -> None:
        self._dumping = True

    def _calibrate(self, _: bytes) -> None:
        self._mechanism.feed_paper(CALIBRATION_LABELS)


def _height(params: bytes) -> bool:
    """Whether GAP m[,n] names a gap that is one."""
    return re.match(rb"\s*0*(\.0*)?\s*(mm|dot)?\s*(,|$)", params, re.IGNORECASE) is None
