"""Writes the tables of docs/people.md: who may what, and which request is which act."""

from __future__ import annotations

from edge_agent.access.roles import ROLES, TABLE, Action, Role, Scope, lead_may_allow
from edge_agent.web.acts import ACTS
from edge_agent.web.routes import API

PAGE = "docs/people.md"
BEGIN, END = "<!-- roles: from edge_agent/access/roles.py -->\n", "<!-- /roles -->"
_LEAD = "班长同意 by a lead"


def table() -> str:
    """A row for each act: each role, the scopes of programs, and the requests that are it."""
    heads = [f"{ROLES[role].zh} {role.value}" for role in Role]
    lines = [
        f"| 做什么 act | {' | '.join(heads)} | 程序 programs | 接口 requests |",
        f"|---|{'---|' * len(Role)}---|---|",
    ]
    return "\n".join([*lines, *map(_row, Action)]) + "\n"


def _row(action: Action) -> str:
    rule = TABLE[action]
    roles = " | ".join(_cell(role, action) for role in Role)
    scopes = ", ".join(f"`{one}`" for one in Scope if one in rule.scopes) or "—"
    asked = [f"`{method} {path.removeprefix(API)}`" for (method, path), one in ACTS.items() if one is action]
    return f"| {rule.words.zh} {rule.words.en} | {roles} | {scopes} | {'<br>'.join(asked) or '—'} |"


def _cell(role: Role, action: Action) -> str:
    if role in TABLE[action].roles:
        return "✓"
    return _LEAD if lead_may_allow(action) else "—"


def page(old: str) -> str:
    """The page with its table as it is now."""
    head, _, rest = old.partition(BEGIN)
    return head + BEGIN + table() + END + rest.partition(END)[2]
