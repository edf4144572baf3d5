"""Ran on commit 022af03 (`python -m tests.made_before.drawn_4990.make FOLDER`): how the recording was made."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from edge_agent.ledger import Ledger
from edge_agent.model.job import JobOrder, JobState
from edge_agent.model.printer import ProofLevel, Verdict
from label_protocol.codes.serial import new_serial

LOT, DRAWN = "L20261118A", 4990
RECORD = {
    "product": {"style_no": "YR2026-0801", "name": "男式连帽羽绒服", "gtin": "06901234567892"},
    "lot": {"lot_no": LOT, "quantity": 5000},
}


def make(out: Path) -> None:
    """The ledger and its witness, by a clock and chance that are counted."""
    numbers, ticks, names = itertools.count(1), itertools.count(), itertools.count(1)

    def clock() -> str:
        tick = next(ticks)
        day, hour = 20 + tick // 36_000, 8 + tick // 3_600 % 10
        return f"2026-11-{day:02d}T{hour:02d}:{tick // 60 % 60:02d}:{tick % 60:02d}.000Z"

    ledger = Ledger.open(
        out / "ledger.db",
        witness=out / "witness",
        clock=clock,
        new_serial=lambda issuer: new_serial(issuer, lambda count: (next(numbers) << 8).to_bytes(count, "big")),
        fingerprint="pc-1",
        entropy=lambda count: next(names).to_bytes(count, "big"),
    )
    ledger.enrol("factory-1", "PH1", "e1", "http://127.0.0.1:8700")
    allotment = {"kind": "allotment", "quota_key": f"lot:{LOT}", "quantity": 5000, "spoilage_permille": 30}
    ledger.receive_distribution("e1:2:0", "e1", [{"kind": "lot", "lot_no": LOT, "record": RECORD}, allotment])
    goods = {"gtin": "06901234567892", "lot_no": LOT, "quota_key": f"lot:{LOT}"}
    order = JobOrder("k1", "h1", "down_grade_60x40", "line-1", 5000, RECORD, operator="12", **goods)  # type: ignore[arg-type]
    job, drawn = ledger.open_job(order), 0
    while drawn < DRAWN:
        window = ledger.begin_window(job.job_id, limit=min(8, DRAWN - drawn))
        drawn += len(window.serials)
        ledger.prove_window(window.window_id, Verdict(True, ProofLevel.COUNTER, "counter moved", {}))
    ledger.move_job(job.job_id, JobState.PAUSED, "end of the shift", "12")
    ledger.set_acked(ledger.head().incarnation, 600)
    ledger.close()


if __name__ == "__main__":
    make(Path(sys.argv[1]))
