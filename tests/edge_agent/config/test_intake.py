"""`[[intake]]`: what a source needs, and what two of them may not share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge_agent.config import config_from
from edge_agent.model.work_order import SourceKind
from label_protocol.errors import ConfigError

FOLDER: dict[str, Any] = {
    "id": "erp", "name": "示例ERP", "kind": "folder", "owner": "计划科", "daily_limit": 100, "folder": "in",
}  # fmt: skip
REST: dict[str, Any] = {"id": "mes", "name": "示例MES", "kind": "rest", "owner": "生产科", "daily_limit": 5}


def test_a_source_is_what_its_row_says(tmp_path: Path) -> None:
    rows = [FOLDER | {"mapping": {"order_no": "MO"}, "rule": "signed", "other_columns": "ignore"}, REST]
    config = config_from({"intake": rows, "data": {"ledger_path": "d/l.db"}}, tmp_path / "agent.toml")
    erp, mes = (row.source for row in config.intake)
    assert config.intake[0].folder == tmp_path / "in"
    assert (erp.kind, erp.owner, erp.daily_limit, dict(erp.mapping)) == (
        SourceKind.FOLDER, "计划科", 100, {"order_no": "MO"},
    )  # fmt: skip
    assert (erp.signable, erp.ignores_columns, mes.signable, mes.ignores_columns) == (True, True, False, False)
    assert config.data.work_orders == tmp_path / "d" / "work-orders.db"


@pytest.mark.parametrize(
    ("rows", "part"),
    [
        ([REST | {"daily_limit": 0}], "key daily_limit"),
        ([{key: REST[key] for key in REST if key != "owner"}], "key owner: expected a value"),
        ([REST | {"folder": "in"}], "expected a folder for kind folder and for no other"),
        ([{key: FOLDER[key] for key in FOLDER if key != "folder"}], "expected a folder for kind folder"),
        ([REST | {"kind": "mail"}], "key kind"),
        ([REST | {"mapping": {"colour": "Farbe"}}], "mapping"),
        ([REST, REST], "expected every intake.id once (got 'mes' twice)"),
        ([FOLDER, FOLDER | {"id": "b"}], "expected every intake.folder apart"),
        ([FOLDER, FOLDER | {"id": "b", "folder": "in/sub"}], "expected every intake.folder apart"),
    ],
)
def test_a_wrong_row_is_named(rows: list[dict[str, Any]], part: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        config_from({"intake": rows}, tmp_path / "agent.toml")
    assert part in str(caught.value)


@pytest.mark.parametrize("name", ["ledger_path", "witness_path", "catalog_path"])
def test_the_book_of_work_orders_is_no_other_file_of_ours(name: str, tmp_path: Path) -> None:
    data = {"ledger_path": "a/l.db", "witness_path": "b/w", "catalog_path": "c/c.json"}
    with pytest.raises(ConfigError, match=r"file of its own for data\.work_order_path"):
        config_from({"data": data | {"work_order_path": f"x/../{data[name]}"}}, tmp_path / "agent.toml")
