"""The doctor says whether anybody looks at the site's own files, which are drafts, and that two leads are two."""

from __future__ import annotations

import hashlib
from contextlib import closing
from pathlib import Path

import pytest

from edge_agent.access.roles import Role
from edge_agent.access.store import PeopleStore
from edge_agent.config import AgentConfig, config_from
from edge_agent.labels.approval import RULES
from edge_agent.model.actor import Actor, Known
from edge_agent.model.review import Reviewable
from edge_agent.ops.doctor import todo
from edge_agent.ops.doctor.approval import approval, wanted
from edge_agent.render.templates.template import read_template
from edge_agent.wiring import open_ledger
from label_protocol.errors import ConfigError
from label_protocol.kinds import ReviewKind, ReviewVerdict

ROWS = '[override."S1.chest"]\nvalue = 4\nwho = "李工"\nwhy = "the buyer"\n'


def site(folder: Path, mode: str, *, own: bool = True) -> AgentConfig:
    (folder / "forms").mkdir(exist_ok=True)
    if own:
        (folder / "forms" / "card.toml").write_bytes(read_template("composition_card_60x40")[0])
        (folder / "rules.toml").write_text(ROWS, "utf-8")
    table = {
        "data": {"ledger_path": "l/l.db", "witness_path": "w/w", "catalog_path": "c/c.json"},
        "labels": {"approval": mode, "template_path": "forms"},
        "rules": {"override_path": "rules.toml"},
    }
    return config_from(table, folder / "agent.toml")


def said(config: AgentConfig, kind: ReviewKind, name: str, path: Path) -> None:
    """A lead's word, as the agent records it."""
    of = Reviewable(kind, name, hashlib.sha256(path.read_bytes()).hexdigest())
    with closing(open_ledger(config, create=True)) as ledger, ledger.acting(Actor("p1", Known.BADGE_PIN)):
        ledger.review(of, ReviewVerdict.APPROVED, "p1", "")


async def test_what_nobody_has_to_approve_is_told_and_is_no_fault(tmp_path: Path) -> None:
    assert not wanted(site(tmp_path, "off", own=False)), "a site with built-in labels alone is told nothing"
    found = await approval(site(tmp_path, "off"), running=False)
    assert found.words.zh == "不用批准就能用：card、rules" and found.todo == todo.APPROVAL_ON


async def test_drafts_are_named_until_they_are_approved(tmp_path: Path) -> None:
    config = site(tmp_path, "one")
    assert (await approval(config, running=False)).words.en == "drafts, not used: card, rules"
    said(config, ReviewKind.TEMPLATE, "card", tmp_path / "forms" / "card.toml")
    assert (await approval(config, running=False)).words.en == "drafts, not used: rules"
    said(config, ReviewKind.OVERRIDES, RULES, tmp_path / "rules.toml")
    found = await approval(config, running=False)
    assert (found.words.en, found.todo.en) == ("all approved", "")


async def test_four_eyes_of_one_lead_are_red(tmp_path: Path) -> None:
    config = site(tmp_path, "four_eyes")
    store = PeopleStore(config.people_path)
    for leads in (0, 1):
        with pytest.raises(ConfigError, match=rf"只有 {leads} 位.*expected two leads, got {leads}"):
            await approval(config, running=False)
        store.add(f"示例班长{leads}", Role.LEAD, "hash")
    assert "drafts" in (await approval(config, running=False)).words.en
