"""Commands that stay: run, demo, virtual-printer."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from edge_agent import __version__
from edge_agent.access.exposure import open_to_network
from edge_agent.app import agent
from edge_agent.cli.common import ConfigOption, configuration
from edge_agent.config import AgentConfig, default_paths, places
from edge_agent.listening import in_its_place
from edge_agent.ops.doctor.self_check import self_check
from edge_agent.ops.service.notify import Notifier, watched
from edge_agent.ops.update.held import confirm, hold_until_well
from edge_agent.render.raster import dots
from edge_agent.virtual_printer import FAULT_HELP, VirtualPrinter, VirtualPrinterOptions, run_virtual_printer
from edge_agent.virtual_printer.firmware import FIRMWARE
from label_protocol import collector
from label_protocol.errors import ConfigError, cannot_listen
from label_protocol.logs import LogFile, configure_logs

_FAULTS = "故障 · NAME or NAME@K or NAME@K:ARG: " + "; ".join(f"{usage} {zh} {en}" for usage, zh, en in FAULT_HELP)
_NO_CONFIGURATION = (
    "还没有配置，没有打印机，只能校验和预览；请运行 edge-agent setup · expected a configuration at {place}, got none: "
    "without a printer it checks and previews; run: edge-agent setup"
)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(demo)
    app.command()(run)
    app.command(name="virtual-printer")(virtual_printer)


def run(config: ConfigOption = None) -> None:
    """运行代理 · Run the agent.

    Example: edge-agent run --config agent.toml
    """
    settings = configuration(config)
    if config is None and not (place := places.found(default_paths().config)).exists():
        sys.stderr.write(f"edge-agent: {_NO_CONFIGURATION.format(place=place)}\n")
    with _log_file(settings) as file, contextlib.suppress(KeyboardInterrupt):
        configure_logs(file=file)
        asyncio.run(_run(settings))


@contextlib.contextmanager
def _log_file(config: AgentConfig) -> Iterator[LogFile | None]:
    log = config.log
    if log.path is None:
        yield None
    else:
        with contextlib.closing(LogFile(log.path, keep=log.keep, max_bytes=log.max_mb * 1_000_000)) as file:
            yield file


async def _run(config: AgentConfig) -> None:
    systemd = Notifier(os.environ, os.getpid())
    listen = partial(in_its_place, config)
    await hold_until_well(config, __version__, partial(self_check, config), systemd=systemd, listen=listen)
    async with agent(config) as (service, address), watched(systemd, address, service.site.holds):
        confirm(config, __version__)
        web, asked = config.web, await service.people.asked()
        if words := open_to_network(web.host, asked=asked, tls=web.tls, allow_plain=web.allow_plain_http):
            _say_in_red(f"edge-agent: {words}")
        collector.started()
        sys.stderr.write(f"edge-agent: 运行中 running, {address}\n")
        await _until_told()


def _say_in_red(line: str) -> None:
    """Where a terminal shows it; a file gets the words alone."""
    sys.stderr.write(f"\x1b[1;31m{line}\x1b[0m\n" if sys.stderr.isatty() else f"{line}\n")


async def _until_told() -> None:
    """Until SIGINT or SIGTERM; Windows has no signal handlers in the loop, there Ctrl-C interrupts the wait."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(name, stop.set)
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)


def demo(
    once: Annotated[bool, typer.Option("--once", help="打样、核对、退出 · print, compare, exit")] = False,
    folder: Annotated[
        Path | None, typer.Option("--keep", help="保留在此目录 · keep everything here", metavar="DIR")
    ] = None,
) -> None:
    """整套演示 · Virtual printer, registry, agent and page on loopback.

    Example: edge-agent demo --once
    """
    from edge_agent.demo.play import play  # the registry comes with it, and would stay in the memory of every agent

    configure_logs(quiet=True)
    with contextlib.suppress(KeyboardInterrupt):
        if not asyncio.run(play(once=once, folder=folder, until=_until_told)):
            raise typer.Exit(1)


SerialNumber = Annotated[
    str, typer.Option("--serial-number", metavar="S", help="序列号，空为不报 · empty: it tells none")
]


