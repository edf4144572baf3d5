"""A message that a person orders, to see whether it arrives: before the night in which it matters."""

from __future__ import annotations

from datetime import datetime

from edge_agent.config.alerts import AlertRow
from edge_agent.errors import SyncError
from edge_agent.messages import alert
from edge_agent.ops.alerts import formats
from edge_agent.ops.alerts.cause import Cause, Notice
from edge_agent.ops.alerts.sender import send


async def tried(row: AlertRow, site: str, now: datetime) -> str:
    """Sends a test to one robot, in quiet hours too; why it was not taken, empty if it was."""
    notice = Notice("test", Cause("test", "test", alert.TEST), now)
    try:
        await send(row, formats.address(row, int(now.timestamp() * 1000)), formats.body(row, site, [notice], now))
    except SyncError as cause:
        return str(cause)
    return ""
