"""Tells an echo from an answer: a loop-back plug, a modem, a half-duplex adapter, a terminal server with local echo.

What comes back over such a line is what was sent. Three of its bytes can look like a status, so it is looked for before
any reader sees a byte; and a line that echoes is refused even where right answers stand behind the echo. Whoever says a
byte back while the next one comes may miss that one, and a picture with a byte missing is printed and counted. Pure.
"""

from __future__ import annotations

import re

from edge_agent.errors import EchoError

LEAST_BYTES = 3
"""No printer begins an answer with so many bytes of what it was told; a test holds every known answer against this."""

MOST_BYTES = 8192
"""So much is compared: the longest `cancel` (TSPL's, 4109 bytes) and the first questions behind it."""

_CR_LF, _ESC = b"\r\n", b"\x1b"
_LINE = re.compile(rb"[^\r\n]{2,}")


class EchoWatch:
    """Holds what comes over one connection against what was sent since question and answer were last in step."""

    def __init__(self) -> None:
        self._sent = self._heard = b""
        self._asked = self._answer = b""
        self._given = 0

    def sent(self, data: bytes) -> None:
        """Something went out."""
        self._sent = (self._sent + data)[:MOST_BYTES]

    def asked(self, request: bytes, dropped: bytes) -> None:
        """A question goes out, and `dropped` is what was on the line before it.

        Raises:
            EchoError: that is what had been sent.
        """
        self._compare(self._sent, dropped)
        self._asked, self._answer, self._given = request, b"", 0
        self.sent(request)

    def heard(self, chunk: bytes) -> bytes:
        """What a reader may have of all that came by now: nothing as long as it may be the beginning of an echo. An
        empty chunk is silence, after which it is none.

        Raises:
            EchoError: it is one.
        """
        self._compare(self._sent, chunk)
        self._answer += chunk
        if _begins_as(self._asked, self._answer) or _lines(self._asked) & _lines(self._answer):
            raise _error(self._answer)
        if chunk and any(form.startswith(self._answer) for form in _forms(self._asked)):
            return b""
        fresh, self._given = self._answer[self._given :], len(self._answer)
        return fresh

    def in_step(self) -> None:
        """The question is answered. Its echo may still follow: some say a line back when it is whole."""
        self._sent, self._heard = self._asked, b""

    def _compare(self, sent: bytes, chunk: bytes) -> None:
        self._heard = (self._heard + chunk)[:MOST_BYTES]
        if _begins_as(sent, self._heard):
            raise _error(self._heard)


def _begins_as(sent: bytes, heard: bytes) -> bool:
    """Whether the two are the same as far as the shorter one goes, and that is all that was sent or more than chance;
    empty lines count for nothing. Most answers part from it with their first sign, which is looked at first."""
    if heard.lstrip()[:1] not in (sent.lstrip()[:1], b"^"):
        return False
    return any(
        (same := _same(form, heard).strip()) and (len(same) >= LEAST_BYTES or len(heard) >= len(form))
        for form in _forms(sent)
    )


def _same(sent: bytes, heard: bytes) -> bytes:
    most = min(len(sent), len(heard))
    return heard[:most] if heard[:most] == sent[:most] else b""


def _forms(sent: bytes) -> tuple[bytes, ...]:
    """As a line says it back, and as a terminal does: one sign for a line end, `^[` for ESC."""
    ends = (sent, sent.replace(_CR_LF, b"\n"), sent.replace(_CR_LF, b"\r"))
    return (*ends, *(one.replace(_ESC, b"^[") for one in ends if _ESC in one))


def _lines(text: bytes) -> set[bytes]:
    """Whole lines, for an echo that begins in the middle or behind noise."""
    return set(_LINE.findall(text[: text.rfind(b"\n") + 1]))


def _error(heard: bytes) -> EchoError:
    return EchoError(
        f"line: expected a printer's answer, got back what was sent ({heard.strip()[:40]!r}); turn echo off at the "
        "adapter, terminal server or modem, or take the loop-back plug off"
    )
