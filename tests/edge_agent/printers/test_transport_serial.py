"""What only serial ports and device files have: settings, other programs, drivers that hold bytes, plugs."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError
from edge_agent.printers.transports import open_transport, threads
from edge_agent.printers.transports.contract import TransportOptions
from edge_agent.printers.transports.serial_url import KEYS, SerialLine, parse_serial_url
from edge_agent.printers.transports.stream import StreamTransport, Wire
from edge_agent.printers.transports.threads import ThreadWire
from label_protocol.errors import ConfigError
from tests.edge_agent.printers.test_transport_conformance import rfc2217

pytestmark = pytest.mark.filterwarnings("ignore:set(Daemon|Name):DeprecationWarning")  # pyserial 3.5's RFC 2217 client

QUICK_S = 0.08
LATENCY_S = 0.01


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("serial:///dev/ttyUSB0", SerialLine("serial", "/dev/ttyUSB0", 9600, "none", 8, 1, "rtscts")),
        ("serial://COM3?baud=115200", SerialLine("serial", "COM3", 115_200)),
        ("serial:///dev/x?parity=even&bytesize=7&stopbits=2", SerialLine("serial", "/dev/x", 9600, "even", 7, 2)),
        ("serial:///dev/x?flow=none&baud=19200", SerialLine("serial", "/dev/x", 19_200, flow="none")),
        ("rfc2217://10.0.0.9:4001?flow=xonxoff", SerialLine("rfc2217", "10.0.0.9:4001", flow="xonxoff")),
        ("rfc2217://[::1]:4001", SerialLine("rfc2217", "[::1]:4001")),
        ("loop://", SerialLine("loop", "")),
    ],
)
def test_a_url_says_how_the_line_is_set(url: str, line: SerialLine) -> None:
    assert parse_serial_url(url) == line


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("serial://", "serial:///dev/ttyUSB0 or serial://COM3"),
        ("serial://ttyUSB0", "serial:///dev/ttyUSB0"),
        ("rfc2217://host", "rfc2217://host:port"),
        ("loop://x", "loop://"),
        ("serial:///dev/x?speed=9600", ", ".join(KEYS)),
        ("serial:///dev/x?parity=mark", "none, even, odd"),
        ("serial:///dev/x?flow=", "rtscts, xonxoff, dsrdtr, none"),
        ("serial:///dev/x?baud=fast", "baud from 300"),
        ("serial:///dev/x?baud=²", "baud from 300"),
        ("serial:///dev/x?baud=12", "baud from 300"),
        ("device://", "device:///dev/usb/lp0"),
        ("device://lp0", "device:///dev/usb/lp0"),
        ("device:///dev/x?one_way=yes", "one_way=1"),
        ("device:///dev/x?baud=9600", "one_way=1"),
    ],
)
def test_a_wrong_url_names_what_is_known(url: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_transport(url, write_timeout_s=10.0)
    assert says in str(caught.value)


@pytest.mark.parametrize(("query", "clean"), [("", True), ("?flow=xonxoff", False), ("?bytesize=7", False)])
def test_a_line_that_takes_bytes_for_itself_is_not_clean(query: str, clean: bool) -> None:
    assert open_transport(f"serial:///dev/x{query}", write_timeout_s=10.0).clean is clean


def test_a_byte_takes_its_bits() -> None:
    assert SerialLine("serial", "/dev/x", 9600).byte_s == pytest.approx(10 / 9600)
    assert SerialLine("serial", "/dev/x", 9600, "even", 8, 2).byte_s == pytest.approx(12 / 9600)
    assert SerialLine("loop", "").byte_s == 0


def test_flow_control_that_would_be_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    for url in ("serial:///dev/x?flow=dsrdtr", "rfc2217://h:1?flow=dsrdtr"):
        with pytest.raises(ConfigError, match="flow=rtscts"):
            open_transport(url, write_timeout_s=10.0)
    monkeypatch.setattr(sys, "platform", "win32")
    assert open_transport("serial://COM3?flow=dsrdtr", write_timeout_s=10.0).clean


class Driver:
    """A port whose driver says what it holds, like a UART and unlike a pty. Its line moves only when told."""

    def __init__(self) -> None:
        self.held, self.sent, self.dropped = bytearray(), bytearray(), 0
        self.room, self.short, self.gone, self.closed = 16, 0, "", False
        self._turn = threading.Condition()
        self._cancelled = False

    def write(self, data: bytes) -> int:
        with self._turn:
            for at, byte in enumerate(data):
                self._turn.wait_for(lambda: len(self.held) < self.room or self._cancelled or self.gone)
                if self.gone:
                    raise OSError(self.gone)
                if self._cancelled:
                    return at
                self.held.append(byte)
        return self.short or len(data)

    def move(self, count: int) -> None:
        with self._turn:
            self.sent += self.held[:count]
            del self.held[:count]
            self._turn.notify_all()

    def unplug(self, reason: str) -> None:
        with self._turn:
            self.gone = reason
            self._turn.notify_all()

    def read(self) -> bytes:
        with self._turn:
            self._turn.wait_for(lambda: self._cancelled or self.gone)
            if self.gone:
                raise TypeError(self.gone)  # pyserial lets out such things when a port vanishes
        return b""

    def in_waiting(self) -> int:
        return 0

    def out_waiting(self) -> int:
        return len(self.held)

    def cancel(self) -> None:
        with self._turn:
            self._cancelled = True
            self._turn.notify_all()

    def close(self) -> None:
        self.dropped, self.closed = len(self.held), True


class OverDriver(StreamTransport):
    """The stream's own semantics, over `Driver`."""

    def __init__(self, driver: Driver, chunk_bytes: int = 8, byte_s: float = 0.0) -> None:
        super().__init__("test://", TransportOptions(1.0, QUICK_S))
        self._driver, self._chunk_bytes, self._byte_s = driver, chunk_bytes, byte_s

    async def _connect(self) -> Wire:
        return ThreadWire(self._driver, self._chunk_bytes, byte_s=self._byte_s)


