"""What one agent held while it drew: its allotments and lots as it was fed them, and how much of them stood.

Opened for a batch, moved along with the batch's events in their order, written back. An agent that has told a sealed
feed about a quota key is judged by that alone: it is in its own history, so a registry that was restored and hears the
history again comes to the same verdict. For the rest counts the most that was ever fed from here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from central_registry.db import Connection, sql
from central_registry.distribution import pages
from central_registry.distribution.items import EVERYBODY
from central_registry.ingest.compare import SNAPSHOT_MOST, differences, facts_of, facts_of_lot
from central_registry.ingest.interpret import Fed, IssuedWindow, Plan, plan, told
from central_registry.ingest.verdict import covers
from garment.certificate import NOT_STATED, Difference

Facts = Mapping[str, str]


@dataclass(slots=True)
class Account:
    """`allotted`, `proven`, `standing` by quota key; `lots` as they are here now and `held` as the agent was fed them
    last, by lot number; `labels` by snapshot; `genuine` are the places of feeds with our seal in the batch, `heard` the
    quota keys of which they told; `compared` is what came of a label beside its lot, since thousands of windows share
    both."""

    allotted: dict[str, int] = field(default_factory=dict)
    proven: dict[str, int] = field(default_factory=dict)
    standing: dict[str, int] = field(default_factory=dict)
    lots: dict[str, Facts] = field(default_factory=dict)
    held: dict[str, Facts] = field(default_factory=dict)
    labels: dict[str, Facts] = field(default_factory=dict)
    genuine: frozenset[int] = frozenset()
    heard: set[str] = field(default_factory=set)
    compared: dict[tuple[str, str, str | None], list[Difference]] = field(default_factory=dict)

    def hear(self, fed: Fed) -> None:
        """A feed that the agent tells of entitles it from here on."""
        if fed.seq not in self.genuine:
            return
        for item in fed.event["items"]:
            if item.get("kind") == "allotment" and isinstance(item.get("quantity"), int):
                key = str(item["quota_key"])
                self.proven[key] = max(self.proven.get(key, 0), item["quantity"])
                self.heard.add(key)
            elif item.get("kind") == "lot":
                self.held[str(item["lot_no"])] = facts_of_lot(item.get("record"))
                self.compared.clear()

    def issue(self, window: IssuedWindow) -> int:
        """How many of the window's serials are covered; all of them stand from now on."""
        key = window.quota_key
        most = self.proven.get(key, self.allotted.get(key, 0))
        free = most - self.standing.get(key, 0) if covers(key, window.lot_no) else 0
        self.standing[key] = self.standing.get(key, 0) + len(window.serials)
        return free

    def release(self, quota_key: str) -> None:
        """One of them was scrapped or is invalid."""
        self.standing[quota_key] = self.standing.get(quota_key, 0) - 1

    def differences(self, window: IssuedWindow) -> list[Difference]:
        """Facts on the labels that are neither those of the lot as it is here nor as the agent was fed it, and another
        lot number than was told, whether or not the lot is known; of labels without a lot, another style than the
        allotment's."""
        place = window.snapshot, window.quota_key, window.lot_no
        if place not in self.compared:
            self.compared[place] = self._compare(*place)
        return self.compared[place]

    def _compare(self, snapshot: str, quota_key: str, lot_no: str | None) -> list[Difference]:
        label, (kind, _, name) = self.labels.get(snapshot, {}), quota_key.partition(":")
        lots = [facts[name] for facts in (self.lots, self.held) if name in facts] or [{}]
        told = {"lot_no": NOT_STATED if lot_no is None else lot_no}
        found = [differences(label, {**known, **told}) for known in (lots if kind == "lot" else [{"style_no": name}])]
        return found[0] if all(found) else []


async def open_account(connection: Connection, agent: str, found: Plan) -> Account:
    """The account as it stood before the batch; only what the batch can touch is read."""
    windows = found.windows
    keys = sorted({window.quota_key for window in windows})
    genuine = [fed.seq for fed in found.fed if await pages.is_genuine(connection, agent, fed.event)]
    account = Account(genuine=frozenset(genuine))
    if not keys:
        return account
    async for row in sql.account(connection, agent=agent, quota_keys=keys):
        account.allotted[row["quota_key"]] = row["allotted"]
        account.standing[row["quota_key"]] = row["standing"]
        if row["proven"] is not None:
            account.proven[row["quota_key"]] = row["proven"]
    lot_nos = [key.removeprefix("lot:") for key in keys if key.startswith("lot:")]
    async for row in sql.lots_held(connection, agent=agent, everybody=EVERYBODY, lot_nos=lot_nos):
        if row["body"] is not None:
            account.lots[row["lot_no"]] = facts_of_lot(json.loads(row["body"]).get("record"))
        if row["facts"] is not None:
            account.held[row["lot_no"]] = json.loads(row["facts"])
    await _read_labels(connection, account, windows)
    return account


async def _read_labels(connection: Connection, account: Account, windows: list[IssuedWindow]) -> None:
    """The facts of labels; a snapshot that was never sent has none to compare."""
    wanted = sorted({row.snapshot for row in windows})
    async for row in sql.readable_snapshots(connection, hashes=wanted, most=SNAPSHOT_MOST):
        account.labels[row["hash"]] = _facts_in(row["body"])


def _facts_in(snapshot: bytes) -> Facts:
    """None for one that is nested deeper than can be read here: an agent may send any JSON."""
    try:
        return facts_of(json.loads(snapshot))
    except RecursionError:
        return {}


async def close_account(connection: Connection, agent: str, account: Account) -> None:
    """Keep what the batch proved."""
    if account.heard:
        keys = sorted(account.heard)
        quantities = [account.proven[key] for key in keys]
        await sql.note_proven(connection, agent=agent, quota_keys=keys, quantities=quantities)
    if account.genuine and account.held:
        numbers = sorted(account.held)
        facts = [json.dumps(account.held[number], ensure_ascii=False) for number in numbers]
        await sql.note_held_lots(connection, agent=agent, lot_nos=numbers, facts=facts)


async def read_old_feeds(connection: Connection, agent: str) -> None:
    """Take in the sealed feeds of events that were told before accounts were kept; one event at a time, once."""
    account = Account()
    places = [(row["incarnation"], row["seq"]) async for row in sql.feeds_told(connection, agent=agent)]
    for incarnation, seq in places:
        body = await sql.event_body(connection, agent=agent, incarnation=incarnation, seq=seq)
        for fed in plan([told(seq, b"", json.loads(body))]).fed:
            if await pages.is_genuine(connection, agent, fed.event):
                account.genuine = frozenset([fed.seq])
                account.hear(fed)
    await close_account(connection, agent, account)
    await sql.mark_feeds_read(connection, agent=agent)


def said(window: IssuedWindow, found: list[Difference]) -> str:
    """For people: where labels and lot differ."""
    named = "; ".join(f"{name} {label!r} on the label, {lot!r} in the lot" for name, label, lot in found)
    return f"{window.quota_key}, window {window.window_id}, {len(window.serials)} labels: {named}"
