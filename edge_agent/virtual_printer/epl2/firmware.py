"""An LP 2844-like EPL2 firmware: commands wait in a bounded buffer, `^` commands act at receipt.

At power-up it resumes after media out and reports nothing; its other settings are in flash. In dump mode and in line
mode (OEPL1) it prints what it receives as text, which is not shown, and answers nothing until power is cut.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict

from edge_agent.errors import RefusedError
from edge_agent.virtual_printer.epl2 import answers, pcx
from edge_agent.virtual_printer.epl2.canvas import Canvas, Settings, Store, Stored
from edge_agent.virtual_printer.epl2.lexer import Command, Scanner
from edge_agent.virtual_printer.faults import FaultBoard
from edge_agent.virtual_printer.mechanism import Mechanism, Paper
from edge_agent.virtual_printer.options import VirtualPrinterOptions

CALIBRATION_LABELS = 2
"""What this printer feeds to measure its roll; real ones feed a few."""

SYNTAX, MEMORY, DUPLICATE, UNKNOWN_NAME = 1, 4, 8, 9

_NAME = re.compile(rb'"([^"]{1,8})"')
_RECALL = re.compile(rb'(\d{1,5}),(\d{1,5}),"([^"]{1,8})"')
_COPIES = re.compile(rb"(\d{1,5})(?:,\d{1,5})?")


class Epl2Firmware:
    """Behaves as a printer of its language does; see `firmware.Firmware`."""

    def __init__(
        self, options: VirtualPrinterOptions, mechanism: Mechanism, board: FaultBoard, say: Callable[[bytes], None]
    ) -> None:
        self._options, self._mechanism, self._board, self._say = options, mechanism, board, say
        self._scanner = Scanner()
        self._waiting: deque[Command] = deque()
        self._waiting_bytes = 0
        self._copies: tuple[Paper, int] | None = None
        self._immediate = {b"^ee": self._status, b"^@": self.power_up}
        self._acts = {
            b"": self._syntax_error,
            b"N": self._clear,
            b"GW": self._graphic,
            b"GG": self._recall,
            b"GM": self._download,
            b"GK": self._delete,
            b"GI": self._nothing,  # prints a list on a label; nobody here wants it
            b"P": self._print,
            b"UG": self._list,
            b"UQ": self._configuration,
            b"xa": self._calibrate,
            b"dump": self._fall_silent,
            b"OEPL1": self._fall_silent,
        }
        self._settings = Settings(options.width_dots, options.height_dots, options.handling)
        mechanism.on_left, mechanism.on_taken = self._left, self._taken
        self.power_up()

    @property
    def full(self) -> bool:
        """A graphic larger than the buffer is read all the same: the parser eats it while it comes."""
        return bool(self._waiting) and self._waiting_bytes >= self._options.receive_buffer_bytes

    def receive(self, data: bytes) -> None:
        """See `Firmware`."""
        for command in () if self._silent else self._scanner.take(data):
            if act := self._immediate.get(command.name):
                act()
            else:
                self._waiting.append(command)
                self._waiting_bytes += command.size
        self.work()

    def work(self) -> None:
        """See `Firmware`."""
        self._tell_fault()
        while self._mechanism.has_room:
            if self._copies is not None:
                self._print_copy()
            elif self._waiting:
                command = self._waiting.popleft()
                self._waiting_bytes -= command.size
                self._acts.get(command.name, self._apply_setting)(command)
            else:
                return

    def forget_buffers(self) -> None:
        """See `Firmware`."""
        self._scanner.clear()
        self._waiting.clear()
        self._waiting_bytes = 0
        self._copies = None
        self._mechanism.clear()

    def power_up(self) -> None:
        """See `Firmware`. Stored graphics go too: unconfirmed for ^@, but then the host has to notice."""
        self.forget_buffers()
        self._silent = False
        self._settings = self._settings.at_power_up()
        self._canvas = Canvas(self._settings, blind=self._options.blind)
        self._store = Store(self._options.ram_bytes)
        self._error = self._told = 0
        self._heed_settings()

    def _heed_settings(self) -> None:
        self._mechanism.reprint_after_error = self._settings.resumes
        self._mechanism.handling = self._settings.handling

    def lose_objects(self) -> None:
        """See `Firmware`."""
        self._store.items.clear()

    def state(self) -> dict[str, object]:
        """See `Firmware`."""
        return {
            "formats_waiting": len(self._waiting),
            "buffered_bytes": self._waiting_bytes,
            "buffer_full": self.full,
            "objects": {name: item.size_bytes for name, item in self._store.items.items()},
            "reprint_after_error": self._settings.resumes,
            "width_dots": self._settings.width_dots,
            "length_dots": self._settings.length_dots,
            "modes": asdict(self._settings) | {"gap": self._settings.gap.decode("latin-1")},
        }

    # --- what it says ---------------------------------------------------------------------------------------------

    def _answer(self, query: str, data: bytes) -> None:
        """Say it, unless this printer does not know the question."""
        if query not in self._options.unanswered:
            self._say(data)

    def _status(self) -> None:
        waiting = answers.PAUSED if self._mechanism.label_waiting else 0
        code = answers.fault_code(self._board.active) or waiting or self._error or self._busy
        self._answer("^ee", answers.status(code))

    @property
    def _busy(self) -> int:
        left = self._labels_left or self._waiting or "head-hot" in self._board.active
        return answers.BUSY if left else 0

    @property
    def _labels_left(self) -> int:
        return self._mechanism.labels_inside + (self._copies[1] if self._copies else 0)

    def _list(self, _: Command) -> None:
        self._answer("UG", answers.graphics(self._store.items))

    def _configuration(self, _: Command) -> None:
        free = self._store.free_bytes
        used, plate = self._store.room_bytes - free, self._mechanism.nameplate
        self._answer("UQ", answers.configuration(self._settings, used, free, plate))

    def _left(self, cause: str) -> None:
        """US: an ACK for each label that is printed; in peel mode it waits until the label is taken."""
        self._tell_fault()
        if cause != "feed" and not self._mechanism.torn and self._settings.handling != "peel":
            self._confirm()

    def _taken(self) -> None:
        self._confirm()

    def _confirm(self) -> None:
        if self._settings.reports:
            self._say(answers.ACK)

    def _tell_fault(self) -> None:
        """US: once for each fault, and once when it is over. UA: media out also empties the print buffer."""
        code = answers.fault_code(self._board.active)
        if code != self._told:
            self._told = code
            if self._settings.reports:
                self._say(answers.report(code, self._labels_left))
            if code == answers.CODES["media-out"] and not self._settings.resumes:
                self._copies = None
                self._mechanism.clear()

    # --- what it does ---------------------------------------------------------------------------------------------

    def _apply_setting(self, command: Command) -> None:
        if not self._settings.take(command.name, command.params):
            self._error = SYNTAX
        if command.name in (b"q", b"Q"):
            self._canvas.clear()
        self._heed_settings()

    def _syntax_error(self, _: Command) -> None:
        self._error = SYNTAX

    def _fall_silent(self, _: Command) -> None:
        self._silent = True

    def _nothing(self, _: Command) -> None:
        pass

    def _clear(self, _: Command) -> None:
        """N; with the image goes the error of an earlier command, as on Intermec's ESim."""
        self._canvas.clear()
        self._error = 0

    def _graphic(self, command: Command) -> None:
        if command.data:
            self._canvas.graphic(command.params, command.data)
        else:
            self._error = SYNTAX

    def _recall(self, command: Command) -> None:
        match = _RECALL.fullmatch(command.params)
        stored = self._store.items.get(match[3].decode("latin-1")) if match else None
        if match is None or stored is None:
            self._error = UNKNOWN_NAME if match else SYNTAX
        elif stored.ink is not None:
            self._canvas.paint(stored.ink, int(match[1]), int(match[2]))

    def _download(self, command: Command) -> None:
        """GM: the bytes are taken in any case; a picture that cannot be read leaves no trace but the error."""
        match = _NAME.fullmatch(command.params)
        if match is None:
            self._error = SYNTAX
            return
        name = match[1].decode("latin-1")
        if name in self._store.items:
            self._error = DUPLICATE
        elif "storage-full" in self._board.active or len(command.data) > self._store.free_bytes:
            self._error = MEMORY
        elif "drop-download" not in self._board.active:
            self._keep(name, command.data)

    def _keep(self, name: str, data: bytes) -> None:
        try:
            ink = None if self._options.blind else pcx.ink(data)
        except RefusedError:
            self._error = SYNTAX
            return
        self._store.items[name] = Stored(len(data), ink)

    def _delete(self, command: Command) -> None:
        if match := _NAME.fullmatch(command.params):
            self._store.delete(match[1].decode("latin-1"))
        else:
            self._error = SYNTAX

    def _print(self, command: Command) -> None:
        match = _COPIES.fullmatch(command.params)
        if match is None:
            self._error = SYNTAX
        elif count := int(match[1]):
            self._copies = (self._canvas.paper(), count)

    def _print_copy(self) -> None:
        assert self._copies is not None  # noqa: S101 - work() looked
        paper, copies = self._copies
        self._copies = (paper, copies - 1) if copies > 1 else None
        self._mechanism.enqueue(paper)

    def _calibrate(self, _: Command) -> None:
        self._mechanism.feed_paper(CALIBRATION_LABELS)
