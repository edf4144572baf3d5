"""`python -m bench [SECTION …] [--full] [--write]`: measure side by side, print a table per section, ratios first.

Never fails on a time: a figure below its target is a figure. `--write` puts the whole run into `docs/benchmarks.md`.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from types import ModuleType

from bench.kit import ROOT, Row, fsync_ms
from label_protocol.logs import configure_logs

SECTIONS = (
    "bytes_per_label",
    "render_rate",
    "label_rate",
    "engine",
    "lines",
    "issue_rate",
    "first_byte",
    "ingest",
    "capture",
    "live_turns",
    "scan_rate",
    "scan_under_load",
    "large_registry",
    "feed_of_many_lots",
    "large_ledger",
    "hostile_requests",
)
PAGE = ROOT / "docs" / "benchmarks.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
_HEAD = ("times better", "target", "what", "ours", "compared with", "theirs", "unit")


def measured(name: str, *, full: bool) -> str:
    """The Markdown of one section."""
    module = importlib.import_module(f"bench.{name}")
    begun_s = time.perf_counter()
    found = module.rows(full=full)
    title = (module.__doc__ or name).strip().split("\n\n")[0].replace("\n", " ")
    spent = f"`python -m bench {name}`, {time.perf_counter() - begun_s:.0f} s"
    parts = [f"### {title}", table(found), limits(found), *_notes(module), spent]
    return "\n\n".join(part for part in parts if part) + "\n"


def _notes(module: ModuleType) -> list[str]:
    """What a section left out, and why."""
    return module.notes() if hasattr(module, "notes") else []


def limits(rows: Sequence[Row]) -> str:
    """A line for every row that says what limits it."""
    said = [f"- {row.what}: {row.limit}" for row in rows if row.limit]
    return "What limits:\n\n" + "\n".join(said) if said else ""


def table(rows: Sequence[Row]) -> str:
    """Rows as an aligned Markdown table."""
    lines = [_HEAD, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)) + " |"


def _cells(row: Row) -> tuple[str, ...]:
    return (number(row.ratio), row.target, row.what, number(row.ours), row.peer, number(row.theirs), row.unit)


def number(value: float) -> str:
    """Three significant digits, and never an exponent."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.1 else f"{value:.3f}"


def machine() -> str:
    """What the figures depend on; nothing that names this machine."""
    load = f", load before the run {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({platform.machine()}, {platform.system()}){load}; "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, zebrafy {version('zebrafy')}; "
        f"an fsync of one page takes {fsync_ms():.2f} ms here."
    )


def write(text: str) -> None:
    """Replace what stands between the markers."""
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    """Parse, measure, print, write."""
    arguments = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    arguments.add_argument("section", nargs="*", help=f"of {', '.join(SECTIONS)}; all if none is named")
    arguments.add_argument("--full", action="store_true", help="a ledger of a million labels, a larger registry")
    arguments.add_argument("--write", action="store_true", help="put the figures of all sections into the docs")
    given = arguments.parse_args()
    chosen = given.section or SECTIONS
    if unknown := sorted(set(chosen) - set(SECTIONS)):
        arguments.error(f"section: expected one of {', '.join(SECTIONS)}, got {unknown[0]!r}")
    if given.write and given.section:
        arguments.error("--write: expected a run of all sections, got some; leave the sections out")
    configure_logs(quiet=True)  # agents run in this process, and stdout is for the figures
    parts = [machine() + "\n"]
    print(parts[0])
    for name in chosen:
        parts.append(measured(name, full=given.full))
        print(parts[-1], flush=True)
    if given.write:
        write("\n".join(parts))


if __name__ == "__main__":
    main()
