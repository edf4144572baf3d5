"""Approvals as a page shows them, without a file."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.labels.approval import Approved
from edge_agent.messages.text import Words
from edge_agent.model.review import ApprovalMode, FormState, Review, Reviewable
from edge_agent.service.approvals import Form
from label_protocol.kinds import ReviewVerdict


class ApprovalsDouble:
    """One lead approves; a draft, and a card that was approved."""

    mode = ApprovalMode.ONE

    async def all(self) -> Sequence[Form]:
        return [self._form("示例卡", FormState.DRAFT), self._form("示例唛", FormState.APPROVED)]

    async def find(self, kind: str, name: str) -> Form:
        return self._form(name, FormState.DRAFT)

    def _form(self, name: str, state: FormState) -> Form:
        of = Reviewable("template", name, "a" * 64)
        word = Review(of, ReviewVerdict.APPROVED, "班长一", "badge_pin", "", "", "2026-11-20T08:00:00.000Z")
        words = (word,) if state is FormState.APPROVED else ()
        in_force = Approved("b" * 64, (word,))
        return Form(of, Words("示例模板", "sample template"), state, words, None, in_force, "")
