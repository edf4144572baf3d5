"""Finds the label behind a Digital Link, and says what is known of it in words that accuse nobody.

A second scan proves nothing, a void label need not be a fake, and a serial nobody has heard of may come from a factory
that is offline; each of these has its own neutral sentence. Only a count and the times of the first and the last
counted scan are kept: no address, no device, no place (PIPL minimum necessity; docs/scan-page.md, Counts). A count
rises at most once in ten minutes, whoever asks: else one person's idle hour would make a label look much copied.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from central_registry.consumer.beside import Beside
from central_registry.consumer.former_codes import FormerCode
from central_registry.consumer.garment_facts import page_of
from central_registry.consumer.labels import Asked, Known, Labels, read
from central_registry.consumer.scan_path import NoLinkError, ProductLink, read_path
from central_registry.db import Connection, in_transaction, sql
from central_registry.distribution.items import EVERYBODY
from central_registry.goods.quota_keys import of_lot, of_style
from central_registry.ingest.states import State
from central_registry.ingest.verdict import codes_verdict, facts_verdict, reasons
from garment.certificate import Difference
from label_protocol.codes.digital_link import DigitalLink
from label_protocol.codes.gs1 import gtin14
from label_protocol.errors import CodeError

_STATUS = {
    State.SENDING: "not_confirmed",
    State.IN_DOUBT: "not_confirmed",
    State.PRINTED: "registered",
    State.COMMISSIONED: "registered",
    State.SCRAPPED: "void",
    State.INVALID: "void",
}
_USABLE = frozenset({"registered", "not_confirmed"})
"""A label as it may be on goods for sale."""


@dataclass(frozen=True, slots=True)
class CheckCodeAnswer:
    """What came of a check code that was typed. `result`: `match`, `mismatch`, `none` (the label has no code),
    `unavailable` (its key or its facts are not here), `malformed`, `later` (too many wrong ones, in `retry_s` seconds).
    `first_at` and `times`: when the right code was first typed, and how often."""

    result: str
    first_at: datetime | None = None
    times: int = 0
    retry_s: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What is known of a scanned code; `snapshot` is None if it is not registered or its facts are missing or
    unreadable. `reasons` are those for which a label is not called registered, `differences` its facts that are not
    those of its lot or certificate. `code` and `facts` are the two verdicts in one word each (docs/verdicts.md), ""
    where there is no label; `certificate` is the one it was judged by. `check_code` is the answer to a typed check
    code, None if nobody typed one.

    `became`: what became of a label of a printed roll, by the roll's word beside its agent's (`commissioned`,
    `returned`, `lost`), "" for all others.

    `status`: that of a label, or `product` for a link without a serial (`product` then holds `name` and `brand`),
    `unknown`, or `beyond` for a link that goes on after its code; `imported` for a code of a former platform (`former`
    says what was brought of it).
    """

    status: str
    serial: str = ""
    gtin: str = ""
    lot_no: str | None = None
    snapshot_hash: str = ""
    snapshot: Mapping[str, Any] | None = None
    warnings: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    code: str = ""
    facts: str = ""
    certificate: Beside | None = None
    recall_reason: str | None = None
    first_at: datetime | None = None
    times: int = 0
    agent: str = ""
    became: str = ""
    became_at: datetime | None = None
    check_code: CheckCodeAnswer | None = None
    product: Mapping[str, str] | None = None
    former: FormerCode | None = None

    @property
    def headline(self) -> str:
        """The word on top: a recall before all else, and two claims to one serial before what one of them says."""
        if "recalled" in self.warnings:
            return "recalled"
        return "conflict" if "conflict" in self.warnings and self.status in _USABLE else self.status

    @property
    def http_status(self) -> int:
        """404 for a code that is not one of ours; one that may yet be reported is no error. 429 for a check code that
        was guessed too often, 422 for one that is none. 400 for a code's link with more behind it."""
        if self.check_code is not None:
            return {"later": 429, "malformed": 422}.get(self.check_code.result, 200)
        return {"unknown": 404, "beyond": 400}.get(self.status, 200)

    @property
    def registered(self) -> bool:
        """Whether the registry holds the label."""
        return bool(self.snapshot_hash)

    @property
    def check_code_key(self) -> str | None:
        """The name of the key of the label's check code; None if it has none."""
        named = (self.snapshot or {}).get("check_code")
        key_id = named.get("key_id") if isinstance(named, Mapping) else None
        return key_id if isinstance(key_id, str) and key_id and "\0" not in key_id else None


