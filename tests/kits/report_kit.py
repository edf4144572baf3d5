"""A shift on a real ledger, in which everything happened that a report tells."""

from __future__ import annotations

from typing import Any, cast

from edge_agent.ledger import Ledger
from edge_agent.model.copies import CopiesOrder
from edge_agent.model.job import Job, JobState, Window
from edge_agent.service.agent_service import AgentService
from label_protocol.states import Step
from tests.kits.ledger_kit import GTIN, PROOF, ToldClock, an_order

AT = "2026-11-20T09:15:03Z"
"""Within the shift, and within its only hour."""
HOSTILE = "=cmd|' /C calc'!A0 碳带皱"
PAPER = "缺纸 · out of labels"
SNAPSHOT = {"product": {"style_no": "YR-1", "size": "170/88A", "name": "羽绒服"}}


async def fill(service: AgentService, lead: str = "A01", operator: str = "B02") -> None:
    """Twenty labels of two lots, ordered by two people at two printers: four on garments, two of these in a carton, one
    scrapped and replaced, eight in doubt; copies; a printer that stood."""
    do = service.parts.ledger.do
    item = {"kind": "allotment", "quota_key": "lot:L2", "quantity": 100, "spoilage_permille": 30}
    await do(Ledger.receive_distribution, "l2", "epoch-1", [item])
    first = await _job(service, 11, lot_no="L1", operator=lead, snapshot=SNAPSHOT)
    window = await _printed(service, first)
    for serial in window.serials[:4]:
        text = f"HTTPS://ID.EXAMPLE.CN/01/{GTIN}/10/L1/21/{serial}"
        await do(Ledger.scan, serial, text, operator, on_garment=True)
    await do(Ledger.scrap_and_replace, window.serials[7], operator, HOSTILE, "again")
    await do(Ledger.move_job, first.job_id, JobState.WAITING, PAPER)
    await do(_tell_time, "2026-11-20T09:27:03")
    await do(Ledger.move_job, first.job_id, JobState.RUNNING, "已开始 · started")
    await _printed(service, first)
    (again,) = [job for job in await do(Ledger.jobs) if job.replaces]
    await _printed(service, again)
    second = await _job(service, 8, lot_no="L2", quota_key="lot:L2", printer="p2", operator=operator, snapshot=SNAPSHOT)
    strip = await do(Ledger.begin_window, second.job_id)
    await do(Ledger.doubt_window, strip.window_id, "silence")
    carton = await do(Ledger.open_carton, "c1", operator)
    for serial in window.serials[:2]:
        await do(Ledger.pack, carton.carton, serial, "", operator, from_print=False)
    await do(Ledger.close_carton, carton.carton, 2, operator, None, from_print=False)
    order = CopiesOrder("w1", "h", "wash_40x60", "p1", 5, SNAPSHOT, operator=lead)
    await do(Ledger.open_copies, order)


def _tell_time(ledger: Ledger, second: str) -> None:
    cast("ToldClock", ledger._log.clock).second = second


async def _job(service: AgentService, quantity: int, **more: Any) -> Job:
    return await service.parts.ledger.do(Ledger.open_job, an_order(quantity, **more))


async def _printed(service: AgentService, job: Job) -> Window:
    window = await service.parts.ledger.do(Ledger.begin_window, job.job_id)
    await service.parts.ledger.do(Ledger.prove_window, window.window_id, PROOF)
    return window


async def scrap_another(service: AgentService) -> None:
    """One thing more, after a report was made."""
    do = service.parts.ledger.do
    found = next(one for one in await do(Ledger.labels, "printed", 100))
    await do(Ledger.decide, found.serial, Step.SCRAP, "B02", "印歪")
