"""What people far from the line are told when it needs somebody: short, with a name to go to, and no serial."""

from __future__ import annotations

from edge_agent.messages.text import Words


def printer_stands(name: str, what: Words) -> Words:
    """A printer that work waits for."""
    return Words(f"打印机 {name}：{what.zh}", f"printer {name}: {what.en}")


def in_doubt(name: str, labels: int) -> Words:
    """Labels that wait for a person."""
    return Words(
        f"{name} 有 {labels} 张标签存疑，等人处理", f"{labels} labels in doubt at {name}, somebody has to look"
    )


def quota_low(lot: str, left: int, free: int) -> Words:
    """A job that its allotment does not reach for."""
    return Words(
        f"批次 {lot} 的配额不够：任务还要 {left} 张，只剩 {free} 张",
        f"lot {lot} has too little quota: the job still needs {left} labels, {free} are left",
    )


def disk_low(what: Words, free_mb: int) -> Words:
    """A disk that fills."""
    return Words(f"{what.zh}快满了，只剩 {free_mb} MB", f"{what.en} is nearly full, {free_mb} MB left")


LEDGER_DISK = Words("账本所在的盘", "the disk of the ledger")
BACKUP_DISK = Words("备份所在的盘", "the disk of the backups")


def backup_failed(why: str) -> Words:
    """A backup set that was not made; `why` is the class of what went wrong, in both languages."""
    return Words(f"自动备份没做成：{why.partition(' · ')[0]}", f"a backup set was not made: {why.rpartition(' · ')[2]}")


def certificate_ending(what: Words, day: str, days: int) -> Words:
    """A certificate that ends soon, or has."""
    return Words(f"{what.zh}到 {day} 为止，还有 {days} 天", f"{what.en} holds until {day}, {days} days left")


def certificate_bad(what: Words, why: str) -> Words:
    """A certificate that does not hold."""
    return Words(f"{what.zh}不能用（{why}）", f"{what.en} does not hold ({why})")


TEST = Words("这是一条测试消息：通知能收到", "this is a test: messages arrive here")
REGISTRY_CERTIFICATE = Words("平台的证书", "the registry's certificate")
OWN_CERTIFICATE = Words("本机页面的证书", "the certificate of this agent's page")
