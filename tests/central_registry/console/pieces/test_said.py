"""What is kept in the registry's own words is read in those of people."""

from __future__ import annotations

from typing import Any

import pytest

from central_registry.console.pieces.asked import goods_of
from central_registry.console.pieces.goods_terms import told_of
from central_registry.console.pieces.role_terms import what_each_may
from central_registry.console.pieces.said import in_words
from central_registry.parties.actor import PartyKind, Role
from central_registry.parties.acts import TABLE, Act
from central_registry.parties.people import ROLES_OF


@pytest.mark.parametrize(
    ("kept", "read"),
    [
        ("active", "正常"),
        ("suspended", "停用"),
        ("第 2 版 suspended 2026-11-20 – …", "第 2 版 已暂停 2026-11-20 – …"),
        ("尚未登记 not enrolled yet", "尚未登记 not enrolled yet"),
    ],
)
def test_a_state_in_a_kept_sentence_is_a_word(kept: str, read: str) -> None:
    assert in_words(kept) == read


@pytest.mark.parametrize(
    ("act", "about", "asked", "said"),
    [
        (
            "approve_certificate",
            "f L1 v2",
            {"lot_no": "L1", "version": 2, "quantity": 1200},
            "批次 L1 · 第 2 版 · 1,200 件",
        ),
        (
            "approve_codes",
            "o",
            {"style_no": "S9", "quantity": 30, "agent": "line-1"},
            "款号 S9 · 30 枚 · 打印端 line-1",
        ),
        ("suspend", "f L1", {"lot_no": "L1", "style_no": "", "reason": "x"}, "批次 L1"),
        ("approve_codes", "o", {"words": "30 × lot L1 → line-1"}, "30 × lot L1 → line-1"),
        ("decide_clone", "line-1", {"words": "agent line-1: …"}, "打印端 line-1"),
        ("set_status", "f", {"status": "suspended"}, ""),
    ],
)
def test_two_questions_of_one_firm_are_told_apart(act: str, about: str, asked: dict[str, Any], said: str) -> None:
    assert goods_of({"act": act, "about": about, "asked": asked}) == said


@pytest.mark.parametrize(
    ("what", "detail", "said"),
    [
        ("lot", "console", "在管理端导入"),
        ("report", "R 1 91330482MA0000003X", "R 1"),
        ("suspended_provisional", "v12 抽检", "第 12 版 抽检"),
        ("filed", "v1", "第 1 版"),
    ],
)
def test_the_story_of_a_lot_has_no_code_words(what: str, detail: str, said: str) -> None:
    assert told_of(what, detail) == said


def test_what_each_role_may_is_what_the_table_says() -> None:
    kind = PartyKind.ASSOCIATION
    may = {words.en: acts for words, acts in what_each_may(kind, ROLES_OF[kind])}
    assert TABLE[Act.APPROVE_CODES].zh in may["approver"] and TABLE[Act.APPROVE_CODES].zh not in may["officer"]
    assert may["viewer"] == "只看，不能改"
    assert len(may) == len(ROLES_OF[kind]) < len(Role)
