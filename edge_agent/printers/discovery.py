"""Which printers are there to be configured: serial ports, queues, device files; and, only when asked for, an address
range. What is found is a row to paste into `agent.toml`; nothing is configured by itself.

A scan connects. Asking who is there is a second decision (`ask`). The questions are each language's identity query,
which no label printer prints: they carry no print command of any of the languages, and what a language does not know it
skips (a test feeds every firmware the questions of all). But office and receipt printers listen on port 9100 too, and
print whatever text comes. So nothing is sent unless somebody says that only label printers are there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Network, NetmaskValueError
from pathlib import Path
from typing import Any

from edge_agent.errors import EchoError, LinkDownError, LinkError, ReplyError
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Language
from edge_agent.printers.link import Link
from edge_agent.printers.ports import stable_name, usb_of
from edge_agent.printers.profiles import profile_for
from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.queue import queue_url
from edge_agent.printers.transports.queue import queues as queue_names
from label_protocol.errors import ConfigError

MAX_HOSTS = 1024
"""A /22: larger than any one factory floor, and at 64 at a time and a second each still done within half a minute."""

AT_ONCE = 64
"""Connections opened at the same time; a small router's table of half-open connections holds a few hundred."""

DEVICE_FILES = "/dev/usb/lp*"
"""Where Linux (usblp) puts USB printers. Windows has no such files; there the printer is a queue."""

_TO_CHOOSE = "?"
"""What no profile is called: a pasted row with it is refused with the list of those there are."""


@dataclass(frozen=True, slots=True)
class Found:
    """A place where a printer is, or may be. `language`, `identity` and `profile` are None unless it answered."""

    kind: str
    url: str
    description: str
    language: str | None = None
    identity: str | None = None
    profile: str | None = None

    def row(self, number: int) -> str:
        """Text for `agent.toml`; `number` makes the id."""
        profile = _quoted(self.profile or _TO_CHOOSE)
        if self.profile is None:
            profile += "  # 按 docs/printers.md 选 · choose by docs/printers.md"
        return (
            f'[[printers]]\nid = "printer-{number}"\nname = {_quoted(self.identity or self.description)}\n'
            f"url = {_quoted(self.url)}\nprofile = {profile}\n"
            "#ribbon = true  # 有碳带写 true，没有写 false · true with a ribbon, false without\n"
        )


def here() -> list[Found]:
    """What this computer knows of by itself; sends nothing to anybody."""
    return [*serial_ports(), *queues(), *device_files()]


def serial_ports() -> list[Found]:
    """Serial ports by the name that stays, if they have one; with today's name, what the system says of them, and the
    USB vendor and product of an adapter."""
    from serial.tools import list_ports  # type: ignore[import-untyped]

    ports: Sequence[Any] = sorted(list_ports.comports(), key=lambda port: str(port.device))
    return [Found("serial", f"serial://{stable_name(port.device) or port.device}", _port_words(port)) for port in ports]


def _port_words(port: Any) -> str:
    """`n/a` is pyserial's word for a port that nothing is known of."""
    told = "" if port.description in (None, "", "n/a") else f" {port.description}"
    usb = f" {port.vid:04x}:{port.pid:04x}" if port.vid is not None and port.pid is not None else ""
    return f"{port.device}{told}{usb}"


def queues() -> list[Found]:
    """Printer queues of the operating system; may take some seconds."""
    return [Found("queue", queue_url(name), name) for name in queue_names()]


def device_files(pattern: str = DEVICE_FILES) -> list[Found]:
    """USB printers that the kernel shows as files."""
    folder, _, name = pattern.rpartition("/")
    return [Found("device", f"device://{path}", _device_words(path)) for path in sorted(Path(folder).glob(name))]


def _device_words(path: Path) -> str:
    """With the USB device behind it: two printers have one kind of name, and the number of the moment parts them."""
    return " ".join(word for word in (path.name, usb_of(f"device://{path}")) if word)


async def scan(
    network: str, *, port: int = 9100, timeout_s: float = 1.0, ask: bool = False, at_once: int = AT_ONCE
) -> list[Found]:
    """Everybody in an IPv4 range who listens on `port`, in the order of the addresses.

    Args:
        network: `192.168.1.0/24`, or one address.
        timeout_s: for the connection, and for each answer.
        ask: send the identity questions; see the head of this file before setting it.

    Raises:
        ConfigError: not an IPv4 range, one of more than 1024 addresses, or no port.
    """
    if not 1 <= port <= 65_535:
        raise ConfigError(f"port: expected 1 to 65535, got {port}; label printers listen on 9100")
    hosts, turn = addresses(network), asyncio.Semaphore(at_once)

    async def visit(host: IPv4Address) -> Found | None:
        async with turn:
            return await _visit(f"tcp://{host}:{port}", timeout_s, ask)

    return [found for found in await asyncio.gather(*map(visit, hosts)) if found is not None]


def addresses(network: str) -> list[IPv4Address]:
    """The hosts of a range.

    Raises:
        ConfigError: see `scan`.
    """
    try:
        span = IPv4Network(network.strip(), strict=False)
    except (AddressValueError, NetmaskValueError, ValueError) as cause:
        raise ConfigError(f"range: expected IPv4 like 192.168.1.0/24, got {network!r} ({cause}); correct it") from cause
    if span.num_addresses > MAX_HOSTS:
        raise ConfigError(
            f"range {network}: expected at most {MAX_HOSTS} addresses, got {span.num_addresses}; "
            f"name the part where the printers are, such as {span.network_address}/24"
        )
    return list(span.hosts())


async def _visit(url: str, timeout_s: float, ask: bool) -> Found | None:
    transport = open_transport(url, connect_timeout_s=timeout_s, write_timeout_s=timeout_s)
    link = Link(next(iter(LANGUAGES.values())), transport, reply_timeout_s=timeout_s)
    try:
        await link.connect()
    except LinkDownError:
        return None
    try:
        return await _asked(link, url) if ask else _open_port(url)
    except EchoError:
        return Found("network", url, f"{url.removeprefix('tcp://')} 线路回显，不是打印机 it echoes, no printer answers")
    except LinkError:
        return _open_port(url)
    finally:
        await link.close()


def _open_port(url: str) -> Found:
    return Found("network", url, url.removeprefix("tcp://"))


async def _asked(link: Link, url: str) -> Found:
    """The first language that gets an answer is the printer's; the link listens the line empty between questions."""
    for name, language in in_turn():
        identity = await _identity(link, name)
        if identity is not None:
            profile_found = profile_for(language.name, identity)
            return Found("network", url, url.removeprefix("tcp://"), name, identity, profile_found.name)
    return _open_port(url)


def in_turn() -> list[tuple[str, Language]]:
    """ZPL first: many a Zebra speaks EPL2 as well, and can prove more in ZPL."""
    return sorted(LANGUAGES.items(), key=lambda row: (row[0] != "zpl", row[0]))


async def _identity(link: Link, language: str) -> str | None:
    query = LANGUAGES[language].identity_query
    try:
        return await link.ask(query) if query is not None else None
    except ReplyError:
        return None


def _quoted(text: str) -> str:
    """A TOML basic string. What a printer or a driver says of itself may hold anything, and of any length."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())[:100]
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
