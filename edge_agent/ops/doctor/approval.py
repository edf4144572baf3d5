"""Whether somebody looks at the site's own templates and rule overrides before labels are made with them."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator

from edge_agent.access.roles import Role
from edge_agent.access.store import PeopleStore
from edge_agent.config import AgentConfig
from edge_agent.labels.approval import RULES, InForce, in_force, plain_name
from edge_agent.messages.text import Words
from edge_agent.model.review import ApprovalMode, Reviewable
from edge_agent.ops.doctor import todo
from edge_agent.ops.doctor.row import Found
from edge_agent.ops.doctor.running import asked
from edge_agent.render.templates.library import TemplateLibrary
from edge_agent.wiring import bytes_of_overrides, open_ledger
from label_protocol.errors import ConfigError
from label_protocol.kinds import ReviewKind


def wanted(config: AgentConfig) -> bool:
    """Whether there is anything to tell: a site that changed nothing of its labels waits for nobody."""
    return config.labels.approval is not ApprovalMode.OFF or any(_own(config))


async def approval(config: AgentConfig, *, running: bool) -> Found:
    """Which files are drafts; that nobody has to look at them is told.

    Raises:
        ConfigError: two leads have to, and there are not two.
    """
    if config.labels.approval is ApprovalMode.OFF:
        own = "、".join(one.name for one in _own(config))
        return Found(Words(f"不用批准就能用：{own}", f"used without anybody's approval: {own}"), todo.APPROVAL_ON)
    if config.labels.approval is ApprovalMode.FOUR_EYES:
        _require_two(config)
    drafts = await (_told(config) if running else _looked_up(config))
    if not drafts:
        return Found(Words("都已批准", "all approved"))
    return Found(Words(f"草稿，不能用：{'、'.join(drafts)}", f"drafts, not used: {', '.join(drafts)}"), todo.APPROVE)


def _require_two(config: AgentConfig) -> None:
    there = PeopleStore(config.people_path).people()
    leads = sum(one.works_here and one.role is Role.LEAD for one in there)
    if leads < 2:
        raise ConfigError(
            f"要两位班长批准，现在只有 {leads} 位，什么也批准不了 · [labels] approval = four_eyes: expected two leads, "
            f"got {leads}; add one (edge-agent people add NAME --role lead), or set it to one"
        )


async def _told(config: AgentConfig) -> list[str]:
    forms = (await asked(config, "approvals"))["forms"]
    return [one["name"] for one in forms if one["state"] != "approved"]


async def _looked_up(config: AgentConfig) -> list[str]:
    now = InForce()
    if config.data.ledger_path.exists():
        with contextlib.closing(open_ledger(config)) as ledger:
            now = in_force(ledger.reviews(), config.labels.approval)
    return [one.name for one in _own(config) if not _approved(now, one)]


def _approved(now: InForce, one: Reviewable) -> bool:
    if one.kind == ReviewKind.OVERRIDES:
        return now.overrides is not None and now.overrides.sha256 == one.sha256
    return now.of_template(one.name, one.sha256) is not None


def _own(config: AgentConfig) -> Iterator[Reviewable]:
    """Each file of the site, as it lies now."""
    for one in TemplateLibrary(config.labels.template_path).own():
        if one.template is None or not one.template.of_order:
            yield _file(ReviewKind.TEMPLATE, plain_name(one.path.stem), one.data)
    if config.rules.override_path is not None and config.rules.override_path.exists():
        yield _file(ReviewKind.OVERRIDES, RULES, bytes_of_overrides(config.rules.override_path))


def _file(kind: ReviewKind, name: str, data: bytes) -> Reviewable:
    return Reviewable(kind, name, hashlib.sha256(data).hexdigest())