def virtual_printer(
    listen: Annotated[
        str, typer.Option("--listen", help="监听地址 · address to listen at", metavar="H:P")
    ] = "127.0.0.1:9100",
    pty: Annotated[bool, typer.Option("--pty", help="改用虚拟串口 · on a pseudo terminal instead")] = False,
    baud: Annotated[int, typer.Option("--baud", min=0, max=4_000_000, help="0 = 不限速 · no pace")] = 0,
    tape: Annotated[Path | None, typer.Option("--tape", metavar="DIR", help="纸带 · one PNG per label")] = None,
    language: Annotated[
        str, typer.Option("--language", metavar="L", help=f"打印机语言 · printer language: {', '.join(FIRMWARE)}")
    ] = "zpl",
    control: Annotated[str | None, typer.Option("--control", metavar="H:P", help="控制口 · POST /faults")] = None,
    speed_ips: Annotated[float, typer.Option("--speed-ips", min=0, max=100, metavar="N", help="英寸/秒 in/s")] = 6.0,
    label: Annotated[str, typer.Option("--label", metavar="WxH", help="标签毫米 · one label, in mm")] = "60x40",
    across: Annotated[int, typer.Option("--across", min=1, max=8, help="每行几张 · labels side by side")] = 1,
    across_gap_mm: Annotated[float, typer.Option("--across-gap-mm", min=0, max=50, help="并排间距 · between")] = 2.0,
    handling: Annotated[str, typer.Option("--handling", metavar="tear|peel|cut", help="初始方式 · at start")] = "tear",
    take_after_s: Annotated[
        float | None, typer.Option("--take-after-s", min=0, metavar="S", help="剥离后自动取签 · peel: taken after S")
    ] = None,
    dpi: Annotated[int, typer.Option("--dpi", help="打印头分辨率 · of the head", min=100, max=1200)] = 203,
    odometer: Annotated[int, typer.Option("--odometer", help="计数器起始值 · its counter at start", min=0)] = 1000,
    blind: Annotated[bool, typer.Option("--blind", help="只计数不绘制 · counts without drawing")] = False,
    ribbon: Annotated[bool, typer.Option("--ribbon/--no-ribbon", help="有无碳带 · else direct thermal")] = True,
    serial_number: SerialNumber = "42A000000000",
    unanswered: Annotated[
        list[str] | None, typer.Option("--unanswered", metavar="QUERY", help="从不应答 · never answers it: ~HQES")
    ] = None,
    fault: Annotated[list[str] | None, typer.Option("--fault", metavar="NAME[@K][:ARG]", help=_FAULTS)] = None,
) -> None:
    """虚拟打印机 · Stands in for a real one.

    Example: edge-agent virtual-printer --listen 127.0.0.1:9100 --tape tape --fault ribbon-out@5
    Example: edge-agent virtual-printer --language tspl --pty --baud 9600
    """
    _require_line(pty, baud)
    host, port = _address(listen)
    control_host, control_port = _address(control) if control else ("127.0.0.1", None)
    width_dots, height_dots = _label_dots(label, dpi)
    options = VirtualPrinterOptions(
        language=language,
        host=host,
        port=port,
        control_host=control_host,
        control_port=control_port,
        pty=pty,
        baud=baud,
        tape=tape,
        speed_ips=speed_ips,
        across=across,
        across_gap_mm=across_gap_mm,
        handling=handling,
        take_after_s=take_after_s,
        width_dots=width_dots,
        height_dots=height_dots,
        unanswered=frozenset(unanswered or ()),
        dpi=dpi,
        odometer=odometer,
        blind=blind,
        ribbon=ribbon,
        serial_number=serial_number,
        faults=tuple(fault or ()),
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_stand_in(options))


async def _stand_in(options: VirtualPrinterOptions) -> None:
    def ready(printer: VirtualPrinter) -> None:
        control = f", control http://{options.control_host}:{printer.control_port}" if printer.control_port else ""
        place = f"serial://{printer.path}" if printer.path else f"tcp://{options.host}:{printer.port}"
        pace = f"?baud={options.baud}" if options.baud else ""
        sys.stderr.write(f"virtual-printer: {place}{pace}{control}\n")

    work = asyncio.create_task(run_virtual_printer(options, ready))
    told = asyncio.create_task(_until_told())
    await asyncio.wait({work, told}, return_when=asyncio.FIRST_COMPLETED)
    for task in (work, told):
        task.cancel()
    await asyncio.gather(work, told, return_exceptions=True)
    if work.done() and not work.cancelled() and (trouble := work.exception()) is not None:
        if isinstance(trouble, OSError) and trouble.filename is None:
            raise cannot_listen("virtual-printer", options.host, options.port, trouble) from trouble
        raise trouble


def _require_line(pty: bool, baud: int) -> None:
    if baud and not pty:
        raise ConfigError(f"baud: expected --pty with it, got --baud {baud} for a TCP port; add --pty")


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ConfigError(f"address: expected HOST:PORT such as 127.0.0.1:9100, got {text!r}")
    return host, int(port)


def _label_dots(text: str, dpi: int) -> tuple[int, int]:
    """`60x40` in millimetres → dots."""
    match = re.fullmatch(r"(\d{1,3}(?:\.\d)?)x(\d{1,4}(?:\.\d)?)", text, re.ASCII)
    sides = [dots(float(side), dpi) for side in match.groups()] if match else []
    if len(sides) != 2 or min(sides) < 1:
        raise ConfigError(f"label: expected WIDTHxHEIGHT in mm such as 60x40, got {text!r}")
    return sides[0], sides[1]
