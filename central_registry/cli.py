"""`central-registry`: the platform's service and its operator's orders. Exit codes: 0 done, 1 refused, 2 wrong usage.

Orders go straight to the database (`--dsn`, or `[database] dsn` of `--config`), so they work whether or not the service
runs. With the embedded PostgreSQL, `serve` prints the DSN to give them.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from aiohttp import web

from central_registry import db, enrol, lots
from central_registry.app import build_app
from central_registry.check_cli import check_key_app
from central_registry.cli_common import (
    ConfigOption,
    DsnOption,
    JsonOption,
    LotOption,
    ReasonOption,
    StyleOption,
    run_on,
    show,
)
from central_registry.config import RegistryConfig, load_config
from central_registry.embedded import EmbeddedPostgres
from central_registry.lots_cli import allot, lots_app, override_lines
from central_registry.reconcile import as_csv, reconcile
from edge_agent.errors import AgentError, cannot_listen, of_system
from edge_agent.http_limits import LimitedRunner, Limits
from edge_agent.logs import configure_logs

app = typer.Typer(
    help="标签登记中心 · Central registry of issued labels",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
agents_app = typer.Typer(help="打印端 · The agents that issue labels", no_args_is_help=True)
app.add_typer(agents_app, name="agents")
app.add_typer(lots_app, name="lots")
app.add_typer(check_key_app, name="check-key")
app.command("allot")(allot)


@app.command()
def serve(
    dsn: DsnOption = None,
    listen: Annotated[
        str | None, typer.Option("--listen", metavar="H:P", help="监听地址，端口 0 任选 · port 0: any free one")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """启动服务 · Run the registry until interrupted.

    Example: central-registry serve --listen 127.0.0.1:8700
    """
    configure_logs()
    settings = load_config(config)
    host, port = _address(listen, settings)
    asyncio.run(_serve(dsn or settings.database.dsn, host, port, settings))


@agents_app.command("add")
def agents_add(name: str, dsn: DsnOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """新增或重新授权 · Make an agent, or a new token for one.

    Example: central-registry agents add line-1
    """
    made_at = db.now()
    token = run_on(dsn, config, lambda pool: enrol.add_agent(pool, name, made_at))
    until = (made_at + enrol.TOKEN_LIFE).isoformat(timespec="minutes")
    told = f"一次性口令 one-time token for {name} (只显示一次 shown once, 有效至 good until {until}): {token}"
    show({"agent": name, "token": token, "until": until}, as_json, told)


@agents_app.command("lost")
def agents_lost(name: str, dsn: DsnOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """声明丢失 · Nobody waits for this agent; it gets nothing more, and what it tells is kept, being verified.

    慎用 · There is no way back for what it tells while lost: its new labels stay being verified, and what it tells of
    older ones (printed, scrapped) is never applied, so its sums stay wrong; the alarm lost_agent_returned counts it.

    Example: central-registry agents lost line-1
    """
    run_on(dsn, config, lambda pool: enrol.lose_agent(pool, name, db.now()))
    show({"agent": name, "state": "lost"}, as_json, f"已声明丢失 declared lost: {name}")


@agents_app.command("list")
def agents_list(dsn: DsnOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """列出打印端 · All agents and how far they are.

    Example: central-registry agents list --json
    """
    rows = run_on(dsn, config, enrol.list_agents)
    lines = [
        f"{row['agent']:24} {row['issuer']} {row['state']:9} seq {row['seq']:>8} {row['seen_at'] or '—'}"
        f"{'  尚未核对 not yet checked in' if row['waited_for'] else ''}"
        for row in rows
    ]
    show(rows, as_json, "\n".join(lines) or "没有打印端 no agents; make one with: central-registry agents add NAME")


@app.command()
def suspend(
    reason: ReasonOption,
    lot: LotOption = None,
    style: StyleOption = None,
    lift: Annotated[bool, typer.Option("--lift", help="恢复 · let it go on")] = False,
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """暂停发码 · Stop drawing on a lot; one that nobody knows, or that is recalled, is refused.

    Example: central-registry suspend --lot L20261118A --reason "证书复核"
    """
    key = lots.quota_key(lot, style)
    run_on(dsn, config, lambda pool: lots.suspend(pool, key, not lift, reason))
    show(
        {"quota_key": key, "suspended": not lift}, as_json, f"{'已恢复 lifted' if lift else '已暂停 suspended'}: {key}"
    )


@app.command()
def recall(
    reason: ReasonOption,
    lot: LotOption = None,
    style: StyleOption = None,
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """召回 · Recall a lot; there is no way back, and one that nobody knows is refused.

    Example: central-registry recall --lot L20261118A --reason "…"
    """
    key = lots.quota_key(lot, style)
    run_on(dsn, config, lambda pool: lots.recall(pool, key, reason))
    show({"quota_key": key, "recalled": True}, as_json, f"已召回 recalled: {key}")


@app.command("reconcile")
def reconcile_books(
    lot: LotOption = None,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="F", help="明细写入文件 · write the rows to a file")
    ] = None,
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """对账 · Allotted, drawn, what became of it.

    Example: central-registry reconcile --lot L20261118A --csv out.csv
    """
    found = run_on(dsn, config, lambda pool: reconcile(pool, f"lot:{lot}" if lot else None))
    if csv is not None:
        csv.write_text(as_csv(found["rows"]), encoding="utf-8-sig", newline="")
    show(found, as_json, _books(found))


def _books(found: dict[str, Any]) -> str:
    lines = [
        f"{row['agent']} {row['quota_key']}: 分配 allotted {row['allotted']}, 已发 drawn {row['drawn']} = "
        + " + ".join(f"{word} {row[word]}" for word in _WORDS)
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


_WORDS = ("sending", "printed", "in_doubt", "commissioned", "scrapped", "invalid", "conflicts")


async def _serve(dsn: str, host: str, port: int, settings: RegistryConfig) -> None:
    async with contextlib.AsyncExitStack() as stack:
        if not dsn:
            dsn = await stack.enter_async_context(EmbeddedPostgres())
            typer.echo(f"内置数据库，停止即清空 embedded PostgreSQL, gone at stop; other commands: --dsn '{dsn}'")
        runner = LimitedRunner(build_app(dsn, settings), Limits.of(settings.http), shutdown_timeout=5.0)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as cause:
            raise cannot_listen("registry", host, port, cause) from cause
        bound = runner.addresses[0]
        typer.echo(f"登记中心已启动 registry at http://{bound[0]}:{bound[1]}")
        sys.stdout.flush()
        await _until_stopped()


async def _until_stopped() -> None:
    """Until SIGINT or SIGTERM; where the loop cannot take signals (Windows) Ctrl-C cancels the wait."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stopped.set)
    await stopped.wait()


def _address(listen: str | None, settings: RegistryConfig) -> tuple[str, int]:
    if listen is None:
        return settings.http.host, settings.http.port
    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal() or not port.isascii() or int(port) > 65535:
        raise typer.BadParameter(f"expected HOST:PORT, got {listen!r}", param_hint="--listen")
    return host.strip("[]"), int(port)


def main() -> None:
    """Entry point of the wheel: a refusal is one line on stderr and exit code 1."""
    try:
        app()
    except AgentError as refusal:
        typer.echo(f"拒绝 refused: {refusal}", err=True)
        sys.exit(1)
    except OSError as cause:
        typer.echo(f"拒绝 refused: {of_system(cause)}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
