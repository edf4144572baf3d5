"""`central-registry reconcile`: the books side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from central_registry.cli.common import ConfigOption, DsnOption, JsonOption, LotOption, run_on, show
from central_registry.cli.lots import override_lines
from central_registry.goods.quota_keys import of_lot
from central_registry.ingest.sums import BECAME
from central_registry.oversight.reconcile import as_csv, reconcile


def reconcile_books(
    lot: LotOption = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="F", help="明细写入文件 · write the rows to a file")
    ] = None,
    recount: Annotated[
        bool,
        typer.Option(
            "--recount", help="逐个标签重新清点，量大时需数分钟 · count every label anew; minutes for millions"
        ),
    ] = False,
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """对账 · Allotted, drawn, what became of it.

    Example: central-registry reconcile --lot L20261118A --csv out.csv
    """
    found = run_on(dsn, config, lambda pool: reconcile(pool, of_lot(lot) if lot else None, recount=recount))
    if csv is not None:
        csv.write_text(as_csv(found["rows"]), encoding="utf-8-sig", newline="")
    show(found, as_json, _books(found))


def _books(found: dict[str, Any]) -> str:
    lines = [
        f"{row['agent']} {row['quota_key']}: 分配 allotted {row['allotted']}, 已发 drawn {row['drawn']} = "
        + " + ".join(f"{word} {row[word]}" for word in BECAME)
        + (f"; 超额 overdraft {row['overdraft']}" if row["overdraft"] else "")
        + ("" if row["balanced"] else "; 不平 NOT BALANCED")
        for row in found["rows"]
    ]
    lines += [
        f"! {row['quota_key']}: 分配 allotted {row['allotted']}, 多于检验数量 more than inspected {row['inspected']}"
        for row in found["above"]
    ]
    lines += override_lines(found["overrides"])
    lines += [f"! {row['kind']} ({row['agent']}, ×{row['times']}): {row['detail']}" for row in found["alarms"]]
    lines += [f"! 尚未核对 not yet checked in: {agent}" for agent in found["missing"]]
    return "\n".join(lines) or "账上无记录 the books are empty"
