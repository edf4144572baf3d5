"""What is done after the configuration is written, as the commands somebody could type one by one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

OPERATOR = "setup"
"""Whose test labels these are, on a site that has named nobody yet."""


@dataclass(frozen=True, slots=True)
class Step:
    """`words` follow `edge-agent` on its line; `zh` and `en` say what they do. `needs_agent`: it asks a running one."""

    zh: str
    en: str
    words: Sequence[str]
    needs_agent: bool = False


def steps(
    config: str,
    *,
    token_file: str | None = None,
    lead: str | None = None,
    pin_file: str | None = None,
    service: bool = False,
    tests: Sequence[str] = (),
) -> list[Step]:
    """The steps in their order: what has the ledger's file to itself comes before the agent that keeps it. The first
    person comes last: from then on people are asked, also for test labels."""
    named = ("--config", config)
    found = []
    if token_file is not None:
        found.append(Step("登记", "enrol", ("enrol", "--token-file", token_file, *named)))
    if service:
        found.append(Step("装成服务并启动", "install and start the service", ("service", "install", *named)))
    for printer in tests:
        words = ("printers", "test", printer, "--operator", OPERATOR, *named)
        found.append(Step("打测试签", "print a test label", words, needs_agent=True))
    if lead is not None:
        pin = () if pin_file is None else ("--pin-file", pin_file)
        found.append(
            Step("加第一个班长", "add the first lead", ("people", "add", lead, "--role", "lead", *pin, *named))
        )
    return found
