"""Names in a hot folder: what is unfinished, what is an order, and a clean name that no system chokes on."""

from __future__ import annotations

import doctest
import random

import pytest

from edge_agent.intake import names


def test_the_examples_hold() -> None:
    assert doctest.testmod(names).failed == 0


@pytest.mark.parametrize("name", ["CON.csv", "lpt1.csv", "nul.x.csv"])
def test_no_answer_is_called_as_a_device(name: str) -> None:
    assert names.clean(name) == f"_{name}"
    assert names.clean(f"my {name}") == f"my {name}"


def test_every_name_becomes_one_that_can_be_kept_and_is_found_again() -> None:
    chance = random.Random(3)
    signs = 'a单\u202e\n/\\:*?"<>|\udcff\U0001f600é e\u0301. -_\0\t％'
    for _ in range(500):
        name = "".join(chance.choice(signs) for _ in range(chance.randrange(1, 255))) + chance.choice(
            [".csv", "", ".X"]
        )
        told = names.clean(name)
        assert told.encode() and len(told.encode()) <= names.MAX_NAME_BYTES + 1
        assert not set(told) & set('<>:"/\\|?*\n\0\u202e')
        assert names.clean(told) == told
        assert names.of_claim(names.claim("0123456789abcdef", name)) == ("0123456789abcdef", told)
