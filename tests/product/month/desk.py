"""What people do in the month: codes ordered, approved, overridden, lowered, written off; certificates amended,
suspended, withdrawn; goods stopped and let go on; firms suspended; agents revoked and what they told or what was handed
in of them admitted; secrets changed; rolls; scans."""

from __future__ import annotations

import copy
import io
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any

from edge_agent.ledger import Ledger
from tests.kits.platform_story import PDF
from tests.product.month.floor import bout, tell
from tests.product.month.town import ROLLS, Lot, Town, Worker, new_worker, try_to

WHY = "示例原因"
_MOST_LEFT = """
SELECT p.quota_key, p.quantity, coalesce(q.drawn - q.freed, 0) AS used
FROM promised p LEFT JOIN quota_use q ON q.agent = p.agent AND q.quota_key = p.quota_key
WHERE p.agent = $1 ORDER BY p.quantity - coalesce(q.drawn - q.freed, 0) DESC, p.quota_key LIMIT 1
"""


async def ordered(town: Town) -> None:
    """Codes for a line that has none left, else for any; what is more than certified is now and then overridden."""
    worker, lot = _hungry(town)
    wanted = {"firm": lot.firm.party, "agent": worker.name, "quantity": town.size.each_lot, "lot_no": lot.lot_no}
    order = await town.act("ordered", lot.firm.clerk, "POST", "orders", wanted)
    if order is None:
        return
    place = f"orders/{order['code_order']}"
    if town.falls(0.03, "taken_back"):
        await town.act("taken_back", lot.firm.clerk, "POST", f"{place}/take-back")
    elif town.falls(0.03, "rejected"):
        await town.act("rejected", town.story.approver, "POST", f"{place}/reject", {"reason": WHY})
    else:
        days = town.chance.choice((7, 14, 45))
        given = await town.act("approved", town.story.approver, "POST", f"{place}/approve", {"days": days})
        if given is None and town.falls(0.3, "overridden"):
            more = {"days": days, "override": WHY}
            await town.act("overridden", town.story.approver, "POST", f"{place}/approve", more)


def _hungry(town: Town) -> tuple[Worker, Lot]:
    waiting, town.hungry = [one for one in town.hungry if not one[0].revoked and not one[1].recalled], []
    if waiting:
        found = town.chance.choice(waiting)
        town.hungry = [one for one in waiting if one != found]
        return found
    worker = town.chance.choice([one for one in town.workers if not one.revoked])
    return worker, town.chance.choice(worker.lots)


async def written_off(town: Town) -> None:
    """What is left at an agent that is silent, or at one that was revoked."""
    silent = [one for one in town.workers if one.away or one.revoked]
    if not silent:
        return
    worker = town.chance.choice(silent)
    key = await try_to(
        town.story.pool.fetchval("SELECT quota_key FROM lease WHERE agent = $1 ORDER BY until LIMIT 1", worker.name)
    )
    told = {"agent": worker.name, "quota_key": key or "", "reason": WHY}
    await town.act("written_off", town.story.approver, "POST", "write-offs", told)


async def lowered(town: Town) -> None:
    """Of what an agent has left, half is taken back: at once, or once it said what it did not use."""
    worker = town.chance.choice([one for one in town.workers if not one.revoked])
    row = await try_to(town.story.pool.fetchrow(_MOST_LEFT, worker.name))
    if row is not None:
        keeps = row["used"] + (row["quantity"] - row["used"]) // 2
        told = {"agent": worker.name, "quota_key": row["quota_key"], "quantity": keeps, "reason": WHY}
        await town.act("lowered", town.story.approver, "POST", "lowerings", told)


async def secret_ended(town: Town) -> None:
    """An agent is told to change its secret at its next contact."""
    worker = town.chance.choice([one for one in town.workers if not one.revoked])
    await town.act("rotation_asked", worker.firm.it, "POST", f"agents/{worker.name}/rotate")


async def amended(town: Town) -> None:
    """Another version of a certificate with a report of its own; honest records say the new one from then on."""
    lot = town.chance.choice(town.lots)
    told = {
        **lot.record["lot"],
        "grade": {**lot.record["lot"]["grade"], "overall": town.chance.choice(("AAA", "AAAA"))},
    }
    report_no = f"{lot.record['lot']['report_no'].split('+')[0]}+{town.done['amended']}-{town.done['amended_refused']}"
    version = await _filed(town, lot, told, report_no)
    if version is None:
        return
    place = f"certificates/{lot.firm.party}/{lot.lot_no}/{version}/approve"
    if await town.act("amended", town.story.approver, "POST", place, {"agreed": True}):
        lot.versions = version
        lot.record = copy.deepcopy(lot.record) | {"lot": {**told, "report_no": report_no}}
        for worker in town.workers:
            worker.jobs.pop(lot.lot_no, None)


