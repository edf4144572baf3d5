"""The books of one printer's counter, without a printer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_agent.errors import HeldError
from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.model.printer import Health, Observation, PrinterStatus, ProofLevel, Verdict
from edge_agent.printing.odometer import Odometer
from tests.kits.floor import fill, open_test_ledger

QUIET = PrinterStatus(Health.OK, idle=True)


async def books(folder: Path) -> tuple[Odometer, LedgerThread]:
    """An odometer that has seen counter 100 once."""
    ledger = await LedgerThread.open(lambda: open_test_ledger(folder))
    await fill(ledger, 10)
    found = Odometer("p1", ledger)
    await found.open()
    await found.account(Observation(QUIET, 100), edge=False, relinked=True)
    return found, ledger


async def kinds(ledger: LedgerThread) -> list[str]:
    return [str(alarm["kind"]) for alarm in await ledger.do(Ledger.alarms)]


def proven(**evidence: Any) -> Verdict:
    return Verdict(True, ProofLevel.COUNTER, "proven", evidence)


async def test_a_confirmation_between_windows_is_a_label_nobody_sent(tmp_path: Path) -> None:
    odometer, ledger = await books(tmp_path)
    odometer.proven(proven(counter_after=None, confirmed=8))
    await odometer.account(Observation(QUIET, responses=8), edge=False, relinked=False)
    assert await kinds(ledger) == []
    odometer.proven(proven(counter_after=None, confirmed=8))
    await odometer.account(Observation(QUIET, responses=9), edge=False, relinked=False)
    assert await kinds(ledger) == ["possible_duplicate"]
    await ledger.close()


async def test_confirmations_of_a_new_connection_or_after_a_doubt_are_not_compared(tmp_path: Path) -> None:
    odometer, ledger = await books(tmp_path)
    odometer.proven(proven(counter_after=None, confirmed=8))
    await odometer.account(Observation(QUIET, responses=9), edge=False, relinked=True)
    odometer.proven(proven(counter_after=None, confirmed=8))
    odometer.sent(8)
    await odometer.account(Observation(QUIET, responses=14), edge=False, relinked=False)
    assert await kinds(ledger) == []
    await ledger.close()


async def test_more_paper_or_confirmations_than_rows_in_a_window_is_told(tmp_path: Path) -> None:
    odometer, ledger = await books(tmp_path)
    for evidence in (
        {"counter_before": 100, "counter_after": 104, "rows": 4, "labels": 8, "confirmed": None},
        {"counter_before": None, "counter_after": None, "rows": 8, "labels": 8, "confirmed": 8},
    ):
        await odometer.alarm_if_more(Verdict(False, ProofLevel.SENT, "", evidence))
    assert await kinds(ledger) == []
    for evidence in (
        {"counter_before": 100, "counter_after": 105, "rows": 4, "labels": 8, "confirmed": None},
        {"counter_before": None, "counter_after": None, "rows": 8, "labels": 8, "confirmed": 9},
    ):
        await odometer.alarm_if_more(Verdict(False, ProofLevel.SENT, "", evidence))
    assert await kinds(ledger) == ["possible_duplicate"] * 2
    await ledger.close()


async def test_counts_after_a_hand_or_a_doubt_are_feed_and_others_an_alarm(tmp_path: Path) -> None:
    odometer, ledger = await books(tmp_path)
    await odometer.account(Observation(QUIET, 103), edge=True, relinked=False)
    odometer.sent(2)
    await odometer.account(Observation(QUIET, 105), edge=False, relinked=False)
    assert await kinds(ledger) == []
    await odometer.account(Observation(QUIET, 106), edge=False, relinked=False)
    with pytest.raises(HeldError, match=r"换了打印机？计数从 106 变小到 3.*went back from 106 to 3"):
        await odometer.account(Observation(QUIET, 3), edge=False, relinked=False)
    assert await kinds(ledger) == ["possible_duplicate", "counter_reset"]
    await ledger.close()
