"""The manual page edge-agent(1), made of the commands' own --help: man-pages(7), groff_man(7). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
import typer.main

_HEAD = r""".\" Made of --help by tools/deb; changes go into the commands.
.TH EDGE-AGENT 1 "" "edge-agent {version}" "edge-agent"
.SH NAME
edge-agent \- {what}
.SH SYNOPSIS
.B edge-agent
.I COMMAND
[\fIOPTIONS\fR]
.SH COMMANDS
"""
_TAIL = r""".SH FILES
.TP
.I /etc/edge-agent/agent.toml
the configuration of this machine; a user's own, ~/.config/edge-agent/agent.toml, goes before it
.TP
.I /var/lib/edge-agent
ledger, witness, catalogue, credentials
.SH EXIT STATUS
0 done, 1 refused with one line that says why, 2 wrong usage.
.SH SEE ALSO
.BR systemctl (1),
.BR journalctl (1)
"""


def man_page(app: typer.Typer, version: str) -> str:
    """The page in roff; UTF-8, as man-db reads pages today."""
    group = typer.main.get_command(app)
    head = _HEAD.replace("{version}", version).replace("{what}", _escaped((group.help or "").split("\n")[0]))
    return head + "".join(_section(words, one) for words, one in _commands(group)) + _TAIL


def _commands(command: Any, *words: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command that does something, with the words that name it."""
    if not hasattr(command, "commands"):
        yield words, command
    for name, below in sorted(getattr(command, "commands", {}).items()):
        yield from _commands(below, *words, name)


def _section(words: tuple[str, ...], command: Any) -> str:
    arguments = [one.metavar or one.name.upper() for one in command.params if one.param_type_name == "argument"]
    title = _escaped(" ".join(["edge-agent", *words, *arguments]))
    paragraphs = [_escaped(one) for one in (command.help or "").split("\n\n")]
    return f".SS {title}\n" + "\n.PP\n".join(paragraphs) + "\n" + "".join(_options(command))


def _options(command: Any) -> Iterator[str]:
    """Arguments as well: both are explained once."""
    for one in command.params:
        if one.name != "help" and not one.hidden:
            value = one.metavar or one.name.upper()
            names = [] if one.param_type_name == "argument" else [", ".join([*one.opts, *one.secondary_opts])]
            named = " ".join([*names, *([] if getattr(one, "is_flag", False) else [value])])
            yield f".TP\n.B {_escaped(named)}\n{_escaped(one.help or '')}\n"


def _escaped(text: str) -> str:
    """A backslash begins an escape, a dot or an apostrophe at the start of a line a request; a bare - is a hyphen."""
    plain = " ".join(text.split()).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{plain}" if plain[:1] in (".", "'") else plain
