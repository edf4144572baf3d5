"""The auditor of the crash test. It trusts nothing of ours: plain SQL, JSON, and a decoder somebody else wrote.

It reads three things (the printers' paper, the agent's event log, the registry's event log) and lists every way in
which they contradict the promises of docs/flow.md.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zxingcpp
from PIL import Image

VARYING_MM = (39.5, 14.0, 58.5, 38.0)
"""Where the layout puts the code and the serial of the sample on down_grade_60x40. The rest of a label
says the same on all."""


@dataclass(frozen=True)
class Paper:
    """One piece of paper that left a head: its number, why it came out, the serial its code says (or None), where it
    came out, and whether all the facts are on it."""

    number: int
    cause: str
    serial: str | None
    printer: str = "p"
    whole: bool = True


class Facts:
    """What a label must say beside its code: the rest of a preview."""

    def __init__(self, preview: Path, dpi: int) -> None:
        self._varying = tuple(round(mm * dpi / 25.4) for mm in VARYING_MM)
        with Image.open(preview) as image:
            self._wanted = self._rest(image)

    def are_on(self, paper: Image.Image) -> bool:
        """Dot for dot."""
        return self._rest(paper) == self._wanted

    def _rest(self, image: Image.Image) -> tuple[tuple[int, int], bytes]:
        copy = image.convert("1")
        copy.paste(0, self._varying)  # type: ignore[arg-type]
        return copy.size, copy.tobytes()


Seen = dict[int, tuple[str | None, bool]]
"""Paper number → serial and wholeness, of papers looked at before."""


@dataclass
class Books:
    """What the agent's events say, replayed by thirty lines that are not the product's. `open`: windows without a
    verdict; `proven`: serials the agent itself found printed; `declared`: those a scan or an operator did."""

    drawn: list[str] = field(default_factory=list)
    quota_of: dict[str, str] = field(default_factory=dict)
    printer_of: dict[str, str] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    proven: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)
    doubted: set[str] = field(default_factory=set)
    scrapped: set[str] = field(default_factory=set)
    invalid: set[str] = field(default_factory=set)
    alarms: Counter[str] = field(default_factory=Counter)
    allotted: dict[str, int] = field(default_factory=dict)
    chain: list[tuple[str, int, str]] = field(default_factory=list)


def read_tape(folder: Path, printer: str, facts: Facts, known: Seen | None = None) -> list[Paper]:
    """Every paper on a tape, its code read by zxing; `known` remembers what was read before."""
    known = {} if known is None else known
    papers = []
    for line in (folder / "tape.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        number = row["n"]
        if number not in known:
            known[number] = _look(folder / f"{number:06d}.png", facts)
        serial, whole = known[number]
        papers.append(Paper(number, row["cause"], serial, printer, whole))
    return papers


def _look(png: Path, facts: Facts) -> tuple[str | None, bool]:
    with Image.open(png) as image:
        found = zxingcpp.read_barcodes(image.convert("L"))
        return (found[0].text.rsplit("/21/", 1)[1], facts.are_on(image)) if found else (None, False)


def read_books(ledger: Path) -> Books:
    """Replay the events of a ledger nobody has open."""
    books, windows = Books(), dict[str, list[str]]()
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


def _replay(books: Books, windows: dict[str, list[str]], event: Mapping[str, Any]) -> None:
    kind = event["type"]
    if kind in ("window_printed", "window_in_doubt", "window_never_sent"):
        books.open.discard(event["window"])
    if kind == "adopted":
        _replay(books, windows, event["event"])
    elif kind == "window_sending":
        windows[event["window"]] = event["serials"]
        books.drawn += event["serials"]
        books.quota_of |= dict.fromkeys(event["serials"], event["quota_key"])
        books.printer_of |= dict.fromkeys(event["serials"], event["printer"])
        books.open.add(event["window"])
    elif kind == "window_printed":
        books.proven |= set(windows[event["window"]])
    elif kind == "window_in_doubt":
        books.doubted |= set(windows[event["window"]])
    elif kind == "window_never_sent":
        books.invalid |= set(windows[event["window"]])
    elif kind == "window_settled":
        books.invalid |= set(event["invalid"])
        books.scrapped |= set(event["scrapped"])
        books.declared |= set(event["printed"])
    elif kind == "label_scanned":
        books.declared.add(event["serial"])
    elif kind == "label_decided":
        {"scrap": books.scrapped, "invalidate": books.invalid}.get(event["step"], set()).add(event["serial"])
    elif kind == "alarm_raised":
        books.alarms[event["kind"]] += 1
    elif kind == "feed_received":
        for item in event["items"]:
            if item["kind"] == "allotment":
                books.allotted[item["quota_key"]] = item["quantity"]


def contradictions(
    papers: Iterable[Paper], books: Books, registry: Iterable[tuple[str, int, str]], one_way: Iterable[str] = ()
) -> list[str]:
    """Every broken promise, in words; empty is the only good answer. `one_way`: printers that cannot be heard."""
    by_serial: dict[str, list[Paper]] = defaultdict(list)
    for paper in papers:
        if paper.serial is not None:
            by_serial[paper.serial].append(paper)
    registry = list(registry)
    return [
        *_twice_on_paper(by_serial),
        *_elsewhere(by_serial, books),
        *_not_on_the_tape(by_serial, books),
        *(f"window {window} is still sending" for window in sorted(books.open)),
        *(f"serial {s} was drawn twice" for s, n in Counter(books.drawn).items() if n > 1),
        *_proven_unheard(books, set(one_way)),
        *_quota(books),
        *not_a_prefix(books.chain, registry),
        *_registry_lacks(books, registry),
    ]


def _twice_on_paper(by_serial: Mapping[str, list[Paper]]) -> Iterable[str]:
    """No printer does it by itself either: its own reprint is off."""
    for serial, papers in by_serial.items():
        if len(papers) > 1:
            causes = [f"{paper.printer} {paper.number} ({paper.cause})" for paper in papers]
            yield f"serial {serial} is on several papers: {', '.join(causes)}"


def _elsewhere(by_serial: Mapping[str, list[Paper]], books: Books) -> Iterable[str]:
    for serial, papers in by_serial.items():
        where = books.printer_of.get(serial)
        if where is None:
            yield f"paper {papers[0].number} of {papers[0].printer}: serial {serial} is not in the ledger"
        elif where != papers[0].printer:
            yield f"serial {serial} was sent to {where} and came out of {papers[0].printer}"


def _not_on_the_tape(by_serial: Mapping[str, list[Paper]], books: Books) -> Iterable[str]:
    for word, serials in (("proven", books.proven), ("declared printed", books.declared)):
        for serial in sorted(serials):
            if serial not in by_serial:
                yield f"serial {serial} is {word} and not on the tape"
            elif not by_serial[serial][0].whole:
                yield f"serial {serial} is {word} and its paper {by_serial[serial][0].number} lacks facts"


def _proven_unheard(books: Books, one_way: set[str]) -> Iterable[str]:
    for serial in sorted(books.proven):
        if books.printer_of[serial] in one_way:
            yield f"serial {serial} is proven by {books.printer_of[serial]}, which cannot be heard"


def _quota(books: Books) -> Iterable[str]:
    used: Counter[str] = Counter()
    for serial, key in books.quota_of.items():
        used[key] += serial not in books.scrapped and serial not in books.invalid
    for key, count in used.items():
        if count > books.allotted.get(key, 0):
            yield f"quota {key}: {count} used of {books.allotted.get(key, 0)} allotted"


def not_a_prefix(ours: Iterable[tuple[str, int, str]], theirs: Iterable[tuple[str, int, str]]) -> Iterable[str]:
    """In which way the registry's copy is no prefix, per incarnation, of the ledger's chain."""
    theirs = list(theirs)
    if strange := set(theirs) - set(ours):
        yield f"the registry holds {len(strange)} events the agent does not"
    numbers = defaultdict(list)
    for incarnation, seq, _ in theirs:
        numbers[incarnation].append(seq)
    for incarnation, seqs in numbers.items():
        if sorted(seqs) != list(range(1, len(seqs) + 1)):
            yield f"the registry's copy of incarnation {incarnation} has a gap"


def _registry_lacks(books: Books, registry: list[tuple[str, int, str]]) -> Iterable[str]:
    if lacking := set(books.chain) - set(registry):
        yield f"the registry lacks {len(lacking)} of {len(books.chain)} events"
