"""The one place where a language meets a transport: questions become values, silence becomes None.

A link never retries a write, and never takes a late answer for a fresh one: after a silence it first listens the line
empty before it asks again. Questions that belong together are sent together, because each answer waited for alone is
time in which the print engine stands still. What a model has never answered though it is well is asked no more.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from edge_agent.errors import LinkError, ReplyError
from edge_agent.model.media import ReportedSettings
from edge_agent.model.printer import Fault, Health, Observation, PrinterStatus
from edge_agent.model.printer_identity import PrinterIdentity
from edge_agent.printers.echo import EchoWatch
from edge_agent.printers.languages.contract import MAX_REPLY_BYTES, Language, Query
from edge_agent.printers.reading import Reading
from edge_agent.printers.status import combine
from edge_agent.printers.transports.contract import Transport

T = TypeVar("T")

LEARN_TRIES = 3
"""So many times a question may stay unanswered by a printer that is well, before it counts as one it cannot answer."""


class Link:
    """Speaks with one printer.

    Args:
        reply_timeout_s: how long an answer may take before the question counts as unanswered.
        unanswered: names of the questions that this model never answers, by its profile.
    """

    def __init__(
        self,
        language: Language,
        transport: Transport,
        *,
        reply_timeout_s: float,
        unanswered: frozenset[str] = frozenset(),
    ) -> None:
        self.language = language
        self.transport = transport
        self.reply_timeout_s = reply_timeout_s
        self.connected = False
        self.label_faults: frozenset[Fault] = frozenset()
        """Faults that the printer told by itself since `expect_labels`."""
        self._confirms = language.response_reader is not None
        self._confirmed = 0
        self._unanswered = unanswered
        self._never = set(unanswered)
        self._misses: Counter[str] = Counter()
        self._heard: set[str] = set()
        self._late = self._unheard = False
        self._posed: list[Query[Any]] = []
        self._echo = EchoWatch()
        self.unread: Mapping[str, str] = {}
        """By the question's name: what came last over this connection and was no answer to it, escaped and cut."""
        self.unanswered = False
        """Since `expect_labels` all questions for its status stayed without an answer, even a late one: it was off, or
        the line was."""

    @property
    def two_way(self) -> bool:
        """Whether the printer can be heard at all."""
        return self.transport.two_way

    @property
    def counts(self) -> bool:
        """Whether the printer can tell its label counter, as far as is known."""
        return self._asked(self.language.counter_query) is not None

    @property
    def lists_objects(self) -> bool:
        """Whether the printer can show what is stored in it, as far as is known."""
        return self._asked(self.language.objects_query()) is not None

    @property
    def confirmed(self) -> int | None:
        """Labels that the printer confirmed one by one since `expect_labels`; None if it does not."""
        return self._confirmed if self._confirms else None

    def disbelieve_early_confirmations(self) -> None:
        """Called before any label was sent: a printer that has confirmed something by now confirms more than labels
        (ESim, p. 130: US itself is answered), so what it confirms later proves nothing."""
        self._confirms = self._confirms and not self._confirmed

    def expect_labels(self) -> None:
        """A window begins: count its confirmations from here."""
        self._confirmed, self.label_faults, self.unanswered = 0, frozenset(), False

    async def connect(self) -> None:
        """Open the transport; sends nothing. What was learnt of missing abilities is forgotten: another printer may
        stand there now, or the same one was only slow. Raises LinkDownError."""
        await self.transport.open()
        self._never = set(self._unanswered)
        self._misses.clear()
        self.connected = True
        self._late = self._unheard = False
        self._posed = []
        self._echo, self.unread = EchoWatch(), {}

    async def close(self) -> None:
        """Close; never raises."""
        self.connected = False
        await self.transport.close()

    async def send(self, data: bytes) -> None:
        """Hand bytes over; raises as `Transport.write`."""
        self._echo.sent(data)
        await self.transport.write(data)

    async def flush(self) -> None:
        """Go on with bytes that were blocked; raises as `Transport.flush`."""
        await self.transport.flush()

    async def commit(self, title: str) -> None:
        """A window's bytes are complete; raises as `Transport.commit`."""
        await self.transport.commit(title)

    async def overhear(self) -> None:
        """Drop what a printer says that is asked nothing. Raises LinkBrokenError: it has hung up."""
        with contextlib.suppress(ReplyError):
            await self._listen_empty()

    # --- questions ---------------------------------------------------------------------------------------------

    async def ask(self, query: Query[T]) -> T | None:
        """The printer's answer, or None for silence.

        Raises:
            LinkBrokenError: the connection ended.
            EchoError: what was sent comes back.
            ReplyError: the answer is complete and not in the language, or the line does not fall silent.
        """
        answers: list[T | None] = await self._converse([query])
        return answers[0]

    async def ask_together(self, queries: Sequence[Query[Any]]) -> list[Any]:
        """Answers to questions sent at once, in their order; None for each that was silent or garbled.

        A reader that refuses what stands next leaves its question unanswered and the text to the next question: out of
        media, a Zebra may answer the second question of two. Raises LinkBrokenError, EchoError.
        """
        try:
            return await self._converse(queries)
        except ReplyError:
            return [None] * len(queries)

    async def _pose(self, queries: Sequence[Query[Any]]) -> None:
        request = b"".join(query.request for query in queries)
        self._echo.asked(request, await self._listen_empty())
        await self.transport.write(request)

    async def _converse(self, queries: Sequence[Query[Any]]) -> list[Any]:
        if queries is not self._posed:
            await self._pose(queries)
        self._posed = []
        deadline = asyncio.get_running_loop().time() + self.reply_timeout_s
        reading = Reading(queries)
        try:
            while (left_s := deadline - asyncio.get_running_loop().time()) > 0:
                chunk = await self.transport.read(left_s)
                reading.read(self._without_responses(reading.rest + self._echo.heard(chunk)))
                if reading.complete:
                    self._echo.in_step()
                    return reading.answers
        finally:
            self.unread = reading.unread(self.unread)
        self._late = True
        return reading.answers + [None] * (len(queries) - len(reading.answers))

    async def _listen_empty(self) -> bytes:
        """Drop bytes nobody asked for, and return them. After a silence, await the late answer, so that it is not taken
        for the next."""
        wait_s = self.reply_timeout_s if self._late or self._posed else 0.0
        dropped = b""
        while chunk := await self.transport.read(wait_s):
            dropped += chunk
            if len(dropped) > MAX_REPLY_BYTES:
                raise ReplyError(
                    f"line: expected silence before a question, got {len(dropped)} bytes; is it a printer?"
                )
            wait_s = min(wait_s, 0.05)
        said = self._without_responses(dropped)
        self.unanswered |= self._unheard and not said
        self._late, self._unheard, self._posed = False, False, []
        return dropped

    def _without_responses(self, buffer: bytes) -> bytes:
        """What is left of the buffer when the printer's own words about its labels are taken out and counted."""
        reader = self.language.response_reader
        if reader is None:
            return buffer
        responses, rest = reader(buffer)
        self._confirmed += sum(one.fault is None for one in responses)
        self.label_faults |= {one.fault for one in responses if one.fault is not None}
        return rest

    # --- observations ------------------------------------------------------------------------------------------

    async def pose_status(self) -> None:
        """Ask for the status and go on: the next `status` hears the answers, which tell how it was now. Whatever else
        is asked before drops them. Raises LinkError."""
        queries = self._status_questions()
        with contextlib.suppress(ReplyError):
            await self._pose(queries)
            self._posed = queries

    def _status_questions(self) -> list[Query[Any]]:
        return [query for query in map(self._asked, self.language.status_queries) if query is not None]

    async def status(self) -> PrinterStatus:
        """All status questions, combined; a garbled answer is worth as much as none."""
        queries = self._posed or self._status_questions()
        answers = await self.ask_together(queries) if queries else []
        self._unheard = self._late and not any(answers)
        status = combine(answers)
        if any(one is not None and one.health is Health.OK for one in answers) and not status.faults:
            self._learn(queries, answers)
        return status

    async def observe(self, names: Sequence[str] = ()) -> Observation:
        """Status, then counter and (if `names` are given) stored objects; these only from a printer that is idle and
        well, because a busy one may answer them when it has printed."""
        status = await self.status()
        calm = Observation(status, responses=self.confirmed)
        if not calm.quiet:
            return calm
        counter, objects = self._asked(self.language.counter_query), None
        if names:
            objects = self._asked(self.language.objects_query(names))
        queries = [query for query in (counter, objects) if query is not None]
        answers = await self.ask_together(queries) if queries else []
        self._learn(queries, answers)
        told = {query.name: answer for query, answer in zip(queries, answers, strict=True)}
        return Observation(
            status,
            told[counter.name] if counter else None,
            told[objects.name] if objects else None,
            self.confirmed,
        )

    def _asked(self, query: Query[T] | None) -> Query[T] | None:
        return None if query is None or query.name in self._never else query

    def _learn(self, queries: Sequence[Query[Any]], answers: Sequence[Any]) -> None:
        """Remember who answers. Once heard, a question stays: its silence is then silence and not a missing ability.
        Of several silent ones only the first is blamed; the others' answers may lie unread behind it."""
        self._heard |= {query.name for query, answer in zip(queries, answers, strict=True) if answer is not None}
        silent = next((query for query, answer in zip(queries, answers, strict=True) if answer is None), None)
        if silent is not None and silent.name not in self._heard:
            self._misses[silent.name] += 1
            if self._misses[silent.name] >= LEARN_TRIES:
                self._never.add(silent.name)

    async def settings(self) -> ReportedSettings | None:
        """What the printer says it is set to, or None."""
        query = self._asked(self.language.settings_query)
        if query is None:
            return None
        answers: list[ReportedSettings | None] = await self.ask_together([query])
        self._learn([query], answers)
        return answers[0]

    async def identity(self) -> str | None:
        """Model and firmware by the printer's own word, or None."""
        query = self._asked(self.language.identity_query)
        return (await self.ask_together([query]))[0] if query else None

    async def who(self) -> PrinterIdentity:
        """Which printer answers, as far as it tells; it may tell nothing. Raises LinkBrokenError."""
        queries = [query for query in self.language.identity_queries if query.name not in self._unanswered]
        answers: list[PrinterIdentity | None] = await self.ask_together(queries) if queries else []
        found = PrinterIdentity()
        for answer in answers:
            found = found if answer is None else found.over(answer)
        return found

    async def cancel(self) -> None:
        """Tell the printer to drop what it still holds. A link that cannot carry it any more is closed instead."""
        try:
            await self.send(self.language.cancel())
        except LinkError:
            await self.close()
