"""One suite for every printer language. A new one brings a folder with `vectors.toml`, a line in `LANGUAGES`, a
firmware for the virtual printer, and changes nothing here.

An answer that has no frame at all (`alone` in its vector) need not be found among noise: it must be refused there.

`tests/edge_agent/printers/test_damaged_answers.py` goes on with what a line does to answers.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import RefusedError, ReplyError
from edge_agent.model.bitmap import Bitmap, Patch
from edge_agent.model.media import Media
from edge_agent.model.printer import Fault, Health, PrinterStatus
from edge_agent.printers import languages
from edge_agent.printers.languages import LANGUAGES, graphics
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES, LabelResponse, Language, Quirks, ResponseReader
from edge_agent.printers.status import combine
from edge_agent.virtual_printer.firmware import FIRMWARE
from tests.kits.language_kit import MEDIA, SETUP, expected_of, questions_of, response_reader_of, vectors_of
from tests.kits.printer_bench import PrinterBench, cut, overlaid, rows_of

NOISE = b"\r\n\x00?\xff~"


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return LANGUAGES[request.param]


@pytest.fixture
def printer(language: Language) -> PrinterBench:
    bench = PrinterBench(language.name)
    bench.feed(language.preamble(MEDIA, SETUP))
    return bench


def _art(seed: int, width_dots: int = 480, height_dots: int = 320, ink: float = 0.3) -> Bitmap:
    """Dots in blocks, as labels have them, with a blank margin bottom right."""
    dice = random.Random(seed)
    stride = (width_dots + 7) // 8
    row = b""
    rows = b""
    for y in range(height_dots):
        if y % 4 == 0:
            row = bytes(0xFF if dice.random() < ink else 0 for _ in range(stride - 1)) + b"\x00"
        rows += row
    return Bitmap(width_dots, height_dots, rows)


# --- the table --------------------------------------------------------------------------------------------------


def test_folders_and_table_agree() -> None:
    here = Path(languages.__file__).parent
    folders = {path.name for path in here.iterdir() if (path / "__init__.py").exists()}
    assert folders == set(LANGUAGES) == set(FIRMWARE)
    assert all(name == language.name for name, language in LANGUAGES.items())


VECTORS = [vector for kind in ("reply", "graphic", "response") for vector in vectors_of(kind)]


@pytest.mark.parametrize(("language", "vector"), VECTORS)
def test_every_vector_names_its_source(language: Language, vector: dict[str, Any]) -> None:
    assert len(vector["source"]) > 15


def test_every_question_has_a_vector(language: Language) -> None:
    asked = {vector.values[1]["query"] for vector in vectors_of("reply") if vector.values[0] is language}
    assert asked == set(questions_of(language))


# --- answers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "vector"), vectors_of("reply"))
def test_an_answer_arrives_whole_split_with_noise_and_with_more_behind(language: Language, vector: Any) -> None:
    parse, data, expected = questions_of(language)[vector["query"]].parse, vector["bytes"].encode(), expected_of(vector)
    assert parse(data) == (expected, len(data))
    if vector.get("alone"):
        for beside in (NOISE + data, b"\x00" + data, data + b"\x00", data + b"next answer"):
            with pytest.raises(ReplyError):
                parse(beside)
    else:
        parsed = parse(data + b"next answer")
        assert parsed is not None and parsed[0] == expected
        assert (data + b"next answer")[parsed[1] :] == b"next answer"
        assert parse(NOISE + data) == (expected, len(NOISE) + len(data))
    early = [parse(data[:end]) for end in range(len(data))]
    first = next((place for place, found in enumerate(early) if found), len(data))
    assert first >= len(data) - 2, "a value before its last letter (a line end may be missing)"
    assert all(found is not None and found[0] == expected for found in early[first:])


@pytest.mark.parametrize("filler", [b"\x00", b"\x02", b"1,"])
def test_a_buffer_without_an_answer_has_a_limit(language: Language, filler: bytes) -> None:
    for query in questions_of(language).values():
        assert query.parse(b"") is None
        with pytest.raises(ReplyError):
            query.parse(filler * (MAX_REPLY_BYTES + 1))


def test_random_bytes_raise_nothing_else(language: Language) -> None:
    dice = random.Random(7)
    for query in questions_of(language).values():
        for _ in range(300):
            try:
                parsed = query.parse(bytes(dice.choice(b'\x02\x03\r\n"?,*- DIR:09AF\xff') for _ in range(60)))
            except ReplyError:
                continue
            assert parsed is None or not isinstance(parsed[0], PrinterStatus) or parsed[0].health is not Health.OK


def test_a_printer_without_a_ribbon_is_not_out_of_it(language: Language) -> None:
    """Its sensor feels none, whatever the printer is set to when it is asked first."""
    bench = PrinterBench(language.name, ribbon=False)
    speaks = language.with_quirks(Quirks(ribbon=False))
    for _ in ("before its first window", "after"):
        parsed = [query.parse(bench.ask(query.request)) for query in speaks.status_queries]
        status = combine(found[0] if found else None for found in parsed)
        assert (status.health, status.faults, status.idle) == (Health.OK, frozenset(), True)
        bench.feed(speaks.preamble(MEDIA, SETUP))


@pytest.mark.parametrize("ribbon", [None, True])
def test_a_ribbon_that_ended_is_a_fault_of_whoever_may_have_one(language: Language, ribbon: bool | None) -> None:
    bench = PrinterBench(language.name, answer_hs_in_fault=True)
    bench.board.active["ribbon-out"] = 0
    speaks = language.with_quirks(Quirks(ribbon=ribbon))
    parsed = [query.parse(bench.ask(query.request)) for query in speaks.status_queries]
    assert Fault.RIBBON_OUT in combine(found[0] if found else None for found in parsed).faults


# --- what a printer says by itself after each label ----------------------------------------------------------------


def _responses(reader: ResponseReader, data: bytes, bite: int) -> tuple[list[LabelResponse], bytes]:
    """All responses and the rest, as a link gets them that reads `bite` bytes at a time."""
    found: list[LabelResponse] = []
    rest = b""
    for at in range(0, len(data), bite):
        responses, rest = reader(rest + data[at : at + bite])
        found += responses
    return found, rest


def test_only_a_model_that_confirms_is_listened_to_and_each_reader_has_vectors(language: Language) -> None:
    assert language.with_quirks(Quirks()).response_reader is None
    vectors = [vector for vector in vectors_of("response") if vector.values[0] is language]
    assert bool(vectors) == (response_reader_of(language) is not None)


@pytest.mark.parametrize(("language", "vector"), vectors_of("response"))
@pytest.mark.parametrize("bite", [1, 2, 5, 1000])
def test_responses_come_whole_or_in_pieces_and_leave_the_rest(language: Language, vector: Any, bite: int) -> None:
    reader = response_reader_of(language)
    assert reader is not None and len(vector["source"]) > 15
    data, rest = vector["bytes"].encode("latin-1"), vector.get("rest", "").encode("latin-1")
    expected = [LabelResponse(None if word == "printed" else Fault(word)) for word in vector["value"]]
    assert _responses(reader, data, bite) == (expected, rest)
    assert _responses(reader, data + b"\r\nnext answer", bite) == (expected, rest + b"\r\nnext answer")


def test_random_bytes_are_the_same_responses_in_any_pieces(language: Language) -> None:
    reader = response_reader_of(language)
    dice = random.Random(11)
    for _ in range(300 if reader else 0):
        assert reader is not None
        data = bytes(dice.choice(b"\x06\x06\x10\x15\x15\x02\x03\r\n0157-PL ,\xff") for _ in range(60))
        whole = _responses(reader, data, len(data))
        assert _responses(reader, data, 1) == _responses(reader, data, 7) == whole
        assert len(whole[0]) + len(whole[1]) <= len(data)


# --- streams, judged by the firmware of the virtual printer ------------------------------------------------------


@pytest.mark.parametrize("bite", [0, 1, 7])
def test_a_full_label_is_one_label_with_every_dot(language: Language, printer: PrinterBench, bite: int) -> None:
    for art in (_art(1), _art(2, ink=0.9), Bitmap(480, 320, bytes(19200))):
        sheets = printer.feed(language.full_label(art), bite)
        assert [rows_of(sheet) for sheet in sheets] == [art.rows]


@pytest.mark.parametrize("bite", [0, 1, 7])
def test_a_run_label_is_background_and_patches(language: Language, printer: PrinterBench, bite: int) -> None:
    background = _blank_right(_art(3))
    patches = (Patch(281, 17, _art(4, 151, 152)), Patch(290, 203, _art(5, 170, 20)))
    printer.feed(language.store(background), bite)
    sheets = printer.feed(language.run_label(background, patches), bite)
    assert [rows_of(sheet) for sheet in sheets] == [overlaid(background, *patches)]


def _blank_right(art: Bitmap) -> Bitmap:
    rows = b"".join(art.rows[at : at + 30] + bytes(30) for at in range(0, len(art.rows), 60))
    return Bitmap(art.width_dots, art.height_dots, rows)


def test_ink_that_is_stored_already_may_lie_under_a_patch(language: Language, printer: PrinterBench) -> None:
    background = _blank_right(_art(3))
    area = Patch(13, 40, cut(background, 13, 40, 150, 100))
    added = bytes(19 * 40) + b"\xff" * 18 + b"\xfc" + bytes(19 * 59)
    more = Patch(13, 40, Bitmap(150, 100, bytes(a | b for a, b in zip(area.bitmap.rows, added, strict=True))))
    printer.feed(language.store(background))
    sheets = printer.feed(language.run_label(background, [more]))
    assert [rows_of(sheet) for sheet in sheets] == [overlaid(background, more)]
    assert len(language.run_label(background, [area])) < len(language.run_label(Bitmap(480, 320, bytes(19200)), [area]))


@pytest.mark.parametrize(("x", "y"), [(-1, 0), (0, -1), (473, 0), (0, 313), (8, 8)])
def test_a_patch_off_the_label_or_on_stored_ink_is_refused(language: Language, x: int, y: int) -> None:
    background = Bitmap(480, 320, b"\xff" * 2400 + bytes(16800))
    with pytest.raises(RefusedError, match="patch 8×8"):
        language.run_label(background, [Patch(x, y, Bitmap(8, 8, b"\xaa" * 8))])


def test_the_preamble_turns_the_printers_own_reprint_off_and_feeds_nothing(language: Language) -> None:
    bench = PrinterBench(language.name, width_dots=100, height_dots=100)
    assert bench.mechanism.reprint_after_error
    assert bench.feed(language.preamble(Media(203, 472, 312), SETUP)) == []
    assert not bench.mechanism.reprint_after_error
    (sheet,) = bench.feed(language.full_label(_art(1)))
    assert (sheet.width_dots, sheet.height_dots) == (472, 312)


def test_what_is_stored_is_listed_with_its_size(language: Language, printer: PrinterBench) -> None:
    one, two = _art(1), _art(2)
    query = language.objects_query([language.object_name(art) for art in (one, two)])
    assert query is not None
    printer.feed(language.store(one) + language.store(two))
    parsed = query.parse(printer.ask(query.request))
    assert parsed is not None
    assert dict(parsed[0]) == {language.object_name(art): language.object_size(art) for art in (one, two)}
    printer.feed(language.forget([language.object_name(one)]))
    parsed = query.parse(printer.ask(query.request))
    assert parsed is not None and set(parsed[0]) == {language.object_name(two)}


def test_a_list_that_shows_more_than_the_bitmap_is_a_quirk_of_the_profile(language: Language) -> None:
    art = _art(1)
    size, larger = language.object_size(art), language.with_quirks(Quirks(object_overhead_bytes=4)).object_size(art)
    assert language.with_quirks(Quirks()).object_size(art) == size
    assert larger == (None if size is None else size + 4)


def test_another_content_is_another_name(language: Language) -> None:
    arts = [_art(seed) for seed in range(50)] + [
        Bitmap(16, 2, bytes(4)),
        Bitmap(15, 2, bytes(4)),
        Bitmap(8, 4, bytes(4)),
    ]
    assert len({language.object_name(art) for art in arts}) == len(arts)
    assert language.object_name(_art(1)) == language.object_name(_art(1))


@pytest.mark.parametrize(
    "name", ["", "*", "R:*.GRF", "R:LOGO.GRF", "R:0123456~.GRF", "E:01234567.GRF", "R:01234567.GRF^XZ~JA"]
)
def test_only_our_own_objects_can_be_forgotten(language: Language, name: str) -> None:
    ours = language.object_name(_art(1))
    assert language.forget([name]) == b""
    assert language.forget([name, ours]) == language.forget([ours]) != b""


@pytest.mark.parametrize("left_over", [0.1, 0.5, 0.9])
def test_cancel_drops_a_half_received_label_and_prints_nothing(
    language: Language, printer: PrinterBench, left_over: float
) -> None:
    label = language.full_label(_art(1))
    assert printer.feed(label[: int(len(label) * left_over)]) == []
    assert printer.feed(language.cancel()) == []
    assert [rows_of(sheet) for sheet in printer.feed(language.full_label(_art(2)))] == [_art(2).rows]


def test_all_questions_are_answered_by_a_printer_at_rest(language: Language, printer: PrinterBench) -> None:
    for query in questions_of(language).values():
        parsed = query.parse(printer.ask(query.request))
        assert parsed is not None
        if isinstance(parsed[0], PrinterStatus):
            assert parsed[0].health is Health.OK and parsed[0].idle is not False


@pytest.mark.parametrize(("language", "vector"), vectors_of("graphic"))
def test_graphics_match_their_vectors_both_ways(language: Language, vector: dict[str, Any]) -> None:
    rows, stride, text = bytes.fromhex(vector["rows"]), vector["stride"], vector["text"].encode()
    ours = getattr(graphics, vector["form"])(Bitmap(stride * 8, len(rows) // stride, rows))
    assert graphics.decode(text, len(rows), stride) == rows == graphics.decode(ours, len(rows), stride)
    assert ours == text or (vector["form"] == "z64" and len(ours) <= len(text))  # many streams mean the same rows
