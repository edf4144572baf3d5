"""Words what the certificate of a lot says no to: Chinese first, then what was expected."""

from __future__ import annotations


def differs(fact: tuple[str, str], label: str, certified: str, number: int, version: int) -> str:
    """Of labels that say something else than their lot's certificate; `number` facts differ, this is the first."""
    zh, en = fact
    more = (f"（共 {number} 处不一致）", f" ({number} facts differ)") if number > 1 else ("", "")
    return (
        f"“{zh}”和证书不一致：标签上是“{label}”，证书上是“{certified}”{more[0]}，请照证书改资料后重新下单 · "
        f"label: expected {en or zh} as certified, {certified!r} in version {version}, got {label!r}{more[1]}; "
        "correct the record and order again [C1]"
    )


def withdrawn(version: int, reason: str) -> str:
    """Of a certificate that is suspended or withdrawn."""
    return (
        f"这一批的证书（第 {version} 版）已暂停或撤销：{reason}，不能打印，请问平台或协会 · label: expected a "
        f"certificate that stands, got version {version}, which was suspended or withdrawn ({reason}); ask "
        "the platform [C1]"
    )


def not_in_force(day: str, valid_from: str, valid_to: str | None) -> str:
    """Of a certificate on a day on which it is not in force."""
    until = valid_to or "…"
    return (
        f"这一批的证书有效期是 {valid_from} 到 {until}，今天 {day} 不能打印，请换有效的证书 · label: expected a "
        f"certificate in force on {day}, got one from {valid_from} to {until}; have it renewed [C1]"
    )
