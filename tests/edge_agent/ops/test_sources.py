"""The doctor's row of each source of work orders, with the agent running and without."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestServer

from edge_agent.config import AgentConfig, config_from
from edge_agent.ops.doctor import sources
from edge_agent.service.intake import FolderState
from edge_agent.web.api import build_web
from tests.kits.intake_kit import ERP, REST, intake_service


def config_of(folder: Path, port: int = 1) -> AgentConfig:
    base: dict[str, Any] = {"name": "示例", "owner": "计划科", "daily_limit": 10_000}
    rows = [base | {"id": "erp", "kind": "folder", "folder": "hot"}, base | {"id": "mes", "kind": "rest"}]
    return config_from({"intake": rows, "web": {"port": port}}, folder / "agent.toml")


async def test_a_folder_that_is_not_there_or_is_none_is_red(tmp_path: Path) -> None:
    erp, mes = await sources.rows_of(config_of(tmp_path), running=False)
    assert (erp.ok, mes.ok) == (False, True) and "No such file" in erp.found
    (tmp_path / "hot").write_text("x")
    assert not (await sources.rows_of(config_of(tmp_path), running=False))[0].ok
    (tmp_path / "hot").unlink()
    (tmp_path / "hot").mkdir()
    assert (await sources.rows_of(config_of(tmp_path), running=False))[0].ok
    assert list((tmp_path / "hot").iterdir()) == []


async def test_the_running_agent_says_what_was_taken_and_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "hot").mkdir()
    async with intake_service(tmp_path, ERP, REST) as service, TestServer(build_web(service)) as server:
        row = {"order_no": "MO-1", "style_no": "F1", "size": "M", "quantity": 40}
        await service.intake.take_rows("f1", REST, [row])
        service.intake.folder_is("erp", FolderState("hot", "", ("a.xls: 不认识的格式 · of another kind",)))
        found = await sources.rows_of(config_of(tmp_path, int(server.port or 0)), running=True)
        assert [(one.ok, one.warns) for one in found] == [(True, False), (True, True), (True, False)]
        assert "a.xls" in found[1].found
        assert "今天 today 40/10000, 未打完 not finished 1, 最后 last POST /work-orders" in found[2].found
        service.intake.folder_is("erp", FolderState("hot", "文件夹不能用 · away"))
        red = (await sources.rows_of(config_of(tmp_path, int(server.port or 0)), running=True))[0]
        assert (red.ok, red.found) == (False, "文件夹不能用 · away")
    gone = await sources.rows_of(config_of(tmp_path), running=True)
    assert [one.ok for one in gone] == [False, False]
