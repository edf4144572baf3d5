"""The text of the registry's systemd unit, of its user and of its configuration. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from edge_agent.ops.service import unit as agent

NAME = "central-registry"
"""Of the unit, of the user it runs as, and of its folders below /etc and /var/lib."""
STATE = f"/var/lib/{NAME}"
CONFIG = f"/etc/{NAME}/registry.toml"
DUMP = f"{STATE}/dump/registry.dump"
PORT = 8700
URL = f"http://127.0.0.1:{PORT}"

SYSUSERS = "\n".join(
    [
        "# 本机平台自己的用户；打印代理在它的组里，读得到导出的数据库 · The user of the registry on this PC. The agent",
        "# is in its group, so that its backups can take the dump of the database. sysusers.d(5)",
        f'u {NAME} - "label registry" {STATE}',
        f"m {agent.USER} {NAME}",
        "",
    ]
)

_UNIT = """\
# 由 edge-agent 写出，不要在这里改：改动写进 systemctl edit central-registry
# Written by edge-agent; put changes of your own into: systemctl edit central-registry
[Unit]
Description=本机登记中心 label registry of this PC
After=network.target
# The agent finds it there when it starts; without it the agent prints all the same.
Before={agent}.service

[Service]
Type=notify
User={name}
Group={name}
ExecStart={program}
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=2
Environment=PYTHONDONTWRITEBYTECODE=1
LimitCORE=0
# After a power cut the database reads its log first; at the stop it writes what it holds in memory.
TimeoutStartSec=600
TimeoutStopSec=120
# The registry is asked to stop, and stops its database; what is left after that is killed.
KillMode=mixed

# Its group reads the dump; the database itself lies in a folder that is its user's alone.
StateDirectory={name}
StateDirectoryMode=0750
WorkingDirectory={state}
UMask=0027
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectClock=yes
{closed}
[Install]
WantedBy=multi-user.target
"""


def unit_text(program: Sequence[str]) -> str:
    """Writes the unit. Raises ConfigError: a word that no unit can hold."""
    return _UNIT.format(
        agent=agent.NAME, name=NAME, state=STATE, program=agent.command(program), closed=agent.CLOSED.rstrip("\n")
    )


CONFIG_TEXT = f"""\
# 本机平台的配置，全部键见 config/registry.toml · The registry on this PC; config/registry.toml has every key
[database]
data = "{STATE}"

[http]
host = "127.0.0.1"
port = {PORT}
"""
"""Written once; afterwards it is whose PC it is."""
