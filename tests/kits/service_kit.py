"""A real service on a real ledger, without printers, pump or page."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from edge_agent.catalog import Catalog
from edge_agent.change_signal import ChangeSignal
from edge_agent.labels.prepare import LabelTerms, LinkStyle
from edge_agent.ledger import LedgerThread
from edge_agent.printing.directory import PrinterDirectory
from edge_agent.service.agent_service import AgentService
from edge_agent.service.parts import AgentParts
from label_protocol.codes.serial import new_serial
from tests.kits.ledger_kit import Place, enrolled
from tests.kits.web_double import VIEW

HOST = "id.example.cn"


@asynccontextmanager
async def a_service(folder: Path, on_date: str = "2026-11-20") -> AsyncIterator[AgentService]:
    """Enrolled, with an allotment; its serials are made by chance, as in production."""
    ledger = await LedgerThread.open(
        lambda: enrolled(Place(folder).open(new_serial=lambda issuer: new_serial(issuer, os.urandom)))
    )
    try:
        yield AgentService(
            AgentParts(
                ledger=ledger,
                catalog=Catalog.open(folder / "catalogue.json"),
                printers=PrinterDirectory(lambda: [VIEW]),
                changes=ChangeSignal(),
                terms=lambda: LabelTerms(on_date, LinkStyle(HOST)),
            )
        )
    finally:
        await ledger.close()
