"""Recordings: what real printers said, kept apart from what we made. Each can be looked up or says that it cannot; and
a reader that was widened for one of them was widened for it and no further.

That each is read right is shown by `test_language_conformance.py`, that none is made healthier by
`test_damaged_answers.py`.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from edge_agent.errors import ReplyError
from edge_agent.printers.languages import LANGUAGES
from tests.kits.language_kit import questions_of, tables_of

ADDRESS = re.compile(r"(github\.com/[\w.-]+/[\w.-]+( @\w+)?|PyPI \w+|[\w-]+(\.[\w-]+)*\.(com|ls)), \S")
"""A repository, a package or a site, then where in it."""
RECORDED = {"zpl": {"~HS", "~HQES", "~HI", "^HW"}, "tspl": {"ESC!?", "~!T"}, "epl2": {"UQ", "settings", "^ee"}}
"""Questions of which a recording that can be looked up was found."""


def recordings(language: str) -> list[dict[str, Any]]:
    tables = tables_of(language, "recordings.toml")
    return [row for kind in ("reply", "response") for row in tables.get(kind, ())]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_names_its_printer_and_where_it_can_be_looked_up_or_says_that_it_cannot(language: str) -> None:
    rows = recordings(language)
    assert [row for row in rows if not row["printer"]] == []
    assert [row["source"] for row in rows if bool(ADDRESS.match(row["source"])) is row.get("unnamed", False)] == []
    assert {row["query"] for row in rows if "query" in row and "unnamed" not in row} == RECORDED[language]


def read(language: str, query: str, answer: bytes) -> Any:
    return questions_of(LANGUAGES[language])[query].parse(answer)


HOST_STATUS = (
    b"\x02150,0,0,%s,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,0,0,0,2,0,0,%s,1,000\x03\r\n\x028888,0\x03\r\n"  # XP-423B
)


@pytest.mark.parametrize(
    ("length", "waiting", "told"),
    [
        (b"1219", b"00000000", True),
        (b"12190", b"00000000", True),
        (b"1219", b"1119879168", True),
        (b"01219", b"00000000", False),
        (b"121900", b"00000000", False),
        (b"1219", b"000000000", False),
        (b"1219", b"00000000000", False),
    ],
)
def test_a_number_has_as_many_digits_as_some_printer_writes(length: bytes, waiting: bytes, told: bool) -> None:
    """A fifth digit of the length is never a 0 in front: that is one that came twice."""
    answer = HOST_STATUS % (length, waiting)
    if told:
        assert read("zpl", "~HS", answer) is not None
    else:
        with pytest.raises(ReplyError):
            read("zpl", "~HS", answer)


def test_a_list_with_objects_and_without_its_last_line_is_refused() -> None:
    """Only a drive that a printer has not is told by the head alone."""
    assert read("zpl", "^HW", b"\x02\r\n- DIR B:*.* \r\n\r\n\x03") == ({}, 20)
    with pytest.raises(ReplyError):
        read("zpl", "^HW", b"\x02\r\n- DIR R:*.* \r\n* R:LBL.ZPL       214          \r\n\r\n\x03")


@pytest.mark.parametrize(
    "first", [b"SERIAL PORT V4.29", b"FDX ZP 500 (EPL) ZSP-002281B", b"UKQ1935H U  UPS OLD V4.51 ", b"FDX V4.45"]
)
def test_a_line_that_is_no_model_and_firmware_begins_no_configuration(first: bytes) -> None:
    assert read("epl2", "UQ", first + b"\r\nSerial port:96,N,8,1\r\n09 14 20 \r\n") is None
