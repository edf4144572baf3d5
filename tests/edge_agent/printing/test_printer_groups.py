"""Who prints what, without a printer: the groups alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge_agent.printing.printer_groups import Group, PrinterGroups
from tests.kits.web_double import JOB as PLAIN_JOB

JOB = replace(PLAIN_JOB, printer="g")


def printer_groups(unready: dict[str, float], *, fallback_after_s: float = 10.0) -> PrinterGroups:
    """One group of three; `unready` may be changed later."""
    group = Group("g", ("a", "b", "c"), fallback_after_s)
    return PrinterGroups([group, Group("h", ("c", "d"), 1.0)], lambda printer: unready.get(printer, 0.0))


def test_a_printer_is_addressed_by_its_name_and_by_those_of_its_groups() -> None:
    found = printer_groups({})
    assert found.targets("a") == ("a", "g")
    assert found.targets("c") == ("c", "g", "h")
    assert found.targets("x") == ("x",)


def test_one_printer_at_a_time_has_a_job() -> None:
    found = printer_groups({})
    assert [found.take(one, JOB) for one in "abc"] == [True, False, False]
    assert [found.take(one, JOB) for one in "cba"] == [False, False, True]


def test_to_ask_is_not_to_take() -> None:
    found = printer_groups({})
    assert [found.offers(one, JOB) for one in "ab"] == [True, False]
    assert found.offers("b", replace(JOB, printer="b"))
    assert found.take("c", JOB) is False and found.take("a", JOB)
    assert [found.offers(one, JOB) for one in "ab"] == [True, False]


@pytest.mark.parametrize(
    ("unready", "first"), [({}, "a"), ({"a": 0.1}, "b"), ({"a": 9.0, "b": 0.1}, "c"), (dict.fromkeys("abc", 1.0), "a")]
)
def test_the_first_that_can_print_gets_it_and_the_preferred_one_waits_for_itself(
    unready: dict[str, float], first: str
) -> None:
    found = printer_groups(unready)
    assert [one for one in "abc" if found.take(one, JOB)] == [first]


def test_a_job_of_one_printer_is_nobody_elses() -> None:
    found, own = printer_groups({"b": 99.0}), replace(JOB, printer="b")
    assert [one for one in "abc" if found.take(one, own)] == ["b"]
    assert found.keeps("b", own)


def test_it_is_handed_over_only_after_a_while_and_only_to_one_that_can() -> None:
    unready = {"a": 0.0}
    found = printer_groups(unready)
    assert found.take("a", JOB)
    for waited_s, others, keeps in ((9.9, {}, True), (10.0, {}, False), (10.0, {"b": 1.0, "c": 1.0}, True)):
        unready.clear()
        unready.update({"a": waited_s, **others})
        assert found.keeps("a", JOB) is keeps


def test_what_is_released_goes_to_whoever_can_print_then() -> None:
    unready: dict[str, float] = {}
    found = printer_groups(unready)
    assert found.take("a", JOB)
    unready["a"] = 30.0
    assert not found.take("b", JOB)
    found.release(JOB)
    assert found.take("b", JOB)
    assert not found.take("a", JOB)
