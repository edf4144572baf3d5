"""A process that writes a ledger until it is killed: `ledger_victim.py FOLDER PROBE COUNT`.

It kills itself with SIGKILL at the COUNT-th call of the probe named PROBE (or never, at `-`), and says on stdout what
was acknowledged to it: one serial per line, after `begin_window` returned.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from tests.kits.ledger_kit import PROOF, Place, a_job, enrolled

folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
calls = 0


def probe(called: str) -> None:
    global calls
    calls += called == name
    if called == name and calls == count:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


ledger = enrolled(Place(folder).open(probe=probe), allotted=10_000)
if hasattr(ledger, "_db") and name == "no_autocheckpoint":
    ledger._db.execute("PRAGMA wal_autocheckpoint = 0")
job = a_job(ledger, 1_000)
for number in range(60):
    window = ledger.begin_window(job.job_id, limit=4)
    print(*window.serials, sep="\n", flush=True)
    if number % 5 == 4:
        ledger.doubt_window(window.window_id, "silence")
    else:
        ledger.prove_window(window.window_id, PROOF)
print("waiting", flush=True)
sys.stdin.read()
