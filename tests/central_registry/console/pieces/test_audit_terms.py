"""Each form in which an act writes what it was done to is read as names, with the way there."""

from __future__ import annotations

import pytest

from central_registry.console.pieces.audit_terms import about_of, what_of

NAMES = {"91330482MA0000002T": "示例服饰有限公司", "p1": "审批乙"}
ROLL = "0a" * 16


@pytest.mark.parametrize(
    ("act", "about", "value", "small", "href"),
    [
        ("add_person", "p1", "审批乙", "", "/console/people/p1"),
        ("admit", "91330482MA0000002T", "示例服饰有限公司", "", "/console/parties/91330482MA0000002T"),
        (
            "certificate_approved",
            "91330482MA0000002T L 1 v2",
            "批次 L 1 · 第 2 版",
            "示例服饰有限公司",
            "/console/lots/91330482MA0000002T/L%201",
        ),
        ("lift_suspension_confirmed", "91330482MA0000002T L1", "L1", "示例服饰有限公司", ""),
        ("approve_codes", ROLL, "赋码申请", "示例服饰有限公司", f"/console/orders/{ROLL}"),
        ("revoke_agent", "line-1", "line-1", "示例服饰有限公司", "/console/agents/line-1"),
        ("close_alarm", "line-1#0f", "line-1 的警报", "示例服饰有限公司", "/console/alarms/line-1/0f"),
        ("scan_roll", f"189MWBAZ14990VV3V {ROLL}", "189MWBAZ14990VV3V", "示例服饰有限公司", f"/console/rolls/{ROLL}"),
        ("roll_lost", ROLL, "成卷标签", "示例服饰有限公司", f"/console/rolls/{ROLL}"),
        ("import_goods", "3 lots", "3 lots", "示例服饰有限公司", ""),
        ("close_alarm", "who knows", "who knows", "示例服饰有限公司", ""),
    ],
)
def test_what_was_done_to_whom(act: str, about: str, value: str, small: str, href: str) -> None:
    row = {"act": act, "about": about, "concerns": "91330482MA0000002T", "person": "p9", "name": ""}
    found = about_of(row, NAMES)
    assert (found.value, found.small, found.href) == (value, small, href)


def test_a_refused_order_is_no_approved_one() -> None:
    assert what_of({"act": "approve_codes", "detail": "rejected: 数量不对"}) == "驳回赋码申请"
    assert what_of({"act": "order_codes", "detail": "taken back"}) == "撤回赋码申请"
    assert what_of({"act": "approve_codes", "detail": "line-1 lot:L1: +10 = 10"}) == "批准赋码"
