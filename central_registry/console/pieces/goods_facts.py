"""Says what is known of a lot and of its certificate, row by row. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from central_registry.console.pieces.goods_terms import certificate_state, graded
from central_registry.console.pieces.life import Fact
from garment.schemes import scheme_names


def facts_of_lot(row: Mapping[str, Any]) -> list[Fact]:
    """What is known of a lot, as `show_lot` gives it."""
    return [
        Fact("企业", "firm", row["firm_name"]),
        Fact("款号", "style", row["style_no"]),
        Fact("件数", "pieces", None if row["quantity"] is None else f"{row['quantity']:,}"),
        Fact("需要证书", "needs a certificate", "是" if row["needs_certificate"] else "否"),
        _limit(row),
        Fact("样品", "samples", _samples(row) or "还没有"),
        *([_report(one) for one in row["reports"]] or [Fact("报告", "reports", "还没有")]),
        Fact("配额名", "quota keys", "、".join(row["keys"]) or "还没有"),
    ]


def _samples(row: Mapping[str, Any]) -> str:
    return "；".join(f"{one['sample_no']}（{one['pieces']} 件）" for one in row["samples"])


def _report(one: Mapping[str, Any]) -> Fact:
    file = f"/console/files/{one['file_hash']}" if one["file_hash"] else ""
    return Fact("报告", "report", f"{one['report_no']}（{one['lab_name']}，{one['covers'] or '–'} 件）", file)


def _limit(row: Mapping[str, Any]) -> Fact:
    none = "按证书" if row["needs_certificate"] else "未设"
    at = urlencode({"firm": row["firm"], "what": "lot", "number": row["lot_no"]})
    return Fact("限量", "limit", none if row["limit"] is None else f"{row['limit']:,}", f"/console/limits?{at}")


def facts_of_certificate(newest: Mapping[str, Any]) -> list[Fact]:
    """What a version certifies."""
    grade = newest["facts"].get("lot", {}).get("grade", {})
    levels = "，".join(graded(name, one) for name, one in grade.get("indicators", {}).items())
    return [
        Fact("版", "version", str(newest["version"]), state=certificate_state(newest["state"])),
        Fact("方案", "scheme", scheme_names(newest["scheme"])[0]),
        Fact("总等级", "grade", grade.get("overall")),
        Fact("指标", "indicators", levels or None),
        Fact("证书件数", "certified pieces", f"{newest['quantity']:,}"),
        Fact("报告", "report", f"{newest['report_no']}（{newest['lab_name']}）"),
        Fact("有效期", "valid", f"{newest['valid_from']} 至 {newest['valid_to'] or '长期'}"),
    ]
