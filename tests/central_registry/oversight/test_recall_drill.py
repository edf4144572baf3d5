"""The drill of docs/recall.md, step by step, by the addresses and the words it names."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.central_registry.oversight.test_label_stops import Desk, desk, registry

__all__ = ["desk", "registry"]
pytestmark = pytest.mark.asyncio(loop_scope="module")
_PAGE = (Path(__file__).parents[3] / "docs" / "recall.md").read_text("utf-8")
_STEPS = _PAGE.partition("## 演练")[2]


async def test_the_drill_stops_eight_labels_and_leaves_nothing_behind(desk: Desk) -> None:
    look, stop, listed, undo, close = [
        path.removeprefix("/v1/admin/") for path in re.findall(r"`(?:GET|POST) (/v1/admin/[^`]+)`", _STEPS)
    ]
    (window, eight), (_, beside), _ = desk.windows.items()
    choice = desk.choice(agent=desk.edge.agent, windows=[window])
    assert (await desk.post(desk.one, look, choice))[1]["labels"] == 8
    _, made = await desk.post(desk.one, stop, {"choice": choice, "labels": 8, "recall": True, "reason": "演练"})
    assert await desk.said(*eight) == {"recall_pending"}
    assert await desk.said(*beside) == {"registered"}
    _, labels = await desk.house.ask("GET", listed.format_map(made), desk.one)
    assert [row["serial"] for row in labels["rows"]] == sorted(eight)
    assert (await desk.post(desk.two, undo.format_map(made), {"agreed": False, "reason": "演练结束"}))[0] == 200
    assert await desk.said(*eight, *beside) == {"registered"}
    assert (await desk.post(desk.one, close.format_map(made), {"reason": "三分钟内全部显示"}))[0] == 200
