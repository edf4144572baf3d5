"""`central-registry lots …` and `allot`: what was inspected, and how much of it may be labelled by whom."""

from __future__ import annotations

import getpass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from central_registry import db
from central_registry.cli.common import (
    AsOption,
    CodeOption,
    ConfigOption,
    DsnOption,
    JsonOption,
    LotOption,
    ReasonOption,
    StyleOption,
    Who,
    read_file,
    run_as,
    run_by,
    run_changing,
    run_on,
    show,
)
from central_registry.goods.importing import import_goods, preview_goods, previewed
from central_registry.goods.limits import set_limit
from central_registry.goods.lot_import import Placed, Taken, import_lots, preview
from central_registry.goods.lot_limit import Excess, Override
from central_registry.goods.quota_keys import quota_key
from central_registry.goods.records import read_records
from central_registry.goods.sheets import read_goods
from central_registry.issuing import allotments
from central_registry.parties.actor import UNASSIGNED, Actor, PartyKind
from central_registry.parties.acts import Act
from central_registry.parties.deeds import Deed
from label_protocol.answers import SPOILAGE_PERMILLE

lots_app = typer.Typer(help="批次 · Lots and styles", no_args_is_help=True)

OverrideOption = Annotated[
    str | None,
    typer.Option("--override", metavar="REASON", help="超出检验数量的理由，留底 · more than was inspected: why; kept"),
]
ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="谁决定，默认为本机登录名 · whose word; default: who is logged in"),
]


