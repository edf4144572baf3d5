"""Finding: labels by what people know of them, the life of one, and what is missing of a job or a lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.ledger import Ledger
from edge_agent.messages.life import LifeRow
from edge_agent.model.job import Job
from edge_agent.model.search import FoundLabel, LabelSearch, MissingLabels
from edge_agent.service import job_log
from edge_agent.service.labels import require_state
from edge_agent.service.parts import AgentParts
from label_protocol.codes.scanned import read_scan
from label_protocol.codes.serial import LENGTH, fold
from label_protocol.errors import CodeError, InputError


@dataclass(frozen=True, slots=True)
class FoundPage:
    """Labels, the newest first; `next`: the serial to go on after, None at the end."""

    labels: Sequence[FoundLabel]
    next: str | None


class FindService:
    """Searches the ledger; the one thing that it orders is what is missing."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts

    async def labels(self, wanted: LabelSearch, limit: int = 100, after: str = "") -> FoundPage:
        """Labels that have all that is wanted, after a serial.

        Raises:
            InputError: no serial has such a state.
            CodeError, NotFoundError: `after` is none of this ledger.
        """
        require_state(wanted.state or None)
        found = await self._parts.ledger.do(Ledger.find_labels, wanted, limit + 1, fold(after) if after else "")
        more = len(found) > limit
        return FoundPage(found[:limit], found[limit - 1].label.serial if more else None)

    async def label(self, text: str) -> FoundLabel:
        """The label whose serial was typed, or whose code was scanned; nothing is recorded of it.

        Raises:
            CodeError: no serial, and no code of this site.
            NotFoundError: a serial that this ledger does not hold.
        """
        serial = read_scan(text, self._parts.terms().link.host).link.serial if "://" in text else fold(text)
        return await self._parts.ledger.do(Ledger.found_label, serial)

    async def life(self, serial: str) -> Sequence[LifeRow]:
        """What happened to a serial, oldest first. Raises CodeError, NotFoundError."""
        return await self._parts.ledger.do(Ledger.life, fold(serial))

    async def ordered_by(self, job_id: str) -> str:
        """Who ordered a job; empty where nobody was named."""
        return await self._parts.ledger.do(Ledger.ordered_by, job_id)

    async def missing(self, *, job_id: str = "", lot_no: str = "") -> Sequence[MissingLabels]:
        """Void labels of a job or a lot that nothing replaces. Raises as `Ledger.missing`."""
        return await self._parts.ledger.do(Ledger.missing, job_id=job_id, lot_no=lot_no)

    async def replace_missing(
        self, key: str, operator: Who, expected: int, *, job_id: str = "", lot_no: str = ""
    ) -> Sequence[Job]:
        """Order as many labels as somebody saw missing; each new serial names the one it replaces.

        Raises: as `Ledger.replace_missing`; RecordError: who may not act.
        """
        actor = await self._parts.people.actor(operator, Action.ORDER, "missing labels")
        order = (key, actor.operator, expected)
        opened = await self._parts.ledger.do_as(actor, Ledger.replace_missing, *order, job_id=job_id, lot_no=lot_no)
        for job in opened:
            job_log.opened(job)
        self._parts.changes.tell()
        return opened


def is_serial(text: str) -> bool:
    """Whether this is a whole serial as somebody types it, or a code that holds one. A style number of the same length
    is none, by its check character."""
    try:
        return "://" in text or bool(fold(text))
    except CodeError:
        return False


def has_length_of_serial(text: str) -> bool:
    """Whether a serial may have been meant, and mistyped."""
    return len(text) == LENGTH


def between_days(wanted: LabelSearch, first: str, last: str) -> LabelSearch:
    """`wanted`, from the morning of the day `first` to the night of the day `last`, by this computer's calendar; an
    empty day bounds nothing. Raises InputError: no day such as 2026-11-20."""
    since = _midnight(first, "from") if first else ""
    until = _midnight(last, "to", days=1) if last else ""
    return replace(wanted, since=since, until=until)


def _midnight(day: str, name: str, days: int = 0) -> str:
    """The moment at which a day begins here, as events write moments."""
    try:
        morning = datetime.combine(date.fromisoformat(day) + timedelta(days=days), time()).astimezone(UTC)
    except (ValueError, OverflowError) as cause:
        raise InputError(f"{name}: expected a day such as 2026-11-20, got {day[:20]!r}; correct it") from cause
    return morning.isoformat(timespec="milliseconds").replace("+00:00", "Z")
