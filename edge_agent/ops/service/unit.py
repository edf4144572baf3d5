"""The text of the systemd unit, for `edge-agent service install` and for the .deb alike. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from label_protocol.errors import ConfigError

NAME = "edge-agent"
"""Of the unit, of the user it runs as, and of its folder below /var/lib."""
USER = NAME
STATE = f"/var/lib/{NAME}"

GROUPS = ("dialout", "lp")
"""Who may open serial ports, and the files of USB printers, on Debian and its children."""

SYSUSERS = "\n".join(
    [
        "# 打印代理自己的用户，不能登录 · The user that the label agent runs as; nobody logs in as it. sysusers.d(5)",
        f'u {USER} - "label agent" {STATE}',
        *(f"m {USER} {group}" for group in GROUPS),
        "",
    ]
)

CLOSED = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectProc=invisible
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
KeyringMode=private
RemoveIPC=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
"""
"""What shuts a service of ours in, whatever it does; systemd.exec(5)."""

_UNIT = """\
# 由 edge-agent 写出，不要在这里改：改动写进 systemctl edit edge-agent
# Written by edge-agent; put changes of your own into: systemctl edit edge-agent
[Unit]
Description=吊牌打印代理 label agent
Documentation=man:edge-agent(1)
# No network-online: the agent prints for weeks without a network.
After=network.target cups.service

[Service]
Type=notify
User={user}
Group={user}
SupplementaryGroups={groups}
ExecStart={program}
# After a crash, a kill or a full disk it comes back, however often; not after wrong usage, which no restart mends.
Restart=on-failure
RestartSec=10
RestartPreventExitStatus=2
# The ledger's longest order is a whole copy: 40 s for 2 GB at 50 MB/s. A hung agent writes its stacks to the journal.
WatchdogSec=180
TimeoutAbortSec=20
Environment=PYTHONFAULTHANDLER=1 PYTHONDONTWRITEBYTECODE=1
LimitCORE=0
# The start reads the ledger behind its last checkpoint; the stop waits for the window in the printer (30 s).
TimeoutStartSec=600
TimeoutStopSec=60

# Nothing but its own folder is written, nobody else may read that.
StateDirectory={name}
StateDirectoryMode=0700
WorkingDirectory={state}
UMask=0077
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
{writes}
# No PrivateDevices, DeviceAllow or ProtectClock: each shuts out a serial printer that is plugged in after the start.
{closed}
[Install]
WantedBy=multi-user.target
"""


@dataclass(frozen=True, slots=True)
class Service:
    """What the unit is made of: the words of the command, and the folders outside `STATE` that it writes into."""

    program: Sequence[str]
    writes: Sequence[str] = ()


def unit_text(service: Service) -> str:
    """Writes the unit. Raises ConfigError: a word or a folder that no unit can hold."""
    folders = " ".join(_quoted(one) for one in service.writes)
    return _UNIT.format(
        name=NAME,
        user=USER,
        groups=" ".join(GROUPS),
        state=STATE,
        program=command(service.program),
        closed=CLOSED,
        writes=f"ReadWritePaths={folders}\n" if folders else "",
    )


def command(words: Sequence[str]) -> str:
    """A command as a unit has it. Raises ConfigError: a word that no unit can hold."""
    return " ".join(_quoted(word).replace("$", "$$") for word in words)


def _quoted(word: str) -> str:
    """As systemd.syntax(7) reads it back: `%` begins a specifier, quotes keep a word with spaces in one piece."""
    if not word or not word.isprintable():
        raise ConfigError(f"service: expected a path of printable characters, got {word!r}; rename it")
    plain = word.replace("%", "%%")
    return plain if re.fullmatch(r"[\w./:@%+,=-]+", plain) else '"' + re.sub(r'(["\\])', r"\\\1", plain) + '"'