@lots_app.command("import")
def lots_import(
    file: Path,
    replace: Annotated[
        bool, typer.Option("--replace", help="以文件为准，替换已有内容 · take the file where it differs")
    ] = False,
    firm: Annotated[
        str | None,
        typer.Option("--firm", metavar="USCC", help="哪家企业的；不写为未归属 · whose; default: nobody's yet"),
    ] = None,
    only_preview: Annotated[
        bool, typer.Option("--preview", help="只看会有的变化，不写入 · say what would change, write nothing")
    ] = False,
    override: OverrideOption = None,
    by: ByOption = None,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """导入批次 · Garment records as JSON, or a sheet (CSV, XLSX); what differs is named and needs --replace.

    Example: central-registry lots import lots.json

    Example: central-registry lots import lots.json --replace

    Example: central-registry lots import lots.xlsx --firm 91330482MA0000003X --preview --as zhang
    """
    goods, word, who = _read(file), _override(override, by), Who(as_login, code)
    if only_preview:
        shown = run_by(dsn, config, who, partial(_preview, goods=goods, firm=firm, replace=replace))
        show(shown, as_json, "\n".join(_preview_lines(shown)))
        return
    found = run_by(dsn, config, who, partial(_import, goods=goods, firm=firm, replace=replace, word=word))
    show(found, as_json, _imported(found))


def _read(file: Path) -> list[Placed]:
    data = read_file(file)
    if file.suffix.lower() != ".json":
        return list(read_goods(data, str(file)))
    return [(f"record {number}", record) for number, record in enumerate(read_records(data, str(file)), 1)]


def _whose(actor: Actor | None, firm: str | None) -> str:
    """A firm's person imports for their firm."""
    own = actor.party if actor is not None and actor.kind is PartyKind.FIRM else UNASSIGNED
    return firm or own


async def _import(
    pool: db.Pool, actor: Actor | None, *, goods: list[Placed], firm: str | None, replace: bool, word: Override | None
) -> dict[str, int]:
    whose = _whose(actor, firm)
    if actor is None:
        return await import_lots(pool, [record for _, record in goods], firm=whose, replace=replace, override=word)
    at = db.now()
    return await import_goods(pool, actor, goods, whose, at, replace=replace, source="command", override=word)


async def _preview(
    pool: db.Pool, actor: Actor | None, *, goods: list[Placed], firm: str | None, replace: bool
) -> dict[str, Any]:
    whose = _whose(actor, firm)
    if actor is not None:
        return await preview_goods(pool, actor, goods, whose, replace=replace)
    async with pool.acquire() as connection:
        steps = await preview(connection, goods, Taken(whose, replace=replace))
    return previewed(steps)


def _preview_lines(found: dict[str, Any]) -> list[str]:
    rows = [
        f"{row['where']}: {row['what']} {row['number']} {row['state']}" + "".join(f"; {one}" for one in row["told"])
        for row in found["rows"]
    ]
    return [*rows, ", ".join(f"{name} {count}" for name, count in found["counts"].items())]


def _imported(found: dict[str, int]) -> str:
    sizes = found["other_sizes"]
    return (
        f"已导入 imported: {found['styles']} styles, {found['lots']} lots; "
        f"新增或替换 new or replaced: {found['changed']}"
        + (f"; 其他尺码，首次导入的不变 other sizes, kept as first imported: {sizes}" if sizes else "")
    )


@lots_app.command("show")
def lots_show(lot_no: str, dsn: DsnOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """查看批次 · What was inspected, who may label how much of it, and by whose word more than that.

    Example: central-registry lots show L20261118A
    """
    key = quota_key(lot_no, None)
    found = run_on(dsn, config, lambda pool: allotments.show_lot(pool, key))
    show(found, as_json, "\n".join(_lot_lines(found)))


def _lot_lines(found: dict[str, Any]) -> list[str]:
    quantity = "未填 not stated" if found["quantity"] is None else found["quantity"]
    lines = [
        f"{found['lot_no']} ({found['style_no']}): 检验数量 inspected {quantity}, 已分配 allotted {found['allotted']}"
        + (f"; 超出 above {found['above']}" if found["above"] else "")
    ]
    lines += [
        f"{row['agent']}: 分配 allotted {row['allotted']}, 已发 drawn {row['drawn']}, "
        f"作废 scrapped or invalid {row['freed']}"
        for row in found["agents"]
    ]
    lines += override_lines(found["overrides"])
    lines += [f"! 已暂停 suspended: {found['suspended']}"] if found["suspended"] is not None else []
    lines += [f"! 已召回 recalled: {found['recalled']}"] if found["recalled"] is not None else []
    return lines


def override_lines(rows: list[dict[str, Any]]) -> list[str]:
    """A line for each time more was allotted than was inspected."""
    return [
        f"! 超量 {row['quota_key']}: 分配 allotted {row['allotted']}, 检验 inspected {row['inspected'] or '–'} "
        f"({row['agent'] or '改批次 lot replaced'}, {row['by_whom']}, {row['at']:%Y-%m-%d %H:%M}): {row['reason']}"
        for row in rows
    ]


@lots_app.command("limit")
def lots_limit(
    firm: str,
    what: Annotated[Literal["lot", "style"], typer.Argument(help="批次或款号 · of a lot or a style")],
    number: str,
    quantity: Annotated[int, typer.Option("--quantity", metavar="N", help="最多枚数 · labels at most")],
    reason: ReasonOption,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """设定无证书货品的限量 · How many labels goods without a certificate may have.

    Example: central-registry lots limit 91330482MA0000207M style S-001 --quantity 5000 --reason "合格证卡" --as zhang
    """
    goods = (firm, what, number)
    run_as(
        dsn,
        config,
        Who(as_login, code),
        lambda pool, actor: set_limit(pool, actor, goods, quantity, reason=reason, at=db.now()),
    )
    show({"firm": firm, what: number, "quantity": quantity}, as_json, f"{what} {number}: 最多 at most {quantity}")


def allot(
    agent: Annotated[str, typer.Option("--agent", metavar="NAME", help="打印端 · the agent")],
    quantity: Annotated[int, typer.Option("--quantity", metavar="N", help="合计数 · the new total, not an addition")],
    lot: LotOption = None,
    style: StyleOption = None,
    spoilage_permille: Annotated[
        int, typer.Option("--spoilage-permille", metavar="N", help="损耗千分数 · spare, in thousandths")
    ] = SPOILAGE_PERMILLE,
    override: OverrideOption = None,
    by: ByOption = None,
    as_login: AsOption = None,
    code: CodeOption = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """分配数量 · Allot labels: over all agents no more than the lot's inspected quantity, and no less than was drawn.

    Example: central-registry allot --lot L20261118A --agent line-1 --quantity 5000

    Example: central-registry allot --lot L20261118A --agent line-1 --quantity 5200 --override "补检200件，报告在途"
    """
    key = quota_key(lot, style)
    word = _override(override, by)

    async def asked_first(pool: db.Pool) -> tuple[bool, Excess | None]:
        known = await allotments.is_known(pool, key)
        found = await allotments.allot(pool, agent, key, quantity, spoilage_permille=spoilage_permille, override=word)
        return known, found

    act = Act.APPROVE_CODES if word is None else Act.OVERRIDE_QUANTITY
    deed = Deed(act, f"{agent} {key}", f"= {quantity} {override or ''}", key=key)
    known, over = run_changing(dsn, config, Who(as_login, code), deed, asked_first)
    if not known:
        typer.echo(f"! {key}: 平台尚无此款号，请核对 unknown here so far, check that it is the right one", err=True)
    above = {"allotted": over.allotted, "inspected": over.inspected} if over else None
    words = f"已分配 {agent}: {key} = {quantity}"
    if over:
        words += f"; 超量已留底 more than inspected, kept: {over.allotted} / {over.inspected or '–'}"
    show({"agent": agent, "quota_key": key, "quantity": quantity, "override": above}, as_json, words)


def _override(reason: str | None, by: str | None) -> Override | None:
    return None if reason is None else Override(by or _who(), reason, db.now())


def _who() -> str:
    """Who is logged in at this computer; a service without an account has no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"
