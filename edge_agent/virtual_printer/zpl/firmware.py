"""A Link-OS-like ZPL firmware: formats wait in a bounded buffer, `~` commands and SGD act at receipt."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from PIL import Image

from edge_agent.errors import RefusedError
from edge_agent.virtual_printer.faults import FaultBoard
from edge_agent.virtual_printer.mechanism import Mechanism, Paper
from edge_agent.virtual_printer.options import VirtualPrinterOptions
from edge_agent.virtual_printer.zpl import answers
from edge_agent.virtual_printer.zpl.canvas import Canvas, Store, download, object_path
from edge_agent.virtual_printer.zpl.lexer import Command, Marks, Scanner
from edge_agent.virtual_printer.zpl.settings import Settings

CALIBRATION_LABELS = 2
"""What this printer feeds to measure its roll; real ones feed a few."""

_GETVAR = re.compile(rb'getvar\s+"([\w.]{1,64})"', re.ASCII)
_ODOMETER = "odometer.total_label_count"
_OWN_QUERIES = {_ODOMETER: "odometer", "device.unique_id": "device.unique_id"}


@dataclass(slots=True)
class _Format:
    """What stands between ^XA and ^XZ."""

    commands: list[Command] = field(default_factory=list)
    size: int = 0


class ZplFirmware:
    """Behaves as a printer of its language does; see `firmware.Firmware`."""

    def __init__(
        self, options: VirtualPrinterOptions, mechanism: Mechanism, board: FaultBoard, say: Callable[[bytes], None]
    ) -> None:
        self._options, self._mechanism, self._board, self._say = options, mechanism, board, say
        self._scanner = Scanner()
        self._waiting: deque[_Format] = deque()
        self._partial: _Format | None = None
        self._copies: tuple[Paper, int] | None = None
        self._saved = Settings(
            options.width_dots, options.height_dots, options.handling, options.dpi, transfer=options.ribbon
        )
        self._saved_marks = Marks()
        self._immediate = {
            b"~HS": self._host_status,
            b"~HQ": self._query,
            b"~HI": self._identity,
            b"~JA": self._cancel_all,
            b"~JX": self._cancel_partial,
            b"~DG": self._download,
            b"~SD": self._darken,
            b"~JS": self._back_up,
            b"~JD": lambda _: self._diagnose(on=True),
            b"~JE": lambda _: self._diagnose(on=False),
            b"~JC": self._calibrate,
            b"~PP": self._pause,
            b"~PS": self._resume,
            b"! U1": self._variable,
        }
        self._acts = {b"^HW": self._directory, b"^ID": self._delete, b"^JU": self._update}
        self.power_up()

    @property
    def full(self) -> bool:
        """A format larger than the buffer is read all the same: the parser eats it while it comes."""
        return bool(self._waiting) and self._buffered_bytes() >= self._options.receive_buffer_bytes

    def receive(self, data: bytes) -> None:
        """See `Firmware`."""
        for command in self._scanner.take(data):
            if act := self._immediate.get(command.name):
                act(command.params)
            elif command.name.startswith(b"^"):
                self._collect(command)
        self.work()

    def work(self) -> None:
        """See `Firmware`."""
        while self._mechanism.has_room:
            if self._copies is not None:
                self._print_copy()
            elif self._waiting:
                self._execute(self._waiting.popleft())
            else:
                return

    def forget_buffers(self) -> None:
        """See `Firmware`."""
        self._scanner.clear()
        self._cancel_all(b"")

    def power_up(self) -> None:
        """See `Firmware`."""
        self._scanner.use(replace(self._saved_marks))
        self._diagnosing = False
        self.forget_buffers()
        self._settings = self._saved.at_power_up()
        self._store = Store(self._options.ram_bytes)
        self._kept: Image.Image | None = None
        self._heed_settings()

    def _heed_settings(self) -> None:
        self._mechanism.reprint_after_error = self._settings.reprint
        self._mechanism.handling = self._settings.handling

    def lose_objects(self) -> None:
        """See `Firmware`."""
        self._store.items.clear()

    def state(self) -> dict[str, object]:
        """See `Firmware`."""
        return {
            "formats_waiting": len(self._waiting),
            "buffered_bytes": self._buffered_bytes(),
            "buffer_full": self.full,
            "objects": {name: item.size_bytes for name, item in self._store.items.items()},
            "reprint_after_error": self._settings.reprint,
            "width_dots": self._settings.width_dots,
            "length_dots": self._settings.length_dots,
            "modes": asdict(self._settings) | {"prefixes": self._prefixes()},
        }

    def _prefixes(self) -> str:
        marks = self._scanner.marks
        return (marks.caret + marks.tilde + marks.delimiter).decode("latin-1")

    def _buffered_bytes(self) -> int:
        return sum(waiting.size for waiting in self._waiting) + (self._partial.size if self._partial else 0)

    def _collect(self, command: Command) -> None:
        if self._diagnosing:
            return  # printed as text, which nobody here wants to look at
        if command.name == b"^XA":
            self._partial = self._partial or _Format()
        if self._partial is None:
            return
        self._partial.size += command.size
        if command.name == b"^XZ":
            self._waiting.append(self._partial)
            self._partial = None
        else:
            self._partial.commands.append(command)

    def _execute(self, waiting: _Format) -> None:
        canvas = Canvas(self._settings, self._store, self._kept, blind=self._options.blind)
        for command in waiting.commands:
            self._settings.take(command)
            canvas.take(command)
            if act := self._acts.get(command.name):
                act(command.params)
        self._heed_settings()
        picture = canvas.picture() if canvas.has_field else self._kept
        if canvas.has_field:
            self._copies = (canvas.paper(picture), canvas.copies)
        self._kept = picture if self._settings.keeps_picture else None

    def _delete(self, params: bytes) -> None:
        for name in self._store.matching(object_path(params)):
            del self._store.items[name]

    def _update(self, params: bytes) -> None:
        """^JU: save, recall, or go back to how it left the factory."""
        match params[:1].upper():
            case b"S":
                self._saved, self._saved_marks = replace(self._settings), replace(self._scanner.marks)
            case b"R":
                self._settings = replace(self._saved)

    def _print_copy(self) -> None:
        assert self._copies is not None  # noqa: S101 - work() looked
        paper, copies = self._copies
        self._copies = (paper, copies - 1) if copies > 1 else None
        self._mechanism.enqueue(paper)

    def _moment(self) -> answers.Moment:
        copies = self._copies[1] if self._copies else 0
        return answers.Moment(
            faults=frozenset(self._board.active),
            label_length_dots=self._settings.length_dots,
            formats_waiting=len(self._waiting),
            buffer_full=self.full,
            partial_format=self._partial is not None,
            labels_remaining=self._mechanism.labels_inside + copies,
            graphics_stored=len(self._store.items),
            handling=self._settings.handling,
            label_waiting=self._mechanism.label_waiting,
            continuous=self._settings.media_type == "continuous",
            transfer=self._settings.transfer,
            ribbon=self._options.ribbon,
            diagnosing=self._diagnosing,
        )

    def _answer(self, query: str, data: bytes) -> None:
        """Say it, unless this printer does not know the question."""
        if query not in self._options.unanswered:
            self._say(data)

    def _host_status(self, _: bytes) -> None:
        if self._options.answer_hs_in_fault or answers.SILENT_IN.isdisjoint(self._board.active):
            self._answer("~HS", answers.host_status(self._moment()))

    def _query(self, params: bytes) -> None:
        if params.upper() == b"ES":
            warnings = 0 if self._options.ribbon else answers.WITHOUT_RIBBON
            self._answer("~HQES", answers.error_words(self._board.active, warnings))

    def _identity(self, _: bytes) -> None:
        self._answer("~HI", answers.identity(self._options.dpi, self._options.ram_bytes, self._mechanism.nameplate))

    def _variable(self, params: bytes) -> None:
        if match := _GETVAR.match(params):
            name = match[1].decode()
            query = _OWN_QUERIES.get(name, "settings")
            self._answer(query, answers.variable(name, self._variables()))

    def _variables(self) -> dict[str, object]:
        return {
            _ODOMETER: self._mechanism.odometer,
            "head.resolution.in_dpi": self._options.dpi,
            "device.product_name": "VIRTUAL",
            "device.unique_id": self._mechanism.nameplate.serial_number or "?",
            "ezpl.print_width": self._settings.width_dots,
            "zpl.label_length": self._settings.length_dots,
            "print.tone": f"{self._settings.darkness}.0",
            "media.speed": self._settings.speed_ips,
            "ezpl.media_type": self._settings.media_type,
        }

    def _directory(self, params: bytes) -> None:
        pattern = object_path(params, "*")
        sizes = [(name, self._store.items[name].size_bytes) for name in self._store.matching(pattern)]
        free_bytes = 0 if "storage-full" in self._board.active else self._store.free_bytes
        self._answer("^HW", answers.directory(pattern, sizes, free_bytes))

    def _cancel_all(self, _: bytes) -> None:
        self._waiting.clear()
        self._partial = self._copies = None
        self._mechanism.clear()

    def _cancel_partial(self, _: bytes) -> None:
        self._partial = None

    def _download(self, params: bytes) -> None:
        if {"drop-download", "storage-full"} & set(self._board.active):
            return
        try:
            self._store.put(*download(params, blind=self._options.blind))
        except RefusedError:
            return  # as a printer does: silently, and an older object of that name stays

    def _darken(self, params: bytes) -> None:
        if re.fullmatch(rb"\d\d", params[:2]):
            self._settings.darkness = int(params[:2])

    def _back_up(self, params: bytes) -> None:
        self._settings.backfeed = params.decode("latin-1")

    def _diagnose(self, *, on: bool) -> None:
        self._diagnosing = on

    def _calibrate(self, _: bytes) -> None:
        self._mechanism.feed_paper(CALIBRATION_LABELS)

    def _pause(self, _: bytes) -> None:
        self._board.active["pause"] = 0

    def _resume(self, _: bytes) -> None:
        if self._board.active.pop("pause", None) is not None:
            self._mechanism.wake()