async def test_a_commit_waits_for_what_the_driver_holds() -> None:
    driver = Driver()
    transport = OverDriver(driver)
    await transport.open()
    await transport.write(b"0123456789")
    assert driver.sent == b""
    with pytest.raises(LinkBlockedError):
        await transport.commit("held")
    with pytest.raises(LinkBlockedError):
        await transport.flush()
    driver.move(10)
    await transport.flush()
    assert driver.sent == b"0123456789"
    await transport.close()


async def test_bytes_are_under_way_for_as_long_as_the_line_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_LEAD_S", 0.1)
    driver = Driver()
    driver.room = 1000
    monkeypatch.setattr(driver, "out_waiting", lambda: 0)  # a pty, an adapter: nothing is said to be held
    transport = OverDriver(driver, byte_s=0.002)
    await transport.open()
    begun = time.perf_counter()
    await transport.write(bytes(100))
    assert time.perf_counter() - begun >= 0.1
    await transport.commit("window")
    assert time.perf_counter() - begun >= 0.2
    await transport.close()


async def test_a_line_that_crawls_is_not_blocked() -> None:
    driver = Driver()
    transport = OverDriver(driver, chunk_bytes=1)
    await transport.open()

    async def whole() -> None:
        await transport.write(bytes(20))
        await transport.commit("crawl")

    writing = asyncio.create_task(whole())
    for _ in range(20):
        await asyncio.sleep(QUICK_S / 3)
        driver.move(1)
    await writing
    await transport.close()
    assert len(driver.sent) == 20


async def test_closing_lets_the_last_bytes_go_and_drops_what_is_stuck() -> None:
    driver = Driver()
    transport = OverDriver(driver)
    await transport.open()
    await transport.write(b"cancel")
    closing = asyncio.create_task(transport.close())
    await asyncio.sleep(LATENCY_S)
    driver.move(6)
    await closing
    assert (driver.sent, driver.dropped, driver.closed) == (b"cancel", 0, True)


async def test_closing_a_stuck_line_is_prompt() -> None:
    driver = Driver()
    transport = OverDriver(driver)
    await transport.open()
    with pytest.raises(LinkBlockedError):
        await transport.write(bytes(100))
    await asyncio.wait_for(transport.close(), 0.5)
    assert (driver.sent, driver.dropped, driver.closed) == (b"", 16, True)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("printer_")]


async def test_whatever_the_driver_raises_has_broken_the_line() -> None:
    driver = Driver()
    transport = OverDriver(driver)
    await transport.open()
    with pytest.raises(LinkBlockedError):
        await transport.write(bytes(100))
    driver.unplug("fell out")
    with pytest.raises(LinkBrokenError, match="fell out"):
        await transport.flush()
    with pytest.raises(LinkBrokenError, match="fell out"):
        await transport.read(1.0)
    await transport.close()
    assert driver.closed


async def test_a_write_cut_short_is_never_taken_for_whole() -> None:
    driver = Driver()
    driver.short = 3
    transport = OverDriver(driver)
    await transport.open()
    with pytest.raises(LinkBrokenError, match="after 3 of 8 bytes"):
        await transport.write(bytes(8))
    await transport.close()


