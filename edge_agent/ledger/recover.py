"""Recovery: what only the registry knows comes in, what only we know is told again, and nothing is deleted.

The registry's copy and our events are two lists with a common beginning. What the registry has beyond it is imported;
what we have beyond it (a fork: a restored backup or a clone that went on by itself) is moved to `forked_event` and
told again in a new incarnation as `adopted`. If we have nothing beyond it, the same steps are a plain import. All of it
is one transaction, so a crash leaves the ledger before or after, never between.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest
from typing import Any

from edge_agent.errors import NotFoundError
from edge_agent.ledger.copies import end_open_copies
from edge_agent.ledger.holds import Holds, append_alarm, append_release
from edge_agent.ledger.log import Log, read_head
from edge_agent.ledger.sql import Q
from edge_agent.ledger.startup import COPIES_STOPPED, Boot
from edge_agent.ledger.values import Head, Recovery
from label_protocol.chain import GENESIS, canonical, link, parse
from label_protocol.errors import ConflictError, LedgerDamagedError, StateError
from label_protocol.events import Adopted, EventType
from label_protocol.kinds import AlarmKind, HoldKind

RELEASES = (
    HoldKind.WITNESS_AHEAD,
    HoldKind.WITNESS_MISSING,
    HoldKind.WITNESS_OTHER,
    HoldKind.REGISTRY_AHEAD,
    HoldKind.FORKED,
)
"""Holds that end when the registry was asked. A clone, or a printer that counts more, is not settled by history."""

_STOPPED = "history recovered while the window was open"


@dataclass(frozen=True, slots=True)
class _Told:
    incarnation: str
    seq: int
    body: bytes
    hash: bytes


class Recover(Boot, Holds):
    """The way back to one history."""

    def recover(
        self,
        imported: Sequence[tuple[str, int, bytes]],
        reason: str = "recovered",
        *,
        snapshots: Mapping[str, bytes] | None = None,
        bodies: Mapping[str, bytes] | None = None,
        head_hash: bytes | None = None,
    ) -> Recovery:
        """Takes the registry's events (incarnation, seq, canonical bytes), in order, and goes on in a new incarnation.

        `imported` may start anywhere in what both hold; its last event's hash is compared with `head_hash` if given.
        `snapshots` and `bodies` (hash → canonical bytes) are those that the imported jobs and feeds need. An empty
        `imported` means that the registry knows no more than we do. Jobs are paused, open windows are in doubt, the
        holds in `RELEASES` end.

        Raises:
            ConflictError: the first imported event does not follow one of ours.
            LedgerDamagedError: an imported event is not what it says, or the chain does not hash to `head_hash`.
        """
        told = list(_chained(imported, self._anchor(imported)))
        _check_end(told, head_hash)
        fork, news = self._part(told)
        with self._commit("recovered") as log:
            incarnation = log.new_incarnation()
            if news:
                self._set_aside(fork, incarnation)
                self._take_in(news, snapshots or {}, bodies or {})
                self._retell_all(log)
            log.head = read_head(self._db)
            log.begin(reason, self._fingerprint, log.head, incarnation)
            self._stand_still(log)
            forked, refused = self._adopt(log, incarnation)
            self._stand_still(log)
            lost = self._note_lost(log)
            self._release(log)
        return Recovery(incarnation, len(news), forked, refused, lost)

    def _anchor(self, imported: Sequence[tuple[str, int, bytes]]) -> Head | None:
        """Our event just before the first imported one; None if that is the very first of all."""
        if not imported:
            return self.head()
        incarnation, seq, body = imported[0]
        if seq > 1:
            digest = self._one("event_hash", incarnation, seq - 1)
            if digest is None:
                raise _gap(incarnation, seq - 1)
            return Head(incarnation, seq - 1, digest[0])
        parent = parse(body).get("parent")
        if parent is None:
            return None
        if not self._one("known_hash", *_parent(parent)):
            raise _gap(parent["incarnation"], parent["seq"])
        return Head(*_parent(parent))

    def _part(self, told: Sequence[_Told]) -> tuple[tuple[str, int] | None, list[_Told]]:
        """Where our events leave the registry's (None: nowhere), and what of the registry's is new to us."""
        if not told:
            return None, []
        anchor = self._anchor([(told[0].incarnation, told[0].seq, told[0].body)])
        pairs = zip_longest(self._ours_after(anchor), told)
        for index, (ours, theirs) in enumerate(pairs):
            if theirs is None:
                return None, []
            if ours != (theirs.incarnation, theirs.seq, theirs.hash):
                return ours[:2] if ours else None, list(told[index:])
        return None, []

    def _ours_after(self, anchor: Head | None) -> Iterator[tuple[str, int, bytes]]:
        lives = self._lives()
        for life in lives[lives.index(anchor.incarnation) if anchor else 0 :]:
            after = anchor.seq if anchor and life == anchor.incarnation else 0
            for seq, _, digest in self._db.execute(Q["events_after"], (life, after, -1)):
                yield life, seq, digest

    def _lives(self) -> list[str]:
        return [life.incarnation for life in self.incarnations()]

    def _set_aside(self, fork: tuple[str, int] | None, retold_in: str) -> None:
        """Moves our events from the fork on into `forked_event`; the schema lets no event go otherwise."""
        if fork is None:
            return
        lives = self._lives()
        for life in lives[lives.index(fork[0]) :]:
            seq = fork[1] if life == fork[0] else 1
            self._db.execute(Q["move_aside"], (retold_in, life, seq))
            self._db.execute(Q["drop_moved"], (life, seq))
            self._db.execute(Q["drop_checkpoints"], (life, seq))

    def _take_in(self, news: Sequence[_Told], snapshots: Mapping[str, bytes], bodies: Mapping[str, bytes]) -> None:
        """Stores the registry's events and what they name; what the registry has, it has acknowledged."""
        for kept, named in (("snapshot", snapshots), ("fed_body", bodies)):
            for digest, body in named.items():
                if sha256(body).hexdigest() != digest:
                    raise LedgerDamagedError(f"{kept} {digest}: expected bytes of that hash, got others; ask again")
                self._db.execute(Q[f"add_{kept}"], (digest, body))
        for event in news:
            self._db.execute(Q["append_event"], (event.incarnation, event.seq, event.body, event.hash))
            self._db.execute(Q["set_acked"], (event.incarnation, event.seq))

    def _retell_all(self, log: Log) -> None:
        """Empties the projections and fills them again from the events, in the order of the incarnations."""
        kept = [life.incarnation for life in self.incarnations() if life.last_seq]
        new = [life for (life,) in self._db.execute(Q["event_incarnations"]) if life not in kept]
        log.projector.clear()
        for life in kept + new:
            for seq, body, _ in self._db.execute(Q["events_after"], (life, 0, -1)):
                try:
                    log.projector.apply(parse(body))
                except (StateError, NotFoundError, KeyError, sqlite3.IntegrityError) as cause:
                    raise LedgerDamagedError(
                        f"imported history, incarnation {life}, event {seq}: expected one that follows from those "
                        f"before it, got {cause!r}; keep both copies and ask the platform"
                    ) from cause
        log.projector.refused.clear()

    def _stand_still(self, log: Log) -> None:
        self._doubt_open(log, _STOPPED)
        self._pause_active(log)
        end_open_copies(log, self.unfinished_copies(), COPIES_STOPPED)

    def _adopt(self, log: Log, retold_in: str) -> tuple[int, tuple[str, ...]]:
        """Tells the forked events again; those that contradict the registry's stay on record, under one alarm."""
        forked = self._all("forked", retold_in)
        for incarnation, seq, body, digest in forked:
            origin = Head(incarnation, seq, digest).place()
            log.append(Adopted(type=EventType.ADOPTED, origin=origin, event=parse(body)))
        refused = tuple(log.projector.refused)
        log.projector.refused.clear()
        if refused:
            append_alarm(log, AlarmKind.ADOPTED_CONFLICT, None, {"events": list(refused)})
        return len(forked), refused

    def _note_lost(self, log: Log) -> bool:
        """A witness that speaks of an event neither side holds: labels may exist that nobody has on record."""
        marks = [hold["detail"].get("witness") for hold in self.holds() if hold["kind"] in RELEASES]
        lost = [mark for mark in marks if mark and not self._one("known_hash", *_parent(mark))]
        if lost:
            append_alarm(log, AlarmKind.EVENTS_LOST, None, {"witness": lost[0]})
        return bool(lost)

    def _release(self, log: Log) -> None:
        for hold in self.holds():
            if hold["kind"] in RELEASES:
                append_release(log, hold["kind"], "registry", "", "recovered")