async def _filed(town: Town, lot: Lot, told: Mapping[str, Any], report_no: str) -> int | None:
    story, today = town.story, str(town.story.clock.at.date())
    said = {"firm": lot.firm.party, "lot_no": lot.lot_no, "report_no": report_no, "issued_on": today}
    report = {"covers": str(told["quantity"]), "file_name": "r.pdf", **said}
    if await town.act("report_filed", story.tester, "POST", "reports", data=PDF, **report) is None:
        return None
    grade = {name: value for name, value in told["grade"].items() if name != "scheme"}
    filing = {
        "firm": lot.firm.party, "lot_no": lot.lot_no, "scheme": told["grade"]["scheme"], "grade": grade,
        "quantity": told["quantity"], "valid_from": today, "valid_to": "2027-11-19", "report_no": report_no,
        "lab_name": "示例检测中心",
    }  # fmt: skip
    filed = await town.act("certificate_filed", story.tester, "POST", "certificates", filing)
    return None if filed is None else int(filed["version"])


async def certificate_stopped(town: Town) -> None:
    """Suspended and lifted; one in four is withdrawn for good, until another version is approved."""
    lot = town.chance.choice(town.lots)
    place, story = f"certificates/{lot.firm.party}/{lot.lot_no}/{lot.versions}", town.story
    withdraw = town.falls(0.25, "withdrawal_confirmed")
    stop = {"withdraw": withdraw, "reason": WHY}
    word = "certificate_withdrawn" if withdraw else "certificate_suspended"
    if await town.act(word, story.officer, "POST", f"{place}/stop", stop) is None:
        return
    if withdraw:
        await town.act("withdrawal_confirmed", story.approver, "POST", f"{place}/confirm", {"reason": WHY})
    else:
        await town.act("certificate_lifted", story.approver, "POST", f"{place}/lift", {"reason": WHY})


async def goods_stopped(town: Town) -> None:
    """A lot is suspended or recalled by one person, and another confirms or undoes it."""
    lot = town.chance.choice(town.lots)
    recall = town.falls(0.2, "recalled")
    word, goods = ("recalled", "recalls") if recall else ("suspended", "suspensions")
    stop = await town.act(word, town.story.officer, "POST", goods, _goods(lot))
    agreed = town.chance.random() < 0.5
    if stop is not None and await _decided(town, stop, agreed) and recall and agreed:
        lot.recalled = True


async def goods_go_on(town: Town) -> None:
    """A suspended lot goes on again by two people."""
    rows = await try_to(town.story.ask(town.story.officer, "GET", "stops", kind="suspension"))
    for row in (rows or {"rows": []})["rows"][:2]:
        goods = {"firm": row["firm"], "lot_no": row["lot_no"], "reason": WHY}
        if asked := await town.act("lifting_asked", town.story.officer, "POST", "liftings", goods):
            await _decided(town, asked, True)


async def _decided(town: Town, asked: Mapping[str, Any], agreed: bool) -> bool:
    if not asked["decision"]:
        return True
    word, place = {"agreed": agreed, "reason": WHY}, f"decisions/{asked['decision']}/outcome"
    return await town.act("decided", town.story.approver, "POST", place, word) is not None


def _goods(lot: Lot) -> dict[str, str]:
    return {"firm": lot.firm.party, "lot_no": lot.lot_no, "reason": WHY}


async def firm_stands(town: Town) -> None:
    """A firm is suspended, or active again."""
    again = bool(town.stopped) and town.chance.random() < 0.7
    party = town.chance.choice(sorted(town.stopped) if again else [one.firm.party for one in town.lots])
    status = "active" if again else "suspended"
    asked = {"status": status, "reason": WHY}
    moved = await town.act(f"firm_{status}", town.story.officer, "POST", f"parties/{party}/status", asked)
    if moved:
        await _decided(town, moved, True)
    (town.stopped.discard if again else town.stopped.add)(party)


