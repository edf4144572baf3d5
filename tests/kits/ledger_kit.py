"""What the ledger tests share: a ledger in a temp folder, a clock that is told, orders and scans."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge_agent.ledger import Ledger
from edge_agent.model.job import Job, JobOrder, Window
from edge_agent.model.printer import ProofLevel, Verdict

GTIN = "06901234567892"
PROOF = Verdict(True, ProofLevel.COUNTER, "counter moved by 8", {"counter_before": 0, "counter_after": 8})
_keys = itertools.count()


class ToldClock:
    """Ticks a millisecond per reading from the second it is told."""

    def __init__(self) -> None:
        self.second = "2026-11-20T09:15:03"
        self._ticks = itertools.count()

    def __call__(self) -> str:
        return f"{self.second}.{next(self._ticks) % 1000:03d}Z"


def new_serial(issuer: str) -> str:
    return f"{issuer}{secrets.token_hex(7).upper()}"


@dataclass
class Place:
    """A folder with room for one ledger and its witness."""

    folder: Path
    clock: ToldClock = field(default_factory=ToldClock)

    @property
    def path(self) -> Path:
        return self.folder / "data" / "ledger.db"

    @property
    def witness(self) -> Path:
        return self.folder / "state" / "witness"

    def open(self, **more: Any) -> Ledger:
        facts: dict[str, Any] = {
            "witness": self.witness,
            "clock": self.clock,
            "new_serial": new_serial,
            "fingerprint": "pc",
        }
        return Ledger.open(self.path, **(facts | more))


def enrolled(ledger: Ledger, allotted: int = 1_000, lot: str = "L1", permille: int = 30) -> Ledger:
    ledger.enrol("agent-1", "ABC", "epoch-1", "http://registry.example")
    allot(ledger, allotted, lot, permille)
    return ledger


def allot(ledger: Ledger, allotted: int, lot: str = "L1", permille: int = 30) -> None:
    item = {"kind": "allotment", "quota_key": f"lot:{lot}", "quantity": allotted, "spoilage_permille": permille}
    ledger.receive_distribution(f"c{next(_keys)}", "epoch-1", [item])


def an_order(quantity: int = 100, **more: Any) -> JobOrder:
    facts: dict[str, Any] = {
        "key": f"k{next(_keys)}",
        "request_hash": "h",
        "template": "down_grade_60x40",
        "printer": "p1",
        "quantity": quantity,
        "snapshot": {"brand": "示例"},
        "gtin": GTIN,
        "lot_no": "L1",
        "quota_key": "lot:L1",
    }
    return JobOrder(**(facts | more))


def a_job(ledger: Ledger, quantity: int = 100, **more: Any) -> Job:
    return ledger.open_job(an_order(quantity, **more))


def printed(ledger: Ledger, job: Job, limit: int = 8) -> Window:
    window = ledger.begin_window(job.job_id, limit=limit)
    ledger.prove_window(window.window_id, PROOF)
    return window


def doubted(ledger: Ledger, job: Job, limit: int = 8) -> Window:
    window = ledger.begin_window(job.job_id, limit=limit)
    ledger.doubt_window(window.window_id, "silence", {"heard": None})
    return window


def link_of(serial: str, lot: str = "L1") -> str:
    return f"HTTPS://ID.EXAMPLE/01/{GTIN}/10/{lot}/21/{serial}"


def states(ledger: Ledger, window: Window) -> list[str]:
    return [label.state for label in ledger.window_labels(window.window_id)]


def require_sound(ledger: Ledger) -> None:
    """Chain, rebuild == live, witness, and a balance that adds up."""
    report = ledger.verify()
    assert report.ok, report.findings
    for line in ledger.balance():
        parts = (line.sending, line.printed, line.in_doubt, line.commissioned, line.scrapped, line.invalid)
        assert line.drawn == sum(parts)


def history(ledger: Ledger) -> list[tuple[str, int, bytes]]:
    """All events as a registry would give them back."""
    return [
        (life.incarnation, event.seq, event.body)
        for life in ledger.incarnations()
        for event in ledger.events(life.incarnation, 0, 100_000)
    ]


Draw = Callable[[str], str]


def fed(ledger: Ledger, *items: dict[str, Any]) -> None:
    """What the registry's feed brought."""
    ledger.receive_distribution(f"c{next(_keys)}", "epoch-1", list(items))
