"""Finds codes of the platform that an association had before: brought along, none of this registry's issuing.

The former host's server, or a proxy in its place, sends what it was asked for to `/former/HOST/…` here; where that host
is this registry's own by now, its links come as they were printed (docs/import-old-platform.md). A registry that has no
such code is asked for them once a minute and not at every unknown link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from central_registry.consumer.notices import Notice, notices
from central_registry.db import Pool, sql
from central_registry.former.code_text import LONGEST, Place, place_in
from central_registry.former.on_label import facts_of

PREFIX = "/former/"
ANY_HOST = "-"
"""In place of a host, from a proxy that cannot say which it was asked for; with an association's USCC behind it, only
what that one brought is meant, so that nobody else's codes make its own ambiguous."""

NONE_FOR = timedelta(minutes=1)
"""A registry without such codes is believed to have none for so long."""


@dataclass(frozen=True, slots=True)
class FormerCode:
    """What was brought of a code; `facts`: what stood on its label; `notice`: what stands against its lot now."""

    code: str
    firm_name: str
    lot_no: str
    style_no: str
    state: str
    platform: str
    imported_at: datetime
    facts: tuple[tuple[str, str], ...]
    notice: Notice | None


class FormerCodes:
    """The codes of a registry's former platforms."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._none_until: datetime | None = None

    async def find(self, path: str, query: str, at: datetime) -> FormerCode | None:
        """The code behind a request's path and query, percent-encoded as sent; None: it is none of them."""
        if self._none_until is not None and at < self._none_until:
            return None
        if not await sql.any_former(self._pool):
            self._none_until = at + NONE_FOR
            return None
        place = _asked(path, query)
        if len(place.rest) > LONGEST or not place.rest.isprintable():
            return None
        asked = {"rest": place.rest, "host": place.host or None, "association": None}
        if place.host.startswith(ANY_HOST):
            asked |= {"host": None, "association": place.host.removeprefix(ANY_HOST).upper() or None}
        rows = [row async for row in sql.former_code(self._pool, **asked)]
        return await self._read(rows[0]) if len(rows) == 1 else None

    async def _read(self, row: Any) -> FormerCode:
        named = {name: row[name] for name in FormerCode.__slots__ if name not in ("facts", "notice")}
        notice = (await notices(self._pool, {"": row["notices"]})).get("")
        return FormerCode(**named, facts=tuple(facts_of(row["label"])), notice=notice)


def _asked(path: str, query: str) -> Place:
    """`host` is '' where any will do, or begins with `ANY_HOST`, as no host does (RFC 952)."""
    whole = f"{path}?{query}" if query else path
    if not path.startswith(PREFIX):
        return place_in("", whole)
    host, slash, rest = whole.removeprefix(PREFIX).partition("/")
    if not slash:
        host, mark, rest = host.partition("?")
        rest = f"{mark}{rest}"
    return place_in(host, rest)
