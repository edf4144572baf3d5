"""`central-registry spot-checks …`: lots drawn, pieces drawn, a result; what these and complaints add up to."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from central_registry import db
from central_registry.cases import spot_checks, sums
from central_registry.cli.common import AsOption, CodeOption, ConfigOption, DsnOption, JsonOption, Who, run_as, show
from central_registry.lists import MOST_ROWS, Ask

spot_checks_app = typer.Typer(help="抽查 · Spot checks", no_args_is_help=True)


@spot_checks_app.command("plan")
def spot_checks_plan(
    firm: str,
    lots: Annotated[int, typer.Option("--lots", help="抽几批 · how many lots")] = 1,
    pieces: Annotated[int, typer.Option("--pieces", help="每批抽几件 · how many pieces of each")] = 8,
    style: Annotated[str, typer.Option("--style", help="只在此款号中抽 · of this style only")] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """随机抽定要抽查的批次 · Draw lots to be looked at.

    Example: central-registry spot-checks plan 91330482MA0000207M --lots 2 --pieces 8 --as zhang
    """
    made = run_as(
        dsn, config, Who(as_login, code),
        lambda pool, actor: spot_checks.plan(pool, actor, firm, style, lots=lots, pieces=pieces, at=db.now()),
    )  # fmt: skip
    show(made, as_json, "\n".join(f"{row['spot']}  {row['lot_no']}" for row in made))


@spot_checks_app.command("list")
def spot_checks_list(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出抽查 · Spot checks, open ones first.

    Example: central-registry spot-checks list --as zhang
    """
    asked = Ask(rows=MOST_ROWS)
    found = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: spot_checks.list_spot_checks(pool, actor, asked)
    )
    lines = [
        f"{row['spot']}  {row['state']}  {row['firm_name']}  {row['lot_no']}  {row['sampled']}/{row['pieces']}"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有抽查 no spot checks")


@spot_checks_app.command("sample")
def spot_checks_sample(
    spot: str,
    label: Annotated[str, typer.Argument(metavar="LABEL", help="序列号或链接 · a serial or a label's link")],
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """登记抽到的一件 · Draw a piece.

    Example: central-registry spot-checks sample 12043387 PH17K3M9QX2W4T01B --as zhang
    """
    done = run_as(
        dsn, config, Who(as_login, code), lambda pool, actor: spot_checks.sample(pool, actor, spot, label, db.now())
    )
    show(done, as_json, f"{done['serial']}  {done['sampled']}/{done['pieces']}")


@spot_checks_app.command("result")
def spot_checks_result(
    spot: str,
    result: Literal["passed", "failed"],
    said: Annotated[str, typer.Option("--said", metavar="TEXT", help="依据 · what it rests on")],
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """登记结果；不合格同时暂停该批次 · Say what came of it; failing suspends the lot.

    Example: central-registry spot-checks result 12043387 failed --said 检验报告R-7 --as zhang
    """
    passed = result == "passed"
    done = run_as(
        dsn, config, Who(as_login, code),
        lambda pool, actor: spot_checks.close(pool, actor, spot, said, passed=passed, at=db.now()),
    )  # fmt: skip
    show(done, as_json, f"{spot}: {'合格 passed' if passed else '不合格，该批次已停 failed, its lot is stopped'}")


@spot_checks_app.command("rates")
def spot_checks_rates(
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """各企业每月抽查合格率 · The rate of passed checks of each firm and month.

    Example: central-registry spot-checks rates --as zhang
    """
    rows = run_as(dsn, config, Who(as_login, code), sums.qualified_rates)
    lines = [f"{row['month']}  {row['firm_name']}  {row['passed']}/{row['passed'] + row['failed']}  {row['rate']} %"
             for row in rows]  # fmt: skip
    show(rows, as_json, "\n".join(lines) or "还没有抽查结果 no results yet")
