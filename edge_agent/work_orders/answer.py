"""What is answered to whoever sent a file of orders: for programs as JSON, for people as a sheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from edge_agent.exports import harmless
from edge_agent.messages.work_order import TAKINGS, counted
from edge_agent.model.work_order import Outcome, Taking


def answer_of(file_id: str, name: str, source: str, outcomes: Sequence[Outcome], refused: str = "") -> dict[str, Any]:
    """The answer to a file: how many rows were taken, and each row with what became of it. `refused`: why nothing of
    the file could be read."""
    of = {taking: sum(one.outcome is taking for one in outcomes) for taking in Taking}
    words = counted(of[Taking.TAKEN], of[Taking.SAME], of[Taking.REFUSED])
    return {
        "file_id": file_id,
        "file": name,
        "source": source,
        "refused_whole": refused,
        **{taking.value: count for taking, count in of.items()},
        "words": {"zh": refused.partition(" · ")[0], "en": refused.partition(" · ")[2]} if refused else asdict(words),
        "rows": [asdict(one) | {"outcome": one.outcome.value} for one in outcomes],
    }


def as_sheet(answer: Mapping[str, Any]) -> str:
    """The same as a CSV that Excel opens: a row for each row, with its sentence."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["位置", "生产单号", "行号", "结果", "原因", "outcome"])
    if answer["refused_whole"]:
        rows.writerow(["整份", "", "", TAKINGS[Taking.REFUSED].zh, answer["refused_whole"], Taking.REFUSED.value])
    for row in answer["rows"]:
        told = (row["place"], row["order_no"], row["line"], TAKINGS[row["outcome"]].zh, row["why"], row["outcome"])
        rows.writerow([harmless(cell or "") for cell in told])
    return "\ufeff" + text.getvalue()
