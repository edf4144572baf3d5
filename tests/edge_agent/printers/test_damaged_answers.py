"""Damaged answers: whatever a line does to what a printer says, no reader raises anything but `ReplyError`, and none
makes health of it that was not told.

Every answer in every language's `vectors.toml` and `recordings.toml` is damaged in every way that one glitch can: each
bit turned, each byte lost, each byte doubled, cut off at each place from either end. Then in ways that are too many to
try all: two glitches, bursts, two answers run together. And a virtual printer in each of its troubles answers through a
link, in noise.

Some damage no reader can tell, because it makes another good answer. Here that is: *one letter turned into another that
may stand there, or a digit lost from a number or doubled in it*. `[untold]` in a language's `vectors.toml` counts these
cases, so that they are known to be few; that each is of this kind and no other is tested. What stands behind a reader
against them is in `docs/add-a-language.md`.
"""

from __future__ import annotations

import asyncio
import random
import re
import selectors
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from edge_agent.errors import ReplyError
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.printer import Health, Observation, PrinterStatus
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Language, Query
from edge_agent.printers.languages.epl2.answer_bits import CODES
from edge_agent.printers.link import Link
from edge_agent.printers.status import combine
from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.memory import MemoryPeer
from tests.kits.language_kit import MEDIA, SETUP, expected_of, questions_of, response_reader_of, vectors_of
from tests.kits.printer_bench import PrinterBench

ROOT = Path(__file__).resolve().parents[3]
TROUBLES = ("media-out", "ribbon-out", "head-open", "paper-jam", "cutter-jam", "head-hot", "pause")
"""Faults in force, by their names in `virtual/faults.py`; beside them a printer may be busy."""
TWICE_DAMAGED = 1_000
"""Of each answer."""
STREAMS = 2_000
"""Of each language."""


# --- what a line does ----------------------------------------------------------------------------------------------


class Glitch(NamedTuple):
    """What was done (turned, lost, doubled, cut), to which byte, and what came of it."""

    kind: str
    at: int
    data: bytes


def every_glitch(data: bytes) -> Iterator[Glitch]:
    """All that one glitch can do, but for what changes nothing."""
    for at, byte in enumerate(data):
        head, tail = data[:at], data[at + 1 :]
        for bit in range(8):
            yield Glitch("turned", at, head + bytes([byte ^ 1 << bit]) + tail)
        yield Glitch("lost", at, head + tail)
        yield Glitch("doubled", at, head + bytes([byte, byte]) + tail)
        yield Glitch("cut", at, head)
        yield Glitch("cut", at, tail)


def a_glitch(data: bytes, dice: random.Random) -> bytes:
    """One of these, or a burst: a dozen bytes lost, doubled, overwritten with line noise or pushed apart by it."""
    at = dice.randrange(len(data))
    head, byte, tail = data[:at], data[at], data[at + 1 :]
    turned, doubled = bytes([byte ^ 1 << dice.randrange(8)]), bytes([byte, byte])
    one = (head + turned + tail, head + tail, head + doubled + tail, head, tail)
    return dice.choice((*one, *[_burst(data, at, dice)] * 5))


def _burst(data: bytes, at: int, dice: random.Random) -> bytes:
    end = min(len(data), at + dice.randint(1, 12))
    noise = bytes(dice.choice(b'\x00\x02\x03 ,"GZ\x7f\xfe:') for _ in range(end - at))
    return data[:at] + dice.choice((b"", data[at:end] * 2, noise, noise + data[at:end])) + data[end:]


# --- what a reader makes of it -------------------------------------------------------------------------------------


class Nothing:
    """No answer yet, or one that was refused."""


def read(query: Query[Any], data: bytes) -> Any:
    """What the reader tells, or `Nothing`; an error outside the tree is out."""
    try:
        parsed = query.parse(data)
    except ReplyError:
        return Nothing
    return Nothing if parsed is None else parsed[0]


def says_too_much(told: Any, truth: Any, answer: bytes = b"") -> bool:
    """Whether proof could be built on what the printer did not say: health, rest, a count, a picture, its size."""
    if told is Nothing:
        return False
    if isinstance(told, PrinterStatus):
        return told.health is Health.OK and _better(told, truth)
    if isinstance(told, Mapping):
        named = {word.decode() for word in re.findall(rb"[\w:.]+", answer)} | truth.keys()
        return any(name in named for name, _ in told.items() - truth.items())
    return bool(told != truth)


def _better(told: PrinterStatus, truth: PrinterStatus) -> bool:
    rests, taken = told.idle is True and truth.idle is not True, truth.label_waiting and not told.label_waiting
    return truth.health is not Health.OK or rests or taken


FOR_PEOPLE = ("UQ", "~!T", "~HI", "settings")
"""Questions whose answers no proof is built on: a model's name, its settings."""


def answers_of(language: Language, *, proof: bool = True) -> Iterator[tuple[Query[Any], bytes, Any]]:
    """Question, answer, truth of every vector."""
    for speaks, vector in (found.values for found in vectors_of("reply")):
        if speaks is language and (vector["query"] not in FOR_PEOPLE) is proof:
            yield questions_of(language)[vector["query"]], vector["bytes"].encode(), expected_of(vector)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> Language:
    return LANGUAGES[request.param]