async def revoked(town: Town) -> None:
    """An agent is lost with labels in it and found again: what it tells, or what is handed in of its disk, is kept,
    and a person decides; a new agent takes its place."""
    idle = town.idle()
    if town.dying or town.kept or not idle:
        return
    worker = town.chance.choice(idle)
    worker.away += 1
    await bout(town, worker)  # which it does not tell any more
    worker.away -= 1
    lost = {"why": "lost", "reason": "失窃"}
    if await town.act("revoked", worker.firm.it, "POST", f"agents/{worker.name}/revoke", lost) is None:
        return
    worker.revoked = True
    await (_handed_in(town, worker) if town.falls(0.5, "handed_in") else tell(town, worker))
    word = {"window": None, "admitted": town.chance.random() < 0.5, "reason": WHY}
    await town.act("told_after_decided", town.story.approver, "POST", f"told-after/{worker.name}", word)
    await try_to(_in_its_place(town, worker))


async def _handed_in(town: Town, worker: Worker) -> None:
    """Its PC does not start any more; somebody read its ledger off the disk."""
    ledger = io.StringIO()
    await worker.line.at.ledger.do(Ledger.export, ledger)
    data = ledger.getvalue().encode()
    found = await town.act("handed_in", town.story.approver, "POST", f"agents/{worker.name}/ledger", data=data)
    assert found is not None, worker.name


async def _in_its_place(town: Town, worker: Worker) -> None:
    edge = await town.story.enrolled(worker.firm, f"{worker.name}-b")
    await new_worker(town, worker.firm, edge, worker.lots, old=worker.old)


async def rolled(town: Town) -> None:
    """A roll of the association's agent is handed over; some of its labels go onto garments, the rest comes back."""
    worker = next(one for one in town.workers if one.name == ROLLS)
    if worker.name in town.busy or not worker.proven or await tell(town, worker) != "online":
        return
    stretch, roll = worker.proven.pop(0), f"roll-{len(worker.proven)}-{town.done['handed_over']}"
    body = {"first": stretch[0], "last": stretch[-1], "roll": roll}
    if await town.act("handed_over", town.story.officer, "POST", "rolls", body) is None:
        return
    lot = worker.lots[0]
    for serial in stretch[: min(10, len(stretch) // 2)]:
        if await town.act("scanned_of_roll", lot.firm.clerk, "POST", "roll-scans", {"text": lot.link(serial)}):
            town.on_garments.add(serial)
    became = "lost" if town.falls(0.5, "rest_lost") and town.done["rest_returned"] else "returned"
    rest = {"became": became, "reason": WHY}
    await town.act(f"rest_{became}", town.story.officer, "POST", f"rolls/{roll}/settled", rest)


async def phones(town: Town) -> None:
    """Consumers scan labels, told or not."""
    printed = [one for one in town.workers if one.serials]
    for worker in town.chance.choices(printed, k=10 if printed else 0):
        serial = town.chance.choice(list(worker.serials))
        lot = worker.serials[serial]
        path = f"/01/{lot.record['product']['gtin']}/10/{lot.lot_no}/21/{serial}"
        seen = await try_to(town.story.registry.facts(path))
        assert town.dying or seen is not None, path
        status = (seen or {}).get("status", "unanswered")
        town.done[f"seen_{status}"] += 1
        town.looked_at |= {serial} if status == "registered" else set()


Act = Callable[[Town], Awaitable[None]]
ACTS: Mapping[str, tuple[float, Act, tuple[str, ...]]] = MappingProxyType(
    {
        "ordered": (1.0, ordered, ("ordered", "approved", "rejected", "taken_back", "overridden")),
        "phones": (0.6, phones, ("seen_registered", "seen_void")),
        "lowered": (0.1, lowered, ("lowered",)),
        "written_off": (0.15, written_off, ("written_off",)),
        "amended": (0.1, amended, ("amended",)),
        "certificate_stopped": (
            0.08, certificate_stopped, ("certificate_suspended", "certificate_lifted", "withdrawal_confirmed")
        ),
        "goods_stopped": (0.1, goods_stopped, ("suspended", "recalled", "decided")),
        "goods_go_on": (0.12, goods_go_on, ("lifting_asked",)),
        "firm_stands": (0.08, firm_stands, ("firm_suspended", "firm_active")),
        "secret_ended": (0.1, secret_ended, ("rotation_asked",)),
        "revoked": (0.02, revoked, ("revoked", "handed_in", "told_after_decided")),
        "rolled": (0.1, rolled, ("handed_over", "scanned_of_roll", "rest_returned", "rest_lost")),
    }
)  # fmt: skip
"""How likely each is in a bout, and what of it must come up in a whole month; one of which something never did comes up
ever more surely."""
