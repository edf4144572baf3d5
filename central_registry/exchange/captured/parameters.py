"""The parameters of a simple query of EPCIS 2.0: which there are here, and what they mean. Pure.

One row a parameter. A name that is no row is refused, as the standard asks: to leave out a condition that somebody set
would answer with what they did not ask for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from central_registry.exchange.captured.kept import Code, Kept, in_full, one_form
from central_registry.exchange.epcis import kinds
from central_registry.exchange.epcis import vocabulary as words
from central_registry.exchange.epcis.flaws import got
from central_registry.exchange.epcis.names import BARE
from central_registry.exchange.epcis.prehash import utc
from central_registry.problems import ProblemError

PAGE, MOST_A_PAGE = 30, 1_000
MOST_VALUES = 200
"""Of one parameter, `|` between them."""
_LARGEST = 2**62

ROLES: Mapping[str, tuple[str, ...]] = {
    "MATCH_epc": ("epc", "child"),
    "MATCH_parentID": ("parent",),
    "MATCH_inputEPC": ("input",),
    "MATCH_outputEPC": ("output",),
    "MATCH_anyEPC": ("epc", "child", "parent", "input", "output"),
    "MATCH_epcClass": ("class", "childClass"),
    "MATCH_inputEPCClass": ("inputClass",),
    "MATCH_outputEPCClass": ("outputClass",),
    "MATCH_anyEPCClass": ("class", "childClass", "inputClass", "outputClass"),
}
"""In which lists of an event a code is looked for."""


COLUMNS = (
    "types", "actions", "steps", "dispositions", "read_points", "locations", "event_ids", "declaring", "from_event",
    "until_event", "from_record", "until_record",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that was read: `columns` as the statement takes them, `matches` by the lists that are looked at."""

    columns: Mapping[str, Any]
    matches: Sequence[tuple[tuple[str, ...], tuple[str, ...]]] = ()
    by_time: bool = False
    descending: bool = False
    most: int = PAGE
    after: tuple[int, int] | None = None
    digest: str = ""

    def token(self, key: int, place: int) -> str:
        """Where the next page of this query begins."""
        return base64.urlsafe_b64encode(json.dumps([self.digest, key, place]).encode()).decode().rstrip("=")

    def holds(self, row: Kept, recorded: datetime) -> bool:
        """Whether an event is one of those that are asked for."""
        mine = {
            "types": row.event_type, "actions": row.action, "steps": row.biz_step, "dispositions": row.disposition,
            "read_points": row.read_point, "locations": row.biz_location, "event_ids": row.event_id,
        }  # fmt: skip
        listed = all(self.columns[name] is None or value in self.columns[name] for name, value in mine.items())
        declaring = self.columns["declaring"] in (None, bool(row.declares))
        return listed and declaring and self._in_time(row.event_time, recorded) and self._names(row.codes)

    def _in_time(self, happened: datetime, recorded: datetime) -> bool:
        times = (("event", happened), ("record", recorded))
        return all(
            (self.columns[f"from_{name}"] or at) <= at
            and (self.columns[f"until_{name}"] is None or at < self.columns[f"until_{name}"])
            for name, at in times
        )

    def _names(self, codes: Iterable[Code]) -> bool:
        named = {(code.role, code.code) for code in codes}
        return all(any((role, code) in named for role in roles for code in asked) for roles, asked in self.matches)


@dataclass
class _Reading:
    columns: dict[str, Any] = field(default_factory=lambda: dict.fromkeys(COLUMNS))
    matches: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)


_Row = Callable[[_Reading, str, str], None]


def wrong(name: str, expected: str, value: str) -> ProblemError:
    """A parameter that will not do."""
    return ProblemError("query-parameter", f"{name[:60]}: expected {expected}, got {got(value)}; correct it")


def _listed(column: str, form: Callable[[str], str], allowed: frozenset[str] = frozenset()) -> _Row:
    def row(reading: _Reading, name: str, value: str) -> None:
        found = _values(name, value)
        if allowed and not set(found) <= allowed:
            raise wrong(name, " or ".join(sorted(allowed)), value)
        reading.columns[column] = [form(one) for one in found]

    return row


