"""Carries a first start out: the configuration first, then each step as a command that somebody could have typed.

The same for the command and for its page: what was wanted comes in as one value, how each step went goes out.
"""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from edge_agent.config import AgentConfig
from edge_agent.ops.registry_here import install as own_registry
from edge_agent.ops.registry_here import unit as own
from edge_agent.ops.service import systemd
from edge_agent.ops.setup.answers import Answers
from edge_agent.ops.setup.steps import Secret, Step, steps
from edge_agent.ops.setup.write import write_config

HOST = systemd.Host(Path("/"), systemd.run_here)
_READY = "running"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """All that was answered. `token` and `pin` are files, or what was typed; `test`: a label on each printer."""

    answers: Answers
    registry_here: bool = False
    token: Path | Secret | None = None
    lead: str | None = None
    pin: Path | Secret | None = None
    service: bool = False
    test: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a step went; `said` is empty where it spoke to the terminal itself."""

    step: Step
    ok: bool
    said: str = ""


Do = Callable[[Step], Outcome]


def with_own_registry(answers: Answers) -> Answers:
    """The same with a registry on this PC. Raises ConfigError: its PostgreSQL is not installed."""
    own_registry.program()
    return replace(answers, registry=own.URL, dump=PurePosixPath(own.DUMP))


def write(path: Path, wanted: Wanted, *, change: bool, now: str) -> AgentConfig:
    """Write the configuration and make the service's user and folders, so that all that follows works as that user.

    Raises:
        ConfigError, ConflictError: as `write_config`, or the service could not see a file of it.
        RefusedError: systemd refuses.
    """
    settings = write_config(path, wanted.answers, change=change, now=now)
    if wanted.service:
        systemd.prepare(HOST, settings, path)
    return settings


def planned(path: Path, wanted: Wanted, settings: AgentConfig) -> list[Step]:
    """What is done after the configuration is written. An authority that devices trust already is not made again."""
    from edge_agent.access.tls.site_folder import SiteFolder  # certificates are no other command's affair

    tls = wanted.answers.others and not SiteFolder(settings.tls_folder).authority_path.exists()
    tests = [row.id for row in settings.printers] if wanted.test else []
    return steps(
        str(path),
        tls=tls,
        token=wanted.token,
        registry_here=wanted.registry_here,
        lead=wanted.lead,
        pin=wanted.pin,
        service=wanted.service,
        tests=tests,
    )


def carry_out(path: Path, todo: Sequence[Step], *, service: bool, do: Do) -> Iterator[Outcome]:
    """The steps one after another, each whatever became of those before. From the first that asks an agent on, one runs
    beside them, if the `service` does not."""
    before = list(itertools.takewhile(lambda step: not step.needs_agent, todo))
    after = todo[len(before) :]
    yield from map(do, before)
    with _agent(path) if after and not service else contextlib.nullcontext():
        yield from map(do, after)


def at_the_terminal(step: Step) -> Outcome:
    """It asks and tells there itself."""
    return Outcome(step, _run(step, hears=False).returncode == 0)


def unseen(step: Step) -> Outcome:
    """Nobody can be asked; what it said is kept, its last lines last."""
    ended = _run(step, hears=True)
    return Outcome(step, ended.returncode == 0, f"{ended.stdout or ''}{ended.stderr or ''}".strip()[-2000:])


def _run(step: Step, *, hears: bool) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "edge_agent", *step.words]
    given = step.given or ("" if hears else None)
    return subprocess.run(words, input=given, capture_output=hears, text=True, encoding="utf-8", check=False)  # noqa: S603


@contextlib.contextmanager
def _agent(path: Path) -> Iterator[None]:
    """An agent for the time of the test labels; a printer takes one connection, and the agent is who prints."""
    command = [sys.executable, "-m", "edge_agent", "run", "--config", str(path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, encoding="utf-8") as agent:  # noqa: S603
        told = ""
        for line in agent.stderr or ():
            told = line
            if _READY in line and "http" in line:
                break
        else:
            sys.stderr.write(told)  # why there is none; the steps that ask one fail after it
        try:
            yield
        finally:
            agent.terminate()
            agent.communicate()
