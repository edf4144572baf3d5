"""What stands behind the facts of labels: the certificate and the lot that their agent had to go by.

A certificate is the version in the last sealed feed that the agent told before the window. One that was never fed any
(an older release) is judged by those that were approved here: by the first of them, from the newest on, that its label
equals. Where there is none, label and lot are compared, and the facts are the maker's own statement.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from central_registry.db import Connection, sql
from central_registry.ingest.compare import SNAPSHOT_MOST, Facts, differences_of_lot, facts_of, facts_of_lot
from central_registry.ingest.verdict import FactsVerdict
from central_registry.parties.actor import UNASSIGNED
from garment.certificate import CERTIFICATE, NOT_STATED, Difference, differences
from label_protocol.codes.gs1 import gtin14
from label_protocol.errors import CodeError

KEPT = 256
_HONEST = 16 << 10
"""Bytes; a record has about 4 000."""

_WITHDRAWN = "已撤回 withdrawn"
_GTIN, _OTHER_GOODS = "gtin", "属于别的货品 of other goods"


@dataclass(frozen=True, slots=True)
class Label:
    """A snapshot as its agent told it, which may be any JSON, and the facts in it that lots are compared with."""

    record: Any
    facts: Facts


@dataclass(frozen=True, slots=True)
class Certificate:
    """A version as its agent was fed it; `facts` in the form of a garment record."""

    version: int
    facts: Any
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Ruling:
    """What became of comparing: `version` of the certificate, None if there was none to compare with."""

    verdict: FactsVerdict
    version: int | None = None
    differences: Sequence[Difference] = ()


@dataclass(frozen=True, slots=True)
class KeyOf:
    """What labels a quota key is for: `style_no` where it is for labels without a lot. `firm`: '' for those of before
    firms; `gtins`: all that were ever imported with these goods."""

    lot_no: str | None
    style_no: str
    firm: str = ""
    gtins: Collection[str] = ()

    def covers(self, lot_no: str | None) -> bool:
        """Whether an allotment under this key is one for labels of this lot, or for labels without a lot."""
        return self.lot_no == lot_no and (lot_no is not None or bool(self.style_no))


@dataclass(slots=True)
class BehindFacts:
    """By quota key: `keys`, `lots` as they are here now, `approved` certificates, `certificates` as the agent was fed
    them last; `held` are lots as it was fed them last, by key or, if they were fed without one, by number. `labels` are
    snapshots by name, `owners` firm and style of their GTINs; `ruled` is what came of each label beside its key, since
    thousands of windows share both."""

    keys: dict[str, KeyOf] = field(default_factory=dict)
    lots: dict[str, Facts] = field(default_factory=dict)
    held: dict[str, Facts] = field(default_factory=dict)
    approved: dict[str, list[Certificate]] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    labels: dict[str, Label] = field(default_factory=dict)
    heard_lots: set[str] = field(default_factory=set)
    heard_certificates: set[str] = field(default_factory=set)
    ruled: dict[tuple[str, str, str | None], Ruling] = field(default_factory=dict)
    owners: dict[str, tuple[str, str]] = field(default_factory=dict)

    def hear(self, item: Mapping[str, Any]) -> None:
        """One item of a feed that the registry sealed; labels told from here on are compared with it."""
        if item.get("kind") == "lot":
            name = str(item.get("quota_key") or item["lot_no"])
            self.held[name] = facts_of_lot(item.get("record"))
            self.heard_lots.add(name)
            self.ruled.clear()
        elif item.get("kind") == "certificate":
            name = str(item["quota_key"])
            self.certificates[name] = Certificate(item["version"], item.get("facts"), bool(item.get("withdrawn")))
            self.heard_certificates.add(name)
            self.ruled.clear()

    def rule(self, snapshot: str, quota_key: str, lot_no: str | None) -> Ruling:
        """What is known of the facts of a label told under that key as one of that lot."""
        place = snapshot, quota_key, lot_no
        if place not in self.ruled:
            self.ruled[place] = self._of_these_goods(self._rule(*place), snapshot, quota_key)
        return self.ruled[place]

    def _of_these_goods(self, ruling: Ruling, snapshot: str, quota_key: str) -> Ruling:
        """A GTIN that is another firm's, or was never one of these goods and is another style's, differs whatever the
        certificate says, which is of one lot and names none. Whose it is, is nobody's to read."""
        key, gtin = self.keys.get(quota_key), gtin_of(self.labels.get(snapshot))
        owner = self.owners.get(gtin)
        if key is None or owner is None or not key.firm or gtin in key.gtins or owner == (key.firm, key.style_no):
            return ruling
        rest = [one for one in ruling.differences if one.fact != _GTIN]
        found = [*rest, Difference(_GTIN, gtin, _OTHER_GOODS)]
        return replace(ruling, verdict=FactsVerdict.DIFFER, differences=found)

    def _rule(self, snapshot: str, quota_key: str, lot_no: str | None) -> Ruling:
        label, key = self.labels.get(snapshot), self.keys.get(quota_key, KeyOf(None, ""))
        fed = self.certificates.get(quota_key)
        known = [fed] if fed is not None else self.approved.get(quota_key, [])
        if not known or label is None or label.record is None:
            found = self._beside_lot(label, quota_key, key, lot_no)
            return Ruling(FactsVerdict.DIFFER if found else FactsVerdict.DECLARED, None, found)
        rulings = [_beside(label.record, one, lot_no) for one in known]
        return next((one for one in rulings if not one.differences), rulings[0])

    def _beside_lot(self, label: Label | None, quota_key: str, key: KeyOf, lot_no: str | None) -> list[Difference]:
        """Facts that are neither those of the lot as it is here nor as the agent was fed it, and another lot number
        than was told, whether or not the lot is known; of labels without a lot, another style than the allotment's."""
        held = self.held.get(quota_key, self.held.get(key.lot_no or ""))
        lots = [facts for facts in (self.lots.get(quota_key), held) if facts is not None] or [{}]
        beside = lots if key.lot_no is not None else [{"style_no": key.style_no}]
        facts = label.facts if label is not None else {}
        found = [differences_of_lot(facts, {**known, "lot_no": lot_no or NOT_STATED}) for known in beside]
        return found[0] if all(found) else []


