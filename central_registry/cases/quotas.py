"""Bounds what strangers may send in a day: of one network, of one serial, of all. Memory of one process, under a salt
that is drawn anew each day: no address is kept, and nobody can tell afterwards who it was."""

from __future__ import annotations

import contextlib
import hashlib
import ipaddress
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from central_registry.problems import ProblemError

_BEIJING = timezone(timedelta(hours=8))
_MOST = 50_000
"""Networks and serials in memory; beyond it nobody new is let in that day."""


@dataclass(frozen=True, slots=True)
class Limits:
    """In a day of Beijing: forms sent and words typed from a network, complaints about a serial and in all; at one
    time: forms that are being read, of a network and of all."""

    forms_of_network: int = 20
    words_of_network: int = 100
    of_serial: int = 5
    of_all: int = 2_000
    open_of_network: int = 2
    open_of_all: int = 8


class Quotas:
    """What one process counted today."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self._day = ""
        self._salt = b""
        self._counts: Counter[bytes] = Counter()
        self._open: Counter[bytes] = Counter()

    def take_form(self, address: str, at: datetime) -> None:
        """A form comes from there; counted before it is read. Raises ProblemError (429)."""
        self._take(f"form {network(address)}", self._limits.forms_of_network, at)

    def take_word(self, address: str, at: datetime) -> None:
        """A word is typed there. Raises ProblemError (429)."""
        self._take(f"word {network(address)}", self._limits.words_of_network, at)

    def take_complaint(self, serial: str, at: datetime) -> None:
        """A form is whole and about that serial. Raises ProblemError (429)."""
        self._take(f"serial {serial}", self._limits.of_serial, at)
        self._take("all", self._limits.of_all, at)

    @contextlib.contextmanager
    def reading(self, address: str) -> Iterator[None]:
        """While a form is read, which holds memory and disk. Raises ProblemError (503)."""
        key, everybody = hashlib.sha256(network(address).encode()).digest(), b""
        if self._open[key] >= self._limits.open_of_network or self._open[everybody] >= self._limits.open_of_all:
            raise ProblemError(
                "busy",
                "正在收别的投诉，请稍后再试 · form: expected few at once, got more; send it again shortly",
                retry_after_s=30,
            )
        self._open.update((key, everybody))
        try:
            yield
        finally:
            self._open.subtract((key, everybody))
            if not self._open[key]:
                del self._open[key]

    def _take(self, name: str, most: int, at: datetime) -> None:
        day = f"{at.astimezone(_BEIJING):%Y-%m-%d}"
        if day != self._day:
            self._day, self._salt = day, secrets.token_bytes(16)
            self._counts.clear()
        key = hashlib.sha256(self._salt + name.encode("utf-8", "replace")).digest()
        if self._counts[key] >= most or (key not in self._counts and len(self._counts) >= _MOST):
            raise ProblemError(
                "enough",
                f"今天收到的太多了，请明天再来，或拨打页面上的电话 · complaint: expected at most {most} a day, got "
                "more; come back tomorrow or call",
                retry_after_s=3_600,
            )
        self._counts[key] += 1


def network(address: str) -> str:
    """Whose an address is, as far as one can tell: an IPv4 address, or the /64 that one household or host is given
    (RFC 6177, section 2)."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((int(found) >> 64 << 64, 64)))
    return str(found)
