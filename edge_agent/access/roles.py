"""Who may do what: one table of roles and actions, for the page, the API, the commands and docs/people.md. Pure.

A row is an act with one meaning for a person, whichever endpoint or command it comes through. What only looks needs no
row: whoever reaches the page may see how the printers stand, as somebody at the line may who has not logged in yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from edge_agent.messages.text import Words
from label_protocol.kinds import HoldKind


class Role(StrEnum):
    """What a person is at this site."""

    OPERATOR = "operator"
    LEAD = "lead"
    IT = "it"


ROLES: Mapping[Role, Words] = {
    Role.OPERATOR: Words("操作员", "an operator"),
    Role.LEAD: Words("班长", "a lead"),
    Role.IT: Words("技术人员", "IT"),
}
PROGRAM = Words("程序", "a program whose token does not cover it")


class Scope(StrEnum):
    """What a program was given a token for. `LOCAL`: the commands on the agent's own computer, by the token file that
    the service's user alone can read."""

    LOCAL = "local"
    ORDERS = "orders"
    WORK_ORDERS = "work_orders"
    SCANS = "scans"
    CATALOGUE = "catalogue"
    BOOKS = "books"


class Action(StrEnum):
    """What somebody does; services name it, `TABLE` says who may."""

    ORDER = "order"
    SEND_ORDERS = "send_orders"
    SIGN_RULE = "sign_rule"
    APPROVE = "approve"
    SCAN = "scan"
    SETTLE = "settle"
    SCRAP = "scrap"
    PACK = "pack"
    TEND = "tend"
    ANSWER = "answer"
    LIFT_COUNTER = "lift_counter"
    LIFT_HISTORY = "lift_history"
    LIFT_CLOCK = "lift_clock"
    CLOSE_ALARM = "close_alarm"
    IMPORT = "import"
    SYNC = "sync"
    VERIFY = "verify"
    BACKUP = "backup"
    COPY = "copy"
    BADGE = "badge"
    SEE_PEOPLE = "see_people"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: the act in words, the roles and scopes that may."""

    words: Words
    roles: frozenset[Role]
    scopes: frozenset[Scope]


def _row(zh: str, en: str, roles: Iterable[Role], *scopes: Scope) -> Rule:
    return Rule(Words(zh, en), frozenset(roles), frozenset(scopes))


_LINE = (Role.OPERATOR, Role.LEAD)
_LEAD = (Role.LEAD,)
_BACK = (Role.LEAD, Role.IT)
_ALL = tuple(Role)
_IT = (Role.IT,)

TABLE: Mapping[Action, Rule] = {
    Action.ORDER: _row(
        "下单、暂停、继续、取消", "order labels; pause, resume, cancel", _LINE, Scope.LOCAL, Scope.ORDERS
    ),
    Action.SEND_ORDERS: _row("送生产单", "send work orders", _ALL, Scope.LOCAL, Scope.WORK_ORDERS),
    Action.SIGN_RULE: _row(
        "签规则：一个来源的生产单不用等人", "sign that work orders of a source print without a person", _LEAD
    ),
    Action.APPROVE: _row(
        "批准或退回本厂的模板、规则补充", "approve or reject the site's own templates and rule overrides", _LEAD
    ),
    Action.SCAN: _row("扫描标签", "scan a label", _LINE, Scope.LOCAL, Scope.SCANS),
    Action.SETTLE: _row("处理存疑的一条", "settle a strip in doubt", _LINE, Scope.LOCAL, Scope.SCANS),
    Action.SCRAP: _row("报废、补打、作废", "scrap, replace, invalidate a label", _LINE, Scope.LOCAL),
    Action.PACK: _row("装箱、关箱、重开", "pack a carton, close it, open it again", _LINE, Scope.LOCAL, Scope.SCANS),
    Action.TEND: _row("打测试签、校准", "print a test label, calibrate", _ALL, Scope.LOCAL),
    Action.ANSWER: _row("回答“换了打印机？”", "answer whether another printer stands there", _LEAD),
    Action.LIFT_COUNTER: _row("解除“打印机计数超过账本”", "lift the hold on a counter ahead of the ledger", _LEAD),
    Action.LIFT_HISTORY: _row(
        "中心联系不上时，解除账本存疑的停发",
        "lift a hold on the ledger's history (witness, fork, registry ahead) while the registry cannot be reached",
        _LEAD,
    ),
    Action.LIFT_CLOCK: _row("确认电脑时钟是对的", "confirm that the computer's clock is right", _LEAD),
    Action.CLOSE_ALARM: _row("关闭警报", "close an alarm", _BACK),
    Action.IMPORT: _row("导入资料", "import styles and lots", _BACK, Scope.LOCAL, Scope.CATALOGUE),
    Action.SYNC: _row("立即上报", "call the registry now", _ALL, Scope.LOCAL, Scope.ORDERS),
    Action.VERIFY: _row("核对账本", "verify the ledger", _BACK, Scope.LOCAL, Scope.BOOKS),
    Action.BACKUP: _row("备份账本", "back the ledger up", _BACK, Scope.LOCAL, Scope.BOOKS),
    Action.COPY: _row("取走账本副本", "take a copy of the ledger", _IT, Scope.LOCAL),
    Action.BADGE: _row("打新工牌", "print a new badge for somebody", _LEAD, Scope.LOCAL),
    Action.SEE_PEOPLE: _row("看人员名单", "see who works here", _ALL, Scope.LOCAL),
}
"""Every action once; a test holds it."""

HOLDS: Mapping[str, Action] = {
    HoldKind.COUNTER_AHEAD: Action.LIFT_COUNTER,
    HoldKind.CLOCK_BEHIND: Action.LIFT_CLOCK,
}
"""Which act the lifting of a hold is; any other kind is `LIFT_HISTORY`, and one of a clone is the registry's alone."""


def may(role: Role, action: Action) -> bool:
    """Whether the table lets a person of this role do it."""
    return role in TABLE[action].roles


def program_may(scopes: Iterable[Scope], action: Action) -> bool:
    """Whether one of a token's scopes covers it."""
    return not TABLE[action].scopes.isdisjoint(scopes)


def lead_may_allow(action: Action) -> bool:
    """Whether a lead's badge and PIN on the spot let somebody else do it."""
    return Role.LEAD in TABLE[action].roles
