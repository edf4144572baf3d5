"""A history told with a stopped clock and known chance, so that each of its events has the same bytes every time."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge_agent.ledger import Ledger
from edge_agent.model.copies import CopiesOrder, CopiesState
from edge_agent.model.job import JobOrder, JobState
from edge_agent.model.printer import ProofLevel, Verdict
from label_protocol.codes.serial import new_serial
from label_protocol.states import Step

GTIN, LOT, WHO = "06901234567892", "L1", "12"
PROOF = Verdict(True, ProofLevel.COUNTER, "counter moved by 4", {"counter_before": 0, "counter_after": 4})
NO_PROOF = Verdict(False, ProofLevel.SENT, "silence", {"heard": None})
FEED: list[dict[str, Any]] = [
    {"kind": "allotment", "quota_key": f"lot:{LOT}", "quantity": 100, "spoilage_permille": 30},
    {"kind": "allotment", "quota_key": "lot:L2", "quantity": 5, "spoilage_permille": 0},
    {"kind": "lot", "lot_no": LOT, "record": {"product": {"style_no": "S1"}, "lot": {"lot_no": LOT}}},
    {"kind": "style", "style_no": "S1", "record": {"product": {"style_no": "S1"}}},
    {"kind": "suspension", "quota_key": "lot:L2", "suspended": True, "reason": "证书复核"},
    {"kind": "recall", "quota_key": "lot:L2", "reason": "示例召回"},
]


def keep_all(keep: Callable[[str, Any], None]) -> None:
    """Records the history."""
    with tempfile.TemporaryDirectory() as folder:
        keep("told.json.gz", told(Path(folder)))


def told(folder: Path) -> dict[str, Any]:
    """The events as lines of an export, the rows of every table, and the witness."""
    path, witness, out = folder / "data" / "ledger.db", folder / "state" / "witness", folder / "export.jsonl"
    with contextlib.closing(opened(path, witness)) as ledger:
        tell(ledger)
        with out.open("w", encoding="utf-8") as file:
            ledger.export(file)
        assert ledger.verify().ok, ledger.verify()
    events = out.read_text("utf-8").splitlines()
    return {"events": events, "witness": witness.read_bytes().rstrip(b"\0").decode("latin-1"), "tables": tables(path)}


def opened(path: Path, witness: Path) -> Ledger:
    """A ledger whose clock ticks a second per reading, and whose chance is a counter."""
    seconds, chances = itertools.count(), itertools.count()

    def clock() -> str:
        second = next(seconds)
        return f"2026-11-20T09:{second // 60:02d}:{second % 60:02d}.120Z"

    def entropy(size: int) -> bytes:
        return hashlib.sha256(str(next(chances)).encode()).digest()[:size]

    facts: dict[str, Any] = {"clock": clock, "entropy": entropy, "fingerprint": "f" * 64}
    return Ledger.open(path, witness=witness, new_serial=lambda issuer: new_serial(issuer, entropy), **facts)


def tell(ledger: Ledger) -> None:
    """Every type of event but those of a recovery, which `recovery` tells."""
    ledger.boot()
    ledger.enrol("factory-1", "PH1", "e1", "https://registry.example.cn")
    ledger.receive_distribution("e1:6", "e1", FEED)
    job = ledger.open_job(an_order("k1", 12))
    _labels(ledger, job.job_id)
    _jobs(ledger, job.job_id)
    _copies(ledger)
    _alarms(ledger)
    _recovery(ledger)


def an_order(key: str, quantity: int, **more: Any) -> JobOrder:
    """An order of a small snapshot with Chinese in it."""
    snapshot = {"snapshot": 1, "product": {"brand": "示例", "style_no": "S1", "gtin": GTIN, "fill": "112.5"}}
    facts: dict[str, Any] = {"snapshot": snapshot, "gtin": GTIN, "lot_no": LOT, "quota_key": f"lot:{LOT}"}
    facts |= {"template": "down_grade_60x40", "printer": "p1", "operator": WHO, "request_hash": "0" * 64}
    return JobOrder(key=key, quantity=quantity, **(facts | more))


def _labels(ledger: Ledger, job: str) -> None:
    proven = ledger.begin_window(job, limit=4, counter=0)
    ledger.prove_window(proven.window_id, PROOF, "commissioned")
    doubted = ledger.begin_window(job, limit=4, counter=4)
    ledger.doubt_window(doubted.window_id, "silence", {"heard": None})
    unsent = ledger.begin_window(job, limit=1, counter=None)
    ledger.never_sent(unsent.window_id, "the first label could not be drawn")
    one, two, three, four = proven.serials
    ledger.scan(one, _link(one), WHO, on_garment=True)
    ledger.decide(two, Step.COMMISSION, WHO, "扫不出来，人看过")
    ledger.scan(doubted.serials[0], _link(doubted.serials[0]), WHO)
    ledger.decide(three, Step.SCRAP, WHO, "碳带皱")
    ledger.settle_window(doubted.window_id, doubted.serials[1], _link(doubted.serials[1]), WHO, "keep")
    ledger.decide(doubted.serials[2], Step.SETTLE_PRINTED, WHO, "看过")
    ledger.decide(doubted.serials[3], Step.INVALIDATE, WHO, "没有出来")
    again = ledger.scrap_and_replace(four, WHO, "撕破", "k2")
    window = ledger.begin_window(again.job_id, limit=1, counter=8)
    ledger.prove_window(window.window_id, PROOF)
    with contextlib.suppress(Exception):  # refused, and an alarm all the same
        ledger.scan(doubted.serials[3], _link(doubted.serials[3]), WHO)


def _jobs(ledger: Ledger, job: str) -> None:
    ledger.move_job(job, JobState.PAUSED, "操作员暂停 · paused", WHO)
    ledger.move_job(job, JobState.RUNNING, "已开始 · started", WHO)
    ledger.advance_job(job, JobState.WAITING, "缺纸 · out of labels")
    ledger.move_job(job, JobState.CANCELLED, "已取消 · cancelled", WHO)
    open_one = ledger.open_job(an_order("k3", 3))
    ledger.begin_window(open_one.job_id, limit=2, counter=9)
    ledger.boot()


def _copies(ledger: Ledger) -> None:
    facts: dict[str, Any] = {"template": "wash_care_30", "printer": "satin", "snapshot": {"snapshot": 1}}
    order = CopiesOrder(key="c1", request_hash="1" * 64, quantity=9, operator=WHO, unchecked=True, **facts)
    copies = ledger.open_copies(order).copies_id
    ledger.begin_copies(copies, 4, rows=4, counter=1)
    ledger.judge_copies(copies, PROOF)
    ledger.begin_copies(copies, 4, rows=4, counter=5)
    ledger.judge_copies(copies, NO_PROOF)
    ledger.end_copies(copies, CopiesState.CANCELLED, "已取消 · cancelled", WHO)


def _alarms(ledger: Ledger) -> None:
    alarm = ledger.raise_alarm("possible_duplicate", "p1", {"counted": 9, "expected": 8})
    ledger.close_alarm(alarm, WHO, "已找到并销毁")
    ledger.note_paper_fed("p1", 9, 10)
    ledger.place_hold("counter_ahead", {"printer": "p1"})
    ledger.release_hold("counter_ahead", by="operator", operator=WHO, reason="换卷走纸")
    head = ledger.head()
    ledger.set_acked(head.incarnation, 7)


def _recovery(ledger: Ledger) -> None:
    """The registry knows the history up to its twentieth event and one more that is not ours."""
    life = ledger.incarnations()[-1].incarnation
    held = [(life, row.seq, row.body) for row in ledger.events(life, 0, 20)]
    other = {"incarnation": life, "seq": 21, "at": "2026-11-20T10:00:00.000Z", "type": "unheard_of", "more": "示例"}
    body = json.dumps(other, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    ledger.recover([*held, (life, 21, body)])


def _link(serial: str) -> str:
    return f"https://ID.EXAMPLE.CN/01/{GTIN}/10/{LOT}/21/{serial}"


def order_like(ledger: Ledger, job_id: str, key: str) -> JobOrder:
    """An order for the goods of an earlier job."""
    job = ledger.job(job_id)
    facts: dict[str, Any] = {"gtin": job.gtin, "lot_no": job.lot_no, "quota_key": job.quota_key, "printer": job.printer}
    snapshot = json.loads(ledger.snapshot(job.snapshot_hash))
    return an_order(key, 3, snapshot=snapshot, template=job.template, **facts)


def tables(path: Path) -> dict[str, Any]:
    """Columns and rows of every table of a ledger; bytes as hex digits, rows in order of their text."""
    found = {}
    with contextlib.closing(sqlite3.connect(path)) as database:
        names = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").fetchall()
        for (name,) in names:
            cursor = database.execute(f'SELECT * FROM "{name}"')
            columns = [column[0] for column in cursor.description]
            rows = [[one.hex() if isinstance(one, bytes) else one for one in row] for row in cursor]
            found[name] = {"columns": columns, "rows": sorted(rows, key=str)}
    return found


def same_columns(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Of `now` the tables and columns that were there before: what a later version adds is no difference."""
    found = {}
    for name, held in before.items():
        places = [now[name]["columns"].index(column) for column in held["columns"]]
        rows = [[row[place] for place in places] for row in now[name]["rows"]]
        found[name] = {"columns": held["columns"], "rows": sorted(rows, key=str)}
    return found
