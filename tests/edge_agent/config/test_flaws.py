"""Every flaw at once: who corrects a file must not be sent back for each."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge_agent.config import flaws_in
from label_protocol.errors import ConfigError

PRINTER = '[[printers]]\nid = "{id}"\nname = "线"\nurl = "{url}"\nprofile = "zpl-203"\n'


def flaws(folder: Path, text: str) -> list[str]:
    path = folder / "agent.toml"
    path.write_text(text, "utf-8")
    return flaws_in(path)


def test_a_good_file_has_none(tmp_path: Path) -> None:
    assert flaws(tmp_path, "[web]\nport = 1\n") == []


def test_each_is_named_with_its_table_and_key(tmp_path: Path) -> None:
    text = '[web]\nport = 70000\nhots = "x"\n[prining]\n[printing]\nmode = "fast"\n[[printers]]\nid = "p1"\n'
    found = flaws(tmp_path, text)
    assert [one.partition(":")[0] for one in found] == [
        "table [web], key port",
        "table [web], key hots",
        "table [printing], key mode",
        "table [printers.0], key name",
        "table [printers.0], key url",
        "table [printers.0], key profile",
        "table or key [prining]",
    ]


def test_what_a_wrong_key_hides_is_found_too(tmp_path: Path) -> None:
    """Twice the same printer, and a witness beside its ledger, are looked for only where the keys are right."""
    text = (
        "[web]\nport = 70000\n"
        '[data]\nledger_path = "l/l.db"\nwitness_path = "l/w"\ncatalog_path = 5\n'
        + PRINTER.format(id="p1", url="tcp://a:1")
        + PRINTER.format(id="p1", url="tcp://b:1")
    )
    found = " | ".join(flaws(tmp_path, text))
    assert "key port" in found and "key catalog_path" in found
    assert "expected witness_path in another folder" in found
    assert "expected every printers.id once (got 'p1' twice)" in found


def test_a_group_that_names_a_wrong_row_is_not_blamed(tmp_path: Path) -> None:
    rows = PRINTER.format(id="p1", url="tcp://a:1") + PRINTER.format(id="p2", url="10.0.0.1")
    (found,) = flaws(tmp_path, rows + '[[groups]]\nid = "g"\nname = "线"\nprinters = ["p1", "p2"]\n')
    assert found.startswith("table [printers.1], key url")


def test_many_wrong_rows_are_each_found_once(tmp_path: Path) -> None:
    rows = [PRINTER.format(id=f"p {number}", url=f"tcp://a:{number}") for number in range(12)]
    found = flaws(tmp_path, "".join(rows))
    assert [one.partition(",")[0] for one in found] == [f"table [printers.{number}]" for number in range(12)]


@pytest.mark.parametrize(
    "text", ["data = 5\n", "printers = 5\n", "[[web]]\n", "[printers]\nid = 1\n", "[[printers]]\n"]
)
def test_a_table_that_is_none_ends_the_search_and_is_told(tmp_path: Path, text: str) -> None:
    assert flaws(tmp_path, text)


def test_a_file_that_is_no_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="expected TOML in UTF-8"):
        flaws(tmp_path, "[web\n")


@pytest.mark.parametrize(
    "wrong", ["ftp://robot.example/send?access_token=T0KEN", "http://robot.example/T0KEN", "T0KEN"]
)
def test_a_robots_address_is_not_shown_though_it_is_wrong(tmp_path: Path, wrong: str) -> None:
    """A refusal ends in the journal."""
    text = f'[[alerts]]\nkind = "dingtalk"\nurl = "{wrong}"\nsecret = "{"T0KEN" * 50}"\n'
    found = flaws(tmp_path, text)
    assert found and "T0KEN" not in " ".join(found) and "alerts" in found[0]
