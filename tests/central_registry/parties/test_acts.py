"""The table of acts: as docs/operating-the-registry.md shows it, each with somebody who may, and roles that people can
have."""

from __future__ import annotations

import os
import re
from pathlib import Path

from central_registry.parties.actor import PartyKind
from central_registry.parties.acts import TABLE, Act
from central_registry.parties.people import ROLES_OF

PAGE = Path(__file__).resolve().parents[3] / "docs" / "operating-the-registry.md"
BEGIN, END = "<!-- acts: from central_registry/parties/acts.py -->\n", "<!-- end of acts -->"


def _table() -> str:
    lines = ["| 做什么 act | 谁 of | 角色 roles | 双人 two people |", "|---|---|---|---|"]
    for rule in TABLE.values():
        kinds = "everybody" if len(rule.kinds) == len(PartyKind) else ", ".join(sorted(rule.kinds))
        can = {role for kind in rule.kinds for role in ROLES_OF[kind]}
        roles = "all" if can <= rule.roles else ", ".join(sorted(rule.roles & can))
        lines.append(f"| {rule.zh} {rule.en} | {kinds} | {roles} | {'✓' if rule.four_eyes else ''} |")
    return "\n".join(lines) + "\n"


def test_the_page_shows_the_table() -> None:
    text = PAGE.read_text("utf-8")
    right = re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: BEGIN + _table() + END, text, flags=re.DOTALL)
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(right, "utf-8")
        return
    assert text == right, "run UPDATE_DOCS=1 pytest on this file"


def test_every_act_has_somebody_who_may() -> None:
    """A role that nobody of such a party can have is a row that lets nobody do it."""
    assert TABLE.keys() == set(Act)
    assert not [act for act, rule in TABLE.items() for kind in rule.kinds if not rule.roles & ROLES_OF[kind]]
