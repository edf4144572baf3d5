"""An echo is told from an answer, whichever way it comes; no answer that a printer ever gave passes for one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from edge_agent.errors import EchoError
from edge_agent.printers.echo import EchoWatch
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Language
from edge_agent.printers.link import Link
from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.memory import MemoryPeer
from tests.kits.language_kit import questions_of, vectors_of

Way = Callable[[bytes], bytes]
WAYS: dict[str, Way] = {
    "as it is": lambda sent: sent,
    "one sign a line end": lambda sent: sent.replace(b"\r\n", b"\n"),
    "carriage returns": lambda sent: sent.replace(b"\r\n", b"\r"),
    "a terminal": lambda sent: sent.replace(b"\r\n", b"\n").replace(b"\x1b", b"^["),
}
"""How a line, a modem and a terminal say back what they get."""


def requests_of(language: Language) -> list[bytes]:
    """What goes out in one write."""
    single = [query.request for query in questions_of(language).values()]
    sets: Sequence[Sequence[Any]] = (language.status_queries, language.identity_queries)
    return [*single, *(b"".join(query.request for query in one) for one in sets)]


REQUESTS = [
    pytest.param(request, id=f"{name}-{request[:12]!r}")
    for name, language in LANGUAGES.items()
    for request in requests_of(language)
]


@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
@pytest.mark.parametrize("request_", REQUESTS)
def test_an_echo_is_told_and_no_reader_sees_a_byte_of_it(request_: bytes, way: Way) -> None:
    for bite in (1, 2, len(request_)):
        watch, seen = EchoWatch(), b""
        watch.asked(request_, b"")
        with pytest.raises(EchoError, match="loop-back"):
            for at in range(0, len(echoed := way(request_)), bite):
                seen += watch.heard(echoed[at : at + bite])
        # what a terminal writes for ESC begins unlike ESC; that one sign is no status of any reader by itself
        assert seen in (b"", b"^")


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_echo_of_what_went_before_the_question_is_told_however_much_of_it_was_dropped(name: str) -> None:
    language = LANGUAGES[name]
    cancel, asked = language.cancel(), requests_of(language)[-2]
    for dropped in (0, 1, 3, len(cancel) // 2, len(cancel) - 1, len(cancel)):
        watch = EchoWatch()
        watch.sent(cancel)
        with pytest.raises(EchoError):
            watch.asked(asked, cancel[:dropped])
            watch.heard(cancel[dropped:])
            watch.heard(asked)


def test_an_echo_behind_the_answer_is_told_before_the_next_question() -> None:
    watch = EchoWatch()
    watch.asked(b"~HI\r\n", b"")
    assert watch.heard(b"\x02ZD421\x03\r\n") == b"\x02ZD421\x03\r\n"
    watch.in_step()
    with pytest.raises(EchoError):
        watch.asked(b"~HS\r\n", b"~HI\r\n")


def test_an_echo_behind_noise_is_told_by_a_whole_line() -> None:
    watch = EchoWatch()
    watch.asked(b"~HS\r\n~HQES\r\n", b"\x00\xff")
    assert watch.heard(b"\xfe") == b"\xfe"
    with pytest.raises(EchoError):
        watch.heard(b"\x7f\r\n~HQES\r\n")


def test_what_may_be_an_echo_is_read_when_it_turns_out_to_be_none() -> None:
    watch = EchoWatch()
    watch.asked(b"\x1b!?\x1b!?\x1b!?", b"")
    assert watch.heard(b"\x1b") == b"", "it may be the first byte of an echo"
    assert watch.heard(b"\x1b") == b"\x1b\x1b", "head open, jam, no ribbon, paused: a status like any other"
    watch.asked(b"\x1b!?\x1b!?\x1b!?", b"")
    assert (watch.heard(b"\x1b"), watch.heard(b"")) == (b"", b"\x1b"), "silence follows no echo"


def test_empty_lines_are_no_echo() -> None:
    watch = EchoWatch()
    watch.sent(b"\n" * 2049 + b"^@\r\n")
    watch.asked(b"^ee\r\n", b"\n" * 40)
    assert watch.heard(b"00\r\n") == b"00\r\n"


@pytest.mark.parametrize(("language", "vector"), vectors_of("reply"))
def test_no_answer_passes_for_an_echo(language: Language, vector: dict[str, Any]) -> None:
    said = vector["bytes"].encode("latin-1")
    for request in requests_of(language):
        for bite in (1, len(said) or 1):
            watch, seen = EchoWatch(), b""
            watch.sent(language.cancel())
            watch.asked(request, b"")
            for at in range(0, len(said), bite):
                seen += watch.heard(said[at : at + bite])
            assert seen + watch.heard(b"") == said


@pytest.mark.parametrize("name", LANGUAGES)
async def test_a_loop_back_plug_is_told(name: str) -> None:
    link = Link(LANGUAGES[name], open_transport("loop://", write_timeout_s=2.0), reply_timeout_s=2.0)
    await link.connect()
    await link.cancel()
    with pytest.raises(EchoError):
        await link.status()
    await link.close()


async def test_a_link_asks_no_further_on_a_line_that_echoes() -> None:
    """And a new connection is a new line."""
    with MemoryPeer("echoing") as peer:
        link = Link(LANGUAGES["zpl"], open_transport("memory://echoing", write_timeout_s=1.0), reply_timeout_s=0.05)
        await link.connect()
        await peer.send(b"~HS\r\n~HQES\r\n")
        await link.send(b"~HS\r\n~HQES\r\n")
        with pytest.raises(EchoError):
            await link.status()
        await link.close()
        await link.connect()
        assert (await link.status()).idle is None
        await link.close()
