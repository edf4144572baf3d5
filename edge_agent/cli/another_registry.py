"""When an agent enrols where its ledger was not allotted: the same registry under a new address, or another one."""

from __future__ import annotations

import shutil
from pathlib import Path

import typer

from edge_agent.cli.common import the_ledger, wait_for
from edge_agent.config import AgentConfig
from edge_agent.ledger import LedgerThread
from edge_agent.ledger.new_beside import put_aside, require_new, unsettled
from edge_agent.ledger.values import Identity
from edge_agent.sync.outbox import Outbox
from edge_agent.wiring import open_ledger
from label_protocol.errors import ConflictError

_OTHER_CARTONS = (
    "! 新账本不知道用过哪些箱号：请在 [site] sscc_block 写一个没用过的开头 · the new ledger does not know which "
    "carton numbers were given: set other digits in [site] sscc_block (docs/packing.md) before a carton is closed"
)


def require_its_registry(identity: Identity | None, url: str, *, moved: bool) -> None:
    """Refuses another registry for a ledger that one has allotted to; before a token is spent. Raises ConflictError."""
    if identity is None or moved or _same(identity.registry, url):
        return
    raise ConflictError(
        f"这本账本登记在 {identity.registry}；换到别的平台要另开一本：加 --new-ledger 文件夹，旧的原样留着；"
        "同一个平台只是换了地址，就加 --moved · "
        f"enrol: expected {identity.registry}, which allotted what this ledger issues, got {url}; for another registry "
        "begin a new ledger with --new-ledger DIR (docs/registry-here.md), or add --moved if it is the same registry "
        "at a new address"
    )


def require_same_agent(identity: Identity | None, agent: str, issuer: str) -> None:
    """What moved still knows this agent. Raises ConflictError: it is another registry, or another agent's token."""
    if identity is not None and (identity.agent, identity.issuer) != (agent, issuer):
        known, told = f"{identity.agent} ({identity.issuer})", f"{agent} ({issuer})"
        raise ConflictError(
            f"平台说本机是 {told}，账本里是 {known}，没有改动；请平台给 {identity.agent} 的口令 · enrol --moved: "
            f"expected agent and issuer {known}, got {told}; ask for a token of that agent, or use --new-ledger"
        )


def require_settled(config: AgentConfig, folder: Path, *, untold: bool) -> None:
    """Refuses to put a ledger aside of which something is open. `untold`: what its registry was not told may stay so.

    Raises:
        ConflictError: that, or there is nothing to put aside, or `folder` is taken.
    """
    require_new(folder)
    with the_ledger(config) as ledger:
        if ledger.identity() is None:
            raise ConflictError(
                "这本账本还没有登记过，直接登记就行 · enrol --new-ledger: expected a ledger that was enrolled, got one "
                "that never was; leave the option out"
            )
        open_still = unsettled(ledger)
    if open_still:
        raise ConflictError(
            f"旧账本还有没了结的，先了结再换 · enrol --new-ledger: expected nothing left to settle in the old ledger, "
            f"got {open_still}; settle it with the agent, then try again"
        )
    pending = 0 if untold else wait_for(_pending(config))
    if pending:
        raise ConflictError(
            f"旧平台还有 {pending} 条没收到，先连上它同步完；它已经不在了就加 --untold · enrol --new-ledger: expected "
            f"the old registry to know all, got {pending} events it was not told; run the agent until edge-agent sync "
            "status says 0, or add --untold if that registry is gone for good"
        )


def begin_anew(config: AgentConfig, folder: Path) -> None:
    """The old ledger, its witness and its secret into `folder`; nothing is deleted. Raises as `put_aside`."""
    put_aside(config.data.ledger_path, config.data.witness_path, folder)
    secret = config.registry.credentials_path
    if config.site.gs1_company_prefix is not None:
        typer.echo(_OTHER_CARTONS, err=True)
    if secret.exists():
        shutil.move(secret, folder / secret.name)


async def _pending(config: AgentConfig) -> int:
    thread = await LedgerThread.open(lambda: open_ledger(config))
    try:
        return sum(stretch.pending for stretch in await Outbox(thread).line())
    finally:
        await thread.close()


def _same(one: str, other: str) -> bool:
    return one.rstrip("/").lower() == other.rstrip("/").lower()
