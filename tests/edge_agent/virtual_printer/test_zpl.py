"""The ZPL firmware on the bench: what a printer makes of good, bad and foreign streams."""

from __future__ import annotations

import random

import pytest

from edge_agent.model.bitmap import Bitmap
from edge_agent.printers.languages import graphics
from edge_agent.printers.languages.zpl import ZPL
from edge_agent.virtual_printer.zpl.firmware import CALIBRATION_LABELS
from tests.kits.printer_bench import PrinterBench, rows_of

ZPL_II = ZPL()
ART = Bitmap(16, 4, b"\xaa\x55" * 4)
HEX = graphics.hexadecimal(ART)


@pytest.fixture
def bench() -> PrinterBench:
    return PrinterBench(width_dots=16, height_dots=4)


def ink(bench: PrinterBench, stream: bytes) -> list[bytes]:
    """The rows of each label."""
    return [rows_of(paper) for paper in bench.feed(stream)]


@pytest.mark.parametrize(
    "field",
    [
        b"^GFA,8,8,2," + HEX,
        b"^GFA,8,8,2,\r\n" + HEX[:8] + b"\r\n" + HEX[8:] + b"\r\n",
        b"^gfa,8,8,2," + HEX.lower(),
        b"^GFA,8,8,2," + graphics.acs(ART),
        b"^GFA,8,8,2," + graphics.z64(ART),
        b"^GFA,8,8,2," + graphics.b64(ART),
        b"^GFB,8,8,2," + ART.rows,
    ],
)
@pytest.mark.parametrize("bite", [0, 1, 5])
def test_every_form_of_a_graphic_field_is_read(bench: PrinterBench, field: bytes, bite: int) -> None:
    sheets = bench.feed(b"^XA^FO0,0" + field + b"^FS^XZ", bite)
    assert [rows_of(paper) for paper in sheets] == [ART.rows]


def test_binary_graphics_may_hold_any_byte(bench: PrinterBench) -> None:
    rows = b"^XZ~JA\r\n"
    assert ink(bench, b"^XA^FO0,0^GFB,8,8,2," + rows + b"^FS^XZ") == [rows]


@pytest.mark.parametrize(
    "field",
    [
        b"^GFA,8,8,2," + graphics.z64(ART)[:-4] + b"0000",
        b"^GFA,8,8,2," + graphics.z64(ART) + b"0",
        b"^GFA,8,8,2,AA",
        b"^GFA,8,8,0," + HEX,
        b"^GFA,8,7,2," + HEX,
        b"^GFC,8,8,2," + bytes(8),
        b"^GFA,,,",
        b"^GFA",
        b"^XGR:NOBODY.GRF,1,1",
        b"^XG",
        b"^FDtext",
        b"^BQN,2,4",
    ],
)
def test_a_field_that_cannot_be_drawn_still_makes_a_label(bench: PrinterBench, field: bytes) -> None:
    assert ink(bench, b"^XA^FO0,0" + field + b"^FS^XZ") == [bytes(8)]


@pytest.mark.parametrize(
    "stream", [b"^XA^XZ", b"^XA^JZN^PW16^XZ", b"^XA^FO1,1^FS^XZ", b"^XA^IDR:*.GRF^FS^XZ", b"^GFA,8,8,2,FF"]
)
def test_a_format_without_a_field_prints_nothing(bench: PrinterBench, stream: bytes) -> None:
    assert bench.feed(stream) == []


def test_origin_home_and_clipping(bench: PrinterBench) -> None:
    dot = b"^GFA,1,1,1,80"
    assert ink(bench, b"^XA^LH2,1^FO3,1" + dot + b"^FS^XZ") == [b"\0\0\0\0\x04\0\0\0"]
    assert ink(bench, b"^XA^LH0,0^FO15,3" + dot + b"^FS^XZ") == [b"\0\0\0\0\0\0\0\x01"]
    assert ink(bench, b"^XA^FO16,4" + dot + b"^FS^XZ") == [bytes(8)]


def test_upside_down(bench: PrinterBench) -> None:
    assert ink(bench, b"^XA^POI^FO0,0^GFA,1,1,1,80^FS^XZ") == [b"\0\0\0\0\0\0\0\x01"]
    assert ink(bench, b"^XA^PON^FO0,0^GFA,1,1,1,80^FS^XZ") == [b"\x80" + bytes(7)]


def test_copies_and_size_stay_with_whom_they_belong(bench: PrinterBench) -> None:
    assert len(bench.feed(b"^XA^PQ3^FO0,0^GFA,1,1,1,80^FS^XZ")) == 3
    (paper,) = bench.feed(b"^XA^PW24^LL9^FO0,0^GFA,1,1,1,80^FS^XZ")
    assert (paper.width_dots, paper.height_dots) == (24, 9)
    (paper,) = bench.feed(b"^XA^FO0,0^GFA,1,1,1,80^FS^XZ")
    assert (paper.width_dots, paper.height_dots) == (24, 9)


