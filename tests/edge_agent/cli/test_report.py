"""`edge-agent report shift`: what is asked of the agent, what is said of its answer, and what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_agent.cli.common import Api
from edge_agent.model.goods import Goods
from edge_agent.model.shown import Shown
from edge_agent.reports.report import Counts, Moved, Packed, Printed, ShiftReport
from edge_agent.reports.stood import Stood
from edge_agent.web.handlers.reports import report_view
from tests.kits.cli_kit import a_site, run

GOODS = Goods("YR-1", "170/88A", "羽绒服")
REPORT = ShiftReport(
    since="2026-11-20T00:00:00.000Z",
    until="2026-11-20T12:00:00.000Z",
    as_of="2026-11-20T09:15:00.000Z",
    printed=(Printed("p1", "line-1", "L1", GOODS, "2026-11-20 17", Counts(drawn=9, printed=8, scrapped=1)),),
    moved=(Moved("p1", "line-1", "L1", GOODS, "scrapped", "碳带皱", 1),),
    packed=(Packed("p2", 3, 1),),
    copies=(),
    stood=(Stood("line-1", "缺纸 · out of labels", 2, 61),),
    in_doubt=4,
)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    paths: list[str] = []

    def call(_: Api, method: str, path: str, body: Any = None, headers: Any = None) -> Any:
        paths.append(f"{method} {path}")
        return report_view(REPORT, Shown({"p1": "示例甲"}))

    def read(_: Api, path: str) -> bytes:
        paths.append(path)
        return b"a file"

    monkeypatch.setattr(Api, "call", call)
    monkeypatch.setattr(Api, "read", read)
    return paths


def test_a_shift_is_told_in_lines(tmp_path: Path, asked: list[str]) -> None:
    said = run("report", "shift", "--at", "2026-11-20T08:00", "--config", a_site(tmp_path))
    assert asked == ["GET /reports/shift?at=2026-11-20T08%3A00"]
    for line in (
        "合计 total: 发出 9  已打印 8  报废 1",
        "存疑还没处理 in doubt still, of any shift: 4",
        "下单人 示例甲: 发出 9  已打印 8  报废 1",
        "示例甲  报废 1  碳带皱",
        "p2  装箱 packed 3  关箱 closed 1",
        "line-1  停了 stood 2 min ×2  缺纸 · out of labels",
    ):
        assert line in said.out.splitlines(), said


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a.csv", "/reports/shift.csv?from=a&to=b&table=moved"),
        ("a.XLSX", "/reports/shift.xlsx?from=a&to=b"),
    ],
)
def test_a_file_is_what_the_agent_gave(tmp_path: Path, asked: list[str], name: str, path: str) -> None:
    out = tmp_path / name
    words = ("--from", "a", "--to", "b", "--table", "moved", "--out", out)
    said = run("report", "shift", *words, "--config", a_site(tmp_path))
    assert (said.code, out.read_bytes(), asked) == (0, b"a file", [path])


def test_a_file_that_cannot_be_is_refused(tmp_path: Path, asked: list[str]) -> None:
    site = a_site(tmp_path)
    assert "--out a.doc" in run("report", "shift", "--out", "a.doc", "--config", site).refusal
    assert asked == []
    assert "that can be written" in run("report", "shift", "--out", tmp_path / "no" / "a.csv", "--config", site).refusal
