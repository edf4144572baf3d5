"""The whole virtual printer on a real port: paper, counts, answers and faults, as a host sees them."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import pytest

from edge_agent.errors import LinkBlockedError, LinkBrokenError, LinkDownError
from edge_agent.model.bitmap import Bitmap
from edge_agent.model.printer import Fault, Health
from edge_agent.virtual_printer import VirtualPrinter, VirtualPrinterOptions, run_virtual_printer
from label_protocol.errors import ConfigError
from tests.kits.virtual_kit import (
    HQES,
    HS,
    PREAMBLE,
    REPRINTING,
    ZPL_II,
    ask,
    host,
    label,
    lines,
    paper,
    printer,
    until,
    until_connected,
)

STOPS = {
    "media-out": Fault.MEDIA_OUT,
    "ribbon-out": Fault.RIBBON_OUT,
    "head-open": Fault.HEAD_OPEN,
}


# --- paper ------------------------------------------------------------------------------------------------------


async def test_labels_come_out_in_order_and_are_counted(tmp_path: Path) -> None:
    async with printer(tmp_path, odometer=70) as machine, host(machine) as line:
        await line.write(PREAMBLE + b"".join(map(label, range(1, 8))))
        await until(lambda: machine.printed == 7)
        assert await ask(line, ZPL_II.counter_query) == 77
        assert (await ask(line, HS)).idle
    assert lines(tmp_path) == [(n, "label") for n in range(1, 8)]
    assert [paper(tmp_path, n) for n in range(1, 8)] == [(n, n) for n in range(1, 8)]


async def test_a_tape_is_continued(tmp_path: Path) -> None:
    for n in (1, 2):
        async with printer(tmp_path) as machine, host(machine) as line:
            await line.write(PREAMBLE + label(n))
            await until(lambda: machine.printed == 1)
    assert lines(tmp_path) == [(1, "label"), (2, "label")]
    assert paper(tmp_path, 2) == (2, 2)


async def test_a_blind_printer_leaves_lines_and_no_pictures(tmp_path: Path) -> None:
    async with printer(tmp_path, blind=True) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1))
        await until(lambda: machine.printed == 1)
    assert [path.name for path in tmp_path.iterdir()] == ["tape.jsonl"]


async def test_the_head_takes_its_time_and_never_a_gap() -> None:
    pitch_s = (32 / 203 + 3 / 25.4) / 14
    async with printer(speed_ips=14) as machine, host(machine) as line:
        begun = asyncio.get_running_loop().time()
        await line.write(PREAMBLE + label(1) * 12)
        await until(lambda: machine.printed == 12)
        assert asyncio.get_running_loop().time() - begun >= 12 * pitch_s


async def test_a_label_under_the_head_is_not_idle() -> None:
    async with printer(speed_ips=0.5) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1))
        await until(lambda: machine.state()["under_head"] is True)
        assert (await ask(line, HS)).idle is False
        await line.write(ZPL_II.cancel())
        assert (await ask(line, HS)).idle is False, "cancel lets the label under the head come out"


# --- the line ---------------------------------------------------------------------------------------------------


async def test_a_second_host_waits_until_the_first_is_gone() -> None:
    async with printer() as machine, host(machine) as first:
        assert await ask(first, HS) is not None
        async with host(machine) as second:
            await second.write(HS.request)
            assert await second.read(0.03) == b""
            await first.close()
            assert b"\x02" in await second.read(2.0)


async def test_a_full_buffer_closes_the_window_and_opens_again() -> None:
    filler, many = b"^FX" + b"-" * 400_000, 40
    options = {"receive_buffer_bytes": 4096, "faults": ("media-out@1",), "queue_labels": 2, "blind": True}
    async with printer(**options) as machine, host(machine) as line:
        with pytest.raises(LinkBlockedError):
            await line.write(PREAMBLE + label(1).replace(b"^PQ1", filler) * many)
        await until(lambda: machine.state()["buffer_full"])
        assert machine.state()["formats_waiting"] == 1
        machine.fix()
        await line.flush()
        await until(lambda: machine.printed == many + 1)  # one blank after the head was closed


async def test_bytes_received_before_the_host_left_are_still_printed() -> None:
    async with printer() as machine:
        async with host(machine) as line:
            await line.write(PREAMBLE + label(1) * 3)
        await until(lambda: machine.printed == 3)


async def test_answers_may_be_slow_split_or_garbled() -> None:
    async with printer(faults=("split-replies", "slow-replies:30")) as machine, host(machine) as line:
        assert await ask(line, HS, 0.005) is None
        assert (await ask(line, HS)) is not None
        machine.fix()
        machine.fault("garbled-replies")
        await line.write(HQES.request)
        await asyncio.sleep(0)
        reply = b""
        while chunk := await line.read(0.05):
            reply += chunk
        assert b"PRINTER STATUS" in reply


async def test_a_line_that_echoes_says_back_each_byte_and_answers_all_the_same() -> None:
    async with printer(faults=("echo",)) as machine, host(machine) as line:
        await line.write(HS.request)
        heard = b""
        while chunk := await line.read(0.1):
            heard += chunk
        assert heard.startswith(HS.request) and HS.parse(heard.removeprefix(HS.request)) is not None


async def test_refused_connections() -> None:
    async with printer(faults=("refuse-connect",)) as machine:
        with pytest.raises(LinkDownError):
            for _ in range(100):
                async with host(machine):
                    await asyncio.sleep(0.001)
        machine.fix("refuse-connect")
        await asyncio.sleep(0.01)
        async with host(machine) as line:
            assert await ask(line, HS) is not None


# --- faults -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", STOPS)
async def test_a_stop_without_reprint_leaves_one_torn_label(tmp_path: Path, name: str) -> None:
    async with printer(tmp_path, faults=(f"{name}@2",)) as machine, host(machine) as line:
        await line.write(PREAMBLE + b"".join(map(label, (1, 2, 3))))
        await until(lambda: machine.state()["faults"] == [name])
        assert await ask(line, HS, 0.02) is None, "silent in a fault"
        status = await ask(line, HQES)
        assert (status.health, status.faults) == (Health.FAULT, {STOPS[name]})
        machine.fix()
        await until(lambda: machine.printed == 4)
        assert (await ask(line, HS)).health is Health.OK
    assert lines(tmp_path) == [(1, "label"), (2, "label"), (3, "feed"), (4, "label")]
    assert [paper(tmp_path, n) for n in range(1, 5)] == [(1, 1), (2, 0), (0, 0), (3, 3)]


@pytest.mark.parametrize("name", STOPS)
async def test_a_stop_with_reprint_prints_the_torn_label_again(tmp_path: Path, name: str) -> None:
    async with printer(tmp_path, faults=(f"{name}@2",), odometer=0) as machine, host(machine) as line:
        await line.write(REPRINTING + b"".join(map(label, (1, 2, 3))))
        await until(lambda: machine.state()["faults"] == [name])
        machine.fix()
        await until(lambda: machine.printed == 5)
        assert machine.odometer == 5
    assert lines(tmp_path) == [(1, "label"), (2, "label"), (3, "feed"), (4, "reprint"), (5, "label")]
    assert [paper(tmp_path, n) for n in range(1, 6)] == [(1, 1), (2, 0), (0, 0), (2, 2), (3, 3)]


async def test_a_stop_between_labels_tears_nothing(tmp_path: Path) -> None:
    options = {"blanks_on_head_close": 2, "paper_fed_counted": False, "odometer": 0}
    async with printer(tmp_path, **options) as machine, host(machine) as line:
        machine.fault("head-open")
        await line.write(PREAMBLE + label(1))
        assert (await ask(line, HQES)).faults == {Fault.HEAD_OPEN}
        assert machine.printed == 0
        machine.fix("head-open")
        await until(lambda: machine.printed == 3)
        assert machine.odometer == 1
    assert lines(tmp_path) == [(1, "feed"), (2, "feed"), (3, "label")]


async def test_a_fault_now_tears_the_label_under_the_head(tmp_path: Path) -> None:
    async with printer(tmp_path, speed_ips=8) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1))
        await until(lambda: machine.state()["under_head"] is True)
        machine.fault("ribbon-out")
        await until(lambda: machine.printed == 1)
    assert paper(tmp_path, 1) == (1, 0)


async def test_answering_in_a_fault_is_an_option() -> None:
    async with printer(answer_hs_in_fault=True, faults=("media-out",)) as machine, host(machine) as line:
        assert (await ask(line, HS)).faults == {Fault.MEDIA_OUT}


async def test_a_power_cut_takes_buffer_objects_switch_and_line(tmp_path: Path) -> None:
    art = Bitmap(64, 32, bytes(256))
    async with printer(tmp_path, faults=("power-cut@2",), odometer=0) as machine:
        async with host(machine) as line:
            await line.write(PREAMBLE + ZPL_II.store(art) + b"".join(map(label, (1, 2, 3, 4))))
            with pytest.raises(LinkBrokenError):
                while True:
                    await line.read(2.0)
        with pytest.raises(LinkDownError):
            async with host(machine):
                pass
        machine.fix()
        await until_connected(machine)
        async with host(machine) as line:
            assert await ask(line, ZPL_II.objects_query()) == {}
            assert machine.state()["reprint_after_error"] is True
            assert await ask(line, ZPL_II.counter_query) == 1
            await line.write(PREAMBLE + label(9))
            await until(lambda: machine.printed == 3)
    assert [paper(tmp_path, n) for n in (1, 2, 3)] == [(1, 1), (2, 0), (9, 9)]


async def test_power_may_come_back_by_itself() -> None:
    async with printer(faults=("power-cut@1:20",)) as machine:
        async with host(machine) as line:
            await line.write(PREAMBLE + label(1))
            await until(lambda: machine.printed == 1)
        await until(lambda: machine.state()["faults"] == [])
        await until_connected(machine)


@pytest.mark.parametrize(("name", "inked"), [("reset-before-ink@3", 2), ("reset-after-ink@3", 5)])
async def test_a_reset_before_or_after_the_ink(tmp_path: Path, name: str, inked: int) -> None:
    async with printer(tmp_path, faults=(name,), speed_ips=40) as machine:
        async with host(machine) as line:
            await line.write(PREAMBLE + b"".join(map(label, (1, 2, 3, 4, 5))))
            with pytest.raises(LinkBrokenError):
                while True:
                    await line.read(2.0)
        await until(lambda: machine.printed == inked and not machine.state()["labels_inside"])
        async with host(machine) as line:
            assert (await ask(line, HS)).idle
    assert lines(tmp_path) == [(n, "label") for n in range(1, inked + 1)]


@pytest.mark.parametrize(("name", "cause"), [("feed-key@2", "feed"), ("reprint-key@2", "reprint")])
async def test_keys_make_paper_nobody_sent(tmp_path: Path, name: str, cause: str) -> None:
    async with printer(tmp_path, faults=(name,), odometer=0) as machine, host(machine) as line:
        await line.write(PREAMBLE + b"".join(map(label, (1, 2, 3))))
        await until(lambda: machine.printed == 4)
        assert machine.odometer == 4
    assert lines(tmp_path) == [(1, "label"), (2, "label"), (3, cause), (4, "label")]
    assert paper(tmp_path, 3) == ((2, 2) if cause == "reprint" else (0, 0))


async def test_the_pause_key_and_the_hosts_own_pause() -> None:
    async with printer(faults=("pause@1",)) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1) * 2)
        await until(lambda: machine.state()["faults"] == ["pause"])
        status = await ask(line, HS)
        assert (status.faults, status.idle) == ({Fault.PAUSED}, False)
        await line.write(b"~PS")
        await until(lambda: machine.printed == 2)
        await line.write(b"~PP")
        assert (await ask(line, HQES)).faults == {Fault.PAUSED}


async def test_silence_prints_on() -> None:
    async with printer(faults=("silence@1",)) as machine, host(machine) as line:
        await line.write(PREAMBLE + label(1) * 3)
        await until(lambda: machine.printed == 3)
        for query in (HS, HQES, ZPL_II.counter_query):
            assert query is not None
            assert await ask(line, query, 0.01) is None
        machine.fix("silence")
        assert (await ask(line, HS)).idle


# --- the control port and the command ----------------------------------------------------------------------------


async def test_faults_over_http() -> None:
    async with printer(control_port=0) as machine, aiohttp.ClientSession() as session:
        base = f"http://127.0.0.1:{machine.control_port}"
        async with session.post(f"{base}/faults", json={"fault": "ribbon-out@5"}) as answer:
            assert (answer.status, (await answer.json())["armed"]) == (200, ["ribbon-out@5"])
        async with session.post(f"{base}/faults", json={"fix": "all"}) as answer:
            assert (await answer.json())["armed"] == []
        async with session.get(f"{base}/state") as answer:
            assert (await answer.json())["odometer"] == 1000


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"fault": 1}', b'{"fault": "fire"}', b'{"fix": "fire"}', b"\xff", b'{"a": "b"}']
)
async def test_what_is_no_order_over_http_is_refused(body: bytes) -> None:
    async with printer(control_port=0) as machine, aiohttp.ClientSession() as session:
        answer = await session.post(f"http://127.0.0.1:{machine.control_port}/faults", data=body)
        assert answer.status == 400
        assert ": expected" in (await answer.json())["title"]


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"language: expected one of .*zpl"):
        VirtualPrinter(VirtualPrinterOptions(language="pcl"))


def test_an_unknown_handling_is_refused() -> None:
    with pytest.raises(ConfigError, match="handling: expected one of tear, peel, cut, got 'fold'"):
        VirtualPrinter(VirtualPrinterOptions(handling="fold"))


async def test_it_runs_until_it_is_stopped() -> None:
    ready: list[VirtualPrinter] = []
    running = asyncio.create_task(run_virtual_printer(VirtualPrinterOptions(), ready.append))
    await until(lambda: bool(ready))
    async with host(ready[0]) as line:
        assert await ask(line, HS) is not None
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ConnectionRefusedError), socket.socket() as probe:
        probe.connect(("127.0.0.1", ready[0].port))
