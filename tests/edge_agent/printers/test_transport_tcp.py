"""What is TCP's own, beside the conformance suite."""

from __future__ import annotations

import asyncio
import socket
import statistics

import pytest

from edge_agent.printers.transports import open_transport
from edge_agent.printers.transports.contract import Transport

ROUNDS = 12
PATIENT_S = 0.02
"""Half of what Linux lets an acknowledgement wait."""


@pytest.mark.skipif(not hasattr(socket, "TCP_QUICKACK"), reason="this system acknowledges when it likes")
async def test_a_printer_that_gathers_small_answers_is_not_kept_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        transport = open_transport(f"tcp://127.0.0.1:{listener.getsockname()[1]}", write_timeout_s=1.0)
        await transport.open()
        printer, _ = await asyncio.get_running_loop().sock_accept(listener)
        with printer:
            waits_s = [await _two_answers(transport, printer) for _ in range(ROUNDS)]
            await transport.close()
    assert statistics.median(waits_s) < PATIENT_S


async def _two_answers(transport: Transport, printer: socket.socket) -> float:
    """Seconds from a question to the second half of its answer; the two are two writes of a socket as it comes."""
    loop = asyncio.get_running_loop()
    asked_s = loop.time()
    await transport.write(b"?")
    await loop.sock_recv(printer, 1)
    await loop.sock_sendall(printer, b"1")
    await loop.sock_sendall(printer, b"2")
    heard = b""
    while len(heard) < 2:
        heard += await transport.read(1.0)
    return loop.time() - asked_s
