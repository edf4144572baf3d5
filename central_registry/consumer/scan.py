"""Finds the label behind a Digital Link, and says what is known of it in words that accuse nobody.

A second scan proves nothing, a void label need not be a fake, and a serial nobody has heard of may come from a factory
that is offline; each of these has its own neutral sentence. Only a count and the times of the first and the last
counted scan are kept: no address, no device, no place (PIPL minimum necessity; docs/scan-page.md, Counts). A count
rises at most once in ten minutes, whoever asks: else one person's idle hour would make a label look much copied.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime

from central_registry.consumer.finding import Finding
from central_registry.consumer.former_codes import FormerCode
from central_registry.consumer.labels import Asked, Known, Labels, read
from central_registry.consumer.makers import is_another
from central_registry.consumer.products import find_product, goods_named, standing
from central_registry.consumer.scan_path import NoLinkError, ProductLink, read_path
from central_registry.db import Connection, in_transaction, sql
from central_registry.ingest.states import State
from central_registry.ingest.verdict import codes_verdict, facts_verdict, reasons
from garment.certificate import Difference
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.codes.gs1 import gtin14
from label_protocol.codes.serial import issuer_typed
from label_protocol.errors import CodeError

_STATUS = {
    State.SENDING: "not_confirmed",
    State.IN_DOUBT: "not_confirmed",
    State.PRINTED: "registered",
    State.COMMISSIONED: "registered",
    State.SCRAPPED: "void",
    State.INVALID: "void",
}


async def look_up(labels: Labels, path: str, *, count: bool, often_from: int, at: datetime, query: str = "") -> Finding:
    """What the registry knows of the code in `path`. With `count`, a registered label's scan is counted. What is none
    of this registry's may be a former platform's, whose links may have a `query`."""
    try:
        link = read_path(path)
    except NoLinkError as refusal:
        former = await labels.former.find(path, query, at)
        return _imported(former) if former else await _no_link(labels, refusal)
    if isinstance(link, ProductLink):
        return await in_transaction(labels.pool, lambda c: find_product(c, link))
    known = await labels.known(Asked(link.serial, count, at))
    if known is not None:
        return _found(link, known, often_from)
    former = await labels.former.find(path, query, at)
    return _imported(former) if former else await in_transaction(labels.pool, lambda c: _unregistered(c, link))


async def look_up_all(labels: Labels, paths: Sequence[str], *, often_from: int, at: datetime) -> list[Finding]:
    """`look_up` of each, in their order, none counted. Labels that were told of are read together; the others one
    after the other, so that a thousand codes of nobody's hold one connection and no consumer waits for them."""
    links = [_label_in(path) for path in paths]
    known = await asyncio.gather(*(labels.known(Asked(one.serial, False, at)) for one in links if one is not None))
    told = dict(zip((one.serial for one in links if one is not None), known, strict=True))
    found = []
    for path, link in zip(paths, links, strict=True):
        here = told.get(link.serial) if link is not None else None
        if link is not None and here is not None:
            found.append(_found(link, here, often_from))
        else:
            found.append(await look_up(labels, path, count=False, often_from=often_from, at=at))
    return found


def _label_in(path: str) -> DigitalLink | None:
    try:
        link = read_path(path)
    except NoLinkError:
        return None
    return link if isinstance(link, DigitalLink) else None


def _imported(former: FormerCode) -> Finding:
    """Never registered: nothing of it was told or compared here."""
    stopped = () if former.notice is None else (former.notice.warning,)
    return Finding(
        "imported",
        lot_no=former.lot_no or None,
        warnings=(*stopped, *(("former_void",) if former.state == "void" else ())),
        notice=former.notice,
        code="imported",
        facts="imported",
        former=former,
    )


async def _no_link(labels: Labels, refusal: NoLinkError) -> Finding:
    """A slip of the hand in a maker's serial is told as such: that the registry knew nothing of it would accuse."""
    if refusal.beyond:
        return Finding("beyond")
    issuer = issuer_typed(refusal.serial)
    known = issuer and await in_transaction(labels.pool, lambda c: sql.issuer_agent(c, issuer=issuer))
    return Finding("mistyped" if known else "unknown")


async def find(connection: Connection, link: DigitalLink, *, often_from: int) -> Finding:
    """`look_up` of a label within a transaction; it is not counted."""
    known = (await read(connection, {link.serial})).get(link.serial)
    return await _unregistered(connection, link) if known is None else _found(link, known, often_from)


def _found(link: DigitalLink, known: Known, often_from: int) -> Finding:
    row = known.row
    return Finding(
        status=_status(State(row["state"]), row["verdict"]),
        serial=link.serial,
        gtin=row["gtin"],
        lot_no=row["lot_no"],
        snapshot_hash=row["snapshot"],
        snapshot=known.snapshot,
        warnings=_warnings(link, known, known.times >= often_from),
        reasons=reasons(row["verdict"]),
        differences=tuple(Difference(*one) for one in json.loads(row["differs"] or "[]")),
        code=codes_verdict(row["verdict"]),
        facts=facts_verdict(row["facts"]),
        certificate=known.certificate,
        notice=known.notice,
        firm=known.firm,
        first_at=known.first_at,
        times=known.times,
        agent=row["agent"],
        became=row["became"] or "",
        became_at=row["became_at"],
    )


def _status(state: State, verdict: int) -> str:
    """A void label is void whoever told it; any other is registered only if nothing speaks against it."""
    status = _STATUS[state]
    return "being_verified" if verdict and status != "void" else status


async def _unregistered(connection: Connection, link: DigitalLink) -> Finding:
    """A serial nobody told of. A stopped lot of its goods in the link is worth more than the rest."""
    maker = await sql.maker_spoke(connection, issuer=link.serial[:3])
    if maker is None:
        return Finding("unknown", link.serial, link.gtin, link.lot_no)
    goods = await goods_named(connection, link.gtin, link.lot_no) if link.lot_no else None
    notice = await standing(connection, goods) if goods else None
    warnings = () if notice is None else (notice.warning,)
    return Finding(
        "not_yet_registered",
        link.serial,
        link.gtin,
        link.lot_no,
        warnings=warnings,
        notice=notice,
        spoke_at=maker["seen_at"],
    )


def _warnings(link: DigitalLink, known: Known, often: bool) -> tuple[str, ...]:
    row, said = known.row, known.notice and known.notice.warning
    found = {
        "recalled": said == "recalled",
        "recall_pending": said == "recall_pending",
        "test": known.firm is not None and known.firm.sandbox,
        "suspended": said == "suspended",
        "conflict": row["conflict"],
        "gtin_mismatch": link.gtin != _gtin(row["gtin"]),
        "lot_mismatch": link.lot_no is not None and not _same_lot(link.lot_no, row["lot_no"]),
        "other_maker": is_another(known.firm, known.snapshot or {}),
        "often_scanned": often,
        "facts_missing": not row["snapshot_held"],
        "facts_unreadable": row["snapshot_held"] and known.snapshot is None,
        "off_its_roll": row["became"] in ("returned", "lost"),
    }
    return tuple(kind for kind, holds in found.items() if holds)


def _same_lot(linked: str, registered: str | None) -> bool:
    """In either case: a messenger may have put the whole link into small letters."""
    return registered is not None and linked.upper() == registered.upper()


def _gtin(text: str) -> str:
    try:
        return gtin14(text)
    except CodeError:
        return text
