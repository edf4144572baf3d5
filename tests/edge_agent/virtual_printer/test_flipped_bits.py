"""What a count proves of a label of which one bit was flipped on its way: docs/faults.md, section 5.

After a change run with `UPDATE_DOCS=1` and look at the page.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.kits.flipped_bits import FORMS, Outcome, flipped, pictures_of, tally

PAGE = Path(__file__).resolve().parents[3] / "docs" / "faults.md"
PART = re.compile(r"(<!-- flipped bits: [^\n]*-->\n)(.*?)(<!-- /flipped bits -->)", re.DOTALL)
Tallies = dict[str, tuple[Counter[Outcome], Counter[Outcome]]]

pytestmark = pytest.mark.costly


@pytest.fixture(scope="module")
def tallies() -> Tallies:
    """Some thousand labels, once."""
    return {name: tally(form) for name, form in FORMS.items()}


def test_no_flip_of_one_bit_printed_another_readable_code(tallies: Tallies) -> None:
    assert sum((sum(both, Counter()) for both in tallies.values()), Counter())[Outcome.ANOTHER] == 0


def test_a_count_does_not_prove_that_the_code_can_be_read(tallies: Tallies) -> None:
    """If this fails the page promises too little: something has begun to notice."""
    for name, form in FORMS.items():
        picture, commands = tallies[name]
        assert (picture + commands)[Outcome.UNREADABLE] > 0, name
        if form.check:
            assert picture[Outcome.READABLE] == 0, "a check drops the whole picture, and the label is counted without"
            assert picture[Outcome.UNREADABLE] > 0.9 * picture.total()


def test_the_page_tells_what_was_counted(tallies: Tallies) -> None:
    text, seen = PAGE.read_text(encoding="utf-8"), _table(tallies)
    if os.environ.get("UPDATE_DOCS"):
        text = PART.sub(lambda found: found[1] + seen + found[3], text)
        PAGE.write_text(text, encoding="utf-8")
    (told,) = PART.findall(text)
    assert told[1] == seen, "run this test with UPDATE_DOCS=1 and look at the page"


def _table(tallies: Tallies) -> str:
    heads = ["形式 form", "翻在 flipped in", "试了 tried", *(one.value for one in Outcome)]
    rows = [heads, ["---"] * len(heads)]
    for name, both in tallies.items():
        for where, found in zip(("图 picture", "命令 command"), both, strict=True):
            rows.append([name, where, str(found.total()), *(str(found[one]) for one in Outcome)])
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


@pytest.mark.parametrize("name", FORMS)
def test_pictures_and_commands_are_told_apart(name: str) -> None:
    form = FORMS[name]
    label = form.label()
    places = pictures_of(form.language, label)
    commands = bytes(byte for at, byte in enumerate(label) if at not in places)
    assert 20 < len(commands) < 250 and len(places) > 0.7 * len(label)
    assert commands.decode("ascii").isprintable() or b"\r\n" in commands
    assert flipped(label, 9) != label and flipped(flipped(label, 9), 9) == label
