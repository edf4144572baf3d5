"""`central-registry place …`: where a garment, a carton, a waybill is; what a clerk tells of it."""

from __future__ import annotations

from typing import Annotated

import typer

from central_registry import db
from central_registry.cli.common import (
    AsOption,
    CodeOption,
    ConfigOption,
    DsnOption,
    JsonOption,
    Who,
    run_as,
    show,
)
from central_registry.place.custody import Kind
from central_registry.place.finding import find_place, find_waybill, tell_place

place_app = typer.Typer(help="衣服在哪里 · Where garments are", no_args_is_help=True)


@place_app.command("find")
def place_find(
    unit: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """一件或一箱在哪里 · Where a garment or a carton is: its cartons, waybill, who has it, what is in it.

    Example: central-registry place find 1A40123456789ABC0 --as zhang
    """
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: find_place(pool, actor, unit))
    lines = [
        f"{found['unit']}  {found['last'] or '-'}",
        f"箱 cartons: {' < '.join(found['within']) or '-'}",
        f"运单 waybill: {found['waybill'] or '-'}",
        f"在谁手里 with: {' '.join(found['holders']) or '-'}",
        *(f"  {row['at']:%Y-%m-%d %H:%M}  {row['kind']}  {row['party']}  {row['unit']}" for row in found["moved"]),
        *(f"  只是声称 only claimed: {row['kind']}  {row['party']}" for row in found["claims"]),
        *(f"  内有 inside: {one}" for one in found["inside"]),
    ]
    show(found, as_json, "\n".join(lines))


@place_app.command("waybill")
def place_waybill(
    waybill: str,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """一张运单上有什么 · What travels on a waybill.

    Example: central-registry place waybill SF100 --as zhang
    """
    found = run_as(dsn, config, Who(as_login, code), lambda pool, actor: find_waybill(pool, actor, waybill))
    show(found, as_json, "\n".join(found["units"]))


@place_app.command("tell")
def place_tell(
    kind: Kind,
    units: list[str],
    carton: Annotated[str, typer.Option("--carton", metavar="SSCC", help="装进哪一箱 · packed into which")] = "",
    waybill: Annotated[str, typer.Option("--waybill", help="运单号 · of what is shipped")] = "",
    to: Annotated[str, typer.Option("--to", metavar="PARTY", help="收货方 · the party it goes to")] = "",
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """登记装箱、发货、收货、退货、销毁 · Tell what happened to serials or cartons of yours.

    Example: central-registry place tell shipped 106141412345678908 --waybill SF100 --as zhang
    """
    done = run_as(
        dsn,
        config,
        Who(as_login, code),
        lambda pool, actor: tell_place(pool, actor, kind, units, db.now(), carton=carton, waybill=waybill, to=to),
    )
    claims = "".join(
        f"\n不在贵方手里，只记为声称 not in your custody, kept as a claim: {one}" for one in done["claims"]
    )
    show(done, as_json, f"已登记 told: {done['moved']} / {done['units']}{claims}")
