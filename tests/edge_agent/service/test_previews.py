"""Pictures for whoever looks: drawn beside the loop, on which the printers are listened to."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from edge_agent.catalog import Catalog
from edge_agent.service import previews
from tests.edge_agent.printing.test_fleet import ENDED, shop
from tests.kits.service_kit import a_service


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


async def test_of_many_who_look_at_once_few_are_drawn_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred pictures at once would take every thread that there is beside the loop; log-in waits for one."""
    drawn, most, lock = [0], [0], threading.Lock()
    both = threading.Barrier(previews.AT_ONCE, timeout=5)

    def slow(*_: Any, **__: Any) -> bytes:
        with lock:
            drawn[0] += 1
            most[0] = max(most[0], drawn[0])
        both.wait()
        with lock:
            drawn[0] -= 1
        return b"PNG"

    monkeypatch.setattr(previews, "sample", slow)
    monkeypatch.setattr(Catalog, "record", lambda *_: None)
    async with a_service(tmp_path) as service:
        goods = (previews.AUTO, "YR-1", "170/88A", None, 203)
        await asyncio.gather(*(service.previews.sample(*goods) for _ in range(4 * previews.AT_ONCE)))
    assert most == [previews.AT_ONCE]
