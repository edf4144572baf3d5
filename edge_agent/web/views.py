"""Frozen values as JSON, with the words an operator sees beside the names a program reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from edge_agent.model import Job, Label, Window
from edge_agent.printers.desk import PrinterView
from edge_agent.words import JOB_STATES, LABEL_STATES, of_alarm


def job_view(job: Job) -> dict[str, Any]:
    """A job; `words` says its state in both languages, `left` the serials still to be drawn."""
    return asdict(job) | {"state": job.state.value, "left": job.left, "words": asdict(JOB_STATES[job.state])}


def label_view(label: Label) -> dict[str, Any]:
    """A label; `words` says its state in both languages."""
    return asdict(label) | {"words": asdict(LABEL_STATES[label.state])}


def alarm_view(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """An alarm, with what it asks of an operator."""
    return dict(alarm) | {"words": asdict(of_alarm(str(alarm["kind"])))}


def labels_view(labels: Sequence[Label]) -> dict[str, Any]:
    """A list of labels."""
    return {"labels": [label_view(label) for label in labels]}


def doubt_view(window: Window, labels: Sequence[Label]) -> dict[str, Any]:
    """A window in doubt: all its serials in print order, and those still in doubt."""
    return asdict(window) | {"labels": [label_view(label) for label in labels]}


def printer_view(printer: PrinterView) -> dict[str, Any]:
    """A printer."""
    return asdict(printer)


def sync_view(view: Any) -> Mapping[str, Any]:
    """Where the sync stands; `configured` is False if there is no registry to tell."""
    return {"configured": view is not None} | (asdict(view) if view is not None else {})