def _beside(label: Any, certificate: Certificate, lot_no: str | None) -> Ruling:
    """A label beside one version; the lot it must name is the one it was told under."""
    facts = certificate.facts if isinstance(certificate.facts, dict) else {}
    lot = facts.get("lot")
    told = {**facts, "lot": {**(lot if isinstance(lot, dict) else {}), "lot_no": lot_no or NOT_STATED}}
    found = differences(label, told)
    if certificate.withdrawn:
        found.insert(0, Difference(CERTIFICATE, f"v{certificate.version}", _WITHDRAWN))
    return Ruling(FactsVerdict.DIFFER if found else FactsVerdict.CONFIRMED, certificate.version, found)


async def read_behind(
    connection: Connection, keys: Sequence[tuple[str, str]], snapshots: Sequence[str]
) -> dict[str, BehindFacts]:
    """By agent what stood behind the facts before the batch, for the keys (agent, quota key) and snapshots touched."""
    if not keys:
        return {}
    labels: dict[str, Label] = {}
    owners: dict[str, tuple[str, str]] = {}
    found = {agent: BehindFacts(labels=labels, owners=owners) for agent, _ in keys}
    agents, quota_keys = ([*column] for column in zip(*keys, strict=True))
    async for row in sql.behind_keys(connection, agents=agents, quota_keys=quota_keys):
        _enter(found[row["agent"]], row)
    unfed = [(agent, key) for agent, key in keys if key not in found[agent].certificates]
    wanted = sorted({key for _, key in unfed})
    async for row in sql.approved_certificates(connection, quota_keys=wanted):
        certificate = Certificate(row["version"], json.loads(row["facts"]))
        for agent in (agent for agent, key in unfed if key == row["quota_key"]):
            found[agent].approved.setdefault(row["quota_key"], []).append(certificate)
    async for row in sql.readable_snapshots(connection, hashes=list(snapshots), most=SNAPSHOT_MOST):
        labels[row["hash"]] = read_label(row["body"])
    if any(key.firm for behind in found.values() for key in behind.keys.values()):
        gtins = sorted({gtin_of(label) for label in labels.values()} - {""})
        rows = sql.goods_trade_items(connection, gtins=gtins)
        owners |= {row["gtin"]: (row["firm"], row["style_no"]) async for row in rows if row["firm"] != UNASSIGNED}
    return found


def gtin_of(label: Label | None) -> str:
    """The GTIN that a label states, in 14 digits; '' if it states none."""
    try:
        return gtin14(label.facts.get("gtin", "")) if label is not None else ""
    except CodeError:
        return ""


def _enter(behind: BehindFacts, row: Mapping[str, Any]) -> None:
    key = row["quota_key"]
    behind.keys[key] = KeyOf(row["lot_no"], row["style_no"], row["firm"], row["gtins"] or ())
    if row["lot"] is not None:
        behind.lots[key] = _lot_in(row["lot"], row["as_fed"])
    for name, held in ((key, row["held_by_key"]), (row["lot_no"], row["held"])):
        if held is not None:
            behind.held[name] = json.loads(held)
    if row["version"] is not None:
        behind.certificates[key] = Certificate(row["version"], json.loads(row["facts"]), row["withdrawn"])


@lru_cache(maxsize=KEPT)
def _lot_in(text: str, as_fed: bool) -> Facts:
    """The facts of a lot's record, alone or in the item that is fed; lines print hours of one lot."""
    record = json.loads(text)
    return facts_of_lot(record.get("record") if as_fed else record)


def read_label(snapshot: bytes) -> Label:
    """What a snapshot says; lines print hours of one, so an honest one's is kept as it was read."""
    return _kept_label(snapshot) if len(snapshot) <= _HONEST else _label(snapshot)


def _label(snapshot: bytes) -> Label:
    """None in place of what is nested deeper than can be read here: an agent may send any JSON."""
    try:
        record = json.loads(snapshot)
        return Label(record, facts_of(record))
    except RecursionError:
        return Label(None, {})


_kept_label = lru_cache(maxsize=KEPT)(_label)


async def keep_heard(connection: Connection, agent: str, behind: BehindFacts) -> None:
    """Keep what the agent was fed last, as far as the batch told of it."""
    if behind.heard_lots:
        names = sorted(behind.heard_lots)
        texts = [json.dumps(behind.held[name], ensure_ascii=False) for name in names]
        await sql.note_held_lots(connection, agent=agent, lot_nos=names, facts=texts)
    if behind.heard_certificates:
        names = sorted(behind.heard_certificates)
        found = [behind.certificates[name] for name in names]
        await sql.note_held_certificates(
            connection,
            agent=agent,
            quota_keys=names,
            versions=[one.version for one in found],
            withdrawn=[one.withdrawn for one in found],
            facts=[json.dumps(one.facts, ensure_ascii=False) for one in found],
        )
