"""What `edge-agent render` writes: a printer's bytes for some labels, made as the agent makes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edge_agent.errors import RefusedError
from edge_agent.model.media import Media, Setup
from edge_agent.model.printer import PrintMode
from edge_agent.printers.languages import LANGUAGES
from edge_agent.printers.languages.contract import Language
from edge_agent.render.plan import LabelPlan, Layout
from label_protocol.errors import InputError


def write(out: Path, stream: bytes) -> None:
    """The file. Raises InputError: it cannot be written."""
    try:
        out.write_bytes(stream)
    except OSError as cause:
        raise InputError(
            f"{out}: expected a file that can be written, got {cause.strerror}; check the folder"
        ) from cause


def speaker(language: str) -> Language:
    """The language of a name. Raises RefusedError: there is none."""
    if language not in LANGUAGES:
        raise RefusedError(f"language {language!r}: expected one of {', '.join(LANGUAGES)}; choose one of these")
    return LANGUAGES[language]


def stream_of(speaks: Language, plan: Layout, serials: Sequence[str], mode: PrintMode, setup: Setup) -> bytes:
    """Preamble and labels: one for each serial, or one copy of a label that carries none."""
    runs = mode is PrintMode.RUN and speaks.stores_background
    start = speaks.preamble(plan.media, setup)
    if not isinstance(plan, LabelPlan):
        return start + (
            speaks.store(plan.bare) + speaks.run_label(plan.bare, ()) if runs else speaks.full_label(plan.bare)
        )
    if not runs:
        return start + b"".join(speaks.full_label(plan.full(one)) for one in serials)
    labels = (speaks.run_label(plan.background, plan.patches(one)) for one in serials)
    return start + speaks.store(plan.background) + b"".join(labels)


def setup_for(speaks: Language, media: Media, ribbon: bool | None) -> Setup:
    """EPL2 must be told whether there is a ribbon; where nobody said, it is direct thermal."""
    try:
        speaks.preamble(media, Setup(ribbon=ribbon))
    except RefusedError:
        return Setup(ribbon=bool(ribbon))
    return Setup(ribbon=ribbon)
