"""Peel bar, cutter, rows of labels, a serial line, and what befalls a printer between two questions."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from edge_agent.errors import LinkBrokenError, LinkDownError
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.media import Handling, Media, Setup
from edge_agent.model.printer import Fault, Health
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from edge_agent.virtual_printer.faults import KINDS, FaultBoard
from edge_agent.virtual_printer.firmware import FIRMWARE
from edge_agent.virtual_printer.mechanism import Mechanism
from edge_agent.virtual_printer.port import pieces
from edge_agent.virtual_printer.zpl.firmware import ZplFirmware
from tests.kits import cli_kit
from tests.kits.printer_bench import PrinterBench
from tests.kits.virtual_kit import (
    HQES,
    HS,
    PREAMBLE,
    ZPL_II,
    ask,
    host,
    label,
    lines,
    paper,
    printer,
    until,
    until_connected,
)

MEDIA = Media(203, 64, 32)
PEEL = ZPL_II.preamble(MEDIA, Setup(handling=Handling.PEEL))
CUT = ZPL_II.preamble(MEDIA, Setup(handling=Handling.CUT))


class FakeLine:
    """A serial port without a wire: what the host hears is in `heard`, what happened to the line in `events`."""

    hangs_up_on_power_cut = False
    number, path, connected = 0, "/dev/fake", True

    def __init__(
        self, baud: int, board: FaultBoard, receive: Callable[[bytes], None], full: Callable[[], bool]
    ) -> None:
        self.baud, self.receive = baud, receive
        self.heard = b""
        self.events: list[str] = []
        self.looked = 0

    async def open(self) -> None:
        self.events.append("open")

    async def close(self) -> None:
        self.events.append("close")

    def read_on(self) -> None:
        self.looked += 1

    def say(self, data: bytes) -> None:
        self.heard += data

    def reset(self) -> None:
        self.events.append("reset")


@pytest.fixture
def wires(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[FakeLine]]:
    """Every line that was made, newest last."""
    made: list[FakeLine] = []

    def make(*args: object) -> FakeLine:
        made.append(FakeLine(*args))  # type: ignore[arg-type]
        return made[-1]

    module = ModuleType("edge_agent.virtual_printer.serial_port")
    module.SerialPort = make  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    yield made


def waiting(machine: VirtualPrinter) -> bool:
    return machine.state()["label_waiting"] is True


# --- peel ---------------------------------------------------------------------------------------------------------


async def test_a_peeled_label_holds_the_next_until_it_is_taken(tmp_path: Path) -> None:
    async with printer(tmp_path) as machine, host(machine) as line:
        await line.write(PEEL + b"".join(map(label, (1, 2))))
        await until(lambda: waiting(machine))
        status = await ask(line, HS)
        assert (status.health, status.label_waiting, status.idle) == (Health.OK, True, False)
        assert machine.printed == 1
        machine.fault("take-label")
        await until(lambda: machine.printed == 2)
        status = await ask(line, HS)
        assert (status.label_waiting, status.idle) == (True, True), "nothing remains to be printed"
        machine.fault("take-label")
        assert (await ask(line, HS)).label_waiting is False
        machine.fault("take-label")
        await line.write(label(3))
        await until(lambda: machine.printed == 3)
    assert [paper(tmp_path, n) for n in (1, 2, 3)] == [(1, 1), (2, 2), (3, 3)]


async def test_hands_may_take_each_label_by_themselves() -> None:
    async with printer(take_after_s=0.002) as machine, host(machine) as line:
        await line.write(PEEL + label(1) * 5)
        await until(lambda: machine.printed == 5 and not waiting(machine))


async def test_a_hand_may_come_for_one_label() -> None:
    async with printer(faults=("take-label@1",)) as machine, host(machine) as line:
        await line.write(PEEL + label(1) * 3)
        await until(lambda: machine.printed == 2 and waiting(machine))
        assert machine.state()["labels_inside"] == 1


async def test_hands_may_leave_until_they_are_called_back() -> None:
    async with printer(take_after_s=0.0, faults=("label-not-taken@2",)) as machine, host(machine) as line:
        await line.write(PEEL + label(1) * 4)
        await until(lambda: waiting(machine) and machine.printed == 2)
        await asyncio.sleep(0.01)
        assert (machine.printed, waiting(machine)) == (2, True)
        machine.fix("label-not-taken")
        await until(lambda: machine.printed == 4)


async def test_a_label_at_the_bar_matters_in_peel_mode_alone() -> None:
    async with printer(handling="peel") as machine, host(machine) as line:
        assert machine.state()["handling"] == "peel"
        await line.write(label(1))
        await until(lambda: waiting(machine))
        await line.write(PREAMBLE + label(2))
        await until(lambda: machine.printed == 2)
        assert not waiting(machine)


async def test_what_a_stop_tore_does_not_wait_at_the_bar() -> None:
    async with printer(faults=("media-out@1",)) as machine, host(machine) as line:
        await line.write(PEEL + label(1))
        await until(lambda: machine.printed == 1)
        assert not waiting(machine)


@pytest.mark.parametrize(("command", "field"), [(b"", 2), (b"^MMT", 2), (b"^MMP", 1), (b"^MMC,N", 3), (b"^MMX", 2)])
def test_host_status_tells_the_print_mode(command: bytes, field: int) -> None:
    bench = PrinterBench()
    bench.feed(b"^XA" + command + b"^XZ")
    second = bench.ask(b"~HS").splitlines()[1]
    assert second.split(b",")[5] == b"%d" % field


def test_power_brings_the_saved_print_mode_back() -> None:
    bench = PrinterBench()
    bench.feed(b"^XA^MMP^XZ")
    assert bench.mechanism.handling == "peel"
    bench.firmware.power_up()
    assert bench.mechanism.handling == "tear"


@pytest.mark.parametrize(("command", "function"), [(b"^MNY", b"001"), (b"^MNM", b"001"), (b"^MNN", b"129")])
def test_host_status_tells_continuous_media(command: bytes, function: bytes) -> None:
    bench = PrinterBench()
    bench.feed(b"^XA" + command + b"^XZ")
    second = bench.ask(b"~HS").splitlines()[1]
    assert second[1:4] == function


# --- cutter, heat, jam --------------------------------------------------------------------------------------------


async def test_a_jammed_cutter_stops_behind_a_good_label(tmp_path: Path) -> None:
    async with printer(tmp_path, faults=("cutter-jam@3",), blanks_on_head_close=0) as machine, host(machine) as line:
        await line.write(CUT + b"".join(map(label, (1, 2, 3, 4))))
        await until(lambda: machine.state()["faults"] == ["cutter-jam"])
        assert (await ask(line, HQES)).faults == {Fault.CUTTER}
        assert (machine.printed, machine.state()["cuts"]) == (3, 2)
        machine.fix("cutter-jam")
        await until(lambda: machine.printed == 4)
        assert machine.state()["cuts"] == 3
    assert [paper(tmp_path, n) for n in (3, 4)] == [(3, 3), (4, 4)]


async def test_nothing_is_cut_where_labels_are_torn_off() -> None:
    async with printer() as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1) * 2)
        await until(lambda: machine.printed == 2)
        assert machine.state()["cuts"] == 0


async def test_a_hot_head_waits_and_goes_on_without_a_feed(tmp_path: Path) -> None:
    async with printer(tmp_path, faults=("head-hot@1",)) as machine, host(machine) as line:
        await line.write(PREAMBLE + b"".join(map(label, (1, 2))))
        await until(lambda: machine.state()["faults"] == ["head-hot"])
        assert await ask(line, HS, 0.02) is None, "docs.zebra.com ~hs4.html names over-temperature"
        assert (await ask(line, HQES)).faults == {Fault.HEAD_HOT}
        machine.fix("head-hot")
        await until(lambda: machine.printed == 2)
    assert lines(tmp_path) == [(1, "label"), (2, "label")]
    assert paper(tmp_path, 1) == (1, 1)


async def test_a_hot_head_may_cool_down_by_itself() -> None:
    slept: list[float] = []
    cooled = asyncio.Event()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await cooled.wait()

    fault = {"faults": ("head-hot@1:5",), "answer_hs_in_fault": True}
    async with printer(sleep=sleep, **fault) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1) * 2)
        await until(lambda: machine.state()["faults"] == ["head-hot"])
        assert (await ask(line, HS)).faults == {Fault.HEAD_HOT}
        assert (slept, machine.printed) == ([0.005], 1)
        cooled.set()
        await until(lambda: machine.printed == 2)


async def test_what_passes_by_itself_may_come_again() -> None:
    async with printer(faults=("head-hot@1:2", "head-hot@2")) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1) * 3)
        await until(lambda: machine.printed == 2 and machine.state()["faults"] == ["head-hot"])


async def test_a_jam_tears_the_label_and_answers(tmp_path: Path) -> None:
    async with printer(tmp_path, faults=("paper-jam@1",)) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1))
        await until(lambda: machine.state()["faults"] == ["paper-jam"])
        assert (await ask(line, HQES)).faults == {Fault.PAPER_JAM}
        assert (await ask(line, HS)).health is Health.OK, "~HS has no field for it and does not name it as silent"
        machine.fix()
        await until(lambda: machine.printed == 2)
    assert lines(tmp_path) == [(1, "label"), (2, "feed")]
    assert paper(tmp_path, 1) == (1, 0)


# --- what a firmware hears -----------------------------------------------------------------------------------------


class TellingFirmware(ZplFirmware):
    """Says aloud what the mechanism tells it."""

    def __init__(
        self, options: VirtualPrinterOptions, mechanism: Mechanism, board: FaultBoard, say: Callable[[bytes], None]
    ) -> None:
        super().__init__(options, mechanism, board, say)
        mechanism.on_taken = lambda: say(b"taken ")
        mechanism.on_left = lambda cause: say(f"{cause}{' torn' * mechanism.torn}{board.stopped:d} ".encode())


async def test_a_firmware_hears_what_left_and_what_was_taken(
    monkeypatch: pytest.MonkeyPatch, wires: list[FakeLine]
) -> None:
    monkeypatch.setitem(FIRMWARE, "telling", TellingFirmware)
    orders = ("reprint-key@1", "feed-key@2", "paper-jam@4", "power-cut@6")
    options = {"language": "telling", "pty": True, "take_after_s": 0.0, "blanks_on_head_close": 1, "faults": orders}
    async with printer(**options) as machine:
        wires[0].receive(PEEL + label(1) * 4)
        await until(lambda: machine.printed == 4)
        machine.fix("paper-jam")
        await until(lambda: machine.printed == 6)
        assert wires[0].heard.split(b" ") == [
            b"label0",
            b"taken",
            b"reprint0",
            b"taken",
            b"feed0",
            b"label",
            b"torn1",
            b"feed0",
            b"",
        ]


async def test_a_label_taken_while_power_is_off_is_not_told(
    monkeypatch: pytest.MonkeyPatch, wires: list[FakeLine]
) -> None:
    monkeypatch.setitem(FIRMWARE, "telling", TellingFirmware)
    async with printer(language="telling", pty=True) as machine:
        wires[0].receive(PEEL + label(1))
        await until(lambda: waiting(machine))
        machine.fault("power-cut")
        machine.fault("take-label")
        assert wires[0].heard == b"label0 "


# --- labels side by side -------------------------------------------------------------------------------------------


def rows_of_paper(tape: Path, n: int) -> tuple[tuple[int, int], bytes]:
    """Size and first row, ink = 1."""
    with Image.open(tape / f"{n:06d}.png") as picture:
        return picture.size, bytes(byte ^ 0xFF for byte in picture.tobytes()[: (picture.width + 7) // 8])


async def test_a_format_is_a_row_of_labels_and_counts_once(tmp_path: Path) -> None:
    """16 dots of gap are 2 mm at 203 dpi: 16 + 16 + 16 + 16 + 16 = 80 dots."""
    options = {"across": 3, "width_dots": 16, "height_dots": 4, "odometer": 0}
    row = bytes([1, 2, 0xFF, 0xFF, 3, 4, 0xFF, 0xFF, 5, 6])
    art = ZPL_II.preamble(Media(203, 80, 4)) + ZPL_II.full_label(Bitmap(80, 4, row * 4))
    async with printer(tmp_path, **options) as machine, host(machine) as line:
        await line.write(art * 2)
        await until(lambda: machine.printed == 2)
        assert await ask(line, ZPL_II.counter_query) == 2
        machine.fault("feed-key")
        await until(lambda: machine.printed == 3)
    assert lines(tmp_path) == [(n, "label") for n in range(1, 7)] + [(n, "feed") for n in (7, 8, 9)]
    found = [rows_of_paper(tmp_path, n) for n in (1, 2, 3, 6, 9)]
    assert found == [((16, 4), ink) for ink in (b"\1\2", b"\3\4", b"\5\6", b"\5\6", b"\0\0")]


async def test_a_picture_narrower_than_the_row_leaves_labels_blank(tmp_path: Path) -> None:
    narrow = ZPL_II.preamble(Media(203, 40, 4)) + ZPL_II.full_label(Bitmap(40, 4, bytes([1, 2, 0, 0, 3]) * 4))
    async with printer(tmp_path, across=3, width_dots=16, height_dots=4) as machine, host(machine) as line:
        await line.write(narrow)
        await until(lambda: machine.printed == 1)
    assert [rows_of_paper(tmp_path, n)[1] for n in (1, 2, 3)] == [b"\1\2", b"\3\0", b"\0\0"]


async def test_a_blind_row_leaves_a_line_for_each_label(tmp_path: Path) -> None:
    async with printer(tmp_path, across=2, blind=True) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1))
        await until(lambda: machine.printed == 1)
    assert lines(tmp_path) == [(1, "label"), (2, "label")]
    assert [path.name for path in tmp_path.iterdir()] == ["tape.jsonl"]


# --- what befalls it -----------------------------------------------------------------------------------------------


async def test_another_programs_label_is_printed_and_counted(tmp_path: Path) -> None:
    async with printer(tmp_path, faults=("foreign-label@1",), odometer=0) as machine, host(machine) as line:
        await line.write(PREAMBLE + b"".join(map(label, (1, 2))))
        await until(lambda: machine.printed == 3)
        assert await ask(line, ZPL_II.counter_query) == 3
    tape = [json.loads(one) for one in (tmp_path / "tape.jsonl").read_text().splitlines()]
    assert [(row["n"], row["cause"], row.get("foreign")) for row in tape] == [
        (1, "label", None),
        (2, "label", True),
        (3, "label", None),
    ]
    assert [paper(tmp_path, n) for n in (1, 2, 3)] == [(1, 1), (0, 0xFF), (2, 2)]


async def test_stored_graphics_may_vanish_and_nothing_else() -> None:
    art = Bitmap(64, 32, bytes(256))
    async with printer(faults=("lose-objects@1",), odometer=0) as machine, host(machine) as line:
        await line.write(PREAMBLE + ZPL_II.store(art))
        assert len(await ask(line, ZPL_II.objects_query())) == 1
        await line.write(label(1))
        await until(lambda: machine.printed == 1)
        assert await ask(line, ZPL_II.objects_query()) == {}
        assert await ask(line, ZPL_II.counter_query) == 1
        assert machine.state()["reprint_after_error"] is False


async def test_the_counter_may_begin_anew() -> None:
    async with printer(faults=("counter-reset@2",), odometer=70) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1) * 3)
        await until(lambda: machine.printed == 3)
        assert await ask(line, ZPL_II.counter_query) == 1


async def test_a_new_roll_goes_in_by_itself(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def ten_seconds(after_s: float) -> None:
        assert after_s == 10
        await asked.wait()

    async with (
        printer(tmp_path, ten_seconds, faults=("roll-change@1:10000",), blanks_on_head_close=2) as machine,
        host(machine) as line,
    ):
        await line.write(PREAMBLE + b"".join(map(label, (1, 2))))
        await until(lambda: machine.state()["faults"] == ["media-out"])
        assert (await ask(line, HQES)).faults == {Fault.MEDIA_OUT}
        asked.set()
        await until(lambda: machine.printed == 4)
    assert lines(tmp_path) == [(1, "label"), (2, "feed"), (3, "feed"), (4, "label")]
    assert [paper(tmp_path, n) for n in (1, 4)] == [(1, 0), (2, 2)]


async def test_a_new_roll_may_wait_for_the_fix() -> None:
    async with printer(faults=("roll-change@1:0",)) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1))
        await until(lambda: machine.state()["faults"] == ["media-out"])
        machine.fix("roll-change")
        assert machine.state()["faults"] == []


async def test_a_pulled_cable_keeps_what_the_printer_has(tmp_path: Path) -> None:
    async with printer(tmp_path, faults=("unplug@1",), speed_ips=40) as machine:
        async with host(machine) as line:
            await line.write(PREAMBLE + b"".join(map(label, (1, 2, 3))))
            with pytest.raises(LinkBrokenError):
                while True:
                    await line.read(2.0)
        with pytest.raises(LinkDownError):
            async with host(machine):
                pass
        await until(lambda: machine.printed == 3)
        machine.fix("unplug")
        await until_connected(machine)
    assert lines(tmp_path) == [(n, "label") for n in (1, 2, 3)]


async def test_a_cable_may_come_back_by_itself_but_not_through_a_power_cut() -> None:
    async with printer() as machine:
        machine.fault("unplug:5")
        machine.fault("power-cut")
        await until(lambda: machine.state()["faults"] == ["power-cut"])
        await asyncio.sleep(0.01)
        with pytest.raises(LinkDownError):
            async with host(machine):
                pass
        machine.fix("power-cut")
        await until_connected(machine)


async def test_a_late_answer_comes_when_nobody_waits_any_more() -> None:
    async with printer(faults=("late-replies:40",)) as machine, host(machine) as line:
        assert await ask(line, HS, 0.005) is None
        assert b"\x02" in await line.read(2.0)


ANSWERED = [*ZPL_II.status_queries, ZPL_II.counter_query, ZPL_II.objects_query(), ZPL_II.identity_query]


@pytest.mark.parametrize("query", [query for query in (*ANSWERED, ZPL_II.settings_query) if query])
def test_a_question_may_stay_unanswered_and_the_others_not(query: object) -> None:
    every = [one for one in (*ANSWERED, ZPL_II.settings_query) if one]
    bench = PrinterBench(unanswered=frozenset({query.name}))  # type: ignore[attr-defined]
    assert [one.name for one in every if not bench.ask(one.request)] == [query.name]  # type: ignore[attr-defined]


# --- a serial line -------------------------------------------------------------------------------------------------


def test_an_answer_that_was_due_is_lost_with_power() -> None:
    board = FaultBoard()
    assert pieces(board, b"ok") == [b"ok"]
    board.active = {"power-cut": 0}
    assert pieces(board, b"ok") == []


async def test_power_is_cut_behind_an_open_serial_line(wires: list[FakeLine]) -> None:
    art = Bitmap(64, 32, bytes(256))
    async with printer(pty=True, baud=9600) as machine:
        (line,) = wires
        assert (machine.path, machine.port, line.baud) == ("/dev/fake", 0, 9600)
        line.receive(PREAMBLE + ZPL_II.store(art) + label(1) * 3)
        await until(lambda: machine.printed == 3)
        looked = line.looked
        machine.fault("power-cut")
        assert machine.state()["objects"] == {}
        assert line.looked > looked, "what a full buffer held back goes into the void"
        line.receive(HS.request + label(2))
        assert line.heard == b""
        machine.fix("power-cut")
        line.receive(HS.request)
        assert HS.parse(line.heard) is not None
        assert machine.state()["reprint_after_error"] is True
        await asyncio.sleep(0.005)
        assert (machine.printed, line.events) == (3, ["open", "open"]), "the line was never closed nor reset"
    assert line.events[-1] == "close"


async def test_power_behind_a_serial_line_takes_the_waiting_labels(wires: list[FakeLine], tmp_path: Path) -> None:
    async with printer(tmp_path, pty=True, faults=("power-cut@2:5",)) as machine:
        wires[0].receive(PREAMBLE + b"".join(map(label, (1, 2, 3, 4))))
        await until(lambda: machine.printed == 2 and machine.state()["faults"] == [])
        wires[0].receive(PREAMBLE + label(9))
        await until(lambda: machine.printed == 3)
    assert [paper(tmp_path, n) for n in (1, 2, 3)] == [(1, 1), (2, 0), (9, 9)]


@pytest.mark.parametrize(("name", "printed"), [("reset-before-ink@2", 1), ("reset-after-ink@2", 3)])
async def test_a_serial_line_knows_no_reset(wires: list[FakeLine], name: str, printed: int) -> None:
    async with printer(pty=True, faults=(name,)) as machine:
        wires[0].receive(PREAMBLE + label(1) * 3)
        await until(lambda: machine.printed == printed and not machine.state()["labels_inside"])
        assert wires[0].events == ["open"]


async def test_a_pulled_serial_cable_hangs_up(wires: list[FakeLine]) -> None:
    async with printer(pty=True) as machine:
        machine.fault("unplug:5")
        await until(lambda: wires[0].events == ["open", "close", "open"])
        assert machine.state()["faults"] == []


# --- the command ---------------------------------------------------------------------------------------------------


def test_help_names_every_fault() -> None:
    text = cli_kit.run("virtual-printer", "--help").out
    said = "".join(line.strip("│ ") for line in text.splitlines())
    assert [name for name in KINDS if f"{name}@K" not in said] == []


@pytest.mark.parametrize("size", ["60", "60x0", "0.01x9", "60×40", "-6x40", "6e1x40"])
def test_a_label_that_has_no_size_is_refused(size: str) -> None:
    assert "label: expected WIDTHxHEIGHT in mm such as 60x40" in cli_kit.run("virtual-printer", "--label", size).refusal
