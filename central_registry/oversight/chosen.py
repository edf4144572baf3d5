"""Says which labels are meant where not a whole lot is: windows, a printer, a stretch of time, an agent, a list. Pure.

A choice is read once, when it is acted upon: its labels are written down then, so that what an agent tells later under
the same window or hour is not stopped unseen, and a scan looks up a serial instead of judging a choice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from central_registry.ingest.states import State
from central_registry.problems import ProblemError

MOST = 100_000
"""Labels of one stop; more is a lot's, which is stopped as a whole."""

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z")
_SAMPLE, _LOTS_SHOWN, _NAMED = 12, 50, 5


@dataclass(frozen=True, slots=True)
class Chosen:
    """Labels of `firm`: those in `serials`; or else of `agent`, in these `windows`, or all that went to its `printer`,
    or were sent from `since` until before `until` (RFC 3339 in UTC, with Z), of `lot_no` where that is given."""

    firm: str
    serials: tuple[str, ...] = ()
    agent: str = ""
    windows: tuple[str, ...] = ()
    printer: str = ""
    since: str = ""
    until: str = ""
    lot_no: str = ""

    def kept(self) -> dict[str, Any]:
        """As it is written down: without what was not asked, and of a list its length."""
        found = {name: value for name, value in asdict(self).items() if value and name != "firm"}
        return {**found, "serials": len(self.serials)} if self.serials else found


@dataclass(frozen=True, slots=True)
class Label:
    """One that was chosen, as the registry knows it."""

    serial: str
    state: State
    agent: str
    window_id: str
    sent_at: str
    lot_no: str
    firm: str


def require_choice(chosen: Chosen) -> None:
    """Raises ProblemError (422): two ways at once, none, more than one stop holds, or a time that is none."""
    ways = bool(chosen.serials) + bool(chosen.agent)
    if ways != 1:
        raise _refused("serials 或 agent 二选一 · chosen: expected either serials or an agent, got both or neither")
    if chosen.serials and (chosen.windows or chosen.printer or chosen.since or chosen.until or chosen.lot_no):
        raise _refused("列表不再加别的条件 · chosen: expected a list of serials alone, got more beside it")
    if len(chosen.serials) > MOST or len(chosen.windows) > MOST:
        raise _refused(f"一次最多 {MOST} 枚 · chosen: expected at most {MOST}, got more; stop the lot, or take parts")
    for name in ("since", "until"):
        if (said := getattr(chosen, name)) and not _TIME.fullmatch(said):
            raise _refused(f"{name}: expected a time like 2026-11-20T09:15:03Z, got {said[:40]!r}; correct it")
    if chosen.since and chosen.until and chosen.since >= chosen.until:
        raise _refused("时间前后颠倒 · chosen: expected since before until, got it the other way round")


def require_found(chosen: Chosen, found: Sequence[Label]) -> None:
    """Raises ProblemError: 404 for labels that nobody told of or that are not this firm's, named; 422 for too many."""
    foreign = [label for label in found if label.firm != chosen.firm]
    if foreign:
        names = ", ".join(label.serial for label in foreign[:_NAMED])
        raise ProblemError(
            "not-found",
            f"有 {len(foreign)} 枚不是这家企业的 · serials: expected labels of {chosen.firm}, got {len(foreign)} of "
            f"others: {names}; nothing was stopped",
        )
    known = {label.serial for label in found}
    windows = {label.window_id for label in found}
    missing = [one for one in (*chosen.serials, *chosen.windows) if one not in known and one not in windows]
    if missing:
        names = ", ".join(missing[:_NAMED])
        raise ProblemError(
            "not-found",
            f"有 {len(missing)} 个平台没有 · chosen: expected serials and windows that were told, got {len(missing)} "
            f"unknown: {names}; nothing was stopped",
        )
    if not found:
        raise ProblemError(
            "not-found", "没有选中任何标签 · chosen: expected labels, got none; check agent, printer and times"
        )
    if len(found) > MOST:
        raise _refused(f"一次最多 {MOST} 枚 · chosen: expected at most {MOST} labels, got more; stop the lot instead")


def shown(found: Sequence[Label]) -> dict[str, Any]:
    """What is looked at before anything is stopped: `{labels, states, lots, agents, sample}`; `states` and `lots` say
    how many each, `sample` is a few serials from the first to the last."""
    step = max(1, len(found) // _SAMPLE)
    lots = Counter(label.lot_no for label in found)
    return {
        "labels": len(found),
        "states": counted(label.state for label in found),
        "lots": [{"lot_no": name, "labels": number} for name, number in lots.most_common(_LOTS_SHOWN)],
        "agents": sorted({label.agent for label in found}),
        "sample": [label.serial for label in found[::step]][:_SAMPLE],
    }


def counted(states: Any) -> dict[str, int]:
    """How many labels stand in each state, by its word."""
    return dict(sorted(Counter(State(state).word for state in states).items()))


def label_of(row: Mapping[str, Any]) -> Label:
    """A label of a row of `labels_chosen` or `labels_listed`."""
    return Label(
        row["serial"], State(row["state"]), row["agent"], row["window_id"], row["sent_at"], row["lot_no"], row["firm"]
    )


def _refused(said: str) -> ProblemError:
    return ProblemError("unprocessable", said)
