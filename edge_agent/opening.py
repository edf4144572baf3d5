"""How things are opened from the configuration: the ledger, a link to a printer, a press. The agent and the commands
open them alike."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from edge_agent.artwork import ArtworkFolder
from edge_agent.clock import now_utc
from edge_agent.codes.serial import draw
from edge_agent.config import AgentConfig, PrinterRow, PrintingTable
from edge_agent.credentials import Credentials, fingerprint
from edge_agent.errors import ConfigError, RefusedError
from edge_agent.exposure import require_locked
from edge_agent.labels import LinkStyle
from edge_agent.ledger import Ledger
from edge_agent.ledger.room import Room
from edge_agent.machine import PressSettings
from edge_agent.model import Clock, PrintMode, Probe, ProofLevel, no_probe
from edge_agent.press import Press
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.link import Link
from edge_agent.printers.profiles import Profile, profile
from edge_agent.printers.transports import open_transport
from edge_agent.standards import RULES, Override, parse_overrides
from edge_agent.stock import Media, Sensor, Setup


def open_ledger(
    config: AgentConfig,
    *,
    create: bool = False,
    clock: Clock = now_utc,
    probe: Probe = no_probe,
    room: Room | None = None,
) -> Ledger:
    """The ledger of this configuration; close it. Raises LedgerError."""
    path = config.data.ledger_path
    return Ledger.open(
        path,
        witness=config.data.witness_path,
        clock=clock,
        draw=lambda issuer: draw(issuer, os.urandom),
        fingerprint=fingerprint(path.parent),
        probe=probe,
        create=create,
        room=room,
    )


def open_overrides(config: AgentConfig) -> tuple[Override, ...]:
    """What this site knows better about the rules; nothing if the configuration names no file.

    Raises:
        ConfigError: the file cannot be read, or a row of it is wrong.
    """
    path = config.rules.override_path
    return parse_overrides(_text_of(path), RULES, str(path)) if path else ()


def require_registry_locked(config: AgentConfig) -> None:
    """Refuses to call a registry in clear, at the address of the enrolment or that of the configuration.

    Raises:
        ConfigError: as `exposure.require_locked`; or the credentials are not whole.
    """
    enrolled = Credentials.load(config.registry.credentials_path)
    for url in (enrolled.registry if enrolled else None, config.registry.url):
        if url is not None:
            require_locked(url, allow_plain=config.registry.allow_plain_http)


def link_style(config: AgentConfig) -> LinkStyle:
    """How this site writes the codes of its labels."""
    return LinkStyle(config.link.host, config.link.case == "upper", config.labels.check_code == "required")


def open_artwork(config: AgentConfig) -> ArtworkFolder:
    """The artwork of certified marks that this site uploaded; an absent folder holds none."""
    return ArtworkFolder(config.data.artwork_path)


def _text_of(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # a pipe or a device would never end
            raise ConfigError(f"{path}: expected a file of rule overrides, got something else; check override_path")
        return path.read_bytes().decode("utf-8-sig")
    except OSError as cause:
        raise ConfigError(
            f"{path}: expected a readable file of rule overrides, got {cause.strerror}; check override_path"
        ) from cause
    except ValueError as cause:
        raise ConfigError(f"{path}: expected rule overrides in UTF-8, got {cause}; save it as UTF-8") from cause


def profile_of(row: PrinterRow) -> Profile:
    """The facts of a configured printer; its language must be one this agent speaks."""
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
    facts = profile_of(row)
    language = LANGUAGES[facts.language].with_quirks(replace(facts.quirks, ribbon=_ribbon(row, facts)))
    transport = open_transport(row.url, write_timeout_s=printing.write_timeout_s)
    if language.binary and not transport.clean:
        raise ConfigError(
            f"printer {row.id}, url: expected a line with hardware flow control, because {facts.language} sends raw "
            f"bytes and XON/XOFF takes two of them for itself; got {row.url!r}; set printer and url to flow=rtscts"
        )
    counter = language.counter_query
    uncounted = {counter.name} if counter and facts.proof < ProofLevel.COUNTER else set[str]()
    return Link(language, transport, reply_timeout_s=printing.reply_timeout_s, unanswered=facts.unanswered | uncounted)


def setup_of(row: PrinterRow) -> Setup:
    """How this printer is driven in every window.

    Raises:
        RefusedError: its language cannot do that, or needs what the row leaves open.
    """
    facts = profile_of(row)
    setup = Setup(
        handling=row.handling,
        sensor=row.sensor,
        ribbon=_ribbon(row, facts),
        darkness=row.darkness,
        speed_ips=row.speed_ips,
    )
    LANGUAGES[facts.language].preamble(Media(row.dpi or facts.dpi, 8, 8, gap_of(row)), setup)
    return setup


def _ribbon(row: PrinterRow, facts: Profile) -> bool | None:
    return facts.ribbon if row.ribbon is None else row.ribbon


def gap_of(row: PrinterRow) -> float:
    """Millimetres between labels on this printer's roll; 0 = continuous."""
    return 0.0 if row.sensor is Sensor.CONTINUOUS else row.gap_mm


def press_for(row: PrinterRow, printing: PrintingTable, probe: Probe) -> Press:
    """A press for a configured printer; raises as `link_to` and `setup_of`."""
    facts = profile_of(row)
    settings = PressSettings(
        level=facts.proof,
        accepted=ProofLevel[printing.accepted_proof.upper()],
        mode=PrintMode.FULL if facts.mode is PrintMode.FULL else printing.mode,
        poll_interval_s=printing.poll_interval_s,
        stall_timeout_s=printing.stall_timeout_s,
        silence_limit_s=printing.silence_limit_s,
        setup=setup_of(row),
    )
    return Press(link_to(row, printing), settings, probe)
