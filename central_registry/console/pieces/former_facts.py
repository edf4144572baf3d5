"""Says what is known of a former platform's code, and what of a lot came from there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from central_registry.console.pieces.life import Fact
from central_registry.console.pieces.times import in_full


def facts_of_code(row: Mapping[str, Any]) -> list[Fact]:
    """What was brought of a code, and by which import."""
    return [
        Fact("企业", "firm", row["firm_name"]),
        Fact("批号", "lot", row["lot_no"] or None),
        Fact("款号", "style", row["style_no"] or None),
        Fact("标签内容", "label", row["label"] or None),
        Fact("由原平台导入", "imported", _import(row["platform"], row["imported_by"], row["imported_at"])),
        Fact("文件", "file", f"SHA-256 {row['sha256']}"),
    ]


def facts_of_former(row: Mapping[str, Any], former: Mapping[str, Any]) -> list[Fact]:
    """Of a lot: how many codes of the former platform are on it, and by which import it came; nothing where there is
    neither."""
    found = []
    if former["serials"] or former["void"]:
        at = urlencode({"q": row["lot_no"]})
        count = f"{former['serials']:,}（另作废 {former['void']:,}）"
        found.append(Fact("原平台的码，计入证书数量", "former codes", count, f"/console/former/codes?{at}"))
    if former["platform"]:
        told = _import(former["platform"], former["person_name"], former["at"])
        found.append(Fact("由原平台导入", "imported", f"{told}，SHA-256 {former['sha256'][:16]}…"))
    return found


def _import(platform: str | None, person: str, at: Any) -> str | None:
    return None if platform is None else f"{platform}，{in_full(at)}{f'，{person}' if person else ''}"
