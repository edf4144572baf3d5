"""Discovery: a scan tries only what it was told to, sends nothing unless told to, and no question can print."""

from __future__ import annotations

import asyncio
import contextlib
import json
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from edge_agent.config import config_from
from edge_agent.errors import NotFoundError
from edge_agent.printers import discovery
from edge_agent.printers.discovery import Found, addresses, scan
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printing.from_config import profile_of
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions
from edge_agent.virtual_printer.firmware import FIRMWARE
from label_protocol.errors import ConfigError
from tests.kits.cli_kit import run
from tests.kits.printer_bench import PrinterBench

QUICK_S = 0.15


@contextlib.asynccontextmanager
async def a_printer(language: str = "zpl", *faults: str) -> AsyncIterator[VirtualPrinter]:
    """One that listens on loopback."""
    printer = VirtualPrinter(VirtualPrinterOptions(language=language, control_port=None, faults=faults))
    await printer.start()
    try:
        yield printer
    finally:
        await printer.stop()


@contextlib.asynccontextmanager
async def a_listener(heard: bytearray, answer: bytes = b"", hang_up: bool = False) -> AsyncIterator[int]:
    """Somebody on a port who is no label printer: an office printer, say. Keeps what it was told."""
    ended: list[asyncio.Event] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ended.append(asyncio.Event())
        while not hang_up and (data := await reader.read(1000)):
            heard.extend(data)
            writer.write(answer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        ended[-1].set()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]
        for event in ended:
            await event.wait()


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) & set(FIRMWARE)))
async def test_a_printer_is_found_and_named_in_its_own_language(language: str) -> None:
    async with a_printer(language) as printer:
        (found,) = await scan("127.0.0.1/32", port=printer.port, timeout_s=0.5, ask=True)
        assert (found.kind, found.url) == ("network", f"tcp://127.0.0.1:{printer.port}")
        assert found.language == language
        assert found.identity
        assert found.profile == f"{language}-unknown"
        assert printer.printed == 0


async def test_an_echo_service_is_told_and_given_no_language() -> None:
    async with a_printer("zpl", "echo") as printer:
        (found,) = await scan("127.0.0.1/32", port=printer.port, timeout_s=0.5, ask=True)
        assert (found.language, found.identity) == (None, None)
        assert "线路回显" in found.description and "echoes" in found.description


async def test_a_range_yields_those_who_listen_in_order() -> None:
    async with a_printer() as printer:
        assert [one.url for one in await scan("127.0.0.0/29", port=printer.port, timeout_s=QUICK_S)] == [
            f"tcp://127.0.0.1:{printer.port}"
        ]
    assert await scan("127.0.0.0/29", port=printer.port, timeout_s=QUICK_S) == []


async def test_nothing_is_sent_unless_somebody_says_so() -> None:
    """An office printer prints whatever text comes to port 9100."""
    heard = bytearray()
    async with a_listener(heard) as port:
        (found,) = await scan("127.0.0.1", port=port, timeout_s=QUICK_S)
    assert heard == b""
    assert (found.language, found.identity, found.profile) == (None, None, None)


async def test_who_answers_no_question_is_an_open_port() -> None:
    heard = bytearray()
    async with a_listener(heard) as port:
        (found,) = await scan("127.0.0.1", port=port, timeout_s=QUICK_S, ask=True)
    assert found == Found("network", f"tcp://127.0.0.1:{port}", f"127.0.0.1:{port}")
    asked = [language.identity_query.request for _, language in discovery.in_turn() if language.identity_query]
    assert len(asked) == len(LANGUAGES)
    assert asked[0].startswith(b"~HI"), "a Zebra that speaks EPL2 as well is asked in ZPL first"
    assert heard == b"".join(asked), "each language's identity question once, and nothing else"


async def test_a_silent_printer_is_an_open_port() -> None:
    async with a_printer("zpl", "silence") as printer:
        (found,) = await scan("127.0.0.1", port=printer.port, timeout_s=QUICK_S, ask=True)
        assert found.profile is None


async def test_an_answer_in_no_language_is_an_open_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "LANGUAGES", {"zpl": LANGUAGES["zpl"]})
    async with a_listener(bytearray(), b"\x02one two\x03\r\n") as port:
        (found,) = await scan("127.0.0.1", port=port, timeout_s=QUICK_S, ask=True)
    assert found.profile is None


async def test_a_peer_that_hangs_up_on_a_question_is_an_open_port() -> None:
    async with a_listener(bytearray(), hang_up=True) as port:
        (found,) = await scan("127.0.0.1", port=port, timeout_s=QUICK_S, ask=True)
    assert found.profile is None


async def test_no_more_are_tried_at_once_than_told(monkeypatch: pytest.MonkeyPatch) -> None:
    now, most = 0, 0

    async def visit(_url: str, _timeout_s: float, _ask: bool) -> None:
        nonlocal now, most
        now, most = now + 1, max(most, now + 1)
        await asyncio.sleep(0)
        now -= 1

    monkeypatch.setattr(discovery, "_visit", visit)
    await scan("127.0.0.0/24", at_once=7)
    assert most == 7


@pytest.mark.parametrize("spoken", sorted(FIRMWARE))
def test_no_identity_question_prints_on_any_printer(spoken: str) -> None:
    """Whatever a printer speaks, it may be asked in all languages, in any order, and stays still."""
    requests = [language.identity_query.request for language in LANGUAGES.values() if language.identity_query]
    bench = PrinterBench(spoken)
    assert bench.feed(b"".join(requests) + b"".join(reversed(requests))) == []
    assert bench.mechanism.printed == 0