async def test_a_serial_server_may_be_blocked_for_longer_than_pyserial_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        sock = real(address)
        sock.settimeout(QUICK_S / 2)
        return sock

    real = socket.create_connection
    monkeypatch.setattr(socket, "create_connection", connect)
    async with rfc2217() as (url, peer):
        transport = open_transport(url, write_timeout_s=QUICK_S)
        await transport.open()
        for _ in range(2):
            with pytest.raises(LinkBlockedError):
                await transport.write(bytes(peer.too_much // 2))
        taking = asyncio.create_task(peer.receive(peer.too_much // 2 * 2))
        await transport.flush()
        assert len(await taking) == peer.too_much // 2 * 2
        await transport.close()


@pytest.fixture
def pty() -> Iterator[tuple[int, str]]:
    master, slave = os.openpty()
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


async def test_a_port_has_one_program(pty: tuple[int, str]) -> None:
    _, path = pty
    for scheme in ("serial", "device"):
        first, second = (
            open_transport(f"{scheme}://{path}", write_timeout_s=10.0),
            open_transport(f"{scheme}://{path}", write_timeout_s=10.0),
        )
        await first.open()
        with pytest.raises(LinkDownError, match="another program"):
            await second.open()
        await first.close()
        await second.open()
        await second.close()


@pytest.mark.parametrize("query", ["flow=none", "flow=rtscts", "flow=xonxoff", "parity=even&stopbits=2", "baud=250000"])
async def test_a_port_without_modem_lines_is_a_port(pty: tuple[int, str], query: str) -> None:
    """A pty answers every question about modem lines with ENOTTY."""
    transport = open_transport(f"serial://{pty[1]}?{query}", write_timeout_s=10.0)
    await transport.open()
    await transport.write(b"label")
    await transport.commit("window")
    assert os.read(pty[0], 100) == b"label"
    await transport.close()


async def test_what_was_said_before_the_opening_is_stale(pty: tuple[int, str]) -> None:
    master, path = pty
    for scheme in ("serial", "device"):
        os.write(master, b"an old answer\n")
        await asyncio.sleep(LATENCY_S)
        transport = open_transport(f"{scheme}://{path}", write_timeout_s=10.0)
        await transport.open()
        assert await transport.read(LATENCY_S) == b""
        os.write(master, b"new")
        assert await transport.read(1.0) == b"new"
        await transport.close()


async def test_an_open_line_sleeps(pty: tuple[int, str]) -> None:
    _, path = pty
    for scheme in ("serial", "device"):
        transport = open_transport(f"{scheme}://{path}", write_timeout_s=10.0)
        await transport.open()
        before = os.times()
        await asyncio.sleep(0.3)
        after = os.times()
        await transport.close()
        assert after.user + after.system - before.user - before.system < 0.05


async def test_what_is_no_printer_is_refused(tmp_path: Path) -> None:
    label = tmp_path / "swallowed"
    label.write_bytes(b"before")
    for path, why in ((label, "no character device"), ("/dev/null", "memory device"), (tmp_path, "directory")):
        with pytest.raises(LinkDownError, match=why):
            await open_transport(f"device://{path}", write_timeout_s=10.0).open()
    assert label.read_bytes() == b"before"


async def test_a_one_way_device_is_silent_and_takes_bytes(tmp_path: Path, pty: tuple[int, str]) -> None:
    fifo = tmp_path / "lp0"
    os.mkfifo(fifo)
    with pytest.raises(LinkDownError):
        await open_transport(f"device://{fifo}?one_way=1", write_timeout_s=10.0).open()
    printer = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    for url in (f"device://{fifo}?one_way=1", f"device://{pty[1]}?one_way=1"):
        transport = open_transport(url, write_timeout_s=QUICK_S)
        await transport.open()
        assert not transport.two_way
        await transport.write(b"label")
        await transport.commit("one")
        if url.endswith(f"{pty[1]}?one_way=1"):
            os.write(pty[0], b"nobody listens")
        assert await transport.read(LATENCY_S) == b""
        assert await transport.read(0.0) == b""
        assert os.read(printer if "lp0" in url else pty[0], 100) == b"label"
        await transport.close()
    os.close(printer)


async def test_a_one_way_device_that_is_unplugged_breaks_the_write(tmp_path: Path) -> None:
    fifo = tmp_path / "lp0"
    os.mkfifo(fifo)
    printer = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    transport = open_transport(f"device://{fifo}?one_way=1", write_timeout_s=QUICK_S)
    await transport.open()
    os.close(printer)
    with pytest.raises(LinkBrokenError):
        await transport.write(b"label")
    with pytest.raises(LinkBrokenError):
        await transport.read(0.0)
    await transport.close()
