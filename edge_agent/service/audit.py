"""The whole ledger proven while the agent goes on: on a copy, in a thread of its own."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path

from edge_agent.ledger import Ledger, LedgerThread
from edge_agent.ledger.values import Report


async def verify(ledger: LedgerThread) -> Report:
    """The whole chain and rebuild == live, on a copy made now: nineteen seconds for a million labels, and jobs go on
    meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="edge-agent-verify-"))
    try:
        copy = await ledger.do(Ledger.backup, folder / "copy.db")
        return await asyncio.to_thread(Ledger.verify_copy, copy)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
