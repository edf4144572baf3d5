"""Words of approvals: how a site's own template or rows of the rules stand, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping

from edge_agent.messages.text import Words
from edge_agent.model.review import ApprovalMode, FormState
from label_protocol.kinds import ReviewKind

KINDS: Mapping[str, Words] = {
    ReviewKind.TEMPLATE: Words("模板", "template"),
    ReviewKind.OVERRIDES: Words("规则补充", "rule overrides"),
}

STATES: Mapping[FormState, Words] = {
    FormState.DRAFT: Words("草稿，等批准", "a draft, to be approved"),
    FormState.HALF: Words("已有一位批准，等第二位", "one has approved, a second is needed"),
    FormState.APPROVED: Words("已批准，在用", "approved, in use"),
    FormState.OLDER: Words("旧版，要重新批准", "an older version, to be approved again"),
    FormState.REJECTED: Words("没有通过", "rejected"),
    FormState.FLAWED: Words("有毛病，不能用", "has a flaw, cannot be used"),
}

MODES: Mapping[ApprovalMode, Words] = {
    ApprovalMode.OFF: Words("不用批准", "nobody has to approve"),
    ApprovalMode.ONE: Words("一位班长批准", "one lead approves"),
    ApprovalMode.FOUR_EYES: Words("两位不同的班长批准", "two different leads approve"),
}

RULES_TITLE = Words("本厂的规则补充", "the site's rows of the rules")


def off(name: str) -> str:
    """Of an approval at a site where nobody has to."""
    return (
        f"本厂的模板和规则补充不用批准，没有改动 · approval of {name}: expected a site where leads approve, got one "
        'where nobody has to; IT sets [labels] approval = "one" in agent.toml'
    )


def unknown(kind: str, name: str) -> str:
    """Of a file that is not there."""
    return (
        f"没有这个文件：{name}，请核对名字，文件要放在模板文件夹里 · {kind} {name}: expected a file of the site's "
        "folder of templates (or rules, where it has rows of the rules), got none of that name; see the list"
    )


def changed(name: str, seen: str, now: str) -> str:
    """Of a file that was written to while somebody looked at it."""
    return (
        f"{name} 在你看的时候改过，没有批准：请重新看过再按 · approval of {name}: expected the version that was looked "
        f"at, {seen[:16]}, got {now[:16]}; look at it again"
    )


def flawed(name: str, flaw: str) -> str:
    """Of a file that could not be used."""
    return f"{name} 有毛病，不能批准：{flaw} · approval of {name}: expected a file that can be used, got: {flaw}"


def nobody_named(name: str) -> str:
    """Of two names that one person could type."""
    return (
        f"两位班长都要扫工牌：本厂还没有设人员，谁都能写两个名字 · approval of {name}: expected a lead who showed "
        'badge and PIN, got a name that was typed; add people (docs/people.md), or set [labels] approval = "one"'
    )


def twice(name: str) -> str:
    """Of a second word of the same person."""
    return (
        f"{name} 已经由你批准，要另一位班长再批准 · approval of {name}: expected another lead than the first, got the "
        "same one; let a second lead look at it"
    )


def lost(name: str, sha256: str) -> str:
    """Of a version that is not kept here."""
    return (
        f"{name} 的这一版不在本机（文件夹 approved），请从备份拷回 · {name}: expected its version {sha256[:16]} in the "
        "folder approved, got none or a changed one; copy it back from a backup"
    )
