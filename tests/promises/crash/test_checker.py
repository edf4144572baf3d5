"""The auditor is audited: each promise, broken by hand, must be noticed. A check that cannot fail checks nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.promises.crash.checker import Books, Paper, contradictions

CHAIN = [("a" * 32, 1, "00"), ("a" * 32, 2, "11")]


def _good() -> tuple[list[Paper], Books, list[tuple[str, int, str]]]:
    books = Books(
        drawn=["S1", "S2", "S3"],
        quota_of=dict.fromkeys(["S1", "S2", "S3"], "lot:A"),
        printer_of=dict.fromkeys(["S1", "S2", "S3"], "p"),
        proven={"S1"},
        declared={"S2"},
        doubted={"S2", "S3"},
        allotted={"lot:A": 3},
        chain=list(CHAIN),
    )
    return (
        [
            Paper(1, "label", "S1"),
            Paper(2, "label", "S2"),
            Paper(3, "label", "S3", whole=False),
            Paper(4, "feed", None),
        ],
        books,
        CHAIN,
    )


def test_sound_books_have_no_contradiction() -> None:
    assert contradictions(*_good()) == []


@pytest.mark.parametrize(
    ("breaks", "words"),
    [
        (lambda p, b, r: p.append(Paper(5, "label", "S1")), "several papers"),
        (lambda p, b, r: p.append(Paper(5, "reprint", "S3")), "several papers"),
        (lambda p, b, r: p.append(Paper(1, "label", "S1", "q")), "several papers"),
        (lambda p, b, r: p.insert(0, replace(p.pop(0), printer="q")), "sent to p and came out of q"),
        (lambda p, b, r: p.insert(0, replace(p.pop(0), whole=False)), "proven and its paper 1 lacks facts"),
        (lambda p, b, r: b.declared.add("S3"), "declared printed and its paper 3 lacks facts"),
        (lambda p, b, r: p.pop(1), "declared printed and not on the tape"),
        (lambda p, b, r: b.open.add("w1"), "w1 is still sending"),
        (
            lambda p, b, r: b.printer_of.update(S1="one-way") or p.insert(0, replace(p.pop(0), printer="one-way")),
            "heard",
        ),
        (lambda p, b, r: p.append(Paper(5, "label", "S9")), "not in the ledger"),
        (lambda p, b, r: p.pop(0), "not on the tape"),
        (lambda p, b, r: b.drawn.append("S1"), "drawn twice"),
        (lambda p, b, r: b.allotted.update({"lot:A": 2}), "used of 2"),
        (lambda p, b, r: r.pop(), "lacks 1 of 2"),
        (lambda p, b, r: r.append(("b" * 32, 1, "22")), "events the agent does not"),
        (lambda p, b, r: (r.pop(0), b.chain.pop(0)), "has a gap"),
    ],
)
def test_each_broken_promise_is_noticed(breaks: object, words: str) -> None:
    papers, books, registry = _good()
    registry = list(registry)
    breaks(papers, books, registry)  # type: ignore[operator]
    found = contradictions(papers, books, registry, ["one-way"])
    assert len(found) == 1
    assert words in found[0]
