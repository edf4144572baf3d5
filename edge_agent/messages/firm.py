"""Words for whom labels are printed (为哪家), where an agent prints for several firms."""

from __future__ import annotations

from collections.abc import Mapping


def for_whom(lot_no: str | None, style_no: str, firms: Mapping[str, str]) -> str:
    """Of goods that several firms have under one number; `firms` by name."""
    what = _goods(lot_no, style_no)
    names = "、".join(f"{name}（{firm}）" for firm, name in firms.items())
    return (
        f"{what[0]}有 {len(firms)} 家：{names}，请先选为哪家打 · job, firm: expected one of {', '.join(firms)}, since "
        f"each has {what[1]}, got none; say for which firm"
    )


def not_allotted(lot_no: str | None, style_no: str, firm: str, firms: Mapping[str, str]) -> str:
    """Of goods that nothing was allotted of to this firm, or in this style; `firms`: to whom it was."""
    zh, en = _goods(lot_no, style_no)
    of_firm = (f"（{firm}）", f" of firm {firm}") if firm else ("", "")
    known = ", ".join(firms) or "nobody"
    return (
        f"平台没有给款号 {style_no} 的{zh}{of_firm[0]}分配过码，请核对款号、批号和为哪家 · job: expected goods that "
        f"the registry allotted, got {en} in style {style_no}{of_firm[1]}, allotted to {known}; correct style, lot or "
        "firm"
    )


def _goods(lot_no: str | None, style_no: str) -> tuple[str, str]:
    return (f"款号 {style_no} ", f"style {style_no}") if lot_no is None else (f"批号 {lot_no} ", f"lot {lot_no}")
