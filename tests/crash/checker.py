"""The auditor of the crash test. It trusts nothing of ours: plain SQL, JSON, and a decoder somebody else wrote.

It reads three things (the printer's paper, the agent's event log, the registry's event log) and lists every way in
which they contradict the promises of ARCHITECTURE section 3.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import zxingcpp
from PIL import Image


@dataclass(frozen=True)
class Paper:
    """One piece of paper that left the head: its number, why it came out, and the serial its code says (or None)."""

    number: int
    cause: str
    serial: str | None


@dataclass
class Books:
    """What the agent's events say, replayed by twenty lines that are not the product's."""

    drawn: list[str] = field(default_factory=list)
    quota_of: dict[str, str] = field(default_factory=dict)
    proven: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    scrapped: set[str] = field(default_factory=set)
    invalid: set[str] = field(default_factory=set)
    alarms: Counter[str] = field(default_factory=Counter)
    allotted: dict[str, int] = field(default_factory=dict)
    chain: list[tuple[str, int, str]] = field(default_factory=list)


def read_tape(folder: Path, known: dict[int, str | None] | None = None) -> list[Paper]:
    """Every paper on the tape, its code read by zxing; `known` remembers what was read before."""
    known = {} if known is None else known
    lines = (folder / "tape.jsonl").read_text(encoding="utf-8").splitlines()
    papers = []
    for line in lines:
        row = json.loads(line)
        number = row["n"]
        if number not in known:
            known[number] = _code(folder / f"{number:06d}.png")
        papers.append(Paper(number, row["cause"], known[number]))
    return papers


def _code(png: Path) -> str | None:
    with Image.open(png) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
    return found[0].text.rsplit("/21/", 1)[1] if found else None


def read_books(ledger: Path) -> Books:
    """Replay the events of a ledger nobody has open."""
    books, windows = Books(), {}
    db = sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)
    rows = db.execute(
        "SELECT e.incarnation, e.seq, e.body, e.hash FROM event e JOIN incarnation i USING (incarnation) "
        "ORDER BY i.ordinal, e.seq"
    ).fetchall()
    db.close()
    for incarnation, seq, body, digest in rows:
        books.chain.append((incarnation, seq, digest.hex()))
        _replay(books, windows, json.loads(body))
    return books


def _replay(books: Books, windows: dict[str, list[str]], event: Mapping) -> None:
    kind = event["type"]
    if kind == "adopted":
        _replay(books, windows, event["event"])
    elif kind == "window_sending":
        windows[event["window"]] = event["serials"]
        books.drawn += event["serials"]
        books.quota_of |= dict.fromkeys(event["serials"], event["quota_key"])
    elif kind == "window_printed":
        books.proven |= set(windows[event["window"]])
    elif kind == "window_in_doubt":
        books.doubted |= set(windows[event["window"]])
    elif kind == "window_never_sent":
        books.invalid |= set(windows[event["window"]])
    elif kind == "window_settled":
        books.invalid |= set(event["invalid"])
        books.scrapped |= set(event["scrapped"])
    elif kind == "label_decided":
        {"scrap": books.scrapped, "invalidate": books.invalid}.get(event["step"], set()).add(event["serial"])
    elif kind == "alarm_raised":
        books.alarms[event["kind"]] += 1
    elif kind == "feed_received":
        for item in event["items"]:
            if item["kind"] == "allotment":
                books.allotted[item["quota_key"]] = item["quantity"]


def contradictions(papers: Iterable[Paper], books: Books, registry: Iterable[tuple[str, int, str]]) -> list[str]:
    """Every broken promise, in words; empty is the only good answer."""
    papers = list(papers)
    by_serial: dict[str, list[Paper]] = defaultdict(list)
    for paper in papers:
        if paper.serial is not None:
            by_serial[paper.serial].append(paper)
    return [
        *_twice_on_paper(by_serial, books),
        *(
            f"paper {p[0].number}: serial {s} is not in the ledger"
            for s, p in by_serial.items()
            if s not in books.quota_of
        ),
        *(f"serial {s} is proven and not on the tape" for s in sorted(books.proven - set(by_serial))),
        *(f"serial {s} was drawn twice" for s, n in Counter(books.drawn).items() if n > 1),
        *_quota(books),
        *_registry_differs(books, list(registry)),
    ]


def _twice_on_paper(by_serial: Mapping[str, list[Paper]], books: Books) -> Iterable[str]:
    alarmed = books.alarms["possible_duplicate"] > 0
    for serial, papers in by_serial.items():
        if len(papers) < 2:
            continue
        itself = sum(paper.cause == "label" for paper in papers) <= 1
        if not itself:
            yield f"serial {serial} was sent twice: papers {[paper.number for paper in papers]}"
        elif serial not in books.doubted and not alarmed:
            yield f"serial {serial}: the printer reprinted it and the ledger neither doubts it nor raised an alarm"


def _quota(books: Books) -> Iterable[str]:
    used: Counter[str] = Counter()
    for serial, key in books.quota_of.items():
        used[key] += serial not in books.scrapped and serial not in books.invalid
    for key, count in used.items():
        if count > books.allotted.get(key, 0):
            yield f"quota {key}: {count} used of {books.allotted.get(key, 0)} allotted"


def _registry_differs(books: Books, registry: list[tuple[str, int, str]]) -> Iterable[str]:
    ours, theirs = set(books.chain), set(registry)
    if theirs - ours:
        yield f"the registry holds {len(theirs - ours)} events the agent does not"
    if ours - theirs:
        yield f"the registry lacks {len(ours - theirs)} of {len(ours)} events"
