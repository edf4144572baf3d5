"""A template's file taken apart is the same file, and each statement is known by its slot and key."""

from __future__ import annotations

import pytest

from edge_agent.render.upgrade.statements import Statement, statements

FILE = '''\
# above
kind = "tag"  # beside
required = [
  "product.brand", # within
]

[[slot]]
name = "a"
text = """
[[slot]]
at_mm = [1, 2]
"""
"at_mm" = [ 1,
  2 ] # left of the logo

 [[ "slot" ]] # b
rows = [
  { label = "一", text = "x" },
]
[[slot.rows]]
size_mm = [1, 2]
[[slot]]
size_mm=[1,2]'''


def test_all_statements_together_are_the_file() -> None:
    assert "".join(part.text for part in statements(FILE)) == f"{FILE}\n"


def test_each_is_known_by_slot_and_key() -> None:
    known = [(part.slot, part.key) for part in statements(FILE) if part.key]
    assert known == [
        (-1, "kind"),
        (-1, "required"),
        (0, "name"),
        (0, "text"),
        (0, "at_mm"),
        (1, "rows"),
        (2, "size_mm"),
    ]


@pytest.mark.parametrize("text", ["a = [", "[[slot]]\na = 1\nb = '''", "\u2028", "a = '\u2028'"])
def test_what_is_no_toml_or_odd_stays_as_it_is(text: str) -> None:
    assert "".join(part.text for part in statements(text)) == f"{text}\n"


def test_a_comment_stays_where_its_statement_goes() -> None:
    part = Statement("at_mm = [ 1,\n  2 ] # left of the logo\n", 0, "at_mm")
    assert part.replaced(["share = 0"]).text == "# left of the logo\nshare = 0\n"
    assert part.replaced([]).text == "# left of the logo\n"
    assert Statement("at_mm = [1, 2]\n", 0, "at_mm").replaced([]).text == ""
