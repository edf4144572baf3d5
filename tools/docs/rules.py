"""What `docs/rules.md` says of the rule packs: a table for each with examples, and what is judged elsewhere."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import garment.standards
from garment.standards import STANDARDS, Standard
from garment.standards.rules import Rule

MARK = "<!-- rules: from garment/standards/*/rules.toml -->\n"
FOLDERS = Path(garment.standards.__file__).parent
HEADS = (
    "id",
    "说什么 · what it says",
    "条款 clause",
    "值 value",
    "级别",
    "标记",
    "来源 source",
    "实施 in force",
    "通过 passes",
    "不通过 fails",
)

ELSEWHERE: Mapping[str, tuple[str, str]] = {
    "D4": (
        "needs the report's figures",
        "充绒量实测不低于标明值的 95% · measured fill weight at least 95 % of the stated",
    ),
    "F5": ("needs the report's figures", "纤维含量实测与标明值之差 · measured against declared fibre content"),
    "Q3": (
        "the ledger's, when a serial is drawn",
        "序列号未用过、未作废、在额度之内 · serial unused, not voided, inside its allotment",
    ),
}
"""Rules of the standards that a record's data cannot decide: why not, and what they ask."""


def page(old: str) -> str:
    """The page: its own words before and after the marks, and between them the tables."""
    before, rest = old.split(MARK)
    after = rest.split("<!-- /rules -->\n")[1]
    tables = "\n".join(_pack(standard) for standard in STANDARDS.values())
    return f"{before}{MARK}{tables}\n{_elsewhere()}<!-- /rules -->\n{after}"


def vectors(name: str) -> list[dict[str, Any]]:
    """All vectors of a pack."""
    rows: list[dict[str, Any]] = tomllib.loads((FOLDERS / name / "vectors.toml").read_text("utf-8"))["vector"]
    return rows


def _pack(standard: Standard) -> str:
    rows = [_row(key, rule, vectors(standard.name)) for key, rule in standard.PACK.rules.items()]
    head = f"### `{standard.name}` {standard.title}\n\n版本 version {standard.version}\n\n"
    return head + "\n".join([_cells(HEADS), "|" + "---|" * len(HEADS), *rows]) + "\n"


def _row(key: str, rule: Rule, known: Iterable[dict[str, Any]]) -> str:
    mine = [vector for vector in known if vector["rule"] == key]
    passes, fails = (next(vector for vector in mine if vector["finds"] is finds) for finds in (False, True))
    return _cells(
        [
            f"`{key}`",
            f"{rule.zh} · {rule.en}",
            rule.clause,
            _value(rule),
            str(rule.severity),
            rule.status,
            rule.source,
            _days(rule),
            _example(passes),
            _example(fails),
        ]
    )


def _value(rule: Rule) -> str:
    """The shipped value; 待补 where a site has to supply it."""
    if rule.value is None or rule.value == []:
        return "待补 site's" if rule.takes else ""
    text = "、".join(map(str, rule.value)) if isinstance(rule.value, list) else str(rule.value)
    return f"`{text}`" + (f" {rule.unit}" if rule.unit else "")


def _days(rule: Rule) -> str:
    ends = "" if rule.effective_to == "9999-12-31" else rule.effective_to
    return f"{rule.effective_from} –{' ' + ends if ends else ''}" if rule.effective_from or ends else ""


def _example(vector: Mapping[str, Any]) -> str:
    """A record and what is changed in it."""
    drawn = vector.get("symbol") or vector.get("text") or vector.get("template")
    if drawn:
        what = "template" if "template" in vector else "drawn"
        return f"{what}: {', '.join(f'{name} = {value}' for name, value in drawn.items())}"
    changes = "; ".join(
        f"`{change['path']}` {'removed' if change.get('remove') else '= ' + _short(change['value'])}"
        for change in vector.get("change", [])
    )
    supplied = f"; site's value {_short(vector['override']['value'])}" if "override" in vector else ""
    day = f", {vector['on_date']}" if "on_date" in vector else ""
    kind = f", {vector['kind']}" if "kind" in vector else ""
    held = ", artwork held" if "artwork" in vector else ""
    held += f", template names {', '.join(vector['named'])}" if "named" in vector else ""
    return f"`{vector['base']}.json`{kind}{day}{held}" + (f": {changes}" if changes else "") + supplied


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _elsewhere() -> str:
    rows = [_cells([f"`{rule}`", asks, why]) for rule, (why, asks) in ELSEWHERE.items()]
    head = "### 资料里判断不了的 · What a record cannot decide\n\n"
    return head + "\n".join([_cells(["id", "问什么 what it asks", "为什么 why"]), "|---|---|---|", *rows]) + "\n"


def _cells(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
