"""Checks a code order: one table of rules, each with what it expected and what it got. Pure; passed checks alone never
approve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from central_registry.issuing.evidence import Evidence
from central_registry.parties.actor import MAY_ASK

QUANTITY_FREE = "quantity_free"
"""The one rule that an approver may let be, with a reason."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule's answer about one order, in words for people."""

    rule: str
    passed: bool
    expected: str
    got: str


def check(evidence: Evidence) -> list[Check]:
    """The answer of every rule, in their order."""
    return [Check(rule, *ask(evidence)) for rule, ask in RULES.items()]


def said(checks: Iterable[Check]) -> str:
    """`数量在证书之内（500）`: what did not pass, for a person."""
    return "；".join(f"{WORDS[one.rule][0]}（{one.got}）" for one in failed(checks))


def failed(checks: Iterable[Check]) -> list[Check]:
    """Those that did not pass."""
    return [one for one in checks if not one.passed]


_Answer = tuple[bool, str, str]


def _firm_active(of: Evidence) -> _Answer:
    return of.status in MAY_ASK, "在册（正常、红名单、关注） active, honoured or watched", of.status


def _certificate_valid(of: Evidence) -> _Answer:
    found = of.certificate
    if found is None:
        wanted = "有效证书 a certificate that stands" if of.needs_certificate else "此品类无需证书 none needed"
        return not of.needs_certificate, wanted, "无 none"
    dates = f"{found.valid_from} – {found.valid_to or '…'}"
    return found.stands(of.on), "有效证书 a certificate that stands", f"第 {found.version} 版 {found.state} {dates}"


def _quantity_free(of: Evidence) -> _Answer:
    if of.limit is None:
        return False, "有证书数量，或协会设定的限量 a certified quantity, or the association's limit", "无 none"
    free = of.limit - of.taken
    former = f"，其中原平台已发 by the former platform {of.former}" if of.former else ""
    wanted = f"最多 at most {max(free, 0)}（共 of {of.limit}，已用 taken {of.taken}{former}）"
    return of.asked <= free, wanted, str(of.asked)


def _report_unique(of: Evidence) -> _Answer:
    wanted = "一份报告只对应一个批次，且数量足够 a report of this lot alone that covers it"
    if of.certificate is None:
        return True, wanted, "无证书，不适用 no certificate, none to ask of"
    if "another" in (of.report_of, of.report_elsewhere):
        return False, wanted, f"报告 {of.certificate.report_no} 已用于另一批次 stands behind another lot"
    enough = of.covers is None or of.certificate.quantity <= of.covers
    covers = "" if of.covers is None else f"，覆盖 covers {of.covers}"
    return enough, wanted, f"报告 report {of.certificate.report_no}{covers}"


def _agent_entitled(of: Evidence) -> _Answer:
    wanted, one = "已登记、未停用、为此企业打印 enrolled, not revoked, prints for this firm", of.printer
    if one is None:
        return False, wanted, "没有此打印端 no such agent"
    flaws = [
        words
        for words, flaw in (
            ("尚未登记 not enrolled yet", not one.enrolled),
            ("已停用 revoked", one.revoked),
            ("不为此企业打印 does not print for this firm", of.firm not in one.firms),
            (
                "旧版只能为一家企业打印，请升级 an older agent that serves one firm only",
                one.spoke and not one.knows_firms and one.others,
            ),
            (
                "尚未联系，请先启动它 not in contact yet, start it once",
                one.enrolled and not one.spoke and one.others,
            ),
            ("余量核销后尚未联系 not in contact since its rest was written off", not one.seen_since),
        )
        if flaw
    ]
    return not flaws, wanted, "；".join(flaws) or "符合 it is"


WORDS: Mapping[str, tuple[str, str]] = {
    "firm_active": ("企业在册", "firm active"),
    "certificate_valid": ("证书有效", "certificate valid"),
    QUANTITY_FREE: ("数量在证书之内", "quantity free"),
    "report_unique": ("报告只用于本批", "report unique"),
    "agent_entitled": ("打印端可用", "agent entitled"),
}
"""What each rule asks, in words."""

RULES: Mapping[str, Callable[[Evidence], _Answer]] = {
    "firm_active": _firm_active,
    "certificate_valid": _certificate_valid,
    QUANTITY_FREE: _quantity_free,
    "report_unique": _report_unique,
    "agent_entitled": _agent_entitled,
}