async def look_up(labels: Labels, path: str, *, count: bool, often_from: int, at: datetime, query: str = "") -> Finding:
    """What the registry knows of the code in `path`. With `count`, a registered label's scan is counted. What is none
    of this registry's may be a former platform's, whose links may have a `query`."""
    try:
        link = read_path(path)
    except NoLinkError as refusal:
        former = await labels.former.find(path, query, at)
        return _imported(former) if former else Finding("beyond" if refusal.beyond else "unknown")
    if isinstance(link, ProductLink):
        return await in_transaction(labels.pool, lambda c: _product(c, link))
    known = await labels.known(Asked(link.serial, count, at))
    if known is not None:
        return _found(link, known, often_from)
    former = await labels.former.find(path, query, at)
    return _imported(former) if former else await in_transaction(labels.pool, lambda c: _unregistered(c, link))


def _imported(former: FormerCode) -> Finding:
    """Never registered: nothing of it was told or compared here."""
    warnings = {"recalled": former.recall is not None, "former_void": former.state == "void"}
    return Finding(
        "imported",
        lot_no=former.lot_no or None,
        warnings=tuple(kind for kind, holds in warnings.items() if holds),
        recall_reason=former.recall,
        code="imported",
        facts="imported",
        former=former,
    )


async def _product(connection: Connection, link: ProductLink) -> Finding:
    """Name and brand of a GTIN that was imported here, and whether the lot is recalled; no more than that."""
    row = await sql.product(connection, gtin=link.gtin)
    lot = await _lot_of(connection, link.gtin, link.lot_no)
    if row is None or (link.lot_no is not None and lot is None):
        return Finding("unknown", gtin=link.gtin, lot_no=link.lot_no)
    record = json.loads(row["body"])["record"]
    key = of_lot(link.lot_no) if lot and link.lot_no else of_style(record["product"].get("style_no"))
    reason = await _recall(connection, key)
    page = page_of(record)
    return Finding(
        "product",
        gtin=link.gtin,
        lot_no=link.lot_no,
        warnings=() if reason is None else ("recalled",),
        recall_reason=reason,
        product={"name": page.title, "brand": page.brand},
    )


async def _lot_of(connection: Connection, gtin: str, lot_no: str | None) -> Any:
    """The imported lot of that number, if it is one of goods with this GTIN."""
    item = await sql.feed_item(connection, agent=EVERYBODY, kind="lot", key=lot_no) if lot_no else None
    lot = json.loads(item["body"])["record"] if item else {}
    return lot if item and _gtin(str(lot["product"].get("gtin"))) == gtin else None


async def find(connection: Connection, link: DigitalLink, *, often_from: int) -> Finding:
    """`look_up` of a label within a transaction; it is not counted."""
    known = (await read(connection, {link.serial})).get(link.serial)
    return await _unregistered(connection, link) if known is None else _found(link, known, often_from)


def _found(link: DigitalLink, known: Known, often_from: int) -> Finding:
    row = known.row
    reason = None if row["recall"] is None else str(json.loads(row["recall"]).get("reason", ""))
    return Finding(
        status=_status(State(row["state"]), row["verdict"]),
        serial=link.serial,
        gtin=row["gtin"],
        lot_no=row["lot_no"],
        snapshot_hash=row["snapshot"],
        snapshot=known.snapshot,
        warnings=_warnings(link, known, reason, known.times >= often_from),
        reasons=reasons(row["verdict"]),
        differences=tuple(Difference(*one) for one in json.loads(row["differs"] or "[]")),
        code=codes_verdict(row["verdict"]),
        facts=facts_verdict(row["facts"]),
        certificate=known.certificate,
        recall_reason=reason,
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
    """A serial nobody told of. If the link names a recalled lot of its goods, that is worth more than the rest."""
    if not await sql.issuer_agent(connection, issuer=link.serial[:3]):
        return Finding("unknown", link.serial, link.gtin, link.lot_no)
    lot = await _lot_of(connection, link.gtin, link.lot_no)
    reason = await _recall(connection, of_lot(link.lot_no)) if lot and link.lot_no else None
    return Finding(
        "not_yet_registered",
        link.serial,
        link.gtin,
        link.lot_no,
        warnings=() if reason is None else ("recalled",),
        recall_reason=reason,
    )


async def _recall(connection: Connection, quota_key: str) -> str | None:
    item = await sql.feed_item(connection, agent=EVERYBODY, kind="recall", key=quota_key)
    return str(json.loads(item["body"]).get("reason", "")) if item else None


def _warnings(link: DigitalLink, known: Known, reason: str | None, often: bool) -> tuple[str, ...]:
    row = known.row
    found = {
        "recalled": reason is not None,
        "conflict": row["conflict"],
        "gtin_mismatch": link.gtin != _gtin(row["gtin"]),
        "lot_mismatch": link.lot_no is not None and not _same_lot(link.lot_no, row["lot_no"]),
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
