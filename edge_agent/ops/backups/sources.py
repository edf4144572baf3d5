"""What belongs into a backup set beside the ledger, as rows; and what is left out of it on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge_agent.config import AgentConfig


@dataclass(frozen=True, slots=True)
class Source:
    """A file or a folder of the site, and its name in a set."""

    name: str
    path: Path


def sources(config: AgentConfig) -> Iterator[Source]:
    """Each that this site has a place for; what is not there yet is passed over when the set is made."""
    catalogue = config.data.catalog_path
    yield Source("catalogue.json", catalogue)
    yield Source(
        "catalogue.json.used", catalogue.with_name(catalogue.name + ".used")
    )  # its marker: they belong together
    yield Source("artwork", config.data.artwork_path)
    yield Source("approved", config.data.approved)
    yield Source("people.db", config.people_path)
    yield Source("work-orders.db", config.data.work_orders)
    if config.labels.template_path is not None:
        yield Source("templates", config.labels.template_path)
    if config.labels.carton_template is not None:
        yield Source("carton-template.toml", config.labels.carton_template)
    if config.rules.override_path is not None:
        yield Source("rules-override.toml", config.rules.override_path)
    if config.registry_here.dump_path is not None:
        yield Source("registry.dump", config.registry_here.dump_path)


LEFT_OUT = (
    "credentials.json：登记密钥不进备份，换了电脑请向平台要新口令重新登记 · the agent's secret is in no backup: on "
    "another computer ask the platform for a token and enrol anew",
    "local.token：本机命令用的口令，代理启动时自己再写 · what commands here show; the agent writes a new one",
    "machine-salt：留在本机，用来认出被复制的账本 · stays on this computer, to tell a copied ledger from the first",
    "tls/：页面证书的密钥，换了电脑请运行 edge-agent tls init，再给每台设备重装 · keys of the page's certificate: on "
    "another computer run edge-agent tls init and give devices the new one",
    "agent.toml：可能含有机器人地址和密钥，请另外保存 · may hold secrets of robots: keep a copy of it yourself",
)
"""Told in every manifest."""
