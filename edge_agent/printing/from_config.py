"""Builds what prints from a row of the configuration: a link to a printer, and what sends windows over it."""

from __future__ import annotations

from dataclasses import replace

from edge_agent.clock import Probe
from edge_agent.config import PrinterRow, PrintingTable
from edge_agent.errors import RefusedError
from edge_agent.model.media import Media, Sensor, Setup
from edge_agent.model.printer import PrintMode, ProofLevel
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.link import Link
from edge_agent.printers.profiles import Profile, profile
from edge_agent.printers.transports import open_transport
from edge_agent.printing.printer_session import SessionSettings
from edge_agent.printing.window_printer import WindowPrinter
from label_protocol.errors import ConfigError


def profile_of(row: PrinterRow) -> Profile:
    """The profile of a configured printer.

    Raises:
        RefusedError: it speaks a language that this agent does not.
    """
    found = profile(row.profile)
    if found.language not in LANGUAGES:
        raise RefusedError(
            f"printer {row.id}: profile {row.profile} speaks {found.language}, expected one of {', '.join(LANGUAGES)}"
        )
    return found


def link_to(row: PrinterRow, printing: PrintingTable) -> Link:
    """A link, not yet connected.

    Raises:
        ConfigError: the URL is none, or its line would eat bytes of the printer's language.
    """
    traits = profile_of(row)
    language = LANGUAGES[traits.language].with_quirks(replace(traits.quirks, ribbon=_ribbon(row, traits)))
    transport = open_transport(row.url, write_timeout_s=printing.write_timeout_s)
    if language.binary and not transport.clean:
        raise ConfigError(
            f"printer {row.id}, url: expected a line with hardware flow control, because {traits.language} sends raw "
            f"bytes and XON/XOFF takes two of them for itself; got {row.url!r}; set printer and url to flow=rtscts"
        )
    counter = language.counter_query
    uncounted = {counter.name} if counter and traits.proof < ProofLevel.COUNTER else set[str]()
    return Link(language, transport, reply_timeout_s=printing.reply_timeout_s, unanswered=traits.unanswered | uncounted)


def setup_of(row: PrinterRow) -> Setup:
    """How this printer is driven in every window.

    Raises:
        RefusedError: its language cannot do that, or needs what the row leaves open.
    """
    traits = profile_of(row)
    setup = Setup(
        handling=row.handling,
        sensor=row.sensor,
        ribbon=_ribbon(row, traits),
        darkness=row.darkness,
        speed_ips=row.speed_ips,
        origin_right_mm=row.origin_right_mm,
        origin_down_mm=row.origin_down_mm,
    )
    LANGUAGES[traits.language].preamble(Media(row.dpi or traits.dpi, 8, 8, gap_of(row)), setup)
    return setup


def _ribbon(row: PrinterRow, traits: Profile) -> bool | None:
    return traits.ribbon if row.ribbon is None else row.ribbon


def gap_of(row: PrinterRow) -> float:
    """Millimetres between labels on this printer's roll; 0 = continuous."""
    return 0.0 if row.sensor is Sensor.CONTINUOUS else row.gap_mm


def window_printer_for(row: PrinterRow, printing: PrintingTable, probe: Probe) -> WindowPrinter:
    """What prints windows on a configured printer; raises as `link_to` and `setup_of`."""
    traits = profile_of(row)
    settings = SessionSettings(
        level=traits.proof,
        accepted=ProofLevel[printing.accepted_proof.upper()],
        mode=PrintMode.FULL if traits.mode is PrintMode.FULL else printing.mode,
        poll_interval_s=printing.poll_interval_s,
        stall_timeout_s=printing.stall_timeout_s,
        silence_limit_s=printing.silence_limit_s,
        setup=setup_of(row),
    )
    return WindowPrinter(link_to(row, printing), settings, probe)
