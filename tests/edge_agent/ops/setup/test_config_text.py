"""Keys are set in the configuration's text, and nothing else in it changes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.ops.setup.config_text import toml, with_rows, with_values
from label_protocol.errors import ConfigError

REFERENCE = (Path(__file__).resolve().parents[4] / "config" / "agent.toml").read_text("utf-8")


def test_a_key_that_is_commented_out_is_set_where_it_stands() -> None:
    done = with_values(REFERENCE, {"data": {"ledger_path": "/srv/ledger.db"}, "site": {"name": "示例"}})
    was, now = REFERENCE.split("\n"), done.split("\n")
    changed = [(old, new) for old, new in zip(was, now, strict=True) if old != new]
    assert [new for _, new in changed] == ['name = "示例"', 'ledger_path = "/srv/ledger.db"']
    assert [old.split(" =")[0] for old, _ in changed] == ["name", "#ledger_path"]


def test_a_name_of_a_sample_is_not_the_sites() -> None:
    """[groups] and [[printers]] have names too."""
    text = '[site]\noperator_required = true\n#[[printers]]\n#name = "x"\n[[printers]]\nname = "y"\n'
    assert with_values(text, {"site": {"name": "z"}}) == text.replace("[site]\n", '[site]\nname = "z"\n')


def test_what_is_not_there_is_put_there() -> None:
    assert with_values("", {"web": {"port": 8632}}) == "\n[web]\nport = 8632\n"
    assert with_values("[web]\n# only this", {"web": {"port": 1}}) == "[web]\nport = 1\n# only this"


def test_an_assignment_goes_before_a_comment() -> None:
    text = "[web]\n#port = 1\nport = 2\n"
    assert with_values(text, {"web": {"port": 3}}) == "[web]\n#port = 1\nport = 3\n"


@pytest.mark.parametrize(
    "text",
    ['[data]\nledger_path = """\na\n"""\n', "data = { ledger_path = 'a' }\n", 'data.ledger_path = "a"\n', "[data\n"],
    ids=["several lines", "inline", "dotted", "no TOML"],
)
def test_what_cannot_be_set_line_by_line_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"agent\.toml: expected"):
        with_values(text, {"data": {"ledger_path": "b"}})


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**40), 2**40) | st.booleans())
def test_any_value_comes_back(value: str | int | bool) -> None:
    assert tomllib.loads(with_values(REFERENCE, {"site": {"name": value}}))["site"]["name"] == value
    assert tomllib.loads(f"x = {toml(value)}")["x"] == value


def test_rows_come_after_all_else() -> None:
    rows = [{"id": "p1", "url": "tcp://h:9100"}, {"id": "p2", "ribbon": True}]
    done = with_rows(REFERENCE, "printers", rows)
    assert done.startswith(REFERENCE.rstrip("\n"))
    assert tomllib.loads(done)["printers"] == rows
