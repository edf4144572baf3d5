"""Transports: a literal table from URL scheme to class. They move bytes and know no language."""

from __future__ import annotations

from collections.abc import Callable

from edge_agent.printers.transports.contract import Transport, TransportOptions
from edge_agent.printers.transports.device import DeviceTransport
from edge_agent.printers.transports.memory import MemoryTransport
from edge_agent.printers.transports.queue import QueueTransport
from edge_agent.printers.transports.serial import SerialTransport
from edge_agent.printers.transports.tcp import TcpTransport
from label_protocol.errors import ConfigError

TRANSPORTS: dict[str, Callable[[str, TransportOptions], Transport]] = {
    "tcp": TcpTransport,
    "memory": MemoryTransport,
    "queue": QueueTransport,
    "serial": SerialTransport,
    "rfc2217": SerialTransport,
    "loop": SerialTransport,
    "device": DeviceTransport,
}


def open_transport(url: str, *, write_timeout_s: float, connect_timeout_s: float = 5.0) -> Transport:
    """The transport that `url` names; it connects when its `open` is awaited.

    Args:
        connect_timeout_s: how long a connection may take.
        write_timeout_s: the time without a single byte taken after which a link counts as blocked.

    Raises:
        ConfigError: no such scheme, or a URL its transport cannot read.
    """
    scheme = url.partition("://")[0]
    if scheme not in TRANSPORTS or "://" not in url:
        schemes = ", ".join(f"{name}://" for name in TRANSPORTS)
        raise ConfigError(f"printer url: expected one that begins with {schemes}, got {url!r}; correct it")
    return TRANSPORTS[scheme](url, TransportOptions(connect_timeout_s, write_timeout_s))
