"""`central-registry import-old`: what an association brings from the platform it had before."""

from __future__ import annotations

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
    open_file,
    run_as,
    show,
)
from central_registry.former.importing import import_former, preview_former
from central_registry.former.report import DIFFERS, REFUSED, Report
from central_registry.former.source import Source
from central_registry.parties.actor import Actor


def import_old(
    file: Path,
    only_preview: Annotated[
        bool, typer.Option("--preview", help="只看会有的变化，不写入 · say what would change, write nothing")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="以文件为准，替换不同的 · take the file where it differs")
    ] = False,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """导入原平台的企业、批次、证书和已发的码 · A former platform's firms, goods, certificates, codes, as JSON lines.

    All of the file is taken, or nothing; the same file again changes nothing. The form: docs/import-old-platform.md.

    Example: central-registry import-old old.jsonl --preview --as zhang

    Example: central-registry import-old old.jsonl --as zhang
    """
    bring = preview_former if only_preview else import_former
    with open_file(file) as opened:

        async def work(pool: db.Pool, actor: Actor) -> Any:
            return await bring(pool, actor, Source(opened), db.now(), replace=replace)

        report: Report = run_as(dsn, config, Who(as_login, code), work)
    show(report.as_json(), as_json, "\n".join(_lines(report, only_preview)))
    if only_preview and (report.all(REFUSED) or (report.all(DIFFERS) and not replace)):
        raise typer.Exit(1)


def _lines(report: Report, only_preview: bool) -> list[str]:
    head = "预览，没有写入 preview, nothing is kept" if only_preview else "已导入 imported"
    return [
        f"{head}: {report.platform} {report.exported_on or ''}, {report.lines} 行 lines",
        *(f"! {line}: {reason}" for line, reason in sorted(report.refused)),
        *(f"~ {line}: {what}: {told}" for line, what, told in report.differs),
        *(f"! {words}" for words in report.notices),
        report.words,
    ]
