"""The table of a case, its number, and what one client may send."""

from __future__ import annotations

from datetime import timedelta

import pytest

from central_registry.cases.numbers import new_number, new_word, read_number, shown_number, shown_word, word_hash
from central_registry.cases.quotas import Limits, Quotas, network
from central_registry.cases.steps import BY, MOVES, By, CaseState, Step, due, steps_from
from central_registry.problems import ProblemError
from tests.kits.registry_kit import AT


def test_every_state_is_reached_and_only_the_closed_one_is_an_end() -> None:
    assert set(MOVES.values()) | {CaseState.RECEIVED} == set(CaseState)
    assert {before for before, _ in MOVES} == set(CaseState) - {CaseState.CLOSED}
    assert BY.keys() == set(Step)
    assert {step for _, step in MOVES} == set(Step)
    assert [state for state in CaseState if due(state, AT) is None] == [CaseState.CLOSED]


def test_an_appeal_is_never_closed_without_another_answer() -> None:
    assert (CaseState.APPEALED, Step.CLOSE) not in MOVES
    assert steps_from(CaseState.ANSWERED, By.COMPLAINANT) == [Step.APPEAL]
    assert steps_from(CaseState.AT_WORK, By.FIRM) == [], "a firm speaks when it is asked"


def test_a_number_is_read_as_people_type_it_and_one_wrong_digit_is_noticed() -> None:
    number, word = new_number(), new_word()
    assert read_number(shown_number(number)) == read_number(f" {number[:4]}-{number[4:]}　") == number
    wrong = str((int(number[3]) + 1) % 10)
    assert read_number(number[:3] + wrong + number[4:]) == ""
    assert read_number("١٢٣٤٥٦٧٨") == read_number("") == ""
    assert word_hash(shown_word(word).lower()) == word_hash(word) != word_hash(new_word())


def test_a_network_is_a_household() -> None:
    assert network("2001:db8:1:2::1") == network("2001:db8:1:2:ffff::9") != network("2001:db8:1:3::1")
    assert network("::ffff:192.0.2.7") == network("192.0.2.7")
    assert network("") == network("odd") == ""


def test_what_a_day_takes_and_that_the_next_is_another() -> None:
    quotas = Quotas(Limits(forms_of_network=2, of_serial=1, of_all=2))
    for _ in range(2):
        quotas.take_form("192.0.2.7", AT)
    with pytest.raises(ProblemError) as refused:
        quotas.take_form("192.0.2.7", AT)
    assert refused.value.status == 429
    quotas.take_form("192.0.2.8", AT)
    quotas.take_complaint("A", AT)
    with pytest.raises(ProblemError):
        quotas.take_complaint("A", AT)
    quotas.take_complaint("B", AT)
    with pytest.raises(ProblemError):
        quotas.take_complaint("C", AT)
    quotas.take_form("192.0.2.7", AT + timedelta(days=1))
    quotas.take_complaint("A", AT + timedelta(days=1))


def test_one_network_holds_few_forms_at_once() -> None:
    quotas = Quotas(Limits(open_of_network=1, open_of_all=2))
    with quotas.reading("192.0.2.7"), quotas.reading("192.0.2.8"):
        for one in ("192.0.2.7", "192.0.2.9"):
            with pytest.raises(ProblemError), quotas.reading(one):
                pass
    with quotas.reading("192.0.2.7"):
        pass
