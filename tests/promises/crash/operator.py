"""An honest operator: says of a label only what the tape shows."""

from __future__ import annotations

from typing import Any

from tests.promises.crash.checker import Paper, read_tape
from tests.promises.crash.lines import Printer
from tests.promises.crash.stage import Stage

WHO = "12"


def on_paper(printer: Printer) -> dict[str, Paper]:
    """What hangs out of the printer, by serial."""
    papers = read_tape(printer.tape, printer.pair.name, printer.facts, printer.seen)
    return {paper.serial: paper for paper in papers if paper.serial is not None}


async def resume_all(here: Stage, printer: Printer) -> None:
    """Goes on with what stands on this printer."""
    for job in (await here.api("GET", "/jobs?limit=1000") or {}).get("jobs", []):
        if job["state"] == "paused" and job["printer"] == printer.pair.name:
            await here.api("POST", f"/jobs/{job['job_id']}/resume", {"operator": WHO})


async def settle(here: Stage, share: float = 1.0) -> None:
    """Goes through what is in doubt; leaves all but a `share` of it for another day, but no strip of which nothing came
    out: that it holds the line is seen."""
    by_name = {printer.pair.name: printer for printer in here.printers}
    for doubt in (await here.api("GET", "/doubts") or {}).get("doubts", []):
        printer = by_name[doubt["printer"]]
        if printer.pair.one_way:
            if here.rng.random() <= share and await printer.at_rest():
                await _settle_strip(here, printer, doubt)
        else:
            found = on_paper(printer)
            nothing = not any(_is_good(found, label) for label in doubt["labels"])
            labels = [label for label in doubt["labels"] if nothing or here.rng.random() <= share]
            await _settle_each(here, found, labels)


async def _settle_each(here: Stage, found: dict[str, Paper], labels: list[dict[str, Any]]) -> None:
    """A label that is there is scanned, one that is not is searched for and invalidated."""
    for label in labels:
        serial = label["serial"]
        if _is_good(found, label):
            body = {"text": link_of(label), "operator": WHO}
            await here.api("POST", f"/labels/{serial}/scan", body)
        else:
            body = {"operator": WHO, "reason": "searched, not found"}
            await here.api("POST", f"/labels/{serial}/invalidate", body)


async def _settle_strip(here: Stage, printer: Printer, doubt: dict[str, Any]) -> None:
    """By its last good label; but only as far as the strip has no hole. What is good behind a hole is scanned alone."""
    found, labels = on_paper(printer), doubt["labels"]
    hole = next((n for n, label in enumerate(labels) if not _is_good(found, label)), len(labels))
    behind = [label for label in labels[hole:] if _is_good(found, label)]
    await _settle_each(here, found, behind)
    if hole + len(behind) < len(labels) or hole:
        rest = "scrapped" if here.rng.random() < 0.1 else "invalid"
        text = link_of(labels[hole - 1]) if hole else None
        await here.api("POST", f"/windows/{doubt['window_id']}/settle", {"text": text, "operator": WHO, "rest": rest})


def _is_good(found: dict[str, Paper], label: dict[str, Any]) -> bool:
    return label["serial"] in found and found[label["serial"]].whole


def link_of(label: dict[str, Any]) -> str:
    """What the scanner reads."""
    return f"HTTPS://ID.EXAMPLE.CN/01/{label['gtin']}/10/{label['lot_no']}/21/{label['serial']}"
