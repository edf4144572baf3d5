"""How things are opened from the configuration: the ledger, a link to a printer, a press. The agent and the commands
open them alike."""

from __future__ import annotations

import os

from edge_agent.clock import now_utc
from edge_agent.codes.serial import draw
from edge_agent.config import AgentConfig, PrinterRow, PrintingTable
from edge_agent.credentials import fingerprint
from edge_agent.errors import RefusedError
from edge_agent.ledger import Ledger
from edge_agent.model import Clock, PrintMode, Probe, ProofLevel, no_probe
from edge_agent.press import Press, PressSettings
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.link import Link
from edge_agent.printers.profiles import Profile, profile
from edge_agent.printers.transports import open_transport


def open_ledger(
    config: AgentConfig, *, create: bool = False, clock: Clock = now_utc, probe: Probe = no_probe
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
    )


def profile_of(row: PrinterRow) -> Profile:
    """The facts of a configured printer; its language must be one this agent speaks."""
    found = profile(row.profile)
    if found.language not in LANGUAGES:
        raise RefusedError(
            f"printer {row.id}: profile {row.profile} speaks {found.language}, expected one of {', '.join(LANGUAGES)}"
        )
    return found


def link_to(row: PrinterRow, printing: PrintingTable) -> Link:
    """A link, not yet connected."""
    facts = profile_of(row)
    return Link(
        LANGUAGES[facts.language].with_quirks(facts.quirks),
        open_transport(row.url, write_timeout_s=printing.write_timeout_s),
        reply_timeout_s=printing.reply_timeout_s,
        has_counter=facts.proof >= ProofLevel.COUNTER,
    )


def press_for(row: PrinterRow, printing: PrintingTable, probe: Probe) -> Press:
    """A press for a configured printer."""
    facts = profile_of(row)
    settings = PressSettings(
        level=facts.proof,
        accepted=ProofLevel[printing.accepted_proof.upper()],
        mode=PrintMode.FULL if facts.mode is PrintMode.FULL else printing.mode,
        poll_interval_s=printing.poll_interval_s,
        stall_timeout_s=printing.stall_timeout_s,
        silence_limit_s=printing.silence_limit_s,
    )
    return Press(link_to(row, printing), settings, probe)
