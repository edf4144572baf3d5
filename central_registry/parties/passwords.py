"""Hashes passwords by argon2id, says which are good enough, and makes the one-time words that stand in for them."""

from __future__ import annotations

import asyncio
import base64
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from central_registry.problems import ProblemError

LEAST, MOST = 10, 200
"""Characters of a password. Length is what counts: no rule asks for signs and digits."""

_LEAST_DIFFERENT = 4
_Result = TypeVar("_Result")

WORD_LIFE = timedelta(hours=72)
"""From a Friday to a Monday, as an agent's token."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""19 MiB, two passes, one lane: the least that the OWASP Password Storage Cheat Sheet names for argon2id: 30 ms."""

_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$Trc+ZrdsBJkxJA2NZ0Q2yQ$kBJksLjcrkTIKJTNUQGwr3VrVqk3VyN5prkbr4nqxkU"
"""What a password is held against where there is none, so that an unknown login takes as long as a wrong password: the
hash, at the same cost, of 256 random bits that were thrown away."""

_AT_WORK = ThreadPoolExecutor(max_workers=2, thread_name_prefix="password")
"""Its own threads: however many try to log in, those that unpack batches stay free, and memory is bounded."""

MOST_WAITING = 60
"""Passwords in the line, about a second's work: behind a proxy all strangers have one address, and nobody is told apart
by it. Who comes to a longer line is sent away before anything is counted against them."""

_line: set[asyncio.Future[Any]] = set()


async def hashed(password: str) -> str:
    """What is stored of a password, with its salt."""
    return await _worked_on(_HASHER.hash, _bytes(password))


async def matches(stored: str | None, password: str) -> bool:
    """Whether that is the password; nobody's (None) takes as long and never is."""
    same = await _worked_on(_verify, stored or _NOBODY, _bytes(password))
    return same and stored is not None


def require_room() -> None:
    """Raises ProblemError (503): the line of passwords is too long."""
    if len(_line) >= MOST_WAITING:
        raise ProblemError(
            "busy", "现在登录的人太多，请稍后再试 · log-in: more at once than can be judged; try again", retry_after_s=2
        )


async def _worked_on(work: Callable[..., _Result], *given: object) -> _Result:
    found = asyncio.get_running_loop().run_in_executor(_AT_WORK, work, *given)
    _line.add(found)
    found.add_done_callback(_line.discard)
    return await found


def _verify(stored: str, password: bytes) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    """One form for what looks the same, whatever keyboard made it."""
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def require_good(password: str, login: str, old: str) -> None:
    """Raises ProblemError (422) unless this may become the password of `login`, whose password was `old`."""
    flaw = _flaw(password, login, old)
    if flaw is not None:
        zh, en = flaw
        raise ProblemError("unprocessable", f"新密码{zh} · new password: expected {en}; choose another")


def _flaw(password: str, login: str, old: str) -> tuple[str, str] | None:
    if not LEAST <= len(password) <= MOST:
        return f"要 {LEAST} 到 {MOST} 个字符", f"{LEAST} to {MOST} characters, got {len(password)}"
    if password.casefold() == login.casefold():
        return "不能就是登录名", "another text than the login, got the login"
    if len(set(password)) < _LEAST_DIFFERENT:
        return "太简单", f"{_LEAST_DIFFERENT} different characters at least, got {len(set(password))}"
    if password == old:
        return "不能和原来的一样", "another one than before, got the same"
    return None


def one_time_word() -> str:
    """A word for whoever has no password: 80 random bits in base 32 (RFC 4648, section 6), in groups to be read out."""
    text = base64.b32encode(secrets.token_bytes(10)).decode("ascii").lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))
