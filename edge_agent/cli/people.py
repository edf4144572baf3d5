"""`edge-agent people …` and `tokens …`: who works here, their badges and PINs, and the programs that may act.

On the file itself, whether the agent runs or not: who may write it is the service's user, as with the ledger.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from edge_agent.access import codes, pins
from edge_agent.access.roles import ROLES, Role, Scope
from edge_agent.access.store import PeopleStore, Person, Program
from edge_agent.cli.common import Api, ConfigOption, JsonOption, configuration, show
from edge_agent.config import AgentConfig
from edge_agent.files import keep_private, start_of
from edge_agent.render.badge_card import badge_card
from edge_agent.render.preview import write_preview
from label_protocol.errors import ConfigError

_PIN_FILE = 100
"""Bytes; a PIN has twelve digits at most."""
CARD_DPI = 300
"""What office printers have at least."""

people_app = typer.Typer(help="人员 · Who works here: badges and PINs", no_args_is_help=True)
tokens_app = typer.Typer(help="程序令牌 · Tokens of programs", no_args_is_help=True)

Who = Annotated[str, typer.Argument(help="姓名或编号，people list 打出 · name or id", metavar="WHO")]
PinFile = Annotated[
    Path | None,
    typer.Option("--pin-file", help="PIN 所在的文件，- 从标准输入读 · file with the PIN; -: stdin", metavar="F"),
]


def _store(config: Path | None) -> tuple[AgentConfig, PeopleStore]:
    settings = configuration(config)
    return settings, PeopleStore(settings.people_path)


@people_app.command()
def add(
    name: Annotated[str, typer.Argument(help="姓名 · name", metavar="NAME")],
    role: Annotated[Role, typer.Option("--role", help="操作员、班长、技术人员 · what this person is")] = Role.OPERATOR,
    pin: Annotated[bool, typer.Option("--pin", help="操作员也要 PIN · an operator with a PIN, too")] = False,
    pin_file: PinFile = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """加一个人；第一个必须是班长，此后操作都要扫工牌 · Add somebody; the first is a lead, then people are asked.

    Example: edge-agent people add 示例甲 --role lead
    """
    settings, store = _store(config)
    asks = pin or pin_file is not None or role is not Role.OPERATOR
    person = store.add(name, role, _new_pin(settings, pin_file) if asks else None)
    _say(person, as_json, f"已加 added；打工牌 badge: edge-agent people badge {person.name} --out badge.pdf")


@people_app.command(name="list")
def list_people(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """名单 · Who works here, and who did.

    Example: edge-agent people list
    """
    there = _store(config)[1].people()
    show([_row(one) for one in there], as_json=as_json, text="\n".join(map(_line, there)) or "没有人 · nobody yet")


@people_app.command()
def badge(
    who: Who,
    out: Annotated[Path | None, typer.Option("--out", help="F.png 或 F.pdf · picture or page", metavar="F")] = None,
    printer: Annotated[
        str | None, typer.Option("--printer", help="打在这台打印机的标签上 · on a label of this printer", metavar="P")
    ] = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """新工牌；旧的马上作废 · A new badge as a picture or a page, or on a label; the old one is void at once.

    Example: edge-agent people badge 示例甲 --printer line-1
    """
    if (out is None) == (printer is None):
        raise typer.BadParameter("expected either --out F or --printer P")
    settings, store = _store(config)
    person, code = store.person(who), codes.new_badge(os.urandom)
    if out is None:
        found = Api(settings).call("POST", f"/people/{person.id}/badge", {"printer": printer})
        _say(person, as_json, f"{printer}: {found['words']['zh']} · {found['words']['en']}")
        return
    write_preview(
        badge_card(code, person.name, f"{ROLES[person.role].zh} {person.role.value}", CARD_DPI), CARD_DPI, out
    )
    keep_private(out)  # whoever reads it is that person, from the next line on
    store.new_badge(person.id, codes.digest(code))
    _say(person, as_json, f"新工牌 new badge: {out}；打完请删掉文件 delete the file once it is printed")


@people_app.command()
def revoke(who: Who, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """工牌作废 · The badge is lost: it lets nobody in any more.

    Example: edge-agent people revoke 示例甲
    """
    _say(_store(config)[1].revoke_badges(who), as_json, "工牌已作废 badge revoked")


@people_app.command()
def pin(who: Who, pin_file: PinFile = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """设 PIN · Set a PIN.

    Example: edge-agent people pin 示例甲
    """
    settings, store = _store(config)
    person = store.person(who)
    store.set_pin(person.id, _new_pin(settings, pin_file))
    _say(person, as_json, "PIN 已设 set")


@people_app.command()
def leave(who: Who, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """离职：工牌和 PIN 马上作废 · Somebody left: badge and PIN are void at once.

    Example: edge-agent people leave 示例甲
    """
    _say(_store(config)[1].leave(who), as_json, "已离职 left")


@people_app.command()
def forget(who: Who, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """删去离职者的姓名，编号留在账里 · Empty the name of somebody who left; the id stays in the ledger.

    Example: edge-agent people forget 示例甲
    """
    _say(_store(config)[1].forget(who), as_json, "姓名已删 name emptied")


@people_app.command()
def unlock(who: Who, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """PIN 输错被锁，现在解开 · Let somebody in again who is locked after wrong PINs.

    Example: edge-agent people unlock 示例甲
    """
    _, store = _store(config)
    person = store.person(who)
    store.set_wrong_pins(person.id, 0)
    _say(person, as_json, "已解锁 unlocked")


@tokens_app.command(name="add")
def add_token(
    name: Annotated[str, typer.Argument(help="程序名 · what the program is called", metavar="NAME")],
    scope: Annotated[list[Scope], typer.Option("--scope", help="能做什么，可写多次 · what it may; more than once")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """给程序一个令牌，只显示这一次 · A token for a program; it is shown this once.

    Example: edge-agent tokens add MES --scope orders
    """
    _, store = _store(config)
    secret = codes.new_secret(os.urandom)
    program = store.add_program(name, frozenset(scope), codes.digest(secret))
    text = f"{_program_line(program)}\n{secret}\nAuthorization: Bearer …；只显示这一次 shown this once"
    show(_program(program) | {"token": secret}, as_json=as_json, text=text)


@tokens_app.command(name="list")
def list_tokens(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """令牌列表 · Programs that were given one.

    Example: edge-agent tokens list
    """
    there = _store(config)[1].programs()
    text = "\n".join(map(_program_line, there)) or "没有 · none"
    show([_program(one) for one in there], as_json=as_json, text=text)


@tokens_app.command(name="revoke")
def revoke_token(
    program: Annotated[str, typer.Argument(help="程序名或编号 · name or id", metavar="PROGRAM")],
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """吊销 · Take a program's token back.

    Example: edge-agent tokens revoke MES
    """
    found = _store(config)[1].revoke_program(program)
    show(_program(found), as_json=as_json, text=f"{found.id}  {found.name}  已吊销 revoked")


def _new_pin(settings: AgentConfig, file: Path | None) -> str:
    """What is stored of a PIN that was typed twice, or read. Raises as `pins.require_good`, ConfigError."""
    if file is None and sys.stdin.isatty():
        given: str = typer.prompt("PIN", hide_input=True, confirmation_prompt=True)
    else:
        given = _read_pin(file)
    return pins.hashed(pins.require_good(given.strip(), settings.people.pin_digits_min))


def _read_pin(file: Path | None) -> str:
    if file is None or str(file) == "-":
        return sys.stdin.readline(_PIN_FILE)
    try:
        return start_of(file, _PIN_FILE).decode("utf-8-sig")
    except (OSError, ValueError) as cause:
        raise ConfigError(f"{file}: expected a file with the PIN, got {cause}; check the path") from cause


def _row(person: Person) -> dict[str, Any]:
    """What is told of somebody: never what badge or PIN are kept as."""
    told = {name: value for name, value in asdict(person).items() if name != "pin"}
    return told | {"role": person.role.value, "has_pin": person.pin is not None}


def _line(person: Person) -> str:
    marks: Sequence[tuple[bool, str]] = (
        (person.has_badge, "有工牌 badge"),
        (person.pin is not None, "有 PIN"),
        (person.left_at is not None, f"已离职 left {person.left_at}"),
        (person.locked_until_s > 0, "曾被锁 was locked"),
    )
    told = "  ".join(words for holds, words in marks if holds)
    return f"{person.id}  {person.name or '—'}  {ROLES[person.role]}  {told}".rstrip()


def _say(person: Person, as_json: bool, words: str) -> None:
    show(_row(person), as_json=as_json, text=f"{person.id}  {person.name}  {ROLES[person.role]}  {words}")


def _program(program: Program) -> dict[str, Any]:
    return asdict(program) | {"scopes": sorted(program.scopes)}


def _program_line(program: Program) -> str:
    gone = f"  已吊销 revoked {program.revoked_at}" if program.revoked_at else ""
    return f"{program.id}  {program.name}  {', '.join(sorted(program.scopes))}{gone}"
