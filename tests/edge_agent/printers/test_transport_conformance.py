"""One suite for every transport. A new one adds a peer to `PEERS` and nothing else; to `ONE_WAY`, if the printer
cannot be heard through it.

`loop://` has no far side: what is written comes back. It has its own test here instead of a peer.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import socket
import struct
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Protocol, cast

import pytest
from serial import rfc2217 as pyserial_rfc2217
from serial import serial_for_url

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError
from edge_agent.printers.transports import TRANSPORTS, open_transport
from edge_agent.printers.transports.contract import Transport
from edge_agent.printers.transports.memory import MemoryPeer
from label_protocol.errors import ConfigError
from tests.kits.cups_kit import listening, private_cups

pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial 3.5's RFC 2217 client

QUICK_S = 0.08
LINE_LATENCY_S = 0.005
"""What a pty takes at most from one end to the other."""
FAST_BAUD = 4_000_000
"""The fastest line there is: bytes count as under way for as long as the line takes."""


class Peer(Protocol):
    """The printer's end, whatever the medium. `too_much`: more bytes than the medium takes while nobody reads."""

    too_much: int

    async def send(self, data: bytes) -> None: ...
    async def receive(self, count: int) -> bytes: ...
    async def end(self) -> None: ...
    async def reset(self) -> None: ...


class SocketPeer:
    """A bare socket: it takes bytes only when asked to, so that a window can really close."""

    too_much = 16_000_000

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._socket: socket.socket | None = None

    async def _connected(self) -> socket.socket:
        if self._socket is None:
            self._socket, _ = await asyncio.get_running_loop().sock_accept(self._listener)
        return self._socket

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(await self._connected(), data)

    async def receive(self, count: int) -> bytes:
        data, sock = b"", await self._connected()
        while len(data) < count:
            data += await asyncio.get_running_loop().sock_recv(sock, count - len(data))
        return data

    async def end(self) -> None:
        (await self._connected()).close()

    async def reset(self) -> None:
        sock = await self._connected()
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        sock.close()

    def close(self) -> None:
        self._listener.close()
        if self._socket:
            self._socket.close()


@asynccontextmanager
async def tcp() -> AsyncIterator[tuple[str, Peer]]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    with contextlib.closing(SocketPeer(listener)) as peer:
        yield f"tcp://127.0.0.1:{listener.getsockname()[1]}", peer


class InMemory:
    """`MemoryPeer` in the words of this suite."""

    too_much = 16_000_000

    def __init__(self, peer: MemoryPeer) -> None:
        self._peer = peer
        self.send, self.receive = peer.send, peer.receive

    async def end(self) -> None:
        await self._peer.end()

    async def reset(self) -> None:
        await self._peer.end("reset")


@asynccontextmanager
async def memory() -> AsyncIterator[tuple[str, Peer]]:
    with MemoryPeer("conformance") as peer:
        yield "memory://conformance", InMemory(peer)


