"""Reviews in the ledger: who said what of which file, in order, with how it is known who that is; rebuilt."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge_agent.ledger import Ledger
from edge_agent.model.actor import Actor, Known
from edge_agent.model.review import Review, Reviewable
from label_protocol.errors import InputError
from label_protocol.kinds import ReviewKind, ReviewVerdict
from tests.kits.ledger_kit import Place, enrolled, history, require_sound

CARD = Reviewable(ReviewKind.TEMPLATE, "示例卡", "a" * 64)
ROWS = Reviewable(ReviewKind.OVERRIDES, "rules", "b" * 64)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = enrolled(Place(tmp_path).open())
    yield found
    found.close()


def said(ledger: Ledger) -> list[tuple[Any, ...]]:
    return [(one.of.name, one.verdict, one.by, one.known_by, one.reason) for one in ledger.reviews()]


def test_words_are_kept_in_order_with_who_said_them_and_how_that_is_known(ledger: Ledger) -> None:
    ledger.review(CARD, ReviewVerdict.APPROVED, "班长一", "")
    with ledger.acting(Actor("p1", Known.BADGE_PIN, "p2")):
        ledger.review(CARD, ReviewVerdict.REJECTED, "p1", "字太小")
        ledger.review(ROWS, ReviewVerdict.APPROVED, "p1", "买家的信")
    assert said(ledger) == [
        ("示例卡", "approved", "班长一", "stated", ""),
        ("示例卡", "rejected", "p2", "badge_pin", "字太小"),
        ("rules", "approved", "p2", "badge_pin", "买家的信"),
    ]
    assert [one.operator for one in ledger.reviews()] == ["班长一", "p1", "p1"]
    require_sound(ledger)


@pytest.mark.parametrize(
    ("operator", "verdict", "reason"),
    [("", "approved", ""), ("班长一", "rejected", ""), ("班长一", "rejected", " "), ("班长一", "approved", "字\n小")],
    ids=["nobody", "no reason", "blank reason", "broken reason"],
)
def test_a_word_without_a_person_or_a_rejection_without_a_reason_is_none(
    ledger: Ledger, operator: str, verdict: str, reason: str
) -> None:
    with pytest.raises(InputError):
        ledger.review(CARD, ReviewVerdict(verdict), operator, reason)
    assert ledger.reviews() == ()


def test_the_event_says_all_of_it(ledger: Ledger) -> None:
    with ledger.acting(Actor("p1", Known.BADGE_PIN)):
        ledger.review(CARD, ReviewVerdict.APPROVED, "p1", "")
    event = json.loads(history(ledger)[-1][2])
    assert {name: value for name, value in event.items() if name not in ("incarnation", "seq", "at")} == {
        "type": "reviewed", "kind": "template", "name": "示例卡", "sha256": "a" * 64, "verdict": "approved",
        "reason": "", "operator": "p1", "known_by": "badge_pin",
    }  # fmt: skip
    assert ledger.reviews() == (Review(CARD, ReviewVerdict.APPROVED, "p1", "badge_pin", "", "", event["at"]),)


def test_what_a_fork_said_is_told_again_after_the_registry_s_history(tmp_path: Path) -> None:
    place = Place(tmp_path)
    enrolled(place.open()).close()
    shutil.copy(place.path, tmp_path / "backup")
    ledger = place.open()
    ledger.review(CARD, ReviewVerdict.APPROVED, "班长一", "")
    registry, head = history(ledger), ledger.head()
    ledger.close()
    shutil.copy(tmp_path / "backup", place.path)
    ledger = place.open()
    with ledger.acting(Actor("p2", Known.BADGE_PIN)):
        ledger.review(CARD, ReviewVerdict.REJECTED, "p2", "字太小")
    ledger.recover(registry, head_hash=head.hash)
    assert [(one.by, one.verdict, one.known_by) for one in ledger.reviews()] == [
        ("班长一", "approved", "stated"),
        ("p2", "rejected", "badge_pin"),
    ]
    require_sound(ledger)
    ledger.close()