def test_what_one_glitch_can_make_of_an_answer_is_counted(language: Language) -> None:
    """`[untold]` in a language's vectors.toml; where it says nothing, there is no such case."""
    tried, untold = Counter[str](), Counter[str]()
    for query, answer, truth in answers_of(language):
        for glitch in every_glitch(answer):
            tried[query.name] += 1
            if says_too_much(read(query, glitch.data), truth, answer):
                untold[query.name] += 1
                assert _is_another_letter(glitch, answer, isinstance(truth, PrinterStatus)), (glitch, answer)
    assert untold == untold_of(language)
    told = (ROOT / "docs" / "add-a-language.md").read_text(encoding="utf-8")
    assert [name for name in tried if f"{untold[name]} of {tried[name]}" not in told] == []
    assert all(untold[query.name] * 500 <= tried[query.name] for query in language.status_queries)


DIGITS = frozenset(b"0123456789?")
"""`?` stands where a printer has no number."""
LETTERS = frozenset(range(0x40, 0x7F))
"""TSPL's <ESC>!S says everything in one letter from @ on."""


def _is_another_letter(glitch: Glitch, answer: bytes, status: bool) -> bool:
    was = answer[glitch.at]
    if glitch.kind != "turned":
        return not status and glitch.kind in ("lost", "doubled") and was in DIGITS
    return any({was, glitch.data[glitch.at]} <= letters for letters in (DIGITS | set(b" "), LETTERS))


def test_two_glitches_hardly_ever_make_health(language: Language) -> None:
    tried, untold = Counter[str](), Counter[str]()
    for query, answer, truth in answers_of(language):
        dice = random.Random(answer)
        for _ in range(TWICE_DAMAGED):
            once = a_glitch(answer, dice)
            tried[query.name] += 1
            untold[query.name] += says_too_much(read(query, a_glitch(once or answer, dice)), truth, answer)
    assert all(untold[query.name] * 1_000 <= tried[query.name] for query in language.status_queries)


def test_answers_for_people_may_be_wrong_but_are_read_or_refused(language: Language) -> None:
    for query, answer, truth in answers_of(language, proof=False):
        told = [read(query, glitch.data) for glitch in every_glitch(answer)]
        assert {type(one) for one in told} <= {type(Nothing), type(truth)}
        assert Nothing in told


def test_of_two_answers_run_together_one_is_told_or_none(language: Language) -> None:
    """A byte is lost anywhere in the two; and an answer that came twice is told."""
    for query, answer, truth in answers_of(language):
        if query.name not in ALONE:
            assert read(query, answer * 2) == truth
        for asked, behind, other in answers_of(language):
            both = answer + behind
            for at in range(len(both) if asked.name == query.name else 0):
                told = read(query, both[:at] + both[at + 1 :])
                if isinstance(told, PrinterStatus):
                    assert not (says_too_much(told, truth) and says_too_much(told, other)), (at, both)


ALONE = {found.values[1]["query"] for found in vectors_of("reply") if found.values[1].get("alone")}
"""Questions whose answer has no frame: two of them are none."""


def untold_of(language: Language) -> Mapping[str, int]:
    text = files(f"edge_agent.printers.languages.{language.name}").joinpath("vectors.toml").read_text("utf-8")
    return dict(tomllib.loads(text).get("untold", {}))


# --- what a printer in trouble says --------------------------------------------------------------------------------


def in_trouble(language: Language, trouble: str) -> PrinterBench:
    """A printer that answers all it is asked, and is not ready."""
    bench = PrinterBench(language.name, answer_hs_in_fault=True)
    bench.feed(language.preamble(MEDIA, SETUP))
    if trouble == "busy":
        bench.feed(language.full_label(Bitmap(480, 320, bytes(19_200))))
    else:
        bench.board.active[trouble] = 0
    return bench


def seems_quiet(language: Language, answers: list[bytes]) -> bool:
    told = [read(query, answer) for query, answer in zip(language.status_queries, answers, strict=True)]
    return Observation(combine(None if one is Nothing else one for one in told)).quiet


@pytest.mark.parametrize("trouble", [*TROUBLES, "busy"])
def test_one_glitch_in_all_its_answers_makes_no_printer_quiet(language: Language, trouble: str) -> None:
    """But for a bit of a busy Zebra's ~HS, which ~HQES cannot deny, since it knows faults only. Who proves asks
    twice."""
    bench = in_trouble(language, trouble)
    answers = [bench.ask(query.request) for query in language.status_queries]
    assert not seems_quiet(language, answers)
    made_quiet = [
        glitch
        for place, answer in enumerate(answers)
        for glitch in every_glitch(answer)
        if seems_quiet(language, [*answers[:place], glitch.data, *answers[place + 1 :]])
    ]
    assert len(made_quiet) == ((language.name, trouble) == ("zpl", "busy")), made_quiet


