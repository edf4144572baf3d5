"""Pictures for whoever looks: drawn beside the loop, on which the printers are listened to."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from edge_agent.service import previews
from tests.edge_agent.printing.test_fleet import ENDED, shop


async def test_an_issued_label_is_drawn_while_the_printers_are_listened_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has to log in to look; at 1200 dpi a picture takes so long that a printer would be taken for silent."""
    draw, where = previews.plan_of_job, list[threading.Thread]()

    def seen(*args: Any, **more: Any) -> Any:
        where.append(threading.current_thread())
        return draw(*args, **more)

    monkeypatch.setattr(previews, "plan_of_job", seen)
    async with shop(tmp_path, {"p1": {"profile": "zpl-203"}}) as here:
        await here.until((await here.order("p1", 1)).job_id, *ENDED)
        label = (await here.service.labels.page("printed"))[0]
        assert (await here.service.previews.issued(label.serial, 203)).startswith(b"\x89PNG")
    assert where and threading.main_thread() not in where
