"""Begins a new ledger beside an old one that is kept whole: for another registry, to which the old one means nothing.

What one registry allotted is no allotment of another (invariant 5), and what is told of a serial later must reach the
registry that knows it. So the old ledger ends where it stands, and its serials stay with it.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from edge_agent.files import make_folder, sync_folder
from edge_agent.ledger.backup import COMPANIONS
from edge_agent.ledger.ledger import Ledger
from edge_agent.ledger.lock import FileLock
from edge_agent.model.job import JobState
from label_protocol.errors import ConflictError
from label_protocol.states import SerialState

_OVER = (JobState.DONE, JobState.CANCELLED)


def unsettled(ledger: Ledger) -> str:
    """What in this ledger nobody could settle any more once it is put aside, in words; empty: nothing."""
    sending = len(ledger.labels(SerialState.SENDING, limit=1))
    doubts = sum(len(labels) for _, labels in ledger.doubts())
    jobs = [job.job_id for job in ledger.jobs() if job.state not in _OVER]
    found = [f"存疑的标签 {doubts} 张 labels in doubt" if doubts else ""]
    found += [f"没打完的任务 {len(jobs)} 个 jobs not over: {', '.join(jobs[:3])}" if jobs else ""]
    cartons = [one.carton for one in ledger.cartons(4, only_open=True)]
    found += [f"还开着的箱子 open cartons: {', '.join(cartons)}" if cartons else ""]
    found += ["正在发出的窗口，先启动一次代理 a window on its way: start the agent once" if sending else ""]
    return "；".join(one for one in found if one)


def put_aside(path: Path, witness: Path, folder: Path) -> None:
    """Move a ledger and its witness into `folder`, a new one. The ledger goes first: killed in between, the witness
    stands alone, and a ledger that is begun beside it issues nothing until somebody has looked.

    Raises:
        ConflictError: the folder is there already.
        LedgerBusyError: an agent has the ledger.
    """
    require_new(folder)
    lock = FileLock(path)
    try:
        make_folder(folder)
        files = [path.with_name(path.name + end) for end in COMPANIONS]
        for one in (*files, path):  # of one disk with the folder, or nothing is moved
            if one.exists():
                one.replace(folder / one.name)
        if witness.exists():
            shutil.move(witness, folder / witness.name)
        for place in (folder, path.parent, witness.parent):
            sync_folder(place)
    finally:
        lock.release()


def require_new(folder: Path) -> None:
    """Refuses a name that is taken. Raises ConflictError."""
    if os.path.lexists(folder):
        raise ConflictError(
            f"{folder} 已经有了，没有动账本 · {folder}: expected a new name to put the old ledger to, got one that is "
            "there; choose another"
        )