def _chained(imported: Sequence[tuple[str, int, bytes]], anchor: Head | None) -> Iterator[_Told]:
    """Checks that each event is what its tuple says and follows the one before; computes the hashes."""
    head = anchor or Head("", 0, GENESIS)
    for incarnation, seq, body in imported:
        event = parse(body)
        if (event.get("incarnation"), event.get("seq")) != (incarnation, seq) or canonical(event) != body:
            raise _bad(incarnation, seq, "its bytes are not canonical or name another event")
        if incarnation == head.incarnation and seq == head.seq + 1:
            digest = link(head.hash, body)
        elif seq == 1 and _follows(event, head):
            digest = link(GENESIS, body)
        else:
            raise _bad(incarnation, seq, f"it does not follow {head.incarnation}/{head.seq}")
        head = Head(incarnation, seq, digest)
        yield _Told(incarnation, seq, body, digest)


def _follows(event: Mapping[str, Any], head: Head) -> bool:
    if event.get("type") != EventType.INCARNATION_BEGAN:
        return False
    return bool(event["parent"] == head.place() if head.seq else event["parent"] is None)


def _check_end(told: Sequence[_Told], head_hash: bytes | None) -> None:
    if head_hash is not None and told and told[-1].hash != head_hash:
        raise _bad(told[-1].incarnation, told[-1].seq, "the chain does not hash to the registry's head")


def _parent(place: Mapping[str, Any]) -> tuple[str, int, bytes]:
    return place["incarnation"], place["seq"], bytes.fromhex(place["hash"])


def _gap(incarnation: str, seq: int) -> ConflictError:
    return ConflictError(
        f"recovery: expected events that follow one of ours, got a start after {incarnation}/{seq}, which this ledger "
        f"does not hold; ask the registry from an earlier event"
    )


def _bad(incarnation: str, seq: int, what: str) -> LedgerDamagedError:
    return LedgerDamagedError(
        f"imported history, incarnation {incarnation}, event {seq}: {what}; nothing was changed, ask the registry again"
    )