def _moment(column: str) -> _Row:
    def row(reading: _Reading, name: str, value: str) -> None:
        if any(kinds.time(value, "")):
            raise wrong(name, "a time such as 2026-12-01T08:30:00+08:00 (+ is %2B in an address)", value)
        reading.columns[column] = datetime.fromisoformat(utc(value))

    return row


def _match(reading: _Reading, name: str, value: str) -> None:
    reading.matches.append((ROLES[name], tuple(one_form(one) for one in _values(name, value))))


def _declaring(reading: _Reading, name: str, value: str) -> None:
    if value not in ("", "true"):
        raise wrong(name, "true", value)
    reading.columns["declaring"] = True


def _choice(*allowed: str) -> _Row:
    def row(reading: _Reading, name: str, value: str) -> None:
        if value not in allowed:
            raise wrong(name, " or ".join(allowed), value)
        reading.more[name] = value

    return row


def _count(reading: _Reading, name: str, value: str) -> None:
    reading.more[name] = page_size(value)


def _token(reading: _Reading, name: str, value: str) -> None:
    reading.more[name] = value


PARAMETERS: Mapping[str, _Row] = {
    "eventType": _listed("types", BARE.value),
    "EQ_action": _listed("actions", str, frozenset(("ADD", "OBSERVE", "DELETE"))),
    "EQ_bizStep": _listed("steps", lambda text: in_full(words.BIZ_STEP, text)),
    "EQ_disposition": _listed("dispositions", lambda text: in_full(words.DISPOSITION, text)),
    "EQ_readPoint": _listed("read_points", one_form),
    "EQ_bizLocation": _listed("locations", one_form),
    "EQ_eventID": _listed("event_ids", str),
    "EXISTS_errorDeclaration": _declaring,
    "GE_eventTime": _moment("from_event"),
    "LT_eventTime": _moment("until_event"),
    "GE_recordTime": _moment("from_record"),
    "LT_recordTime": _moment("until_record"),
    **dict.fromkeys(ROLES, _match),
    "orderBy": _choice("eventTime", "recordTime"),
    "orderDirection": _choice("ASC", "DESC"),
    "perPage": _count,
    "nextPageToken": _token,
}
"""What may be asked."""


def read_query(given: Sequence[tuple[str, str]]) -> Asked:
    """A query string's names and values.

    Raises:
        ProblemError: 400, a name that is none here or stands twice, or a value that will not do.
    """
    reading = _Reading()
    for place, (name, value) in enumerate(given):
        if name not in PARAMETERS:
            raise wrong(name, f"one of {', '.join(PARAMETERS)}", name)
        if name in (before for before, _ in given[:place]):
            raise wrong(name, "it once, with | between its values", value)
        PARAMETERS[name](reading, name, value)
    if "orderDirection" in reading.more and "orderBy" not in reading.more:
        raise wrong("orderDirection", "orderBy beside it", reading.more["orderDirection"])
    same = sorted((name, value) for name, value in given if name not in ("nextPageToken", "perPage"))
    digest = hashlib.sha256(json.dumps(same).encode()).hexdigest()[:16]
    return Asked(
        reading.columns, reading.matches, reading.more.get("orderBy") == "eventTime",
        "orderBy" in reading.more and reading.more.get("orderDirection", "DESC") == "DESC",
        reading.more.get("perPage", PAGE), _after(reading.more.get("nextPageToken"), digest), digest,
    )  # fmt: skip


def page_size(value: str) -> int:
    """Of `perPage`; more than a page holds is a whole page. Raises ProblemError (400)."""
    if not (value.isascii() and value.isdigit() and 0 < len(value) < 9 and int(value)):
        raise wrong("perPage", f"1 to {MOST_A_PAGE}", value)
    return min(int(value), MOST_A_PAGE)


def _after(token: str | None, digest: str) -> tuple[int, int] | None:
    if token is None:
        return None
    try:
        of, key, place = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        if of == digest and all(type(one) is int and abs(one) < _LARGEST for one in (key, place)):
            return key, place
    except (ValueError, TypeError, binascii.Error, RecursionError):
        pass
    raise wrong("nextPageToken", "the one of this query's last answer", token)


def _values(name: str, value: str) -> list[str]:
    found = value.split("|")
    if not all(found) or len(found) > MOST_VALUES:
        raise wrong(name, f"1 to {MOST_VALUES} values with | between them", value)
    return found
