"""`central-registry certificates …`: what is certified of a lot, approved by a second person, stopped by one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from central_registry import db
from central_registry.cli.common import (
    AsOption,
    CodeOption,
    ConfigOption,
    DsnOption,
    JsonOption,
    Who,
    read_file,
    run_as,
    show,
)
from central_registry.goods import certificate_moves
from central_registry.goods.certificate_file import read_certificate
from central_registry.goods.certify import Filed, file_certificate, file_with_report
from central_registry.goods.goods_lists import list_certificates
from central_registry.goods.kept_files import KeptFile
from central_registry.lists import MOST_ROWS, Ask
from central_registry.parties.actor import Actor
from central_registry.problems import RefusedError

certificates_app = typer.Typer(help="证书 · Certificates of lots", no_args_is_help=True)

Place = tuple[str, str, int]
FirmArgument = Annotated[str, typer.Argument(metavar="USCC", help="企业 · the firm")]
LotArgument = Annotated[str, typer.Argument(metavar="LOT_NO", help="批号 · the lot")]
VersionArgument = Annotated[int, typer.Argument(metavar="VERSION", min=1, help="第几版 · which version")]
WhyOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="原因 · why")]


@certificates_app.command("list")
def certificates_list(
    state: Annotated[str, typer.Option("--state", metavar="STATE", help="只看某状态 · of one state")] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """列出证书 · All that this person sees, the newest first.

    Example: central-registry certificates list --state filed --as zhang
    """
    ask = Ask(filters={"state": state} if state else {}, rows=MOST_ROWS)
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: list_certificates(pool, actor, ask))
    lines = [
        f"{row['firm']} {row['lot_no']} v{row['version']} {row['state']:10} {row['scheme']} {row['quantity']} "
        f"{row['report_no']} {row['firm_name']}"
        for row in found.rows
    ]
    show([dict(row) for row in found.rows], as_json, "\n".join(lines) or "没有证书 no certificates")


@certificates_app.command("file")
def certificates_file(
    file: Annotated[Path, typer.Argument(metavar="CERT.json", help="证书 · the certificate")],
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="报告文件 PDF、JPEG、PNG · the report's file")
    ] = None,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """提交证书，等另一人批准 · File a certificate, with its report where the file says when that was issued.

    Example: central-registry certificates file L20261118A.json --report R2026-118.pdf --as lab-li
    """
    found = read_certificate(read_file(file), str(file))
    kept = None if report is None else KeptFile(report.name, read_file(report))
    if kept is not None and found.issued_on is None:
        raise RefusedError(
            f"{file}: 有报告文件就要写签发日期 · expected issued_on, the day on the report, got none; add it"
        )

    async def work(pool: db.Pool, actor: Actor) -> Filed:
        behind, at = found.report(), db.now()
        if behind is None:
            return await file_certificate(pool, actor, found.filing(), at, "command")
        return await file_with_report(pool, actor, found.filing(), behind, kept, at, "command")

    filed = run_as(dsn, config, Who(as_login, code), work)
    doubts = "".join(f"\n请复核 doubt: {one}" for one in filed.doubts)
    show(asdict(filed), as_json, f"{found.lot_no} v{filed.version}: 等另一人批准 waits for approval{doubts}")


@certificates_app.command("approve")
def certificates_approve(
    firm: FirmArgument,
    lot_no: LotArgument,
    version: VersionArgument,
    reject: Annotated[bool, typer.Option("--reject", help="退回，要写原因 · reject it, with a reason")] = False,
    reason: WhyOption = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """批准或退回 · Approve a version that another person filed, or reject it.

    Example: central-registry certificates approve 91330482MA0000003X L20261118A 1 --as lina
    """

    async def work(pool: db.Pool, actor: Actor, place: Place) -> Any:
        return await certificate_moves.approve(pool, actor, place, agreed=not reject, reason=reason, at=db.now())

    _moved(dsn, config, Who(as_login, code), (firm, lot_no, version), work, as_json)


@certificates_app.command("stop")
def certificates_stop(
    firm: FirmArgument,
    lot_no: LotArgument,
    version: VersionArgument,
    reason: WhyOption,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="撤回，不只是暂停 · for good")] = False,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """暂停或撤回，马上生效 · Suspend or withdraw at once; another person confirms or lifts it within 72 hours.

    Example: central-registry certificates stop 91330482MA0000003X L20261118A 1 --reason "投诉复核" --as zhang
    """

    async def work(pool: db.Pool, actor: Actor, place: Place) -> Any:
        await certificate_moves.stop(pool, actor, place, withdraw=withdraw, reason=reason, at=db.now())
        return "withdrawn" if withdraw else "suspended"

    _moved(dsn, config, Who(as_login, code), (firm, lot_no, version), work, as_json)


@certificates_app.command("lift")
def certificates_lift(
    firm: FirmArgument,
    lot_no: LotArgument,
    version: VersionArgument,
    reason: WhyOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """恢复 · Let a suspended version stand again; another person than who suspended it.

    Example: central-registry certificates lift 91330482MA0000003X L20261118A 1 --reason "复检合格" --as lina
    """

    async def work(pool: db.Pool, actor: Actor, place: Place) -> Any:
        return await certificate_moves.lift(pool, actor, place, reason=reason, at=db.now())

    _moved(dsn, config, Who(as_login, code), (firm, lot_no, version), work, as_json)


@certificates_app.command("confirm")
def certificates_confirm(
    firm: FirmArgument,
    lot_no: LotArgument,
    version: VersionArgument,
    reason: WhyOption = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """确认暂停、撤回 · Confirm what another person stopped.

    Example: central-registry certificates confirm 91330482MA0000003X L20261118A 1 --as lina
    """

    async def work(pool: db.Pool, actor: Actor, place: Place) -> Any:
        return await certificate_moves.confirm(pool, actor, place, reason=reason, at=db.now())

    _moved(dsn, config, Who(as_login, code), (firm, lot_no, version), work, as_json)


def _moved(
    dsn: str | None, config: Any, who: Who, place: Place,
    work: Callable[[db.Pool, Actor, Place], Awaitable[Any]], as_json: bool,
) -> None:  # fmt: skip
    state = str(run_as(dsn, config, who, lambda pool, actor: work(pool, actor, place)))
    told = {"firm": place[0], "lot_no": place[1], "version": place[2], "state": state}
    show(told, as_json, f"{place[1]} v{place[2]}: {state}")
