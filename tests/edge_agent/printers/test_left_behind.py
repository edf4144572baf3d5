"""What another program left behind in a printer changes nothing on our labels: one suite for all languages.

Each mode is left behind before the agent connects, between two windows, and over a power cut; then a window must come
out as on a printer that nobody else ever spoke to, and leave the printer set as that one is. For each row it is shown
that without it the window comes out otherwise. The printers are the virtual ones, written from the manuals.
"""

from __future__ import annotations

from typing import Any

import pytest

from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media, Setup
from edge_agent.model.printer import Fault, Health
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Language, Mode, Stays
from edge_agent.printers.status import combine
from tests.kits.printer_bench import PrinterBench

MEDIA = Media(203, 160, 64)
SETUPS = {"epl2": Setup(ribbon=False, darkness=8)}
SETUP = Setup(ribbon=False, darkness=8, speed_ips=4.0)
SAVE = {"zpl": b"^XA^JUS^XZ"}
"""What makes a printer keep what it is set to; a printer that needs no such command keeps it by itself."""

ART = Bitmap(160, 64, bytes(0x81 if at % 7 else 0xFE for at in range(20 * 64)))
BACKGROUND = Bitmap(160, 64, bytes(0xF0 if at % 20 < 4 else 0 for at in range(20 * 64)))
PATCH = Patch(88, 9, Bitmap(40, 20, b"\xa5" * 100))

SAID_ANYHOW = ("N", "S")
"""EPL2: each label says N too; of S there is only the refusal to say it."""

MODES = [(LANGUAGES[name], mode) for name in LANGUAGES for mode in LANGUAGES[name].modes]
UNDONE = [
    pytest.param(language, mode, left, id=f"{language.name}-{mode.command}-{place}")
    for language, mode in MODES
    if mode.says is not None
    for place, left in enumerate(mode.left)
]
BEYOND = [
    pytest.param(language, left, id=f"{language.name}-{mode.command}-{place}")
    for language, mode in MODES
    if mode.says is None
    for place, left in enumerate(mode.left)
]


def setup_of(language: Language) -> Setup:
    return SETUPS.get(language.name, SETUP)


def a_printer(language: Language) -> PrinterBench:
    """A transfer printer without a ribbon, so that `ribbon = false` has something to say."""
    return PrinterBench(language.name, width_dots=160, height_dots=64, ram_bytes=65_536)


def connected(bench: PrinterBench, language: Language) -> None:
    bench.feed(language.cancel())


def window(bench: PrinterBench, language: Language) -> tuple[list[Any], object]:
    """What comes out of a window in both modes, and how the printer is set afterwards."""
    bench.feed(language.preamble(MEDIA, setup_of(language)))
    bench.feed(language.store(BACKGROUND))
    labels = (language.run_label(BACKGROUND, [PATCH]), language.full_label(ART))
    papers = [paper for label in labels for paper in bench.feed(label)]
    drawn = [(paper.width_dots, paper.height_dots, paper.continuous, _dots(paper)) for paper in papers]
    return drawn, bench.firmware.state()["modes"]


def _dots(paper: Any) -> bytes:
    return bytes(paper.ink.tobytes())


def clean(language: Language) -> tuple[list[Any], object]:
    bench = a_printer(language)
    connected(bench, language)
    found = window(bench, language)
    assert [dots for *_, dots in found[0]][1] == ART.rows, "a clean printer prints what it was sent"
    return found


@pytest.mark.parametrize(("language", "mode", "left"), UNDONE)
def test_what_was_left_before_the_agent_connects_changes_nothing(language: Language, mode: Mode, left: bytes) -> None:
    bench = a_printer(language)
    bench.feed(left)
    connected(bench, language)
    assert window(bench, language) == clean(language)


@pytest.mark.parametrize(("language", "mode", "left"), UNDONE)
def test_what_was_left_between_two_windows_changes_nothing(language: Language, mode: Mode, left: bytes) -> None:
    bench = a_printer(language)
    connected(bench, language)
    assert window(bench, language) == clean(language)
    bench.feed(left)
    assert window(bench, language) == clean(language)


