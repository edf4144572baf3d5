"""Judges the check code of a label (防伪码) that a consumer typed: does it match, and how often was that asked before.

A match says that whoever made the label had the maker's key for this very serial. It does not say that this label is
the only one of its kind, since a copy copies both codes; so the answer comes with the first time and the count, and
never says "genuine". Guesses are counted for each serial: after ten wrong ones within an hour even the right one is
asked to wait. The price is that somebody can make an owner wait; the other way, a patient guesser wins.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from central_registry.alarms import AlarmKind, Note, raise_alarm
from central_registry.consumer.finding import CheckCodeAnswer, Finding
from central_registry.consumer.labels import Labels
from central_registry.consumer.scan import find, look_up
from central_registry.consumer.scan_path import NoLinkError, read_path
from central_registry.db import Connection, Pool, in_transaction, sql
from central_registry.distribution.check_keys import key_for
from label_protocol.codes.check_code import fold, matches
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.errors import CodeError

WRONG_TRIES = 10
"""Of 2^40 codes: a guesser who comes back every hour for a year finds one label's code with odds of 1 in 12 million."""

WINDOW = timedelta(hours=1)


async def judge_check_code(
    pool: Pool, labels: Labels, path: str, typed: str, *, often_from: int, at: datetime
) -> Finding:
    """What the registry knows of the code in `path`, and whether `typed` is its check code. Counts no scan."""
    link = _label_in(path)
    if link is None:
        return await look_up(labels, path, count=False, often_from=often_from, at=at)

    async def work(connection: Connection) -> Finding:
        finding = await find(connection, link, often_from=often_from)
        return replace(finding, check_code=await _judge(connection, finding, typed, at))

    return await in_transaction(pool, work)


def _label_in(path: str) -> DigitalLink | None:
    try:
        link = read_path(path)
    except NoLinkError:
        return None
    return link if isinstance(link, DigitalLink) else None


async def _judge(connection: Connection, finding: Finding, typed: str, at: datetime) -> CheckCodeAnswer | None:
    if not finding.registered:
        return None
    if finding.snapshot is not None and finding.check_code_key is None:
        return CheckCodeAnswer("none")
    try:
        code = fold(typed)
    except CodeError:
        return CheckCodeAnswer("malformed")
    key = await key_for(connection, finding.check_code_key or "", finding.serial)
    if key is None:
        return CheckCodeAnswer("unavailable")
    tries = await sql.lock_check_tries(connection, serial=finding.serial, at=at)
    left = tries["wrong_since"] + WINDOW - at
    open_window = left > timedelta(0)
    if open_window and tries["wrong_times"] >= WRONG_TRIES:
        return CheckCodeAnswer("later", retry_s=int(left.total_seconds()) + 1)
    if matches(key, finding.serial, code):
        row = await sql.note_right_check(connection, serial=finding.serial, at=at)
        return CheckCodeAnswer("match", row["right_first_at"], row["right_times"])
    since, times = (tries["wrong_since"], tries["wrong_times"] + 1) if open_window else (at, 1)
    await _note_wrong(connection, finding, since, times, at)
    return CheckCodeAnswer("mismatch")


async def _note_wrong(connection: Connection, finding: Finding, since: datetime, times: int, at: datetime) -> None:
    await sql.note_wrong_check(connection, serial=finding.serial, since=since, times=times)
    if times == WRONG_TRIES:
        words = (
            f"serial {finding.serial}: {times} wrong check codes within an hour; somebody guesses, or a label is false"
        )
        await raise_alarm(connection, finding.agent, Note(AlarmKind.CHECK_CODE_GUESSED, finding.serial, words), at)
