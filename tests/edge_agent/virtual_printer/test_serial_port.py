"""The virtual printer behind a serial line, and the serial transport before it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError
from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.contract import Transport
from edge_agent.virtual_printer import VirtualPrinter
from edge_agent.virtual_printer.faults import FaultBoard
from edge_agent.virtual_printer.serial_port import SerialPort
from label_protocol.errors import ConfigError
from tests.kits import cli_kit
from tests.kits.virtual_kit import HS, PREAMBLE, ask, label, lines, printer, until

BAUD = 115_200
FAST_BAUD = 4_000_000
QUICK_S = 0.1


@asynccontextmanager
async def host(path: str, baud: int = FAST_BAUD) -> AsyncIterator[Transport]:
    transport = open_transport(f"serial://{path}?baud={baud}", write_timeout_s=QUICK_S)
    await transport.open()
    try:
        yield transport
    finally:
        await transport.close()


class Bench:
    """A port without a printer: what came through the line, and whether there is room for more."""

    def __init__(self, baud: int) -> None:
        self.got, self.is_full, self.board = bytearray(), False, FaultBoard()
        self.port = SerialPort(baud, self.board, self.got.extend, lambda: self.is_full)


@asynccontextmanager
async def bench(baud: int) -> AsyncIterator[Bench]:
    made = Bench(baud)
    await made.port.open()
    try:
        yield made
    finally:
        await made.port.close()


async def test_bytes_take_the_time_of_their_baud_rate() -> None:
    data = os.urandom(8_000)
    expected_s = len(data) * 10 / BAUD
    async with bench(BAUD) as line, host(line.port.path, BAUD) as transport:
        begun = time.perf_counter()
        await transport.write(data)
        await until(lambda: len(line.got) == len(data))
        took_s = time.perf_counter() - begun
        assert line.got == data
        assert took_s == pytest.approx(expected_s, rel=0.15)
        begun = time.perf_counter()
        line.port.say(data)
        heard = b""
        while len(heard) < len(data):
            heard += await transport.read(1.0)
        assert heard == data
        assert time.perf_counter() - begun == pytest.approx(expected_s, rel=0.15)


async def test_a_pace_is_kept_whatever_the_size_of_the_pieces() -> None:
    async with bench(BAUD) as line, host(line.port.path, BAUD) as transport:
        begun = time.perf_counter()
        for _ in range(100):
            await transport.write(b"0123456789")
        await until(lambda: len(line.got) == 1000)
        assert time.perf_counter() - begun == pytest.approx(1000 * 10 / BAUD, rel=0.15, abs=0.02)


async def test_a_full_printer_holds_the_line_and_loses_nothing() -> None:
    data = os.urandom(40_000)
    async with bench(0) as line, host(line.port.path) as transport:
        line.is_full = True
        line.port.read_on()
        with pytest.raises(LinkBlockedError, match="flow=rtscts"):
            await transport.write(data)
        assert len(line.got) <= 4096
        line.is_full = False
        line.port.read_on()
        await transport.flush()
        await transport.commit("window")
        await until(lambda: len(line.got) == len(data))
        assert line.got == data


async def test_a_host_that_leaves_and_comes_back_finds_the_line() -> None:
    async with bench(0) as line:
        for text in (b"first", b"second"):
            async with host(line.port.path) as transport:
                await transport.write(text)
                await until(lambda text=text: line.got.endswith(text))  # type: ignore[misc]
        assert line.got == b"firstsecond"


async def test_the_cable_is_pulled_and_plugged_in_again() -> None:
    async with bench(0) as line:
        transport = open_transport(f"serial://{line.port.path}", write_timeout_s=QUICK_S)
        await transport.open()
        await line.port.close()
        await line.port.close()
        assert not line.port.connected
        line.port.say(b"into the void")
        with pytest.raises(LinkBrokenError):
            await transport.read(1.0)
        with pytest.raises(LinkBrokenError):
            await transport.write(b"lost")
        await transport.close()
        with pytest.raises(LinkDownError):
            await transport.open()
        await line.port.open()
        await line.port.open()
        await transport.open()
        await transport.write(b"back")
        await until(lambda: line.got == b"back")
        line.port.say(b"again")
        assert await transport.read(1.0) == b"again"
        await transport.close()


async def test_a_cable_pulled_under_a_stuck_write_breaks_it() -> None:
    async with bench(0) as line, host(line.port.path) as transport:
        line.is_full = True
        with pytest.raises(LinkBlockedError):
            await transport.write(bytes(40_000))
        await line.port.close()
        with pytest.raises(LinkBrokenError):
            await transport.flush()


async def test_what_faults_do_to_answers_they_do_on_this_line_too() -> None:
    async with bench(0) as line, host(line.port.path) as transport:
        line.board.active["garbled-replies"] = 0
        line.port.say(b"abc")
        assert await transport.read(1.0) == bytes([ord("a"), ord("b") ^ 0x15, ord("c")])
        line.board.active["slow-replies"] = 200
        line.port.say(b"d")
        assert await transport.read(0.05) == b""
        assert await transport.read(1.0) != b""


async def _status(machine: VirtualPrinter, transport: Transport) -> object:
    return await ask(transport, HS)


async def test_every_label_sent_is_on_the_tape_once(tmp_path: Path) -> None:
    async with printer(tmp_path, pty=True, baud=BAUD) as machine, host(machine.path, BAUD) as transport:
        await transport.write(PREAMBLE + b"".join(label(n) for n in range(1, 9)))
        await transport.commit("window")
        await until(lambda: machine.printed == 8)
        assert await _status(machine, transport) is not None
    assert [n for n, _ in lines(tmp_path)] == list(range(1, 9))


async def test_a_power_cut_leaves_the_line_open_and_swallows_what_is_sent() -> None:
    async with printer(pty=True, baud=BAUD) as machine, host(machine.path, BAUD) as transport:
        await transport.write(PREAMBLE + label(1))
        await until(lambda: machine.printed == 1)
        machine.fault("power-cut")
        await transport.write(label(2))
        await transport.commit("void")
        assert await ask(transport, HS, 0.1) is None
        machine.fix("power-cut")
        assert await ask(transport, HS) is not None
        assert machine.printed == 1
        await transport.write(label(3))
        await until(lambda: machine.printed == 2)


async def test_an_unplugged_printer_prints_again_behind_the_same_path() -> None:
    async with printer(pty=True) as machine:
        async with host(machine.path) as transport:
            machine.fault("unplug")
            with pytest.raises(LinkBrokenError):
                await transport.read(2.0)
        machine.fix("unplug")
        await until(lambda: Path(machine.path).exists())
        async with host(machine.path) as transport:
            await transport.write(PREAMBLE + label(1))
            await until(lambda: machine.printed == 1)


async def test_nothing_stays_behind() -> None:
    async with printer(pty=True) as machine:
        folder = Path(machine.path).parent
        assert folder.exists()
    assert not folder.exists()


def test_a_system_without_ptys_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "openpty")
    with pytest.raises(ConfigError, match="Linux or macOS"):
        Bench(0)


async def test_a_quiet_line_costs_no_time() -> None:
    async with bench(BAUD) as line, host(line.port.path):
        before = os.times()
        await asyncio.sleep(0.3)
        after = os.times()
    assert after.user + after.system - before.user - before.system < 0.05


async def test_the_command_says_which_path_to_connect_to() -> None:
    command = (sys.executable, "-m", "edge_agent", "virtual-printer", "--pty", "--baud", str(BAUD))
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    said = (await process.stderr.readline()).decode()
    url = said.removeprefix("virtual-printer: ").strip()
    assert url.startswith("serial:///")
    assert url.endswith(f"?baud={BAUD}")
    transport = open_transport(url, write_timeout_s=10.0)
    await transport.open()
    assert await ask(transport, HS) is not None
    await transport.close()
    process.send_signal(signal.SIGINT)
    assert await process.wait() == 0


def test_a_pace_without_a_line_is_refused() -> None:
    assert "--pty" in cli_kit.run("virtual-printer", "--baud", "9600").refusal
