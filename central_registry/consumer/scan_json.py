"""Writes what a scan found for a program: the same facts as the page, with the same words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from central_registry.consumer.beside import Beside
from central_registry.consumer.certificate_words import reason_words, what_became
from central_registry.consumer.finding import CheckCodeAnswer, Finding
from central_registry.consumer.garment_facts import WORDS
from central_registry.consumer.notices import Notice
from central_registry.consumer.untold import spoke_on, spoke_words
from garment.certificate import fact_words
from garment.facts import Words


def as_json(finding: Finding, complaint: Mapping[str, str]) -> dict[str, Any]:
    """The same facts as the page, for a program; `product` and `lot` as the snapshot holds them."""
    snapshot = finding.snapshot or {}
    return {
        "status": finding.headline,
        "status_words": _both("status", finding.headline),
        "text": _both("status_text", finding.headline),
        "registration": finding.status,
        "serial": finding.serial,
        "gtin": finding.gtin,
        "lot_no": finding.lot_no,
        "snapshot": finding.snapshot_hash,
        "product": snapshot.get("product") if finding.product is None else dict(finding.product),
        "lot": snapshot.get("lot"),
        "verdict": _verdict(finding),
        "certificate": None if finding.certificate is None else _certificate(finding.certificate),
        "reasons": [{"kind": kind, **_named(reason_words(finding, kind))} for kind in finding.reasons],
        "differences": [
            {"fact": fact, **_named(fact_words(fact)), "label": label, "lot": lot}
            for fact, label, lot in finding.differences
        ],
        "warnings": [{"kind": kind, **_both("warning", kind)} for kind in finding.warnings],
        "recall": None if finding.recall_reason is None else {"reason": finding.recall_reason},
        "scans": {
            "first_at": finding.first_at.isoformat(timespec="seconds") if finding.first_at else None,
            "count": finding.times,
        },
        "check_code": {"on_label": finding.check_code_key is not None, **_answered(finding.check_code)},
        "complaint": dict(complaint),
        **_untold(finding),
        **_roll(finding),
        **_former(finding),
        **_notice(finding.notice),
        **_issued_for(finding),
    }


def _notice(notice: Notice | None) -> dict[str, Any]:
    """Said of goods that are stopped, and of no others."""
    if notice is None:
        return {}
    since = notice.since.isoformat(timespec="seconds") if notice.since else None
    state = "provisional" if notice.provisional else "confirmed"
    return {"notice": {"kind": notice.kind, "state": state, "since": since, **_both("warning", notice.warning)}}


def _issued_for(finding: Finding) -> dict[str, Any]:
    """Said of goods of a firm that the registry knows."""
    return {} if finding.firm is None else {"issued_for": {"name": finding.firm.name, "uscc": finding.firm.uscc}}


def _untold(finding: Finding) -> dict[str, Any]:
    """Said of a serial that its maker has not told of, and of no other. A day, as on the page: the minute in which a
    factory's line speaks is nobody's business."""
    if finding.status != "not_yet_registered":
        return {}
    return {"maker_spoke": {"on": spoke_on(finding), **_named(spoke_words(finding))}}


def _roll(finding: Finding) -> dict[str, Any]:
    """Said of a label that lay on a printed roll, and of no other."""
    if not finding.became:
        return {}
    at = finding.became_at.isoformat(timespec="seconds") if finding.became_at else None
    return {"roll": {"became": finding.became, "at": at}}


def _former(finding: Finding) -> dict[str, Any]:
    """Said of a code of a former platform, and of no other."""
    one = finding.former
    if one is None:
        return {}
    named = {name: getattr(one, name) for name in ("code", "firm_name", "lot_no", "style_no", "state", "platform")}
    facts = [{"name": name, "value": value} for name, value in one.facts]
    return {"former": {**named, "imported_at": one.imported_at.isoformat(timespec="seconds"), "on_label": facts}}


def _answered(answer: CheckCodeAnswer | None) -> dict[str, Any]:
    if answer is None:
        return {}
    return {
        "result": answer.result,
        "words": _both("check", answer.result),
        "text": _both("check_text", answer.result),
        "first_at": answer.first_at.isoformat(timespec="seconds") if answer.first_at else None,
        "count": answer.times,
    }


def _verdict(finding: Finding) -> dict[str, Any] | None:
    if not finding.facts:
        return None
    return {"code": finding.code, "facts": finding.facts, **_both("facts", finding.facts)}


def _certificate(one: Beside) -> dict[str, Any]:
    return {
        "version": one.version,
        "scheme": one.scheme,
        "lab": one.lab,
        "report_no": one.report_no,
        "valid_from": one.valid_from.isoformat(),
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
        "since": [{"kind": kind, **_named(words)} for kind, words in what_became(one)],
        "amended_to": one.amended_to,
        "amended": [
            {"fact": fact, **_named(fact_words(fact)), "then": then, "now": now} for fact, then, now in one.amended
        ],
    }


def _named(words: Words) -> dict[str, str]:
    return dict(zip(("zh", "en"), words, strict=True))


def _both(table: str, name: str) -> dict[str, str]:
    return _named(WORDS[table][name])
