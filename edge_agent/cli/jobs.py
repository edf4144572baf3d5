"""`edge-agent job …`: orders for the running agent."""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from edge_agent.cli.common import (
    TEMPLATE_HELP,
    Api,
    ConfigOption,
    JsonOption,
    OperatorOption,
    configuration,
    record_to_send,
    show,
)
from edge_agent.errors import RefusedError
from edge_agent.model.job import MOST_WINDOWS_UNSCANNED

app = typer.Typer(help="打印任务 · Print jobs", no_args_is_help=True)
JobId = Annotated[str, typer.Argument(help="任务编号，job list 打出 · as job list tells it", metavar="JOB")]
_ENDED = {"done", "cancelled", "paused"}


@app.command()
def submit(
    template: Annotated[str, typer.Option("--template", metavar="T", help=TEMPLATE_HELP)],
    data: Annotated[Path, typer.Option("--data", metavar="D", help="服装资料 · garment record (JSON)")],
    printer: Annotated[
        str, typer.Option("--printer", metavar="P", help="打印机或组的编号 · id of a printer or of a group")
    ],
    quantity: Annotated[int, typer.Option("--quantity", min=1, metavar="N", help="张数 · labels")],
    replaces: Annotated[
        list[str] | None, typer.Option("--replaces", metavar="SERIAL", help="补打哪一张 · replaces this label")
    ] = None,
    scan_every: Annotated[
        int | None,
        typer.Option(
            "--scan-every",
            min=1,
            max=MOST_WINDOWS_UNSCANNED,
            metavar="N",
            help="每 N 批抽检一次，不写按本厂的设定 · a label is scanned after every N windows; else as the site asks",
        ),
    ] = None,
    firm: Annotated[
        str | None,
        typer.Option(
            "--firm", metavar="FIRM", help="为哪家，几家有同一批号时要写 · for which firm, if several have the lot"
        ),
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="等到结束 · until it ends")] = False,
    key: Annotated[str | None, typer.Option("--key", help="幂等键 · idempotency key")] = None,
    operator: OperatorOption = "",
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """提交打印 · Order labels.

    Example: edge-agent job submit --template down_grade_60x40 --data jacket.json --printer line-1 --quantity 50
    --operator 12 --wait
    """
    body = {
        "template": absolute(template),
        "record": record_to_send(data),
        "printer": printer,
        "quantity": quantity,
        "replaces": replaces or [],
        "operator": operator,
        **({"scan_every": scan_every} if scan_every else {}),
        **({"firm": firm} if firm else {}),
    }
    api = Api(configuration(config))
    job = api.call("POST", "/jobs", body, {"Idempotency-Key": key or secrets.token_hex(16)})
    if wait:
        try:
            job = _watch(api, job, quiet=as_json)
        except KeyboardInterrupt:
            _goes_on(job)
            raise
    show(job, as_json=as_json, text=_line(job))
    if wait and job["state"] != "done":
        zh, _, en = job["reason"].partition(" · ")
        raise RefusedError(
            f"任务没有打完：{zh} · job {job['job_id']}: expected it to end done, got {job['state']}; {en or zh}"
        )


def absolute(template: str) -> str:
    """The agent runs in another folder: a path is made whole, a built-in name stays."""
    path = Path(template)
    return str(path.resolve()) if path.suffix else template


def _watch(api: Api, job: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=quiet) as bar:
        task = bar.add_task("打印 · printing", total=job["quantity"])
        while True:
            job = api.call("GET", f"/jobs/{job['job_id']}")
            bar.update(task, completed=job["printed"], description=job["reason"])
            if job["state"] in _ENDED:
                return job
            time.sleep(0.3)


def _goes_on(job: dict[str, Any]) -> None:
    typer.echo(
        f"只停止查看，任务继续 stopped watching, the job goes on: edge-agent job show {job['job_id']}, or job cancel",
        err=True,
    )


def _line(job: dict[str, Any]) -> str:
    return (
        f"{job['job_id']}  {job['words']['zh']} {job['state']}  {job['printed']}/{job['quantity']} 已证实 proven, "
        f"{job['in_doubt']} 存疑 in doubt  {job['reason']}"
    )


@app.command(name="list")
def list_jobs(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """任务列表 · The newest jobs.

    Example: edge-agent job list
    """
    jobs = Api(configuration(config)).call("GET", "/jobs")["jobs"]
    show(jobs, as_json=as_json, text="\n".join(map(_line, jobs)) or "没有任务 · no jobs")


@app.command(name="show")
def show_job(job_id: JobId, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """任务详情 · One job.

    Example: edge-agent job show 0f3a…
    """
    job = Api(configuration(config)).call("GET", f"/jobs/{job_id}")
    show(job, as_json=as_json, text=_line(job))


def _order(job_id: str, order: str, operator: str, config: Path | None, as_json: bool) -> None:
    job = Api(configuration(config)).call("POST", f"/jobs/{job_id}/{order}", {"operator": operator})
    show(job, as_json=as_json, text=_line(job))


@app.command()
def pause(
    job_id: JobId, operator: OperatorOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """本批打完后暂停 · Stop after the window in hand.

    Example: edge-agent job pause 0f3a… --operator 12
    """
    _order(job_id, "pause", operator, config, as_json)


@app.command()
def resume(
    job_id: JobId, operator: OperatorOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """继续 · Go on with labels never drawn.

    Example: edge-agent job resume 0f3a… --operator 12
    """
    _order(job_id, "resume", operator, config, as_json)


@app.command()
def cancel(
    job_id: JobId, operator: OperatorOption = "", config: ConfigOption = None, as_json: JsonOption = False
) -> None:
    """取消 · Draw no more serials.

    Example: edge-agent job cancel 0f3a… --operator 12
    """
    _order(job_id, "cancel", operator, config, as_json)