def test_a_download_that_fails_leaves_the_older_object(bench: PrinterBench) -> None:
    other = graphics.z64(Bitmap(16, 4, b"\xff" * 8))
    recall = b"^XA^FO0,0^XGR:A.GRF,1,1^FS^XZ"
    bench.feed(b"~DGR:A.GRF,8,2," + HEX + b"~DGR:A.GRF,8,2," + other[:-1] + b"0")
    assert ink(bench, recall) == [ART.rows]
    bench.feed(b"~DGR:A.GRF,8,2," + other)
    assert ink(bench, recall) == [b"\xff" * 8]


@pytest.mark.parametrize("fault", ["storage-full", "drop-download"])
def test_a_label_without_its_background_still_comes(bench: PrinterBench, fault: str) -> None:
    bench.board.active[fault] = 0
    bench.feed(ZPL_II.store(ART))
    assert ink(bench, ZPL_II.run_label(ART, [])) == [bytes(8)]


def test_memory_ends(bench: PrinterBench) -> None:
    small = PrinterBench(ram_bytes=12)
    small.feed(b"~DGR:A.GRF,8,2," + HEX + b"~DGR:B.GRF,8,2," + HEX + b"~DGR:A.GRF,8,2," + HEX)
    assert small.firmware.state()["objects"] == {"R:A.GRF": 8}


def test_power_takes_objects_settings_and_the_reprint_switch(bench: PrinterBench) -> None:
    bench.feed(b"^XA^JZN^PW80^LH5,5^XZ" + ZPL_II.store(ART))
    bench.firmware.power_up()
    state = bench.firmware.state()
    assert (state["objects"], state["reprint_after_error"], state["width_dots"]) == ({}, True, 16)
    assert bench.mechanism.reprint_after_error


DOT = b"^FO4,1^GFA,1,1,1,80^FS^XZ"


