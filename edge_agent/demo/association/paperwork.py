"""What comes before a label: parties and people let in, goods imported, certificates filed and approved, codes ordered.

Everything is done by whoever would do it, over HTTP, and what hands something out is approved by another person.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import aiohttp

from edge_agent.demo.association.cast import ASSOCIATION, BY_KEY, COLLEAGUES, LAB, OPERATOR, PARTIES, Party
from edge_agent.demo.association.desk import Desk, log_in, place
from edge_agent.demo.association.goods import Goods

PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
"""
"""A page with nothing on it, in place of a lab's report (ISO 32000-1, 7.5)."""


@dataclass
class House:
    """The registry's people at their desks, by login; all have one password."""

    session: aiohttp.ClientSession
    url: str
    password: str
    desks: dict[str, Desk] = field(default_factory=dict)

    def of(self, key: str) -> Desk:
        """The desk of a party's officer."""
        return self.desks[BY_KEY[key].officer]

    async def sit_down(self, login: str, word: str | None = None) -> None:
        """Log in; with a one-time word, the password is chosen."""
        new = self.password if word else None
        self.desks[login] = await log_in(self.session, self.url, login, word or self.password, new)


async def people_of(house: House) -> None:
    """Let the parties in, each with its officer, and the association's colleagues."""
    for key in (OPERATOR, ASSOCIATION):
        await house.sit_down(BY_KEY[key].officer)
    for party in PARTIES:
        if party.officer not in house.desks:
            made = await house.of(ASSOCIATION).post("/parties", _admission(party))
            await house.sit_down(party.officer, made["officer"]["word"])
    for one in COLLEAGUES:
        new = {"login": one.login, "name": one.name, "roles": [one.role]}
        await house.sit_down(one.login, (await house.of(ASSOCIATION).post("/people", new))["word"])


def _admission(party: Party) -> dict[str, str]:
    return {
        "kind": party.kind,
        "uscc": party.uscc,
        "name": party.name,
        "officer_login": party.officer,
        "officer_name": party.officer_name,
        "reason": "演示准入 · admitted for the demonstration",
    }


async def bring_in(house: House, goods: Sequence[Goods]) -> None:
    """Each firm imports its own lots, whatever numbers another firm has."""
    for firm in sorted({one.firm for one in goods}):
        records = [one.record for one in goods if one.firm == firm]
        data = json.dumps(records, ensure_ascii=False).encode()
        await house.of(firm).send("/goods/import", data, firm=BY_KEY[firm].uscc)


async def certify(house: House, goods: Goods, today: date, *, approved: bool = True) -> None:
    """The lab files its report and a certificate; another person, of the association, approves it."""
    lab, filing = house.of(LAB), goods.filing(today)
    await lab.send("/reports", PDF, **goods.report())
    filed = await lab.post("/certificates", filing)
    if approved:
        path = place("certificates", filing["firm"], goods.lot_no, str(filed["version"]), "approve")
        await house.desks["approver"].post(path, {"agreed": True})


async def limit(house: House, goods: Goods, quantity: int) -> None:
    """The association says how many labels a lot without certificate may have."""
    what = {"firm": BY_KEY[goods.firm].uscc, "what": "lot", "number": goods.lot_no, "quantity": quantity}
    await house.of(ASSOCIATION).post("/goods/limits", {**what, "reason": "无等级，按批次数量 · as many as the lot has"})


async def order(house: House, goods: Goods, agent: str, quantity: int, *, approved: bool = True) -> str:
    """The firm orders codes; another person approves. The quota key of what was given, '' while it waits."""
    wanted = {"firm": BY_KEY[goods.firm].uscc, "lot_no": goods.lot_no, "agent": agent, "quantity": quantity}
    asked = await house.of(goods.firm).post("/orders", wanted)
    if not approved:
        return ""
    given: dict[str, Any] = await house.desks["approver"].post(place("orders", asked["code_order"], "approve"), {})
    return str(given["quota_key"])


async def token(house: House, by: str, name: str, firms: Sequence[str] = ()) -> str:
    """A party adds an agent; the one-time token for its computer. Without `firms` it prints for the party itself."""
    new = {"name": name, "firms": [BY_KEY[key].uscc for key in firms]}
    return str((await house.of(by).post("/agents", new))["token"])
