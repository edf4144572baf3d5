"""`edge-agent template`: what there is, what is wrong with one's own and where, and what it would print."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_agent.render.templates.template import Template, built_in_templates, examine, read_template
from label_protocol.codes.serial import check_character
from tests.edge_agent.render.test_template import GOOD, WRONG
from tests.kits.cli_kit import a_site, run

SERIAL = "PH17K3M9QX2W4T2B" + check_character("PH17K3M9QX2W4T2B")
DOWN = Path(__file__).parents[3] / "edge_agent" / "demo" / "samples" / "down_graded.json"


def lint(folder: Path, text: str | bytes) -> tuple[int, list[str]]:
    """Exit code and lines, the path taken off."""
    path = folder / "mine.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    said = run("template", "lint", path)
    assert said.err == ""
    return said.code, [line.removeprefix(str(path)) for line in said.out.splitlines()]


def flaws(text: str) -> list[tuple[int | None, str, str]]:
    found = examine(text.encode(), "mine")
    return [] if isinstance(found, Template) else [(one.line, one.slot, one.key) for one in found]


# --- list and preview -------------------------------------------------------------------------------------------------


def test_list_tells_kind_size_and_titles() -> None:
    said = run("template", "list")
    assert "down_grade_60x40  down_grade  60×40 mm  羽绒服质量分级吊牌 · Down jacket grade tag" in said.out.splitlines()
    assert "wash_care_30  wash_care  30×≤220 mm  " in said.out, "a roll is cut where the content ends"
    rows = json.loads(run("template", "list", "--json").out)["templates"]
    assert [row["name"] for row in rows] == list(built_in_templates())
    assert {row["name"]: row["size_mm"] for row in rows}["composition_card_60x40"] == [60, 40]


def test_preview_draws_what_preview_of_that_template_draws(tmp_path: Path) -> None:
    common = ("--data", DOWN, "--dpi", 300, "--serial", SERIAL, "--config", a_site(tmp_path))
    (tmp_path / "mine.toml").write_bytes(read_template("down_grade_60x40")[0])
    ours = run("template", "preview", tmp_path / "mine.toml", *common, "--out", tmp_path / "a.png")
    theirs = run("preview", "--template", tmp_path / "mine.toml", *common, "--out", tmp_path / "b.png")
    assert (ours.code, theirs.code) == (0, 0), ours
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


# --- lint -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", built_in_templates())
def test_the_built_in_ones_are_well(name: str) -> None:
    said = run("template", "lint", name)
    assert said.code == 0 and "合格 · ok" in said.out


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    assert "readable file" in run("template", "lint", tmp_path / "none.toml").refusal


@pytest.mark.parametrize(("old", "new", "_said"), WRONG.values(), ids=WRONG)
def test_each_flaw_says_what_is_wrong_and_what_to_do_in_both_languages(
    tmp_path: Path, old: str, new: str, _said: str
) -> None:
    code, lines = lint(tmp_path, GOOD.replace(old, new, 1))
    assert code == 1
    for line in lines:
        zh, _, en = line.partition(" · ")
        assert "请" in zh and ";" in en and ("expected" in en or "unknown key" in en), line


def test_all_flaws_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    bad = GOOD.replace("char_mm = 3", 'char_mm = "3"\ncolor = 1', 1).replace("lines = 2", "lines = 3")
    code, lines = lint(tmp_path, bad)
    assert code == 1
    heads = [":13: slot brand, char_mm: ", ":14: slot brand, color: ", ":28: slot serial, lines: "]
    assert [line.startswith(head) for line, head in zip(lines, heads, strict=True)] == [True] * 3, lines


def test_what_is_wrong_between_slots_is_told_with_the_line_of_the_slot(tmp_path: Path) -> None:
    bad = GOOD.replace("at_mm = [2, 2]", "at_mm = [35, 9]").replace('name = "qr"', 'name = "brand"')
    code, lines = lint(tmp_path, bad)
    assert code == 1
    assert [line.split(": ")[0:2] for line in lines] == [
        [":7", "slot brand"],
        [":15", "slot brand"],
        [":15", "slot brand"],
    ]
    assert "65, 13" in lines[0] and "each name once" in lines[1] and "overlap" in lines[2]


def test_a_machine_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD.replace("lines = 2", "lines = 3"), "utf-8")
    said = run("template", "lint", path, "--json")
    (found,) = json.loads(said.out)["flaws"]
    assert (said.code, found["line"], found["slot"], found["key"]) == (1, 27, "serial", "lines")


@pytest.mark.parametrize(
    ("text", "line"),
    [(GOOD.replace("[[slot]]", "[[slot", 1), 7), (GOOD + '"""', 28), (GOOD.encode() + b"# \xff", 28)],
    ids=["no bracket", "an open string", "no UTF-8"],
)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, text: str | bytes, line: int) -> None:
    code, (told,) = lint(tmp_path, text)
    assert code == 1 and told.startswith(f":{line}: ")


