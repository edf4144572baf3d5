"""Answers where a garment, a carton or a waybill is, both ways in one question; and takes what a clerk tells.

A row is shown to those whose serial it is, and to who told it; a stranger who told of a foreign serial sees that claim
of theirs and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from central_registry.db import Connection, Pool, sql
from central_registry.issuing.sight import unseen
from central_registry.parties.actor import Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.audit import Entry
from central_registry.parties.door import acting, looking
from central_registry.place.custody import Kind, Right, Story, Told, fold
from central_registry.place.telling import Fact, tell, unit_in
from central_registry.problems import ProblemError
from label_protocol.codes.sscc import LENGTH as SSCC_LENGTH

MOST_INSIDE = 200
"""Units of a carton or a waybill that one answer names."""

_OFFICES = frozenset({PartyKind.LAB, PartyKind.INSPECTOR, PartyKind.ASSOCIATION})


async def find_place(pool: Pool, actor: Actor, text: str) -> dict[str, Any]:
    """Where the serial or carton in `text` is: `{unit, within, waybill, last, holders, moved, claims, inside}`.
    `within`: its cartons, innermost first; `inside`: what lies in it now, of a carton; rows as `{n, unit, kind,
    at, party, by_right, carton, waybill, to_party}`, `claims` those that moved nothing.

    Raises:
        ProblemError: 422, no such text; 404, none of theirs.
    """
    unit = unit_in(text)

    async def work(connection: Connection) -> dict[str, Any]:
        found = await _look(connection, actor, unit)
        if found is None:
            raise unseen("件、箱 · unit", unit)
        return found

    return await looking(pool, actor, work)


async def find_waybill(pool: Pool, actor: Actor, waybill: str) -> dict[str, Any]:
    """What travels on a waybill, as far as it is theirs to see: `{waybill, units}`.

    Raises:
        ProblemError: 404, nothing of theirs.
    """
    if not waybill.isprintable():
        raise unseen("运单 · waybill", "")

    async def work(connection: Connection) -> dict[str, Any]:
        rows = [row["unit"] async for row in sql.place_on_waybill(connection, waybill=waybill, rows=MOST_INSIDE)]
        looked = {unit: await _look(connection, actor, unit) for unit in rows}
        units = [unit for unit, one in looked.items() if one and any(row["waybill"] == waybill for row in one["moved"])]
        if not units:
            raise unseen("运单 · waybill", waybill)
        return {"waybill": waybill, "units": units}

    return await looking(pool, actor, work)


async def tell_place(
    pool: Pool, actor: Actor, kind: Kind, texts: Sequence[str], now: datetime, *, at: datetime | None = None,
    carton: str = "", waybill: str = "", to: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Take what a person of the actor's party tells: `{kind, units, moved, claims}`; `claims` names units not in
    the party's custody: kept, and nothing moved. `to`: the party that it is shipped to, '' if it has none here.

    Raises:
        ProblemError: 403; 422 for what is no unit; 404 for an unknown receiver, or goods that are not theirs to sample.
    """
    units = list(dict.fromkeys(map(unit_in, texts)))
    into = carton and unit_in(carton)

    async def work(connection: Connection) -> tuple[dict[str, Any], Entry]:
        if to and not await sql.place_knows_party(connection, party=to):
            raise unseen("收货方 · to", to)
        right = await _right(connection, actor, kind, units)
        fact = Fact(kind, at or now, units, actor.party, right, into, waybill.strip(), to, actor.person)
        await tell(connection, fact, now)
        claims = [unit for unit in units if not await _moved(connection, actor, unit)]
        answer = {"kind": kind.value, "units": len(units), "moved": len(units) - len(claims), "claims": claims}
        detail = f"{kind}: {len(units)} units, {len(claims)} only claimed; {waybill.strip()} {to}"
        return answer, Entry(Act.TELL_PLACE, units[0], detail, actor.party)

    return await acting(pool, actor, Act.TELL_PLACE, work, now)


async def last_of(connection: Connection, serial: str) -> Kind | None:
    """The last that moved a garment, whoever may see it; None: it was never moved."""
    return (await _story(connection, serial)).standing.last


