"""Answers are read in their order; what nobody could read is kept under its question, as it came."""

from __future__ import annotations

import pytest

from edge_agent.errors import ReplyError
from edge_agent.model.printer import Health
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES
from edge_agent.printers.link import Link
from edge_agent.printers.reading import MOST_SHOWN_BYTES, Reading, shown
from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.memory import MemoryPeer

STATUS = LANGUAGES["zpl"].status_queries
NEW = b"\x02030,0,0,0346,000,0,0,0,000,0,0,0,NEW FIELD\x03\r\n"
"""A first line of ~HS as no reader knows it."""
QUIET = b"\x02030,0,0,0346,000,0,0,0,000,0,0,0\x03\r\n\x02001,0,0,0,1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
WORDS = (
    b"\x02\r\n\r\n  PRINTER STATUS                             \r\n"
    b"   ERRORS:         0 00000000 00000000          \r\n"
    b"   WARNINGS:       0 00000000 00000000          \r\n\x03"
)


def test_what_one_question_got_and_could_not_be_read_is_kept_though_the_next_one_is_answered() -> None:
    reading = Reading(STATUS)
    reading.read(b"E99 busy\r\n" + WORDS)
    assert reading.complete and reading.answers[0] is None and reading.answers[1].health is Health.OK
    assert reading.unread({}) == {"~HS": "E99 busy\\r\\n"}


def test_what_no_reader_takes_is_kept_whole() -> None:
    reading = Reading(STATUS)
    with pytest.raises(ReplyError):
        reading.read(NEW + WORDS)
    assert reading.unread({}) == {"~HS": shown(NEW + WORDS)}


def test_of_a_question_met_with_silence_nothing_is_kept() -> None:
    reading = Reading(STATUS)
    reading.read(WORDS)
    assert reading.unread({}) == {}, "the first was silent, the second answered"
    silent = Reading(STATUS)
    silent.read(b"")
    assert silent.unread({"~HS": "before", "~HI": "other"}) == {"~HS": "before", "~HI": "other"}


def test_what_came_and_is_no_whole_answer_is_kept() -> None:
    reading = Reading(STATUS)
    reading.read(QUIET[:40])
    assert not reading.complete and reading.unread({}) == {"~HS": shown(QUIET[:40])}


def test_too_much_is_refused_and_kept() -> None:
    reading = Reading(STATUS)
    with pytest.raises(ReplyError, match="at most 65536 bytes"):
        reading.read(b"x" * (MAX_REPLY_BYTES + 1))
    assert reading.unread({})["~HS"].startswith("xxx") and len(reading.unread({})["~HS"]) < 2 * MOST_SHOWN_BYTES


def test_it_is_shown_on_one_line_escaped_and_cut() -> None:
    assert shown(b"\x02a\x1b[31m\r\n\xe6'\"") == "\\x02a\\x1b[31m\\r\\n\\xe6\\'\""
    long = shown(b"a" * (MOST_SHOWN_BYTES + 7))
    assert long == "a" * MOST_SHOWN_BYTES + "… (+7 bytes)"


async def test_a_link_keeps_it_until_the_question_is_answered_or_the_line_is_another() -> None:
    with MemoryPeer("strange") as peer:
        link = Link(LANGUAGES["zpl"], open_transport("memory://strange", write_timeout_s=1.0), reply_timeout_s=0.05)
        await link.connect()
        for said, unread in [
            (b"what?\r\n", {"~HS": "what?\\r\\n"}),
            (b"", {"~HS": "what?\\r\\n"}),
            (QUIET + WORDS, {}),
        ]:
            await _answered(link, peer, said)
            assert dict(link.unread) == unread
        await _answered(link, peer, b"what?\r\n")
        await link.close()
        await link.connect()
        assert dict(link.unread) == {}
        await link.close()


async def _answered(link: Link, peer: MemoryPeer, said: bytes) -> None:
    """One look, met by these bytes."""
    write = link.transport.write

    async def writing(data: bytes) -> None:
        await write(data)
        await peer.send(said)

    link.transport.write = writing  # type: ignore[method-assign]
    await link.status()
    link.transport.write = write  # type: ignore[method-assign]