# --- a line is right or left out --------------------------------------------------------------------------------------

BAD = GOOD.replace("char_mm = 3", "char_mm = 300", 1)
SPELLINGS: dict[str, tuple[str, Any]] = {
    "as ever": (BAD, 13),
    "spaces and a remark": (BAD.replace("[[slot]]", ' [[ "slot" ]] # 品牌', 1), 13),
    "Windows ends its lines so": (BAD.replace("\n", "\r\n"), 13),
    "the key in quotes": (BAD.replace("char_mm = 300", '"char_mm" = 300'), 7),
    "a slot inside a text": (BAD.replace('"{product.brand}"\nchar', '"""\n[[slot]]\n"""\nchar'), None),
    "the key inside a text": (BAD.replace('"{product.brand}"\nchar', '"""\nchar_mm = 1"""\nchar'), 7),
    "slots as one list": (
        BAD[: BAD.index("[[slot]]")]
        + "slot = ["
        + ",\n".join("{" + part.strip().replace("\n", ", ") + "}" for part in BAD.split("[[slot]]")[1:])
        + "]",
        None,
    ),
}


@pytest.mark.parametrize(("text", "line"), SPELLINGS.values(), ids=SPELLINGS)
def test_a_line_is_right_or_left_out(text: str, line: int | None) -> None:
    tomllib.loads(text)
    assert (line, "brand", "char_mm") in flaws(text)


def test_a_key_on_top_is_not_sought_among_the_slots() -> None:
    assert flaws(GOOD.replace('kind = "tag"\n', "")) == [(None, "", "kind")]
    assert flaws(GOOD + "\n[extra]\n") == [(29, "", "extra")]
    in_a_text = GOOD.replace('"{product.brand}"\nchar', '"""\n[extra]\n"""\nchar')
    assert flaws(in_a_text + "\n[extra]\n") == [(None, "", "extra")]


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 12), st.sampled_from(["", "0", "{", '"', "[", "\n", "羽", "="]))
def test_a_damaged_template_is_told_with_a_line_of_the_file_or_none(place: int, length: int, new: str) -> None:
    text = GOOD[:place] + new + GOOD[place + length :]
    assert all(line is None or 1 <= line <= text.count("\n") + 1 for line, _, _ in flaws(text))


def test_a_built_in_template_is_copied_and_never_over_a_file(tmp_path: Path) -> None:
    mine = tmp_path / "my_tag.toml"
    assert run("template", "copy", "down_grade_60x40", mine).code == 0
    assert mine.read_bytes() == read_template("down_grade_60x40")[0]
    mine.write_text("mine", encoding="utf-8")
    assert "File exists" in run("template", "copy", "down_grade_60x40", mine).refusal
    assert mine.read_text("utf-8") == "mine"
    assert "ending in .toml" in run("template", "copy", "down_grade_60x40", tmp_path / "tag.txt").refusal
    assert "unknown name" in run("template", "copy", "no_such_tag", tmp_path / "x.toml").refusal


def test_a_template_of_format_1_is_upgraded_and_the_old_file_stays(tmp_path: Path) -> None:
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    old.write_text(GOOD, encoding="utf-8")
    said = run("template", "copy", old, new, "--upgrade")
    assert said.code == 0 and f"{new}: 已升级为格式 2 upgraded to format 2, {old}" in said.err
    assert run("template", "lint", new).code == 0 and "format = 2" in new.read_text("utf-8")
    assert old.read_text("utf-8") == GOOD
    assert "File exists" in run("template", "copy", old, new, "--upgrade").refusal


def test_what_upgrading_leaves_out_is_told(tmp_path: Path) -> None:
    old = tmp_path / "old.toml"
    old.write_text(f'{GOOD}[[slot]]\nname = "frame"\nkind = "box"\nat_mm = [1, 1]\nsize_mm = [33, 9]\n', "utf-8")
    said = run("template", "copy", old, tmp_path / "new.toml", "--upgrade")
    assert said.code == 0 and "slot frame lies around or under other slots" in said.err


def test_what_cannot_be_upgraded_is_one_sentence_and_no_file(tmp_path: Path) -> None:
    new = tmp_path / "new.toml"
    assert "expected format 1, got 2" in run("template", "copy", "composition_card_60x40", new, "--upgrade").refusal
    assert "always of format 1" in run("template", "copy", "order_sheet_a5", new, "--upgrade").refusal
    assert not new.exists()
