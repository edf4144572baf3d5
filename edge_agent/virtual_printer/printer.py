"""The virtual printer: firmware, mechanism, tape and ports put together, and the faults that concern them all."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

from edge_agent.virtual_printer.control import Control
from edge_agent.virtual_printer.faults import CUT_OFF, KINDS, MOMENTS, STOPS, FaultBoard, FaultOrder, Phase, parse_fault
from edge_agent.virtual_printer.firmware import FIRMWARE
from edge_agent.virtual_printer.mechanism import Mechanism
from edge_agent.virtual_printer.options import HANDLINGS, VirtualPrinterOptions
from edge_agent.virtual_printer.port import HostPort, Port
from edge_agent.virtual_printer.tape import Tape
from label_protocol.errors import ConfigError

ANOTHERS_LABELS = 5_000
"""How many more the printer of a `swap` has printed in its life."""

_PASSING = {"power-cut": "power-cut", "unplug": "unplug", "head-hot": "head-hot", "roll-change": "media-out"}
"""Faults that pass by themselves after their argument, and the name that is on the board meanwhile."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class VirtualPrinter:
    """Stands in for a printer, on a real TCP port or pseudo terminal.

    Raises:
        ConfigError: an unknown language or handling, or a fault that cannot be read.
    """

    def __init__(
        self,
        options: VirtualPrinterOptions,
        clock: Callable[[], str] = _now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if options.language not in FIRMWARE:
            raise ConfigError(f"language: expected one of {', '.join(FIRMWARE)}, got {options.language!r}")
        if options.handling not in HANDLINGS:
            raise ConfigError(f"handling: expected one of {', '.join(HANDLINGS)}, got {options.handling!r}")
        self._board = FaultBoard()
        self._sleep = sleep
        self._tape = Tape(options.tape, clock) if options.tape is not None else None
        self._mechanism = Mechanism(options, self._board, self._tape, self._act, self._on_change)
        self._port = self._make_port(options)
        self._firmware = FIRMWARE[options.language](options, self._mechanism, self._board, self._say)
        self._control = self._make_control(options)
        self._first_orders = [parse_fault(text) for text in options.faults]
        self._running: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()

    def _make_port(self, options: VirtualPrinterOptions) -> HostPort:
        if options.pty:
            from edge_agent.virtual_printer.serial_port import SerialPort  # POSIX only

            return SerialPort(options.baud, self._board, self._receive, self._is_full)
        return Port(options.host, options.port, self._board, self._receive, self._is_full)

    def _is_full(self) -> bool:
        return self._firmware.full

    def _make_control(self, options: VirtualPrinterOptions) -> Control | None:
        if options.control_port is None:
            return None
        return Control(options.control_host, options.control_port, self.state, self.fault, self.fix)

    @property
    def port(self) -> int:
        """Where it listens for a host; 0 on a pty."""
        return self._port.number

    @property
    def path(self) -> str:
        """The device file a host opens; empty on TCP."""
        return self._port.path

    @property
    def control_port(self) -> int:
        """Where it listens for faults; 0 if it does not."""
        return self._control.number if self._control else 0

    @property
    def printed(self) -> int:
        """Rows of paper that left the head."""
        return self._mechanism.printed

    @property
    def odometer(self) -> int:
        """What it would answer."""
        return self._mechanism.odometer

    async def start(self) -> None:
        """Listen and print."""
        await self._port.open()
        if self._control is not None:
            await self._control.open()
        self._running = asyncio.create_task(self._mechanism.run())
        for order in self._first_orders:
            self._take_order(order)

    async def stop(self) -> None:
        """Stop listening and printing, as if unplugged; the tape is complete. Stopping twice does nothing."""
        for task in (*self._background, *([self._running] if self._running else [])):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        self._running = None
        await self._port.close()
        if self._control is not None:
            await self._control.close()
        if self._tape is not None:
            self._tape.close()

    def fault(self, text: str) -> None:
        """Order a fault: `NAME[@K][:ARG]`.

        Raises:
            ConfigError: it cannot be read.
        """
        self._take_order(parse_fault(text))

    def fix(self, name: str = "all") -> None:
        """Do what an operator does about `name`, or about everything.

        Raises:
            ConfigError: there is no such fault.
        """
        if name != "all" and name not in KINDS:
            raise ConfigError(f"fix: expected all or one of {', '.join(KINDS)}, got {name!r}")
        ended = self._board.withdraw(KINDS if name == "all" else [name])
        if name == "roll-change":
            ended |= self._board.end({"media-out"})
        self._mend(ended)

    def _mend(self, ended: set[str]) -> None:
        """What follows when these faults are over."""
        if ended & STOPS:
            self._mechanism.close_head()
        if ended & CUT_OFF and CUT_OFF.isdisjoint(self._board.active):
            self._in_background(self._port.open())
        if "label-not-taken" in ended:
            self._mechanism.take_label()
        self._mechanism.wake()

    def state(self) -> dict[str, object]:
        """All there is to see, as JSON."""
        return {
            "printed": self._mechanism.printed,
            "odometer": self._mechanism.odometer,
            "queue": len(self._mechanism.queue),
            "under_head": self._mechanism.under_head is not None,
            "labels_inside": self._mechanism.labels_inside,
            "handling": self._mechanism.handling,
            "label_waiting": self._mechanism.label_waiting,
            "cuts": self._mechanism.cuts,
            "faults": sorted(self._board.active),
            "armed": [str(order) for order in self._board.waiting],
            "connected": self._port.connected,
            **self._firmware.state(),
        }

    def _receive(self, data: bytes) -> None:
        if "echo" in self._board.active:
            self._port.say(data)
        if "power-cut" not in self._board.active:
            self._firmware.receive(data)

    def _say(self, data: bytes) -> None:
        if not {"power-cut", "silence"} & set(self._board.active):
            self._port.say(data)

    def _on_change(self) -> None:
        self._firmware.work()
        self._port.read_on()

    def _take_order(self, order: FaultOrder) -> None:
        """Now, or when its label comes. A label under the head is torn by what happens now."""
        strikes = order.kind.phase is Phase.DURING and self._mechanism.under_head is not None
        if order.at is None and not strikes:
            self._act(order)
        else:
            self._board.waiting.append(order)

    def _act(self, order: FaultOrder) -> None:
        if order.name not in MOMENTS:
            self._board.active[order.name] = order.arg
        match order.name:
            case "reset-before-ink":
                self._firmware.forget_buffers()
                self._hang_up()
            case "reset-after-ink":
                self._hang_up()
            case "power-cut":
                self._power_down()
            case "unplug" | "refuse-connect":
                self._in_background(self._port.close())
            case "feed-key":
                self._mechanism.feed_paper()
            case "reprint-key":
                self._mechanism.repeat_last()
            case "roll-change":
                self._board.active["media-out"] = 0
            case "take-label":
                self._mechanism.take_label()
            case "foreign-label":
                self._mechanism.print_foreign()
            case "counter-reset":
                self._mechanism.odometer = 0
            case "swap":
                self._swap()
            case "lose-objects":
                self._firmware.lose_objects()
        if order.arg and (passing := _PASSING.get(order.name)):
            self._in_background(self._pass_after(order.arg, passing))

    async def _pass_after(self, after_ms: int, name: str) -> None:
        await self._sleep(after_ms / 1000)
        self._mend(self._board.end({name}))

    def _hang_up(self) -> None:
        """A TCP reset; a serial line has none, and the host sees nothing."""
        if self._port.hangs_up_on_power_cut:
            self._port.reset()

    def _power_down(self) -> None:
        """RAM is gone the moment power is. Over TCP the host sees a reset and then nobody; on a serial line its bytes
        still go out, into the void."""
        self._firmware.power_up()
        if self._port.hangs_up_on_power_cut:
            self._port.reset()
            self._in_background(self._port.close())
        else:
            self._port.read_on()

    def _swap(self) -> None:
        """The cable is pulled from one printer and put into the next, which counts from its own life."""
        self._firmware.power_up()
        self._mechanism.nameplate.become_another()
        self._mechanism.odometer += ANOTHERS_LABELS
        self._in_background(self._replug())

    async def _replug(self) -> None:
        self._port.reset()
        await self._port.close()
        await self._port.open()

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def run_virtual_printer(
    options: VirtualPrinterOptions, on_ready: Callable[[VirtualPrinter], None] = lambda _: None
) -> None:
    """Start, tell `on_ready`, and print until cancelled."""
    printer = VirtualPrinter(options)
    await printer.start()
    try:
        on_ready(printer)
        await asyncio.Event().wait()
    finally:
        await printer.stop()
