"""The TSPL firmware on the bench: what a printer makes of good, bad and foreign streams."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import Image

from edge_agent.errors import ReplyError
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.media import Handling, Media, Setup
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.printers.languages.binary import bmp
from edge_agent.printers.languages.contract import Quirks
from edge_agent.printers.languages.tspl import TSPL
from edge_agent.virtual_printer import VirtualPrinter
from tests.kits.printer_bench import PrinterBench, rows_of
from tests.kits.virtual_kit import ask, host, lines, printer, until

TSPL_2 = TSPL()
FRAMED, BYTE = TSPL_2.status_queries
ART = Bitmap(16, 4, b"\xaa\x55" * 4)
DOTS = bytes(255 - byte for byte in ART.rows)
LABEL = b"CLS\r\nBITMAP 0,0,2,4,0," + DOTS + b"\r\nPRINT 1,1\r\n"
VECTORS = Path(__file__).parents[2] / "vectors"


@pytest.fixture
def bench() -> PrinterBench:
    return PrinterBench("tspl", width_dots=16, height_dots=4)


def ink(bench: PrinterBench, stream: bytes, bite: int = 0) -> list[bytes]:
    """The rows of each label."""
    return [rows_of(paper) for paper in bench.feed(stream, bite)]


def status(bench: PrinterBench) -> list[PrinterStatus | None]:
    """Both answers."""
    parsed = [query.parse(bench.ask(query.request)) for query in (FRAMED, BYTE)]
    return [found[0] if found else None for found in parsed]


# --- pictures that others made --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bite", [0, 1, 7, 61])
def test_what_lprint_sent_is_its_picture_dot_for_dot_and_one_label(bite: int) -> None:
    with Image.open(VECTORS / "label203.png") as picture:
        wanted = picture.convert("L").point(lambda grey: 255 if grey < 128 else 0, mode="1")
    bench = PrinterBench("tspl", width_dots=100, height_dots=100)
    (paper,) = bench.feed((VECTORS / "lprint_tspl_203.bin").read_bytes(), bite)
    assert (paper.width_dots, paper.height_dots) == wanted.size == (480, 320)
    assert rows_of(paper) == wanted.tobytes()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [(0, b"\x0f\x00"), (1, b"\xff\xf0"), (2, b"\xf0\xf0"), (3, b"\xff\xf0"), (9, b"\xff\xf0")],
)
def test_a_picture_overwrites_adds_or_turns_what_is_there(bench: PrinterBench, mode: int, expected: bytes) -> None:
    under = b"CLS\r\nBITMAP 0,0,2,1,0,\x00\x0f\r\n"
    over = b"BITMAP 0,0,2,1,%d,\xf0\xff\r\n" % mode
    assert ink(bench, under + over + b"PRINT 1,1\r\n") == [expected + bytes(6)]


def test_origin_negative_places_and_clipping(bench: PrinterBench) -> None:
    assert ink(bench, b"REFERENCE 3,1\r\nCLS\r\nBITMAP 2,0,1,1,1,\x7f\r\nPRINT 1\r\n") == [b"\0\0\x04\0\0\0\0\0"]
    assert ink(bench, b"REFERENCE 0,0\r\nCLS\r\nBITMAP -4,3,1,1,0,\x00\r\nPRINT 1\r\n") == [b"\0\0\0\0\0\0\xf0\0"]
    assert ink(bench, b"CLS\r\nBITMAP 12,9,2,1,0,\x00\x00\r\nPRINT 1\r\n") == [bytes(8)]


def test_directions(bench: PrinterBench) -> None:
    dot = b"CLS\r\nBITMAP 0,0,1,1,0,\x7f\r\nPRINT 1,1\r\n"
    assert ink(bench, b"DIRECTION 1\r\n" + dot) == [b"\0\0\0\0\0\0\0\x01"]
    assert ink(bench, b"DIRECTION 0,1\r\n" + dot) == [b"\0\x01" + bytes(6)]
    assert ink(bench, b"DIRECTION 0,0\r\n" + dot) == [b"\x80" + bytes(7)]


@pytest.mark.parametrize(
    ("line", "size"),
    [
        (b"SIZE 3 mm,2 mm", (24, 16)),
        (b"SIZE 3mm , 2mm", (24, 16)),
        (b"SIZE 24 dot,16 dot", (24, 16)),
        (b"size 1,0.5", (203, 102)),
        (b"SIZE 3 mm", (24, 4)),
        (b"SIZE wide,high", (16, 4)),
    ],
)
def test_sizes_in_every_unit(bench: PrinterBench, line: bytes, size: tuple[int, int]) -> None:
    (paper,) = bench.feed(line + b"\r\nCLS\r\nPRINT 1,1\r\n")
    assert (paper.width_dots, paper.height_dots) == size


@pytest.mark.parametrize(("dpi", "dots"), [(203, 8), (300, 12), (203, 319), (203, 719), (300, 1063), (300, 2480)])
def test_a_size_that_we_send_is_exact_in_dots(dpi: int, dots: int) -> None:
    bench = PrinterBench("tspl", dpi=dpi)
    (paper,) = bench.feed(TSPL_2.preamble(Media(dpi, dots, dots)) + b"CLS\r\nPRINT 1,1\r\n")
    assert (paper.width_dots, paper.height_dots) == (dots, dots)


@pytest.mark.parametrize(("counts", "labels"), [(b"1,1", 1), (b"1", 1), (b"0,1", 1), (b"2,3", 6), (b"", 1), (b"x", 1)])
def test_sets_and_copies(bench: PrinterBench, counts: bytes, labels: int) -> None:
    assert len(bench.feed(b"CLS\r\nPRINT " + counts + b"\r\n")) == labels


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("bite", [0, 1, 3])
def test_every_line_end_and_bite(bench: PrinterBench, end: bytes, bite: int) -> None:
    other = TSPL_2.with_quirks(Quirks(line_end=end))
    assert ink(bench, other.full_label(ART), bite) == [ART.rows]
    assert ink(bench, other.store(ART) + other.run_label(ART, []), bite) == [ART.rows]


@pytest.mark.parametrize("bite", [0, 1])
def test_raw_dots_may_hold_any_bytes(bench: PrinterBench, bite: int) -> None:
    dots = b"\x1b!.\r\nP,\x1b"
    assert ink(bench, b"CLS\r\nBITMAP 0,0,2,4,0," + dots + b"\r\nPRINT 1,1\r\n", bite) == [
        bytes(255 - byte for byte in dots)
    ]


# --- files ----------------------------------------------------------------------------------------------------------


def test_a_label_whose_background_is_gone_still_comes(bench: PrinterBench) -> None:
    assert ink(bench, TSPL_2.run_label(ART, [])) == [bytes(8)]
    assert ink(bench, b'DOWNLOAD "A.BMP",3,BMx\r\nCLS\r\nPUTBMP 0,0,"A.BMP"\r\nPRINT 1,1\r\n') == [bytes(8)]


@pytest.mark.parametrize("fault", ["storage-full", "drop-download"])
def test_a_download_that_is_refused_is_not_listed(bench: PrinterBench, fault: str) -> None:
    bench.board.active[fault] = 0
    bench.feed(TSPL_2.store(ART))
    assert listed(bench) == {}


def listed(bench: PrinterBench) -> dict[str, int | None]:
    """What LOF says of our picture."""
    query = TSPL_2.objects_query([TSPL_2.object_name(ART)])
    assert query is not None
    parsed = query.parse(bench.ask(query.request))
    assert parsed is not None
    return dict(parsed[0])


def test_memory_ends_and_power_takes_all_that_is_in_it_but_the_settings() -> None:
    small = PrinterBench("tspl", ram_bytes=100)
    small.feed(
        b'DOWNLOAD "A",60,' + bytes(60) + b'\r\nDOWNLOAD "B",60,' + bytes(60) + b'\r\nDOWNLOAD "A",9,' + bytes(9)
    )
    assert small.firmware.state()["objects"] == {"A": 9}
    small.feed(TSPL_2.preamble(Media(203, 80, 40)))
    assert small.firmware.state()["reprint_after_error"] is small.firmware.state()["print_key"] is False
    small.firmware.power_up()
    state = small.firmware.state()
    assert (state["objects"], state["reprint_after_error"], state["width_dots"]) == ({}, True, 80)
    assert small.mechanism.reprint_after_error


def test_settings_outlive_power_and_the_reprints_come_back() -> None:
    small = PrinterBench("tspl", width_dots=16, height_dots=4)
    dot = b"CLS\r\nBITMAP 0,0,1,1,0,\x7f\r\nPRINT 1,1\r\n"
    assert [rows_of(paper) for paper in small.feed(b"SHIFT 2\r\nREFERENCE 3,1\r\n" + dot)] == [bytes(6) + b"\x10\0"]
    small.feed(b"SET REPRINT OFF\r\nDENSITY 12\r\n")
    small.firmware.power_up()
    assert [rows_of(paper) for paper in small.feed(dot)] == [bytes(6) + b"\x10\0"]
    modes = small.firmware.state()["modes"]
    assert isinstance(modes, dict) and modes["reprint"] and modes["words"] == {"DENSITY": "12"}


def test_a_printer_in_dump_mode_says_nothing_until_power_is_cut() -> None:
    small = PrinterBench("tspl")
    small.feed(b"~!D\r\n")
    assert small.ask(b"\x1b!?\x1b!S\x1b!R") == b"" and small.feed(b"PRINT 1,1\r\n") == []
    small.firmware.power_up()
    assert small.ask(b"\x1b!?") == b"\x00"


def test_files_are_killed_by_name_or_by_pattern(bench: PrinterBench) -> None:
    bench.feed(b'DOWNLOAD "A.BMP",1,xDOWNLOAD "B.BMP",1,xDOWNLOAD "a.TXT",1,x')
    bench.feed(b'KILL "a.BMP"\r\nKILL "A.BMP"\r\n')
    assert set(bench.firmware.state()["objects"]) == {"B.BMP", "a.TXT"}  # type: ignore[call-overload]
    bench.feed(b'KILL "*.BMP"\r\n')
    assert set(bench.firmware.state()["objects"]) == {"a.TXT"}  # type: ignore[call-overload]
    bench.firmware.lose_objects()
    assert bench.firmware.state()["objects"] == {}


# --- what was cut off -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("left_over", range(0, 2_890, 17))
def test_cancel_after_a_cut_anywhere_prints_nothing_and_the_next_label_is_whole(left_over: int) -> None:
    bench = PrinterBench("tspl", width_dots=152, height_dots=150)
    art, other = Bitmap(152, 150, b"\xa5" * 2850), Bitmap(152, 150, b"\x3c" * 2850)
    assert bench.feed(TSPL_2.full_label(art)[:left_over]) == []
    assert bench.feed(TSPL_2.cancel()) == []
    assert ink(bench, TSPL_2.full_label(other)) == [other.rows]


def test_without_the_empty_lines_the_printer_would_be_deaf(bench: PrinterBench) -> None:
    bench.feed(b"CLS\r\nBITMAP 0,0,60,68,0,")
    assert bench.ask(b"\x1b!.\x1b!S") == b""
    bench.feed(TSPL_2.cancel())
    assert bench.ask(b"\x1b!S") == b"\x02@@@@\x03\r\n"


@pytest.mark.parametrize("cut", [0, 5, 30, 60, 19_000])
@pytest.mark.parametrize("stored_before", [False, True])
@pytest.mark.parametrize("in_time", [False, True])
def test_a_picture_that_is_listed_after_a_cut_off_download_is_whole(
    cut: int, *, stored_before: bool, in_time: bool
) -> None:
    """`in_time`: the printer had run what it held before the cancel came; else the cancel may drop that, KILL too,
    and the older picture is untouched."""
    bench = PrinterBench("tspl")
    background = Bitmap(480, 320, b"\xa5" * 19_200)
    bench.feed(TSPL_2.preamble(Media(203, 480, 320)) + (TSPL_2.store(background) if stored_before else b""))
    stream = TSPL_2.store(background)
    torn = stream[: stream.index(b"DOWNLOAD") + cut]
    for piece in (torn, TSPL_2.cancel()) if in_time else (torn + TSPL_2.cancel(),):
        assert bench.feed(piece) == []
    found = listed_in_the_end(bench, background)
    if found:
        assert stored_before and not in_time
        assert ink(bench, TSPL_2.run_label(background, [])) == [background.rows]
    bench.feed(stream)
    assert listed_in_the_end(bench, background) == {TSPL_2.object_name(background): 19_262}


def listed_in_the_end(bench: PrinterBench, background: Bitmap) -> dict[str, int | None]:
    """What LOF says once cancels have filled up what was cut off."""
    query = TSPL_2.objects_query([TSPL_2.object_name(background)])
    assert query is not None
    for _ in range(6):
        if (parsed := query.parse(bench.ask(query.request))) is not None:
            return dict(parsed[0])
        assert bench.feed(TSPL_2.cancel()) == []
    raise AssertionError("the printer stays deaf")


def test_escape_commands_act_in_the_middle_of_a_line(bench: PrinterBench) -> None:
    assert bench.feed(LABEL[:-4]) == []
    assert bench.ask(b"\x1b!?") == b"\x00"
    assert ink(bench, LABEL[-4:]) == [ART.rows]
    bench.feed(LABEL[:-4] + b"\x1b!.")
    assert ink(bench, b"\r\n" + LABEL) == [ART.rows], "the half line is gone"


def test_lines_wait_when_the_queue_is_full_and_escapes_do_not() -> None:
    bench = PrinterBench("tspl", queue_labels=2)
    assert len(bench.feed(LABEL * 5)) == 2
    assert bench.ask(b'OUT "x"\r\n') == b""
    assert [found and found.idle for found in status(bench)] == [False, False]
    bench.feed(b"\x1b!.")
    assert not bench.mechanism.queue
    assert [found and found.idle for found in status(bench)] == [True, True]


def test_buffer_that_is_full() -> None:
    bench = PrinterBench("tspl", queue_labels=1, receive_buffer_bytes=40)
    bench.feed(LABEL * 8)
    assert bench.firmware.full
    assert status(bench)[0] == PrinterStatus(Health.FAULT, frozenset({Fault.BUFFER_FULL}), idle=False)


# --- answers --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "framed", "byte"),
    [
        ("media-out", Fault.MEDIA_OUT, Fault.MEDIA_OUT),
        ("ribbon-out", Fault.RIBBON_OUT, Fault.RIBBON_OUT),
        ("head-open", Fault.HEAD_OPEN, Fault.HEAD_OPEN),
        ("paper-jam", Fault.PAPER_JAM, Fault.PAPER_JAM),
        ("pause", Fault.PAUSED, Fault.PAUSED),
        ("head-hot", Fault.HEAD_HOT, Fault.OTHER),
    ],
)
def test_each_fault_is_told_at_once_and_all_else_is_silent(
    bench: PrinterBench, fault: str, framed: Fault, byte: Fault
) -> None:
    bench.board.active[fault] = 0
    told = [found.faults for found in status(bench) if found]
    assert told == [{framed}, {byte}]
    assert TSPL_2.counter_query is not None
    assert bench.ask(TSPL_2.counter_query.request) == b"" == bench.ask(b"~!T\r\n")
    bench.board.active.clear()
    bench.firmware.work()
    assert bench.ask(b"\x1b!?") == b"\x00"


def test_a_jammed_cutter_has_a_letter_and_no_bit(bench: PrinterBench) -> None:
    bench.board.active["cutter-jam"] = 0
    framed, byte = status(bench)
    assert framed and framed.faults == {Fault.CUTTER}
    assert byte and byte.health is Health.OK


@pytest.mark.parametrize(
    ("unanswered", "answers"),
    [
        ({"ESC!S"}, [b"", b"\x00", b"x\r\n", b"1000\r\n", b"VIRTUAL-203\r"]),
        ({"ESC!?", "~!T"}, [b"\x02@@@@\x03\r\n", b"", b"x\r\n", b"1000\r\n", b""]),
        ({"@LABEL"}, [b"\x02@@@@\x03\r\n", b"\x00", b"x\r\n", b"\r\n", b"VIRTUAL-203\r"]),
        ({"@LABEL", "LOF"}, [b"\x02@@@@\x03\r\n", b"\x00", b"", b"", b"VIRTUAL-203\r"]),
    ],
)
def test_clones_answer_less(unanswered: set[str], answers: list[bytes]) -> None:
    bench = PrinterBench("tspl", unanswered=frozenset(unanswered))
    questions = (b"\x1b!S", b"\x1b!?", b'OUT "x"\r\n', b"OUT @LABEL\r\n", b"~!T\r\n")
    assert [bench.ask(question) for question in questions] == answers


def test_a_model_without_file_lengths_has_no_files() -> None:
    bench = PrinterBench("tspl", unanswered=frozenset({"LOF"}))
    bench.feed(TSPL_2.store(ART))
    assert listed(bench) == {}


def test_variables_and_foreign_commands(bench: PrinterBench) -> None:
    assert bench.ask(b"X=41\r\nx = 42\r\nOUT X\r\nOUT NOBODY\r\n") == b"42\r\n\r\n"
    foreign = b'CODEPAGE UTF-8\r\nTEXT 1,2,"3",0,1,1,"a,b"\r\nQRCODE 1,1,L,4,A,0,"x"\r\nBOX 1,1,2,2,1\r\n'
    foreign += b"~!X\r\nSET\r\n\x1bx\r\n"
    assert ink(bench, foreign + LABEL) == [ART.rows]


def test_calibration_feeds(bench: PrinterBench) -> None:
    bench.feed(b"BLINE 3 mm,0 mm\r\nGAPDETECT\r\n")
    assert [cause for _, cause in bench.mechanism.first] == ["feed", "feed"]
    assert bench.firmware.state()["tracking"] == "mark"


def test_a_blind_printer_counts_and_draws_nothing() -> None:
    bench = PrinterBench("tspl", blind=True)
    bench.feed(TSPL_2.store(ART))
    (paper,) = bench.feed(TSPL_2.run_label(ART, []) + b"")
    assert paper.ink is None
    assert bench.feed(LABEL)[0].ink is None
    assert listed(bench) == {TSPL_2.object_name(ART): len(bmp(ART))}


@pytest.mark.parametrize("seed", range(40))
def test_no_bytes_make_it_fail(seed: int) -> None:
    dice = random.Random(seed)
    words = b'BITMAP|0,0,|9,9,0,|DOWNLOAD |"A.BMP"|,62,|BM|PUTBMP 0,0,"A.BMP"|PRINT |-1|99999|,|SIZE |mm|CLS|SET |OFF'
    words += b'|KILL |*|OUT |@LABEL|A=LOF("A.BMP")|DIRECTION 1|REFERENCE '
    pieces = [*words.split(b"|"), b"\x1b!.", b"\x1b!S", b"\x1b", b"\xff", b"\r\n", b"\n", bytes(62)]
    bench = PrinterBench("tspl", queue_labels=8, blind=seed % 2 == 0)
    for _ in range(30):
        bench.feed(b"".join(dice.choice(pieces) for _ in range(12)))
        bench.mechanism.clear()
    for _ in range(3):
        bench.feed(TSPL_2.cancel())
        bench.mechanism.clear()
    assert bench.ask(b"\x1b!S") in (b"", b"\x02@@@@\x03\r\n")


# --- the whole machine ----------------------------------------------------------------------------------------------

PREAMBLE = TSPL_2.preamble(Media(203, 64, 32))
REPRINTING = PREAMBLE.replace(b"SET REPRINT OFF\r\n", b"")
PAPER = TSPL_2.full_label(Bitmap(64, 32, b"\xf0" * 256))


async def printed(machine: VirtualPrinter, count: int) -> None:
    """Wait for the paper."""
    await until(lambda: machine.printed == count)


@pytest.mark.parametrize(
    ("preamble", "causes"), [(PREAMBLE, ["label", "feed"]), (REPRINTING, ["label", "feed", "reprint"])]
)
async def test_a_torn_label_comes_again_unless_reprint_is_off(
    tmp_path: Path, preamble: bytes, causes: list[str]
) -> None:
    async with printer(tmp_path, language="tspl") as machine, host(machine) as line:
        machine.fault("media-out@1")
        await line.write(preamble + PAPER)
        await printed(machine, 1)
        told = await ask(line, FRAMED)
        assert told.faults == {Fault.MEDIA_OUT}
        machine.fix()
        await printed(machine, len(causes))
        await until(lambda: machine.state()["labels_inside"] == 0)
    assert [cause for _, cause in lines(tmp_path)] == causes


async def test_the_counter_counts_paper_and_a_label_at_the_peel_bar_is_told(tmp_path: Path) -> None:
    async with printer(tmp_path, language="tspl", odometer=70) as machine, host(machine) as line:
        await line.write(TSPL_2.preamble(Media(203, 64, 32), Setup(handling=Handling.PEEL)) + PAPER)
        await printed(machine, 1)
        await until(lambda: bool(machine.state()["label_waiting"]))
        waiting = await ask(line, FRAMED)
        assert (waiting.label_waiting, waiting.idle, waiting.health) == (True, False, Health.OK)
        machine.fault("take-label")
        assert (await ask(line, FRAMED)).idle and (await ask(line, BYTE)).idle
        assert await ask(line, TSPL_2.counter_query) == 71


@pytest.mark.parametrize("fault", ["garbled-replies", "split-replies"])
async def test_damaged_answers_are_not_health_and_split_ones_are_read(fault: str) -> None:
    async with printer(language="tspl") as machine, host(machine) as line:
        machine.fault(fault)
        for query in (FRAMED, BYTE):
            try:
                told = await ask(line, query, 0.2)
            except ReplyError as error:
                told = error
            healthy = isinstance(told, PrinterStatus) and told.health is Health.OK
            assert healthy is (fault == "split-replies"), told
