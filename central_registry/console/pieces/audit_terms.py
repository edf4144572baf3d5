"""Says what an act of the audit was done to, in names, and where that is; what it cannot read stands as it was written.

Pure. An export keeps what was written: whoever checks the chain needs that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from central_registry.console.pieces.act_terms import act_of
from central_registry.console.pieces.table import Cell

Names = Mapping[str, str]
"""What parties and people are called, by their codes: of those that the reader sees."""

_PEOPLE = frozenset({"add_person", "set_roles", "reset_person", "person_left", "erase_name"})
_SELF = frozenset({"log_in", "change_password", "begin_totp", "confirm_totp", "break_glass"})
_ORDERS = frozenset({"order_codes", "approve_codes"})
_AGENTS = frozenset({"add_agent", "revoke_agent", "decide_clone", "admit_told"})
_STOPS = ("suspend", "recall", "lift_suspension", "ask_lift_suspension")
_VERSION = re.compile(r"(\S+) (.+) v([0-9]+)")
_GOODS = re.compile(r"(\S+) (.+)")
_ALARM = re.compile(r"([^#]+)#([0-9a-f]+)")
_ROLL = re.compile(r"(?:([0-9A-Z]{8,}) )?([0-9a-f]{32})(?: .*)?")


def what_of(row: Mapping[str, Any]) -> str:
    """What was done, in words: a refused order is no approved one."""
    if row["act"] == "approve_codes" and row["detail"].startswith("rejected: "):
        return "驳回赋码申请"
    if row["act"] == "order_codes" and row["detail"] == "taken back":
        return "撤回赋码申请"
    return act_of(row["act"])


def about_of(row: Mapping[str, Any], names: Names) -> Cell:
    """What it was done to: its name, the firm beneath, and the way there."""
    act, about = row["act"], row["about"]
    if about == row["person"] and about not in names:
        return Cell(row["name"] or about)
    firm = names.get(row["concerns"], "")
    for knows, said in _READ:
        if knows(act) and (found := said(about, names, firm)):
            return found
    return Cell(names.get(about, about), small="" if about in names else firm)


def _at(*parts: str) -> str:
    return "/".join(("/console", *(quote(one, safe="") for one in parts)))


def _person(about: str, names: Names, _: str) -> Cell | None:
    return Cell(names[about], href=_at("people", about)) if about in names else None


def _party(about: str, names: Names, _: str) -> Cell | None:
    return Cell(names[about], href=_at("parties", about)) if about in names else None


def _version(about: str, names: Names, firm: str) -> Cell | None:
    found = _VERSION.fullmatch(about)
    return found and Cell(
        f"批次 {found[2]} · 第 {found[3]} 版", small=names.get(found[1], firm), href=_at("lots", found[1], found[2])
    )


def _goods(about: str, names: Names, firm: str) -> Cell | None:
    found = _GOODS.fullmatch(about)
    return found and Cell(found[2], small=names.get(found[1], firm))


def _order(about: str, _: Names, firm: str) -> Cell:
    return Cell("赋码申请", small=firm, href=_at("orders", about))


def _agent(about: str, _: Names, firm: str) -> Cell:
    return Cell(about, small=firm, href=_at("agents", about.split(" ")[0]))


def _alarm(about: str, _: Names, firm: str) -> Cell | None:
    found = _ALARM.fullmatch(about)
    return found and Cell(f"{found[1]} 的警报", small=firm, href=_at("alarms", found[1], found[2]))


def _roll(about: str, _: Names, firm: str) -> Cell | None:
    found = _ROLL.fullmatch(about)
    return found and Cell(found[1] or "成卷标签", small=firm, href=_at("rolls", found[2]))


_Reader = Callable[[str, Names, str], Cell | None]
_READ: tuple[tuple[Callable[[str], bool], _Reader], ...] = (
    (lambda act: act in _PEOPLE or act in _SELF, _person),
    (lambda act: act.startswith(("certificate_", "file_certificate")), _version),
    (lambda act: act.removesuffix("_confirmed").removesuffix("_rejected") in _STOPS, _goods),
    (lambda act: act in _ORDERS, _order),
    (lambda act: act in _AGENTS, _agent),
    (lambda act: act.endswith("_alarm"), _alarm),
    (lambda act: act in ("hand_roll", "scan_roll") or act.startswith("roll_"), _roll),
    (lambda _: True, _party),
)
"""Which acts write what: the first that can read it says it."""
