"""Profiles: the shipped rows are whole, and a wrong row is refused by name."""

from __future__ import annotations

import pytest

from edge_agent.errors import ConfigError, NotFoundError
from edge_agent.model import PrintMode, ProofLevel
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.profiles import parse_profiles, profile, shipped_profiles

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


@pytest.mark.parametrize("row", shipped_profiles().values(), ids=lambda row: row.name)
def test_shipped_rows_speak_a_language_and_name_their_source(row: object) -> None:
    found = profile(row.name)  # type: ignore[attr-defined]
    assert found.language in LANGUAGES
    assert found.proof >= ProofLevel.IDLE
    assert len(found.source) > 20
    assert found.mode is PrintMode.FULL or LANGUAGES[found.language].stores_background


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
        (toml(proof='"certain"'), "proof"),
        (toml(mode="1"), "mode"),
        (toml(language='" "'), "language"),
    ],
)
def test_a_wrong_row_is_refused_by_name(text: str, word: str) -> None:
    with pytest.raises(ConfigError, match=word):
        parse_profiles(text)
