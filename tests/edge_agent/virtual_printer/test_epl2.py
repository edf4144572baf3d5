"""The virtual EPL2 printer's firmware on the bench, and what it makes of bytes that lprint and CUPS made."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from PIL import Image

from edge_agent.errors import RefusedError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Handling, Media, Sensor, Setup
from edge_agent.model.printer import Fault
from edge_agent.printers.languages.contract import Quirks
from edge_agent.printers.languages.epl2 import EPL2
from edge_agent.printers.languages.epl2.pcx import encode
from edge_agent.virtual_printer.epl2 import pcx
from tests.kits.printer_bench import PrinterBench, overlaid, rows_of
from tests.kits.virtual_kit import printer, until

VECTORS = Path(__file__).parents[2] / "vectors"
EPL = EPL2()
ART = Bitmap(16, 4, bytes.fromhex("8001C003FFFF0FF0"))
TURNED = bytes(byte ^ 0xFF for byte in ART.rows)
DIRECT = Setup(ribbon=False)


@pytest.fixture
def bench() -> PrinterBench:
    return PrinterBench("epl2", width_dots=16, height_dots=4)


def ink(bench: PrinterBench, stream: bytes, bite: int = 0) -> list[bytes]:
    """The rows of each label."""
    return [rows_of(paper) for paper in bench.feed(stream, bite)]


def code(bench: PrinterBench) -> bytes:
    return bench.ask(b"^ee\r\n")


# --- what others send ----------------------------------------------------------------------------------------------


def picture() -> bytes:
    grey = Image.open(VECTORS / "label203.png").convert("L")
    return grey.point(lambda level: 255 if level < 128 else 0).convert("1").tobytes()


@pytest.mark.parametrize("name", ["lprint_epl2_203.bin", "cups_epl2_203.bin"])
@pytest.mark.parametrize("bite", [0, 1, 77])
def test_bytes_that_others_made_are_the_picture_they_were_made_of(name: str, bite: int) -> None:
    bench = PrinterBench("epl2")
    assert ink(bench, (VECTORS / name).read_bytes(), bite) == [picture()]
    assert code(bench) == b"50\r\n", "one label waits on the bench, and nothing was wrong"


def test_what_cups_sends_a_zpl_printer_is_the_picture_turned_round() -> None:
    """CUPS says ^POI."""
    (paper,) = PrinterBench("zpl").feed((VECTORS / "cups_zpl_203.bin").read_bytes())
    assert paper.ink is not None
    assert paper.ink.transpose(Image.Transpose.ROTATE_180).tobytes() == picture()


# --- graphics ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [b",", b"\n", b"\r\n"])
@pytest.mark.parametrize("bite", [0, 1, 5])
def test_a_graphic_may_follow_a_comma_or_a_line_end(bench: PrinterBench, end: bytes, bite: int) -> None:
    assert ink(bench, b"\nN\nGW0,0,2,4" + end + TURNED + b"\nP1\n", bite) == [ART.rows]


def test_a_graphic_may_hold_any_byte(bench: PrinterBench) -> None:
    rows = b"\nP1\n^@\nN"
    assert ink(bench, b"N\nGW0,0,2,4," + bytes(b ^ 0xFF for b in rows) + b"\nP1\n") == [rows]
    assert ink(bench, b"N\nGW0,0,2,4," + rows + b"\nP1\n") == [bytes(b ^ 0xFF for b in rows)]


@pytest.mark.parametrize(("overwrites", "second"), [(False, b"\xff\xff"), (True, b"\x0f\x0f")])
def test_ink_is_added_or_overwritten(bench: PrinterBench, overwrites: bool, second: bytes) -> None:
    bench.firmware._settings.overwrites = overwrites  # type: ignore[attr-defined]
    stream = b"N\nGW0,0,2,1,\x0f\x0f\nGW0,0,2,1,\xf0\xf0\nP1\n"
    assert ink(bench, stream) == [second + bytes(6)]


@pytest.mark.parametrize("overwrites", [False, True])
def test_a_run_label_is_the_same_whether_graphics_add_ink_or_overwrite(bench: PrinterBench, overwrites: bool) -> None:
    background = Bitmap(29, 6, bytes.fromhex("C0000018 80000008 00000000 00000000 FFFFFFF8 00000008".replace(" ", "")))
    patches = [Patch(19, 1, Bitmap(9, 3, b"\xaa\x00\x55\x80\xff\x80")), Patch(3, 0, Bitmap(5, 3, b"\xf8\x00\xf8"))]
    bench.feed(EPL.preamble(Media(203, 29, 6), DIRECT) + EPL.store(background))
    bench.firmware._settings.overwrites = overwrites  # type: ignore[attr-defined]
    assert ink(bench, EPL.run_label(background, patches)) == [overlaid(background, *patches)]


def test_the_image_stays_until_it_is_cleared(bench: PrinterBench) -> None:
    assert ink(bench, b"N\nGW0,0,2,4," + TURNED + b"\nP1\nP2\n") == [ART.rows] * 3
    assert ink(bench, b"N\nP1\n") == [bytes(8)]
    assert ink(bench, b"P0\n") == []


def test_a_printer_that_prints_from_the_other_end(bench: PrinterBench) -> None:
    assert ink(bench, b"ZB\nN\nGW0,0,1,1,\x7f\nP1\n") == [b"\0\0\0\0\0\0\0\x01"]
    assert ink(bench, b"ZT\nN\nGW0,0,1,1,\x7f\nP1\n") == [b"\x80" + bytes(7)]


def test_an_origin_holds_until_the_next_width(bench: PrinterBench) -> None:
    """ESim for the PC4, p. 104: q sets the margins anew."""
    dot = b"N\nGW0,0,1,1,\x7f\nP1\n"
    assert ink(bench, b"R3,2\n" + dot) == [b"\0\0\0\0\x10\0\0\0"]
    bench.firmware.power_up()
    assert ink(bench, dot) == [b"\0\0\0\0\x10\0\0\0"]
    assert ink(bench, b"q16\n" + dot) == [b"\x80" + bytes(7)]
    assert code(bench) == b"50\r\n"


@pytest.mark.parametrize("mode", [b"dump\n", b"OEPL1\n"])
def test_a_printer_that_prints_what_it_hears_says_nothing_until_power_is_cut(bench: PrinterBench, mode: bytes) -> None:
    bench.feed(mode)
    assert bench.ask(b"^ee\n^@\n^ee\n") == b"" and bench.feed(b"N\nP1\n") == []
    bench.firmware.power_up()
    assert code(bench) == b"00\r\n"


@pytest.mark.parametrize("line", b"GW0,0,2 GW GWa,b,c,d,e q Q320 OX D1x Px huh GG1 GM1 GK".split())
def test_a_line_that_cannot_be_read_is_a_syntax_error_until_the_next_label(bench: PrinterBench, line: bytes) -> None:
    assert bench.feed(line + b"\r\n") == []
    assert code(bench) == b"01\r\n"
    bench.feed(b"N\n")
    assert code(bench) == b"00\r\n"


def test_lines_of_other_programs_are_no_errors(bench: PrinterBench) -> None:
    stream = b';hello\nI8,A,001\nA0,0,0,1,1,1,N,"text"\nJF\nR0,0\nS4\nD8\nOD,Ff\nrY\nGI\n\n\r\n'
    assert bench.feed(stream) == []
    assert code(bench) == b"00\r\n"


# --- PCX -----------------------------------------------------------------------------------------------------------


def test_a_pcx_typed_from_its_format() -> None:
    """17 × 2 dots, rows of 4 bytes; the first dot and the last are black; a byte above 0xC0 is escaped."""
    head = bytes.fromhex("0A050101 0000 0000 1000 0100".replace(" ", "")).ljust(65, b"\0") + b"\x01\x04\x00"
    file = head.ljust(128, b"\0") + b"\x7f\xc3\xff" + b"\xc1\xfe\xc3\xff"
    assert pcx.ink(file).size == (17, 2)
    assert pcx.ink(file).tobytes() == b"\x80\0\0" + b"\x01\0\0"


@pytest.mark.parametrize("width", [1, 8, 9, 16, 17, 480, 709])
def test_pictures_of_any_width_come_through(width: int) -> None:
    dice = random.Random(width)
    stride = (width + 7) // 8
    art = Bitmap(width, 3, b"".join((dice.getrandbits(width) << stride * 8 - width).to_bytes(stride) for _ in range(3)))
    assert pcx.ink(encode(art)).tobytes() == art.rows


@pytest.mark.parametrize("damage", [b"", b"\x0b", b"\x0a\x05\x00", b"\x0a\x05\x01\x08"])
def test_what_is_no_pcx_is_not_stored(bench: PrinterBench, damage: bytes) -> None:
    file = damage + encode(ART)[len(damage) :] if damage else encode(ART)[:-3]
    with pytest.raises(RefusedError):
        pcx.ink(file)
    bench.feed(b'GM"A"%d\n%b\n' % (len(file), file))
    assert bench.ask(b"UG\n") == b"000\r\n"
    assert code(bench) == b"01\r\n"


# --- stored graphics -----------------------------------------------------------------------------------------------


def test_a_name_is_deleted_by_asking_twice_and_refused_while_it_exists(bench: PrinterBench) -> None:
    store = b'GM"a"%d\n%b\n' % (len(encode(ART)), encode(ART))
    bench.feed(store + store.replace(b'"a"', b'"A"'))
    assert bench.ask(b"UG\n") == b"002\r\na\r\nA\r\n"
    bench.feed(store)
    assert code(bench) == b"08\r\n"
    bench.feed(b'N\nGK"a"\nGK"A"\n')
    assert bench.ask(b"UG\n").startswith(b"002")
    bench.feed(b'GK"a"\nGK"a"\n')
    assert bench.ask(b"UG\n") == b"001\r\nA\r\n"


def listed(bench: PrinterBench) -> set[str]:
    query = EPL.objects_query()
    assert query is not None
    parsed = query.parse(bench.ask(query.request))
    return set(parsed[0]) if parsed else set()


def test_a_download_that_strangers_bytes_filled_is_not_shown_as_stored(bench: PrinterBench) -> None:
    """A link that breaks within a download and comes back: cancel and questions go into the picture."""
    noise = random.Random(1).randbytes(60 * 40)
    art, name = Bitmap(480, 40, noise), EPL.object_name(Bitmap(480, 40, noise))
    broken = EPL.store(art)
    bench.feed(broken[: len(broken) // 2])
    while not bench.ask(b"^ee\r\n"):
        bench.feed(EPL.cancel())
    bench.feed(broken[: len(broken) // 2])
    for _ in range(3000):
        if bench.ask(b"^ee\r\n"):
            break
    assert name.encode() in bench.ask(b"UG\r\n"), "the printer takes it for stored"
    assert name not in listed(bench)
    bench.feed(EPL.preamble(Media(203, 480, 40), DIRECT) + EPL.store(art))
    assert name in listed(bench)
    assert ink(bench, EPL.run_label(art, [])) == [noise]


@pytest.mark.parametrize("lost", [2, 3, 10, 100])
def test_bytes_lost_on_the_way_take_the_seal_with_them(bench: PrinterBench, lost: int) -> None:
    store = EPL.store(ART)
    at = store.index(b'GM"S') - 10
    bench.feed(store[: at - lost] + store[at:] + b"\r\nN\r\n" * 40)
    assert EPL.object_name(ART) not in listed(bench)


@pytest.mark.parametrize(("fault", "told"), [("storage-full", b"04\r\n"), ("drop-download", b"00\r\n")])
def test_a_label_without_its_background_still_comes(bench: PrinterBench, fault: str, told: bytes) -> None:
    bench.board.active[fault] = 0
    bench.feed(EPL.store(ART)[: -len(b"N\r\n")])
    assert code(bench) == told
    assert listed(bench) == set()
    assert ink(bench, EPL.run_label(ART, [])) == [bytes(8)]
    assert code(bench) == b"09\r\n"


def test_memory_ends() -> None:
    small = PrinterBench("epl2", ram_bytes=len(encode(ART)) + 10)
    file = encode(ART)
    small.feed(b'GM"A"%d\n%b\nGM"B"%d\n%b\n' % (len(file), file, len(file), file))
    assert small.ask(b"UG\n") == b"001\r\nA\r\n"
    assert code(small) == b"04\r\n"


# --- power, cancel, buffers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["power", "reset command", "cancel"])
def test_power_and_reset_take_objects_and_what_waits_and_leave_what_is_in_flash(bench: PrinterBench, how: str) -> None:
    confirming = EPL.with_quirks(Quirks(confirms=True))
    bench.feed(confirming.preamble(Media(203, 80, 9), Setup(Handling.PEEL, ribbon=False)) + EPL.store(ART) + b"P9\n")
    assert not bench.mechanism.reprint_after_error and bench.mechanism.handling == "peel"
    if how == "power":
        bench.firmware.power_up()
    else:
        bench.feed(EPL.cancel() if how == "cancel" else b"^@\n")
    state = bench.firmware.state()
    assert (state["objects"], state["reprint_after_error"], state["width_dots"]) == ({}, True, 80)
    assert bench.mechanism.reprint_after_error and bench.mechanism.handling == "peel"
    assert not bench.mechanism.queue


def test_lost_objects_are_missed_and_nothing_else(bench: PrinterBench) -> None:
    bench.feed(EPL.preamble(Media(203, 80, 9), DIRECT) + EPL.store(ART))
    bench.firmware.lose_objects()
    assert listed(bench) == set()
    assert bench.firmware.state()["width_dots"] == 80


def test_commands_wait_when_the_queue_is_full_and_status_does_not() -> None:
    bench = PrinterBench("epl2", queue_labels=2)
    bench.feed(b"N\nP1\n" * 5)
    assert code(bench) == b"50\r\n"
    assert bench.firmware.state()["formats_waiting"] == 6
    assert bench.ask(b"UG\r\n") == b"", "waits its turn"
    bench.mechanism.queue.clear()
    bench.firmware.work()
    bench.mechanism.queue.clear()
    bench.firmware.work()
    assert bench.said == b"000\r\n"


def test_a_full_buffer_is_told_to_the_port() -> None:
    bench = PrinterBench("epl2", queue_labels=1, receive_buffer_bytes=40)
    bench.feed(b"N\nP1\n" * 3)
    assert not bench.firmware.full
    bench.feed(b"N\nP1\n" * 12)
    assert bench.firmware.full


@pytest.mark.parametrize("query", ["^ee", "UG", "UQ"])
def test_a_printer_may_not_know_a_question(query: str) -> None:
    assert PrinterBench("epl2").ask(query.encode() + b"\r\n")
    assert PrinterBench("epl2", unanswered=frozenset({query})).ask(query.encode() + b"\r\n") == b""


def test_the_configuration_tells_what_was_set(bench: PrinterBench) -> None:
    setup = Setup(sensor=Sensor.MARK, ribbon=False, darkness=7)
    bench.feed(EPL.preamble(Media(203, 480, 320), setup))
    query = EPL.settings_query
    assert query is not None
    parsed = query.parse(bench.ask(query.request))
    assert parsed is not None
    found = parsed[0]
    assert (found.width_dots, found.length_dots, found.darkness, found.sensor) == (480, 320, 7.0, Sensor.MARK)


@pytest.mark.parametrize(
    ("faults", "told"),
    [
        (["head-open"], b"11\r\n"),
        (["media-out"], b"07\r\n"),
        (["ribbon-out"], b"07\r\n"),
        (["pause"], b"12\r\n"),
        (["cutter-jam"], b"81\r\n"),
        (["paper-jam"], b"84\r\n"),
        (["head-hot"], b"50\r\n"),
        (["media-out", "head-open"], b"11\r\n"),
        (["slow-replies"], b"00\r\n"),
    ],
)
def test_faults_by_their_code(bench: PrinterBench, faults: list[str], told: bytes) -> None:
    bench.board.active.update(dict.fromkeys(faults, 0))
    assert code(bench) == told


@pytest.mark.parametrize("seed", range(40))
def test_no_bytes_make_it_fail(seed: int) -> None:
    dice = random.Random(seed)
    words = (
        b'N P1 P99999 GW0,0,2,4, GW1,1,99,99, GM"A"9 GG0,0,"A" GK"A" q0 q99999 Q1,B2 Q9999,0 OD,P UA US1 ^ee ^@ UG UQ'
    )
    pieces = [
        *words.split(b" "),
        *[b"\n"] * 3,
        b"\r\n",
        b"\xff",
        b",",
        b'"',
        b"GW99999,99999,9999,99999,",
        b"ZB",
        b"xa",
    ]
    bench = PrinterBench("epl2", queue_labels=8, blind=seed % 2 == 0)
    for _ in range(30):
        bench.feed(b"".join(dice.choice(pieces) for _ in range(12)))
        bench.mechanism.clear()
    bench.firmware.forget_buffers()
    assert code(bench).endswith(b"\r\n")


def test_a_blind_printer_counts_and_draws_nothing() -> None:
    bench = PrinterBench("epl2", blind=True)
    bench.feed(EPL.store(ART))
    (paper,) = bench.feed(EPL.run_label(ART, []))
    assert paper.ink is None
    assert EPL.object_name(ART) in listed(bench)


def test_calibration_feeds_blanks(bench: PrinterBench) -> None:
    assert bench.feed(EPL.calibrate(DIRECT)) == []
    assert [cause for _, cause in bench.mechanism.first] == ["feed", "feed"]


# --- label by label, with the mechanism running ----------------------------------------------------------------------


def window(count: int, setup: Setup = DIRECT, *, confirms: bool = True) -> bytes:
    speaker = EPL2(Quirks(confirms=confirms))
    return speaker.preamble(Media(203, 16, 4), setup) + speaker.full_label(ART) * count


async def spoken(count: int, *faults: str, setup: Setup = DIRECT, confirms: bool = True, **options: object) -> bytes:
    """What a printer says by itself while it prints a window, until it stands still."""
    said = b""
    async with printer(language="epl2", faults=faults, **options) as machine:

        def hear(data: bytes) -> None:
            nonlocal said
            said += data

        machine._firmware._say = hear  # type: ignore[attr-defined]
        machine._firmware.receive(window(count, setup, confirms=confirms))
        board = machine._board
        await until(lambda: bool(board.stopped) or machine.state()["labels_inside"] == 0)
        if faults:
            machine.fix()
            await until(lambda: machine.state()["labels_inside"] == 0)
    return said


def heard(said: bytes) -> list[Fault | None]:
    reader = EPL2(Quirks(confirms=True)).response_reader
    assert reader is not None
    found, rest = reader(said)
    assert rest.strip(b"\x11") == b"", "XON, and nothing else"
    return [response.fault for response in found]


async def test_each_label_that_left_the_head_is_confirmed() -> None:
    assert await spoken(5) == b"\x06" * 5
    assert await spoken(5, confirms=False) == b""


async def test_a_fed_blank_is_not_confirmed() -> None:
    assert await spoken(3, "feed-key@1") == b"\x06" * 3


@pytest.mark.parametrize(("fault", "kind"), [("head-open@2", Fault.HEAD_OPEN), ("pause@2", Fault.PAUSED)])
async def test_a_fault_is_told_once_by_its_number(fault: str, kind: Fault) -> None:
    found = heard(await spoken(4, fault))
    assert found.count(kind) == 1
    assert found[: found.index(kind)] == [None] * (2 if kind is Fault.PAUSED else 1), "a torn label is not confirmed"


async def test_a_label_torn_by_the_end_of_the_roll_is_gone_with_those_behind_it() -> None:
    """UA: nothing is printed on the new roll."""
    said = await spoken(4, "media-out@2")
    assert said == b"\x06\x1507P002\x13\x11"
    assert heard(said) == [None, Fault.MEDIA_OUT]


async def test_without_its_preamble_the_printer_finishes_the_batch_on_the_new_roll(tmp_path: Path) -> None:
    async with printer(tmp_path, language="epl2", faults=("media-out@2",), width_dots=16, height_dots=4) as machine:
        machine._firmware.receive(EPL.full_label(ART) * 3)
        await until(lambda: bool(machine._board.stopped))
        machine.fix()
        await until(lambda: machine.state()["labels_inside"] == 0)
    causes = [line.split('"cause": "')[1].split('"')[0] for line in (tmp_path / "tape.jsonl").read_text().splitlines()]
    assert causes == ["label", "label", "feed", "reprint", "label"]


async def test_in_peel_mode_a_label_is_confirmed_when_it_is_taken() -> None:
    async with printer(language="epl2", width_dots=16, height_dots=4) as machine:
        said: list[bytes] = []
        machine._firmware._say = said.append  # type: ignore[attr-defined]
        machine._firmware.receive(window(2, Setup(Handling.PEEL, ribbon=False)))
        await until(lambda: machine._mechanism.label_waiting)
        machine._firmware.receive(b"^ee\r\n")
        assert said == [b"12\r\n"]
        machine.fault("take-label")
        assert said == [b"12\r\n", b"\x06"]
        await until(lambda: machine._mechanism.label_waiting)
        machine.fault("take-label")
        assert said == [b"12\r\n", b"\x06", b"\x06"]
