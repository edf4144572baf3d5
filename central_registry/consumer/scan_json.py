"""Writes what a scan found for a program: the same facts as the page, with the same words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from central_registry.consumer.garment_facts import WORDS
from central_registry.consumer.scan import CheckCodeAnswer, Finding
from garment.certificate import fact_words


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
        "reasons": [{"kind": kind, **_both("reason", kind)} for kind in finding.reasons],
        "differences": [
            {"fact": fact, **dict(zip(("zh", "en"), fact_words(fact), strict=True)), "label": label, "lot": lot}
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
    }


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


def _both(table: str, name: str) -> dict[str, str]:
    zh, en = WORDS[table][name]
    return {"zh": zh, "en": en}
