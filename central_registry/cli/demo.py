"""`central-registry demo`: an association's day on this computer. The play is the agent's, found by name alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from importlib.metadata import EntryPoints, entry_points
from typing import Annotated

import typer

from central_registry.cli.serve import until_stopped
from central_registry.problems import RefusedError
from label_protocol.logs import configure_logs

GROUP, NAME = "central_registry.demo", "association"
"""The entry point of the wheel that has the play: the registry itself knows nothing of agents and printers."""

Play = Callable[..., Awaitable[bool]]
"""`(*, once, until)`; whether all that it promised was kept."""


def demo(
    once: Annotated[bool, typer.Option("--once", help="演一遍、核对、退出 · play, check, exit with 0 or 1")] = False,
) -> None:
    """协会演示：企业、证书、申请、打印、造假、停用；数据不保留 · An association's day; its data are gone at stop.

    Example: central-registry demo
    """
    play = find(entry_points(group=GROUP))
    configure_logs(quiet=True)
    with contextlib.suppress(KeyboardInterrupt):
        if not asyncio.run(_played(play, once)):
            raise typer.Exit(1)


async def _played(play: Play, once: bool) -> bool:
    return await play(once=once, until=until_stopped)


def find(installed: EntryPoints) -> Play:
    """The play. Raises RefusedError: it is not installed, or lacks what it needs, as on a registry host."""
    for point in installed.select(group=GROUP, name=NAME):
        try:
            found: Play = point.load()
        except ModuleNotFoundError as cause:
            raise _absent(f"no {cause.name}") from cause
        return found
    raise _absent("none")


def _absent(got: str) -> RefusedError:
    return RefusedError(
        "这里没有装演示，请在另一台电脑装 edge-agent[embedded] · demo: expected the agent to be installed beside the "
        f"registry, got {got}; on another computer: pip install 'edge-agent[embedded]'"
    )