class PtyPeer:
    """The master of a pty; its slave stands for the serial port or the device file. Unplugging closes the master."""

    too_much = 80_000

    def __init__(self) -> None:
        self._master, self._slave = os.openpty()
        self.path = os.ttyname(self._slave)
        os.set_blocking(self._master, False)

    async def _ready(self, events: int) -> None:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        add, remove = (
            (loop.add_reader, loop.remove_reader) if events == select.POLLIN else (loop.add_writer, loop.remove_writer)
        )
        add(self._master, ready.set)
        try:
            await ready.wait()
        finally:
            remove(self._master)

    async def send(self, data: bytes) -> None:
        while data:
            await self._ready(select.POLLOUT)
            data = data[os.write(self._master, data[:1024]) :]
        await asyncio.sleep(LINE_LATENCY_S)

    async def receive(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            await self._ready(select.POLLIN)
            data += os.read(self._master, count - len(data))
        return bytes(data)

    async def end(self) -> None:
        self.close()

    async def reset(self) -> None:
        self.close()

    def close(self) -> None:
        for file in (self._master, self._slave):
            if file >= 0:
                os.close(file)
        self._master = self._slave = -1


@asynccontextmanager
async def serial() -> AsyncIterator[tuple[str, Peer]]:
    with contextlib.closing(PtyPeer()) as peer:
        yield f"serial://{peer.path}?baud={FAST_BAUD}", peer


@asynccontextmanager
async def device() -> AsyncIterator[tuple[str, Peer]]:
    with contextlib.closing(PtyPeer()) as peer:
        yield f"device://{peer.path}", peer


class SerialServer(SocketPeer):
    """pyserial's own RFC 2217 server side. Bytes are taken only when asked for; until then it negotiates."""

    too_much = 400_000

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(listener)
        self._bytes = bytearray()
        self._news = asyncio.Condition()
        self._wanted = 0
        self._serving = asyncio.create_task(self._serve())

    async def _serve(self) -> None:
        sock = await self._connected()
        with serial_for_url("loop://", timeout=0) as settings:
            manager = pyserial_rfc2217.PortManager(settings, _Blocking(sock))
            while data := await asyncio.get_running_loop().sock_recv(sock, 65_536):
                plain = pyserial_rfc2217.IAC not in data and manager.mode == pyserial_rfc2217.M_NORMAL
                async with self._news:
                    self._bytes += data if plain else b"".join(manager.filter(data))
                    self._news.notify_all()
                    await self._news.wait_for(lambda: len(self._bytes) <= self._wanted)

    async def send(self, data: bytes) -> None:
        await super().send(data.replace(pyserial_rfc2217.IAC, pyserial_rfc2217.IAC_DOUBLED))
        await asyncio.sleep(LINE_LATENCY_S)

    async def receive(self, count: int) -> bytes:
        got = bytearray()
        async with self._news:
            while len(got) < count:
                self._wanted = count - len(got)
                self._news.notify_all()
                await self._news.wait_for(lambda: len(self._bytes) > 0)
                got += self._bytes[: count - len(got)]
                del self._bytes[: self._wanted]
            self._wanted = 0
        return bytes(got)

    async def _stop(self) -> None:
        self._serving.cancel()
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            await self._serving

    async def end(self) -> None:
        await self._stop()
        await super().end()

    async def reset(self) -> None:
        await self._stop()
        await super().reset()


class _Blocking:
    """Where pyserial's server side writes its answers, which always fit."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)


@asynccontextmanager
async def rfc2217() -> AsyncIterator[tuple[str, Peer]]:
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.setblocking(False)
    peer = SerialServer(listener)
    yield f"rfc2217://127.0.0.1:{listener.getsockname()[1]}?baud={FAST_BAUD}", peer
    await peer._stop()
    peer.close()


PEERS: dict[str, Any] = {"tcp": tcp, "memory": memory, "serial": serial, "rfc2217": rfc2217, "device": device}
NO_FAR_SIDE = {"loop"}


@asynccontextmanager
async def queue() -> AsyncIterator[tuple[str, Peer]]:
    if sys.platform == "win32":
        pytest.skip("CUPS is not the spooler of Windows")
    with private_cups() as cups, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUPS_SERVER", cups.socket)
        async with listening() as sink:
            cups.add("lab", f"socket://127.0.0.1:{sink.port}")
            yield "queue://lab", cast("Peer", sink)  # it takes, and says nothing


ONE_WAY: dict[str, Any] = {"queue": queue}
ALL = PEERS | ONE_WAY
SPOOL_S = 5.0
"""A spooler starts a process for each job."""


def test_every_transport_has_a_peer_here() -> None:
    assert set(ALL) | NO_FAR_SIDE == set(TRANSPORTS)


@pytest.fixture(params=PEERS)
async def ends(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Transport, Peer]]:
    async with PEERS[request.param]() as (url, peer):
        transport = open_transport(url, write_timeout_s=QUICK_S)
        await transport.open()
        yield transport, peer
        await transport.close()


@pytest.fixture(params=ALL)
async def near(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Transport, Peer]]:
    """As `ends`, for what may be asked of a printer that cannot be heard too."""
    async with ALL[request.param]() as (url, peer):
        transport = open_transport(url, write_timeout_s=SPOOL_S)
        await transport.open()
        yield transport, peer
        await transport.close()


async def test_bytes_go_both_ways_whole_and_in_order(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends
    data = bytes(range(256)) * 8
    await transport.write(data[:5])
    await transport.write(data[5:])
    assert await peer.receive(len(data)) == data
    await peer.send(data)
    got = b""
    while len(got) < len(data):
        got += await transport.read(1.0)
    assert got == data


async def test_windows_arrive_whole_and_in_order(near: tuple[Transport, Peer]) -> None:
    transport, peer = near
    windows = [bytes(range(256)) * 4, b"second", b"\x00\x04\x11\x13\x1a\xff"]
    for number, window in enumerate(windows):
        await transport.write(window[:3])
        await transport.write(window[3:])
        await asyncio.wait_for(transport.commit(f"window {number}"), SPOOL_S)
        assert await peer.receive(len(window)) == window


async def test_opening_twice_is_one_connection(near: tuple[Transport, Peer]) -> None:
    transport, peer = near
    await transport.open()
    await transport.write(b"x")
    await transport.commit("x")
    assert await peer.receive(1) == b"x"


async def test_silence_is_an_empty_answer(near: tuple[Transport, Peer]) -> None:
    transport, _ = near
    assert await transport.read(0.01) == b""
    assert await transport.read(0.0) == b""


async def test_read_without_waiting_gives_what_has_come(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends
    await peer.send(b"late")
    assert await transport.read(0.0) == b"late"


async def test_a_reply_that_comes_while_waiting_ends_the_wait(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends
    waiting = asyncio.create_task(transport.read(30.0))
    await asyncio.sleep(0)
    await peer.send(b"ok")
    assert await waiting == b"ok"


async def test_a_cancelled_read_loses_nothing(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends
    waiting = asyncio.create_task(transport.read(30.0))
    await asyncio.sleep(0)
    waiting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting
    await peer.send(b"kept")
    assert await transport.read(1.0) == b"kept"


async def test_blocked_is_not_broken_and_flush_goes_on(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends
    with pytest.raises(LinkBlockedError):
        await transport.write(bytes(peer.too_much))
    with pytest.raises(LinkBlockedError):
        await transport.flush()
    taking = asyncio.create_task(peer.receive(peer.too_much))
    await transport.flush()
    assert len(await taking) == peer.too_much


async def test_slow_is_not_blocked(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends

    async def sip() -> None:
        for _ in range(8):
            await peer.receive(peer.too_much // 8)
            await asyncio.sleep(QUICK_S / 4)

    sipping = asyncio.create_task(sip())
    await transport.write(bytes(peer.too_much))
    await sipping


async def test_what_was_said_before_the_end_is_still_read(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends
    await peer.send(b"last words")
    if isinstance(peer, PtyPeer):  # a hang-up drops what the kernel is still carrying, which nobody can ask about
        await asyncio.sleep(0.5)
    await peer.end()
    assert await transport.read(1.0) == b"last words"
    with pytest.raises(LinkBrokenError):
        await transport.read(1.0)


async def test_a_reset_breaks_read_and_write(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends
    await transport.write(b"x")
    await peer.receive(1)
    await peer.reset()
    with pytest.raises(LinkBrokenError):
        await transport.read(1.0)
    with pytest.raises(LinkBrokenError):
        await transport.write(b"y")
    with pytest.raises(LinkBrokenError):
        await transport.flush()


async def test_a_reset_ends_a_blocked_write(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends
    with pytest.raises(LinkBlockedError):
        await transport.write(bytes(peer.too_much))
    await peer.reset()
    with pytest.raises(LinkBrokenError):
        await transport.flush()


async def test_a_stream_hears_and_takes_every_byte(ends: tuple[Transport, Peer]) -> None:
    transport, _ = ends
    assert transport.two_way
    assert transport.clean


async def test_a_commit_ends_when_nothing_is_unsent(near: tuple[Transport, Peer]) -> None:
    transport, peer = near
    await transport.write(b"window")
    await asyncio.wait_for(transport.commit("window 1"), SPOOL_S)
    await transport.commit("and again")
    assert await peer.receive(6) == b"window"


async def test_closed_means_closed(near: tuple[Transport, Peer]) -> None:
    transport, _ = near
    await transport.close()
    await transport.close()
    for use in (transport.write(b"x"), transport.flush(), transport.read(0.0)):
        with pytest.raises(LinkBrokenError):
            await use


async def test_close_forgets_what_is_unsent(ends: tuple[Transport, Peer]) -> None:
    transport, peer = ends
    with pytest.raises(LinkBlockedError):
        await transport.write(bytes(peer.too_much))
    await asyncio.wait_for(transport.close(), 1.0)


async def test_nobody_there_is_down_and_safe_to_retry() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    nobody = (f"tcp://127.0.0.1:{port}", "memory://nobody", f"rfc2217://127.0.0.1:{port}")
    for url in (*nobody, "serial:///dev/no-such-port", "device:///dev/no-such-printer"):
        with pytest.raises(LinkDownError) as caught:
            await open_transport(url, write_timeout_s=QUICK_S).open()
        assert caught.value.retry_safe
        assert url in str(caught.value)


async def test_a_second_host_waits_outside_memory() -> None:
    async with memory() as (url, _):
        first, second = open_transport(url, write_timeout_s=10.0), open_transport(url, write_timeout_s=10.0)
        await first.open()
        with pytest.raises(LinkDownError):
            await second.open()
        await first.close()
        await second.open()
        await second.close()


async def test_what_goes_into_the_loop_comes_back() -> None:
    transport = open_transport("loop://", write_timeout_s=QUICK_S)
    await transport.open()
    data = bytes(range(256)) * 40
    await transport.write(data)
    await transport.commit("loop")
    got = b""
    while len(got) < len(data):
        got += await transport.read(1.0)
    assert got == data
    assert await transport.read(0.0) == b""
    await asyncio.wait_for(transport.close(), 1.0)
    with pytest.raises(LinkBrokenError):
        await transport.read(0.0)


@pytest.mark.parametrize(
    "url", ["", "lpr://h", "tcp:/h", "tcp://", "tcp://h:99999", "tcp://h:x", "tcp://h/p", "tcp://u@h", "memory://"]
)
def test_a_url_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="printer url: expected"):
        open_transport(url, write_timeout_s=10.0)


def test_the_port_of_raw_printing_is_the_default() -> None:
    assert open_transport("tcp://printer.example", write_timeout_s=10.0).url == "tcp://printer.example"