def test_the_faults_that_stop_an_epl2_printer_are_two_bits_away_from_health() -> None:
    """^ee says everything in two digits and has no second question beside it."""
    ready = int.from_bytes(b"00")
    near = {code for code in CODES if (int.from_bytes(b"%02d" % code) ^ ready).bit_count() == 1}
    assert near == {1, 2, 4, 8, 10, 80}
    assert not near & {7, 11, 12, 50, 81, 84}, "paper or ribbon, head, pause, busy, cutter, feeding"


# --- and what a link makes of it -----------------------------------------------------------------------------------


class JumpingClock(selectors.SelectSelector):
    """Whoever waits has waited: silence costs no time. Its loop must take its time from here."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> Any:
        self.now_s += timeout or 0.0
        return super().select(0)


def jumping_loop() -> asyncio.AbstractEventLoop:
    clock = JumpingClock()
    loop = asyncio.SelectorEventLoop(clock)
    loop.time = lambda: clock.now_s  # type: ignore[method-assign]
    return loop


class Noise:
    """What stands between answers. Noise that happens to spell a good answer is one: it is counted, and not used."""

    def __init__(self, language: Language) -> None:
        self.language, self.dice, self.spelt = language, random.Random(language.name), 0

    def around(self, answers: list[bytes]) -> bytes:
        """The answers in noise; one may be lost, said twice or damaged."""
        stream = self.piece()
        for answer in answers:
            damaged = _burst(answer, self.dice.randrange(len(answer)), self.dice)
            stream += self.dice.choice((b"", answer * 2, damaged, answer, answer, answer)) + self.piece()
        return stream

    def piece(self) -> bytes:
        letters = self.dice.choice(LETTERS_OF_NOISE)
        noise = bytes(self.dice.choice(letters) for _ in range(self.dice.choice((0, 1, 3, 40))))
        if not seems_quiet(self.language, [noise] * len(self.language.status_queries)):
            return noise
        self.spelt += 1
        return self.piece()


LETTERS_OF_NOISE = (bytes(range(256)), b"\x00\xff\x7f\xfe~", b"\x00", b'\x02\x03\r\n,"@P0 ', b"\x06\x15\x10")


async def observed(language: Language, streams: Iterator[bytes]) -> list[tuple[bytes, Observation]]:
    """What a link sees of a printer that answers with these."""
    asked = sum(len(query.request) for query in language.status_queries)
    seen = []
    with MemoryPeer("noisy") as peer:
        link = Link(language, open_transport("memory://noisy", write_timeout_s=2.0), reply_timeout_s=2.0)
        await link.connect()
        for stream in streams:
            peer.received.clear()
            observing = asyncio.create_task(link.observe())
            await peer.receive(asked)
            await peer.send(stream)
            seen.append((stream, await observing))
        await link.close()
    return seen


def test_noise_never_turns_a_printer_that_is_not_ready_into_a_quiet_one(language: Language) -> None:
    """EPL2's `00` CR LF is so short that noise of its own letters spells it once in a while."""
    noise, benches = Noise(language), [in_trouble(language, trouble) for trouble in (*TROUBLES, "busy")]
    troubles = [[bench.ask(query.request) for query in language.status_queries] for bench in benches]
    streams = (noise.around(noise.dice.choice(troubles)) for _ in range(STREAMS))
    with asyncio.Runner(loop_factory=jumping_loop) as runner:
        seen = runner.run(observed(language, streams))
    assert len(seen) == STREAMS
    assert [stream for stream, observation in seen if observation.quiet] == []
    assert {one.status.health for _, one in seen} >= {Health.FAULT, Health.UNKNOWN}, "some are read, some are not"
    assert noise.spelt <= (STREAMS // 500 if len(language.status_queries) == 1 else 0)


def test_and_a_printer_that_is_ready_is_quiet_where_there_is_no_noise(language: Language) -> None:
    bench = PrinterBench(language.name)
    answer = b"".join(bench.ask(query.request) for query in language.status_queries)
    with asyncio.Runner(loop_factory=jumping_loop) as runner:
        seen = runner.run(observed(language, iter([answer] * 20)))
    assert all(observation.quiet for _, observation in seen)


# --- what a printer says by itself ---------------------------------------------------------------------------------

ACK = 0x06


@pytest.mark.parametrize(("language", "vector"), vectors_of("response"))
def test_one_glitch_confirms_no_label_that_was_not_confirmed(language: Language, vector: Any) -> None:
    """But for an ACK that came twice, which is one too many and makes doubt; and one bared within a damaged answer."""
    reader = response_reader_of(language)
    assert reader is not None
    answer, confirmed = vector["bytes"].encode("latin-1"), vector["value"].count("printed")
    for glitch in every_glitch(answer):
        responses, rest = reader(glitch.data)
        more = sum(one.fault is None for one in responses) - confirmed
        twice = glitch.kind == "doubled" and answer[glitch.at] == ACK
        bared = answer.startswith(b"0\x06") and glitch.at <= 1 and not glitch.data.startswith(b"0\x06")
        assert more <= (1 if twice or bared else 0), glitch
        assert len(responses) + len(rest) <= len(glitch.data)
