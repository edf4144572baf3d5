"""Packing: garments are scanned into a carton, the carton is closed and numbered, and its label is printed.

A scan puts a garment into the carton that a person has opened, and does nothing else: closing is an order of its own,
with the number of garments that whoever closes has seen.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from edge_agent.access.asking import Who
from edge_agent.access.roles import Action
from edge_agent.errors import NotFoundError
from edge_agent.labels.carton import CartonFacts, carton_layout, carton_snapshot
from edge_agent.ledger import Ledger
from edge_agent.ledger.cartons import Packing
from edge_agent.messages import carton as words
from edge_agent.model.cartons import Carton, CartonLine, CartonState, PackedGarment
from edge_agent.model.copies import Copies, CopiesOrder
from edge_agent.service import job_log
from edge_agent.service.labels import LabelService
from edge_agent.service.parts import AgentParts
from edge_agent.service.requests import request_hash
from label_protocol.codes.serial import fold
from label_protocol.codes.sscc import read_sscc
from label_protocol.errors import ConflictError, RecordError, StateError
from label_protocol.states import SerialState

NOT_YET = (SerialState.PRINTED, SerialState.IN_DOUBT)
"""Labels that a scan on the garment takes there."""


class CartonService:
    """Answers for cartons."""

    def __init__(self, parts: AgentParts, labels: LabelService) -> None:
        self._parts = parts
        self._labels = labels

    async def open(self, operator: Who, key: str) -> Carton:
        """Open a new carton, or return the one that this key opened. Raises RecordError: who may not act."""
        actor = await self._parts.people.actor(operator, Action.PACK, "carton")
        return self._told(await self._parts.ledger.do_as(actor, Ledger.open_carton, key, actor.operator))

    async def find(self, name: str) -> Carton:
        """A carton by its number here, by its SSCC, or by what a scanner read off its label. Raises NotFoundError."""
        return await self._parts.ledger.do(Ledger.carton, _named(name))

    async def by_scan(self, text: str) -> Carton | None:
        """The carton whose label was scanned; None: it is no SSCC. Raises NotFoundError: it is no carton of ours."""
        sscc = read_sscc(text)
        return await self._parts.ledger.do(Ledger.carton, sscc) if sscc else None

    async def recent(self, limit: int = 100, *, only_open: bool = False) -> Sequence[Carton]:
        """The newest, newest first."""
        return await self._parts.ledger.do(Ledger.cartons, limit, only_open=only_open)

    async def of_label(self, serial: str) -> Carton | None:
        """The carton that a garment is in; None: in none."""
        return await self._parts.ledger.do(Ledger.carton_of, fold(serial))

    async def garments(self, carton: Carton) -> Sequence[PackedGarment]:
        """What is in it, in the order in which it went in."""
        return await self._parts.ledger.do(Ledger.packed_in, carton.carton)

    async def lines(self, garments: Sequence[PackedGarment]) -> Sequence[CartonLine]:
        """The garments counted by style, colour and size, as their labels say."""
        counts = Counter(one.snapshot_hash for one in garments)
        gtins = {one.snapshot_hash: one.gtin for one in garments}
        goods = Counter[tuple[str, str, str, str]]()
        for digest, count in counts.items():
            goods[await self._goods(digest, gtins[digest])] += count
        return tuple(CartonLine(*facts, count) for facts, count in sorted(goods.items()))

    async def pack(
        self,
        name: str,
        operator: Who,
        *,
        text: str | None = None,
        serial: str | None = None,
        on_garment: bool = False,
    ) -> Packing:
        """Put a garment into an open carton: `text` is what a scanner read, `serial` what a person typed. `on_garment`:
        the scan also says that the label is on its garment, where that is not recorded yet.

        Raises:
            CodeError: the text is no Digital Link, or another label's.
            RecordError: neither or both are given, or who may not act.
            NotFoundError, StateError, ConflictError, LotStoppedError: as `Ledger.pack`.
        """
        actor = await self._parts.people.actor(operator, Action.PACK, "carton")
        found, scanned = await self._garment(text, serial)
        takes = on_garment and scanned and (await self.find(name)).state is CartonState.OPEN
        if takes and (await self._labels.find(found)).state in NOT_YET:  # for good: not where the carton refuses it
            await self._labels.scan(scanned, operator, on_garment=True)
        put_in = (_named(name), found, scanned, actor.operator)
        from_print = self._parts.packing.from_print
        packing = await self._parts.ledger.do_as(actor, Ledger.pack, *put_in, from_print=from_print)
        self._told(packing.carton)
        return packing

    async def take_out(self, name: str, operator: Who, *, text: str | None = None, serial: str | None = None) -> Carton:
        """Take a garment out of an open carton. Raises as `pack`."""
        actor = await self._parts.people.actor(operator, Action.PACK, "carton")
        found, scanned = await self._garment(text, serial)
        taken_out = (_named(name), found, scanned, actor.operator)
        return self._told(await self._parts.ledger.do_as(actor, Ledger.take_out, *taken_out))

    async def close(self, name: str, count: int, operator: Who) -> Carton:
        """Close a carton in which `count` garments were seen. Raises RecordError: who may not act; as
        `Ledger.close_carton`."""
        actor = await self._parts.people.actor(operator, Action.PACK, "carton")
        packing, seen = self._parts.packing, (_named(name), count, actor.operator)
        closed = await self._parts.ledger.do_as(
            actor, Ledger.close_carton, *seen, packing.block, from_print=packing.from_print
        )
        return self._told(closed)

    async def open_again(self, name: str, operator: Who, reason: str) -> Carton:
        """Open a closed carton, with a reason. Raises RecordError: who may not act; as `Ledger.open_again`."""
        actor = await self._parts.people.actor(operator, Action.PACK, "carton")
        opened = (_named(name), actor.operator, reason)
        return self._told(await self._parts.ledger.do_as(actor, Ledger.open_again, *opened))

    async def label(self, name: str, printer: str, operator: Who, key: str, *, unchecked: bool = False) -> Copies:
        """Order the label of a closed carton on a printer, or return what this key ordered; it is printed as copies
        are, proven or not. Each new order is a further printing, and says so. `unchecked`: print though the check
        before it finds something.

        Raises:
            NotFoundError: no such carton or printer. RefusedError: a group of printers.
            StateError: the carton is open. ConflictError: it has no SSCC, or the site's own template is a draft.
            RenderError: the label does not fit. RecordError: who may not act; as `Ledger.open_carton_label`.
        """
        parts, body_hash = (
            self._parts,
            request_hash({"carton": _named(name), "printer": printer, "unchecked": unchecked}),
        )
        known = await parts.ledger.do(Ledger.known_copies, key, body_hash)
        if known is not None:
            return known
        actor = await parts.people.actor(operator, Action.ORDER, "carton")
        carton, dpi = await self.find(name), parts.printers.require(printer).dpi
        _require_labelled(carton)
        nth, name = carton.printings + 1, parts.packing.template
        snapshot = carton_snapshot(await self._facts(carton), nth, name, (await parts.label_terms()).in_force)
        await asyncio.to_thread(carton_layout, snapshot, dpi, name)
        order = CopiesOrder(
            key, body_hash, name, printer, 1, snapshot, actor.operator, unchecked, carton=carton.carton, nth=nth
        )
        copies = await parts.ledger.do_as(actor, Ledger.open_carton_label, order, from_print=parts.packing.from_print)
        parts.changes.tell()
        return copies

    async def _facts(self, carton: Carton) -> CartonFacts:
        lines = await self.lines(await self.garments(carton))
        return CartonFacts(carton, self._parts.packing.sender, _local_day(carton.changed_at), lines)

    async def _garment(self, text: str | None, serial: str | None) -> tuple[str, str]:
        """Its serial, and the link as it is recorded: empty where a person typed the serial."""
        if (text is None) == (serial is None):
            got = "neither" if text is None else "both"
            raise RecordError(f"carton: expected either text, as a scanner read it, or serial, got {got}; give one")
        if text is None:
            return fold(serial or ""), ""
        with job_log.refusals_told(wanted=None) as ids:
            read = await self._labels.read_code(text, ids)
        return read.link.serial, read.text

    async def _goods(self, digest: str, gtin: str) -> tuple[str, str, str, str]:
        """Style, name, colour and size of a snapshot; of one that only the registry has, its GTIN."""
        try:
            product = json.loads(await self._parts.ledger.do(Ledger.snapshot, digest)).get("product") or {}
        except NotFoundError:
            product = {}
        style_no, colour, size = (str(product.get(fact) or "") for fact in ("style_no", "colour", "size"))
        return style_no, str(product.get("name") or gtin), colour, size

    def _told(self, carton: Carton) -> Carton:
        self._parts.changes.tell()
        return carton


def _require_labelled(carton: Carton) -> None:
    if carton.state is not CartonState.CLOSED:
        raise StateError(words.not_closed(carton.carton, "its label"))
    if carton.sscc is None:
        raise ConflictError(words.no_sscc(carton.carton))


def _local_day(at: str) -> str:
    """The day at the factory of a time in UTC, `YYYY-MM-DD`."""
    return datetime.fromisoformat(at).astimezone().date().isoformat()


def _named(text: str) -> str:
    """A carton's number as the ledger knows it, from what was scanned or typed."""
    return read_sscc(text) or text.strip().upper()