@pytest.mark.parametrize(("language", "mode", "left"), UNDONE)
def test_what_was_saved_and_outlives_power_changes_nothing(language: Language, mode: Mode, left: bytes) -> None:
    bench = a_printer(language)
    bench.feed(left + SAVE.get(language.name, b""))
    bench.firmware.power_up()
    connected(bench, language)
    assert window(bench, language) == clean(language)


@pytest.mark.parametrize(("language", "mode", "left"), UNDONE)
def test_without_its_row_each_of_them_shows(
    language: Language, mode: Mode, left: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the table that the preamble is made of, this row is taken out."""
    whole, rest = clean(language), tuple(row for row in language.modes if row is not mode)
    monkeypatch.setattr(type(language), "modes", property(lambda _: rest))
    bench = a_printer(language)
    connected(bench, language)
    bench.feed(left)
    assert window(bench, language) != whole


@pytest.mark.parametrize(("language", "left"), BEYOND)
def test_what_no_window_undoes_is_never_ready(language: Language, left: bytes) -> None:
    """Silence, or a fault by the printer's own word: nothing is sent to either."""
    bench = a_printer(language)
    connected(bench, language)
    bench.feed(left)
    parsed = [query.parse(bench.ask(query.request)) for query in language.status_queries]
    status = combine([found[0] if found else None for found in parsed])
    assert status.health is not Health.OK
    assert status.faults <= {Fault.OTHER}


@pytest.mark.parametrize(
    "left", [b"^XA^CT+^XZ", b"^XA^CT+^CC/\r\n/XZ", b"^XA^CC~^CT^\r\n~XZ"], ids=["tilde", "both", "exchanged"]
)
def test_a_printer_with_another_tilde_answers_nothing(left: bytes) -> None:
    bench = a_printer(LANGUAGES["zpl"])
    bench.feed(left)
    assert all(bench.ask(query.request) == b"" for query in LANGUAGES["zpl"].status_queries)


def test_another_tilde_is_undone_at_the_next_connection() -> None:
    zpl = LANGUAGES["zpl"]
    bench = a_printer(zpl)
    bench.feed(b"^XA^CT+^XZ")
    connected(bench, zpl)
    assert all(bench.ask(query.request) for query in zpl.status_queries)


def test_diagnostics_end_at_the_next_connection() -> None:
    zpl = LANGUAGES["zpl"]
    bench = a_printer(zpl)
    bench.feed(b"~JD")
    connected(bench, zpl)
    assert window(bench, zpl) == clean(zpl)


@pytest.mark.parametrize("left_over", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("mark", [b"^XA^CT+^XZ", b"^XA^CC/\r\n/XZ"])
def test_a_cancel_under_other_prefixes_prints_nothing_half_received(left_over: float, mark: bytes) -> None:
    zpl = LANGUAGES["zpl"]
    bench = a_printer(zpl)
    bench.feed(mark)
    theirs = zpl.full_label(ART).replace(b"^", b"/" if b"^CC/" in mark else b"^")
    assert bench.feed(theirs[: int(len(theirs) * left_over)]) == []
    assert bench.feed(zpl.cancel()) == []
    assert window(bench, zpl) == clean(zpl)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.name)
def test_the_preamble_feeds_nothing_and_is_the_same_said_twice(language: Language) -> None:
    bench, said = a_printer(language), language.preamble(MEDIA, setup_of(language))
    bench.feed(language.store(BACKGROUND))
    assert bench.feed(said) == []
    once = bench.firmware.state()
    assert bench.feed(said) == []
    assert bench.firmware.state() == once
    query = language.objects_query([language.object_name(BACKGROUND)])
    assert query is not None
    parsed = query.parse(bench.ask(query.request))
    assert parsed is not None and set(parsed[0]) == {language.object_name(BACKGROUND)}, "what is stored stays"


@pytest.mark.parametrize(("language", "mode"), MODES)
def test_every_row_says_what_it_is_and_where_that_stands(language: Language, mode: Mode) -> None:
    assert mode.zh and mode.en and len(mode.source) > 6
    assert mode.says is None or mode.left or mode.command in SAID_ANYHOW


@pytest.mark.parametrize("name", LANGUAGES)
def test_no_mode_has_two_rows(name: str) -> None:
    commands = [word for mode in LANGUAGES[name].modes for word in mode.command.split(", ")]
    assert len(commands) == len(set(commands))
    assert {mode.stays for mode in LANGUAGES[name].modes} <= set(Stays)
