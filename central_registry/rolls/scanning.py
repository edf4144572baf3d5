"""Commissions a label of a roll: somebody of its firm scanned it onto its garment.

The agent that printed it hears nothing of that and its history stays one: the registry keeps it beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.ingest.states import State
from central_registry.ingest.sums import day_of
from central_registry.parties.actor import Actor, PartyStatus
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.parties.standing import status_of
from central_registry.problems import ProblemError
from central_registry.rolls.handing import mark
from central_registry.rolls.labels import BECAME_ZH, Became, link_in, require_printed
from central_registry.rolls.notices import require_going
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.codes.gs1 import gtin14


async def commission(pool: Pool, actor: Actor, text: str, at: datetime) -> dict[str, Any]:
    """Take in one scan, `text` as the scanner gave it: `{serial, roll, at, already, commissioned, still}`; `already`:
    it was scanned before, at `at`, and nothing changed; the last two are of its roll.

    Raises:
        ProblemError: 403; 422 for what is no label's link; 404 for a label that is on no roll of this firm's; 409 for
            one that is returned, lost, scrapped, in doubt, being verified, or of goods that are stopped, and for a
            firm that is barred.
    """
    link = link_in(text)
    before = await looking(pool, actor, lambda c: _known(c, actor, link), Act.SCAN_ROLL)
    if before["already"]:
        return before

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        label, roll = await _on_roll(connection, actor, link)
        await sql.roll_locked(connection, roll=roll)
        found = await _judged(connection, label, roll)
        if not found["already"]:
            await _require_not_barred(connection, actor, at)
            await mark(connection, actor, roll, [link.serial], Became.COMMISSIONED, at)
            await sql.sum_by_roll(
                connection, agent=label["agent"], quota_key=label["quota_key"], day=day_of(label["hour"])
            )
        found = {**found, "at": found["at"] or at, **await _left(connection, actor, roll)}
        return found, Entry(Act.SCAN_ROLL, f"{link.serial} {roll}", text.strip()[:300], actor.party)

    return await acting(pool, actor, Act.SCAN_ROLL, work, at)


async def _known(connection: Connection, actor: Actor, link: DigitalLink) -> dict[str, Any]:
    label, roll = await _on_roll(connection, actor, link)
    return {**await _judged(connection, label, roll), **await _left(connection, actor, roll)}


async def _on_roll(connection: Connection, actor: Actor, link: DigitalLink) -> tuple[Mapping[str, Any], str]:
    """The label's row, and the roll of this firm's that holds it; another firm's is told no other words than none."""
    label = await sql.label_placed(connection, serial=link.serial)
    roll = label and await sql.roll_of_label(connection, draw=label["draw"], n=label["n"])
    if not roll or roll["firm"] != actor.party:
        raise ProblemError(
            "not-found",
            f"这枚标签不在交给贵企业的卷里 · {link.serial}: expected a label of a roll handed to you, got none; "
            "put it aside and ask your association",
        )
    lots = {(lot or "").upper() for lot in (link.lot_no or label["lot_no"], label["lot_no"])}
    if link.gtin != gtin14(label["gtin"]) or len(lots) > 1:
        raise ProblemError(
            "refused",
            f"二维码里的商品或批号与平台记录不同 · {link.serial}: expected {label['gtin']} {label['lot_no'] or ''}, "
            f"got {link.gtin} {link.lot_no or ''}; put it aside and ask your association",
        )
    return label, roll["roll"]


async def _judged(connection: Connection, label: Mapping[str, Any], roll: str) -> dict[str, Any]:
    serial = label["serial"]
    before = await sql.roll_label(connection, serial=serial)
    if before is not None and before["became"] != Became.COMMISSIONED:
        zh = BECAME_ZH[Became(before["became"])]
        raise ProblemError(
            "refused", f"这枚标签{zh}，不能再贴 · {serial}: expected one still on the roll, got {before['became']}"
        )
    if before is None and label["state"] != State.COMMISSIONED:
        require_printed(serial, label["state"], label["verdict"])
        await require_going(connection, label["quota_key"])
    already = before is not None or label["state"] == State.COMMISSIONED
    return {"serial": serial, "roll": roll, "already": already, "at": before["at"] if before else None}


async def _require_not_barred(connection: Connection, actor: Actor, at: datetime) -> None:
    """A suspended firm gets no more codes and uses those it has, as with a printer of its own; for a barred one nothing
    more goes onto garments, and its rolls wait or are returned."""
    if await status_of(connection, actor.party, at.date()) is PartyStatus.BARRED:
        raise ProblemError(
            "refused",
            "企业已列入黑名单，不能再贴签；已贴的照常有效 · firm: expected one that is not barred, got one that is; "
            "put the roll aside and ask your association",
        )


async def _left(connection: Connection, actor: Actor, roll: str) -> dict[str, int]:
    who = {"party": actor.party, "kind": actor.kind.value}
    rows = sql.rolls_seen(connection, **who, roll=roll, state="", firm="", like="%", rows=1, skipped=0)
    row = [one async for one in rows].pop()
    return {"commissioned": row["commissioned"], "still": row["still"]}
