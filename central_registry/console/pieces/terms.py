"""What the registry's own words are called where a person reads: kinds, roles, status. Pure: one table each."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from central_registry.console.pieces.state import UNKNOWN, Look, State
from central_registry.console.pieces.words import Words
from central_registry.parties.actor import PartyKind, PartyStatus, Role

KINDS: Mapping[str, Words] = {
    PartyKind.OPERATOR: Words("平台运营", "operator"),
    PartyKind.ASSOCIATION: Words("协会", "association"),
    PartyKind.FIRM: Words("企业", "firm"),
    PartyKind.LAB: Words("检测机构", "lab"),
    PartyKind.INSPECTOR: Words("监管检查", "inspector"),
    PartyKind.MARKETPLACE: Words("电商园区", "marketplace"),
    PartyKind.SUPPLIER: Words("原辅料供应商", "supplier"),
}
ROLES: Mapping[str, Words] = {
    Role.OFFICER: Words("管理员", "officer"),
    Role.APPROVER: Words("审批", "approver"),
    Role.LAB: Words("检测", "lab"),
    Role.INSPECTOR: Words("检查", "inspector"),
    Role.VIEWER: Words("只看", "viewer"),
    Role.IT: Words("信息技术", "IT"),
}
STATUS: Mapping[str, State] = {
    PartyStatus.CANDIDATE: State(Look.UNKNOWN, Words("待准入", "candidate")),
    PartyStatus.ACTIVE: State(Look.GOOD, Words("正常", "active")),
    PartyStatus.HONOURED: State(Look.GOOD, Words("红名单", "honoured")),
    PartyStatus.WATCHED: State(Look.ATTENTION, Words("重点关注", "watched")),
    PartyStatus.SUSPENDED: State(Look.STOP, Words("停用", "suspended")),
    PartyStatus.BARRED: State(Look.STOP, Words("黑名单", "barred")),
}
_OF: Mapping[type[Enum], Mapping[str, Words]] = {
    PartyKind: KINDS,
    Role: ROLES,
    PartyStatus: {name: state.words for name, state in STATUS.items()},
}


def options_of(kind: type[Enum]) -> list[tuple[str, Words]]:
    """The values of an enumeration, in words; one that has none here is said as it is."""
    words = _OF.get(kind, {})
    return [(str(one.value), words.get(one.value, Words(str(one.value)))) for one in kind]


def status_of(status: str) -> State:
    """How a party stands."""
    return STATUS.get(status, UNKNOWN)


def said(words: Mapping[str, Words], value: str) -> str:
    """The Chinese word of a value; one without a word stands as it is."""
    return words[value].zh if value in words else value


def roles_of(roles: list[str]) -> str:
    """Roles in words, in the order of the table."""
    return "、".join(words.zh for role, words in ROLES.items() if role in roles)
