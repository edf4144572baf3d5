"""`central-registry parties particulars`: what a party says of itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from central_registry import db
from central_registry.cli.common import AsOption, CodeOption, ConfigOption, DsnOption, JsonOption, Who, run_as, show
from central_registry.parties.particulars import Particulars, set_particulars


def parties_particulars(
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="名称 · as on the licence")] = None,
    short_name: Annotated[str | None, typer.Option("--short-name", metavar="NAME", help="简称 · short name")] = None,
    address: Annotated[str | None, typer.Option("--address", metavar="TEXT", help="地址 · address")] = None,
    contact: Annotated[str | None, typer.Option("--contact", metavar="TEXT", help="联系电话 · telephone")] = None,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """改本单位资料；名称、电话要核准后才变 · Particulars; a name or telephone changes once a second person agrees.

    Example: central-registry parties particulars --contact 0573-00000000 --as wang
    """
    new = Particulars(name, short_name, address, contact)
    done = run_as(dsn, config, Who(as_login, code), lambda pool, actor: set_particulars(pool, actor, new, db.now()))
    said = f"待核准 waits for a second person: {done.waits}" if done.waits else "已保存 saved"
    show(asdict(done), as_json, said)
