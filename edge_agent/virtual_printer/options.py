"""How a virtual printer is set up."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HANDLINGS = ("tear", "peel", "cut")
"""What may become of a printed label; the words of `media.Handling`."""


@dataclass(frozen=True, slots=True)
class VirtualPrinterOptions:
    """Says what a virtual printer is, in every dimension.

    Args:
        language: which firmware it runs; a key of `firmware.FIRMWARE`.
        host, port: where it listens; port 0 takes a free one.
        control_host, control_port: where `POST /faults` and `GET /state` are; None = no control port.
        tape: folder for `NNNNNN.png` and `tape.jsonl`; None = no tape.
        speed_ips: inches per second of paper; 0 = as fast as it can.
        across: labels side by side. One format is one row of them, and the odometer counts rows.
        across_gap_mm: between labels side by side.
        blind: count labels and write the tape's lines, but paint nothing.
        dpi: dots per inch of the head.
        odometer: labels it has printed in earlier life.
        width_dots, height_dots: one label of its roll; the format it assumes until ^PW and ^LL (or their kin) say
            otherwise.
        gap_mm: between labels; with the height it makes the pitch.
        receive_buffer_bytes: waiting formats it holds before it stops reading the socket.
        queue_labels: how many labels it paints ahead of the head.
        ram_bytes: room for stored graphics.
        blanks_on_head_close: labels fed when the head is closed after a fault.
        paper_fed_counted: whether the odometer counts fed blanks. Zebra's SGD manual says it does not count feeds; True
            is the harder case for whoever proves by counting.
        answer_hs_in_fault: whether ~HS is answered in media out, ribbon out, head open and over-temperature. Newer
            Zebra manuals say no.
        ribbon: whether it has a ribbon to feel. Without one it starts in direct thermal and prints; ~HS tells ribbon
            out all the same, and ~HQES warns with a bit that no manual names, as a ZT230 (V72.20.01Z) does. That a
            TSPL firmware tells its ribbon bit too is derived.
        faults: orders as `--fault` takes them, in force from the start.
        unanswered: queries that this printer never answers, by the name their language gives them (`Query.name`).
        pty: on a pseudo terminal instead of TCP.
        baud: pace of the pty, both ways; 0 = as fast as it can.
        handling: what becomes of a label until the host says otherwise: one of `HANDLINGS`.
        model, firmware: what it says it is; None = the language's own words.
        serial_number: of its type plate; empty = it tells none.
        take_after_s: peel mode: hands take each label after this time; None = only when told (`take-label`).
    """

    language: str = "zpl"
    host: str = "127.0.0.1"
    port: int = 0
    control_host: str = "127.0.0.1"
    control_port: int | None = 0
    tape: Path | None = None
    speed_ips: float = 0.0
    across: int = 1
    across_gap_mm: float = 2.0
    blind: bool = False
    dpi: int = 203
    odometer: int = 1000
    width_dots: int = 480
    height_dots: int = 320
    gap_mm: float = 3.0
    receive_buffer_bytes: int = 65_536
    queue_labels: int = 4
    ram_bytes: int = 4_194_304
    blanks_on_head_close: int = 1
    paper_fed_counted: bool = True
    answer_hs_in_fault: bool = False
    ribbon: bool = True
    faults: tuple[str, ...] = ()
    unanswered: frozenset[str] = frozenset()
    pty: bool = False
    baud: int = 0
    handling: str = "tear"
    take_after_s: float | None = None
    model: str | None = None
    firmware: str | None = None
    serial_number: str = "42A000000000"
