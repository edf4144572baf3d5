"""`central-registry roles`: makes the three logins of the service in a PostgreSQL that is not the registry's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from central_registry.cli.common import ConfigOption, DsnOption, JsonOption, run_on, show
from central_registry.config import load_config
from central_registry.db import Pool, in_transaction
from central_registry.fence.policies import Role
from central_registry.fence.roles import apply, as_login, as_text
from central_registry.problems import RefusedError


def roles(
    apply_now: Annotated[
        bool, typer.Option("--apply", help="建好并打印三个登录 · make them; prints their logins once")
    ] = False,
    as_sql: Annotated[bool, typer.Option("--print", help="只打印给 DBA 的 SQL · only print the SQL for a DBA")] = False,
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """数据库内的三个角色，各单位的数据互相隔开 · Roles in the database, which keep each party's rows from the others.

    --dsn 用库主（超级用户）的 · The DSN is the owner's. Run again it gives new passwords; put the lines it prints into
    [database] of registry.toml and start the service again.

    Example: central-registry roles --apply --config registry.toml
    """
    if apply_now == as_sql:
        raise typer.BadParameter("expected either --apply or --print", param_hint="--apply")
    if as_sql:
        typer.echo(run_on(dsn, config, _text))
        return
    given = _owner(dsn, config)
    logins = run_on(given, None, _applied)
    found = {role.value: as_login(given, *login) for role, login in logins.items()}
    show(found, as_json, "\n".join(f'{role}_dsn = "{login}"' for role, login in found.items()))


async def _text(pool: Pool) -> str:
    return await in_transaction(pool, as_text)


async def _applied(pool: Pool) -> dict[Role, tuple[str, str]]:
    return await in_transaction(pool, apply)


def _owner(dsn: str | None, config: Path | None) -> str:
    """The owner's DSN. Raises RefusedError if there is none."""
    given = dsn or load_config(config).database.dsn
    if not given:
        raise RefusedError(
            "登记中心自带的数据库每次启动自己建角色 · roles: expected --dsn or [database] dsn, got a registry's own "
            "PostgreSQL or none; a registry's own makes its roles at each start"
        )
    return given
