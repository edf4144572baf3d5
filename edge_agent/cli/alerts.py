"""`edge-agent alerts …`: whether whoever is to be told can be told."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from edge_agent.cli.common import ConfigOption, JsonOption, configuration, show, wait_for
from edge_agent.errors import RefusedError
from edge_agent.ops.alerts.trial import tried
from label_protocol.errors import ConfigError

app = typer.Typer(help="通知 · Alerts to robots and programs", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `test` a word of its own, though it is the only one."""


@app.command()
def test(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """给每个机器人发一条测试消息 · Sends each robot a test message.

    Example: edge-agent alerts test
    """
    settings, now = configuration(config), datetime.now(UTC)
    if not settings.alerts:
        raise ConfigError(
            "还没有写 [[alerts]]，见 docs/alerts.md · alerts: expected a section [[alerts]] in agent.toml, got none; "
            "docs/alerts.md shows how to set one up"
        )
    found = [
        {"robot": number, "kind": row.kind, "why": wait_for(tried(row, settings.site.name, now))}
        for number, row in enumerate(settings.alerts, start=1)
    ]
    lines = [
        f"{'✗' if one['why'] else '✓'} {one['robot']} {one['kind']}: {one['why'] or '收下了 taken'}" for one in found
    ]
    show([one | {"ok": not one["why"]} for one in found], as_json=as_json, text="\n".join(lines))
    if bad := [one for one in found if one["why"]]:
        raise RefusedError(f"有机器人没收到，请照 ✗ 那几行改 · alerts: robot {bad[0]['robot']}: {bad[0]['why']}")