@pytest.mark.parametrize("name", sorted(LANGUAGES))
def test_an_identity_question_holds_no_print_command(name: str) -> None:
    """What prints, in any language: a format's end (ZPL), PRINT or SELFTEST or a feed (TSPL), P or a bare U (EPL2: U
    prints the configuration, UQ sends it)."""
    query = LANGUAGES[name].identity_query
    assert query is not None
    for word in (b"^XZ", b"PRINT", b"SELFTEST", b"FEED", b"EOP"):
        assert word not in query.request.upper()
    for line in query.request.split(b"\n"):
        assert not line.strip().startswith(b"P")
        assert line.strip() != b"U"


def test_a_range_is_bounded_and_ipv4() -> None:
    assert len(addresses("10.0.0.0/22")) == 1022
    assert [str(one) for one in addresses("127.0.0.5/31")] == ["127.0.0.4", "127.0.0.5"]
    with pytest.raises(
        ConfigError, match=r"expected at most 1024 addresses, got 2048; name the part .* 10\.0\.0\.0/24"
    ):
        addresses("10.0.0.0/21")
    for wrong in ("printer", "10.0.0.0/33", "::1/128", "", "10.0.0.0/24/24"):
        with pytest.raises(ConfigError, match=r"expected IPv4 like 192\.168\.1\.0/24"):
            addresses(wrong)


async def test_a_port_is_a_port() -> None:
    with pytest.raises(ConfigError, match="expected 1 to 65535, got 0"):
        await scan("127.0.0.1", port=0)


def test_what_was_found_can_be_pasted() -> None:
    known = Found("network", "tcp://127.0.0.1:9100", "127.0.0.1:9100", "zpl", 'ZD "410"\\\r\n V84', "zebra-zd410-203")
    (row,) = config_from(tomllib.loads(known.row(3)), Path("agent.toml")).printers
    assert (row.id, row.name, row.url) == ("printer-3", 'ZD "410"\\ V84', "tcp://127.0.0.1:9100")
    assert profile_of(row).name == "zebra-zd410-203"


def test_what_is_not_known_has_to_be_chosen() -> None:
    unknown = Found("queue", "queue://Zebra%20LP", "Zebra LP")
    assert "docs/printers.md" in unknown.row(1)
    (row,) = config_from(tomllib.loads(unknown.row(1)), Path("agent.toml")).printers
    with pytest.raises(NotFoundError, match="zpl-one-way"):
        profile_of(row)


def test_serial_ports_say_which_adapter_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = [
        SimpleNamespace(device="/dev/ttyUSB1", description="USB Serial", vid=0x067B, pid=0x2303),
        SimpleNamespace(device="/dev/ttyS0", description="n/a", vid=None, pid=None),
    ]
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: ports)
    assert discovery.serial_ports() == [
        Found("serial", "serial:///dev/ttyS0", "/dev/ttyS0"),
        Found("serial", "serial:///dev/ttyUSB1", "/dev/ttyUSB1 USB Serial 067b:2303"),
    ]


def test_a_serial_port_is_written_by_the_name_that_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number in ttyUSB0 is another printer's when two cables change places."""
    port = SimpleNamespace(device="/dev/ttyUSB0", description="FT232R", vid=0x0403, pid=0x6001)
    link = "/dev/serial/by-id/usb-FTDI_FT232R_A10285BI-if00-port0"
    monkeypatch.setattr("serial.tools.list_ports.comports", lambda: [port])
    monkeypatch.setattr(discovery, "stable_name", {"/dev/ttyUSB0": link}.get)
    assert discovery.serial_ports() == [Found("serial", f"serial://{link}", "/dev/ttyUSB0 FT232R 0403:6001")]


def test_queues_are_named_so_that_their_transport_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "queue_names", lambda: ["Zebra LP", "佳博"])
    found = discovery.queues()
    assert [one.url for one in found] == ["queue://Zebra%20LP", "queue://%E4%BD%B3%E5%8D%9A"]
    assert [one.description for one in found] == ["Zebra LP", "佳博"]


def test_device_files_are_listed_in_order(tmp_path: Path) -> None:
    for name in ("lp1", "lp0", "hiddev0"):
        (tmp_path / name).touch()
    found = discovery.device_files(f"{tmp_path}/lp*")
    assert [one.url for one in found] == [f"device://{tmp_path}/lp0", f"device://{tmp_path}/lp1"]


def test_the_command_lists_what_is_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "here", lambda: [Found("device", "device:///dev/usb/lp0", "lp0")])
    said = run("printers", "discover")
    assert said.out.startswith("# USB 设备 USB device · lp0\n[[printers]]\n")
    assert tomllib.loads(said.out)["printers"][0]["url"] == "device:///dev/usb/lp0"
    (row,) = json.loads(run("printers", "discover", "--json").out)
    assert tomllib.loads(row["toml"])["printers"][0]["id"] == "printer-1"


def test_the_command_tries_a_range_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = []

    async def remember(network: str, **more: object) -> list[Found]:
        orders.append((network, more))
        return []

    monkeypatch.setattr(discovery, "scan", remember)
    assert "none found" in run("printers", "discover", "--range", "127.0.0.0/30", "--port", "9101", "--ask").out
    assert orders == [("127.0.0.0/30", {"port": 9101, "ask": True})]
    monkeypatch.setattr(discovery, "here", list)
    assert "none found" in run("printers", "discover").out
    assert len(orders) == 1


def test_too_wide_a_range_is_refused_in_a_sentence() -> None:
    assert "expected at most 1024 addresses" in run("printers", "discover", "--range", "127.0.0.0/8").refusal
    assert run("printers", "discover", "--ask").code == 2