def dots(bench: PrinterBench, stream: bytes) -> set[tuple[int, int]]:
    """Where the one label of `stream` has ink, as x and y."""
    (rows,) = ink(bench, stream)
    return {(x, y) for y in range(4) for x in range(16) if rows[y * 2 + x // 8] >> 7 - x % 8 & 1}


@pytest.mark.parametrize(
    ("mode", "where"),
    [
        (b"", {(4, 1)}),
        (b"^LS3", {(1, 1)}),
        (b"^LS-3", {(7, 1)}),
        (b"^LT2", {(4, 3)}),
        (b"^LT-1", {(4, 0)}),
        (b"^LH2,1", {(6, 2)}),
        (b"^PMY", {(11, 1)}),
        (b"^POI", {(11, 2)}),
        (b"^FWN,1", set()),  # right-justified: eight dots wide, it ends at 4, and its one dot is off the label
        (b"^MUD,150,300", {(8, 2)}),
        (b"^MUM", set()),  # 4 mm are 32 dots
        (b"^MUM^MUD,300,300", {(4, 1)}),
        (b"^JMB", {(8, 2), (9, 2), (8, 3), (9, 3)}),
        (b"^CD;", set()),  # the graphic's commas part nothing any more: it cannot be read
        (b"^SZ1", set()),
    ],
)
def test_a_mode_moves_ink_and_stays_for_the_next_format(
    bench: PrinterBench, mode: bytes, where: set[tuple[int, int]]
) -> None:
    """Each from its section in the ZPL II Programming Guide."""
    assert dots(bench, b"^XA" + mode + DOT) == where
    assert dots(bench, b"^XA" + DOT) == where


def test_reversed_fields_take_ink_from_ink(bench: PrinterBench) -> None:
    assert dots(bench, b"^XA^LRY" + DOT[:-3] + DOT) == set()
    assert dots(bench, b"^XA^LRN" + DOT[:-3] + DOT) == {(4, 1)}


def test_a_map_that_is_not_cleared_comes_again_on_the_next_label(bench: PrinterBench) -> None:
    assert dots(bench, b"^XA^MCN" + DOT) == {(4, 1)}
    assert dots(bench, b"^XA^FO0,0^GFA,1,1,1,80^FS^XZ") == {(4, 1), (0, 0)}
    assert bench.feed(b"^XA^MCY^XZ") == []
    assert dots(bench, b"^XA^FO0,0^GFA,1,1,1,80^FS^XZ") == {(0, 0)}


@pytest.mark.parametrize("bite", [0, 1, 3])
def test_other_prefixes_hold_from_the_next_byte_on(bench: PrinterBench, bite: int) -> None:
    label = b"/XA/FO0,0/GFA,8,8,2," + HEX + b"/FS/XZ"
    assert [rows_of(paper) for paper in bench.feed(b"^XA^CC//XZ" + label, bite)] == [ART.rows]
    assert bench.feed(label.replace(b"/", b"^"), bite) == [], "a caret is a letter now"
    assert [rows_of(paper) for paper in bench.feed(b"~CC^" + label.replace(b"/", b"^"), bite)] == [ART.rows]


def test_what_was_saved_comes_back_with_power_but_for_what_the_guide_resets(bench: PrinterBench) -> None:
    bench.feed(b"^XA^LT1^MCN^MD-9^JZN^JUS^LT2^XZ")
    bench.firmware.power_up()
    modes = bench.firmware.state()["modes"]
    assert isinstance(modes, dict)
    assert (modes["label_top"], modes["keeps_picture"], modes["darker"], modes["reprint"]) == (1, False, 0, True)


def test_diagnostics_are_told_and_print_no_format(bench: PrinterBench) -> None:
    bench.feed(b"~JD")
    assert bench.feed(b"^XA" + DOT) == []
    assert bench.ask(b"~HS").split(b",")[6] == b"1"
    bench.feed(b"~JE")
    assert dots(bench, b"^XA" + DOT) == {(4, 1)}


def test_a_calibrate_order_acts_at_once(bench: PrinterBench) -> None:
    bench.firmware.receive(b"~JC")
    assert [why for _, why in bench.mechanism.first] == ["feed"] * CALIBRATION_LABELS


def test_tilde_commands_act_in_the_middle_of_a_format(bench: PrinterBench) -> None:
    assert bench.feed(b"^XA^FO0,0~HS") == []
    assert b",1,000," in bench.said, "a partial format is told"
    assert ink(bench, b"^GFA,8,8,2," + HEX + b"^FS^XZ") == [ART.rows]


def test_formats_wait_when_the_queue_is_full_and_questions_do_not() -> None:
    bench = PrinterBench(queue_labels=2)
    bench.feed(b"^XA^FO0,0^GFA,1,1,1,80^FS^XZ" * 5)
    status = bench.ask(b"~HS")
    assert status.split(b",")[4] == b"003"
    assert status.split(b"\x02")[2].split(b",")[8] == b"00000002"
    assert bench.ask(b'! U1 getvar "odometer.total_label_count"\r\n') == b'"1000"\r\n'
    assert bench.ask(b"^XA^HWR:*.GRF^XZ") == b"", "a ^ command waits its turn"


def test_cancel_empties_everything(bench: PrinterBench) -> None:
    bench = PrinterBench(queue_labels=2)
    bench.feed(b"^XA^FO0,0^GFA,1,1,1,80^FS^XZ" * 5 + b"^XA^FO0,0")
    bench.firmware.receive(b"~JA")
    assert not bench.mechanism.queue
    assert b",000,0,0,0,000," in bench.ask(b"~HS")


def test_foreign_and_unknown_commands_are_passed_over(bench: PrinterBench) -> None:
    stream = b"noise ^CI28 ^XA^MNY^MTT^XX1,2^BY2^FXcomment^JUS^FO0,0^GFA,8,8,2," + HEX + b"^FS^XB^XZ~SD15~TA000 tail"
    assert ink(bench, stream) == [ART.rows]
    assert bench.ask(b'! U1 getvar "no.such.thing"\r\n') == b'"?"\r\n'
    assert bench.ask(b'! U1 setvar "a" "b"\r\n') == b""
    assert bench.ask(b"~HQSN") == b""


@pytest.mark.parametrize("seed", range(40))
def test_no_bytes_make_it_fail(seed: int) -> None:
    dice = random.Random(seed)
    words = b"^XA ^XZ ^GFA, ^GFB,9,9,1, ~DGR: ~HS ~JA , :Z64: 99999999 ^PQ ^LH ^PW ^HW ^XGR:A.GRF, ^ID* 1 -1 ^ ~ ^FS"
    pieces = [*words.split(b" "), b"! U1 ", b"\n", b"\xff"]
    bench = PrinterBench(queue_labels=8, blind=seed % 2 == 0)
    for _ in range(30):
        bench.feed(b"".join(dice.choice(pieces) for _ in range(12)))
        bench.mechanism.clear()
    bench.feed(b"\r\n~JX~JA")
    assert bench.ask(b"~HS").count(b"\x03") in (0, 3)


def test_a_blind_printer_counts_and_draws_nothing() -> None:
    bench = PrinterBench(blind=True)
    bench.feed(ZPL_II.store(ART))
    (paper,) = bench.feed(ZPL_II.run_label(ART, []))
    assert paper.ink is None
    assert bench.firmware.state()["objects"] == {ZPL_II.object_name(ART): 8}
