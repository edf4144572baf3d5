"""What the demonstration says, as rows; each is held against what the registry answers over HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from edge_agent.demo.association.cast import COLLEAGUES, PARTIES
from edge_agent.demo.association.desk import asked, console_page
from edge_agent.demo.association.goods import Goods
from edge_agent.demo.association.paperwork import House
from edge_agent.errors import RegistryRefusedError
from label_protocol.codes.digital_link import DigitalLink


@dataclass(frozen=True, slots=True)
class Scan:
    """A label worth scanning: what is printed on it, in words why, and what its page says of it."""

    words: str
    path: str
    status: str
    code: str
    facts: str
    maker: str
    grade: str | None


def scan(words: str, goods: Goods, serial: str, status: str, code: str, facts: str, grade: str | None = None) -> Scan:
    """The address of one label of these goods; `grade`: as printed, where it is not the certified one."""
    product, lot = goods.record["product"], goods.lot
    printed = grade or (lot["grade"]["overall"] if goods.graded else None)
    path = DigitalLink(product["gtin"], serial, goods.lot_no).path()
    return Scan(words, path, status, code, facts, product["maker"]["name"], printed)


def shown(page: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a scan's JSON says, in the order of `Scan`."""
    product, lot, verdict = (page.get(name) or {} for name in ("product", "lot", "verdict"))
    grade = (lot.get("grade") or {}).get("overall")
    return page.get("status"), verdict.get("code"), verdict.get("facts"), product.get("maker", {}).get("name"), grade


async def broken(house: House, scans: Iterable[Scan], ledgers: Mapping[str, int]) -> list[str]:
    """Every promise that the registry does not keep, in words; none: all are kept."""
    return [*await _pages(house, scans), *await _log_ins(house), *await _sums(house, ledgers), *await _audit(house)]


async def _pages(house: House, scans: Iterable[Scan]) -> list[str]:
    found, head = [], {"Accept": "application/json"}
    for one in scans:
        said = shown(await asked(house.session, "GET", house.url + one.path, headers=head))
        wanted = (one.status, one.code, one.facts, one.maker, one.grade)
        found += [] if said == wanted else [f"{one.path}: expected {wanted}, got {said}"]
    return found


def roles() -> dict[str, tuple[str, str]]:
    """By login: the kind of party, and one role that it stands for."""
    special = {"lab": "lab", "inspector": "inspector"}
    own = {party.officer: (party.kind, special.get(party.kind, "officer")) for party in PARTIES}
    return own | {one.login: ("association", one.role) for one in COLLEAGUES}


async def _log_ins(house: House) -> list[str]:
    """Each is let in by the console's own form; `who` was answered when they sat down."""
    found = []
    for login, (kind, role) in roles().items():
        who = house.desks[login].who
        if who["kind"] != kind or role not in who["roles"]:
            found.append(f"{login}: expected {role} of {kind}, got {'/'.join(who['roles'])} of {who['kind']}")
        try:
            await console_page(house.url, login, house.password, "/console/")
        except RegistryRefusedError as cause:
            found.append(str(cause))
    return found


async def _sums(house: House, ledgers: Mapping[str, int]) -> list[str]:
    """The page of sums, as the association's officer exports it, against what each agent says it drew."""
    text = await console_page(house.url, "officer", house.password, "/console/sums?by=agent&form=csv")
    _, *rows = csv.reader(io.StringIO(text))
    said = {row[0]: int(row[2]) for row in rows}
    return [] if said == dict(ledgers) else [f"sums: expected {dict(ledgers)}, as the agents have it, got {said}"]


async def _audit(house: House) -> list[str]:
    found = await house.desks["operator"].get("/audit/verification")
    return [] if not found["flaw"] else [f"audit: expected a whole chain, got {found['flaw']}"]
