"""Lets nobody guess for long: waits that grow with wrong tries, for each address, for each login from one address, and
for logins that nobody has. Who came in well from an address is not kept out there by what others try elsewhere.

It is memory of one process, under salted hashes: no address and no login is kept. A person's own wrong tries stand in
the database (`log_in`), so that neither a restart nor another process gives more of them.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from central_registry.problems import ProblemError
from label_protocol.networks import counted_as, plain_address

FREE_TRIES = 4
"""Wrong tries of one login before the first wait."""

FREE_TRIES_OF_ADDRESS = 30
"""A whole office may come from one address; one of IPv6 stands for its /64, within which everybody has any."""

_FIRST, _LONGEST = timedelta(seconds=30), timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)
"""Wrong tries, whether or not there is such a login."""

_WELCOME = timedelta(days=30)
_MOST = 20_000
"""Addresses and logins in memory; beyond it the oldest are forgotten."""


def wait_after(failures: int, free: int = FREE_TRIES) -> timedelta:
    """How long the next try has to wait: nothing at first, then 30 s, doubled each time up to a quarter of an hour.
    Never for good: whoever knows a login could lock its owner out."""
    over = failures - free
    return timedelta(0) if over <= 0 else min(_FIRST * 2 ** min(over - 1, 10), _LONGEST)


@dataclass(frozen=True, slots=True)
class _Seen:
    failures: int
    last: datetime
    until: datetime


class Doorstep:
    """What one process remembers of wrong tries."""

    def __init__(self) -> None:
        self._salt = secrets.token_bytes(16)
        self._seen: dict[bytes, _Seen] = {}
        self._came_in: dict[bytes, datetime] = {}

    def take_of_address(self, address: str, at: datetime) -> None:
        """Count a try from there; a proxy on this computer is everybody and is not counted. Raises ProblemError."""
        if not _is_this_computer(address):
            self._take(f"address {counted_as(address)}", FREE_TRIES_OF_ADDRESS, at)

    def take_of_login(self, login: str, at: datetime) -> None:
        """Count a try for a login that nobody has, as a person's is counted. Raises ProblemError."""
        self._take(f"login {login}", FREE_TRIES, at)

    def take_of_both(self, login: str, address: str, at: datetime) -> None:
        """Count a try of that login from there, whether or not anybody has it. Raises ProblemError."""
        if not _is_this_computer(address):
            self._take(_both(login, address), FREE_TRIES, at)

    def knows(self, login: str, address: str, at: datetime) -> bool:
        """Whether that login came in well from there in the last days; behind a proxy that nobody named: never."""
        since = self._came_in.get(self._key(_both(login, address)))
        return since is not None and at - since <= _WELCOME

    def give_back(self, login: str, address: str, at: datetime) -> None:
        """The last try of that login from there was a good one."""
        both, key = self._key(_both(login, address)), self._key(f"address {counted_as(address)}")
        self._seen.pop(both, None)
        if not _is_this_computer(address):
            self._came_in.pop(both, None)
            self._came_in[both] = at
            if len(self._came_in) > _MOST:
                del self._came_in[next(iter(self._came_in))]
        if (seen := self._seen.get(key)) is not None:
            left = seen.failures - 1
            self._seen[key] = _Seen(left, seen.last, seen.last + wait_after(left, FREE_TRIES_OF_ADDRESS))

    def _take(self, name: str, free: int, at: datetime) -> None:
        """Counted before it is judged: a hundred tries sent together are a hundred tries."""
        key = self._key(name)
        seen = self._seen.pop(key, None)
        if seen is None or at - seen.last > FORGOTTEN_AFTER:
            seen = _Seen(0, at, at)
        if left := still_waits(seen.until, at):
            self._seen[key] = seen
            raise too_early(left)
        failures = seen.failures + 1
        self._seen[key] = _Seen(failures, at, at + wait_after(failures, free))
        if len(self._seen) > _MOST:
            del self._seen[next(iter(self._seen))]

    def _key(self, name: str) -> bytes:
        return hashlib.sha256(self._salt + name.encode("utf-8", "replace")).digest()


def still_waits(until: datetime | None, at: datetime) -> timedelta | None:
    """How long a wait until then still lasts; never longer than the longest, even if the clock was put back since."""
    left = until - at if until is not None else timedelta(0)
    return left if timedelta(0) < left <= _LONGEST else None


def too_early(left: timedelta) -> ProblemError:
    """The refusal of a try that comes before its time."""
    seconds = int(left.total_seconds()) + 1
    return ProblemError(
        "locked",
        f"试错太多，请 {seconds} 秒后再试 · log-in: expected no try for another {seconds} s after so many wrong ones, "
        "got one; wait, or ask an officer for a new password",
        retry_after_s=seconds,
    )


def _both(login: str, address: str) -> str:
    return f"both {login} {counted_as(address)}"


def _is_this_computer(address: str) -> bool:
    try:
        return ipaddress.ip_address(plain_address(address)).is_loopback
    except ValueError:
        return True