async def _right(connection: Connection, actor: Actor, kind: Kind, units: Sequence[str]) -> Right:
    """An office samples goods that its own eyes may see, and nothing else by that right."""
    if kind is not Kind.SAMPLED:
        return Right.HOLDER
    if actor.kind not in _OFFICES:
        raise ProblemError(
            "forbidden", f"只有协会、检测机构、市场监管可以抽样 · sampled: expected an office, got a {actor.kind}"
        )
    seen = {row["unit"] async for row in sql.place_of_goods(connection, serials=list(units))}
    for unit in units:
        if unit not in seen:
            raise unseen("件 · unit", unit)
    return Right.OFFICE


async def _moved(connection: Connection, actor: Actor, unit: str) -> bool:
    """Whether the newest row of this party about it counts; about a carton, for a garment that lies in it."""
    garments = await _garments_in(connection, unit) if _is_carton(unit) else [unit]
    for one in garments:
        story = await _story(connection, one)
        rows = (*story.moved, *story.claims, *story.elsewhere)
        mine = [row.n for row in rows if row.party == actor.party and row.unit == unit]
        if mine and max(mine) in {row.n for row in story.moved}:
            return True
    return False


async def _garments_in(connection: Connection, carton: str) -> list[str]:
    """Those that were ever packed into it."""
    units = [row["unit"] async for row in sql.place_inside(connection, carton=carton, rows=MOST_INSIDE)]
    return [one for one in units if "/" not in one and not _is_carton(one)]


async def _look(connection: Connection, actor: Actor, unit: str) -> dict[str, Any] | None:
    """A carton is where what lies in it is: nobody has one by naming it first."""
    if not _is_carton(unit):
        found = await _seen(connection, actor, unit)
        return found and {**found, "inside": []}
    looked = [await _seen(connection, actor, one) for one in await _garments_in(connection, unit)]
    inside = [one for one in looked if one and unit in one["within"]]
    if not inside:
        return None
    first, moved = inside[0], {row["n"]: row for one in inside for row in one["moved"] if row["unit"] != one["unit"]}
    within = first["within"][first["within"].index(unit) + 1 :]
    return {
        "unit": unit, "within": within, "waybill": first["waybill"], "last": first["last"],
        "holders": first["holders"], "moved": [moved[n] for n in sorted(moved)], "claims": [],
        "inside": [one["unit"] for one in inside],
    }  # fmt: skip


def _is_carton(unit: str) -> bool:
    return len(unit) == SSCC_LENGTH


async def _story(connection: Connection, unit: str) -> Story:
    origin = await sql.place_origin_of(connection, serial=unit)
    holders = frozenset({origin["firm"], origin["printer"]} - {""}) if origin else frozenset[str]()
    rows = [
        Told(
            row["unit"], row["n"], row["at"], Kind(row["kind"]), row["party"], Right(row["by_right"]), row["carton"],
            row["waybill"], row["to_party"],
        )
        async for row in sql.place_trail_of(connection, unit=unit)
    ]  # fmt: skip
    return fold(unit, holders, rows)


async def _seen(connection: Connection, actor: Actor, unit: str) -> dict[str, Any] | None:
    """None: nothing that this person may see."""
    story = await _story(connection, unit)
    parties = set(await sql.place_parties_seen(connection)) | {actor.party}
    origin = await sql.place_origin_of(connection, serial=unit)
    whole = actor.kind is PartyKind.OPERATOR or bool(
        parties & ({origin["firm"], origin["printer"]} if origin else set()) or parties & story.standing.holders
    )
    moved = [row for row in story.moved if whole or parties & {row.party, row.to_party}]
    claims = [row for row in story.claims if whole or row.party in parties]
    if not (whole or moved or claims):
        return None
    here = story.standing if whole else None
    return {
        "unit": unit, "within": list(here.within) if here else [], "waybill": here.waybill if here else "",
        "last": here.last and here.last.value if here else None, "holders": sorted(here.holders) if here else [],
        "moved": [_row(row) for row in moved], "claims": [_row(row) for row in claims],
    }  # fmt: skip


def _row(row: Told) -> dict[str, Any]:
    return {
        "n": row.n, "unit": row.unit, "kind": row.kind.value, "at": row.at, "party": row.party,
        "by_right": row.by_right.value, "carton": row.carton, "waybill": row.waybill, "to_party": row.to_party,
    }  # fmt: skip
