"""An order is taken whole or not at all, each for itself; the same again is the same; another content is refused."""

from __future__ import annotations

import random
from dataclasses import replace

from edge_agent.model.work_order import OrderLine, Outcome, ReadRow, Taking
from edge_agent.work_orders.decide import decide

LINE = OrderLine("erp", "MO-1", "1", "F1", "M", 10)


def row(at: int, **more: object) -> ReadRow:
    line = replace(LINE, **more)  # type: ignore[arg-type]
    return ReadRow(f"row {at}", line.order_no, line)


def bad(at: int, order_no: str | None) -> ReadRow:
    return ReadRow(f"row {at}", order_no, None, (f"flaw at {at}",))


def took(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [one.outcome.value for one in outcomes]


def test_a_bad_row_takes_its_own_order_with_it_and_no_other() -> None:
    rows = [row(2), bad(3, "MO-1"), row(4, order_no="MO-2"), row(5, line="3")]
    found = decide(rows, {}, limit=1_000, taken_today=0)
    assert took(found) == ["refused", "refused", "taken", "refused"]
    assert "row 3" in found[0].why and found[1].why == "flaw at 3" and "row 3" in found[3].why


def test_a_row_of_no_known_order_lets_nothing_be_taken() -> None:
    found = decide([row(2), bad(3, None), row(4, order_no="MO-2")], {}, limit=1_000, taken_today=0)
    assert took(found) == ["refused"] * 3
    assert "row 3" in found[0].why and found[1].why == "flaw at 3"


def test_the_same_again_is_the_same_and_another_content_is_refused_with_both_values() -> None:
    known = {LINE.identity: LINE}
    assert took(decide([row(2)], known, limit=0, taken_today=0)) == ["same"]  # and counts against no limit
    (one,) = decide([row(2, quantity=12, lot_no="L1")], known, limit=1_000, taken_today=0)
    assert one.outcome is Taking.REFUSED
    assert "数量原来是 10、现在是 12" in one.why and "批号原来是 （空）、现在是 L1" in one.why
    assert "quantity 10, got 12" in one.why


def test_a_line_twice_in_one_file_is_one_if_it_says_the_same() -> None:
    assert took(decide([row(2), row(3)], {}, limit=10, taken_today=0)) == ["taken", "same"]
    assert took(decide([row(2), row(3, size="L")], {}, limit=100, taken_today=0)) == ["refused", "refused"]


def test_a_source_sends_no_more_labels_a_day_than_it_may_and_each_order_is_judged_whole() -> None:
    rows = [row(2), row(3, line="2"), row(4, order_no="MO-2", quantity=90), row(5, order_no="MO-3", quantity=5)]
    found = decide(rows, {}, limit=100, taken_today=75)
    assert took(found) == ["taken", "taken", "refused", "taken"]
    assert "expected at most 100 labels a day of this source, got 95 taken today and 90 more" in found[2].why


def test_no_order_is_ever_taken_by_half() -> None:
    """Orders, flaws, repeats and limits by chance: each order is refused whole or not at all, and the limit holds."""
    chance = random.Random(11)
    for _ in range(300):
        rows = [
            bad(at, f"MO-{chance.randrange(4)}")
            if chance.random() < 0.1
            else row(
                at, order_no=f"MO-{chance.randrange(4)}", line=str(chance.randrange(3)), quantity=chance.choice([5, 9])
            )
            for at in range(2, 12)
        ]
        known = {one.asked.identity: one.asked for one in rows[:3] if one.asked and chance.random() < 0.5}
        found = decide(rows, known, limit=40, taken_today=chance.randrange(40))
        for order_no in {one.order_no for one in found}:
            assert len({one.outcome is Taking.REFUSED for one in found if one.order_no == order_no}) == 1
        taken = [one.asked for one, said in zip(rows, found, strict=True) if said.outcome is Taking.TAKEN]
        assert sum(one.quantity for one in taken if one) <= 40
        assert len({one.identity for one in taken if one} | set(known)) == len(taken) + len(known)
