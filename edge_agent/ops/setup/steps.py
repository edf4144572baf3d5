"""What is done after the configuration is written, as the commands somebody could type one by one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

OPERATOR = "setup"
"""Whose test labels these are, on a site that has named nobody yet."""


@dataclass(frozen=True, slots=True)
class Secret:
    """Something that was typed and stands in no command line and in no file."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """`words` follow `edge-agent` on its line; `zh` and `en` say what they do. `needs_agent`: it asks a running one.
    `given` is what it reads from its standard input."""

    zh: str
    en: str
    words: Sequence[str]
    needs_agent: bool = False
    given: str | None = field(default=None, repr=False)

    @property
    def typed(self) -> str:
        """As somebody could type it."""
        return " ".join(["edge-agent", *self.words])


def steps(
    config: str,
    *,
    tls: bool = False,
    token: PurePath | Secret | None = None,
    registry_here: bool = False,
    lead: str | None = None,
    pin: PurePath | Secret | None = None,
    service: bool = False,
    tests: Sequence[str] = (),
) -> list[Step]:
    """The steps in their order: what has the ledger's file to itself comes before the agent that keeps it. The first
    person comes last: from then on people are asked, also for test labels."""
    named = ("--config", config)
    found = []
    if registry_here:
        found.append(Step("开本机平台", "start a registry on this PC", ("registry-here", "install")))
        found.append(Step("登记到本机平台", "enrol there", ("registry-here", "enrol", *named)))
    elif token is not None:
        shown = ("--token", "-") if isinstance(token, Secret) else ("--token-file", str(token))
        found.append(Step("登记", "enrol", ("enrol", *shown, *named), given=_given(token)))
    if tls:
        found.append(Step("做本站证书", "make the site's certificate", ("tls", "init", *named)))
    if service:
        found.append(Step("装成服务并启动", "install and start the service", ("service", "install", *named)))
    for printer in tests:
        trial = ("printers", "test", printer, "--operator", OPERATOR, *named)
        found.append(Step("打测试签", "print a test label", trial, needs_agent=True))
    if lead is not None:
        file = () if pin is None else ("--pin-file", "-" if isinstance(pin, Secret) else str(pin))
        person = ("people", "add", lead, "--role", "lead", *file, *named)
        found.append(Step("加第一个班长", "add the first lead", person, given=_given(pin)))
    return found


def _given(what: PurePath | Secret | None) -> str | None:
    return f"{what.text}\n" if isinstance(what, Secret) else None
