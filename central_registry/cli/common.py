"""Holds what the registry's commands share: options, a database to work on, results for people and for machines."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from central_registry import db
from central_registry.config import Database, load_config
from central_registry.here.postgres import Home
from central_registry.parties.account import me
from central_registry.parties.actor import Actor
from central_registry.parties.beginning import has_people
from central_registry.parties.deeds import Deed, begin_deed, refuse_deed
from central_registry.parties.doorstep import Doorstep
from central_registry.parties.log_in import Shown, identify
from central_registry.parties.sessions import actor_of
from central_registry.problems import RefusedError
from label_protocol.errors import AgentError

DsnOption = Annotated[
    str | None, typer.Option("--dsn", metavar="DSN", help="PostgreSQL，优先于 --config · wins over --config")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", metavar="F", help="配置文件 registry.toml · configuration")
]
JsonOption = Annotated[bool, typer.Option("--json", help="机器可读 · machine-readable output on stdout")]
LotOption = Annotated[str | None, typer.Option("--lot", metavar="LOT_NO", help="批次 · the lot")]
StyleOption = Annotated[
    str | None, typer.Option("--style", metavar="STYLE_NO", help="款号，无批次的货 · for goods without a lot")
]
AsOption = Annotated[
    str | None,
    typer.Option(
        "--as",
        metavar="LOGIN",
        help="以谁的名义；密码从标准输入读 · who acts; the password comes on standard input",
    ),
]
CodeOption = Annotated[
    str,
    typer.Option("--code", metavar="CODE", help="手机动态码，绑定了才要 · the phone's code, if one is set up"),
]
ReasonOption = Annotated[str, typer.Option("--reason", metavar="TEXT", help="原因 · why")]


def run_on(dsn: str | None, config: Path | None, work: Callable[[db.Pool], Awaitable[Any]]) -> Any:
    """Do `work` on the configured database, for as long as it takes: the service's time limits are not a command's.

    Raises:
        RefusedError: no database was named.
        ConfigError: one of the registry's own was named, and it was never started.
        DatabaseError: not reachable, or it refused.
    """
    found = dsn or dsn_of(load_config(config).database)
    if not found:
        raise RefusedError(
            "database: expected --dsn or a --config with [database] dsn, or its data, got none; serve prints its own"
        )

    async def connected() -> Any:
        async with await db.connect(found, connections_max=2) as pool:
            with db.told():
                return await work(pool)

    return asyncio.run(connected())


@dataclass(frozen=True, slots=True)
class Who:
    """Who a command says that it acts for: `--as` and `--code`."""

    login: str | None
    code: str = ""


def run_by(
    dsn: str | None, config: Path | None, who: Who, work: Callable[[db.Pool, Actor | None], Awaitable[Any]]
) -> Any:
    """Do `work` as the person that `--as` names; None where the registry has no people and nobody is named.

    Raises:
        RefusedError: nobody is named, and the registry has people.
        ProblemError: what is shown is not theirs.
    """
    secret = read_secret() if who.login is not None else ""

    async def named(pool: db.Pool) -> Any:
        if who.login is not None:
            return await work(pool, await _identified(pool, who.login, secret, who.code))
        if await has_people(pool):
            raise RefusedError(
                "请用 --as 写明是谁 · --as: expected the login of whoever does this, got none; since init nobody acts "
                "without a name, and the password is read from standard input"
            )
        return await work(pool, None)

    return run_on(dsn, config, named)


def run_as(dsn: str | None, config: Path | None, who: Who, work: Callable[[db.Pool, Actor], Awaitable[Any]]) -> Any:
    """Do `work`, which only people do, as the person that `--as` names.

    Raises:
        RefusedError: nobody is named.
        ProblemError: what is shown is not theirs.
    """

    async def by_somebody(pool: db.Pool, actor: Actor | None) -> Any:
        if actor is None:
            raise RefusedError(
                "还没有人员，请先 central-registry init · people: expected a registry that has some, got one that has "
                "none; begin with central-registry init"
            )
        return await work(pool, actor)

    return run_by(dsn, config, who, by_somebody)


def run_changing(
    dsn: str | None, config: Path | None, who: Who, deed: Deed, work: Callable[[db.Pool], Awaitable[Any]]
) -> Any:
    """Do `work`, which knows no people: as `--as` names, if they may, with a row in the audit before it and another if
    it is refused; without a row where the registry has no people.

    Raises:
        RefusedError: nobody is named, and the registry has people.
        ProblemError: what is shown is not theirs, or they may not.
    """

    async def by_somebody(pool: db.Pool, actor: Actor | None) -> Any:
        if actor is None:
            return await work(pool)
        await begin_deed(pool, actor, deed, db.now())
        try:
            return await work(pool)
        except AgentError as refusal:
            await refuse_deed(pool, actor, deed, str(refusal), db.now())
            raise

    return run_by(dsn, config, who, by_somebody)


async def _identified(pool: db.Pool, login: str, secret: str, code: str) -> Actor:
    """Who shows their password, or a session of theirs: break-glass gives nothing else."""
    at = db.now()
    found = await actor_of(pool, secret, at)
    if found is not None and (await me(pool, found))["login"] == login.strip().lower():
        return found
    return await identify(pool, Doorstep(), Shown(login, secret, code), at)


def read_secret() -> str:
    """A line of standard input; asked for without an echo where somebody types. Never of the environment or the
    command line, which other programs can read. Raises RefusedError: there is none."""
    if sys.stdin.isatty():
        return str(typer.prompt("密码 password", hide_input=True, err=True))
    secret = sys.stdin.readline().rstrip("\r\n")
    if not secret:
        raise RefusedError("密码 password: expected a line on standard input, got none; type it, or send it in a pipe")
    return secret


def read_file(file: Path) -> bytes:
    """Its bytes. Raises RefusedError: it cannot be read."""
    with open_file(file) as opened:
        return opened.read()


def open_file(file: Path) -> BinaryIO:
    """It, to be read. Raises RefusedError: it cannot be opened."""
    try:
        return file.open("rb")
    except OSError as cause:
        raise RefusedError(f"{file}: expected a readable file, got {cause.strerror}; check the path") from cause


def dsn_of(database: Database) -> str:
    """Of the database that a configuration names, "" if it names none. Raises ConfigError: it has no login yet."""
    return database.dsn or (Home(Path(database.data).absolute()).dsn() if database.data else "")


def show(value: Any, as_json: bool, text: str) -> None:
    """Print a result once."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str) if as_json else text)
