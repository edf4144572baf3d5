"""Frozen values as JSON, with the words an operator sees beside the names a program reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from edge_agent.access.codes import BADGE, read_badge
from edge_agent.access.roles import ROLES
from edge_agent.access.sessions import ALLOWED_S as ALLOWED_S
from edge_agent.access.store import Person
from edge_agent.messages.alarm import of_alarm
from edge_agent.messages.job import COPIES_STATES, JOB_STATES, LABEL_STATES, SCAN_WINDOW, finished
from edge_agent.messages.scan import SCAN_KINDS
from edge_agent.messages.text import Words
from edge_agent.model.copies import Copies
from edge_agent.model.job import Job, JobState, Label, Window
from edge_agent.model.scan import ScanKind, Scanned
from edge_agent.model.search import FoundLabel, MissingLabels
from edge_agent.service.people import Desk
from edge_agent.service.standing import told as told_reason
from label_protocol.states import SerialState


@dataclass(frozen=True, slots=True)
class Done:
    """What was seen of something that a printer did between jobs."""

    printer: str
    words: Words


def job_view(job: Job) -> dict[str, Any]:
    """A job; `words` says its state in both languages, `left` the serials still to be issued. The reason of a job that
    is done counts its labels as they are now: scans and decisions go on after its end."""
    reason = str(finished(job)) if job.state is JobState.DONE else told_reason(job.reason)
    told = {"state": job.state.value, "reason": reason, "left": job.left, "words": asdict(JOB_STATES[job.state])}
    return asdict(job) | told


def copies_view(copies: Copies, told: Words, snapshot: Any) -> dict[str, Any]:
    """Labels without a code; `told` says all that is known of it, `left` how many were never sent, `goods`
    for which garment they are (None: this computer no longer has its data)."""
    words = asdict(COPIES_STATES[copies.state])
    product = (snapshot or {}).get("product")
    goods = {key: product.get(key) for key in ("style_no", "size", "name")} if product else None
    more = {"state": copies.state.value, "left": copies.left, "words": words, "told": asdict(told), "goods": goods}
    return asdict(copies) | more


def label_view(label: Label) -> dict[str, Any]:
    """A label; `words` says its state in both languages."""
    return asdict(label) | {"words": asdict(LABEL_STATES[SerialState(label.state)])}


def told_label(label: Label, stopped: Words | None) -> dict[str, Any]:
    """One label to somebody who has it in hand: `stopped` says why it must not go onto a garment (null: it may)."""
    return label_view(label) | {"stopped": asdict(stopped) if stopped else None}


def person_view(person: Person) -> dict[str, Any]:
    """Somebody of this site; a name that was emptied is empty. Nothing of badge and PIN."""
    told = {"id": person.id, "name": person.name, "role": person.role.value, "works_here": person.works_here}
    return told | {"role_words": asdict(ROLES[person.role])}


def desk_view(desk: Desk) -> dict[str, Any]:
    """Who is logged in (null: nobody), and what they may."""
    person = person_view(desk.person) if desk.person else None
    told = {"asked": desk.asked, "person": person, "known_by": desk.known_by, "may": list(desk.may)}
    return told | {"idle_end_s": desk.idle_end_s, "badge_prefix": BADGE}


def found_view(found: FoundLabel) -> dict[str, Any]:
    """A label that was searched for: what it is of and who ordered it beside it."""
    return label_view(found.label) | {"goods": asdict(found.goods), "ordered_by": found.ordered_by}


def missing_view(found: Sequence[MissingLabels]) -> dict[str, Any]:
    """What is missing in all, and of each job."""
    jobs = [{"job_id": one.job.job_id, "goods": asdict(one.goods), "serials": list(one.serials)} for one in found]
    return {"missing": sum(len(one.serials) for one in found), "jobs": jobs}


_LEADS_TO: Mapping[ScanKind, str] = {
    ScanKind.LABEL: "/console/find?q={}",
    ScanKind.BADGE: "",
    ScanKind.WORK_ORDER: "/console/print?q={}",
    ScanKind.CARTON: "/console/pack?q={}",
    ScanKind.STYLE: "/console/print?q={}",
}
"""A badge leads nowhere: it says who is here, on whatever page that is."""


def scanned_view(scanned: Scanned) -> dict[str, Any]:
    """What a code is; `page` is the console's page for it. A badge, which lets somebody in, is not repeated."""
    page = _LEADS_TO[scanned.kind].format(quote(scanned.text, safe=""))
    text = "" if read_badge(scanned.text) else scanned.text
    return {"kind": scanned.kind, "text": text, "page": page, "words": asdict(SCAN_KINDS[scanned.kind])}


def alarm_view(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """An alarm, with what it asks of an operator."""
    return dict(alarm) | {"words": asdict(of_alarm(str(alarm["kind"])))}


def labels_view(labels: Sequence[Label]) -> dict[str, Any]:
    """A list of labels."""
    return {"labels": [label_view(label) for label in labels]}


def doubt_view(window: Window, labels: Sequence[Label], job: Job) -> dict[str, Any]:
    """A window in doubt: all its serials in print order, and those still in doubt. `awaits_scan`: nothing went wrong,
    its printer can prove nothing, and its job goes on by itself after the scan."""
    awaits_scan = job.state is JobState.PAUSED and job.reason == str(SCAN_WINDOW)
    return asdict(window) | {"labels": [label_view(label) for label in labels], "awaits_scan": awaits_scan}


def done_view(printer: str, words: Words) -> dict[str, Any]:
    """What a printer did."""
    return asdict(Done(printer, words))


def sync_view(view: Any) -> Mapping[str, Any]:
    """Where the sync stands; `configured` is False if there is no registry to tell."""
    return {"configured": view is not None} | (asdict(view) if view is not None else {})
