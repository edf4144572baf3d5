"""Labels: what became of each, by a scan or by a person's recorded decision; strips in doubt; replacements."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.ledger import Ledger
from edge_agent.ledger.settle import VOID
from edge_agent.messages.job import SCAN_WINDOW, STARTED, scan_sample
from edge_agent.messages.text import Words
from edge_agent.model.actor import Actor
from edge_agent.model.job import Job, JobState, Label, Window
from edge_agent.service import job_log
from edge_agent.service.parts import AgentParts
from edge_agent.service.scanned import read_label
from edge_agent.service.standing import words_of_stop
from label_protocol.codes.scanned import Scan, require_same
from label_protocol.codes.serial import fold
from label_protocol.errors import CodeError, InputError
from label_protocol.states import SerialState, Step


class LabelService:
    """Answers for single labels and strips of them."""

    def __init__(self, parts: AgentParts) -> None:
        self._parts = parts

    async def find(self, serial: str) -> Label:
        """One label. Raises NotFoundError."""
        return await self._parts.ledger.do(Ledger.label, fold(serial))

    async def page(self, state: str | None, limit: int = 100, after: str = "") -> Sequence[Label]:
        """Labels in a state (`require_state`), in order of serial, after a serial."""
        return await self._parts.ledger.do(Ledger.labels, state=state, limit=limit, after=after)

    async def doubts(self) -> Sequence[tuple[Window, Sequence[Label]]]:
        """Windows with labels in doubt, oldest first, and those labels in print order."""
        return await self._parts.ledger.do(Ledger.doubts)

    async def stop_of(self, serial: str) -> Words | None:
        """Why a label must not go onto a garment; None: it may. Raises NotFoundError."""
        return words_of_stop(await self._parts.ledger.do(Ledger.stop_of, serial))

    async def scan(self, text: str, operator: Who, *, serial: str | None = None, on_garment: bool = False) -> Label:
        """A scanner read `text` off paper. GTIN and lot must match the snapshot; a typed serial is not a scan.

        Raises:
            CodeError: the text is no Digital Link, or another label's.
            StateError: the label is void; the alarm is raised all the same.
            LotStoppedError: on its garment, though its lot is recalled or suspended.
        """
        actor = await self._parts.people.actor(operator, Action.SCAN, "scan")
        with job_log.refusals_told(wanted=serial) as ids:
            read = await self.read_code(text, ids)
            got = read.link.serial
            if serial is not None and fold(serial) != got:
                raise CodeError(f"scan: expected the label {fold(serial)}, got {got}; scan the right label")
            scan = (got, read.text, actor.operator)
            found = await self._parts.ledger.do_as(actor, Ledger.scan, *scan, on_garment=on_garment)
        await self._go_on(found, actor)
        self._parts.changes.tell()
        return found

    async def read_code(self, text: str, ids: dict[str, str | None]) -> Scan:
        """What a scanner's text holds: its GTIN and lot are those of the label; `ids` gets the serial that was read.
        Raises CodeError, NotFoundError."""
        read = read_label(text, self._parts.terms().link.host)
        ids["serial"] = read.link.serial
        label = await self._parts.ledger.do(Ledger.label, read.link.serial)
        require_same(read, label.gtin, label.lot_no)
        return read

    async def scrap(self, serial: str, operator: Who, reason: str) -> Label:
        """Seen spoiled and destroyed. Raises NotFoundError, StateError; RecordError: who may not act."""
        return await self.decide(serial, Step.SCRAP, operator, reason)

    async def invalidate(self, serial: str, operator: Who, reason: str) -> Label:
        """Not found after a search. Raises as `scrap`."""
        return await self.decide(serial, Step.INVALIDATE, operator, reason)

    async def decide(self, serial: str, step: Step, operator: Who, reason: str) -> Label:
        """An operator's recorded decision about one label (scrap, invalidate, commission, settle_printed). Raises as
        `scrap`."""
        actor = await self._parts.people.actor(operator, Action.SCRAP, f"label {serial}")
        found = await self._parts.ledger.do_as(actor, Ledger.decide, fold(serial), step, actor.operator, reason)
        self._parts.changes.tell()
        return found

    async def settle_window(
        self, window_id: str, text: str | None, operator: Who, rest: str = "invalid"
    ) -> Sequence[Label]:
        """Settle a strip by the scan of its last good label, None if there is not one good label on it; `rest`:
        `invalid`, `scrapped` or `keep`.

        Raises:
            CodeError: as `scan`. NotFoundError: no such window or label. ConflictError, StateError: nothing is left to
                settle, or the scanned label is another window's.
        """
        actor = await self._parts.people.actor(operator, Action.SETTLE, "settle")
        with job_log.refusals_told(window=window_id) as ids:
            read = await self.read_code(text, ids) if text else None
            last, kept = (read.link.serial, read.text) if read else (None, "")
            settled = (window_id, last, kept, actor.operator)
            found = await self._parts.ledger.do_as(actor, Ledger.settle_window, *settled, rest=rest)
        if found:
            await self._go_on(found[0], actor)
        self._parts.changes.tell()
        return found

    async def _go_on(self, label: Label, actor: Actor) -> None:
        """A job that stood only for a scan goes on: its printer cannot prove a window, which is settled now, or it asks
        for sampled scans, and this label of its last window was one."""
        job = await self._parts.ledger.do(Ledger.job, label.job_id)
        settled = job.reason == str(SCAN_WINDOW) and not job.in_doubt
        sampled = job.reason == str(scan_sample(label.printer)) and not job.sample_due
        if job.state is JobState.PAUSED and (settled or sampled):
            move = (job.job_id, JobState.RUNNING, str(STARTED), actor.operator)
            job_log.moved(await self._parts.ledger.do_as(actor, Ledger.move_job, *move))

    async def replace(self, serial: str, operator: Who, reason: str, key: str) -> Job:
        """Scrap a spoiled label and open a job of one for its replacement, on the same printer and snapshot; both or
        neither. Raises as `scrap`; ConflictError: it is replaced already."""
        actor = await self._parts.people.actor(operator, Action.SCRAP, f"label {serial}")
        who, do_as = actor.operator, self._parts.ledger.do_as
        label = await self.find(serial)
        if label.state in VOID:
            job = await do_as(actor, Ledger.open_replacement, label.serial, key, who)
        else:
            job = await do_as(actor, Ledger.scrap_and_replace, label.serial, who, reason, key)
        job_log.opened(job)
        self._parts.changes.tell()
        return job


def require_state(state: str | None) -> None:
    """Before labels are asked for by their state. Raises InputError: no serial has such a state."""
    if state is not None and state not in list(SerialState):
        raise InputError(f"state: expected one of {', '.join(SerialState)}, got {state[:40]!r}; correct it")
