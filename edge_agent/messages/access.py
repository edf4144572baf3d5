"""What somebody reads who has not logged in, may not, or is locked out: Chinese first, then what was expected."""

from __future__ import annotations

from edge_agent.messages.text import Words

NOBODY_NAMED = Words(
    "未设人员：谁都能操作，名字按填写的记", "nobody is named: anybody may act, under the name that is typed"
)

NOBODY_YET = (
    "要求登录但还没有人，谁都不能操作 · people are asked and nobody is named, so nobody can act; edge-agent people add "
    "NAME --role lead"
)


SIGNED_UNNAMED = Words("还没有设人员时签字的人", "somebody who signed before people were named")


def log_in(what: str) -> str:
    """Of an act that nobody stands for."""
    return (
        f"请先扫工牌登录 · {what}: expected somebody who has logged in, got nobody; scan your badge (a command: "
        "--log-in), or send a token (edge-agent tokens add)"
    )


def unknown_token(what: str) -> str:
    """Of a program whose token is nobody's."""
    return (
        f"程序的令牌不对或已吊销 · {what}: expected a token of this agent, got another; make one with: "
        "edge-agent tokens add"
    )


def not_this_role(what: str, act: Words, role: Words) -> str:
    """Of an act that the table does not give to whoever asks."""
    return (
        f"{role.zh}不能{act.zh}，没有改动 · {what}: expected somebody who may {act.en}, got {role.en}; "
        "ask one who may (docs/people.md)"
    )


def lead_needed(what: str, act: Words, role: Words) -> str:
    """Of an act that a lead may allow on the spot."""
    return (
        f"{act.zh}要班长同意：请班长扫工牌并输入 PIN · {what}: expected a lead for: {act.en}, got {role.en}; let a "
        "lead scan the badge and enter the PIN"
    )


def no_badge() -> str:
    """Of a code that lets nobody in."""
    return (
        "这张工牌不能用：不是本厂的，或已停用 · badge: expected one of somebody who works here, got another or one "
        "that was revoked; ask for a new one (edge-agent people badge)"
    )


def pin_needed() -> str:
    """Of a badge without its PIN."""
    return "请输入 PIN · PIN: expected badge and PIN, got the badge alone; enter the PIN"


def no_pin_yet(name: str) -> str:
    """Of a lead or IT who never got a PIN."""
    return (
        f"{name} 还没有 PIN · PIN: expected one that was set, got none yet; on the agent's computer: "
        f"edge-agent people pin {name}"
    )


def wrong_pin(left: int) -> str:
    """Of a wrong PIN."""
    return f"PIN 不对，还可以试 {left} 次 · PIN: expected this person's, got another; {left} tries are left"


def locked(for_s: int) -> str:
    """Of somebody who is locked out."""
    return (
        f"PIN 连续输错，{-(-for_s // 60)} 分钟后再试，或请班长解锁 · PIN: expected fewer wrong ones, got too many; "
        f"try again in {for_s} s, or: edge-agent people unlock"
    )


SOMEBODY_LOCKED = Words(
    "有人连续输错 PIN，已锁 5 分钟；不是本人忘了，就要换工牌（edge-agent people list）",
    "somebody entered wrong PINs in a row and is locked for five minutes; if it was not forgotten, give a new badge "
    "(edge-agent people list)",
)


def of_people(working: int, leads: int, without_badge: int) -> str:
    """For the doctor: who is named at this site."""
    more = f", {without_badge} 人还没有工牌 without a badge" if without_badge else ""
    return f"{working} 人 people, 班长 leads {leads}{more}"
