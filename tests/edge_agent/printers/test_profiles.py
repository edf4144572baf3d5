"""Profiles: the shipped rows are whole, and a wrong row is refused by name."""

from __future__ import annotations

import pytest

from edge_agent.errors import NotFoundError
from edge_agent.model.media import Media, Setup
from edge_agent.model.printer import PrintMode, ProofLevel
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Language
from edge_agent.printers.profiles import Profile, parse_profiles, profile, profile_for, shipped_profiles
from label_protocol.errors import ConfigError

ROW = {
    "language": '"zpl"',
    "dpi": "203",
    "width_dots": "832",
    "proof": '"counter"',
    "mode": '"run"',
    "object_overhead_bytes": "0",
    "source": '"manual"',
}


def toml(**changes: str | None) -> str:
    """One row, changed."""
    row = {**ROW, **changes}
    return "[p]\n" + "\n".join(f"{key} = {value}" for key, value in row.items() if value is not None)


ROWS = pytest.mark.parametrize("row", shipped_profiles().values(), ids=lambda row: row.name)


def language_of(row: Profile) -> Language:
    """The language of a row."""
    assert row.language in LANGUAGES, f"{row.name}: {row.language} is not spoken"
    return LANGUAGES[row.language]


def questions(language: Language) -> set[str]:
    """The names of everything that can be asked in it."""
    single = (language.counter_query, language.objects_query(), language.settings_query, language.identity_query)
    return {query.name for query in (*language.status_queries, *single) if query is not None}


@ROWS
def test_shipped_rows_speak_a_language_and_name_their_source(row: Profile) -> None:
    assert len(row.source) > 20
    assert row.mode is PrintMode.FULL or language_of(row).stores_background


@ROWS
def test_what_a_row_says_is_unanswered_is_a_question_of_its_language(row: Profile) -> None:
    assert row.unanswered <= questions(language_of(row))


@ROWS
def test_no_row_claims_what_its_language_cannot_give(row: Profile) -> None:
    """A counter needs a question for it, a response a reader, and whoever only sends proves nothing but that."""
    language = language_of(row).with_quirks(row.quirks)
    if row.proof is ProofLevel.COUNTER:
        assert language.counter_query is not None
        assert language.counter_query.name not in row.unanswered
    assert (row.proof is ProofLevel.RESPONSE) == (language.response_reader is not None)
    assert (row.proof is ProofLevel.SENT) == row.name.endswith("-one-way")


@ROWS
def test_a_row_that_hears_nothing_relies_on_nothing_stored(row: Profile) -> None:
    assert row.proof > ProofLevel.SENT or row.mode is PrintMode.FULL
    assert row.proof < ProofLevel.SCAN, "a scan is the operator's, not the printer's"


@ROWS
def test_every_row_can_lead_a_window(row: Profile) -> None:
    """EPL2 has to be told whether there is a ribbon. Where both exist the row leaves it open and the site says it."""
    language = language_of(row).with_quirks(row.quirks)
    for ribbon in (True, False) if row.ribbon is None else (row.ribbon,):
        assert language.preamble(Media(row.dpi, 480, 320), Setup(ribbon=ribbon))


def test_a_virtual_printer_needs_nothing_said() -> None:
    for name, row in shipped_profiles().items():
        if name.startswith("virtual-"):
            assert language_of(row).preamble(Media(203, 480, 320), Setup(ribbon=row.ribbon))


def test_the_kinds_of_printer_a_factory_owns_have_rows() -> None:
    rows = shipped_profiles()
    for language in ("zpl", "tspl", "epl2"):
        assert rows[f"{language}-unknown"].proof is ProofLevel.IDLE
        assert rows[f"{language}-unknown"].width_dots is None
        assert rows[f"{language}-one-way"].language == rows[f"virtual-{language}"].language == language
    assert rows["zebra-zt-203"].proof is rows["zebra-zd421-300"].proof is ProofLevel.COUNTER
    assert rows["zebra-lp2844-z"].unanswered == {"~HQES"}
    assert rows["tsc-203"].proof is rows["gprinter-203"].proof is rows["lp2844"].proof is ProofLevel.IDLE
    assert rows["gprinter-203-inverted"].quirks.inverted
    assert rows["lp2844-serial"].quirks.confirms
    assert rows["lp2844-serial"].quirks.line_end == b"\n"


@pytest.mark.parametrize(
    ("language", "identity", "name"),
    [
        ("zpl", "ZD410-200dpi V84.20.18Z", "zebra-zd410-203"),
        ("zpl", "LP2844-Z V45.11.7Z", "zebra-lp2844-z"),
        ("zpl", "TLP2844-Z V45.11.7Z", "zpl-unknown"),
        ("tspl", "TTP-244 Plus", "tspl-unknown"),
        ("epl2", "", "epl2-unknown"),
    ],
)
def test_a_printer_is_known_by_what_it_says_of_itself(language: str, identity: str, name: str) -> None:
    assert profile_for(language, identity).name == name


def test_an_unknown_head_is_none_and_not_a_guess() -> None:
    assert parse_profiles(toml(width_dots=None))["p"].width_dots is None


def test_a_row_is_read() -> None:
    row = parse_profiles(toml(proof='"idle"', mode='"full"', object_overhead_bytes="4"))["p"]
    assert (row.proof, row.mode, row.object_overhead_bytes) == (ProofLevel.IDLE, PrintMode.FULL, 4)


def test_an_unknown_profile_names_those_there_are() -> None:
    with pytest.raises(NotFoundError, match="zpl-203"):
        profile("zpl-9000")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("=", "TOML"),
        ("p = 1", "keys"),
        (toml(source=None), "keys"),
        (toml(colour='"red"'), "colour"),
        (toml(dpi='"203"'), "dpi"),
        (toml(dpi="true"), "dpi"),
        (toml(dpi="99999"), "dpi"),
        (toml(width_dots="0"), "width_dots"),
        (toml(models="[1]"), "models"),
        (toml(proof='"certain"'), "proof"),
        (toml(mode="1"), "mode"),
        (toml(language='" "'), "language"),
    ],
)
def test_a_wrong_row_is_refused_by_name(text: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        parse_profiles(text)
