"""What `docs/faults.md` shows of the fault matrix, and what no cell of it may be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from edge_agent.messages import job as job_words
from edge_agent.messages.alarm import of_alarm
from edge_agent.printers.languages import LANGUAGES
from label_protocol.kinds import AlarmKind
from tests.kits.fault_rows import COLUMNS, ROWS, Cell, Key, Paper, Row

Matrix = Mapping[Key, Cell]

_IDLE = "没有计数的打印机不报多出来的纸", "a printer without a count says nothing of more paper"

UNSEEN: dict[tuple[str, str], tuple[str, str]] = {
    ("feed-key", "idle"): _IDLE,
    ("feed-key", "response"): ("空白不是标签，打印机不回报它", "a blank is no label, and is not confirmed"),
    ("reprint-key", "idle"): _IDLE,
    ("foreign-label", "idle"): _IDLE,
    ("roll-change, quick", "idle"): (
        "故障在两次查看之间来了又走，只留下坏的和缺的标签",
        "the fault came and went between two looks and left only labels spoiled or missing",
    ),
    ("roll-change, quick", "counter"): (
        "故障在两次查看之间来了又走；坏的那张也计了数，走纸不计数，数目就正好相符",
        "the fault came and went between two looks; the spoiled label was counted and the feed was not, so the count "
        "agrees",
    ),
}
"""(row, column): why this level says PRINTED though paper is there, or missing, that it cannot know of."""

ALARMED = {"feed-key", "reprint-key", "foreign-label", "counter-reset"}
"""Rows after which somebody has to search; a fault that the printer tells, or a lost link, explains itself."""

LUCK = {("idle", "printed"), ("idle", "in_doubt"), ("counter", "printed"), ("counter", "in_doubt")}
"""What a row of luck may end in; in all other columns it is in doubt."""


# --- what must hold ---------------------------------------------------------------------------------------------------


def flaws(matrix: Matrix) -> list[str]:
    """Sentences about cells that claim more than the paper shows; empty if there is none."""
    return [f"{' '.join(key)}: {flaw}" for key, cell in matrix.items() if (flaw := _flaw(key, cell))]


def _flaw(key: Key, cell: Cell) -> str:
    name, _, column = key
    if cell.verdict == "printed":
        if column in ("sent", "scan"):
            return f"PRINTED at {column}"
        if not cell.paper.sound and (name, column) not in UNSEEN:
            return f"PRINTED over {cell.paper}"
    elif not _both_tongues(cell.words):
        return f"in doubt, and the operator reads {cell.words!r}"
    if cell.paper.twice and column not in ("sent", "idle") and AlarmKind.POSSIBLE_DUPLICATE not in cell.alarms:
        return "a serial is there twice, without an alarm"
    if cell.alarms and name not in ALARMED:
        return f"an alarm for nothing: {cell.alarms}"
    return ""


def _both_tongues(text: str) -> bool:
    zh, dot, en = text.partition(" · ")
    return bool(dot) and not zh.isascii() and en.strip() != ""


def unused(matrix: Matrix) -> set[tuple[str, str]]:
    """Excuses that no cell needs."""
    needed = {(key[0], key[2]) for key, cell in matrix.items() if cell.verdict == "printed" and not cell.paper.sound}
    lucky = {row.name for row in ROWS if row.luck}
    return {excuse for excuse in UNSEEN if excuse not in needed and excuse[0] not in lucky}


# --- the page ---------------------------------------------------------------------------------------------------------


def parts(matrix: Matrix) -> dict[str, str]:
    """The generated parts by name: how things stand at a glance, and fault by fault."""
    faults = [*_legend(), "", *(line for row in ROWS for line in _section(row, matrix))]
    return {"overview": "\n".join(_overview(matrix)) + "\n", "faults": "\n".join(faults)}


def _legend() -> list[str]:
    return [f"- ① = {job_words.DOUBT}", f"- ② = {job_words.SCAN_WINDOW}"]


def _overview(matrix: Matrix) -> list[str]:
    heads = ["故障 fault", *(f"`{column}`" for column in COLUMNS)]
    rows = [[f"[{row.name}](#{_anchor(row)}) {row.zh}", *_marks(row, matrix)] for row in ROWS]
    return [_line(heads), "|" + "---|" * len(heads), *map(_line, rows)]


def _marks(row: Row, matrix: Matrix) -> list[str]:
    return [
        _joined({lang: _mark(row, column, cell) for lang, cell in _column(row, column, matrix)}) for column in COLUMNS
    ]


def _column(row: Row, column: str, matrix: Matrix) -> list[tuple[str, Cell]]:
    return [(lang, matrix[row.name, lang, column]) for lang in LANGUAGES if (row.name, lang, column) in matrix]


def _joined(marks: Mapping[str, str]) -> str:
    """One mark if all languages agree."""
    if len(set(marks.values())) == 1:
        return next(iter(marks.values()))
    return "<br>".join(f"{mark} ({_names(marks, mark)})" for mark in dict.fromkeys(marks.values()))


def _names(marks: Mapping[str, str], mark: str) -> str:
    return ", ".join(lang for lang, found in marks.items() if found == mark)


def _mark(row: Row, column: str, cell: Cell) -> str:
    if row.luck:
        return "？ / ✔⚠" if (column, "printed") in LUCK else "扫" if column == "sent" else "？"
    waited = "等 → " if cell.waited else ""
    if cell.verdict == "printed":
        return waited + ("✔" if cell.paper.sound else "✔⚠")
    return waited + ("扫" if cell.words == str(job_words.SCAN_WINDOW) else "？")


# --- fault by fault ---------------------------------------------------------------------------------------------------


def _section(row: Row, matrix: Matrix) -> list[str]:
    outcomes: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for column in COLUMNS:
        for lang, cell in _column(row, column, matrix):
            outcomes.setdefault(_outcome(row, column, cell), []).append((column, lang))
    heads = ["证明 proof", "纸上 on paper", "结论 verdict", "操作员看到 the operator reads", "报警 alarm"]
    table = [[_where(found, row, matrix), *outcome] for outcome, found in outcomes.items()]
    title = [f"### {row.name}", "", f"{row.zh} · {row.en}", ""]
    return [*title, _line(heads), "|" + "---|" * len(heads), *map(_line, table), *_excuses(row), ""]


def _anchor(row: Row) -> str:
    """As a renderer of Markdown makes it of the heading."""
    return row.name.replace(",", "").replace(" ", "-")


def _outcome(row: Row, column: str, cell: Cell) -> tuple[str, ...]:
    if row.luck:
        either = (column, "printed") in LUCK
        verdict = "看时机 depends on the moment: 存疑 IN_DOUBT / 已打印 PRINTED ⚠" if either else "存疑 IN_DOUBT"
        return "1 坏 spoiled，可能还有缺的 and some may be missing", verdict, "看时机 depends on it", "–"
    return _paper(cell.paper), _verdict(cell), _said(cell), _alarms(cell.alarms)


def _verdict(cell: Cell) -> str:
    if cell.verdict != "printed":
        return "存疑 IN_DOUBT"
    return "已打印 PRINTED" if cell.paper.sound else "已打印 PRINTED ⚠"


def _said(cell: Cell) -> str:
    """What an operator reads of this window; that the job is done later is not about it."""
    now = "" if cell.verdict == "printed" else _short(cell.words)
    return " → ".join(filter(None, [_short(cell.waited), now])) or "–"


def _short(text: str) -> str:
    return (
        text.replace(str(job_words.SCAN_WINDOW), "②")
        .replace(job_words.DOUBT.zh, "①")
        .replace(job_words.DOUBT.en, "①")
        .replace("|", "/")
    )


def _alarms(kinds: Collection[str]) -> str:
    return "<br>".join(f"`{kind}` {of_alarm(kind)}" for kind in kinds) or "–"


def _paper(paper: Paper) -> str:
    counts = {
        "好 whole": paper.whole,
        "重 twice": paper.twice,
        "坏 spoiled": paper.spoiled,
        "缺 missing": paper.never,
        "空白 blank": paper.blank,
        "外来 foreign": paper.foreign,
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


def _where(found: Iterable[tuple[str, str]], row: Row, matrix: Matrix) -> str:
    """Proof levels, and the languages of each where not all that have it share the outcome."""
    here: dict[str, list[str]] = {}
    for column, lang in found:
        here.setdefault(column, []).append(lang)
    return ", ".join(
        f"`{column}`" + ("" if len(langs) == len(_column(row, column, matrix)) else f" ({', '.join(langs)})")
        for column, langs in here.items()
    )


def _excuses(row: Row) -> list[str]:
    return [
        line
        for (name, column), (zh, en) in UNSEEN.items()
        if name == row.name
        for line in ("", f"⚠ `{column}` 看不见 cannot see it: {zh} · {en}.")
    ]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
