"""Whatever the code writes into the audit is read in words."""

from __future__ import annotations

import re
from pathlib import Path

import central_registry
from central_registry.console.pieces.act_terms import act_of
from central_registry.goods.certificates import State

CODE = Path(central_registry.__file__).parent
WRITTEN = re.compile(r"\bEntry\(\s*\"(\w+)\"")


def test_no_act_of_the_audit_is_shown_as_its_code_word() -> None:
    text = "\n".join(file.read_text("utf-8") for file in CODE.rglob("*.py"))
    moved = (State.APPROVED, State.REJECTED, State.SUSPENDED, State.WITHDRAWN)
    names = {*WRITTEN.findall(text), *(f"certificate_{state}" for state in moved)}
    assert len(names) > 20
    assert {name for name in names if act_of(name) == name} == set()


def test_what_became_of_an_act_is_said_behind_it() -> None:
    assert act_of("suspend_confirmed") == f"{act_of('suspend')}：同意"
    assert act_of("recall_refused") == f"{act_of('recall')}：被拒绝"
    assert act_of("of_tomorrow_refused") == "of_tomorrow_refused"
