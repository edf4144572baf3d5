"""What one agent held while it drew: its allotments as it was fed them, how much of them stood, and for whom it prints.

Opened for a batch, moved along with the batch's events in their order, written back. An agent that has told a sealed
feed about a quota key is judged by that alone: it is in its own history, so a registry that was restored and hears the
history again comes to the same verdict. For the rest counts the most that was ever fed from here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from central_registry.agents.told import history_of
from central_registry.db import Connection, sql
from central_registry.distribution import pages
from central_registry.ingest.behind_facts import BehindFacts, Ruling, keep_heard, read_behind
from central_registry.ingest.compare import in_words
from central_registry.ingest.interpret import Fed, IssuedWindow, Plan, plan, told
from central_registry.ingest.verdict import Against
from garment.certificate import Difference

_FED = b'"type":"feed_received"'


@dataclass(slots=True)
class Account:
    """`allotted`, `proven`, `standing` by quota key, and `fed`, what is allotted by now; `remaining` where unused codes
    went back, `written_off` keys of which an approver took them, `others` keys of firms that it does not print for.
    `genuine` are the places of feeds with our seal in the batch, `heard` the quota keys of which they told; `behind` is
    what stands behind the facts of its labels. `all_count`: labels count against it that use up nothing of others
    (`verdict.APART`), since who tells is apart itself; else `standing` and `fed` are less by those."""

    allotted: dict[str, int] = field(default_factory=dict)
    proven: dict[str, int] = field(default_factory=dict)
    standing: dict[str, int] = field(default_factory=dict)
    fed: dict[str, int] = field(default_factory=dict)
    remaining: dict[str, int] = field(default_factory=dict)
    written_off: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    all_count: bool = False
    genuine: frozenset[int] = frozenset()
    heard: set[str] = field(default_factory=set)
    behind: BehindFacts = field(default_factory=BehindFacts)

    def hear(self, fed: Fed) -> None:
        """A feed that the agent tells of entitles it from here on."""
        if fed.seq not in self.genuine:
            return
        for item in fed.items:
            if item.get("kind") == "allotment" and isinstance(item.get("quantity"), int):
                key = str(item["quota_key"])
                self.proven[key] = max(self.proven.get(key, 0), item["quantity"])
                self.heard.add(key)
            else:
                self.behind.hear(item)

    def issue(self, window: IssuedWindow) -> int:
        """How many of the window's serials are covered; all of them stand from now on."""
        key = window.quota_key
        most = self.remaining.get(key, self.proven.get(key, self.allotted.get(key, 0)))
        of = self.behind.keys.get(key)
        free = most - self.standing.get(key, 0) if of is not None and of.covers(window.lot_no) else 0
        self.standing[key] = self.standing.get(key, 0) + len(window.serials)
        return free

    def release(self, quota_key: str, *, apart: bool = False) -> None:
        """One label was scrapped or is invalid; `apart`: one that uses up nothing."""
        if self.all_count or not apart:
            self.standing[quota_key] = self.standing.get(quota_key, 0) - 1

    def above(self, quota_key: str) -> Against:
        """What speaks against labels that no allotment covers."""
        written_off = quota_key in self.written_off
        return Against.NOT_ALLOTTED | Against.WRITTEN_OFF if written_off else Against.NOT_ALLOTTED

    def rule(self, window: IssuedWindow) -> Ruling:
        """What is known of the facts on the window's labels."""
        return self.behind.rule(window.snapshot, window.quota_key, window.lot_no)


async def open_account(connection: Connection, agent: str, found: Plan, *, all_count: bool) -> Account:
    """The account as it stood before the batch."""
    return (await open_accounts(connection, [(agent, found)], all_count=all_count))[0]


async def open_accounts(
    connection: Connection, told: Sequence[tuple[str, Plan]], *, all_count: bool = False
) -> list[Account]:
    """Of each agent its account as it stood before its batch; only what the batches can touch is read."""
    accounts = {
        agent: Account(genuine=await _genuine(connection, agent, found), all_count=all_count) for agent, found in told
    }
    keys = sorted({(agent, window.quota_key) for agent, found in told for window in found.windows})
    if keys:
        agents, quota_keys = ([*column] for column in zip(*keys, strict=True))
        async for row in sql.accounts(connection, agents=agents, quota_keys=quota_keys):
            _enter(accounts[row["agent"]], row["quota_key"], row)
        snapshots = {window.snapshot for _, found in told for window in found.windows}
        for agent, behind in (await read_behind(connection, keys, sorted(snapshots))).items():
            accounts[agent].behind = behind
    return [accounts[agent] for agent, _ in told]


async def _genuine(connection: Connection, agent: str, found: Plan) -> frozenset[int]:
    return frozenset([fed.seq for fed in found.fed if await pages.is_genuine(connection, agent, fed.event)])


def _enter(account: Account, key: str, row: Mapping[str, Any]) -> None:
    account.allotted[key] = row["allotted"]
    apart = 0 if account.all_count else row["apart"]
    account.standing[key] = row["standing"] - apart
    account.fed[key] = row["fed"] - apart
    if row["proven"] is not None:
        account.proven[key] = row["proven"]
    if row["remaining"] is not None:
        account.remaining[key] = row["remaining"]
    if row["written_off"]:
        account.written_off.add(key)
    if not row["entitled"]:
        account.others.add(key)


async def close_account(connection: Connection, agent: str, account: Account) -> None:
    """Keep what the batch proved."""
    if account.heard:
        keys = sorted(account.heard)
        quantities = [account.proven[key] for key in keys]
        await sql.note_proven(connection, agent=agent, quota_keys=keys, quantities=quantities)
    await keep_heard(connection, agent, account.behind)


async def read_old_feeds(connection: Connection, agent: str) -> None:
    """Take in the sealed feeds of events that were told before accounts were kept; one event at a time, once."""
    account = Account()
    async for event in history_of(connection, agent, [_FED]):
        for fed in plan([told(event.seq, event.hash, json.loads(event.body))]).fed:
            if await pages.is_genuine(connection, agent, fed.event):
                account.genuine = frozenset([fed.seq])
                account.hear(fed)
    await close_account(connection, agent, account)
    await sql.mark_feeds_read(connection, agent=agent)


def said(window: IssuedWindow, found: Sequence[Difference]) -> str:
    """For people: where labels and what stands behind them differ."""
    return f"{window.quota_key}, window {window.window_id}, {len(window.serials)} labels: {in_words(found)}"
