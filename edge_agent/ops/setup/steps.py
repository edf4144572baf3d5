"""What is done after the configuration is written, as the commands somebody could type one by one. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """`words` follow `edge-agent` on its line; `zh` and `en` say what they do. `needs_agent`: it asks a running one."""

    zh: str
    en: str
    words: Sequence[str]
    needs_agent: bool = False


def steps(
    config: str, *, token_file: str | None = None, service: bool = False, tests: Sequence[str] = (), operator: str = ""
) -> list[Step]:
    """The steps in their order: who has the ledger's file to himself comes before the agent that keeps it."""
    named = ("--config", config)
    found = []
    if token_file is not None:
        found.append(Step("登记", "enrol", ("enrol", "--token-file", token_file, *named)))
    if service:
        found.append(Step("装成服务并启动", "install and start the service", ("service", "install", *named)))
    for printer in tests:
        words = ("printers", "test", printer, *(("--operator", operator) if operator else ()), *named)
        found.append(Step("打测试签", "print a test label", words, needs_agent=True))
    return found
