"""`central-registry init` and `break-glass`: what the DSN alone may do."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from central_registry import db
from central_registry.cli.common import ConfigOption, DsnOption, JsonOption, ReasonOption, read_secret, run_on, show
from central_registry.parties import beginning
from central_registry.parties.actor import PartyKind
from central_registry.parties.admission import NewParty
from central_registry.parties.people import Word
from label_protocol.codes.issuer_range import ALL, IssuerRange


def init(
    association_uscc: Annotated[str, typer.Option("--association-uscc", metavar="USCC", help="协会的统一社会信用代码")],
    association_name: Annotated[str, typer.Option("--association-name", metavar="NAME", help="协会名称")],
    login: Annotated[str, typer.Option("--login", metavar="LOGIN", help="协会管理员的登录名 · its first officer")],
    officer_name: Annotated[str, typer.Option("--officer-name", metavar="NAME", help="协会管理员的姓名")],
    operator_name: Annotated[str, typer.Option("--operator-name", metavar="NAME", help="运营方名称")],
    operator_login: Annotated[
        str, typer.Option("--operator-login", metavar="LOGIN", help="运营方管理员的登录名 · the operator's officer")
    ],
    operator_officer_name: Annotated[
        str, typer.Option("--operator-officer-name", metavar="NAME", help="运营方管理员的姓名")
    ] = "管理员",
    operator_uscc: Annotated[
        str,
        typer.Option("--operator-uscc", metavar="USCC", help="协会自己运营就不写 · none: the association runs it"),
    ] = "",
    issuers: Annotated[
        str,
        typer.Option("--issuers", metavar="FIRST-LAST", help="发码段，独立平台为全部 · the registry's range"),
    ] = str(ALL),
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="从标准输入读两行密码：运营方、协会 · two passwords from standard input"),
    ] = False,
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """初始化，只做一次 · Begin: the operator, the first association, an officer of each with a one-time word.

    之后谁改东西都要写明是谁 · From then on whoever changes something says who they are (--as).

    Example: central-registry init --issuers 100-1ZZ --operator-uscc 91330482MA0000001P --operator-name 示例中心
    --operator-login runs --association-uscc 91330482MA0000002T --association-name 示例协会 --login zhang
    --officer-name 示例甲
    """
    wanted = beginning.Beginning(
        IssuerRange.parse(issuers),
        NewParty(PartyKind.OPERATOR, operator_uscc, operator_name, operator_login, operator_officer_name),
        NewParty(PartyKind.ASSOCIATION, association_uscc, association_name, login, officer_name),
        (read_secret(), read_secret()) if password_stdin else None,
    )
    begun = run_on(dsn, config, lambda pool: beginning.begin(pool, wanted, db.now()))
    told = {
        "operator": begun.operator,
        "association": begun.association,
        "issuers": str(wanted.issuers),
        "words": [asdict(word) for word in begun.words if not password_stdin],
    }
    lines = [f"已初始化 begun: {begun.operator}, {begun.association}, {wanted.issuers}"]
    lines += [word_line(word) for word in begun.words if not password_stdin]
    show(told, as_json, "\n".join(lines))


def break_the_glass(
    reason: ReasonOption,
    login: Annotated[
        str,
        typer.Option("--login", metavar="LOGIN", help="哪位管理员，缺省运营方的 · default: the operator's"),
    ] = "",
    dsn: DsnOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """应急：以管理员名义开一小时会话，留底并报警 · An hour's session of an officer; it is audited, and an alarm.

    会话口令可代替密码用于 --as · Its token may stand for the password of --as.

    Example: central-registry break-glass --login zhang --reason "管理员离职，无人能登录"
    """
    token, ends = run_on(dsn, config, lambda pool: beginning.break_glass(pool, reason, login, db.now()))
    told = f"会话口令 session (只显示一次 shown once, 有效至 good until {ends:%Y-%m-%d %H:%M} UTC): {token}"
    show({"session": token, "until": ends}, as_json, told)


def word_line(word: Word) -> str:
    """What an officer hands on to somebody who logs in for the first time."""
    return (
        f"一次性口令 one-time word for {word.login} (只显示一次 shown once, 有效至 good until "
        f"{word.until:%Y-%m-%d %H:%M} UTC, 登录时设新密码 choose a password at log-in): {word.word}"
    )
